import {
  CreateHealthCheckCommand,
  DeleteHostedZoneCommand,
  GetHostedZoneCommand,
  GetHostedZoneLimitCommand,
  ListResourceRecordSetsCommand,
  type ListResourceRecordSetsCommandInput,
  type ResourceRecordSet,
  Route53Client,
} from '@aws-sdk/client-route-53';
import { describe, expect, test } from 'vitest';
import { a, batch, change, faultsOf, records, reference, setsOf, zoneCalled } from '#test/sdk/route53.ts';
import { balancerWorld, createBalancer } from '#test/sdk/elbv2.ts';
import { refusal, useKeiro } from '#test/sdk/keiro.ts';

const keiro = await useKeiro({ logLevel: 'error' });
const client = keiro.client(Route53Client);

describe('record sets', () => {
  test('are created, changed and deleted, and told as they were given', async () => {
    const id = await zoneCalled(client, 'life.example');
    const txt: ResourceRecordSet = {
      Name: 'life.example.',
      Type: 'TXT',
      TTL: 0,
      ResourceRecords: records('"v=spf1 -all"', String.raw`"q \"\344"`),
    };
    const made = await batch(
      client,
      id,
      change('CREATE', a('WWW.life.example', '192.0.2.1', '192.0.2.2')),
      change('UPSERT', txt),
      change('CREATE', a('*.life.example', '192.0.2.3')),
    );
    expect(made.ChangeInfo).toMatchObject({ Status: 'PENDING' });
    const star = { ...a(String.raw`\052.life.example.`, '192.0.2.3') };
    expect(await setsOf(client, id)).toEqual([txt, star, a('www.life.example.', '192.0.2.1', '192.0.2.2')]);
    expect((await client.send(new GetHostedZoneCommand({ Id: id }))).HostedZone?.ResourceRecordSetCount).toBe(5);
    await batch(client, id, change('UPSERT', { ...a('www.life.example', '192.0.2.9'), TTL: 60 }), change('DELETE', star));
    expect(await setsOf(client, id)).toEqual([txt, { ...a('www.life.example.', '192.0.2.9'), TTL: 60 }]);
    // The order of values is of no matter, and a set may be deleted and made in one batch.
    await batch(
      client,
      id,
      change('DELETE', { ...txt, ResourceRecords: txt.ResourceRecords?.toReversed() }),
      change('CREATE', { ...txt, TTL: 5 }),
    );
    expect(await setsOf(client, id)).toMatchObject([{ TTL: 5 }, {}]);
  });

  test('of each policy are told', async () => {
    const id = await zoneCalled(client, 'policies.example');
    const { HealthCheck } = await client.send(
      new CreateHealthCheckCommand({ CallerReference: reference(), HealthCheckConfig: { Type: 'TCP', IPAddress: '192.0.2.1', Port: 80 } }),
    );
    const sets: ResourceRecordSet[] = [
      { ...a('a.policies.example.', '192.0.2.1'), SetIdentifier: 'x', Weight: 0, HealthCheckId: HealthCheck?.Id },
      { ...a('b.policies.example.', '192.0.2.1'), SetIdentifier: 'x', Region: 'ap-southeast-4' },
      { ...a('c.policies.example.', '192.0.2.1'), SetIdentifier: 'x', Failover: 'PRIMARY' },
      { ...a('c.policies.example.', '192.0.2.1'), SetIdentifier: 'y', Failover: 'SECONDARY' },
      { ...a('d.policies.example.', '192.0.2.1'), SetIdentifier: 'v', GeoLocation: { ContinentCode: 'EU' } },
      { ...a('d.policies.example.', '192.0.2.1'), SetIdentifier: 'x', GeoLocation: { CountryCode: '*' } },
      { ...a('d.policies.example.', '192.0.2.1'), SetIdentifier: 'y', GeoLocation: { CountryCode: 'JP' } },
      { ...a('d.policies.example.', '192.0.2.1'), SetIdentifier: 'z', GeoLocation: { CountryCode: 'US', SubdivisionCode: 'WA' } },
      { ...a('e.policies.example.', '192.0.2.1'), SetIdentifier: 'x', MultiValueAnswer: true },
      {
        Name: 'f.policies.example.',
        Type: 'A',
        AliasTarget: { HostedZoneId: id, DNSName: 'a.policies.example.', EvaluateTargetHealth: true },
      },
    ];
    await batch(client, id, ...sets.map((set) => change('CREATE', set)));
    expect(await setsOf(client, id)).toEqual(sets);
    await batch(client, id, ...sets.map((set) => change('DELETE', set)));
    expect(await setsOf(client, id)).toEqual([]);
    await client.send(new DeleteHostedZoneCommand({ Id: id }));
  });

  test('are aliases of load balancers, of whichever account', async () => {
    const id = await zoneCalled(client, 'balanced.example');
    const { DNSName, CanonicalHostedZoneId } = await createBalancer(await balancerWorld(keiro));
    const target = { HostedZoneId: CanonicalHostedZoneId, DNSName: `dualstack.${DNSName}`, EvaluateTargetHealth: true };
    const alias = { Name: 'balanced.example.', Type: 'A' as const, AliasTarget: target };
    await batch(client, id, change('CREATE', alias), change('CREATE', { ...alias, Type: 'AAAA' }));
    const shown = { ...alias, AliasTarget: { ...target, DNSName: `dualstack.${DNSName.toLowerCase()}.` } };
    expect(await setsOf(client, id)).toEqual([shown, { ...shown, Type: 'AAAA' }]);
    const text = change('CREATE', { ...alias, Name: 'x.balanced.example', Type: 'TXT' });
    expect(await faultsOf(batch(client, id, text))).toEqual([
      `Tried to create an alias that targets dualstack.${DNSName.toLowerCase()}., type TXT in zone ${CanonicalHostedZoneId}, but that target was not found`,
    ]);
  });

  test('with weights have the TTL that was given last', async () => {
    const id = await zoneCalled(client, 'ttl.example');
    const one = { ...a('ttl.example', '192.0.2.1'), SetIdentifier: 'one', Weight: 1 };
    await batch(client, id, change('CREATE', one), change('CREATE', { ...one, SetIdentifier: 'two', TTL: 20 }));
    expect((await setsOf(client, id)).map(({ TTL }) => TTL)).toEqual([20, 20]);
  });
});

