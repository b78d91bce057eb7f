/** Networks that tests of interfaces and addresses stand on. */
import {
  AttachInternetGatewayCommand,
  CreateInternetGatewayCommand,
  CreateNetworkInterfaceCommand,
  type CreateNetworkInterfaceCommandInput,
  CreateSubnetCommand,
  type CreateSubnetCommandInput,
  CreateVpcCommand,
  type CreateVpcCommandInput,
  DescribeNetworkInterfacesCommand,
  DescribeSubnetsCommand,
  type EC2Client,
  type NetworkInterface,
} from '@aws-sdk/client-ec2';

export async function createVpc(ec2: EC2Client, input: CreateVpcCommandInput = {}): Promise<string> {
  return (await ec2.send(new CreateVpcCommand({ CidrBlock: '10.0.0.0/16', ...input }))).Vpc?.VpcId ?? '';
}

export async function createSubnet(ec2: EC2Client, vpcId: string, input: Partial<CreateSubnetCommandInput> = {}): Promise<string> {
  return (await ec2.send(new CreateSubnetCommand({ VpcId: vpcId, CidrBlock: '10.0.1.0/24', ...input }))).Subnet?.SubnetId ?? '';
}

/** A VPC with an internet gateway and a subnet 10.0.1.0/24. */
export async function publicNetwork(ec2: EC2Client): Promise<{ vpcId: string; subnetId: string; gatewayId: string }> {
  const vpcId = await createVpc(ec2);
  const gatewayId = (await ec2.send(new CreateInternetGatewayCommand({}))).InternetGateway?.InternetGatewayId ?? '';
  await ec2.send(new AttachInternetGatewayCommand({ VpcId: vpcId, InternetGatewayId: gatewayId }));
  return { vpcId, subnetId: await createSubnet(ec2, vpcId), gatewayId };
}

export async function createEni(
  ec2: EC2Client,
  subnetId: string,
  input: Partial<CreateNetworkInterfaceCommandInput> = {},
): Promise<NetworkInterface & { NetworkInterfaceId: string }> {
  const { NetworkInterface: eni } = await ec2.send(new CreateNetworkInterfaceCommand({ SubnetId: subnetId, ...input }));
  return { ...eni, NetworkInterfaceId: eni?.NetworkInterfaceId ?? '' };
}

export async function describeEni(ec2: EC2Client, id: string): Promise<NetworkInterface> {
  const { NetworkInterfaces } = await ec2.send(new DescribeNetworkInterfacesCommand({ NetworkInterfaceIds: [id] }));
  return NetworkInterfaces?.[0] ?? {};
}

export async function availableIn(ec2: EC2Client, subnetId: string): Promise<number | undefined> {
  return (await ec2.send(new DescribeSubnetsCommand({ SubnetIds: [subnetId] }))).Subnets?.[0]?.AvailableIpAddressCount;
}

export const addressesOf = (eni: NetworkInterface): (string | undefined)[] =>
  (eni.PrivateIpAddresses ?? []).map((one) => one.PrivateIpAddress);
