import {
  GetChangeCommand,
  GetGeoLocationCommand,
  GetHostedZoneCommand,
  type GeoLocationDetails,
  ListGeoLocationsCommand,
  type ListGeoLocationsCommandInput,
  Route53Client,
  TestDNSAnswerCommand,
} from '@aws-sdk/client-route-53';
import { describe, expect, test } from 'vitest';
import { type DnsQuestion, NOTHING_OBSERVED, type OperationContext } from '#aws/context.ts';
import { changes } from '#services/route53/changes.ts';
import { dnsAnswers } from '#services/route53/dns-answers.ts';
import { healthCheckStatus } from '#services/route53/health-check-status.ts';
import {
  changeReports,
  createZoneFor,
  hostedZoneIds,
  pendingChanges,
  publicZoneHolds,
  touchedPart,
  zoneNameIds,
  zoneNameOf,
} from '#services/route53/public.ts';
import { healthCheckTable } from '#services/route53/tables.ts';
import { a, batch, change, records, vpcOf, zoneCalled } from '#test/sdk/route53.ts';
import { refusal, useKeiro } from '#test/sdk/keiro.ts';

const keiro = await useKeiro({ logLevel: 'error' });
const account = keiro.freshAccount();
const client = keiro.client(Route53Client, { account });
const partition = { account, region: 'global' };

/** A call with data planes there, which tests have not. */
const withObserved = <T>(observed: Partial<OperationContext['observed']>, work: (context: OperationContext) => T): Promise<T> =>
  keiro.store.transact(partition, (tx) =>
    work({
      account,
      region: 'us-east-1',
      principal: { account, arn: `arn:aws:iam::${account}:root`, userId: account, accessKeyId: account },
      requestId: 'request-1',
      nowMs: Date.now(),
      tx,
      randomBytes: (count) => Buffer.alloc(count),
      observed: { ...NOTHING_OBSERVED, ...observed },
      quotasOn: true,
    }),
  );

const answer = { nameserver: 'ns-1.awsdns-00.com', responseCode: 'NOERROR', recordData: ['192.0.2.1'], protocol: 'UDP' as const };

describe('a change', () => {
  test('is in sync by itself where nothing serves names', async () => {
    const id = await zoneCalled(client, 'sync.example');
    const { ChangeInfo } = await batch(client, id, change('CREATE', a('sync.example', '192.0.2.1')));
    const told = await client.send(new GetChangeCommand({ Id: ChangeInfo?.Id }));
    expect(told.ChangeInfo).toEqual({ ...ChangeInfo, Status: 'INSYNC' });
    expect(await refusal(client.send(new GetChangeCommand({ Id: 'C0' })))).toEqual({
      code: 'NoSuchChange',
      message: 'Could not find resource with ID: C0',
    });
  });

  test('is in sync when it is reported where something does', async () => {
    const id = await zoneCalled(client, 'report.example');
    const { ChangeInfo } = await batch(client, id, change('CREATE', a('report.example', '192.0.2.1')));
    const Id = ChangeInfo?.Id ?? '';
    const bare = Id.replace('/change/', '');
    const status = () => withObserved({ dnsAnswer: () => answer }, (context) => changes.GetChange(context, { Id }).ChangeInfo.Status);
    expect(await status()).toBe('PENDING');
    const reader = keiro.store.reader(partition);
    expect(pendingChanges(reader).find((each) => each.id === bare)).toMatchObject({ zoneId: id });
    await keiro.store.transact(partition, (tx) => changeReports.inSync(tx, [bare, 'C0']));
    expect(await status()).toBe('INSYNC');
    expect(pendingChanges(reader).map((each) => each.id)).not.toContain(bare);
  });
});

test('what changed is told part by part', async () => {
  const touched: string[] = [];
  const stop = keiro.store.subscribe(({ changes: all }) => {
    for (const each of all) {
      const part = touchedPart(each);
      if (part) touched.push(`${part.kind} ${part.id}`);
    }
  });
  const id = await zoneCalled(client, 'parts.example');
  expect(touched.map((each) => each.replace(/C.{20}$/, 'C'))).toEqual([`hostedZone ${id}`, `zoneName ${id} parts.example`, 'zoneChange C']);
  touched.length = 0;
  const { ChangeInfo } = await batch(
    client,
    id,
    change('CREATE', {
      Name: '*.parts.example',
      Type: 'A',
      AliasTarget: { HostedZoneId: id, DNSName: 'b.parts.example', EvaluateTargetHealth: true },
    }),
    change('CREATE', a('b.parts.example', '192.0.2.1')),
  );
  stop();
  expect(touched).toEqual([
    `zoneName ${id} *.parts.example`,
    `zoneName ${id} b.parts.example`,
    `zoneChange ${ChangeInfo?.Id?.replace('/change/', '')}`,
  ]);
  const reader = keiro.store.reader(partition);
  expect(hostedZoneIds(reader)).toContain(id);
  expect([...zoneNameIds(reader)]).toContain(`${id} b.parts.example`);
  expect(zoneNameOf(reader, `${id} *.parts.example`)).toEqual({
    kind: 'zoneName',
    id: `${id} *.parts.example`,
    zoneId: id,
    name: '*.parts.example',
    sets: [
      {
        type: 'A',
        values: [],
        alias: { name: 'b.parts.example', isInZone: true, evaluatesTargetHealth: true },
        routing: { policy: 'simple' },
      },
    ],
  });
  expect(zoneNameOf(reader, `${id} none`)).toBeUndefined();
});

