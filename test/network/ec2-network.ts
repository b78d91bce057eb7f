/** Networks for facts of the topology, and its values in a line. */
import { formatCidr, type Cidr } from '#model/cidr.ts';
import { part, type Ec2World } from '#test/network/ec2-world.ts';

/** `10.0.0.0/16 10.1.0.0/16`. */
export const blocks = (cidrs: readonly Cidr[]): string => cidrs.map(formatCidr).join(' ');

/** A VPC 10.0.0.0/16 with IPv6 and two subnets, the first with IPv6. */
export async function network(world: Ec2World) {
  const { Vpc } = await world.call('CreateVpc', { CidrBlock: '10.0.0.0/16', AmazonProvidedIpv6CidrBlock: true });
  const vpcId = Vpc?.VpcId ?? '';
  const ipv6 = Vpc?.Ipv6CidrBlockAssociationSet?.[0]?.Ipv6CidrBlock?.replace('/56', '/64') ?? '';
  const subnet = async (CidrBlock: string, Ipv6CidrBlock?: string): Promise<string> =>
    (await world.call('CreateSubnet', { VpcId: vpcId, CidrBlock, Ipv6CidrBlock, AvailabilityZone: 'eu-west-1b' })).Subnet?.SubnetId ?? '';
  const [first, second] = [await subnet('10.0.1.0/24', ipv6), await subnet('10.0.2.0/24')];
  const mainTableId = part(world.topology, 'segment', first).routeTableId;
  return { vpcId, ipv6, first, second, mainTableId };
}
