import {
  AssociateVpcCidrBlockCommand,
  CreateNetworkAclCommand,
  CreateNetworkAclEntryCommand,
  CreateSubnetCommand,
  CreateVpcCommand,
  DeleteNetworkAclCommand,
  DeleteNetworkAclEntryCommand,
  DeleteSubnetCommand,
  DeleteVpcCommand,
  DescribeNetworkAclsCommand,
  EC2Client,
  type NetworkAcl,
  paginateDescribeNetworkAcls,
  ReplaceNetworkAclAssociationCommand,
} from '@aws-sdk/client-ec2';
import { describe, expect, test } from 'vitest';
import { refusal, useKeiro } from '#test/sdk/keiro.ts';

const keiro = await useKeiro();

async function createVpc(ec2: EC2Client, ipv6 = false): Promise<string> {
  const { Vpc } = await ec2.send(new CreateVpcCommand({ CidrBlock: '10.0.0.0/16', AmazonProvidedIpv6CidrBlock: ipv6 }));
  return Vpc?.VpcId ?? '';
}

async function createSubnet(ec2: EC2Client, VpcId: string, CidrBlock: string): Promise<string> {
  const { Subnet } = await ec2.send(new CreateSubnetCommand({ VpcId, CidrBlock }));
  return Subnet?.SubnetId ?? '';
}

async function createAcl(ec2: EC2Client, VpcId: string): Promise<string> {
  const { NetworkAcl } = await ec2.send(new CreateNetworkAclCommand({ VpcId }));
  return NetworkAcl?.NetworkAclId ?? '';
}

async function found(ec2: EC2Client, Name: string, ...Values: string[]): Promise<NetworkAcl[]> {
  const { NetworkAcls } = await ec2.send(new DescribeNetworkAclsCommand({ Filters: [{ Name, Values }] }));
  return NetworkAcls ?? [];
}

async function defaultAcl(ec2: EC2Client, vpcId: string): Promise<NetworkAcl | undefined> {
  return (await found(ec2, 'vpc-id', vpcId)).find((acl) => acl.IsDefault);
}

const everything = { Protocol: '-1', RuleAction: 'allow', CidrBlock: '0.0.0.0/0' } as const;
const lastDeny = { RuleNumber: 32_767, Protocol: '-1', RuleAction: 'deny', CidrBlock: '0.0.0.0/0' } as const;
const ipv6Everything = { RuleNumber: 101, Protocol: '-1', RuleAction: 'allow', Ipv6CidrBlock: '::/0' } as const;
const ipv6LastDeny = { RuleNumber: 32_768, Protocol: '-1', RuleAction: 'deny', Ipv6CidrBlock: '::/0' } as const;

const both = (entries: readonly object[]) => [true, false].flatMap((Egress) => entries.map((entry) => ({ ...entry, Egress })));

