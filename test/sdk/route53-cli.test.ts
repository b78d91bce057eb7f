/** Route 53 by the aws command: each noun once. */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { a, change, reference, vpcOf } from '#test/sdk/route53.ts';
import { useKeiro } from '#test/sdk/keiro.ts';

const keiro = await useKeiro({ logLevel: 'error' });
const account = keiro.freshAccount();
const home = mkdtempSync(join(tmpdir(), 'keiro-route53-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));

interface Ran {
  readonly status: number;
  readonly out: string;
  readonly err: string;
}

function run(...args: readonly string[]): Promise<Ran> {
  const env = {
    PATH: process.env['PATH'],
    HOME: home,
    AWS_ENDPOINT_URL: keiro.endpoint,
    AWS_REGION: 'eu-west-1',
    AWS_DEFAULT_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: account,
    AWS_SECRET_ACCESS_KEY: 'secret',
    AWS_MAX_ATTEMPTS: '1',
  };
  return new Promise((resolve) => {
    execFile('aws', ['--output', 'json', 'route53', ...args], { env }, (error, out, err) => {
      resolve({ status: error ? Number(error.code) : 0, out, err: err.trim() });
    });
  });
}

/** What tests take out of answers; each call answers some of it. */
interface Answer {
  readonly HostedZone: { readonly Id: string };
  readonly ChangeInfo: { readonly Id: string };
  readonly DelegationSet: { readonly Id: string };
  readonly HealthCheck: { readonly Id: string };
  readonly ResourceRecordSets: readonly object[];
}

/** A call that succeeds, and what it answers. */
async function aws(...args: readonly string[]): Promise<Answer> {
  const { status, out, err } = await run(...args);
  expect(err).toBe('');
  expect(status).toBe(0);
  return (out === '' ? {} : JSON.parse(out)) as Answer; // each test says what it expects of it
}

const changing = (id: string, ...changes: readonly ReturnType<typeof change>[]) => [
  'change-resource-record-sets',
  '--hosted-zone-id',
  id,
  '--change-batch',
  JSON.stringify({ Comment: 'by hand', Changes: changes }),
];

test('a zone, its records, their change', async () => {
  const { HostedZone } = await aws('create-hosted-zone', '--name', 'cli.example', '--caller-reference', reference());
  const id = HostedZone.Id;
  expect(id).toMatch(/^\/hostedzone\/Z/);
  const { ChangeInfo } = await aws(...changing(id, change('CREATE', a('*.cli.example', '192.0.2.1'))));
  expect(ChangeInfo).toMatchObject({ Id: expect.stringMatching(/^\/change\/C/), Status: 'PENDING', Comment: 'by hand' });
  await aws('wait', 'resource-record-sets-changed', '--id', ChangeInfo.Id);
  const { ResourceRecordSets } = await aws('list-resource-record-sets', '--hosted-zone-id', id, '--max-items', '3');
  expect(ResourceRecordSets).toMatchObject([{ Type: 'NS' }, { Type: 'SOA' }, { Name: String.raw`\052.cli.example.`, TTL: 300 }]);
  const refused = await run(
    ...changing(id, change('CREATE', a('x.cli.example', '1.2.3')), change('DELETE', a('y.cli.example', '192.0.2.1'))),
  );
  expect(refused.status).toBeGreaterThan(0);
  expect(refused.err.replace(/^aws: \[ERROR\]: /, '')).toBe(
    "An error occurred (InvalidChangeBatch) when calling the ChangeResourceRecordSets operation: [Tried to delete resource record set [name='y.cli.example.', type='A'] but it was not found, Invalid Resource Record: 'FATAL problem: ARRDATAIllegalIPv4Address (Value is not a valid IPv4 address) encountered with '1.2.3'']",
  );
  expect(await aws('list-hosted-zones-by-name', '--dns-name', 'cli.example', '--max-items', '1')).toMatchObject({
    HostedZones: [{ Id: id }],
  });
  expect((await run('delete-hosted-zone', '--id', id)).err).toContain('(HostedZoneNotEmpty)');
  await aws(
    'change-tags-for-resource',
    '--resource-type',
    'hostedzone',
    '--resource-id',
    id.replace('/hostedzone/', ''),
    '--add-tags',
    'Key=a,Value=b',
  );
  await aws(...changing(id, change('DELETE', a('*.cli.example', '192.0.2.1'))));
  await aws('delete-hosted-zone', '--id', id);
  expect(await aws('list-hosted-zones')).toEqual({ HostedZones: [] });
}, 120_000);

test('a private zone with two VPCs', async () => {
  const [first, second] = [await vpcOf(keiro, account), await vpcOf(keiro, account)];
  const vpc = ({ VPCId, VPCRegion }: typeof first) => ['--vpc', `VPCRegion=${VPCRegion},VPCId=${VPCId}`];
  const { HostedZone } = await aws('create-hosted-zone', '--name', 'cli.internal', '--caller-reference', reference(), ...vpc(first));
  const id = HostedZone.Id;
  await aws('associate-vpc-with-hosted-zone', '--hosted-zone-id', id, ...vpc(second));
  expect(await aws('get-hosted-zone', '--id', id)).toMatchObject({ VPCs: [first, second] });
  expect(await aws('list-hosted-zones-by-vpc', '--vpc-id', second.VPCId, '--vpc-region', second.VPCRegion)).toMatchObject({
    HostedZoneSummaries: [{ Name: 'cli.internal.' }],
  });
}, 60_000);

test('a delegation set, a health check, a place, a limit', async () => {
  const { DelegationSet } = await aws('create-reusable-delegation-set', '--caller-reference', reference());
  expect(await aws('get-reusable-delegation-set', '--id', DelegationSet.Id)).toEqual({ DelegationSet });
  const config = 'Type=HTTP,IPAddress=192.0.2.1,ResourcePath=/up';
  const { HealthCheck } = await aws('create-health-check', '--caller-reference', reference(), '--health-check-config', config);
  expect(await aws('update-health-check', '--health-check-id', HealthCheck.Id, '--inverted')).toMatchObject({
    HealthCheck: { HealthCheckVersion: 2, HealthCheckConfig: { Inverted: true } },
  });
  expect(await aws('get-health-check-status', '--health-check-id', HealthCheck.Id)).toEqual({ HealthCheckObservations: [] });
  await aws('delete-health-check', '--health-check-id', HealthCheck.Id);
  expect(await aws('get-geo-location', '--country-code', 'US', '--subdivision-code', 'CA')).toMatchObject({
    GeoLocationDetails: { SubdivisionName: 'California' },
  });
  expect(await aws('get-account-limit', '--type', 'MAX_HEALTH_CHECKS_BY_OWNER')).toEqual({
    Limit: { Type: 'MAX_HEALTH_CHECKS_BY_OWNER', Value: 200 },
    Count: 0,
  });
}, 60_000);
