import {
  CreateHostedZoneCommand,
  DeleteHostedZoneCommand,
  GetAccountLimitCommand,
  GetHostedZoneCommand,
  GetHostedZoneCountCommand,
  GetHostedZoneLimitCommand,
  ListHostedZonesByNameCommand,
  ListHostedZonesCommand,
  ListResourceRecordSetsCommand,
  paginateListHostedZones,
  Route53Client,
  UpdateHostedZoneCommentCommand,
} from '@aws-sdk/client-route-53';
import { describe, expect, test } from 'vitest';
import { nameServers, SETS } from '#model/name-servers.ts';
import { a, batch, change, reference, vpcOf, zoneCalled } from '#test/sdk/route53.ts';
import { refusal, useKeiro } from '#test/sdk/keiro.ts';

const keiro = await useKeiro({ logLevel: 'error' });

describe('a public zone', () => {
  test('is made with four servers, NS and SOA', async () => {
    const client = keiro.client(Route53Client);
    const CallerReference = reference();
    const made = await client.send(
      new CreateHostedZoneCommand({ Name: 'Shop.Example', CallerReference, HostedZoneConfig: { Comment: 'sells', PrivateZone: false } }),
    );
    const id = made.HostedZone?.Id ?? '';
    expect(id).toMatch(/^\/hostedzone\/Z\d{8}[0-9A-Z]{12}$/);
    expect(made.Location).toBe(`https://route53.amazonaws.com/2013-04-01${id}`);
    expect(made.ChangeInfo).toMatchObject({
      Id: expect.stringMatching(/^\/change\/C[0-9A-Z]{20}$/),
      Status: 'PENDING',
      SubmittedAt: expect.any(Date),
    });
    const HostedZone = {
      Id: id,
      Name: 'shop.example.',
      CallerReference,
      Config: { Comment: 'sells', PrivateZone: false },
      ResourceRecordSetCount: 2,
    };
    expect(made.HostedZone).toEqual(HostedZone);
    const servers = made.DelegationSet?.NameServers ?? [];
    expect(servers).toHaveLength(4);
    const first = nameServers.findIndex(({ name }) => name === servers[0]);
    expect(servers).toEqual(nameServers.slice(first, first + 4).map(({ name }) => name));
    const told = await client.send(new GetHostedZoneCommand({ Id: id }));
    expect(told).toMatchObject({ HostedZone, DelegationSet: { NameServers: servers } });
    expect(told.VPCs).toBeUndefined();
    const { ResourceRecordSets } = await client.send(new ListResourceRecordSetsCommand({ HostedZoneId: id }));
    expect(ResourceRecordSets).toEqual([
      { Name: 'shop.example.', Type: 'NS', TTL: 172_800, ResourceRecords: servers.map((name) => ({ Value: `${name}.` })) },
      {
        Name: 'shop.example.',
        Type: 'SOA',
        TTL: 900,
        ResourceRecords: [{ Value: `${servers[0]}. awsdns-hostmaster.amazon.com. 1 7200 900 1209600 86400` }],
      },
    ]);
  });

  test('is made once for a caller reference, also when it is gone', async () => {
    const client = keiro.client(Route53Client);
    const CallerReference = reference();
    const id = await zoneCalled(client, 'once.example', { CallerReference });
    const again = () => refusal(client.send(new CreateHostedZoneCommand({ Name: 'once.example', CallerReference })));
    const refused = {
      code: 'HostedZoneAlreadyExists',
      message: 'A hosted zone has already been created with the specified caller reference.',
    };
    expect(await again()).toEqual(refused);
    await client.send(new DeleteHostedZoneCommand({ Id: id }));
    expect(await again()).toEqual(refused);
  });

  test('takes other servers than others of its name, over all accounts, until there are none', async () => {
    const sets = new Set<string>();
    for (let count = 0; count < SETS; count += 1) {
      const made = await keiro
        .client(Route53Client)
        .send(new CreateHostedZoneCommand({ Name: 'crowd.example', CallerReference: reference() }));
      sets.add(made.DelegationSet?.NameServers?.join() ?? '');
    }
    expect(sets.size).toBe(SETS);
    const refused = await refusal(
      keiro.client(Route53Client).send(new CreateHostedZoneCommand({ Name: 'crowd.example', CallerReference: reference() })),
    );
    expect(refused.code).toBe('DelegationSetNotAvailable');
  });

  test('takes other servers than zones above and below', async () => {
    const client = keiro.client(Route53Client);
    const serversOf = async (Name: string) =>
      (await client.send(new CreateHostedZoneCommand({ Name, CallerReference: reference() }))).DelegationSet?.NameServers?.[0];
    const kin = [await serversOf('b.kin.example'), await serversOf('kin.example'), await serversOf('a.b.kin.example')];
    expect(new Set(kin).size).toBe(3);
  });

  test.each([
    ['a..example', "FATAL problem: DomainLabelEmpty (Domain label is empty) encountered with 'a..example'"],
    ['*.example.com', "FATAL problem: UnsupportedCharacter (Value contains unsupported characters) encountered with '*'"],
    ['a b.example', "FATAL problem: UnsupportedCharacter (Value contains unsupported characters) encountered with ' '"],
    [`${'l'.repeat(64)}.example`, `FATAL problem: DomainLabelTooLong (Domain label is too long) encountered with '${'l'.repeat(64)}'`],
    ['com', 'com. is reserved by AWS!'],
  ])('cannot be called %s', async (Name, message) => {
    const client = keiro.client(Route53Client);
    expect(await refusal(client.send(new CreateHostedZoneCommand({ Name, CallerReference: reference() })))).toEqual({
      code: 'InvalidDomainName',
      message,
    });
  });

  test('has a comment that changes', async () => {
    const client = keiro.client(Route53Client);
    const Id = await zoneCalled(client, 'comment.example');
    const { HostedZone } = await client.send(new UpdateHostedZoneCommentCommand({ Id, Comment: 'now' }));
    expect(HostedZone?.Config).toEqual({ Comment: 'now', PrivateZone: false });
    expect((await client.send(new UpdateHostedZoneCommentCommand({ Id }))).HostedZone?.Config).toEqual({ PrivateZone: false });
    const long = { Id, Comment: 'x'.repeat(257) };
    expect((await refusal(client.send(new UpdateHostedZoneCommentCommand(long)))).code).toBe('InvalidInput');
  });

  test('is deleted when it has no records of its own', async () => {
    const client = keiro.client(Route53Client);
    const Id = await zoneCalled(client, 'gone.example');
    await batch(client, Id, change('CREATE', a('www.gone.example', '192.0.2.1')));
    expect(await refusal(client.send(new DeleteHostedZoneCommand({ Id })))).toEqual({
      code: 'HostedZoneNotEmpty',
      message: 'The specified hosted zone contains non-required resource record sets and so cannot be deleted.',
    });
    await batch(client, Id, change('DELETE', a('www.gone.example', '192.0.2.1')));
    const { ChangeInfo } = await client.send(new DeleteHostedZoneCommand({ Id }));
    expect(ChangeInfo?.Status).toBe('PENDING');
    const gone = { code: 'NoSuchHostedZone', message: `No hosted zone found with ID: ${Id}` };
    expect(await refusal(client.send(new GetHostedZoneCommand({ Id })))).toEqual(gone);
    expect(await refusal(client.send(new DeleteHostedZoneCommand({ Id })))).toEqual(gone);
    expect(await refusal(client.send(new ListResourceRecordSetsCommand({ HostedZoneId: Id })))).toEqual(gone);
  });

  test("is nobody else's", async () => {
    const Id = await zoneCalled(keiro.client(Route53Client), 'mine.example');
    expect((await refusal(keiro.client(Route53Client).send(new GetHostedZoneCommand({ Id })))).code).toBe('NoSuchHostedZone');
  });
});

