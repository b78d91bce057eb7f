/** Where a load balancer stands: subnets as a call names them, checked, and the nodes' interfaces in them. */
import type { OperationContext } from '#aws/context.ts';
import { AwsError } from '#protocol/aws-error.ts';
import {
  createNodeInterface,
  deleteNodeInterface,
  findSubnet,
  isAddressTaken,
  type SubnetFacts,
  vpcHasInternetGateway,
} from '#services/ec2/public.ts';
import { fullNameOf } from '#services/elbv2/arns.ts';
import {
  invalidConfiguration,
  invalidSubnet,
  noInternetGateway,
  notEnoughAddresses,
  resourceInUse,
  subnetNotFound,
  validationError,
} from '#services/elbv2/errors.ts';
import type { LoadBalancerRecord, NodeRecord } from '#services/elbv2/tables.ts';

/** AWS wants so many free addresses in each subnet, for more nodes when load rises. */
const addressesNeeded = 8;

export interface SubnetInput {
  readonly Subnets?: readonly string[] | undefined;
  readonly SubnetMappings?:
    | readonly {
        readonly SubnetId?: string | undefined;
        readonly AllocationId?: string | undefined;
        readonly PrivateIPv4Address?: string | undefined;
        readonly IPv6Address?: string | undefined;
        readonly SourceNatIpv6Prefix?: string | undefined;
      }[]
    | undefined;
}

/** A subnet with what the call wants there. */
export interface Placement {
  readonly subnet: SubnetFacts;
  readonly allocationId?: string | undefined;
  readonly privateIp?: string | undefined;
  readonly ipv6Address?: string | undefined;
}

type Kind = Pick<LoadBalancerRecord, 'type' | 'scheme' | 'ipAddressType'>;

/**
 * The subnets that a call names, in its order.
 * @throws AwsError ValidationError, SubnetNotFound, InvalidConfigurationRequest
 */
export function placementsOf(context: OperationContext, kind: Kind, input: SubnetInput): readonly Placement[] {
  if (input.Subnets?.length && input.SubnetMappings?.length) {
    throw validationError('You must specify either subnets or subnet mappings, but not both');
  }
  const mappings = input.SubnetMappings?.length ? input.SubnetMappings : (input.Subnets ?? []).map((SubnetId) => ({ SubnetId }));
  const placements = mappings.map((mapping): Placement => {
    const { SubnetId = '', AllocationId, PrivateIPv4Address, IPv6Address } = mapping as NonNullable<SubnetInput['SubnetMappings']>[number]; // the widest of both
    const subnet = findSubnet(context.tx, SubnetId);
    if (!subnet) throw subnetNotFound(SubnetId);
    return { subnet, allocationId: AllocationId, privateIp: PrivateIPv4Address, ipv6Address: IPv6Address };
  });
  checkZones(kind, placements);
  checkAddresses(kind, placements);
  return placements;
}

function checkZones({ type }: Kind, placements: readonly Placement[]): void {
  const zones = new Set(placements.map(({ subnet }) => subnet.zone));
  if (zones.size < placements.length) {
    throw invalidConfiguration('A load balancer cannot be attached to multiple subnets in the same Availability Zone');
  }
  if (type === 'application' && zones.size < 2) {
    throw validationError('At least two subnets in two different Availability Zones must be specified');
  }
  if (zones.size === 0) throw validationError('At least one subnet must be specified');
  const vpcIds = new Set(placements.map(({ subnet }) => subnet.vpcId));
  if (vpcIds.size > 1) throw invalidConfiguration('All subnets must belong to the same VPC');
}

