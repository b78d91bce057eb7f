/** What a change costs the topology that follows the records of a Region with 10,000 interfaces, how long it takes to build, and what it weighs; prints JSON. */
import { performance } from 'node:perf_hooks';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { followTopology } from '#reconcile/topology.ts';
import { ec2World, home, type Ec2World } from '#test/network/ec2-world.ts';

const subnetCount = 50;
const interfaceCount = 10_000;
const rounds = 400;

setFlagsFromString('--expose_gc');
const collectGarbage = runInNewContext('gc') as () => void; // what the flag exposes

const heapMegabytes = (): number => {
  collectGarbage();
  return process.memoryUsage().heapUsed / 2 ** 20;
};

/** One VPC, its groups, fifty subnets, an internet gateway, and interfaces over all of them. */
async function fill(world: Ec2World) {
  const vpcId = (await world.call('CreateVpc', { CidrBlock: '10.0.0.0/16', AmazonProvidedIpv6CidrBlock: true })).Vpc?.VpcId ?? '';
  const igw = (await world.call('CreateInternetGateway', {})).InternetGateway?.InternetGatewayId ?? '';
  await world.call('AttachInternetGateway', { InternetGatewayId: igw, VpcId: vpcId });
  const group = (await world.call('CreateSecurityGroup', { GroupName: 'web', Description: 'd', VpcId: vpcId })).GroupId ?? '';
  for (let port = 1_000; port < 1_060; port++)
    await world.call('AuthorizeSecurityGroupIngress', {
      GroupId: group,
      IpProtocol: 'tcp',
      FromPort: port,
      ToPort: port,
      CidrIp: '10.0.0.0/8',
    });
  const subnets: string[] = [];
  const interfaces: string[] = [];
  for (let at = 0; at < subnetCount; at++) {
    const { Subnet } = await world.call('CreateSubnet', { VpcId: vpcId, CidrBlock: `10.0.${at * 4}.0/22` });
    subnets.push(Subnet?.SubnetId ?? '');
    for (let n = 0; n < interfaceCount / subnetCount; n++) {
      const { NetworkInterface } = await world.call('CreateNetworkInterface', { SubnetId: subnets[at] ?? '', Groups: [group] });
      interfaces.push(NetworkInterface?.NetworkInterfaceId ?? '');
    }
  }
  const { RouteTables } = await world.call('DescribeRouteTables', { Filters: [{ Name: 'vpc-id', Values: [vpcId] }] });
  const main = RouteTables?.[0];
  const tables: string[] = [];
  for (let at = 0; at < 2; at++) tables.push((await world.call('CreateRouteTable', { VpcId: vpcId })).RouteTable?.RouteTableId ?? '');
  const { NetworkAcls } = await world.call('DescribeNetworkAcls', { Filters: [{ Name: 'vpc-id', Values: [vpcId] }] });
  const { AllocationId: address } = await world.call('AllocateAddress', {});
  return {
    ...{ group, subnets, interfaces, tables, igw, address },
    acl: NetworkAcls?.[0]?.NetworkAclId ?? '',
    mainAssociation: main?.Associations?.[0]?.RouteTableAssociationId ?? '',
  };
}

async function main(): Promise<void> {
  const world = await ec2World({ quotasOn: false, isFollowed: false, hasChecks: false });
  const { group, subnets, interfaces, tables, igw, address, acl, mainAssociation } = await fill(world);
  world.store.reader(home);
  const heapBefore = heapMegabytes();
  const start = performance.now();
  let followedMs = 0;
  const followed = followTopology(
    {
      reader: (partition) => world.store.reader(partition),
      subscribe: (listener) =>
        world.store.subscribe((commit) => {
          const before = performance.now();
          listener(commit);
          followedMs += performance.now() - before;
        }),
    },
    (error) => {
      throw error;
    },
  );
  const buildMs = performance.now() - start;
  const megabytes = heapMegabytes() - heapBefore;

  const eni = (at: number): string => interfaces[(at * 7_919) % interfaces.length] ?? '';
  const subnet = (at: number): string => subnets[at % subnets.length] ?? '';
  let main = mainAssociation;
  const changes: Record<string, (at: number) => Promise<unknown>> = {
    interfaceAttribute: (at) =>
      world.call('ModifyNetworkInterfaceAttribute', { NetworkInterfaceId: eni(at), SourceDestCheck: { Value: at % 2 === 0 } }),
    interfaceMadeAndDeleted: async (at) => {
      const { NetworkInterface } = await world.call('CreateNetworkInterface', { SubnetId: subnet(at), Groups: [group] });
      await world.call('DeleteNetworkInterface', { NetworkInterfaceId: NetworkInterface?.NetworkInterfaceId ?? '' });
    },
    addressAssociated: (at) =>
      world.call('AssociateAddress', { AllocationId: address, NetworkInterfaceId: eni(at), AllowReassociation: true }),
    groupRuleAddedAndRemoved: async () => {
      const rule = { GroupId: group, IpProtocol: 'tcp', FromPort: 9, ToPort: 9, CidrIp: '192.0.2.0/24' };
      await world.call('AuthorizeSecurityGroupIngress', rule);
      await world.call('RevokeSecurityGroupIngress', rule);
    },
    aclEntryReplaced: (at) =>
      world.call('ReplaceNetworkAclEntry', {
        NetworkAclId: acl,
        RuleNumber: 100,
        Egress: false,
        RuleAction: at % 2 === 0 ? 'deny' : 'allow',
        Protocol: '-1',
        CidrBlock: '0.0.0.0/0',
      }),
    routeMadeAndDeleted: async (at) => {
      const route = { RouteTableId: tables[at % 2] ?? '', DestinationCidrBlock: '0.0.0.0/0' };
      await world.call('CreateRoute', { ...route, GatewayId: igw });
      await world.call('DeleteRoute', route);
    },
    tableAssociatedAndNot: async (at) => {
      const { AssociationId } = await world.call('AssociateRouteTable', { RouteTableId: tables[0] ?? '', SubnetId: subnet(at) });
      await world.call('DisassociateRouteTable', { AssociationId: AssociationId ?? '' });
    },
    [`mainTableOf${subnetCount}SubnetsReplaced`]: async (at) => {
      const { NewAssociationId } = await world.call('ReplaceRouteTableAssociation', {
        AssociationId: main,
        RouteTableId: tables[at % 2] ?? '',
      });
      main = NewAssociationId ?? '';
    },
  };

  const microsecondsPerChange: Record<string, { follower: number; call: number }> = {};
  for (const [name, change] of Object.entries(changes)) {
    for (let at = 0; at < rounds / 4; at++) await change(at);
    followedMs = 0;
    const before = performance.now();
    for (let at = 0; at < rounds; at++) await change(at);
    const rounded = (ms: number): number => Math.round((ms * 10_000) / rounds) / 10;
    microsecondsPerChange[name] = { follower: rounded(followedMs), call: rounded(performance.now() - before) };
  }
  const result = {
    interfaces: followed.topology.interfaces.size,
    parts: [...followed.topology.parts()].length,
    buildMs: Math.round(buildMs),
    megabytes: Math.round(megabytes * 10) / 10,
    microsecondsPerChange,
  };
  console.log(JSON.stringify(result, undefined, 2));
}

await main();