test('a private zone has a VPC and the servers of all private zones', async () => {
  const account = keiro.freshAccount();
  const client = keiro.client(Route53Client, { account });
  const VPC = await vpcOf(keiro, account);
  const made = await client.send(
    new CreateHostedZoneCommand({ Name: 'corp', CallerReference: reference(), VPC, HostedZoneConfig: { PrivateZone: true } }),
  );
  expect(made).toMatchObject({ VPC, HostedZone: { Name: 'corp.', Config: { PrivateZone: true } } });
  expect(made.DelegationSet).toBeUndefined();
  const Id = made.HostedZone?.Id ?? '';
  expect(await client.send(new GetHostedZoneCommand({ Id }))).toMatchObject({ VPCs: [VPC] });
  const { ResourceRecordSets } = await client.send(new ListResourceRecordSetsCommand({ HostedZoneId: Id }));
  expect(ResourceRecordSets?.map(({ ResourceRecords = [] }) => ResourceRecords.map(({ Value }) => Value))).toEqual([
    ['ns-1536.awsdns-00.co.uk.', 'ns-0.awsdns-00.com.', 'ns-1024.awsdns-00.org.', 'ns-512.awsdns-00.net.'],
    ['ns-1536.awsdns-00.co.uk. awsdns-hostmaster.amazon.com. 1 7200 900 1209600 86400'],
  ]);
  const create = (input: object) =>
    refusal(client.send(new CreateHostedZoneCommand({ Name: 'corp', CallerReference: reference(), ...input })));
  expect(await create({ VPC })).toEqual({
    code: 'ConflictingDomainExists',
    message: `The VPC ${VPC.VPCId} in region eu-west-1 has already been associated with the hosted zone ${Id.replace('/hostedzone/', '')} with the same domain name.`,
  });
  expect((await create({ HostedZoneConfig: { PrivateZone: true } })).code).toBe('InvalidInput');
  expect((await create({ VPC: { ...VPC, VPCId: 'vpc-0' } })).code).toBe('InvalidVPCId');
  expect((await create({ VPC: { VPCRegion: 'eu-west-1' } })).code).toBe('InvalidInput');
  expect((await create({ VPC: { ...VPC, VPCRegion: 'us-east-1' } })).code).toBe('InvalidVPCId');
  expect((await create({ VPC, DelegationSetId: 'N1' })).code).toBe('InvalidInput');
  const privateZones = await client.send(new ListHostedZonesCommand({ HostedZoneType: 'PrivateHostedZone' }));
  await zoneCalled(client, 'public.example');
  expect(privateZones.HostedZones?.map((zone) => zone.Id)).toEqual([Id]);
});

