/** For tests of HTTPS listeners: a certificate for a.example, and clients that speak HTTP/2. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { connect as connectHttp2, type ClientHttp2Session, type IncomingHttpHeaders, type OutgoingHttpHeaders } from 'node:http2';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSecureContext } from 'node:tls';
import type { FrontTls } from '#dataplane/balancer/http/front-state.ts';
import { atEnd, type World } from '#dataplane/balancer/http/world.fixture.ts';

/** Files are in `folder`, which is the caller's to remove. */
export function makeTls(): {
  readonly folder: string;
  readonly pem: { readonly cert: Buffer; readonly key: Buffer };
  readonly tls: FrontTls;
} {
  const folder = mkdtempSync(join(tmpdir(), 'keiro-front-'));
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  execFileSync(
    'openssl',
    [
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-nodes',
      '-keyout',
      key,
      '-out',
      cert,
      '-days',
      '2',
      '-subj',
      '/CN=a.example',
    ],
    { stdio: 'ignore' },
  );
  const pem = { cert: readFileSync(cert), key: readFileSync(key) };
  const context = createSecureContext(pem);
  const tls: FrontTls = { contextFor: (name) => ({ context, certificateId: 'arn', isMatch: name === 'a.example' }) };
  return { folder, pem, tls };
}

export function session(world: World): ClientHttp2Session {
  const client = connectHttp2(`https://127.0.0.1:${world.port}`, { rejectUnauthorized: false, servername: 'a.example' });
  client.on('error', () => undefined);
  atEnd(async () => {
    client.destroy();
    await Promise.resolve();
  });
  return client;
}

export interface Heard {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly code: number;
}

export async function ask(client: ClientHttp2Session, headers: OutgoingHttpHeaders, body?: Buffer): Promise<Heard> {
  return new Promise((done) => {
    const stream = client.request({ ':authority': 'a.example', ...headers }, { endStream: body === undefined });
    let heard: IncomingHttpHeaders = {};
    const pieces: Buffer[] = [];
    stream.on('response', (response) => (heard = response));
    stream.on('data', (bytes: Buffer) => pieces.push(bytes));
    stream.on('error', () => undefined);
    stream.on('close', () => done({ headers: heard, body: Buffer.concat(pieces).toString('latin1'), code: stream.rstCode }));
    if (body) stream.end(body);
  });
}
