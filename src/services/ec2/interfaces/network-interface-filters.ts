/** The filters of DescribeNetworkInterfaces. */
import type { OperationContext } from '#aws/context.ts';
import type { FilterSpec } from '#aws/filters.ts';
import { findZone } from '#aws/regions.ts';
import { publicIpOf, type PublicIp } from '#services/ec2/addresses/address-associations.ts';
import { privateDnsName, publicDnsName } from '#services/ec2/addresses/address-names.ts';
import { attachmentStatus, hasDnsHostnames, statusOf } from '#services/ec2/interfaces/interface-view.ts';
import { primaryAddress } from '#services/ec2/interfaces/interface-lookup.ts';
import type { NetworkInterfaceRecord } from '#services/ec2/tables/interfaces.ts';

export const networkInterfaceFilters: FilterSpec<NetworkInterfaceRecord> = {
  'addresses.association.owner-id': (eni, context) => publicIps(eni, context).map((one) => one.ipOwnerId),
  'addresses.association.public-ip': (eni, context) => publicIps(eni, context).map((one) => one.publicIp),
  'addresses.primary': (eni) => eni.privateAddresses.map((one) => one.primary),
  'addresses.private-ip-address': (eni) => eni.privateAddresses.map((one) => one.address),
  'association.allocation-id': (eni, context) => publicIps(eni, context).map((one) => one.allocationId),
  'association.association-id': (eni, context) => publicIps(eni, context).map((one) => one.associationId),
  'association.ip-owner-id': (eni, context) => publicIps(eni, context).map((one) => one.ipOwnerId),
  'association.public-dns-name': (eni, context) =>
    hasDnsHostnames(context, eni.vpcId) ? publicIps(eni, context).map((one) => publicDnsName(context.region, one.publicIp)) : undefined,
  'association.public-ip': (eni, context) => publicIps(eni, context).map((one) => one.publicIp),
  'attachment.attach-time': (eni) => eni.attachment && new Date(eni.attachment.attachedMs).toISOString(),
  'attachment.attachment-id': (eni) => eni.attachment?.id,
  'attachment.delete-on-termination': (eni) => eni.attachment?.deleteOnTermination,
  'attachment.device-index': (eni) => eni.attachment?.deviceIndex,
  'attachment.instance-id': (eni) => eni.attachment?.instanceId,
  'attachment.instance-owner-id': (eni) => eni.attachment?.instanceOwnerId,
  'attachment.status': (eni, context) => eni.attachment && attachmentStatus(eni.attachment, context),
  'availability-zone': (eni) => eni.availabilityZone,
  'availability-zone-id': (eni, context) => findZone(context.region, eni.availabilityZone)?.id,
  description: (eni) => eni.description,
  'group-id': (eni) => eni.groupIds,
  'interface-type': (eni) => eni.interfaceType,
  'ipv6-addresses.ipv6-address': (eni) => eni.ipv6Addresses,
  'mac-address': (eni) => eni.macAddress,
  'network-interface-id': (eni) => eni.id,
  'operator.managed': () => false,
  'operator.principal': () => undefined,
  'owner-id': (_eni, context) => context.account,
  'private-dns-name': privateDnsNameOf,
  'private-ip-address': (eni) => eni.privateAddresses.map((one) => one.address),
  'requester-id': (eni) => eni.requesterId,
  'requester-managed': (eni) => eni.requesterManaged,
  'source-dest-check': (eni) => eni.sourceDestCheck,
  status: statusOf,
  'subnet-id': (eni) => eni.subnetId,
  'vpc-id': (eni) => eni.vpcId,
};

function publicIps(eni: NetworkInterfaceRecord, context: OperationContext): readonly PublicIp[] {
  return eni.privateAddresses.flatMap((one) => publicIpOf(context, eni, one.address) ?? []);
}

function privateDnsNameOf(eni: NetworkInterfaceRecord, context: OperationContext): string | undefined {
  const primary = primaryAddress(eni);
  return primary !== undefined && hasDnsHostnames(context, eni.vpcId) ? privateDnsName(context.region, primary) : undefined;
}