describe('TestDNSAnswer', async () => {
  const id = await zoneCalled(client, 'answer.example');

  test('needs name servers', async () => {
    const asked = client.send(new TestDNSAnswerCommand({ HostedZoneId: id, RecordName: 'answer.example', RecordType: 'A' }));
    expect((await refusal(asked)).code).toBe('NotImplemented');
  });

  test('asks them', async () => {
    const questions: DnsQuestion[] = [];
    const ask = (input: object) =>
      withObserved({ dnsAnswer: (question) => (questions.push(question), answer) }, (context) =>
        dnsAnswers.TestDNSAnswer(context, { HostedZoneId: id, RecordName: '*.Answer.example', RecordType: 'A', ...input }),
      );
    expect(await ask({})).toEqual({
      Nameserver: 'ns-1.awsdns-00.com',
      RecordName: String.raw`\052.answer.example.`,
      RecordType: 'A',
      RecordData: ['192.0.2.1'],
      ResponseCode: 'NOERROR',
      Protocol: 'UDP',
    });
    await ask({ ResolverIP: '192.0.2.53', EDNS0ClientSubnetIP: '2001:db8::1' });
    await ask({ EDNS0ClientSubnetIP: '192.0.2.1', EDNS0ClientSubnetMask: '32' });
    const asked = { zoneId: id, name: '*.answer.example', type: 'A' };
    expect(questions).toEqual([
      asked,
      { ...asked, resolverIp: '192.0.2.53', clientSubnet: { address: '2001:db8::1', bits: 64 } },
      { ...asked, clientSubnet: { address: '192.0.2.1', bits: 32 } },
    ]);
    for (const bad of [
      { ResolverIP: 'x' },
      { EDNS0ClientSubnetMask: '24' },
      { EDNS0ClientSubnetIP: '192.0.2.1', EDNS0ClientSubnetMask: '33' },
      { RecordName: 'a..b' },
    ]) {
      await expect(ask(bad)).rejects.toMatchObject({ code: 'InvalidInput' });
    }
    const internal = await zoneCalled(client, 'answer.internal', { VPC: await vpcOf(keiro, account) });
    await expect(ask({ HostedZoneId: internal })).rejects.toMatchObject({ code: 'InvalidInput' });
  });
});

test('what checkers see is told', async () => {
  const seen = { region: 'eu-west-1', address: '198.18.0.161', isHealthy: true, words: 'Success: HTTP Status Code 200, OK.', atMs: 1000 };
  const status = {
    id: 'check',
    isHealthy: true,
    observations: [seen],
    lastFailures: [{ ...seen, isHealthy: false, words: 'Failure: timeout' }],
  };
  const view = (Status: string) => ({
    HealthCheckObservations: [{ Region: 'eu-west-1', IPAddress: '198.18.0.161', StatusReport: { Status, CheckedTime: new Date(1000) } }],
  });
  const told = await withObserved({ healthCheck: (id) => (id === 'check' ? status : undefined) }, (context) => {
    const check = {
      id: 'check',
      callerReference: 'x',
      version: 1,
      createdMs: 0,
      tags: [],
      type: 'TCP' as const,
      measuresLatency: false,
      isInverted: false,
      isDisabled: false,
    };
    context.tx.put(healthCheckTable, check);
    const input = { HealthCheckId: 'check' };
    return [healthCheckStatus.GetHealthCheckStatus(context, input), healthCheckStatus.GetHealthCheckLastFailureReason(context, input)];
  });
  expect(told).toEqual([view('Success: HTTP Status Code 200, OK.'), view('Failure: timeout')]);
});