describe('network ACLs', () => {
  test('are made empty but for the last deny, and deleted', async () => {
    const account = keiro.freshAccount();
    const ec2 = keiro.client(EC2Client, { account });
    const vpcId = await createVpc(ec2);
    const { NetworkAcl } = await ec2.send(
      new CreateNetworkAclCommand({
        VpcId: vpcId,
        TagSpecifications: [{ ResourceType: 'network-acl', Tags: [{ Key: 'Name', Value: 'edge' }] }],
      }),
    );
    expect(NetworkAcl?.NetworkAclId).toMatch(/^acl-0[0-9a-f]{16}$/);
    expect(NetworkAcl).toEqual({
      NetworkAclId: NetworkAcl?.NetworkAclId,
      VpcId: vpcId,
      OwnerId: account,
      IsDefault: false,
      Associations: [],
      Entries: both([lastDeny]),
      Tags: [{ Key: 'Name', Value: 'edge' }],
    });
    const id = NetworkAcl?.NetworkAclId ?? '';
    expect(await found(ec2, 'tag:Name', 'edge')).toEqual([NetworkAcl]);
    await ec2.send(new DeleteNetworkAclCommand({ NetworkAclId: id }));
    expect(await refusal(ec2.send(new DescribeNetworkAclsCommand({ NetworkAclIds: [id] })))).toEqual({
      code: 'InvalidNetworkAclID.NotFound',
      message: `The networkAcl ID '${id}' does not exist`,
    });
  });

  test('answer the same to the same client token', async () => {
    const ec2 = keiro.client(EC2Client);
    const VpcId = await createVpc(ec2);
    const first = await ec2.send(new CreateNetworkAclCommand({ VpcId, ClientToken: 'once' }));
    const second = await ec2.send(new CreateNetworkAclCommand({ VpcId, ClientToken: 'once' }));
    expect(first.ClientToken).toBe('once');
    expect(second.NetworkAcl).toEqual(first.NetworkAcl);
    expect(await found(ec2, 'vpc-id', VpcId)).toHaveLength(2);
  });

  test('of a VPC by default let all pass, and have every new subnet', async () => {
    const ec2 = keiro.client(EC2Client);
    const vpcId = await createVpc(ec2);
    const subnets = [await createSubnet(ec2, vpcId, '10.0.0.0/24'), await createSubnet(ec2, vpcId, '10.0.1.0/24')];
    const acl = await defaultAcl(ec2, vpcId);
    expect(acl?.Entries).toEqual(both([{ RuleNumber: 100, ...everything }, lastDeny]));
    expect(acl?.Associations).toEqual(
      subnets.map((SubnetId) => ({
        NetworkAclAssociationId: expect.stringMatching(/^aclassoc-0[0-9a-f]{16}$/),
        NetworkAclId: acl?.NetworkAclId,
        SubnetId,
      })),
    );
    expect(await refusal(ec2.send(new DeleteNetworkAclCommand({ NetworkAclId: acl?.NetworkAclId })))).toEqual({
      code: 'InvalidParameterValue',
      message: `cannot delete default network ACL ${acl?.NetworkAclId}`,
    });
    await ec2.send(new DeleteSubnetCommand({ SubnetId: subnets[0] }));
    expect(await defaultAcl(ec2, vpcId)).toMatchObject({ Associations: [{ SubnetId: subnets[1] }] });
    await ec2.send(new DeleteSubnetCommand({ SubnetId: subnets[1] }));
    await ec2.send(new DeleteVpcCommand({ VpcId: vpcId }));
    expect(await found(ec2, 'vpc-id', vpcId)).toEqual([]);
  });

  test('let IPv6 pass in a VPC that is made with an IPv6 block', async () => {
    const ec2 = keiro.client(EC2Client);
    const acl = await defaultAcl(ec2, await createVpc(ec2, true));
    expect(acl?.Entries).toEqual(both([{ RuleNumber: 100, ...everything }, ipv6Everything, lastDeny, ipv6LastDeny]));
  });

  test('let IPv6 pass when an IPv6 block comes later, in the directions that no one has touched', async () => {
    const ec2 = keiro.client(EC2Client);
    const vpcId = await createVpc(ec2);
    const id = (await defaultAcl(ec2, vpcId))?.NetworkAclId;
    await ec2.send(new DeleteNetworkAclEntryCommand({ NetworkAclId: id, RuleNumber: 100, Egress: false }));
    await ec2.send(new AssociateVpcCidrBlockCommand({ VpcId: vpcId, AmazonProvidedIpv6CidrBlock: true }));
    const outbound = [{ RuleNumber: 100, ...everything }, ipv6Everything, lastDeny, ipv6LastDeny];
    expect((await defaultAcl(ec2, vpcId))?.Entries).toEqual([
      ...outbound.map((entry) => ({ ...entry, Egress: true })),
      ...[lastDeny, ipv6LastDeny].map((entry) => ({ ...entry, Egress: false })),
    ]);
  });

  test('are put on subnets in the place of others', async () => {
    const ec2 = keiro.client(EC2Client);
    const vpcId = await createVpc(ec2);
    const subnetId = await createSubnet(ec2, vpcId, '10.0.0.0/24');
    const acl = await createAcl(ec2, vpcId);
    const before = await defaultAcl(ec2, vpcId);
    const AssociationId = before?.Associations?.[0]?.NetworkAclAssociationId;
    const { NewAssociationId } = await ec2.send(new ReplaceNetworkAclAssociationCommand({ AssociationId, NetworkAclId: acl }));
    expect(NewAssociationId).not.toBe(AssociationId);
    expect(await found(ec2, 'association.subnet-id', subnetId)).toMatchObject([
      { NetworkAclId: acl, Associations: [{ NetworkAclAssociationId: NewAssociationId, SubnetId: subnetId }] },
    ]);
    expect(await defaultAcl(ec2, vpcId)).toMatchObject({ Associations: [] });
    const again = await ec2.send(new ReplaceNetworkAclAssociationCommand({ AssociationId: NewAssociationId, NetworkAclId: acl }));
    expect(again.NewAssociationId).toBe(NewAssociationId);

    expect(await refusal(ec2.send(new DeleteNetworkAclCommand({ NetworkAclId: acl })))).toEqual({
      code: 'DependencyViolation',
      message: `The networkAcl '${acl}' has dependencies and cannot be deleted.`,
    });
    expect(await refusal(ec2.send(new ReplaceNetworkAclAssociationCommand({ AssociationId, NetworkAclId: acl })))).toEqual({
      code: 'InvalidAssociationID.NotFound',
      message: `The association ID '${AssociationId}' does not exist`,
    });
    const elsewhere = await createAcl(ec2, await createVpc(ec2));
    const across = { AssociationId: NewAssociationId, NetworkAclId: elsewhere };
    expect(await refusal(ec2.send(new ReplaceNetworkAclAssociationCommand(across)))).toEqual({
      code: 'InvalidParameterValue',
      message: `networkAcl ${elsewhere} and subnet ${subnetId} belong to different networks`,
    });
  });

  test('are filtered by what they are, their subnets and their entries', async () => {
    const account = keiro.freshAccount();
    const ec2 = keiro.client(EC2Client, { account });
    const vpcId = await createVpc(ec2, true);
    const subnetId = await createSubnet(ec2, vpcId, '10.0.0.0/24');
    const acl = await createAcl(ec2, vpcId);
    const rule = { NetworkAclId: acl, RuleAction: 'allow', Egress: false } as const;
    await ec2.send(
      new CreateNetworkAclEntryCommand({
        ...rule,
        RuleNumber: 7,
        Protocol: '6',
        CidrBlock: '192.0.2.0/24',
        PortRange: { From: 80, To: 81 },
      }),
    );
    await ec2.send(
      new CreateNetworkAclEntryCommand({
        ...rule,
        RuleNumber: 8,
        Protocol: '58',
        Ipv6CidrBlock: '2001:db8::/32',
        IcmpTypeCode: { Type: 128, Code: 3 },
      }),
    );
    const association = (await found(ec2, 'association.subnet-id', subnetId))[0]?.Associations?.find((one) => one.SubnetId === subnetId);
    const ids = async (name: string, ...values: string[]) => (await found(ec2, name, ...values)).map((one) => one.NetworkAclId);
    const home = association?.NetworkAclId ?? '';
    expect(await ids('association.association-id', association?.NetworkAclAssociationId ?? '')).toEqual([home]);
    expect(await ids('association.network-acl-id', home)).toEqual([home]);
    expect(await ids('association.subnet-id', 'subnet-0123456789abcdef0')).toEqual([]);
    expect(await ids('network-acl-id', acl)).toEqual([acl]);
    expect(await ids('default', 'true')).toHaveLength(2);
    expect(await ids('default', 'false')).toEqual([acl]);
    expect(await ids('owner-id', account)).toHaveLength(3);
    for (const [name, value] of [
      ['cidr', '192.0.2.0/24'],
      ['ipv6-cidr', '2001:db8::/32'],
      ['port-range.from', '80'],
      ['port-range.to', '81'],
      ['protocol', 'tcp'],
      ['protocol', '58'],
      ['icmp.type', '128'],
      ['icmp.code', '3'],
      ['rule-number', '7'],
    ] as const) {
      expect(await ids(`entry.${name}`, value)).toEqual([acl]);
    }
    expect(await ids('entry.rule-number', '100')).toHaveLength(2);
    expect(await ids('entry.rule-action', 'deny')).toHaveLength(3);
    expect(await ids('entry.egress', 'true')).toHaveLength(3);
    expect(await refusal(found(ec2, 'entry.port', '80'))).toEqual({
      code: 'InvalidParameterValue',
      message: "The filter 'entry.port' is invalid",
    });
  });

  test('are described page by page', async () => {
    const ec2 = keiro.client(EC2Client);
    const vpcId = await createVpc(ec2);
    for (let count = 0; count < 6; count++) await createAcl(ec2, vpcId);
    const sizes: (number | undefined)[] = [];
    const asked = { Filters: [{ Name: 'vpc-id', Values: [vpcId] }] };
    for await (const page of paginateDescribeNetworkAcls({ client: ec2, pageSize: 5 }, asked)) sizes.push(page.NetworkAcls?.length);
    expect(sizes).toEqual([5, 2]);
  });

  test('are refused with a malformed or unknown id', async () => {
    const ec2 = keiro.client(EC2Client);
    const deleting = (NetworkAclId: string) => refusal(ec2.send(new DeleteNetworkAclCommand({ NetworkAclId })));
    expect(await deleting('acl-0123456789abcdef0')).toEqual({
      code: 'InvalidNetworkAclID.NotFound',
      message: "The networkAcl ID 'acl-0123456789abcdef0' does not exist",
    });
    expect(await deleting('edge')).toEqual({ code: 'InvalidNetworkAclId.Malformed', message: 'Invalid id: "edge" (expecting "acl-...")' });
  });

  test('are at most 200 in a VPC', async () => {
    const ec2 = keiro.client(EC2Client);
    const vpcId = await createVpc(ec2);
    for (let count = 1; count < 200; count++) await createAcl(ec2, vpcId);
    expect(await refusal(createAcl(ec2, vpcId))).toEqual({
      code: 'NetworkAclLimitExceeded',
      message: 'The maximum number of network acls has been reached.',
    });
  });
});
