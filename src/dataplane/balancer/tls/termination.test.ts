import { once } from 'node:events';
import type { TLSSocket } from 'node:tls';
import { beforeAll, expect, test } from 'vitest';
import type { BalancerAttributes, BalancerCertificate } from '#model/balancer.ts';
import { alpnProtocols } from '#dataplane/balancer/tls/alpn.ts';
import { CertificateChoice } from '#dataplane/balancer/tls/certificate-choice.ts';
import { makeCertificate, shake, terminate, type Terminated } from '#dataplane/balancer/tls/certificates.fixture.ts';

const policy = 'ELBSecurityPolicy-TLS13-1-2-2021-06';
const secret = Buffer.alloc(32, 1);

let certificates: Record<'base' | 'exact' | 'wild' | 'exactEc' | 'wildEc384' | 'weak', BalancerCertificate>;
let all: readonly BalancerCertificate[];
beforeAll(() => {
  certificates = {
    base: makeCertificate('base', 'rsa', ['base.test']),
    exact: makeCertificate('exact', 'rsa', ['www.example.test']),
    wild: makeCertificate('wild', 'rsa', ['*.example.test']),
    exactEc: makeCertificate('exactEc', 'ec', ['www.example.test', 'only.example.test']),
    wildEc384: makeCertificate('wildEc384', 'ec384', ['*.example.test']),
    weak: makeCertificate('weak', 'rsa1024', ['weak.test']),
  };
  const { base, ...list } = certificates;
  all = [base, ...Object.values(list)];
});

async function served(work: (server: Terminated) => Promise<void>, changed: Partial<Parameters<typeof terminate>[0]> = {}): Promise<void> {
  const server = await terminate({ tls: { policy, certificates: all }, alpn: [], secret, ...changed });
  try {
    await work(server);
  } finally {
    await server.close();
  }
}

async function subjectShown(port: number, options: Parameters<typeof shake>[1]): Promise<string> {
  const socket = await shake(port, options);
  const { subject } = socket.getPeerCertificate();
  socket.destroy();
  return String(subject.CN);
}

test.each([
  ['a name of its own', 'only.example.test', 'exactEc'],
  ['ECDSA before RSA', 'www.example.test', 'exactEc'],
  ['any case', 'WWW.Example.TEST', 'exactEc'],
  ['a wildcard', 'other.example.test', 'wildEc384'],
  ['a wildcard, for one label only', 'a.b.example.test', 'base'],
  ['a wildcard, not for the domain itself', 'example.test', 'base'],
  ['a name that no certificate has', 'unknown.test', 'base'],
  ['no name', undefined, 'base'],
  ['a certificate of 1,024 bits', 'weak.test', 'weak'],
])('the certificate shown: %s', async (_what, servername, subject) => {
  await served(async ({ port }) => {
    expect(await subjectShown(port, servername === undefined ? {} : { servername })).toBe(subject);
  });
});

test('a client that knows RSA alone is shown the certificate with RSA', async () => {
  await served(async ({ port, opened }) => {
    const options = { servername: 'www.example.test', maxVersion: 'TLSv1.2', ciphers: 'ECDHE-RSA-AES128-GCM-SHA256:@SECLEVEL=0' } as const;
    expect(await subjectShown(port, options)).toBe('exact');
    const [socket] = opened;
    expect(socket?.getCertificate()).toMatchObject({ subject: { CN: 'exact' } });
    const signatures = { servername: 'www.example.test', sigalgs: 'rsa_pss_rsae_sha256', minVersion: 'TLSv1.3' } as const;
    expect(await subjectShown(port, signatures)).toBe('exact');
  });
});

test('a client is shown no certificate of another name, whatever the kinds of keys', async () => {
  const { exactEc, base } = certificates;
  const tls = { policy, certificates: [exactEc, base] };
  await served(async ({ port }) => expect(await subjectShown(port, { servername: 'base.test' })).toBe('base'), { tls });
  const ecdsaOnly = { servername: 'base.test', sigalgs: 'ecdsa_secp256r1_sha256', minVersion: 'TLSv1.3' } as const;
  await served(async ({ port }) => expect(shake(port, ecdsaOnly)).rejects.toThrow(/handshake failure/), { tls });
});