test('a zone is made for a domain', async () => {
  const make = () => withObserved({}, (context) => createZoneFor(context, 'Domain.example', 'RISWorkflow-1'));
  const { zoneId, nameServers } = await make();
  const { HostedZone, DelegationSet } = await client.send(new GetHostedZoneCommand({ Id: zoneId }));
  expect(HostedZone).toMatchObject({ Name: 'domain.example.', Config: { Comment: 'HostedZone created by Route53 Registrar' } });
  expect(DelegationSet?.NameServers).toEqual(nameServers);
  await expect(make()).rejects.toMatchObject({ code: 'HostedZoneAlreadyExists' });
});

test('a record of the most specific public zone is held, whoever has it', async () => {
  const reader = keiro.store.reader({ account: '111122223333', region: 'eu-west-1' });
  const holds = (value: string, name = '_x.deep.holds.example.') => publicZoneHolds(reader, name, 'CNAME', value);
  const outer = await zoneCalled(client, 'holds.example');
  await batch(
    client,
    outer,
    change('CREATE', { Name: '_X.deep.holds.example', Type: 'CNAME', TTL: 60, ResourceRecords: records('Target.example') }),
  );
  expect(holds('target.example.')).toBe(true);
  expect(holds('other.example.')).toBe(false);
  expect(holds('target.example.', '_y.deep.holds.example')).toBe(false);
  const other = keiro.client(Route53Client);
  const inner = await zoneCalled(other, 'deep.holds.example');
  expect(holds('target.example.')).toBe(false);
  await batch(
    other,
    inner,
    change('CREATE', { Name: '_x.deep.holds.example', Type: 'CNAME', TTL: 60, ResourceRecords: records('target.example.') }),
  );
  expect(holds('target.example.')).toBe(true);
  expect(holds('a..b')).toBe(false);
});

describe('places', () => {
  const get = (input: object) => client.send(new GetGeoLocationCommand(input));

  test('are told by code', async () => {
    expect((await get({ ContinentCode: 'EU' })).GeoLocationDetails).toEqual({ ContinentCode: 'EU', ContinentName: 'Europe' });
    expect((await get({ ContinentCode: 'NA' })).GeoLocationDetails).toEqual({ ContinentCode: 'NA', ContinentName: 'North America' });
    expect((await get({ CountryCode: 'NA' })).GeoLocationDetails).toEqual({ CountryCode: 'NA', CountryName: 'Namibia' });
    expect((await get({ CountryCode: 'JP' })).GeoLocationDetails).toEqual({ CountryCode: 'JP', CountryName: 'Japan' });
    expect((await get({ CountryCode: '*' })).GeoLocationDetails).toEqual({ CountryCode: '*', CountryName: 'Default' });
    expect((await get({})).GeoLocationDetails).toEqual({ CountryCode: '*', CountryName: 'Default' });
    expect((await get({ CountryCode: 'US', SubdivisionCode: 'WA' })).GeoLocationDetails).toEqual({
      CountryCode: 'US',
      CountryName: 'United States',
      SubdivisionCode: 'WA',
      SubdivisionName: 'Washington',
    });
    for (const unknown of [{ ContinentCode: 'XX' }, { CountryCode: 'ZZ' }, { CountryCode: 'JP', SubdivisionCode: '13' }]) {
      expect(await refusal(get(unknown))).toEqual({
        code: 'NoSuchGeoLocation',
        message: 'The specified geographic location is not supported.',
      });
    }
    expect((await refusal(get({ ContinentCode: 'EU', CountryCode: 'DE' }))).code).toBe('InvalidInput');
    expect((await refusal(get({ SubdivisionCode: 'WA' }))).code).toBe('InvalidInput');
  });

  test('are listed in pages', async () => {
    const found: GeoLocationDetails[] = [];
    let next: ListGeoLocationsCommandInput = {};
    for (let pages = 0; pages < 20; pages += 1) {
      const page = await client.send(new ListGeoLocationsCommand({ ...next, MaxItems: 60 }));
      found.push(...(page.GeoLocationDetailsList ?? []));
      if (!page.IsTruncated) break;
      next = {
        StartContinentCode: page.NextContinentCode,
        StartCountryCode: page.NextCountryCode,
        StartSubdivisionCode: page.NextSubdivisionCode,
      };
    }
    const keys = found.map(
      ({ ContinentCode = '', CountryCode = '', SubdivisionCode = '' }) => `${ContinentCode} ${CountryCode} ${SubdivisionCode}`,
    );
    expect(new Set(keys).size).toBe(keys.length);
    expect(keys.length).toBeGreaterThan(300);
    expect(keys.slice(0, 8)).toEqual(['AF  ', 'AN  ', 'AS  ', 'EU  ', 'NA  ', 'OC  ', 'SA  ', ' * ']);
    expect(keys).toContain(' US WA');
    expect((await refusal(client.send(new ListGeoLocationsCommand({ StartCountryCode: 'ZZ' })))).code).toBe('InvalidInput');
  });
});
