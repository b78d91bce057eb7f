/** Reachability Analyzer's verdicts through the SDK: the way of a packet that arrives, and for each that does not AWS's code with the very component. */
import {
  AllocateAddressCommand,
  AuthorizeSecurityGroupIngressCommand,
  CreateNatGatewayCommand,
  CreateNetworkAclEntryCommand,
  CreateNetworkInsightsPathCommand,
  type CreateNetworkInsightsPathCommandInput,
  CreateRouteCommand,
  CreateTagsCommand,
  DeleteNetworkAclEntryCommand,
  DescribeNetworkInsightsAnalysesCommand,
  EC2Client,
  type Explanation,
  ModifyNetworkInterfaceAttributeCommand,
  type NetworkInsightsAnalysis,
  type PathComponent,
  RevokeSecurityGroupEgressCommand,
  RevokeSecurityGroupIngressCommand,
  StartNetworkInsightsAnalysisCommand,
  type StartNetworkInsightsAnalysisCommandInput,
  StopInstancesCommand,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2';
import { describe, expect, test } from 'vitest';
import { givePublicAddress, type TraceNetwork, traceNetwork } from '#test/cli/trace-network.ts';
import { useKeiro } from '#test/sdk/keiro.ts';

const keiro = await useKeiro({ quotas: 'off', logLevel: 'error' });

interface World {
  readonly ec2: EC2Client;
  readonly account: string;
  readonly network: TraceNetwork;
  /** What an analysis of a new TCP path says. */
  ask(
    path: Partial<CreateNetworkInsightsPathCommandInput>,
    how?: Partial<StartNetworkInsightsAnalysisCommandInput>,
  ): Promise<NetworkInsightsAnalysis>;
}

async function world(): Promise<World> {
  const account = keiro.freshAccount();
  const ec2 = keiro.client(EC2Client, { account });
  const network = await traceNetwork(ec2);
  return {
    ...{ ec2, account, network },
    async ask(path, how) {
      const { NetworkInsightsPath } = await ec2.send(new CreateNetworkInsightsPathCommand({ Source: undefined, Protocol: 'tcp', ...path }));
      return analyse(ec2, NetworkInsightsPath?.NetworkInsightsPathId, how);
    },
  };
}

async function analyse(ec2: EC2Client, pathId: string | undefined, how: Partial<StartNetworkInsightsAnalysisCommandInput> = {}) {
  const { NetworkInsightsAnalysis } = await ec2.send(new StartNetworkInsightsAnalysisCommand({ NetworkInsightsPathId: pathId, ...how }));
  const ids = { NetworkInsightsAnalysisIds: [NetworkInsightsAnalysis?.NetworkInsightsAnalysisId ?? ''] };
  const look = async () => (await ec2.send(new DescribeNetworkInsightsAnalysesCommand(ids))).NetworkInsightsAnalyses?.[0] ?? {};
  await expect.poll(async () => (await look()).Status).toBe('succeeded');
  return look();
}

const way = (components: readonly PathComponent[] | undefined) => components?.map(({ Component }) => Component?.Id);
const only = ({ NetworkPathFound, Explanations }: NetworkInsightsAnalysis): Explanation => {
  expect([NetworkPathFound, Explanations?.length]).toEqual([false, 1]);
  return Explanations?.[0] ?? {};
};
const allocate = async (ec2: EC2Client) => (await ec2.send(new AllocateAddressCommand({}))).AllocationId;
const id = (Id: string) => expect.objectContaining({ Id });
const everything = [{ IpProtocol: '-1', IpRanges: [{ CidrIp: '0.0.0.0/0' }], Ipv6Ranges: [{ CidrIpv6: '::/0' }] }];

describe('a path that is there', () => {
  test('between instances, with every component there and back', async () => {
    const { ec2, account, network, ask } = await world();
    const { web, app, group, acl, publicTable, privateTable, vpc, publicSubnet } = network;
    await ec2.send(new CreateTagsCommand({ Resources: [web.eni], Tags: [{ Key: 'Name', Value: 'front' }] }));
    const found = await ask({ Source: web.id, Destination: app.id, DestinationPort: 443 });
    expect([found.NetworkPathFound, found.Explanations]).toEqual([true, []]);
    expect(way(found.ForwardPathComponents)).toEqual([web.id, web.eni, group, acl, publicTable, acl, group, app.eni, app.id]);
    expect(way(found.ReturnPathComponents)).toEqual([app.id, app.eni, group, acl, privateTable, acl, group, web.eni, web.id]);
    const [start, eni, out, aclOut, table, , , , end] = found.ForwardPathComponents ?? [];
    const packet = {
      SourceAddresses: ['10.0.0.10/32'],
      SourcePortRanges: [{ From: 49_152, To: 49_152 }],
      DestinationAddresses: ['10.0.1.10/32'],
      DestinationPortRanges: [{ From: 443, To: 443 }],
      Protocol: '6',
    };
    expect(start).toMatchObject({ SequenceNumber: 1, OutboundHeader: packet });
    expect(eni).toMatchObject({
      Component: { Id: web.eni, Arn: `arn:aws:ec2:eu-west-1:${account}:network-interface/${web.eni}`, Name: 'front' },
      AttachedTo: { Id: web.id },
      Subnet: { Id: publicSubnet },
      Vpc: { Id: vpc },
    });
    expect(out?.SecurityGroupRule).toEqual({ Cidr: '0.0.0.0/0', Direction: 'egress', Protocol: 'all' });
    expect(aclOut?.AclRule).toEqual({ Cidr: '0.0.0.0/0', Egress: true, Protocol: 'all', RuleAction: 'allow', RuleNumber: 100 });
    expect(table?.RouteTableRoute).toEqual({
      DestinationCidr: '10.0.0.0/16',
      GatewayId: 'local',
      Origin: 'createroutetable',
      State: 'active',
    });
    expect(end).toMatchObject({ SequenceNumber: 9, InboundHeader: packet });
  });

  test('from the internet, and out again', async () => {
    const { ec2, network, ask } = await world();
    const { web, group, acl, publicTable, igw } = network;
    const address = await givePublicAddress(ec2, web.eni);
    const found = await ask({ Source: igw, Destination: web.id, DestinationPort: 22, SourceIp: '203.0.113.9' });
    expect(found.NetworkPathFound).toBe(true);
    expect(way(found.ForwardPathComponents)).toEqual([igw, acl, group, web.eni, web.id]);
    expect(found.ForwardPathComponents?.[0]).toMatchObject({
      InboundHeader: { SourceAddresses: ['203.0.113.9/32'], DestinationAddresses: [`${address}/32`] },
      OutboundHeader: { DestinationAddresses: ['10.0.0.10/32'] },
    });
    expect(way(found.ReturnPathComponents)).toEqual([web.id, web.eni, group, acl, publicTable, igw]);
    expect(found.ReturnPathComponents?.at(-1)?.OutboundHeader).toMatchObject({
      SourceAddresses: [`${address}/32`],
      DestinationAddresses: ['203.0.113.9/32'],
    });
    for (const given of [{ DestinationIp: address }, { DestinationIp: '10.0.0.10' }, { FilterAtSource: { DestinationAddress: address } }])
      expect((await ask({ Source: igw, Destination: web.eni, ...given })).NetworkPathFound).toBe(true);
    const out = await ask({ Source: web.eni, Destination: igw });
    expect([out.NetworkPathFound, way(out.ForwardPathComponents)]).toEqual([true, [web.eni, group, acl, publicTable, igw]]);
    const toAddress = await ask({
      Source: web.eni,
      Protocol: 'udp',
      FilterAtSource: { DestinationAddress: '192.0.2.1', DestinationPortRange: { FromPort: 53 } },
    });
    expect([toAddress.NetworkPathFound, way(toAddress.ForwardPathComponents)?.at(-1)]).toEqual([true, igw]);
    const fromOutside = await ask({ Source: igw, FilterAtSource: { DestinationAddress: address } });
    expect([fromOutside.NetworkPathFound, way(fromOutside.ForwardPathComponents)?.at(-1)]).toEqual([true, web.eni]);
  });

  test('through a NAT gateway, which may be asked for or ruled out', async () => {
    const { ec2, account, network, ask } = await world();
    const { NatGateway } = await ec2.send(
      new CreateNatGatewayCommand({ SubnetId: network.publicSubnet, AllocationId: await allocate(ec2) }),
    );
    const nat = NatGateway?.NatGatewayId ?? '';
    await ec2.send(new CreateRouteCommand({ RouteTableId: network.privateTable, DestinationCidrBlock: '0.0.0.0/0', NatGatewayId: nat }));
    const path = { Source: network.app.eni, Destination: network.igw };
    const found = await ask(path);
    expect([found.NetworkPathFound, way(found.ForwardPathComponents)]).toEqual([true, expect.arrayContaining([nat, network.igw])]);
    const arn = `arn:aws:ec2:eu-west-1:${account}:natgateway/${nat}`;
    expect((await ask(path, { FilterInArns: [arn] })).NetworkPathFound).toBe(true);
    expect(only(await ask(path, { FilterOutArns: [arn] }))).toEqual({
      ExplanationCode: 'COMPONENT_FILTER_RESTRICTION_REMOVED_COMPONENT',
      Component: { Id: nat, Arn: arn },
    });
    expect(only(await ask({ Source: network.web.eni, Destination: network.app.eni }, { FilterInArns: [arn] }))).toMatchObject({
      ExplanationCode: 'COMPONENT_FILTER_RESTRICTION',
      Component: { Id: nat },
    });
  });

  test('is found where only some ports and addresses pass', async () => {
    const { ec2, network, ask } = await world();
    const { web, igw, group, acl: NetworkAclId } = network;
    await givePublicAddress(ec2, web.eni);
    await ec2.send(new RevokeSecurityGroupIngressCommand({ GroupId: group, IpPermissions: everything }));
    const IpPermissions = [{ IpProtocol: 'tcp', FromPort: 8443, ToPort: 8450, IpRanges: [{ CidrIp: '203.0.113.7/32' }] }];
    await ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId: group, IpPermissions }));
    const found = await ask({ Source: igw, Destination: web.eni });
    expect(found.NetworkPathFound).toBe(true);
    expect(found.ForwardPathComponents?.[0]?.InboundHeader).toMatchObject({
      SourceAddresses: ['203.0.113.7/32'],
      DestinationPortRanges: [{ From: 8443, To: 8443 }],
    });
    const range = (FromPort: number, ToPort: number) => ({ FilterAtSource: { DestinationPortRange: { FromPort, ToPort } } });
    expect((await ask({ Source: igw, Destination: web.eni, ...range(8450, 9000) })).NetworkPathFound).toBe(true);
    expect((await ask({ Source: igw, Destination: web.eni, ...range(8451, 9000) })).NetworkPathFound).toBe(false);
    // Answers to low ports only.
    const deny = { NetworkAclId, Egress: true, Protocol: '6', CidrBlock: '0.0.0.0/0' } as const;
    await ec2.send(
      new CreateNetworkAclEntryCommand({ ...deny, RuleNumber: 10, RuleAction: 'deny', PortRange: { From: 1000, To: 65_535 } }),
    );
    const low = await ask({ Source: igw, Destination: web.eni });
    expect(low.NetworkPathFound).toBe(true);
    expect(low.ForwardPathComponents?.[0]?.InboundHeader?.SourcePortRanges).toEqual([{ From: 0, To: 0 }]);
    const SourcePortRange = { FromPort: 1000, ToPort: 2000 };
    expect(only(await ask({ Source: igw, Destination: web.eni, FilterAtSource: { SourcePortRange } }))).toMatchObject({
      ExplanationCode: 'SUBNET_ACL_RESTRICTION',
      Direction: 'egress',
    });
  });
});

