import { execFile } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { chmod, mkdtemp, readFile, readdir, rm, stat, unlink, writeFile } from 'node:fs/promises';
import { request as httpsRequest } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { afterwards, open, rawClient, until } from '#server/listener.fixture.ts';
import { openLocalCa } from '#server/local-ca.ts';

const run = promisify(execFile);
const DAY_MS = 86_400_000;

async function directory(): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), 'keiro-ca-'));
  afterwards(() => rm(made, { recursive: true }));
  return made;
}

/** The certificate that a server shows to a client that asks for a name, verified against the CA. */
async function shown(port: number, ca: string, servername: string | undefined, host = '127.0.0.1'): Promise<X509Certificate> {
  const socket = connect({ port, host, ca, ...(servername === undefined ? {} : { servername }), ALPNProtocols: ['h2', 'http/1.1'] });
  afterwards(() => socket.destroy());
  await new Promise<void>((resolve, reject) => {
    socket.once('secureConnect', resolve);
    socket.once('error', reject);
  });
  expect(socket.authorized).toBe(true);
  expect(socket.alpnProtocol).toBe('http/1.1');
  const certificate = socket.getPeerX509Certificate();
  if (!certificate) throw new Error('no certificate');
  return certificate;
}

describe('the local CA', () => {
  it('is made once, and its key is its owner’s alone', async () => {
    const at = await directory();
    const first = await openLocalCa(at);
    const again = await openLocalCa(at);
    expect(again.certificate).toBe(first.certificate);
    expect(first.path).toBe(join(at, 'ca.pem'));
    expect((await stat(join(at, 'ca.key'))).mode & 0o777).toBe(0o600);
    expect((await readdir(at)).toSorted()).toEqual(['ca.key', 'ca.pem']);
    const certificate = new X509Certificate(first.certificate);
    expect(certificate.ca).toBe(true);
    expect(certificate.subject).toBe('O=Keiro\nCN=Keiro local CA');
    expect(certificate.verify(certificate.publicKey)).toBe(true);
    expect(certificate.publicKey.asymmetricKeyDetails?.namedCurve).toBe('prime256v1');
  });

  it('is the same one for all who open it at once', async () => {
    const at = await directory();
    const keys = await Promise.all(
      [1, 2, 3, 4].map(async () =>
        new X509Certificate((await openLocalCa(at)).certificate).publicKey.export({ type: 'spki', format: 'pem' }),
      ),
    );
    expect(new Set(keys).size).toBe(1);
  });

  it('closes a key that others may read', async () => {
    const at = await directory();
    await openLocalCa(at);
    await chmod(join(at, 'ca.key'), 0o644);
    await openLocalCa(at);
    expect((await stat(join(at, 'ca.key'))).mode & 0o777).toBe(0o600);
  });

  it('issues its certificate again from the same key when it is lost, broken, another’s or near its end', async () => {
    const at = await directory();
    const first = new X509Certificate((await openLocalCa(at)).certificate);
    const other = (await openLocalCa(await directory())).certificate;
    const pem = join(at, 'ca.pem');
    const spoil = [() => unlink(pem), () => writeFile(pem, 'nonsense'), () => writeFile(pem, other)];
    for (const change of spoil) {
      await change();
      const again = new X509Certificate((await openLocalCa(at)).certificate);
      expect(again.publicKey.equals(first.publicKey)).toBe(true);
    }
    const before = await readFile(pem, 'utf8');
    const later = new X509Certificate((await openLocalCa(at, () => Date.now() + 3_000 * DAY_MS)).certificate);
    expect(later.fingerprint256).not.toBe(new X509Certificate(before).fingerprint256);
    expect(Date.parse(later.validTo)).toBeGreaterThan(Date.now() + 6_000 * DAY_MS);
  });

  it('says which file is in the way when the key is none', async () => {
    const at = await directory();
    await writeFile(join(at, 'ca.key'), 'nonsense');
    await expect(openLocalCa(at)).rejects.toThrow(`${join(at, 'ca.key')} holds no private key: move it away, and a new one is made`);
  });
});

