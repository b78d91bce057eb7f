import { beforeAll, describe, expect, test } from 'vitest';
import type { BalancerCertificate } from '#model/balancer.ts';
import { type TlsPolicy, tlsPolicies, tlsPolicy, type TlsProtocol } from '#model/tls-policies.ts';
import { makeCertificate, shake, terminate, type Terminated } from '#dataplane/balancer/tls/certificates.fixture.ts';

const versions: readonly TlsProtocol[] = ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'];
/** What the library is built without. */
const absent = new Set(['DES-CBC3-SHA']);
const secret = Buffer.alloc(32, 7);

let certificates: readonly BalancerCertificate[];
beforeAll(() => {
  certificates = [makeCertificate('default', 'rsa', ['rsa.test']), makeCertificate('ec', 'ec', ['ec.test'])];
});

async function withPolicy<T>(name: string, work: (server: Terminated) => Promise<T>): Promise<T> {
  const server = await terminate({ tls: { policy: name, certificates }, alpn: [], secret });
  try {
    return await work(server);
  } finally {
    await server.close();
  }
}

const isAnswered = (shaking: ReturnType<typeof shake>): Promise<boolean> =>
  shaking.then(
    (socket) => {
      socket.destroy();
      return true;
    },
    () => false,
  );

describe.each(tlsPolicies.map((policy): [string, TlsPolicy] => [policy.name, policy]))('%s', (name, policy) => {
  test('takes its versions of TLS and no other', async () => {
    const taken = await withPolicy(name, async ({ port }) => {
      const found: TlsProtocol[] = [];
      for (const version of versions) if (await isAnswered(shake(port, { minVersion: version, maxVersion: version }))) found.push(version);
      return found;
    });
    expect(taken).toEqual(policy.protocols);
  });

  test('takes its ciphers and no other', async () => {
    const every = new Set(tlsPolicies.flatMap(({ ciphers }) => ciphers.map((cipher) => cipher.name)));
    const others = ['ECDHE-RSA-CHACHA20-POLY1305', 'AES128-CCM', 'DHE-RSA-AES128-GCM-SHA256'];
    const taken = await withPolicy(name, async ({ port }) => {
      const found: string[] = [];
      for (const cipher of [...every, ...others]) {
        if (absent.has(cipher)) continue;
        const maxVersion = cipher.startsWith('TLS_') ? 'TLSv1.3' : 'TLSv1.2';
        const servername = cipher.includes('ECDSA') ? 'ec.test' : 'rsa.test';
        const ciphers = `${cipher}:${cipher.startsWith('TLS_') ? 'AES128-SHA:' : ''}@SECLEVEL=0`; // OpenSSL wants one of TLS 1.2
        if (await isAnswered(shake(port, { ciphers, maxVersion, minVersion: maxVersion === 'TLSv1.3' ? maxVersion : 'TLSv1', servername })))
          found.push(cipher);
      }
      return found;
    });
    expect(taken.toSorted()).toEqual(policy.ciphers.flatMap((cipher) => (absent.has(cipher.name) ? [] : [cipher.name])).toSorted());
  });
});

test.each([
  ['TLSv1.3', 'ELBSecurityPolicy-TLS13-1-2-2021-06', 'TLS_CHACHA20_POLY1305_SHA256:TLS_AES_256_GCM_SHA384:TLS_AES_128_GCM_SHA256'],
  ['TLSv1.2', 'ELBSecurityPolicy-2016-08', 'AES256-SHA:ECDHE-RSA-AES256-GCM-SHA384:ECDHE-RSA-AES128-GCM-SHA256:@SECLEVEL=0'],
] as const)('%s: the order of the policy counts, not the order of the client', async (version, name, ciphers) => {
  const cipher = await withPolicy(name, async ({ port }) => {
    const socket = await shake(port, { ciphers, minVersion: version, maxVersion: version });
    const { name: agreed } = socket.getCipher();
    socket.destroy();
    return agreed;
  });
  expect(cipher).toBe(ciphers.split(':').filter((each) => !each.startsWith('@'))[2]);
});

test.each([
  ['ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09', true],
  ['ELBSecurityPolicy-TLS13-1-2-Res-2021-06', false],
])('%s agrees keys by ML-KEM: %s', async (name, isTaken) => {
  const taken = await withPolicy(name, async ({ port }) => {
    const groups = ['X25519MLKEM768', 'SecP256r1MLKEM768', 'SecP384r1MLKEM1024'];
    return Promise.all(groups.map((ecdhCurve) => isAnswered(shake(port, { ecdhCurve, minVersion: 'TLSv1.3' }))));
  });
  expect(taken).toEqual([isTaken, isTaken, isTaken]);
});

test('there are all the policies of the guide, each once, and one is looked up by its name', () => {
  expect(new Set(tlsPolicies.map(({ name }) => name)).size).toBe(tlsPolicies.length);
  expect(tlsPolicies).toHaveLength(39);
  expect(tlsPolicy('ELBSecurityPolicy-FS-2018-06')?.protocols).toEqual(['TLSv1', 'TLSv1.1', 'TLSv1.2']);
  expect(tlsPolicy('ELBSecurityPolicy-FS')).toBeUndefined();
});