describe('a path that is not there', () => {
  test('for the lack of a route, of a public address', async () => {
    const { network, ask } = await world();
    const { web, app, igw, vpc, privateTable } = network;
    const noRoute = await ask({ Source: app.id, Destination: igw });
    expect(only(noRoute)).toEqual({
      ExplanationCode: 'NO_ROUTE_TO_DESTINATION',
      Destination: id(igw),
      RouteTable: id(privateTable),
      Vpc: id(vpc),
    });
    expect(way(noRoute.ForwardPathComponents)?.at(-1)).toBe(privateTable);
    expect(noRoute.ForwardPathComponents?.at(-1)?.Explanations).toEqual(noRoute.Explanations);
    expect(only(await ask({ Source: web.id, Destination: igw }))).toEqual({
      ExplanationCode: 'IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS',
      InternetGateway: id(igw),
      Vpc: id(vpc),
    });
    expect(only(await ask({ Source: igw, Destination: web.id }))).toMatchObject({
      ExplanationCode: 'IGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS',
    });
    expect(only(await ask({ Source: web.id, Destination: igw, DestinationIp: '10.9.9.9' }))).toMatchObject({
      ExplanationCode: 'IGW_EXPECTS_PUBLIC_ADDRESS',
    });
  });

  test('by a group, out or in', async () => {
    const { ec2, network, ask } = await world();
    const { web, app, group, vpc, publicSubnet, privateSubnet } = network;
    const path = { Source: web.id, Destination: app.id, DestinationPort: 5432 };
    await ec2.send(new RevokeSecurityGroupIngressCommand({ GroupId: group, IpPermissions: everything }));
    const mismatch = { ExplanationCode: 'ENI_SG_RULES_MISMATCH', SecurityGroups: [id(group)], Vpc: id(vpc) };
    expect(only(await ask(path))).toEqual({ ...mismatch, Direction: 'ingress', NetworkInterface: id(app.eni), Subnet: id(privateSubnet) });
    await ec2.send(new RevokeSecurityGroupEgressCommand({ GroupId: group, IpPermissions: everything }));
    expect(only(await ask(path))).toEqual({ ...mismatch, Direction: 'egress', NetworkInterface: id(web.eni), Subnet: id(publicSubnet) });
  });

  test('by an ACL, out, in or on the answer', async () => {
    const { ec2, network, ask } = await world();
    const { web, app, acl: NetworkAclId, vpc, publicSubnet, privateSubnet } = network;
    const path = { Source: web.id, Destination: app.id, DestinationPort: 443 };
    const entry = { NetworkAclId, RuleAction: 'deny', Protocol: '6', PortRange: { From: 443, To: 443 }, CidrBlock: '10.0.0.0/16' } as const;
    const AclRule = { Cidr: '10.0.0.0/16', Protocol: 'tcp', PortRange: { From: 443, To: 443 }, RuleAction: 'deny', RuleNumber: 90 };
    const restriction = { ExplanationCode: 'SUBNET_ACL_RESTRICTION', Acl: id(NetworkAclId), Vpc: id(vpc) };
    await ec2.send(new CreateNetworkAclEntryCommand({ ...entry, Egress: true, RuleNumber: 90 }));
    const outward = await ask(path);
    expect(only(outward)).toEqual({ ...restriction, Direction: 'egress', Subnet: id(publicSubnet), AclRule: { ...AclRule, Egress: true } });
    expect(way(outward.ForwardPathComponents)?.at(-1)).toBe(NetworkAclId);
    await ec2.send(new DeleteNetworkAclEntryCommand({ NetworkAclId, Egress: true, RuleNumber: 90 }));

    await ec2.send(new CreateNetworkAclEntryCommand({ ...entry, Egress: false, RuleNumber: 90 }));
    expect(only(await ask(path))).toEqual({
      ...restriction,
      Direction: 'ingress',
      Subnet: id(privateSubnet),
      AclRule: { ...AclRule, Egress: false },
    });
    await ec2.send(new DeleteNetworkAclEntryCommand({ NetworkAclId, Egress: false, RuleNumber: 90 }));

    await ec2.send(new CreateNetworkAclEntryCommand({ ...entry, RuleAction: 'allow', Egress: true, RuleNumber: 50 }));
    await ec2.send(new DeleteNetworkAclEntryCommand({ NetworkAclId, Egress: true, RuleNumber: 100 }));
    const SourcePortRange = { FromPort: 1024, ToPort: 65_535 };
    const DestinationPortRange = { FromPort: 443, ToPort: 443 };
    const answer = await ask({ Source: web.id, Destination: app.id, FilterAtSource: { SourcePortRange, DestinationPortRange } });
    expect(only(answer)).toEqual({
      ...restriction,
      Direction: 'egress',
      Subnet: id(privateSubnet),
      AclRule: { Cidr: '0.0.0.0/0', Protocol: 'all', RuleAction: 'deny', RuleNumber: 32_767, Egress: true },
    });
    expect([way(answer.ForwardPathComponents)?.at(-1), way(answer.ReturnPathComponents)?.at(-1)]).toEqual([app.id, NetworkAclId]);
  });

  test('by a source/destination check, an appliance, a blackhole, a stopped instance', async () => {
    const { ec2, network, ask } = await world();
    const { web, app, igw, privateTable } = network;
    const path = { Source: app.id, Destination: igw };
    const route = { RouteTableId: privateTable, DestinationCidrBlock: '0.0.0.0/0', NetworkInterfaceId: web.eni };
    await ec2.send(new CreateRouteCommand(route));
    expect(only(await ask(path))).toMatchObject({
      ExplanationCode: 'ENI_SOURCE_DEST_CHECK_RESTRICTION',
      NetworkInterface: { Id: web.eni },
    });
    expect(only(await ask({ Source: app.id, Destination: web.id, SourceIp: '10.0.9.9' }))).toMatchObject({
      ExplanationCode: 'ENI_SOURCE_DEST_CHECK_RESTRICTION',
      NetworkInterface: { Id: app.eni },
    });
    await ec2.send(new ModifyNetworkInterfaceAttributeCommand({ NetworkInterfaceId: web.eni, SourceDestCheck: { Value: false } }));
    expect(only(await ask(path))).toMatchObject({ ExplanationCode: 'UNKNOWN_DESTINATION', Component: { Id: web.eni } });
    await ec2.send(new StopInstancesCommand({ InstanceIds: [web.id] }));
    expect(only(await ask(path))).toMatchObject({
      ExplanationCode: 'BAD_STATE_ROUTE',
      RouteTable: { Id: privateTable },
      RouteTableRoute: {
        DestinationCidr: '0.0.0.0/0',
        NetworkInterfaceId: web.eni,
        InstanceId: web.id,
        Origin: 'createroute',
        State: 'blackhole',
      },
    });
    expect(only(await ask({ Source: web.id, Destination: app.id }))).toMatchObject({
      ExplanationCode: 'BAD_STATE',
      Component: { Id: web.eni },
    });
  });

  test('back by a NAT gateway, or to its address', async () => {
    const { ec2, network, ask } = await world();
    const { app, igw, privateTable } = network;
    const { NatGateway } = await ec2.send(
      new CreateNatGatewayCommand({ SubnetId: network.publicSubnet, AllocationId: await allocate(ec2) }),
    );
    const nat = NatGateway?.NatGatewayId ?? '';
    await ec2.send(new CreateRouteCommand({ RouteTableId: privateTable, DestinationCidrBlock: '0.0.0.0/0', NatGatewayId: nat }));
    await givePublicAddress(ec2, app.eni);
    expect(only(await ask({ Source: igw, Destination: app.eni }))).toMatchObject({
      ExplanationCode: 'NGW_SOURCE_ADDRESS_REASSIGN',
      NatGateway: { Id: nat },
    });
    const { NatGatewayAddresses } = NatGateway ?? {};
    const eni = NatGatewayAddresses?.[0]?.NetworkInterfaceId;
    expect(only(await ask({ Source: igw, Destination: eni }))).toMatchObject({
      ExplanationCode: 'NGW_REQUIRES_SOURCE_IN_VPC',
      NatGateway: { Id: nat },
    });
  });

  test('between VPCs, to nobody, past what the filters say, from what is gone', async () => {
    const { ec2, network, ask } = await world();
    const { web, app, igw, vpc } = network;
    const other = await traceNetwork(ec2);
    expect(only(await ask({ Source: web.id, Destination: other.web.eni }))).toEqual({
      ExplanationCode: 'DISCONNECTED_VPCS',
      SourceVpc: id(vpc),
      DestinationVpc: id(other.vpc),
    });
    expect(only(await ask({ Source: web.id, Destination: other.igw }))).toMatchObject({ ExplanationCode: 'DISCONNECTED_VPCS' });
    expect(only(await ask({ Source: igw, Destination: other.igw }))).toMatchObject({ ExplanationCode: 'NO_PATH' });
    expect(only(await ask({ Source: web.id, FilterAtSource: { DestinationAddress: '10.0.1.99' } }))).toMatchObject({
      ExplanationCode: 'NO_POSSIBLE_DESTINATION',
      Address: '10.0.1.99/32',
      Vpc: { Id: vpc },
    });
    const toApp = { Source: web.id, Destination: app.id };
    const port = (FromPort: number) => ({ DestinationPortRange: { FromPort } });
    for (const [filters, code] of [
      [{ FilterAtDestination: { DestinationAddress: '10.0.1.11' } }, 'FILTER_AT_DESTINATION_DESTINATION_ADDRESS'],
      [{ FilterAtDestination: { SourceAddress: '10.0.0.11' } }, 'FILTER_AT_DESTINATION_SOURCE_ADDRESS'],
      [{ FilterAtSource: { DestinationAddress: '10.0.0.10' } }, 'FILTER_AT_SOURCE_DESTINATION_ADDRESS'],
      [{ FilterAtSource: port(80), FilterAtDestination: port(81) }, 'FILTER_AT_DESTINATION_DESTINATION_PORT_RANGE'],
      [
        { FilterAtSource: { SourcePortRange: { FromPort: 1 } }, FilterAtDestination: { SourcePortRange: { FromPort: 2 } } },
        'FILTER_AT_DESTINATION_SOURCE_PORT_RANGE',
      ],
    ] as const)
      expect([filters, only(await ask({ ...toApp, ...filters })).ExplanationCode]).toEqual([filters, code]);
    expect(
      (await ask({ ...toApp, FilterAtSource: port(80), FilterAtDestination: { ...port(80), DestinationAddress: '10.0.1.10' } }))
        .NetworkPathFound,
    ).toBe(true);

    const { NetworkInsightsPath } = await ec2.send(new CreateNetworkInsightsPathCommand({ ...toApp, Protocol: 'tcp' }));
    await ec2.send(new TerminateInstancesCommand({ InstanceIds: [app.id] }));
    const gone = await analyse(ec2, NetworkInsightsPath?.NetworkInsightsPathId);
    expect(only(gone)).toMatchObject({ ExplanationCode: 'NO_SOURCE_OR_DESTINATION', Destination: { Id: app.id } });
  });
});
