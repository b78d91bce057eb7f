/** An account with more of everything than a page holds. Needs a Keiro without quotas. */
import { formatCidr, parseCidr, subnetsOf } from '#model/cidr.ts';
import { publicImages } from '#services/ec2/instances/image-catalog.ts';
import type { Call, Values } from '#test/fuzz/api.ts';

/** More than the least size of a page, which is 5 in most of EC2's calls. */
export const crowdSize = 7;

/** Makes the crowd of a service, through its API. */
export async function buildCrowd(service: string, call: Call): Promise<void> {
  await crowds[service]?.(async (operation, input) => {
    const { output, code, message } = await call(operation, input);
    if (output === undefined) throw new Error(`${operation} ${JSON.stringify(input)}: ${code} ${message}`);
    return output;
  });
}

type Make = (operation: string, input: Values) => Promise<Values>;
const crowds: Readonly<Record<string, (make: Make) => Promise<void>>> = {
  acm: crowdOfCertificates,
  ec2: crowdOfNetworks,
  iam: crowdOfIdentities,
  'service-quotas': crowdOfIncreases,
};
const numbers = Array.from({ length: crowdSize }, (_none, number) => number);

async function crowdOfCertificates(make: Make): Promise<void> {
  for (const number of numbers) await make('RequestCertificate', { DomainName: `host-${number}.example.com`, ValidationMethod: 'DNS' });
}

async function crowdOfNetworks(make: Make): Promise<void> {
  const id = async (operation: string, input: Values): Promise<string> => idOf(await make(operation, input));
  const VpcId = await id('CreateVpc', { CidrBlock: '10.0.0.0/16' });
  const SubnetId = await id('CreateSubnet', { VpcId, CidrBlock: '10.0.0.0/20' });
  const InternetGatewayId = await id('CreateInternetGateway', {});
  await make('AttachInternetGateway', { VpcId, InternetGatewayId });
  const GroupId = await id('CreateSecurityGroup', { VpcId, GroupName: 'lent', Description: 'lent' });
  const blocks = [...subnetsOf(parseCidr('192.0.2.0/24') ?? never(), 28)].slice(0, crowdSize).map(formatCidr);
  const Entries = blocks.map((Cidr) => ({ Cidr }));
  const PrefixListId = await id('CreateManagedPrefixList', { PrefixListName: 'used', AddressFamily: 'IPv4', MaxEntries: 20, Entries });
  const NetworkInterfaceId = await id('CreateNetworkInterface', { SubnetId });
  const [ImageId] = publicImages('eu-west-1').keys();
  for (const number of numbers) {
    const OtherVpcId = await id('CreateVpc', { CidrBlock: `10.${number + 1}.0.0/16` });
    await make('AssociateSecurityGroupVpc', { GroupId, VpcId: OtherVpcId });
    await make('CreateSubnet', { VpcId, CidrBlock: `10.0.${100 + number}.0/24` });
    const RouteTableId = await id('CreateRouteTable', { VpcId });
    await make('CreateRoute', { RouteTableId, DestinationPrefixListId: PrefixListId, GatewayId: InternetGatewayId });
    await make('CreateSecurityGroup', { VpcId, GroupName: `group-${number}`, Description: 'one of many' });
    await make('AuthorizeSecurityGroupIngress', { GroupId, IpProtocol: 'tcp', FromPort: number, ToPort: number, CidrIp: '0.0.0.0/0' });
    await make('CreateInternetGateway', {});
    await make('CreateNetworkAcl', { VpcId });
    await make('CreateNetworkInterface', { SubnetId });
    const AwsAccountId = `00000000000${number}`;
    await make('CreateNetworkInterfacePermission', { NetworkInterfaceId, AwsAccountId, Permission: 'INSTANCE-ATTACH' });
    await make('CreateEgressOnlyInternetGateway', { VpcId: OtherVpcId });
    await make('CreateNatGateway', { SubnetId, ConnectivityType: 'private' });
    await make('CreateManagedPrefixList', { PrefixListName: `list-${number}`, AddressFamily: 'IPv4', MaxEntries: 1 });
    await make('CreateDhcpOptions', { DhcpConfigurations: [{ Key: 'domain-name', Values: [`net-${number}.test`] }] });
    await make('CreateSubnetCidrReservation', { SubnetId, Cidr: `10.0.15.${number * 16}/28`, ReservationType: 'explicit' });
    const AllocationId = await id('AllocateAddress', {});
    await make('EnableAddressTransfer', { AllocationId, TransferAccountId: '210987654321' });
    await make('ModifyAddressAttribute', { AllocationId: await id('AllocateAddress', {}), DomainName: `host-${number}.keiro.test` });
    const InstanceId = await id('RunInstances', { ImageId, InstanceType: 't3.micro', SubnetId, MinCount: 1, MaxCount: 1 });
    await make('AssociateIamInstanceProfile', { InstanceId, IamInstanceProfile: { Name: 'router' } });
    const NetworkInsightsPathId = await id('CreateNetworkInsightsPath', {
      Source: NetworkInterfaceId,
      Destination: InstanceId,
      Protocol: 'tcp',
    });
    await make('StartNetworkInsightsAnalysis', { NetworkInsightsPathId });
    await make('CreateKeyPair', { KeyName: `key-${number}`, KeyType: 'ed25519' });
    await make('CreateTags', { Resources: [VpcId], Tags: [{ Key: `tag-${number}`, Value: 'x' }] });
  }
}

