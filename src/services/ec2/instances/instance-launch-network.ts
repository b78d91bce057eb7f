/** Where an instance is launched: its subnet, groups and interfaces, from the call's many ways to say it. */
import type { InstanceNetworkInterfaceSpecification, RunInstancesRequest } from '@aws-sdk/client-ec2';
import type { OperationContext } from '#aws/context.ts';
import { invalidParameterCombination, invalidParameterValue } from '#aws/errors.ts';
import { findZone } from '#aws/regions.ts';
import { AwsError } from '#protocol/aws-error.ts';
import { findDefaultVpc } from '#services/ec2/vpcs/default-vpc.ts';
import { interfacesExclude } from '#services/ec2/instances/instance-errors.ts';
import type { InstanceType } from '#services/ec2/instances/instance-type-catalog.ts';
import { attachmentLimitExceeded, interfaceAttached } from '#services/ec2/interfaces/interface-errors.ts';
import type { InterfaceRequest } from '#services/ec2/interfaces/interface-lifecycle.ts';
import { requireOwnInterface } from '#services/ec2/interfaces/interface-lookup.ts';
import { addressesAsked, connectionTrackingOf, interfaceTypeOf } from '#services/ec2/interfaces/network-interface-input.ts';
import { groupsForInterface, requireGroupByName } from '#services/ec2/security-groups/security-group-lookup.ts';
import { availableAddresses } from '#services/ec2/subnets/subnet-view.ts';
import { requireSubnet } from '#services/ec2/subnets/subnets.ts';
import type { NetworkInterfaceRecord } from '#services/ec2/tables/interfaces.ts';
import { type SubnetRecord, subnetTable } from '#services/ec2/tables/vpcs.ts';

/** An interface that an instance starts with: made for it, or there already. */
export interface InterfacePlan {
  readonly deviceIndex: number;
  readonly networkCardIndex: number;
  readonly deleteOnTermination: boolean;
  readonly existing?: NetworkInterfaceRecord;
  readonly request?: InterfaceRequest;
  readonly publicIp: boolean;
}

export interface NetworkPlan {
  /** Of the primary interface. */
  readonly subnet: SubnetRecord;
  /** The primary interface first. */
  readonly interfaces: readonly InterfacePlan[];
}

/**
 * The network of the instances that a call launches.
 * @param count how many instances at most
 * @throws AwsError what AWS refuses about subnets, groups, interfaces and their combinations
 */
export function planNetwork(context: OperationContext, input: RunInstancesRequest, type: InstanceType, count: number): NetworkPlan {
  const specifications = input.NetworkInterfaces ?? [];
  const interfaces =
    specifications.length > 0 ? fromSpecifications(context, input, type, count) : [fromInstanceLevel(context, input, count)];
  const primary = interfaces[0] as InterfacePlan; // there is always one
  const subnet = primary.existing ? requireSubnet(context, primary.existing.subnetId) : (primary.request as InterfaceRequest).subnet; // one of the two
  checkZone(context, input, subnet);
  return { subnet, interfaces };
}

/** How many instances of the plan the subnet has addresses for. */
export function roomInSubnet(plan: NetworkPlan): number {
  const { request } = plan.interfaces[0] ?? {};
  if (!request || plan.interfaces.length > 1 || request.subnet.ipv6Native) return Number.POSITIVE_INFINITY;
  return availableAddresses(request.subnet);
}

function fromInstanceLevel(context: OperationContext, input: RunInstancesRequest, count: number): InterfacePlan {
  const names = input.SecurityGroups ?? [];
  if (names.length > 0 && input.SubnetId !== undefined) {
    throw invalidParameterCombination('The parameter groupName cannot be used with the parameter subnet');
  }
  const subnet = input.SubnetId === undefined ? defaultSubnet(context, input) : requireSubnet(context, input.SubnetId);
  const groups = [...(input.SecurityGroupIds ?? []), ...names.map((name) => requireGroupByName(context, name).id)];
  const asked = addressesAsked({
    PrivateIpAddress: input.PrivateIpAddress,
    Ipv6AddressCount: input.Ipv6AddressCount,
    Ipv6Addresses: input.Ipv6Addresses,
  });
  return {
    deviceIndex: 0,
    networkCardIndex: 0,
    deleteOnTermination: true,
    publicIp: subnet.mapPublicIpOnLaunch,
    request: newInterface(context, subnet, groups, asked, count, { primaryIpv6: input.EnablePrimaryIpv6 }),
  };
}

