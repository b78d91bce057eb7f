import {
  ChangeResourceRecordSetsCommand,
  CreateHealthCheckCommand,
  ListResourceRecordSetsCommand,
  type ResourceRecordSet,
  Route53Client,
} from '@aws-sdk/client-route-53';
import { describe, expect, test } from 'vitest';
import { a, batch, change, faultsOf, records, reference, vpcOf, zoneCalled } from '#test/sdk/route53.ts';
import { refusal, useKeiro } from '#test/sdk/keiro.ts';

const keiro = await useKeiro({ logLevel: 'error' });
const client = keiro.client(Route53Client);
/** For what is refused: it never changes. */
const zone = await zoneCalled(client, 'rules.example');
await batch(
  client,
  zone,
  change('CREATE', a('www.rules.example', '192.0.2.1')),
  change('CREATE', { Name: 'alias.rules.example', Type: 'CNAME', TTL: 60, ResourceRecords: records('www.rules.example') }),
  change('CREATE', { ...a('weighted.rules.example', '192.0.2.1'), SetIdentifier: 'one', Weight: 1 }),
  change('CREATE', { ...a('multi.rules.example', '192.0.2.1'), SetIdentifier: 'one', MultiValueAnswer: true }),
  change('CREATE', { ...a('latency.rules.example', '192.0.2.1'), SetIdentifier: 'one', Region: 'eu-west-1' }),
  change('CREATE', { ...a('failover.rules.example', '192.0.2.1'), SetIdentifier: 'one', Failover: 'PRIMARY' }),
  change('CREATE', {
    ...a('geo.rules.example', '192.0.2.1'),
    SetIdentifier: 'one',
    GeoLocation: { CountryCode: 'US', SubdivisionCode: 'WA' },
  }),
);