describe('a list of record sets', async () => {
  const id = await zoneCalled(client, 'list.example');
  const names = ['b', 'a', 'c.a', '*', 'a-b'];
  await batch(client, id, ...names.map((name) => change('CREATE', a(`${name}.list.example`, '192.0.2.1'))));
  for (const SetIdentifier of ['2', '1', '3'])
    await batch(client, id, change('CREATE', { ...a('w.list.example', '192.0.2.1'), SetIdentifier, Weight: 1 }));
  await batch(client, id, change('CREATE', { Name: 'a.list.example', Type: 'TXT', TTL: 1, ResourceRecords: records('"x"') }));
  const list = async (input: Partial<ListResourceRecordSetsCommandInput>) => {
    const page = await client.send(new ListResourceRecordSetsCommand({ HostedZoneId: id, ...input }));
    return {
      page,
      keys: page.ResourceRecordSets?.map(
        ({ Name, Type, SetIdentifier = '' }) => `${Name?.replace('.list.example.', '')} ${Type}${SetIdentifier}`,
      ),
    };
  };
  const all = [
    'list.example. NS',
    'list.example. SOA',
    String.raw`\052 A`,
    'a-b A',
    'a A',
    'a TXT',
    'c.a A',
    'b A',
    'w A1',
    'w A2',
    'w A3',
  ];

  test('is ordered by the labels from the end, type and identifier', async () => {
    const { keys, page } = await list({});
    expect(keys?.toSorted()).toEqual(all.toSorted());
    expect(keys).toEqual([
      'list.example. NS',
      'list.example. SOA',
      ...['a-b A', 'a A', 'a TXT', 'c.a A', 'b A', 'w A1', 'w A2', 'w A3'].toSpliced(0, 0, String.raw`\052 A`),
    ]);
    expect(page).toMatchObject({ IsTruncated: false, MaxItems: 300 });
  });

  test('goes on where a page ended', async () => {
    const found: string[] = [];
    let next: Partial<ListResourceRecordSetsCommandInput> = {};
    for (let pages = 0; pages < 20; pages += 1) {
      const { keys = [], page } = await list({ ...next, MaxItems: 2 });
      found.push(...keys);
      if (!page.IsTruncated) break;
      next = {
        StartRecordName: page.NextRecordName,
        StartRecordType: page.NextRecordType,
        StartRecordIdentifier: page.NextRecordIdentifier,
      };
    }
    expect(found).toEqual(all);
  });

  test('begins where it is told', async () => {
    expect((await list({ StartRecordName: 'a.list.example', StartRecordType: 'TXT' })).keys?.[0]).toBe('a TXT');
    expect((await list({ StartRecordName: 'aa.list.example', StartRecordType: 'TXT' })).keys?.[0]).toBe('b A');
    expect((await list({ StartRecordName: 'w.list.example', StartRecordType: 'A', StartRecordIdentifier: '2' })).keys).toEqual([
      'w A2',
      'w A3',
    ]);
    expect((await list({ StartRecordName: 'zz.list.example' })).keys).toEqual([]);
    expect((await refusal(list({ StartRecordType: 'A' }))).code).toBe('InvalidInput');
    expect((await refusal(list({ StartRecordName: 'a.list.example', StartRecordIdentifier: 'x' }))).code).toBe('InvalidInput');
    expect((await refusal(list({ MaxItems: 0 }))).code).toBe('InvalidInput');
  });

  test('of ten thousand is quick, and there cannot be more', async () => {
    const own = keiro.client(Route53Client);
    const big = await zoneCalled(own, 'big.example');
    const made = Array.from({ length: 9998 }, (_, at) => change('CREATE', a(`n${String((at * 7919) % 9998)}.big.example`, '192.0.2.1')));
    for (let at = 0; at < made.length; at += 1000) await batch(own, big, ...made.slice(at, at + 1000));
    expect(await own.send(new GetHostedZoneLimitCommand({ HostedZoneId: big, Type: 'MAX_RRSETS_BY_ZONE' }))).toMatchObject({
      Count: 10_000,
    });
    expect(await faultsOf(batch(own, big, change('CREATE', a('more.big.example', '192.0.2.1'))))).toEqual([
      'Limits Exceeded: MAX_RRSETS_BY_ZONE - Cannot have more than 10000 resource record sets in a hosted zone.',
    ]);
    const startMs = performance.now();
    const found: string[] = [];
    let next: Partial<ListResourceRecordSetsCommandInput> = {};
    for (let pages = 0; pages < 40; pages += 1) {
      const page = await own.send(new ListResourceRecordSetsCommand({ HostedZoneId: big, ...next }));
      found.push(...(page.ResourceRecordSets ?? []).map(({ Name = '' }) => Name));
      if (!page.IsTruncated) break;
      next = { StartRecordName: page.NextRecordName, StartRecordType: page.NextRecordType };
    }
    const labels = found.slice(2).map((name) => name.split('.', 1)[0] ?? '');
    expect(found).toHaveLength(10_000);
    expect(labels).toEqual(labels.toSorted((x, y) => (`${x}.` < `${y}.` ? -1 : 1)));
    expect(performance.now() - startMs).toBeLessThan(20_000);
    const changeMs = performance.now();
    await batch(own, big, change('UPSERT', a('n5.big.example', '192.0.2.2')));
    expect(performance.now() - changeMs).toBeLessThan(1000);
  }, 120_000);
});