/** What a call that lists interfaces must say there, and not of the instance. */
function checkInstanceLevel(input: RunInstancesRequest): void {
  if (input.SubnetId !== undefined) throw interfacesExclude('subnet ID');
  if ((input.SecurityGroupIds?.length ?? 0) + (input.SecurityGroups?.length ?? 0) > 0) throw interfacesExclude('security groups');
  if (input.PrivateIpAddress !== undefined) throw interfacesExclude('private address');
  if (input.Ipv6AddressCount !== undefined || (input.Ipv6Addresses?.length ?? 0) > 0) throw interfacesExclude('IPv6 address');
}

function fromSpecifications(
  context: OperationContext,
  input: RunInstancesRequest,
  type: InstanceType,
  count: number,
): readonly InterfacePlan[] {
  const specifications = input.NetworkInterfaces ?? [];
  checkInstanceLevel(input);
  if (specifications.length > type.maximumInterfaces) throw attachmentLimitExceeded(specifications.length, type.name);
  checkDevices(specifications);
  const ordered = specifications.toSorted((a, b) => (a.DeviceIndex ?? 0) - (b.DeviceIndex ?? 0));
  const zones = new Set<string>();
  return ordered.map((specification) => {
    const plan = fromSpecification(context, input, specification, count);
    zones.add((plan.existing ?? plan.request?.subnet)?.availabilityZone ?? '');
    if (zones.size > 1) throw invalidParameterCombination('Network interfaces must be in the same availability zone.');
    return plan;
  });
}

function checkDevices(specifications: readonly InstanceNetworkInterfaceSpecification[]): void {
  const places = new Set<string>();
  for (const { DeviceIndex, NetworkCardIndex = 0, AssociatePublicIpAddress, NetworkInterfaceId } of specifications) {
    if (DeviceIndex === undefined) throw invalidParameterValue('Each network interface requires a device index.');
    if (NetworkCardIndex !== 0)
      throw invalidParameterValue(`Network card index '${NetworkCardIndex}' exceeds the limit of the instance type.`);
    if (places.has(`${DeviceIndex}`)) throw invalidParameterValue('Each network interface requires a unique device index.');
    places.add(`${DeviceIndex}`);
    if (AssociatePublicIpAddress === undefined) continue;
    if (specifications.length > 1) {
      throw invalidParameterCombination(
        'The associatePublicIPAddress parameter cannot be specified when launching with multiple network interfaces.',
      );
    }
    if (DeviceIndex !== 0) {
      throw invalidParameterCombination(
        'The associatePublicIPAddress parameter can only be specified for the network interface with DeviceIndex 0.',
      );
    }
    if (NetworkInterfaceId !== undefined) {
      throw invalidParameterCombination('A network interface ID and the associatePublicIPAddress parameter may not be specified together.');
    }
  }
  if (!places.has('0')) throw invalidParameterValue('When specifying network interfaces, you must include a device at index 0.');
}