describe('TLS on the same port', () => {
  it.each([
    'localhost',
    'x.localhost',
    'a.b.elb.localhost',
    'ec2.amazonaws.com',
    'ec2.eu-west-1.amazonaws.com',
    'www.example.com',
    'WWW.Example.ORG',
  ])('shows %s a certificate for its name', async (name) => {
    const at = await directory();
    const { port } = await open({}, at);
    const ca = (await openLocalCa(at)).certificate;
    const certificate = await shown(port, ca, name);
    expect(certificate.checkHost(name)).toBeDefined();
    const validDays = (Date.parse(certificate.validTo) - Date.parse(certificate.validFrom)) / DAY_MS;
    expect(validDays).toBeLessThanOrEqual(397);
    expect(Date.parse(certificate.validFrom)).toBeLessThan(Date.now() - 12 * 3_600_000);
    expect(certificate.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1']);
  });

  it('shows clients that name no server a certificate for the loopback addresses', async () => {
    const at = await directory();
    const { port } = await open({}, at);
    const certificate = await shown(port, (await openLocalCa(at)).certificate, undefined);
    expect(certificate.checkIP('127.0.0.1')).toBe('127.0.0.1');
    expect(certificate.checkIP('::1')).toBe('::1');
    expect(certificate.subjectAltName).toBe(
      'DNS:localhost, DNS:*.localhost, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1, DNS:*.amazonaws.com',
    );
  });

  it('keeps a name’s certificate, and makes all new in time', async () => {
    const at = await directory();
    let now = Date.now();
    const context = await (await openLocalCa(at, () => now)).serve(['192.0.2.1']);
    expect(new X509Certificate(context.certificate).checkIP('192.0.2.1')).toBe('192.0.2.1');
    const first = await context.contextFor('a.example');
    expect(await context.contextFor('A.example')).toBe(first);
    for (let i = 0; i < 260; i += 1) void context.contextFor(`n${i}.example`);
    expect(await context.contextFor('a.example')).not.toBe(first);
    expect(await context.contextFor('no name')).toBeUndefined();
    expect(await context.contextFor('x'.repeat(64))).toBeUndefined();
    expect(context.renewAtMs).toBe(now + 300 * DAY_MS);
    now += 1;
  });

  it('is asked for at the first TLS connection only, and again when it failed or is old', async () => {
    const at = await directory();
    const ca = await openLocalCa(at);
    let asked = 0;
    const { port } = await open({
      tls: async () => {
        asked += 1;
        if (asked === 1) throw new Error('no CA today');
        const context = await ca.serve();
        return asked === 2 ? { ...context, renewAtMs: 0 } : context;
      },
    });
    const plain = await rawClient(port);
    plain.send('GET / HTTP/1.1\r\nHost: h\r\n\r\n');
    await until(() => plain.received().includes('200'), 'an answer');
    expect(asked).toBe(0);
    await expect(shown(port, ca.certificate, 'localhost')).rejects.toMatchObject({ code: 'ECONNRESET' });
    await shown(port, ca.certificate, 'localhost');
    await shown(port, ca.certificate, 'localhost');
    expect(asked).toBe(3);
  });

  it('serves requests as secure ones, and goes on when a client breaks off', async () => {
    const at = await directory();
    const { port, load } = await open({ limits: { headersMs: 500 } }, at);
    const broken = await rawClient(port);
    broken.send('\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03');
    broken.socket.destroy();
    const { certificate } = await openLocalCa(at);
    const body = await new Promise<string>((resolve, reject) => {
      const client = httpsRequest(
        { port, host: '127.0.0.1', servername: 'localhost', ca: certificate, method: 'POST', agent: false },
        (response) => {
          response.setEncoding('utf8').once('data', resolve);
        },
      );
      client.on('error', reject);
      client.end('over TLS');
    });
    expect(JSON.parse(body)).toMatchObject({ body: 'over TLS', connection: { remoteAddress: '127.0.0.1', secure: true } });
    await until(() => load().connections === 0, 'no connection');
  });

  it('lets go at once of a client that closes its sending side within the handshake', async () => {
    const { port, load } = await open({ limits: { headersMs: 60_000 } }, await directory());
    for (const text of ['\x16\x03\x01', '\x16\x03\x01\x1c\x9d\x01\xb4', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03']) {
      const client = await rawClient(port);
      client.socket.end(text, 'latin1');
      await client.closed;
      await until(() => load().connections === 0, 'no connection');
    }
  });

  it('answers a client that has closed its sending side', async () => {
    const at = await directory();
    const asked = Promise.withResolvers<void>();
    const ended = Promise.withResolvers<void>();
    const respond = async () => {
      asked.resolve();
      await ended.promise;
      return { status: 200, headers: {}, body: 'late' };
    };
    const { port } = await open({ respond }, at);
    const { certificate: ca } = await openLocalCa(at);
    const socket = connect({ port, host: '127.0.0.1', ca, servername: 'localhost' });
    afterwards(() => socket.destroy());
    let received = '';
    socket.setEncoding('latin1').on('data', (text: string) => (received += text));
    socket.end('GET / HTTP/1.1\r\nHost: h\r\n\r\n', () => void asked.promise.then(() => setTimeout(() => ended.resolve(), 20)));
    await until(() => received.endsWith('late'), 'an answer');
  });

  it('is what openssl and curl take for true', async () => {
    const at = await directory();
    const { port } = await open({}, at);
    const { path } = await openLocalCa(at);
    const curl = (host: string): Promise<{ stdout: string }> =>
      run('curl', ['-sS', '--cacert', path, '--noproxy', '*', '--resolve', `${host}:${port}:127.0.0.1`, `https://${host}:${port}/p`]);
    for (const host of ['localhost', '127.0.0.1', 'api.execute-api.localhost', 'sts.us-east-1.amazonaws.com']) {
      expect(JSON.parse((await curl(host)).stdout)).toMatchObject({ path: '/p', connection: { secure: true } });
    }
    const client = run('openssl', [
      's_client',
      '-connect',
      `127.0.0.1:${port}`,
      '-servername',
      'ec2.eu-west-1.amazonaws.com',
      '-verify_hostname',
      'ec2.eu-west-1.amazonaws.com',
      '-verify_return_error',
      '-x509_strict',
      '-CAfile',
      path,
    ]);
    client.child.stdin?.end();
    expect((await client).stdout).toContain('Verify return code: 0 (ok)');
    await expect(run('curl', ['-sS', '--noproxy', '*', `https://localhost:${port}/`])).rejects.toThrow(/certificate/);
  });
});