describe('a batch is refused', () => {
  const inRules = 'zone rules.example.';
  const www = a('www.rules.example', '192.0.2.1');
  const named = (Name: string, Type: ResourceRecordSet['Type'], ...values: readonly string[]): ResourceRecordSet => ({
    Name,
    Type,
    TTL: 60,
    ResourceRecords: records(...values),
  });
  const alias = (Name: string, DNSName: string, HostedZoneId = zone, Type: ResourceRecordSet['Type'] = 'A'): ResourceRecordSet => ({
    Name,
    Type,
    AliasTarget: { HostedZoneId, DNSName, EvaluateTargetHealth: false },
  });
  const identified = (Name: string, policy: Partial<ResourceRecordSet>, SetIdentifier = 'two') => ({
    ...a(Name, '192.0.2.2'),
    SetIdentifier,
    ...policy,
  });

  test.each<[string, readonly string[], ...Parameters<typeof change>[]]>([
    [
      'a name outside',
      [`RRSet with DNS name www.rule.example. is not permitted in ${inRules}`],
      ['CREATE', a('www.rule.example', '192.0.2.1')],
    ],
    [
      'a name that ends as the zone does',
      [`RRSet with DNS name anrules.example. is not permitted in ${inRules}`],
      ['CREATE', a('anrules.example', '192.0.2.1')],
    ],
    [
      'no name',
      ["FATAL problem: DomainLabelEmpty (Domain label is empty) encountered with 'a..rules.example'"],
      ['CREATE', a('a..rules.example', '192.0.2.1')],
    ],
    [
      'what is there',
      ["Tried to create resource record set [name='www.rules.example.', type='A'] but it already exists"],
      ['CREATE', a('www.rules.example', '192.0.2.7')],
    ],
    [
      'an identifier that is there',
      ["Tried to create resource record set [name='weighted.rules.example.', type='A', set-identifier='one'] but it already exists"],
      ['CREATE', identified('weighted.rules.example', { Weight: 3 }, 'one')],
    ],
    [
      'what is not there',
      ["Tried to delete resource record set [name='w.rules.example.', type='A'] but it was not found"],
      ['DELETE', a('w.rules.example', '192.0.2.1')],
    ],
    [
      'other values',
      ["Tried to delete resource record set [name='www.rules.example.', type='A'] but the values provided do not match the current values"],
      ['DELETE', a('www.rules.example', '192.0.2.2')],
    ],
    [
      'another TTL',
      ["Tried to delete resource record set [name='www.rules.example.', type='A'] but the values provided do not match the current values"],
      ['DELETE', { ...www, TTL: 1 }],
    ],
    [
      'another weight',
      [
        "Tried to delete resource record set [name='weighted.rules.example.', type='A', set-identifier='one'] but the values provided do not match the current values",
      ],
      ['DELETE', { ...a('weighted.rules.example', '192.0.2.1'), SetIdentifier: 'one', Weight: 2 }],
    ],
    [
      'no address',
      ["Invalid Resource Record: 'FATAL problem: ARRDATAIllegalIPv4Address (Value is not a valid IPv4 address) encountered with '1.2.3''"],
      ['CREATE', a('x.rules.example', '1.2.3')],
    ],
    ['a value twice', ["Duplicate Resource Record: '192.0.2.1'"], ['CREATE', a('x.rules.example', '192.0.2.1', '192.0.2.1')]],
    [
      'too long a text',
      [`Invalid Resource Record: 'FATAL problem: CharacterStringTooLong (Value is too long) encountered with '"${'x'.repeat(256)}"''`],
      ['CREATE', named('x.rules.example', 'TXT', `"${'x'.repeat(256)}"`)],
    ],
    [
      'too many values',
      ['Cannot have more than 400 records in a RRSet.'],
      ['CREATE', a('x.rules.example', ...Array.from({ length: 401 }, (_, at) => `10.0.${at >> 8}.${at & 255}`))],
    ],
    [
      'a CNAME at the apex',
      [
        `RRSet of type CNAME with DNS name rules.example. is not permitted at apex in ${inRules}`,
        `RRSet of type CNAME with DNS name rules.example. is not permitted as it conflicts with other records with the same DNS name in ${inRules}`,
      ],
      ['CREATE', named('rules.example', 'CNAME', 'a.example')],
    ],
    [
      'a CNAME beside others',
      [
        `RRSet of type CNAME with DNS name www.rules.example. is not permitted as it conflicts with other records with the same DNS name in ${inRules}`,
      ],
      ['CREATE', named('www.rules.example', 'CNAME', 'a.example')],
    ],
    [
      'others beside a CNAME',
      [
        `RRSet of type CAA with DNS name alias.rules.example. is not permitted because a conflicting RRSet of type  CNAME with the same DNS name already exists in ${inRules}`,
      ],
      ['CREATE', named('alias.rules.example', 'CAA', '0 issue ";"')],
    ],
    [
      'two CNAMEs',
      ['RRSet of type CNAME with DNS name x.rules.example. cannot have more than one record'],
      ['CREATE', named('x.rules.example', 'CNAME', 'a.example', 'b.example')],
    ],
    [
      'a DS at the apex',
      [`RRSet of type DS with DNS name rules.example. is not permitted at apex in ${inRules}`],
      ['CREATE', named('rules.example', 'DS', '1 2 3 00')],
    ],
    [
      'an SOA elsewhere',
      [`RRSet of type SOA with DNS name x.rules.example. is not permitted in ${inRules}: it is permitted at apex only`],
      ['CREATE', named('x.rules.example', 'SOA', 'a. b. 1 2 3 4 5')],
    ],
    [
      'an NS wildcard',
      [
        String.raw`RRSet of type NS with DNS name \052.rules.example. is not permitted: the name of a record of this type cannot be a wildcard`,
      ],
      ['CREATE', named('*.rules.example', 'NS', 'a.example')],
    ],
    [
      'routed beside simple',
      [
        'RRSet with DNS name www.rules.example., type A, SetIdentifier two cannot be created as a non-weighted set exists with the same name and type.',
      ],
      ['CREATE', identified('www.rules.example', { Weight: 1 })],
    ],
    [
      'simple beside routed',
      ['RRSet with DNS name weighted.rules.example., type A cannot be created as other RRSets exist with the same name and type.'],
      ['CREATE', a('weighted.rules.example', '192.0.2.1')],
    ],
    [
      'another policy',
      [
        'RRSet with DNS name weighted.rules.example., type A, SetIdentifier two cannot be created as a non-latency set exists with the same name and type.',
      ],
      ['UPSERT', identified('weighted.rules.example', { Region: 'eu-west-1' })],
    ],
    [
      'multivalue beside simple',
      [
        'RRSet with DNS name www.rules.example., type A, SetIdentifier two cannot be created because a non multivalue answer rrset exists with the same name and type.',
      ],
      ['CREATE', identified('www.rules.example', { MultiValueAnswer: true })],
    ],
    [
      'a multivalue CNAME',
      ['RRSet of type CNAME with DNS name x.rules.example. is not permitted: a multivalue answer record cannot be of this type'],
      ['CREATE', { ...named('x.rules.example', 'CNAME', 'a.b'), SetIdentifier: 'x', MultiValueAnswer: true }],
    ],
    [
      'the same Region',
      [
        'RRSet with DNS name latency.rules.example., type A, SetIdentifier two cannot be created as another set exists with the same name, type and Region eu-west-1.',
      ],
      ['CREATE', identified('latency.rules.example', { Region: 'eu-west-1' })],
    ],
    [
      'two primaries',
      [
        'RRSet with DNS name failover.rules.example., type A, SetIdentifier two cannot be created as another set exists with the same name, type and Failover PRIMARY.',
      ],
      ['CREATE', identified('failover.rules.example', { Failover: 'PRIMARY' })],
    ],
    [
      'the same place',
      [
        'RRSet with DNS name geo.rules.example., type A, SetIdentifier two cannot be created as another set exists with the same name, type and GeoLocation US WA.',
      ],
      ['CREATE', identified('geo.rules.example', { GeoLocation: { CountryCode: 'US', SubdivisionCode: 'WA' } })],
    ],
    [
      'a weighted NS',
      [
        'RRSet of type NS with DNS name x.rules.example. is not permitted: a record of this type can be neither an alias nor have a routing policy',
      ],
      ['CREATE', { ...named('x.rules.example', 'NS', 'a.b'), SetIdentifier: 'x', Weight: 1 }],
    ],
    [
      'an alias outside',
      [
        `Tried to create an alias that targets www.example., type A in zone ${zone}, but the alias target name does not lie within the target zone`,
        `Tried to create an alias that targets www.example., type A in zone ${zone}, but that target was not found`,
      ],
      ['CREATE', alias('x.rules.example', 'www.example')],
    ],
    [
      'an alias to nothing',
      [`Tried to create an alias that targets y.rules.example., type A in zone ${zone}, but that target was not found`],
      ['CREATE', alias('x.rules.example', 'y.rules.example')],
    ],
    [
      'an alias to another type',
      [`Tried to create an alias that targets www.rules.example., type AAAA in zone ${zone}, but that target was not found`],
      ['CREATE', alias('x.rules.example', 'www.rules.example', zone, 'AAAA')],
    ],
    [
      'an alias to itself',
      [`Tried to create an alias that targets x.rules.example., type A in zone ${zone}, but that target was not found`],
      ['CREATE', alias('x.rules.example', 'x.rules.example')],
    ],
    [
      'an alias to no load balancer',
      [
        'Tried to create an alias that targets dualstack.web-1.eu-west-1.elb.amazonaws.com., type A in zone Z32O12XQLNTSW2, but that target was not found',
      ],
      ['CREATE', alias('x.rules.example', 'dualstack.web-1.eu-west-1.elb.amazonaws.com', 'Z32O12XQLNTSW2')],
    ],
    [
      'an alias into a zone that is not there',
      ['Tried to create an alias that targets d1.cloudfront.net., type A in zone Z2FDTNDATAQYW2, but that target was not found'],
      ['CREATE', alias('x.rules.example', 'd1.cloudfront.net', 'Z2FDTNDATAQYW2')],
    ],
    [
      'a set twice',
      ["The request contains an invalid set of changes for a resource record set 'A x.rules.example.'"],
      ['CREATE', a('x.rules.example', '192.0.2.1')],
      ['CREATE', a('x.rules.example', '192.0.2.2')],
    ],
    [
      'a set that comes and goes',
      ["The request contains an invalid set of changes for a resource record set 'A x.rules.example.'"],
      ['CREATE', a('x.rules.example', '192.0.2.1')],
      ['DELETE', a('x.rules.example', '192.0.2.1')],
    ],
    [
      'several at once',
      [
        `RRSet with DNS name www.rule.example. is not permitted in ${inRules}`,
        "Tried to delete resource record set [name='w.rules.example.', type='A'] but it was not found",
        "Invalid Resource Record: 'FATAL problem: AAAARRDATAIllegalIPv6Address (Value is not a valid IPv6 address) encountered with '1.2.3.4''",
      ],
      ['CREATE', a('www.rule.example', '192.0.2.1')],
      ['CREATE', named('x.rules.example', 'AAAA', '1.2.3.4')],
      ['DELETE', a('w.rules.example', '192.0.2.1')],
    ],
  ])('with %s', async (_what, messages, ...changes) => {
    const before = await client.send(new ListResourceRecordSetsCommand({ HostedZoneId: zone }));
    const good = change('UPSERT', a('good.rules.example', '192.0.2.1'));
    expect(await faultsOf(batch(client, zone, good, ...changes.map((args) => change(...args))))).toEqual(messages);
    const after = await client.send(new ListResourceRecordSetsCommand({ HostedZoneId: zone }));
    expect(after.ResourceRecordSets).toEqual(before.ResourceRecordSets);
  });

  test("without the zone's own records", async () => {
    const { ResourceRecordSets = [] } = await client.send(new ListResourceRecordSetsCommand({ HostedZoneId: zone }));
    const own = ResourceRecordSets.filter(({ Type }) => Type === 'NS' || Type === 'SOA');
    expect(await faultsOf(batch(client, zone, ...own.map((set) => change('DELETE', set))))).toEqual([
      'A HostedZone must contain at least one NS record for the zone itself.',
      'A HostedZone must contain exactly one SOA record.',
    ]);
  });

  const where = (more: string) => `Change with [Action=CREATE, Name=x.rules.example, Type=A, SetIdentifier=${more}]`;
  const data = (found: string, more = 'null') =>
    `Invalid request: Expected exactly one of [AliasTarget, all of [TTL, and ResourceRecords], or TrafficPolicyInstanceId], but found ${found} in ${where(more)}`;
  test.each<[string, Partial<ResourceRecordSet>, string]>([
    ['neither values nor alias', { TTL: undefined }, data('none')],
    ['no TTL', { TTL: undefined, ResourceRecords: records('192.0.2.1') }, data('none')],
    [
      'values and an alias',
      {
        AliasTarget: { HostedZoneId: zone, DNSName: 'www.rules.example', EvaluateTargetHealth: false },
        ResourceRecords: records('192.0.2.1'),
      },
      data('more than one'),
    ],
    [
      'a policy without an identifier',
      { ResourceRecords: records('192.0.2.1'), Weight: 1 },
      `Invalid request: Missing field 'SetIdentifier' in ${where('null')}`,
    ],
    [
      'an identifier without a policy',
      { ResourceRecords: records('192.0.2.1'), SetIdentifier: 'x' },
      `Invalid request: Expected exactly one of [Weight, Region, Failover, GeoLocation, GeoProximityLocation, MultiValueAnswer, or CidrRoutingConfig], but found none in ${where('x')}`,
    ],
    [
      'two policies',
      { ResourceRecords: records('192.0.2.1'), SetIdentifier: 'x', Weight: 1, Failover: 'PRIMARY' },
      `Invalid request: Expected exactly one of [Weight, Region, Failover, GeoLocation, GeoProximityLocation, MultiValueAnswer, or CidrRoutingConfig], but found more than one in ${where('x')}`,
    ],
    [
      'a place that is not',
      { ResourceRecords: records('192.0.2.1'), SetIdentifier: 'x', GeoLocation: { CountryCode: 'ZZ' } },
      "Invalid request: Unknown CountryCode 'ZZ'.",
    ],
    [
      'a continent and a country',
      { ResourceRecords: records('192.0.2.1'), SetIdentifier: 'x', GeoLocation: { ContinentCode: 'EU', CountryCode: 'DE' } },
      'Invalid request: You cannot specify ContinentCode with either CountryCode or SubdivisionCode.',
    ],
    [
      'a weight too high',
      { ResourceRecords: records('192.0.2.1'), SetIdentifier: 'x', Weight: 256 },
      "1 validation error detected: Value '256' at 'changeBatch.changes.1.member.resourceRecordSet.weight' failed to satisfy constraint: Member must have value less than or equal to 255",
    ],
  ])('for its form, with %s', async (_what, set, message) => {
    const given = { Name: 'x.rules.example', Type: 'A' as const, TTL: 60, ...set };
    expect(await refusal(batch(client, zone, change('CREATE', given)))).toEqual({ code: 'InvalidInput', message });
  });

  test('with a policy that Keiro does not have', async () => {
    const set = { ...a('x.rules.example', '192.0.2.1'), SetIdentifier: 'x' };
    for (const more of [
      { GeoProximityLocation: { AWSRegion: 'eu-west-1' } },
      { CidrRoutingConfig: { CollectionId: '0', LocationName: 'x' } },
    ]) {
      expect((await refusal(batch(client, zone, change('CREATE', { ...set, ...more })))).code).toBe('NotImplemented');
    }
  });

  test('with a health check that is not there', async () => {
    const set = { ...identified('x.rules.example', { Weight: 1 }), HealthCheckId: '0' };
    expect(await refusal(batch(client, zone, change('CREATE', set)))).toEqual({
      code: 'NoSuchHealthCheck',
      message: 'A health check with id 0 does not exist.',
    });
  });

  test('when it is too large', async () => {
    const many = (count: number, action: 'CREATE' | 'UPSERT') =>
      Array.from({ length: count }, (_, at) => change(action, a(`n${at}.rules.example`, '192.0.2.1')));
    expect(await faultsOf(batch(client, zone, ...many(1001, 'CREATE')))).toEqual(['Number of records limit of 1000 exceeded.']);
    expect(await faultsOf(batch(client, zone, ...many(501, 'UPSERT')))).toEqual(['Number of records limit of 1000 exceeded.']);
    const long = named('x.rules.example', 'TXT', ...Array.from({ length: 9 }, (_, at) => `"${at}" ${`"${'x'.repeat(250)}" `.repeat(15)}`));
    expect(await faultsOf(batch(client, zone, change('CREATE', long)))).toEqual(['Number of characters limit of 32000 exceeded.']);
    expect(
      (await refusal(client.send(new ChangeResourceRecordSetsCommand({ HostedZoneId: zone, ChangeBatch: { Changes: [] } })))).code,
    ).toBe('InvalidInput');
  });

  test('in a zone that is not there', async () => {
    expect((await refusal(batch(client, 'Z0', change('CREATE', www)))).code).toBe('NoSuchHostedZone');
  });

  test('with a health check without a policy in a private zone', async () => {
    const account = keiro.freshAccount();
    const own = keiro.client(Route53Client, { account });
    const id = await zoneCalled(own, 'internal', { VPC: await vpcOf(keiro, account) });
    const { HealthCheck } = await own.send(
      new CreateHealthCheckCommand({ CallerReference: reference(), HealthCheckConfig: { Type: 'TCP', IPAddress: '192.0.2.1', Port: 80 } }),
    );
    const set = { ...a('a.internal', '10.0.0.1'), HealthCheckId: HealthCheck?.Id };
    expect(await faultsOf(batch(own, id, change('CREATE', set)))).toEqual([
      'RRSet of type A with DNS name a.internal. in a private zone cannot have a health check without a routing policy',
    ]);
  });
});