test('among certificates of one name and kind the longest key is shown, then the one that lasts longest', () => {
  const names = ['same.test'];
  const [short, long] = [makeCertificate('short', 'rsa', names), makeCertificate('long', 'rsa3072', names)];
  const [brief, lasting] = [makeCertificate('brief', 'ec', names, 5), makeCertificate('lasting', 'ec', names, 50)];
  const choice = new CertificateChoice([certificates.base, short, brief, lasting, long]);
  expect(choice.for('same.test').map(({ id }) => id)).toEqual(['lasting', 'long']);
});

test('an update counts for new connections, and leaves open ones as they are', async () => {
  await served(async ({ port, termination }) => {
    const before = await shake(port, { servername: 'www.example.test' });
    const renewed = { ...makeCertificate('renewed', 'ec', ['www.example.test']), id: 'exactEc' };
    const tls = { policy: 'ELBSecurityPolicy-TLS13-1-3-2021-06', certificates: [certificates.base, renewed] };
    termination.update({ tls, alpn: ['h2'] });
    expect(await subjectShown(port, { servername: 'www.example.test', ALPNProtocols: ['h2'] })).toBe('renewed');
    await expect(shake(port, { maxVersion: 'TLSv1.2' })).rejects.toThrow(/alert|protocol version/i);
    expect(await echo(before, 'still here')).toBe('still here');
    expect(() => termination.update({ tls: { policy, certificates: [] }, alpn: [] })).toThrow('needs a certificate');
    expect(await subjectShown(port, { servername: 'www.example.test', ALPNProtocols: ['h2'] })).toBe('renewed');
  });
});

async function echo(socket: TLSSocket, text: string): Promise<string> {
  socket.write(text);
  const [chunk] = (await once(socket, 'data')) as [Buffer]; // what a stream of bytes gives
  socket.destroy();
  return chunk.toString();
}

test.each(['TLSv1.2', 'TLSv1.3'] as const)(
  '%s: a session goes on with another worker of the load balancer, and not with a stranger',
  async (version) => {
    const options = { servername: 'www.example.test', minVersion: version, maxVersion: version };
    let session: Buffer | undefined;
    await served(async ({ port }) => {
      const socket = await shake(port, options);
      session = version === 'TLSv1.2' ? socket.getSession() : ((await once(socket, 'session')) as [Buffer])[0]; // what the event gives
      socket.destroy();
    });
    const isResumed = async ({ port }: Terminated) => {
      const socket = await shake(port, { ...options, ...(session === undefined ? {} : { session }) });
      const isReused = socket.isSessionReused();
      socket.destroy();
      return isReused;
    };
    await served(async (server) => expect(await isResumed(server)).toBe(true));
    await served(async (server) => expect(await isResumed(server)).toBe(false), { secret: Buffer.alloc(32, 2) });
  },
);

const attributes = (isHttp2Enabled: boolean): BalancerAttributes => ({ isHttp2Enabled }) as BalancerAttributes; // ALPN reads no other
const listener = (alpn?: string) => ({ tls: { policy, certificates: [], ...(alpn === undefined ? {} : { alpn }) } });

test.each([
  ['application', true, undefined, ['http/1.1', 'h2'], 'h2'],
  ['application', false, undefined, ['h2', 'http/1.1'], 'http/1.1'],
  ['application', true, undefined, [], false],
  ['network', true, undefined, ['h2'], false],
  ['network', true, 'None', ['h2'], false],
  ['network', true, 'HTTP1Only', ['h2', 'http/1.0'], 'http/1.0'],
  ['network', true, 'HTTP1Only', ['h2'], 'refused'],
  ['network', true, 'HTTP2Only', ['http/1.1', 'h2'], 'h2'],
  ['network', true, 'HTTP2Optional', ['h2', 'http/1.1'], 'http/1.1'],
  ['network', true, 'HTTP2Preferred', ['http/1.1', 'h2'], 'h2'],
] as const)('ALPN of %s (HTTP/2 %s) with %s: %j gets %s', async (type, isHttp2, alpn, offered, agreed) => {
  const protocols = alpnProtocols({ type, attributes: attributes(isHttp2) }, listener(alpn));
  await served(
    async ({ port }) => {
      const shaken = shake(port, { ALPNProtocols: [...offered] }).then(
        (socket) => {
          const { alpnProtocol } = socket;
          socket.destroy();
          return alpnProtocol;
        },
        () => 'refused',
      );
      expect(await shaken).toBe(agreed);
    },
    { alpn: protocols },
  );
});
