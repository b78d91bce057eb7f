import {
  CreateHostedZoneCommand,
  CreateReusableDelegationSetCommand,
  DeleteHostedZoneCommand,
  DeleteReusableDelegationSetCommand,
  GetHostedZoneCommand,
  GetReusableDelegationSetCommand,
  GetReusableDelegationSetLimitCommand,
  ListHostedZonesCommand,
  ListReusableDelegationSetsCommand,
  Route53Client,
} from '@aws-sdk/client-route-53';
import { expect, test } from 'vitest';
import { reference, vpcOf, zoneCalled } from '#test/sdk/route53.ts';
import { refusal, useKeiro } from '#test/sdk/keiro.ts';

const keiro = await useKeiro({ logLevel: 'error' });

test('a set lives, and zones use it', async () => {
  const client = keiro.client(Route53Client);
  const CallerReference = reference();
  const { DelegationSet, Location } = await client.send(new CreateReusableDelegationSetCommand({ CallerReference }));
  const shown = DelegationSet?.Id ?? '';
  const Id = shown.replace('/delegationset/', '');
  expect(shown).toMatch(/^\/delegationset\/N[0-9A-Z]{20}$/);
  expect(Location).toBe(`https://route53.amazonaws.com/2013-04-01${shown}`);
  expect(DelegationSet).toMatchObject({
    CallerReference,
    NameServers: expect.arrayContaining([expect.stringMatching(/^ns-\d+\.awsdns-\d+\.com$/)]),
  });
  expect((await client.send(new GetReusableDelegationSetCommand({ Id }))).DelegationSet).toEqual(DelegationSet);
  expect(await client.send(new ListReusableDelegationSetsCommand({}))).toMatchObject({
    DelegationSets: [DelegationSet],
    IsTruncated: false,
    MaxItems: 100,
  });
  expect((await refusal(client.send(new CreateReusableDelegationSetCommand({ CallerReference })))).code).toBe(
    'DelegationSetAlreadyCreated',
  );

  const zone = await zoneCalled(client, 'set.example', { DelegationSetId: Id });
  await zoneCalled(client, 'other.example');
  expect((await client.send(new GetHostedZoneCommand({ Id: zone }))).DelegationSet).toEqual(DelegationSet);
  const listed = await client.send(new ListHostedZonesCommand({ DelegationSetId: Id }));
  expect(listed.HostedZones?.map((each) => each.Id)).toEqual([`/hostedzone/${zone}`]);
  const limit = { DelegationSetId: Id, Type: 'MAX_ZONES_BY_REUSABLE_DELEGATION_SET' as const };
  expect(await client.send(new GetReusableDelegationSetLimitCommand(limit))).toMatchObject({ Count: 1, Limit: { Value: 100 } });
  for (const Name of ['set.example', 'a.set.example']) {
    const again = new CreateHostedZoneCommand({ Name, CallerReference: reference(), DelegationSetId: Id });
    expect((await refusal(client.send(again))).code).toBe('ConflictingDomainExists');
  }
  expect((await refusal(client.send(new DeleteReusableDelegationSetCommand({ Id })))).code).toBe('DelegationSetInUse');
  await client.send(new DeleteHostedZoneCommand({ Id: zone }));
  await client.send(new DeleteReusableDelegationSetCommand({ Id }));
  const gone = { code: 'NoSuchDelegationSet', message: `No reusable delegation set found with ID: ${Id}` };
  expect(await refusal(client.send(new GetReusableDelegationSetCommand({ Id })))).toEqual(gone);
  expect(await refusal(client.send(new DeleteReusableDelegationSetCommand({ Id })))).toEqual(gone);
  expect(
    await refusal(client.send(new CreateHostedZoneCommand({ Name: 'x.example', CallerReference: reference(), DelegationSetId: Id }))),
  ).toEqual(gone);
});

test("a zone's own set becomes reusable once", async () => {
  const account = keiro.freshAccount();
  const client = keiro.client(Route53Client, { account });
  const HostedZoneId = await zoneCalled(client, 'promote.example');
  const { DelegationSet: own } = await client.send(new GetHostedZoneCommand({ Id: HostedZoneId }));
  const promote = (id: string) => client.send(new CreateReusableDelegationSetCommand({ CallerReference: reference(), HostedZoneId: id }));
  const { DelegationSet } = await promote(HostedZoneId);
  expect(DelegationSet?.NameServers).toEqual(own?.NameServers);
  expect((await client.send(new GetHostedZoneCommand({ Id: HostedZoneId }))).DelegationSet).toEqual(DelegationSet);
  expect((await refusal(promote(HostedZoneId))).code).toBe('DelegationSetAlreadyReusable');
  expect((await refusal(promote('Z0'))).code).toBe('HostedZoneNotFound');
  const internal = await zoneCalled(client, 'promote.internal', { VPC: await vpcOf(keiro, account) });
  expect((await refusal(promote(internal))).code).toBe('InvalidArgument');
});

test('sets have pages by id', async () => {
  const client = keiro.client(Route53Client);
  for (let count = 0; count < 3; count += 1) await client.send(new CreateReusableDelegationSetCommand({ CallerReference: reference() }));
  const first = await client.send(new ListReusableDelegationSetsCommand({ MaxItems: 2 }));
  expect(first).toMatchObject({ IsTruncated: true, MaxItems: 2 });
  const second = await client.send(new ListReusableDelegationSetsCommand({ MaxItems: 2, Marker: first.NextMarker }));
  const ids = [...(first.DelegationSets ?? []), ...(second.DelegationSets ?? [])].map(({ Id }) => Id);
  expect(new Set(ids).size).toBe(3);
  expect(second.IsTruncated).toBe(false);
});
