import {
  AssociateVPCWithHostedZoneCommand,
  CreateVPCAssociationAuthorizationCommand,
  DeleteVPCAssociationAuthorizationCommand,
  DisassociateVPCFromHostedZoneCommand,
  GetHostedZoneCommand,
  ListHostedZonesByVPCCommand,
  ListVPCAssociationAuthorizationsCommand,
  Route53Client,
} from '@aws-sdk/client-route-53';
import { expect, test } from 'vitest';
import { hostedZoneOf } from '#services/route53/public.ts';
import { vpcOf, zoneCalled } from '#test/sdk/route53.ts';
import { refusal, useKeiro } from '#test/sdk/keiro.ts';

const keiro = await useKeiro({ logLevel: 'error' });

test('VPCs come to a private zone and go, but for the last', async () => {
  const account = keiro.freshAccount();
  const client = keiro.client(Route53Client, { account });
  const [first, second] = [await vpcOf(keiro, account), await vpcOf(keiro, account, 'us-east-1')];
  const HostedZoneId = await zoneCalled(client, 'corp.internal', { VPC: first });
  const { ChangeInfo } = await client.send(new AssociateVPCWithHostedZoneCommand({ HostedZoneId, VPC: second, Comment: 'more' }));
  expect(ChangeInfo).toMatchObject({ Status: 'PENDING', Comment: 'more' });
  expect((await client.send(new GetHostedZoneCommand({ Id: HostedZoneId }))).VPCs).toEqual([first, second]);
  const told = hostedZoneOf(keiro.store.reader({ account, region: 'global' }), HostedZoneId);
  expect(told).toMatchObject({ name: 'corp.internal', isPrivate: true, networkIds: [first.VPCId, second.VPCId] });
  expect(await refusal(client.send(new AssociateVPCWithHostedZoneCommand({ HostedZoneId, VPC: second })))).toEqual({
    code: 'ConflictingDomainExists',
    message: `The VPC ${second.VPCId} in region us-east-1 has already been associated with the hosted zone ${HostedZoneId} with the same domain name.`,
  });
  await client.send(new DisassociateVPCFromHostedZoneCommand({ HostedZoneId, VPC: first }));
  expect(await refusal(client.send(new DisassociateVPCFromHostedZoneCommand({ HostedZoneId, VPC: first })))).toEqual({
    code: 'VPCAssociationNotFound',
    message: `The VPC: ${first.VPCId} is not associated with hosted zone: ${HostedZoneId}`,
  });
  expect(await refusal(client.send(new DisassociateVPCFromHostedZoneCommand({ HostedZoneId, VPC: second })))).toEqual({
    code: 'LastVPCAssociation',
    message: 'Cannot remove last VPC association for the private zone',
  });
});

test('a VPC is refused to a public zone, and one that is not there to any', async () => {
  const account = keiro.freshAccount();
  const client = keiro.client(Route53Client, { account });
  const VPC = await vpcOf(keiro, account);
  const HostedZoneId = await zoneCalled(client, 'vpcs.example');
  expect((await refusal(client.send(new AssociateVPCWithHostedZoneCommand({ HostedZoneId, VPC })))).code).toBe('PublicZoneVPCAssociation');
  expect((await refusal(client.send(new CreateVPCAssociationAuthorizationCommand({ HostedZoneId, VPC })))).code).toBe(
    'HostedZoneNotPrivate',
  );
  const own = await zoneCalled(client, 'own.internal', { VPC });
  const unknown = { ...VPC, VPCId: 'vpc-00000000000000000' };
  expect((await refusal(client.send(new AssociateVPCWithHostedZoneCommand({ HostedZoneId: own, VPC: unknown })))).code).toBe(
    'InvalidVPCId',
  );
  expect((await refusal(client.send(new AssociateVPCWithHostedZoneCommand({ HostedZoneId: 'Z0', VPC })))).code).toBe('NoSuchHostedZone');
});