function fromSpecification(
  context: OperationContext,
  input: RunInstancesRequest,
  specification: InstanceNetworkInterfaceSpecification,
  count: number,
): InterfacePlan {
  const { DeviceIndex: deviceIndex = 0, NetworkInterfaceId: id, DeleteOnTermination } = specification;
  const place = { deviceIndex, networkCardIndex: 0 };
  if (id !== undefined) {
    if (specification.SubnetId !== undefined)
      throw invalidParameterCombination('A network interface may not specify both a network interface ID and a subnet');
    if ((specification.Groups?.length ?? 0) > 0)
      throw invalidParameterCombination('A network interface may not specify both a network interface ID and security groups');
    if (count > 1) throw invalidParameterCombination('An existing network interface can only be attached when launching one instance.');
    const existing = requireOwnInterface(context, id);
    if (existing.attachment) throw interfaceAttached(id);
    return { ...place, existing, deleteOnTermination: DeleteOnTermination ?? false, publicIp: false };
  }
  const subnet = specification.SubnetId === undefined ? defaultSubnet(context, input) : requireSubnet(context, specification.SubnetId);
  const isOnly = input.NetworkInterfaces?.length === 1;
  const asked = addressesAsked(specification);
  return {
    ...place,
    deleteOnTermination: DeleteOnTermination ?? true,
    publicIp: isOnly && (specification.AssociatePublicIpAddress ?? subnet.mapPublicIpOnLaunch),
    request: newInterface(context, subnet, specification.Groups ?? [], asked, count, {
      description: specification.Description,
      interfaceType: interfaceTypeOf(specification.InterfaceType),
      primaryIpv6: specification.PrimaryIpv6 ?? (deviceIndex === 0 ? input.EnablePrimaryIpv6 : undefined),
      connectionTracking: connectionTrackingOf(specification.ConnectionTrackingSpecification),
    }),
  };
}

function newInterface(
  context: OperationContext,
  subnet: SubnetRecord,
  groups: readonly string[],
  asked: Partial<InterfaceRequest>,
  count: number,
  more: Partial<InterfaceRequest>,
): InterfaceRequest {
  const chosen = [asked.privateIp, ...(asked.secondaryIps ?? []), ...(asked.ipv6Addresses ?? [])].filter(
    (address) => address !== undefined,
  );
  if (count > 1 && chosen.length > 0) {
    throw invalidParameterCombination('A private IP address or IPv6 address cannot be specified when launching more than one instance.');
  }
  return { subnet, groupIds: groupsForInterface(context, subnet.vpcId, groups, subnet.id), ...asked, ...more };
}

/** The default subnet of the zone asked for; of any zone, the one with most room: where AWS launches is its own choice. */
function defaultSubnet(context: OperationContext, input: RunInstancesRequest): SubnetRecord {
  const vpc = findDefaultVpc(context);
  if (!vpc) {
    throw new AwsError('VPCIdNotSpecified', 'No default VPC for this user. GroupName is only supported for EC2-Classic and default VPC.');
  }
  const zone = zoneAsked(context, input);
  const defaults = context.tx.find(subnetTable, 'vpc', vpc.id).filter((subnet) => subnet.defaultForAz);
  if (defaults.length === 0) throw missingInput(`No subnets found for the default VPC '${vpc.id}'. Please specify a subnet.`);
  const [best] = defaults
    .filter((subnet) => zone === undefined || subnet.availabilityZone === zone)
    .toSorted((a, b) => availableAddresses(b) - availableAddresses(a));
  if (!best) throw missingInput(`No default subnet for availability zone: '${zone}'.`);
  return best;
}

function zoneAsked(context: OperationContext, { Placement }: RunInstancesRequest): string | undefined {
  const { AvailabilityZone: name, AvailabilityZoneId: id } = Placement ?? {};
  if (name !== undefined && id !== undefined) {
    throw invalidParameterCombination('You can specify either availabilityZone or availabilityZoneId, but not both.');
  }
  const asked = name ?? id;
  if (asked === undefined) return undefined;
  const zone = findZone(context.region, asked);
  if (!zone) throw invalidParameterValue(`Invalid availability zone: [${asked}]`);
  return zone.name;
}

function checkZone(context: OperationContext, input: RunInstancesRequest, subnet: SubnetRecord): void {
  const zone = zoneAsked(context, input);
  if (zone === undefined || zone === subnet.availabilityZone) return;
  throw invalidParameterValue(
    `The specified subnet '${subnet.id}' is in the availability zone '${subnet.availabilityZone}', not in the specified '${zone}'.`,
  );
}

function missingInput(message: string): AwsError {
  return new AwsError('MissingInput', message);
}