describe('a list of zones', () => {
  test('has pages by id', async () => {
    const client = keiro.client(Route53Client);
    const ids = [];
    for (const name of ['a', 'b', 'c', 'd', 'e']) ids.push(`/hostedzone/${await zoneCalled(client, `${name}.list.example`)}`);
    const first = await client.send(new ListHostedZonesCommand({ MaxItems: 2 }));
    expect(first).toMatchObject({ IsTruncated: true, MaxItems: 2, NextMarker: expect.stringMatching(/^Z/) });
    const second = await client.send(new ListHostedZonesCommand({ MaxItems: 2, Marker: first.NextMarker }));
    expect(second.Marker).toBe(first.NextMarker);
    expect(second.HostedZones?.[0]?.Id).toBe(`/hostedzone/${first.NextMarker}`);
    const found = [];
    for await (const page of paginateListHostedZones({ client, pageSize: 2 }, {})) found.push(...(page.HostedZones ?? []));
    expect(found.map(({ Id }) => Id)).toEqual(ids.toSorted());
    expect((await client.send(new GetHostedZoneCountCommand({}))).HostedZoneCount).toBe(5);
    expect((await refusal(client.send(new ListHostedZonesCommand({ MaxItems: 0 })))).code).toBe('InvalidInput');
    expect((await client.send(new ListHostedZonesCommand({ MaxItems: 1000 }))).MaxItems).toBe(100);
  });

  test('by name is ordered from the names ends', async () => {
    const client = keiro.client(Route53Client);
    const names = ['www.example.com', 'example.com', 'b-c.example', 'a.example', 'a.b.example', 'example.com', String.raw`ex\344mple.com`];
    for (const name of names) await zoneCalled(client, name);
    const list = (input: object) => client.send(new ListHostedZonesByNameCommand(input));
    const all = await list({});
    const ordered = [
      String.raw`ex\344mple.com.`,
      'example.com.',
      'example.com.',
      'www.example.com.',
      'a.example.',
      'b-c.example.',
      'a.b.example.',
    ];
    expect(all.HostedZones?.map(({ Name }) => Name)).toEqual(ordered);
    const first = await list({ MaxItems: 2 });
    expect(first).toMatchObject({ IsTruncated: true, NextDNSName: 'example.com.', NextHostedZoneId: expect.stringMatching(/^Z/) });
    const second = await list({ DNSName: first.NextDNSName, HostedZoneId: first.NextHostedZoneId, MaxItems: 2 });
    expect(second).toMatchObject({ DNSName: 'example.com.', HostedZoneId: first.NextHostedZoneId, IsTruncated: true });
    expect([...(first.HostedZones ?? []), ...(second.HostedZones ?? [])].map(({ Id }) => Id)).toEqual(
      all.HostedZones?.slice(0, 4).map(({ Id }) => Id),
    );
    // `-` comes before the dot.
    expect((await list({ DNSName: 'b.example' })).HostedZones?.map(({ Name }) => Name)).toEqual(['a.b.example.']);
    expect((await refusal(list({ HostedZoneId: 'Z1' }))).code).toBe('InvalidInput');
    expect((await refusal(list({ DNSName: 'a..b' }))).code).toBe('InvalidDomainName');
  });
});

test('limits are told with what is used of them', async () => {
  const account = keiro.freshAccount();
  const client = keiro.client(Route53Client, { account });
  const HostedZoneId = await zoneCalled(client, 'limits.example');
  expect(await client.send(new GetAccountLimitCommand({ Type: 'MAX_HOSTED_ZONES_BY_OWNER' }))).toMatchObject({
    Count: 1,
    Limit: { Type: 'MAX_HOSTED_ZONES_BY_OWNER', Value: 500 },
  });
  expect(await client.send(new GetAccountLimitCommand({ Type: 'MAX_HEALTH_CHECKS_BY_OWNER' }))).toMatchObject({
    Count: 0,
    Limit: { Value: 200 },
  });
  expect(await client.send(new GetHostedZoneLimitCommand({ HostedZoneId, Type: 'MAX_RRSETS_BY_ZONE' }))).toMatchObject({
    Count: 2,
    Limit: { Value: 10_000 },
  });
  const vpcs = { HostedZoneId, Type: 'MAX_VPCS_ASSOCIATED_BY_ZONE' as const };
  expect((await refusal(client.send(new GetHostedZoneLimitCommand(vpcs)))).code).toBe('HostedZoneNotPrivate');
  const privateId = await zoneCalled(client, 'limits.internal', { VPC: await vpcOf(keiro, account) });
  expect(await client.send(new GetHostedZoneLimitCommand({ ...vpcs, HostedZoneId: privateId }))).toMatchObject({
    Count: 1,
    Limit: { Value: 300 },
  });
});
