/** What load balancers have of EC2: an interface for each node, and look-ups of the network around it. */
import type { OperationContext } from '#aws/context.ts';
import { newId } from '#aws/ids.ts';
import { closeSubnet, openSubnet } from '#services/ec2/addresses/address-allocation.ts';
import { associateAddress, assignDynamicPublicIp, releaseDynamicPublicIp } from '#services/ec2/addresses/address-associations.ts';
import { takeAnyIpv6 } from '#services/ec2/addresses/address-ipv6.ts';
import { createInterface, deleteInterface } from '#services/ec2/interfaces/interface-lifecycle.ts';
import { requireInterface } from '#services/ec2/interfaces/interface-lookup.ts';
import { groupUsableIn } from '#services/ec2/security-groups/security-group-lookup.ts';
import { defaultSecurityGroup } from '#services/ec2/security-groups/security-group-defaults.ts';
import { availableAddresses } from '#services/ec2/subnets/subnet-view.ts';
import { securityGroupTable } from '#services/ec2/tables/firewalls.ts';
import { type InstanceRecord, type InstanceState, instanceTable } from '#services/ec2/tables/instances.ts';
import {
  type AddressRecord,
  addressTable,
  balancerRequester,
  type NetworkInterfaceRecord,
  networkInterfaceTable,
} from '#services/ec2/tables/interfaces.ts';
import { internetGatewayTable } from '#services/ec2/tables/routing.ts';
import { type SubnetRecord, subnetTable, vpcTable } from '#services/ec2/tables/vpcs.ts';
import { settledState } from '#services/ec2/topology-parts.ts';
import type { Change, Reader } from '#store/store.ts';

export interface NodeInterface {
  readonly subnetId: string;
  readonly description: string;
  readonly interfaceType: 'interface' | 'network_load_balancer';
  readonly groupIds: readonly string[];
  /** The next free one when undefined. */
  readonly privateIp?: string | undefined;
  readonly hasIpv6: boolean;
  readonly ipv6Address?: string | undefined;
  /** `dynamic`: one of the pool's; else the Elastic IP of that allocation. */
  readonly publicAddress?: 'dynamic' | { readonly allocationId: string } | undefined;
}

/**
 * Makes the interface of a load balancer's node: managed, attached, and its owner's calls may not change it.
 * @throws AwsError what taking addresses throws
 */
export function createNodeInterface(context: OperationContext, request: NodeInterface): string {
  const subnet = context.tx.get(subnetTable, request.subnetId);
  if (!subnet) throw new Error(`the subnet ${request.subnetId} was looked up before`);
  const eni = createInterface(context, {
    subnet,
    description: request.description,
    groupIds: request.groupIds,
    privateIp: request.privateIp,
    ...(request.ipv6Address === undefined ? { ipv6Count: request.hasIpv6 ? 1 : 0 } : { ipv6Addresses: [request.ipv6Address] }),
    interfaceType: request.interfaceType,
    requesterManaged: true,
    requesterId: balancerRequester,
    // Nodes of network load balancers send with their clients' addresses.
    sourceDestCheck: request.interfaceType === 'interface',
    attachment: {
      id: newId(context, 'ela-attach'),
      instanceOwnerId: balancerRequester,
      deviceIndex: 1,
      networkCardIndex: 0,
      deleteOnTermination: false,
      attachedMs: context.nowMs,
    },
  });
  if (request.publicAddress === 'dynamic') assignDynamicPublicIp(context, eni);
  else if (request.publicAddress) {
    const address = context.tx.get(addressTable, request.publicAddress.allocationId);
    if (address) associateAddress(context, address, eni, eni.privateAddresses[0]?.address ?? '');
  }
  return eni.id;
}

export function deleteNodeInterface(context: OperationContext, interfaceId: string): void {
  const eni = context.tx.get(networkInterfaceTable, interfaceId);
  if (eni) deleteInterface(context, eni);
}

export function setNodeGroups(context: OperationContext, interfaceId: string, groupIds: readonly string[]): void {
  context.tx.put(networkInterfaceTable, { ...requireInterface(context, interfaceId), groupIds });
}

/** Gives the node an IPv6 address, or takes it away. */
export function setNodeIpv6(context: OperationContext, interfaceId: string, hasIpv6: boolean): void {
  const eni = requireInterface(context, interfaceId);
  if (hasIpv6 === eni.ipv6Addresses.length > 0) return;
  const subnet = openSubnet(context, eni.subnetId);
  const ipv6Addresses = hasIpv6 ? [takeAnyIpv6(subnet)] : [];
  closeSubnet(subnet);
  context.tx.put(networkInterfaceTable, { ...eni, ipv6Addresses });
}

/** Gives the node a public address of the pool's, or takes it away; an Elastic IP stays. */
export function setNodePublic(context: OperationContext, interfaceId: string, isPublic: boolean): void {
  const eni = requireInterface(context, interfaceId);
  if (isPublic) assignDynamicPublicIp(context, eni);
  else releaseDynamicPublicIp(context, eni);
}