async function crowdOfIdentities(make: Make): Promise<void> {
  const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 'ec2:*', Resource: '*' }] });
  const trust = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { AWS: '*' } }] };
  const tags = numbers.map((number) => ({ Key: `tag-${number}`, Value: 'x' }));
  await make('CreateUser', { UserName: 'ann', Tags: tags });
  await make('CreateGroup', { GroupName: 'all' });
  await make('CreateRole', { RoleName: 'router', AssumeRolePolicyDocument: JSON.stringify(trust), Tags: tags });
  await make('AddUserToGroup', { UserName: 'ann', GroupName: 'all' });
  await make('CreateInstanceProfile', { InstanceProfileName: 'tagged', Tags: tags });
  const { Policy } = await make('CreatePolicy', { PolicyName: 'tagged', PolicyDocument, Tags: tags });
  await make('CreatePolicyVersion', { PolicyArn: textAt({ Policy }, 'Policy', 'Arn'), PolicyDocument });
  await make('CreateAccessKey', { UserName: 'ann' });
  await make('CreateAccessKey', { UserName: 'ann' });
  for (const number of numbers) {
    const name = `one-${number}`;
    const { Policy } = await make('CreatePolicy', { PolicyName: name, PolicyDocument });
    const PolicyArn = textAt({ Policy }, 'Policy', 'Arn');
    await make('CreateUser', { UserName: name });
    await make('AddUserToGroup', { UserName: name, GroupName: 'all' });
    await make('CreateGroup', { GroupName: name });
    await make('AddUserToGroup', { UserName: 'ann', GroupName: name });
    await make('CreateRole', { RoleName: name, AssumeRolePolicyDocument: JSON.stringify(trust) });
    await make('CreateInstanceProfile', { InstanceProfileName: name });
    await make('AddRoleToInstanceProfile', { InstanceProfileName: name, RoleName: 'router' });
    await make('AttachUserPolicy', { UserName: 'ann', PolicyArn });
    await make('AttachRolePolicy', { RoleName: 'router', PolicyArn });
    await make('AttachGroupPolicy', { GroupName: 'all', PolicyArn });
    await make('PutUserPolicy', { UserName: 'ann', PolicyName: name, PolicyDocument });
    await make('PutRolePolicy', { RoleName: 'router', PolicyName: name, PolicyDocument });
    await make('PutGroupPolicy', { GroupName: 'all', PolicyName: name, PolicyDocument });
  }
}

async function crowdOfIncreases(make: Make): Promise<void> {
  for (const number of numbers) {
    await make('RequestServiceQuotaIncrease', { ServiceCode: 'vpc', QuotaCode: 'L-F678F1CE', DesiredValue: 10 + number });
  }
}

/** The id of what a call made: the answer's own, or that of the thing in it. */
function idOf(output: Values): string {
  const things = Object.values(output).flatMap((value) => (Array.isArray(value) ? value.slice(0, 1) : [value]));
  for (const one of [output, ...things]) {
    if (typeof one !== 'object' || one === null) continue;
    for (const name of madeIds) {
      const id = (one as Values)[name]; // an object
      if (typeof id === 'string') return id;
    }
  }
  throw new Error(`no id in ${JSON.stringify(output)}`);
}

/** From the most particular to the most general: a subnet has the id of its VPC too. */
const madeIds = [
  'NetworkInsightsPathId',
  'InstanceId',
  'NetworkInterfaceId',
  'RouteTableId',
  'SubnetId',
  'GroupId',
  'InternetGatewayId',
  'PrefixListId',
  'AllocationId',
  'VpcId',
] as const;

function textAt(output: Values, ...path: readonly string[]): string {
  const found = path.reduce<unknown>((value, member) => (value as Values | undefined)?.[member], output); // answers are objects
  return typeof found === 'string' ? found : never();
}

function never(): never {
  throw new Error('the answer lacks what it always has');
}
