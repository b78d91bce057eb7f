/** The filters of DescribeInstances over the interfaces of an instance: `network-interface.…`. */
import type { OperationContext } from '#aws/context.ts';
import type { FilterSpec, FilterValue } from '#aws/filters.ts';
import { privateDnsName, publicDnsName } from '#services/ec2/addresses/address-names.ts';
import { publicIpOf, type PublicIp } from '#services/ec2/addresses/address-associations.ts';
import { interfacesOf } from '#services/ec2/instances/instance-lookup.ts';
import { primaryAddress } from '#services/ec2/interfaces/interface-lookup.ts';
import { attachmentStatus, groupsOf, hasDnsHostnames, statusOf } from '#services/ec2/interfaces/interface-view.ts';
import type { InstanceRecord } from '#services/ec2/tables/instances.ts';
import type { NetworkInterfaceRecord } from '#services/ec2/tables/interfaces.ts';

type OnInterface = (eni: NetworkInterfaceRecord, context: OperationContext) => FilterValue;

const onInterfaces: Readonly<Record<string, OnInterface>> = {
  'addresses.association.allocation-id': (eni, context) => publicIps(eni, context).map((one) => one.allocationId),
  'addresses.association.association-id': (eni, context) => publicIps(eni, context).map((one) => one.associationId),
  'addresses.association.carrier-ip': () => undefined, // Wavelength Zones
  'addresses.association.customer-owned-ip': () => undefined, // Outposts
  'addresses.association.ip-owner-id': (eni, context) => publicIps(eni, context).map((one) => one.ipOwnerId),
  'addresses.association.public-dns-name': (eni, context) => publicNames(eni, publicIps(eni, context), context),
  'addresses.association.public-ip': (eni, context) => publicIps(eni, context).map((one) => one.publicIp),
  'addresses.primary': (eni) => eni.privateAddresses.map((one) => one.primary),
  'addresses.private-dns-name': (eni, context) =>
    hasDnsHostnames(context, eni.vpcId) ? eni.privateAddresses.map((one) => privateDnsName(context.region, one.address)) : undefined,
  'addresses.private-ip-address': (eni) => eni.privateAddresses.map((one) => one.address),
  'association.allocation-id': (eni, context) => primaryPublicIp(eni, context)?.allocationId,
  'association.association-id': (eni, context) => primaryPublicIp(eni, context)?.associationId,
  'association.carrier-ip': () => undefined,
  'association.customer-owned-ip': () => undefined,
  'association.ip-owner-id': (eni, context) => primaryPublicIp(eni, context)?.ipOwnerId,
  'association.public-dns-name': primaryPublicName,
  'association.public-ip': (eni, context) => primaryPublicIp(eni, context)?.publicIp,
  'attachment.attach-time': (eni) => eni.attachment && new Date(eni.attachment.attachedMs).toISOString(),
  'attachment.attachment-id': (eni) => eni.attachment?.id,
  'attachment.delete-on-termination': (eni) => eni.attachment?.deleteOnTermination,
  'attachment.device-index': (eni) => eni.attachment?.deviceIndex,
  'attachment.instance-id': (eni) => eni.attachment?.instanceId,
  'attachment.instance-owner-id': (eni) => eni.attachment?.instanceOwnerId,
  'attachment.network-card-index': (eni) => eni.attachment?.networkCardIndex,
  'attachment.status': (eni, context) => eni.attachment && attachmentStatus(eni.attachment, context),
  'availability-zone': (eni) => eni.availabilityZone,
  'deny-all-igw-traffic': () => false,
  description: (eni) => eni.description,
  'group-id': (eni) => eni.groupIds,
  'group-name': (eni, context) => groupsOf(eni, context).map((group) => group.GroupName),
  'ipv4-prefixes.ipv4-prefix': (eni) => eni.ipv4Prefixes,
  'ipv6-address': (eni) => eni.ipv6Addresses,
  'ipv6-addresses.ipv6-address': (eni) => eni.ipv6Addresses,
  'ipv6-addresses.is-primary-ipv6': (eni) => eni.ipv6Addresses.map((_address, index) => index === 0 && eni.primaryIpv6 === true),
  'ipv6-native': (eni) => eni.privateAddresses.length === 0,
  'ipv6-prefixes.ipv6-prefix': (eni) => eni.ipv6Prefixes,
  'mac-address': (eni) => eni.macAddress,
  'network-interface-id': (eni) => eni.id,
  'operator.managed': () => false,
  'operator.principal': () => undefined,
  'outpost-arn': () => undefined,
  'owner-id': (_eni, context) => context.account,
  'private-dns-name': (eni, context) => {
    const address = primaryAddress(eni);
    return address !== undefined && hasDnsHostnames(context, eni.vpcId) ? privateDnsName(context.region, address) : undefined;
  },
  'private-ip-address': primaryAddress,
  'public-dns-name': primaryPublicName,
  'requester-id': (eni) => eni.requesterId,
  'requester-managed': (eni) => eni.requesterManaged,
  'source-dest-check': (eni) => eni.sourceDestCheck,
  status: statusOf,
  'subnet-id': (eni) => eni.subnetId,
  'tag-key': (eni) => eni.tags.map((tag) => tag.Key),
  'tag-value': (eni) => eni.tags.map((tag) => tag.Value),
  'vpc-id': (eni) => eni.vpcId,
};

export const instanceInterfaceFilters: FilterSpec<InstanceRecord> = Object.fromEntries(
  Object.entries(onInterfaces).map(([name, on]) => [
    `network-interface.${name}`,
    (instance: InstanceRecord, context: OperationContext) => interfacesOf(context, instance.id).flatMap((eni) => on(eni, context)),
  ]),
);

function publicIps(eni: NetworkInterfaceRecord, context: OperationContext): readonly PublicIp[] {
  return eni.privateAddresses.flatMap((one) => publicIpOf(context, eni, one.address) ?? []);
}

function primaryPublicIp(eni: NetworkInterfaceRecord, context: OperationContext): PublicIp | undefined {
  const address = primaryAddress(eni);
  return address === undefined ? undefined : publicIpOf(context, eni, address);
}

function publicNames(eni: NetworkInterfaceRecord, ips: readonly PublicIp[], context: OperationContext): readonly string[] {
  return hasDnsHostnames(context, eni.vpcId) ? ips.map((one) => publicDnsName(context.region, one.publicIp)) : [];
}

function primaryPublicName(eni: NetworkInterfaceRecord, context: OperationContext): FilterValue {
  const ip = primaryPublicIp(eni, context);
  return ip && publicNames(eni, [ip], context);
}
