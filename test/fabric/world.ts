/** Networks and instances for tests of packets, by the SDK: what is not said is open, so that a test closes what it is about. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EC2, IpPermission, RunInstancesCommandInput } from '@aws-sdk/client-ec2';
import { eventually, region } from './site.ts';

export const linux = 'resolve:ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64';
/** A web server that says whom it sees; it can be user data as it is. */
export const whoFile = join(import.meta.dirname, 'who.py');
export const who = readFileSync(whoFile, 'utf8');

export const EVERYTHING: readonly IpPermission[] = [
  { IpProtocol: '-1', IpRanges: [{ CidrIp: '0.0.0.0/0' }], Ipv6Ranges: [{ CidrIpv6: '::/0' }] },
];
export const tcp = (port: number, from = '0.0.0.0/0'): IpPermission => ({
  IpProtocol: 'tcp',
  FromPort: port,
  ToPort: port,
  IpRanges: [{ CidrIp: from }],
});

export interface Network {
  readonly vpc: string;
  readonly igw: string;
  /** Of all subnets. */
  readonly acl: string;
  /** Its IPv6 block, as `2001:db8:…:`: a subnet's is this and two digits. Empty without one. */
  readonly ipv6Prefix: string;
}

export interface Subnet {
  readonly id: string;
  readonly table: string;
}

export interface Host {
  readonly id: string;
  readonly eni: string;
  readonly address: string;
  readonly ipv6: string;
}

/** An id or address that an answer must have. */
export function given(text: string | undefined): string {
  if (text === undefined) throw new Error('the answer lacks what it must have');
  return text;
}

/** A VPC with an internet gateway. */
export async function makeNetwork(ec2: EC2, { cidr = '10.0.0.0/16', hasIpv6 = false } = {}): Promise<Network> {
  const [{ Vpc }, { InternetGateway }] = await Promise.all([
    ec2.createVpc({ CidrBlock: cidr, AmazonProvidedIpv6CidrBlock: hasIpv6 }),
    ec2.createInternetGateway({}),
  ]);
  const [vpc, igw] = [given(Vpc?.VpcId), given(InternetGateway?.InternetGatewayId)];
  await ec2.attachInternetGateway({ InternetGatewayId: igw, VpcId: vpc });
  const { NetworkAcls } = await ec2.describeNetworkAcls({ Filters: [{ Name: 'vpc-id', Values: [vpc] }] });
  const block = Vpc?.Ipv6CidrBlockAssociationSet?.[0]?.Ipv6CidrBlock ?? '';
  return { vpc, igw, acl: given(NetworkAcls?.[0]?.NetworkAclId), ipv6Prefix: block.replace(/00::\/56$/, '') };
}

/** A subnet with a table of its own. @param to what its default routes lead to */
export async function makeSubnet(
  ec2: EC2,
  network: Network,
  cidr: string,
  to: { gateway?: string; nat?: string; zone?: string } = {},
): Promise<Subnet> {
  const { vpc, ipv6Prefix } = network;
  const number = cidr.split('.')[2]?.padStart(2, '0');
  const ipv6 = ipv6Prefix === '' ? {} : { Ipv6CidrBlock: `${ipv6Prefix}${number}::/64` };
  const { Subnet } = await ec2.createSubnet({ VpcId: vpc, CidrBlock: cidr, AvailabilityZone: `${region}${to.zone ?? 'a'}`, ...ipv6 });
  const table = given((await ec2.createRouteTable({ VpcId: vpc })).RouteTable?.RouteTableId);
  await ec2.associateRouteTable({ RouteTableId: table, SubnetId: Subnet?.SubnetId });
  const route = { RouteTableId: table, ...(to.nat === undefined ? { GatewayId: to.gateway } : { NatGatewayId: to.nat }) };
  if (to.gateway !== undefined || to.nat !== undefined) await ec2.createRoute({ ...route, DestinationCidrBlock: '0.0.0.0/0' });
  if (to.gateway !== undefined && ipv6Prefix !== '') await ec2.createRoute({ ...route, DestinationIpv6CidrBlock: '::/0' });
  return { id: given(Subnet?.SubnetId), table };
}

/** A group that lets everything out, and in what is given. */
export async function makeGroup(
  ec2: EC2,
  { vpc }: Network,
  name: string,
  permissions: readonly IpPermission[] = EVERYTHING,
): Promise<string> {
  const { GroupId } = await ec2.createSecurityGroup({ VpcId: vpc, GroupName: name, Description: name });
  if (permissions.length > 0) await ec2.authorizeSecurityGroupIngress({ GroupId, IpPermissions: [...permissions] });
  return given(GroupId);
}

export interface Launch {
  readonly subnet: string;
  readonly groups: readonly string[];
  readonly address?: string;
  readonly userData?: string;
  readonly hasPublicAddress?: boolean;
  readonly more?: Partial<RunInstancesCommandInput>;
}

/** An instance, not waited for. */
export async function launch(ec2: EC2, { subnet, groups, address, userData, hasPublicAddress = false, more = {} }: Launch): Promise<Host> {
  const { Subnets } = await ec2.describeSubnets({ SubnetIds: [subnet] });
  const hasIpv6 = (Subnets?.[0]?.Ipv6CidrBlockAssociationSet?.length ?? 0) > 0;
  const { Instances } = await ec2.runInstances({
    ImageId: linux,
    InstanceType: 't3.micro',
    MinCount: 1,
    MaxCount: 1,
    ...(userData === undefined ? {} : { UserData: Buffer.from(userData).toString('base64') }),
    NetworkInterfaces: [
      {
        DeviceIndex: 0,
        SubnetId: subnet,
        Groups: [...groups],
        AssociatePublicIpAddress: hasPublicAddress,
        ...(address === undefined ? {} : { PrivateIpAddress: address }),
        ...(hasIpv6 ? { Ipv6AddressCount: 1 } : {}),
      },
    ],
    ...more,
  });
  const [instance] = Instances ?? [];
  const card = instance?.NetworkInterfaces?.[0];
  return {
    id: given(instance?.InstanceId),
    eni: given(card?.NetworkInterfaceId),
    address: given(instance?.PrivateIpAddress),
    ipv6: card?.Ipv6Addresses?.[0]?.Ipv6Address ?? '',
  };
}

export async function describe(ec2: EC2, id: string) {
  const { Reservations } = await ec2.describeInstances({ InstanceIds: [id] });
  const instance = Reservations?.[0]?.Instances?.[0];
  if (instance === undefined) throw new Error(`${id} is not described`);
  return instance;
}

/** Waits for a state of all of them; `running` is true only once the sandbox is up. */
export async function reach(ec2: EC2, state: string, ...hosts: readonly { readonly id: string }[]): Promise<void> {
  for (const { id } of hosts) await eventually(async () => (await describe(ec2, id)).State?.Name, state);
}

/** A new Elastic IP on an interface. */
export async function giveAddress(ec2: EC2, eni: string): Promise<{ readonly address: string; readonly allocation: string }> {
  const { AllocationId, PublicIp } = await ec2.allocateAddress({});
  await ec2.associateAddress({ AllocationId, NetworkInterfaceId: eni });
  return { address: given(PublicIp), allocation: given(AllocationId) };
}
