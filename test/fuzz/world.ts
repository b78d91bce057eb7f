/** Accounts with one or more of everything, for calls to be about. */
import { formatCidr, parseCidr, subnetsOf } from '#model/cidr.ts';
import { publicImages } from '#services/ec2/instances/image-catalog.ts';
import type { Call, Values } from '#test/fuzz/api.ts';

type Make = (operation: string, input: Values) => Promise<Values>;

/** Makes what a service has, through its API. @throws Error for a call that is refused: this is what any caller may do. */
export async function buildWorld(service: string, call: Call): Promise<void> {
  const make: Make = async (operation, input) => {
    const outcome = await call(operation, input);
    if (outcome.output === undefined) throw new Error(`${operation} ${JSON.stringify(input)}: ${outcome.code} ${outcome.message}`);
    return outcome.output;
  };
  await worlds[service]?.(make);
}

const worlds: Readonly<Record<string, (make: Make) => Promise<void>>> = { ec2: buildNetwork, iam: buildIdentities };

async function buildIdentities(make: Make): Promise<void> {
  const allow = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 'ec2:*', Resource: '*' }] };
  const trust = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { AWS: '*' } }] };
  const PolicyDocument = JSON.stringify(allow);
  const PolicyArn = at(await make('CreatePolicy', { PolicyName: 'networks', PolicyDocument }), 'Policy', 'Arn');
  await make('CreatePolicyVersion', { PolicyArn, PolicyDocument });
  await make('CreateUser', { UserName: 'ann' });
  await make('CreateUser', { UserName: 'bob' });
  await make('CreateAccessKey', { UserName: 'ann' });
  await make('CreateGroup', { GroupName: 'engineers' });
  await make('AddUserToGroup', { GroupName: 'engineers', UserName: 'ann' });
  await make('CreateRole', { RoleName: 'router', AssumeRolePolicyDocument: JSON.stringify(trust) });
  await make('CreateInstanceProfile', { InstanceProfileName: 'router' });
  await make('AttachRolePolicy', { RoleName: 'router', PolicyArn });
  await make('PutUserPolicy', { UserName: 'ann', PolicyName: 'networks', PolicyDocument });
  await make('PutRolePolicy', { RoleName: 'router', PolicyName: 'networks', PolicyDocument });
  await make('PutGroupPolicy', { GroupName: 'engineers', PolicyName: 'networks', PolicyDocument });
  await make('CreatePolicy', { PolicyName: 'spare', PolicyDocument });
}