test("another account's VPC needs the zone's word, and its own account's call", async () => {
  const [owner, guest] = [keiro.freshAccount(), keiro.freshAccount()];
  const [zones, vpcs] = [keiro.client(Route53Client, { account: owner }), keiro.client(Route53Client, { account: guest })];
  const HostedZoneId = await zoneCalled(zones, 'shared.internal', { VPC: await vpcOf(keiro, owner) });
  const VPC = await vpcOf(keiro, guest);
  const associate = new AssociateVPCWithHostedZoneCommand({ HostedZoneId, VPC });
  const refused = {
    code: 'NotAuthorizedException',
    message: `The VPC: ${VPC.VPCId} has not authorized to associate with your hosted zone.`,
  };
  expect(await refusal(vpcs.send(associate))).toEqual(refused);
  const authorization = { HostedZoneId, VPC };
  expect(await zones.send(new CreateVPCAssociationAuthorizationCommand(authorization))).toMatchObject(authorization);
  expect(await zones.send(new ListVPCAssociationAuthorizationsCommand({ HostedZoneId }))).toMatchObject({ HostedZoneId, VPCs: [VPC] });
  expect(await refusal(zones.send(associate))).toEqual(refused);
  await vpcs.send(associate);
  await zones.send(new DeleteVPCAssociationAuthorizationCommand(authorization));
  expect((await refusal(zones.send(new DeleteVPCAssociationAuthorizationCommand(authorization)))).code).toBe(
    'VPCAssociationAuthorizationNotFound',
  );
  expect((await zones.send(new ListVPCAssociationAuthorizationsCommand({ HostedZoneId }))).VPCs).toEqual([]);

  const mine = await zoneCalled(vpcs, 'mine.internal', { VPC });
  const list = (input: object = {}) => vpcs.send(new ListHostedZonesByVPCCommand({ ...VPC, ...input }));
  const expected = [
    { HostedZoneId, Name: 'shared.internal.', Owner: { OwningAccount: owner } },
    { HostedZoneId: mine, Name: 'mine.internal.', Owner: { OwningAccount: guest } },
  ].toSorted((a, b) => (a.HostedZoneId < b.HostedZoneId ? -1 : 1));
  expect((await list()).HostedZoneSummaries).toEqual(expected);
  const { NextToken, HostedZoneSummaries } = await list({ MaxItems: 1 });
  expect(HostedZoneSummaries).toEqual(expected.slice(0, 1));
  expect(await list({ MaxItems: 1, NextToken })).toMatchObject({ HostedZoneSummaries: expected.slice(1), MaxItems: 1 });
  expect((await refusal(list({ NextToken: 'x' }))).code).toBe('InvalidPaginationToken');

  await vpcs.send(new DisassociateVPCFromHostedZoneCommand(authorization));
  expect((await list()).HostedZoneSummaries).toHaveLength(1);
});

test('authorizations have pages', async () => {
  const account = keiro.freshAccount();
  const client = keiro.client(Route53Client, { account });
  const HostedZoneId = await zoneCalled(client, 'pages.internal', { VPC: await vpcOf(keiro, account) });
  const others = [];
  for (let count = 0; count < 3; count += 1) {
    const VPC = await vpcOf(keiro, keiro.freshAccount());
    await client.send(new CreateVPCAssociationAuthorizationCommand({ HostedZoneId, VPC }));
    others.push(VPC);
  }
  const first = await client.send(new ListVPCAssociationAuthorizationsCommand({ HostedZoneId, MaxResults: 2 }));
  expect(first.VPCs).toEqual(others.slice(0, 2));
  const second = await client.send(
    new ListVPCAssociationAuthorizationsCommand({ HostedZoneId, MaxResults: 2, NextToken: first.NextToken }),
  );
  expect(second.VPCs).toEqual(others.slice(2));
  expect(second.NextToken).toBeUndefined();
});
