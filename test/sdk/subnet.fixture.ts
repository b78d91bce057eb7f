/** A VPC and subnets in it, for the tests of subnets and of their blocks. */
import {
  CreateSubnetCommand,
  type CreateSubnetCommandInput,
  CreateVpcCommand,
  DescribeSubnetsCommand,
  EC2Client,
  type Subnet,
} from '@aws-sdk/client-ec2';
import type { Keiro } from '#test/sdk/keiro.ts';

/** A VPC with an IPv6 block, in an account of its own. */
export interface Network {
  readonly ec2: EC2Client;
  readonly account: string;
  readonly vpcId: string;
  /** The VPC's IPv6 block without `/56`, e.g. `2001:db8:0:100::`. */
  readonly ipv6: string;
}

/** A VPC 10.0.0.0/16 in eu-west-1 with an IPv6 block, in an account of its own. */
export async function network(keiro: Keiro): Promise<Network> {
  const account = keiro.freshAccount();
  const ec2 = keiro.client(EC2Client, { account, region: 'eu-west-1' });
  const { Vpc } = await ec2.send(new CreateVpcCommand({ CidrBlock: '10.0.0.0/16', AmazonProvidedIpv6CidrBlock: true }));
  const ipv6 = Vpc?.Ipv6CidrBlockAssociationSet?.[0]?.Ipv6CidrBlock?.replace('/56', '');
  if (!Vpc?.VpcId || !ipv6) throw new Error('no VPC in the answer');
  return { ec2, account, vpcId: Vpc.VpcId, ipv6 };
}

export async function createSubnet(
  { ec2, vpcId }: Network,
  input: Partial<CreateSubnetCommandInput>,
): Promise<Subnet & { SubnetId: string }> {
  const { Subnet } = await ec2.send(new CreateSubnetCommand({ VpcId: vpcId, ...input }));
  if (!Subnet?.SubnetId) throw new Error('no subnet in the answer');
  return { ...Subnet, SubnetId: Subnet.SubnetId };
}

export async function describeSubnet({ ec2 }: Network, id: string): Promise<Subnet> {
  const { Subnets } = await ec2.send(new DescribeSubnetsCommand({ SubnetIds: [id] }));
  return Subnets?.[0] ?? {};
}