function checkAddresses({ type, scheme, ipAddressType }: Kind, placements: readonly Placement[]): void {
  const isDual = ipAddressType !== 'ipv4';
  for (const { subnet, allocationId, privateIp, ipv6Address } of placements) {
    if (allocationId !== undefined && type !== 'network') {
      throw invalidConfiguration(`Elastic IPs are not supported for load balancers with type '${type}'`);
    }
    if (allocationId !== undefined && scheme === 'internal') {
      throw invalidConfiguration("Elastic IPs are not supported for load balancers with scheme 'internal'");
    }
    if (privateIp !== undefined && (type !== 'network' || scheme !== 'internal')) {
      throw invalidConfiguration("You can only specify private IPv4 addresses for Network Load Balancers with scheme 'internal'.");
    }
    if (ipv6Address !== undefined && (type !== 'network' || !isDual)) {
      throw invalidConfiguration("You can only specify IPv6 addresses for Network Load Balancers with IP address type 'dualstack'.");
    }
    if (isDual && !subnet.hasIpv6) throw validationError('You must specify subnets with an associated IPv6 CIDR block.');
  }
}

/** What depends on the moment: an internet gateway, free addresses. @throws AwsError InvalidSubnet, AllocationIdNotFound, ResourceInUse */
export function checkRoom(context: OperationContext, { scheme }: Kind, placements: readonly Placement[]): void {
  for (const { subnet, allocationId } of placements) {
    if (scheme === 'internet-facing' && !vpcHasInternetGateway(context.tx, subnet.vpcId)) throw noInternetGateway(subnet.vpcId);
    if (subnet.freeAddresses < addressesNeeded) throw notEnoughAddresses(subnet.id);
    if (allocationId === undefined) continue;
    const isTaken = isAddressTaken(context.tx, allocationId);
    if (isTaken === undefined) throw new AwsError('AllocationIdNotFound', `The allocation IDs '${allocationId}' do not exist`);
    if (isTaken) throw resourceInUse('The allocation IDs are not available for use');
  }
}

/** Makes the node of one subnet. @throws AwsError InvalidConfigurationRequest for an address that cannot be had */
export function createNode(
  context: OperationContext,
  balancer: Pick<LoadBalancerRecord, 'id' | 'type' | 'scheme' | 'ipAddressType' | 'groupIds'>,
  { subnet, allocationId, privateIp, ipv6Address }: Placement,
): NodeRecord {
  const isPublic = balancer.scheme === 'internet-facing' && balancer.ipAddressType !== 'dualstack-without-public-ipv4';
  let interfaceId: string;
  try {
    interfaceId = createNodeInterface(context, {
      subnetId: subnet.id,
      description: `ELB ${fullNameOf(balancer.id)}`,
      interfaceType: balancer.type === 'network' ? 'network_load_balancer' : 'interface',
      groupIds: balancer.groupIds,
      privateIp,
      hasIpv6: balancer.ipAddressType !== 'ipv4',
      ipv6Address,
      publicAddress: isPublic ? (allocationId === undefined ? 'dynamic' : { allocationId }) : undefined,
    });
  } catch (error) {
    // EC2's refusals name its own parameters: an address that is taken, or of another subnet.
    if (!(error instanceof AwsError)) throw error;
    throw privateIp === undefined && ipv6Address === undefined ? invalidSubnet(error.message) : invalidConfiguration(error.message);
  }
  return {
    zone: subnet.zone,
    subnetId: subnet.id,
    interfaceId,
    ...(allocationId === undefined ? {} : { allocationId }),
    ...(privateIp === undefined ? {} : { privateIp }),
    ...(ipv6Address === undefined ? {} : { ipv6Address }),
  };
}

export function deleteNodes(context: OperationContext, nodes: readonly NodeRecord[]): void {
  for (const { interfaceId } of nodes) deleteNodeInterface(context, interfaceId);
}

/** Whether a node is what the call asks for in its subnet. */
export function isNodeOf(node: NodeRecord, { subnet, allocationId, privateIp, ipv6Address }: Placement): boolean {
  return (
    node.subnetId === subnet.id && node.allocationId === allocationId && node.privateIp === privateIp && node.ipv6Address === ipv6Address
  );
}