async function buildNetwork(make: Make): Promise<void> {
  const { Vpc } = await make('CreateVpc', { CidrBlock: '10.0.0.0/16', AmazonProvidedIpv6CidrBlock: true });
  const VpcId = at({ Vpc }, 'Vpc', 'VpcId');
  const { Vpcs } = await make('DescribeVpcs', { VpcIds: [VpcId] });
  const vpcBlock = at({ Vpcs }, 'Vpcs', '0', 'Ipv6CidrBlockAssociationSet', '0', 'Ipv6CidrBlock');
  const [Ipv6CidrBlock = '', NextIpv6CidrBlock = ''] = subnetBlocksOf(vpcBlock);
  const OtherVpcId = at(await make('CreateVpc', { CidrBlock: '10.1.0.0/16' }), 'Vpc', 'VpcId');
  await make('CreateVpc', { CidrBlock: '10.9.0.0/16' });
  await make('AssociateVpcCidrBlock', { VpcId: OtherVpcId, CidrBlock: '10.3.0.0/16' });
  await make('AssociateVpcCidrBlock', { VpcId, CidrBlock: '10.2.0.0/16' });
  const InternetGatewayId = at(await make('CreateInternetGateway', {}), 'InternetGateway', 'InternetGatewayId');
  await make('AttachInternetGateway', { VpcId, InternetGatewayId });
  await make('CreateInternetGateway', {});
  const SubnetId = at(
    await make('CreateSubnet', { VpcId, CidrBlock: '10.0.1.0/24', Ipv6CidrBlock, AvailabilityZone: 'eu-west-1a' }),
    'Subnet',
    'SubnetId',
  );
  const SmallSubnetId = at(
    await make('CreateSubnet', { VpcId, CidrBlock: '10.0.2.0/28', AvailabilityZone: 'eu-west-1a' }),
    'Subnet',
    'SubnetId',
  );
  await make('CreateSubnet', { VpcId: OtherVpcId, CidrBlock: '10.1.1.0/24', AvailabilityZone: 'eu-west-1b' });
  await make('CreateSubnet', { VpcId, Ipv6CidrBlock: NextIpv6CidrBlock, CidrBlock: '10.2.1.0/24' });
  await make('CreateRouteTable', { VpcId });
  const { RouteTable } = await make('CreateRouteTable', { VpcId });
  const RouteTableId = at({ RouteTable }, 'RouteTable', 'RouteTableId');
  await make('AssociateRouteTable', { RouteTableId, SubnetId: SmallSubnetId });
  await make('CreateRoute', { RouteTableId, DestinationCidrBlock: '0.0.0.0/0', GatewayId: InternetGatewayId });
  const GroupId = at(await make('CreateSecurityGroup', { GroupName: 'web', Description: 'web', VpcId }), 'GroupId');
  await make('AuthorizeSecurityGroupIngress', { GroupId, IpProtocol: 'tcp', FromPort: 443, ToPort: 443, CidrIp: '0.0.0.0/0' });
  await make('AssociateSecurityGroupVpc', { GroupId, VpcId: OtherVpcId });
  await make('CreateSecurityGroup', { GroupName: 'spare', Description: 'spare', VpcId });
  await make('CreateNetworkAcl', { VpcId });
  const NetworkInterfaceId = at(
    await make('CreateNetworkInterface', { SubnetId, Groups: [GroupId] }),
    'NetworkInterface',
    'NetworkInterfaceId',
  );
  await make('CreateNetworkInterface', { SubnetId, Ipv6AddressCount: 2 });
  const { NetworkInterface } = await make('CreateNetworkInterface', { SubnetId: SmallSubnetId, SecondaryPrivateIpAddressCount: 2 });
  const path = { Source: NetworkInterfaceId, Destination: InternetGatewayId, Protocol: 'tcp' };
  const { NetworkInsightsPath } = await make('CreateNetworkInsightsPath', path);
  await make('StartNetworkInsightsAnalysis', {
    NetworkInsightsPathId: at({ NetworkInsightsPath }, 'NetworkInsightsPath', 'NetworkInsightsPathId'),
  });
  await make('CreateNetworkInsightsPath', path);
  const AllocationId = at(await make('AllocateAddress', {}), 'AllocationId');
  const NatAllocationId = at(await make('AllocateAddress', {}), 'AllocationId');
  const SecondAllocationId = at(await make('AllocateAddress', {}), 'AllocationId');
  const OfferedId = at(await make('AllocateAddress', {}), 'AllocationId');
  await make('EnableAddressTransfer', { AllocationId: OfferedId, TransferAccountId: '210987654321' });
  await make('AllocateAddress', {});
  await make('AssociateAddress', { AllocationId, NetworkInterfaceId });
  await make('CreateNatGateway', { SubnetId, AllocationId: NatAllocationId, SecondaryAllocationIds: [SecondAllocationId] });
  await make('CreateNatGateway', { SubnetId, ConnectivityType: 'private', SecondaryPrivateIpAddressCount: 1 });
  await make('CreateEgressOnlyInternetGateway', { VpcId });
  const Entries = [{ Cidr: '192.0.2.0/24' }];
  await make('CreateManagedPrefixList', { PrefixListName: 'office', AddressFamily: 'IPv4', MaxEntries: 3, Entries });
  await make('CreateDhcpOptions', { DhcpConfigurations: [{ Key: 'domain-name', Values: ['keiro.test'] }] });
  await make('CreateSubnetCidrReservation', { SubnetId, Cidr: '10.0.1.128/28', ReservationType: 'explicit' });
  await make('CreateNetworkInterfacePermission', { NetworkInterfaceId, AwsAccountId: '210987654321', Permission: 'INSTANCE-ATTACH' });
  await make('CreateKeyPair', { KeyName: 'key', KeyType: 'ed25519' });
  const [ImageId] = publicImages('eu-west-1').keys();
  const run = { ImageId, InstanceType: 't3.small', SubnetId, MinCount: 1, MaxCount: 1, KeyName: 'key' };
  const InstanceId = at(await make('RunInstances', run), 'Instances', '0', 'InstanceId');
  const StoppedId = at(await make('RunInstances', run), 'Instances', '0', 'InstanceId');
  await make('AttachNetworkInterface', {
    InstanceId,
    NetworkInterfaceId: at({ NetworkInterface }, 'NetworkInterface', 'NetworkInterfaceId'),
    DeviceIndex: 1,
  });
  await make('StopInstances', { InstanceIds: [StoppedId] });
}

/** The first /64 blocks of an IPv6 block. */
function subnetBlocksOf(block: string): string[] {
  const cidr = parseCidr(block);
  return cidr ? [...subnetsOf(cidr, 64)].slice(0, 4).map(formatCidr) : [];
}

/** The text at a path of an answer. */
function at(output: Values, ...path: readonly string[]): string {
  const found = path.reduce<unknown>((value, member) => (value as Values | undefined)?.[member], output); // answers are objects
  if (typeof found !== 'string') throw new Error(`the answer has no ${path.join('.')}`);
  return found;
}