export interface SubnetFacts {
  readonly id: string;
  readonly vpcId: string;
  readonly zone: string;
  readonly freeAddresses: number;
  /** Blocks of both families, as text. */
  readonly cidrs: readonly string[];
  readonly hasIpv6: boolean;
}

export function findSubnet(reader: Reader, id: string): SubnetFacts | undefined {
  const subnet = reader.get(subnetTable, id);
  return subnet && subnetFacts(subnet);
}

export function subnetsOf(reader: Reader, vpcId: string): readonly SubnetFacts[] {
  return reader.find(subnetTable, 'vpc', vpcId).map(subnetFacts);
}

function subnetFacts(subnet: SubnetRecord): SubnetFacts {
  const ipv6 = subnet.ipv6CidrAssociations.map((one) => one.ipv6CidrBlock);
  return {
    id: subnet.id,
    vpcId: subnet.vpcId,
    zone: subnet.availabilityZone,
    freeAddresses: availableAddresses(subnet),
    cidrs: [...(subnet.cidrBlock === undefined ? [] : [subnet.cidrBlock]), ...ipv6],
    hasIpv6: ipv6.length > 0,
  };
}

export function isVpc(reader: Reader, id: string): boolean {
  return reader.get(vpcTable, id) !== undefined;
}

export function vpcHasInternetGateway(reader: Reader, vpcId: string): boolean {
  return reader.find(internetGatewayTable, 'vpc', vpcId).length > 0;
}

/** Whether interfaces of the VPC may have the group; undefined when there is no such group. */
export function isGroupUsableIn(context: OperationContext, groupId: string, vpcId: string): boolean | undefined {
  const group = context.tx.get(securityGroupTable, groupId);
  return group && groupUsableIn(group, vpcId, context.nowMs);
}

export function defaultGroupOf(context: OperationContext, vpcId: string): string {
  return defaultSecurityGroup(context, vpcId).id;
}

/** Whether an Elastic IP is on something; undefined when there is no such allocation. */
export function isAddressTaken(reader: Reader, allocationId: string): boolean | undefined {
  const address = reader.get(addressTable, allocationId);
  return address && address.association !== undefined;
}

export interface InterfaceFacts {
  /** IPv4 first. */
  readonly addresses: readonly string[];
  readonly publicAddress?: string;
}

export function findInterface(reader: Reader, id: string): InterfaceFacts | undefined {
  const eni = reader.get(networkInterfaceTable, id);
  if (!eni) return undefined;
  const publicAddress = reader.find(addressTable, 'networkInterface', id)[0]?.publicIp ?? eni.dynamicPublicIp;
  return {
    addresses: [...eni.privateAddresses.map((one) => one.address), ...eni.ipv6Addresses],
    ...(publicAddress === undefined ? {} : { publicAddress }),
  };
}

export interface InstanceFacts {
  readonly id: string;
  readonly vpcId: string;
  readonly zone: string;
  /** A transition counts as done. */
  readonly state: InstanceState;
  /** The primary interface's primary address of a family; an instance that is terminated has none. */
  readonly ipv4?: string;
  readonly ipv6?: string;
}

export function findInstance(reader: Reader, id: string): InstanceFacts | undefined {
  const instance = reader.get(instanceTable, id);
  if (!instance) return undefined;
  const enis = reader.find(networkInterfaceTable, 'instance', id);
  const primary = enis.find(({ attachment }) => attachment?.deviceIndex === 0 && attachment.networkCardIndex === 0);
  const ipv4 = primary?.privateAddresses[0]?.address;
  const ipv6 = primary?.ipv6Addresses[0];
  return {
    id,
    vpcId: instance.vpcId,
    zone: instance.availabilityZone,
    state: settledState(instance.state),
    ...(ipv4 === undefined ? {} : { ipv4 }),
    ...(ipv6 === undefined ? {} : { ipv6 }),
  };
}

/** Whether a load balancer's node has the address, in the VPC. */
export function isNodeAddress(reader: Reader, vpcId: string, address: string): boolean {
  const enis = reader.find(networkInterfaceTable, 'privateIp', address);
  return enis.some((eni) => eni.vpcId === vpcId && eni.requesterId === balancerRequester);
}

/** The instances and interfaces that a change of a record may alter, as load balancers see them. */
export function touchedEndpoints({ table, before, after }: Change, reader: Reader): readonly string[] {
  const both = [before, after];
  switch (table) {
    case instanceTable.name: {
      const [was, is] = both as readonly (InstanceRecord | undefined)[]; // records of this table
      return (was && settledState(was.state)) === (is && settledState(is.state)) ? [] : [(is ?? was)?.id ?? ''];
    }
    case networkInterfaceTable.name: {
      const enis = both as readonly (NetworkInterfaceRecord | undefined)[]; // as above
      return enis.flatMap((eni) => (eni ? [eni.id, eni.attachment?.instanceId ?? ''] : []));
    }
    case addressTable.name: {
      const interfaceIds = (both as readonly (AddressRecord | undefined)[]).map((one) => one?.association?.networkInterfaceId ?? ''); // as above
      return interfaceIds.filter((id) => reader.get(networkInterfaceTable, id)?.requesterId === balancerRequester);
    }
    default:
      return [];
  }
}
