/** Certificates for tests, made by openssl, and handshakes with them. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls';
import type { BalancerCertificate } from '#model/balancer.ts';
import { Termination, type TerminationOptions } from '#dataplane/balancer/tls/termination.ts';

const keys = {
  rsa: ['rsa:2048'],
  rsa1024: ['rsa:1024'],
  rsa3072: ['rsa:3072'],
  ec: ['ec', '-pkeyopt', 'ec_paramgen_curve:P-256'],
  ec384: ['ec', '-pkeyopt', 'ec_paramgen_curve:P-384'],
} as const;

/** A self-signed certificate; its id names it. */
export function makeCertificate(id: string, kind: keyof typeof keys, names: readonly string[], days = 30): BalancerCertificate {
  const folder = mkdtempSync(join(tmpdir(), 'keiro-tls-'));
  const [key, chain] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')];
  const alternatives = names.map((name) => `DNS:${name}`).join(',');
  const output = ['-nodes', '-keyout', key, '-out', chain, '-days', String(days), '-subj', `/CN=${id}`];
  try {
    execFileSync('openssl', ['req', '-x509', '-newkey', ...keys[kind], ...output, '-addext', `subjectAltName=${alternatives}`], {
      stdio: 'ignore',
    });
    return { id, names, chain: readFileSync(chain, 'utf8'), privateKey: readFileSync(key, 'utf8') };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export interface Terminated {
  readonly port: number;
  readonly termination: Termination;
  /** What connections were opened, on the server's side. */
  readonly opened: TLSSocket[];
  close(): Promise<void>;
}

/** A server that answers every line with the same line. */
export async function terminate(options: Omit<TerminationOptions, 'opened' | 'handshakeMs'>): Promise<Terminated> {
  const opened: TLSSocket[] = [];
  const accepted = new Set<Socket>();
  const termination = new Termination({
    handshakeMs: 5_000,
    ...options,
    opened: (socket) => {
      opened.push(socket);
      socket.on('error', () => undefined);
      socket.pipe(socket);
    },
  });
  const server: Server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (socket) => {
    accepted.add(socket);
    termination.accept(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port, // it listens on a port
    termination,
    opened,
    close: () => {
      for (const socket of accepted) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

/** A client's connection after its handshake. @throws what refused it, by its code */
export function shake(port: number, options: ConnectionOptions = {}): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false, ciphers: 'ALL:@SECLEVEL=0', ...options }, () =>
      resolve(socket),
    );
    socket.on('error', reject);
  });
}
