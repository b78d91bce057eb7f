/** A network interface as AWS shows it. */
import type {
  NetworkInterface,
  NetworkInterfaceAssociation,
  NetworkInterfaceAttachment,
  NetworkInterfacePrivateIpAddress,
} from '@aws-sdk/client-ec2';
import type { OperationContext } from '#aws/context.ts';
import { transitionMs } from '#aws/eventual.ts';
import { findZone } from '#aws/regions.ts';
import { publicIpOf } from '#services/ec2/addresses/address-associations.ts';
import { privateDnsName, publicDnsName } from '#services/ec2/addresses/address-names.ts';
import { primaryAddress } from '#services/ec2/interfaces/interface-lookup.ts';
import { securityGroupTable } from '#services/ec2/tables/firewalls.ts';
import type { InterfaceAttachment, NetworkInterfaceRecord } from '#services/ec2/tables/interfaces.ts';
import { vpcTable } from '#services/ec2/tables/vpcs.ts';

export function interfaceView(eni: NetworkInterfaceRecord, context: OperationContext): NetworkInterface {
  const primary = primaryAddress(eni);
  const addresses = privateAddressViews(eni, context);
  const [first] = addresses;
  return {
    NetworkInterfaceId: eni.id,
    SubnetId: eni.subnetId,
    VpcId: eni.vpcId,
    AvailabilityZone: eni.availabilityZone,
    AvailabilityZoneId: findZone(context.region, eni.availabilityZone)?.id,
    OwnerId: context.account,
    RequesterId: eni.requesterId,
    RequesterManaged: eni.requesterManaged,
    Operator: { Managed: false },
    Description: eni.description,
    InterfaceType: shownType(eni),
    Status: statusOf(eni),
    MacAddress: eni.macAddress,
    PrivateIpAddress: primary,
    PrivateDnsName: first?.PrivateDnsName,
    PrivateIpAddresses: addresses,
    Association: first?.Association,
    PublicDnsName: first?.Association?.PublicDnsName,
    Ipv6Addresses: eni.ipv6Addresses.map((address, index) => ({
      Ipv6Address: address,
      IsPrimaryIpv6: eni.primaryIpv6 === true && index === 0,
    })),
    Ipv6Address: eni.ipv6Addresses[0],
    Ipv4Prefixes: eni.ipv4Prefixes.length > 0 ? eni.ipv4Prefixes.map((prefix) => ({ Ipv4Prefix: prefix })) : undefined,
    Ipv6Prefixes: eni.ipv6Prefixes.length > 0 ? eni.ipv6Prefixes.map((prefix) => ({ Ipv6Prefix: prefix })) : undefined,
    Groups: groupsOf(eni, context),
    SourceDestCheck: eni.sourceDestCheck,
    Attachment: eni.attachment && attachmentView(eni.attachment, context),
    ConnectionTrackingConfiguration: connectionTrackingView(eni),
    TagSet: [...eni.tags],
  };
}

/** The ids and names of the interface's groups. */
export function groupsOf(eni: NetworkInterfaceRecord, context: OperationContext): { GroupId: string; GroupName: string | undefined }[] {
  return eni.groupIds.map((id) => ({ GroupId: id, GroupName: context.tx.get(securityGroupTable, id)?.name }));
}

/** `available` or `in-use`; AWS says `in-use` from the beginning of an attachment to the end of its detaching. */
export function statusOf(eni: NetworkInterfaceRecord): 'available' | 'in-use' {
  return eni.attachment ? 'in-use' : 'available';
}

/** `attaching` for a moment, then `attached`. */
export function attachmentStatus(attachment: InterfaceAttachment, context: OperationContext): 'attaching' | 'attached' {
  return context.nowMs < attachment.attachedMs + transitionMs ? 'attaching' : 'attached';
}

export function attachmentView(attachment: InterfaceAttachment, context: OperationContext): NetworkInterfaceAttachment {
  return {
    AttachmentId: attachment.id,
    InstanceId: attachment.instanceId,
    InstanceOwnerId: attachment.instanceOwnerId,
    DeviceIndex: attachment.deviceIndex,
    NetworkCardIndex: attachment.networkCardIndex,
    DeleteOnTermination: attachment.deleteOnTermination,
    AttachTime: new Date(attachment.attachedMs),
    Status: attachmentStatus(attachment, context),
  };
}

/** The private IPv4 addresses, the primary first, each with its public address and, when the VPC has DNS host names, names. */
export function privateAddressViews(eni: NetworkInterfaceRecord, context: OperationContext): NetworkInterfacePrivateIpAddress[] {
  const hasNames = hasDnsHostnames(context, eni.vpcId);
  return eni.privateAddresses.map(({ address, primary }) => ({
    PrivateIpAddress: address,
    PrivateDnsName: hasNames ? privateDnsName(context.region, address) : undefined,
    Primary: primary,
    Association: associationView(eni, address, hasNames, context),
  }));
}

/** Whether addresses of the VPC get host names. */
export function hasDnsHostnames(context: OperationContext, vpcId: string): boolean {
  const vpc = context.tx.get(vpcTable, vpcId);
  return vpc !== undefined && vpc.dnsHostnames && vpc.dnsSupport;
}

function associationView(
  eni: NetworkInterfaceRecord,
  address: string,
  hasNames: boolean,
  context: OperationContext,
): NetworkInterfaceAssociation | undefined {
  const found = publicIpOf(context, eni, address);
  return (
    found && {
      PublicIp: found.publicIp,
      PublicDnsName: hasNames ? publicDnsName(context.region, found.publicIp) : '',
      IpOwnerId: found.ipOwnerId,
      AllocationId: found.allocationId,
      AssociationId: found.associationId,
    }
  );
}

function connectionTrackingView({ connectionTracking }: NetworkInterfaceRecord): NetworkInterface['ConnectionTrackingConfiguration'] {
  return (
    connectionTracking && {
      TcpEstablishedTimeout: connectionTracking.tcpEstablishedTimeout,
      UdpStreamTimeout: connectionTracking.udpStreamTimeout,
      UdpTimeout: connectionTracking.udpTimeout,
    }
  );
}

/** AWS answers `nat_gateway`, which the SDK's enumeration spells `natGateway`. */
function shownType(eni: NetworkInterfaceRecord): NetworkInterface['InterfaceType'] {
  return eni.interfaceType as NetworkInterface['InterfaceType']; // the wire's spelling
}
