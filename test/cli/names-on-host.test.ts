/** The port for names on the host, where no packets move: `dig` and `keiro dig` ask it; it outlives control, is found again, and ends with `keiro stop`. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Route53, type ResourceRecordSet } from '@aws-sdk/client-route-53';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { keiro, type KeiroProcess, run, startKeiro, temporaryDirectory } from './keiro-process.ts';

const domain = 'on-host.example';
const data = temporaryDirectory();
const access = () => ({
  endpoint: server.endpoint,
  region: 'us-east-1',
  credentials: { accessKeyId: '123456789012', secretAccessKey: 'x' },
});
let server: KeiroProcess;
let route53: Route53;
let zone: string;
let isWell = true;
const web = createServer((_request, response) => void response.writeHead(isWell ? 200 : 503).end());

const start = async () => startKeiro({ data, args: ['--dns', '0'] });
const health = async () => (await (await fetch(`${server.endpoint}/_keiro/health`)).json()) as { readonly dns?: { readonly port: number } }; // the member that is used
const portOf = async (): Promise<number> => vi.waitFor(async () => { const { dns } = await health(); if (dns === undefined) throw new Error('no names yet'); return dns.port; }, { timeout: 10_000 }); // prettier-ignore
const dig = async (port: number, ...words: readonly string[]) =>
  (await run('dig', ['@127.0.0.1', '-p', `${port}`, '+tries=1', '+time=2', ...words])).stdout.trim();

async function change(set: ResourceRecordSet): Promise<void> {
  const { ChangeInfo } = await route53.changeResourceRecordSets({ HostedZoneId: zone, ChangeBatch: { Changes: [{ Action: 'UPSERT', ResourceRecordSet: set }] } }); // prettier-ignore
  expect((await route53.getChange({ Id: ChangeInfo?.Id })).ChangeInfo?.Status).toBe('INSYNC'); // it waits for that
}

beforeAll(async () => {
  await new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve));
  server = await start();
  route53 = new Route53(access());
  const created = await route53.createHostedZone({ Name: domain, CallerReference: domain });
  zone = created.HostedZone?.Id ?? '';
});
afterAll(async () => {
  web.close();
  await keiro(['stop', '--data', data]);
});

it('a change is answered once it is in sync; no registration is needed here', async () => {
  const port = await portOf();
  await change({ Name: `www.${domain}`, Type: 'A', TTL: 300, ResourceRecords: [{ Value: '198.18.1.4' }] });
  expect(await dig(port, `www.${domain}`)).toMatch(/flags: qr aa/);
  expect(await dig(port, '+short', `www.${domain}`)).toBe('198.18.1.4');
  expect(await dig(port, '+short', '+tcp', `www.${domain}`)).toBe('198.18.1.4');
  expect(await dig(port, `nobody.${domain}`)).toContain('status: NXDOMAIN');
  const asked = await keiro(['dig', `www.${domain}`, '--short', '--data', data]);
  expect([asked.stdout.trim(), asked.stderr, asked.code]).toEqual(['198.18.1.4', '', 0]);
});

it('TestDNSAnswer says what the servers say, by the client’s place', async () => {
  for (const [Region, Value] of [
    ['us-east-1', '198.18.1.5'],
    ['ap-northeast-1', '198.18.1.6'],
  ] as const)
    // prettier-ignore
    await change({ Name: `near.${domain}`, Type: 'A', TTL: 60, SetIdentifier: Region, Region, ResourceRecords: [{ Value }] });
  const test = async (EDNS0ClientSubnetIP: string) => route53.testDNSAnswer({ HostedZoneId: zone, RecordName: `near.${domain}`, RecordType: 'A', EDNS0ClientSubnetIP }); // prettier-ignore
  const japan = (await keiro(['dig', `near.${domain}`, '--from', 'JP', '--json', '--data', data])).stdout;
  expect(japan).toContain('198.18.1.6');
  const subnet = /241\.0\.\d+\.\d+/.exec(japan)?.[0] ?? '241.0.0.1';
  expect(await test(subnet)).toMatchObject({ ResponseCode: 'NOERROR', RecordData: ['198.18.1.6'], Protocol: 'UDP' });
  expect(await route53.testDNSAnswer({ HostedZoneId: zone, RecordName: `near.${domain}`, RecordType: 'A' })).toMatchObject({ RecordData: ['198.18.1.5'] }); // prettier-ignore
});

it('health checks reach what the host reaches, and the name fails over; control may be dead meanwhile', async () => {
  const { port: webPort } = web.address() as AddressInfo; // it listens
  await change({ Name: `web.${domain}`, Type: 'A', TTL: 60, ResourceRecords: [{ Value: '127.0.0.1' }] });
  const byName = await route53.createHealthCheck({
    CallerReference: 'web',
    HealthCheckConfig: { Type: 'HTTP', FullyQualifiedDomainName: `web.${domain}`, Port: webPort, RequestInterval: 10, FailureThreshold: 1 },
  });
  const check = byName.HealthCheck?.Id;
  for (const [Failover, Value] of [['PRIMARY', '198.18.1.7'], ['SECONDARY', '198.18.1.8']] as const) // prettier-ignore
    await change({ Name: `pair.${domain}`, Type: 'A', TTL: 60, SetIdentifier: Failover, Failover, ResourceRecords: [{ Value }], ...(Failover === 'PRIMARY' ? { HealthCheckId: check } : {}) }); // prettier-ignore
  const port = await portOf();
  const eventually = async (expected: string) => vi.waitFor(async () => expect(await dig(port, '+short', `pair.${domain}`)).toBe(expected), { timeout: 30_000, interval: 200 }); // prettier-ignore
  await eventually('198.18.1.7');
  isWell = false;
  await eventually('198.18.1.8');
  await vi.waitFor(async () => {
    const { HealthCheckObservations } = await route53.getHealthCheckStatus({ HealthCheckId: check });
    expect(HealthCheckObservations?.some(({ StatusReport }) => StatusReport?.Status?.includes('503'))).toBe(true);
  }, { timeout: 10_000, interval: 200 }); // prettier-ignore

  await server.kill('SIGKILL');
  expect(await dig(port, '+short', `www.${domain}`)).toBe('198.18.1.4');
  isWell = true;
  await eventually('198.18.1.7');
  server = await start();
  route53 = new Route53(access());
  expect(await portOf()).toBe(port);
  await change({ Name: `www.${domain}`, Type: 'A', TTL: 300, ResourceRecords: [{ Value: '198.18.1.44' }] });
  expect(await dig(port, '+short', `www.${domain}`)).toBe('198.18.1.44');
});

it('ends with keiro stop', async () => {
  const port = await portOf();
  expect((await keiro(['stop', '--data', data])).code).toBe(0);
  expect(await dig(port, `www.${domain}`)).toMatch(/(connection refused|no servers could be reached)/);
});
