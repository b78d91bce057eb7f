/** The filters of DescribeInstances. */
import type { OperationContext } from '#aws/context.ts';
import type { FilterOn, FilterSpec } from '#aws/filters.ts';
import { findZone } from '#aws/regions.ts';
import { transitionMs } from '#aws/eventual.ts';
import { publicImages } from '#services/ec2/instances/image-catalog.ts';
import { instanceInterfaceFilters } from '#services/ec2/instances/instance-interface-filters.ts';
import { instanceState, primaryInterface } from '#services/ec2/instances/instance-lookup.ts';
import { metadataOptionsView } from '#services/ec2/instances/instance-metadata-options.ts';
import { bootedMode, publicAddressOf, publicNameOf, stateView } from '#services/ec2/instances/instance-view.ts';
import { primaryAddress } from '#services/ec2/interfaces/interface-lookup.ts';
import { groupsOf } from '#services/ec2/interfaces/interface-view.ts';
import type { InstanceRecord } from '#services/ec2/tables/instances.ts';
import type { NetworkInterfaceRecord } from '#services/ec2/tables/interfaces.ts';

/** What AWS has and no instance of Keiro's is or has. */
const none = () => undefined;

/** A value that terminated instances have no more. */
function alive(on: FilterOn<InstanceRecord>): FilterOn<InstanceRecord> {
  return (instance, context) => (instanceState(instance, context) === 'terminated' ? undefined : on(instance, context));
}

/** A value of the primary interface. */
function primary(on: (eni: NetworkInterfaceRecord, context: OperationContext) => ReturnType<FilterOn<InstanceRecord>>) {
  return (instance: InstanceRecord, context: OperationContext) => {
    const eni = primaryInterface(context, instance.id);
    return eni && on(eni, context);
  };
}

export const instanceFilters: FilterSpec<InstanceRecord> = {
  ...instanceInterfaceFilters,
  affinity: none,
  architecture: (instance, context) => publicImages(context.region).get(instance.imageId)?.architecture,
  'availability-zone': (instance) => instance.availabilityZone,
  'availability-zone-id': (instance, context) => findZone(context.region, instance.availabilityZone)?.id,
  'block-device-mapping.attach-time': alive((instance) => instance.volumes.map((volume) => new Date(volume.attachedMs).toISOString())),
  'block-device-mapping.delete-on-termination': alive((instance) => instance.volumes.map((volume) => volume.deleteOnTermination)),
  'block-device-mapping.device-name': alive((instance) => instance.volumes.map((volume) => volume.deviceName)),
  'block-device-mapping.status': alive((instance, context) =>
    instance.volumes.map((volume) => (context.nowMs < volume.attachedMs + transitionMs ? 'attaching' : 'attached')),
  ),
  'block-device-mapping.volume-id': alive((instance) => instance.volumes.map((volume) => volume.id)),
  'boot-mode': (instance, context) => publicImages(context.region).get(instance.imageId)?.bootMode,
  'capacity-reservation-id': none,
  'capacity-reservation-specification.capacity-reservation-preference': () => 'open',
  'capacity-reservation-specification.capacity-reservation-target.capacity-reservation-id': none,
  'capacity-reservation-specification.capacity-reservation-target.capacity-reservation-resource-group-arn': none,
  'client-token': (instance) => instance.clientToken,
  'current-instance-boot-mode': bootedMode,
  'dns-name': publicNameOf,
  'ebs-optimized': (instance) => instance.ebsOptimized,
  'ena-support': () => true,
  'enclave-options.enabled': () => false,
  'hibernation-options.configured': () => false,
  'host-id': none,
  hypervisor: () => 'xen',
  'iam-instance-profile.arn': (instance) => instance.instanceProfile?.arn,
  'iam-instance-profile.id': (instance) => instance.instanceProfile?.profileId,
  'iam-instance-profile.name': (instance) => instance.instanceProfile?.arn.split('/').at(-1),
  'image-id': (instance) => instance.imageId,
  'instance-id': (instance) => instance.id,
  'instance-lifecycle': none,
  'instance-state-code': (instance, context) => stateView(instanceState(instance, context)).Code,
  'instance-state-name': instanceState,
  'instance-type': (instance) => instance.instanceType,
  'instance.group-id': primary((eni) => eni.groupIds),
  'instance.group-name': primary((eni, context) => groupsOf(eni, context).map((group) => group.GroupName)),
  'ip-address': publicAddressOf,
  'ipv6-address': primary((eni) => eni.ipv6Addresses),
  'kernel-id': none,
  'key-name': (instance) => instance.keyName,
  'launch-index': (instance) => instance.launchIndex,
  'launch-time': (instance) => new Date(instance.launchMs).toISOString(),
  'maintenance-options.auto-recovery': (instance) => instance.autoRecovery,
  'metadata-options.http-endpoint': (instance) => instance.metadataOptions.httpEndpoint,
  'metadata-options.http-protocol-ipv4': (instance) => instance.metadataOptions.httpEndpoint,
  'metadata-options.http-protocol-ipv6': (instance) => instance.metadataOptions.httpProtocolIpv6,
  'metadata-options.http-put-response-hop-limit': (instance) => instance.metadataOptions.httpPutResponseHopLimit,
  'metadata-options.http-tokens': (instance) => instance.metadataOptions.httpTokens,
  'metadata-options.instance-metadata-tags': (instance) => instance.metadataOptions.instanceMetadataTags,
  'metadata-options.state': (instance, context) => metadataOptionsView(instance, context).State,
  'monitoring-state': (instance) => (instance.monitoring ? 'enabled' : 'disabled'),
  'network-performance-options.bandwidth-weighting': () => 'default',
  'operator.managed': () => false,
  'operator.principal': none,
  'outpost-arn': none,
  'owner-id': (_instance, context) => context.account,
  'placement-group-name': none,
  'placement-partition-number': none,
  platform: none, // `windows`, or nothing
  'platform-details': () => 'Linux/UNIX',
  'private-dns-name': alive((instance) => instance.privateDnsName),
  'private-dns-name-options.enable-resource-name-dns-a-record': alive((instance) => instance.resourceNameDnsARecord),
  'private-dns-name-options.enable-resource-name-dns-aaaa-record': alive((instance) => instance.resourceNameDnsAaaaRecord),
  'private-dns-name-options.hostname-type': alive((instance) => instance.hostnameType),
  'private-ip-address': primary(primaryAddress),
  'product-code': none,
  'product-code.type': none,
  'ramdisk-id': none,
  reason: (instance) => instance.transitionReason,
  'requester-id': none,
  'reservation-id': (instance) => instance.reservationId,
  'root-device-name': (instance) => instance.volumes[0]?.deviceName,
  'root-device-type': () => 'ebs',
  'source-dest-check': primary((eni) => eni.sourceDestCheck),
  'spot-instance-request-id': none,
  'state-reason-code': (instance) => instance.stateReason?.code,
  'state-reason-message': (instance) => instance.stateReason?.message,
  'subnet-id': alive((instance) => instance.subnetId),
  tenancy: (instance) => instance.tenancy,
  'tpm-support': none,
  'usage-operation': () => 'RunInstances',
  'usage-operation-update-time': (instance) => new Date(instance.createdMs).toISOString(),
  'virtualization-type': () => 'hvm',
  'vpc-id': alive((instance) => instance.vpcId),
};
