/** The default VPC: one per account and Region, ready before the first call, made again on request. */
import type { OperationContext } from '#aws/context.ts';
import { invalidParameterCombination, missingParameter } from '#aws/errors.ts';
import { settled } from '#aws/eventual.ts';
import { newId } from '#aws/ids.ts';
import { type Zone, zonesOf } from '#aws/regions.ts';
import { AwsError } from '#protocol/aws-error.ts';
import type { Ec2Operations } from '#services/ec2/sdk.ts';
import { firstFreeIpv4Block, firstFreeIpv6Block } from '#services/ec2/subnets/subnet-blocks.ts';
import { createSubnet } from '#services/ec2/subnets/subnet-creation.ts';
import { subnetView } from '#services/ec2/subnets/subnet-view.ts';
import { namedZone } from '#services/ec2/subnets/subnet-zones.ts';
import { internetGatewayTable, type RouteRecord, routeTableTable } from '#services/ec2/tables/routing.ts';
import { accountSetupTable, type SubnetRecord, subnetTable, type VpcRecord, vpcTable } from '#services/ec2/tables/vpcs.ts';
import { storedCidr } from '#services/ec2/vpcs/vpc-blocks.ts';
import { createVpcWithCompanions } from '#services/ec2/vpcs/vpc-creation.ts';
import { defaultSubnetExists, defaultVpcExists, noDefaultVpc } from '#services/ec2/vpcs/vpc-errors.ts';
import { vpcView } from '#services/ec2/vpcs/vpc-view.ts';

/** What AWS gives (https://docs.aws.amazon.com/vpc/latest/userguide/default-vpc.html). */
const defaultVpcBlock = storedCidr('172.31.0.0/16');
const defaultSubnetLength = 20;
const defaultIpv6SubnetLength = 64;

/** Id of the record that says that an account has had its default VPC in a Region. */
const setupId = 'default-vpc';

export const defaultVpc = {
  CreateDefaultVpc(context) {
    if (findDefaultVpc(context)) throw defaultVpcExists();
    return { Vpc: vpcView(createDefaultVpc(context), context) };
  },

  CreateDefaultSubnet(context, input) {
    const zone = requireZone(context, input);
    const vpc = findDefaultVpc(context);
    if (!vpc) throw noDefaultVpc();
    const present = context.tx
      .find(subnetTable, 'vpc', vpc.id)
      .find((subnet) => subnet.defaultForAz && subnet.availabilityZone === zone.name);
    if (present) throw defaultSubnetExists(present.id, zone.name);
    return { Subnet: subnetView(createDefaultSubnet(context, vpc, zone, input.Ipv6Native ?? false), context) };
  },
} satisfies Ec2Operations;

/**
 * Gives an account its default VPC in a Region, once: not again after the caller deleted it. What AWS has done for an
 * account before its first call.
 */
export function ensureDefaultVpc(context: OperationContext): void {
  if (context.tx.get(accountSetupTable, setupId)) return;
  context.tx.put(accountSetupTable, { id: setupId, doneMs: context.nowMs });
  // It was there before the account's first call: nobody sees it pending.
  context.tx.put(vpcTable, { ...createDefaultVpc(context), state: settled('available') });
}

export function findDefaultVpc(context: OperationContext): VpcRecord | undefined {
  return context.tx.find(vpcTable, 'default', 'true')[0];
}

/** The VPC, a subnet per zone, and the internet gateway with the main table's route to it. */
function createDefaultVpc(context: OperationContext): VpcRecord {
  const vpc = createVpcWithCompanions(context, { cidrBlock: defaultVpcBlock, isDefault: true });
  for (const zone of zonesOf(context.region)) createDefaultSubnet(context, vpc, zone, false);
  const gatewayId = newId(context, 'igw');
  context.tx.put(internetGatewayTable, { id: gatewayId, vpcId: vpc.id, tags: [] });
  for (const table of context.tx.find(routeTableTable, 'main', vpc.id)) {
    const route: RouteRecord = {
      destination: '0.0.0.0/0',
      target: { kind: 'internet-gateway', id: gatewayId },
      origin: 'CreateRoute',
    };
    context.tx.put(routeTableTable, { ...table, routes: [...table.routes, route] });
  }
  return vpc;
}

function createDefaultSubnet(context: OperationContext, vpc: VpcRecord, zone: Zone, ipv6Native: boolean): SubnetRecord {
  const block = ipv6Native
    ? firstFreeIpv6Block(context, vpc, defaultIpv6SubnetLength)
    : firstFreeIpv4Block(context, vpc, defaultSubnetLength);
  if (block === undefined) {
    const size = ipv6Native ? defaultIpv6SubnetLength : defaultSubnetLength;
    throw new AwsError('InsufficientCidrBlocks', `The default VPC '${vpc.id}' has no free /${size} CIDR block for a default subnet.`);
  }
  const blocks = ipv6Native ? { ipv6CidrBlock: block } : { cidrBlock: block };
  return createSubnet(context, { vpcId: vpc.id, zone, ...blocks, defaultForAz: true, mapPublicIpOnLaunch: !ipv6Native });
}

function requireZone(
  context: OperationContext,
  input: { AvailabilityZone?: string | undefined; AvailabilityZoneId?: string | undefined },
): Zone {
  if (input.AvailabilityZone !== undefined && input.AvailabilityZoneId !== undefined) {
    throw invalidParameterCombination('You can specify either availabilityZone or availabilityZoneId, but not both.');
  }
  const zone = namedZone(context, input);
  if (!zone) throw missingParameter('availabilityZone');
  return zone;
}
