/** An instance as AWS shows it. */
import type { Instance, InstanceBlockDeviceMapping, InstanceNetworkInterface, InstanceState as StateView } from '@aws-sdk/client-ec2';
import type { OperationContext } from '#aws/context.ts';
import { transitionMs } from '#aws/eventual.ts';
import { findZone } from '#aws/regions.ts';
import { publicDnsName } from '#services/ec2/addresses/address-names.ts';
import { publicIpOf } from '#services/ec2/addresses/address-associations.ts';
import { publicImages } from '#services/ec2/instances/image-catalog.ts';
import { instanceState, interfacesOf } from '#services/ec2/instances/instance-lookup.ts';
import { metadataOptionsView } from '#services/ec2/instances/instance-metadata-options.ts';
import { coresOf, instanceTypes } from '#services/ec2/instances/instance-type-catalog.ts';
import { primaryAddress } from '#services/ec2/interfaces/interface-lookup.ts';
import { attachmentStatus, groupsOf, hasDnsHostnames, interfaceView } from '#services/ec2/interfaces/interface-view.ts';
import type { InstanceRecord, InstanceState } from '#services/ec2/tables/instances.ts';
import type { NetworkInterfaceRecord } from '#services/ec2/tables/interfaces.ts';

const stateCodes: Readonly<Record<InstanceState, number>> = {
  pending: 0,
  running: 16,
  'shutting-down': 32,
  terminated: 48,
  stopping: 64,
  stopped: 80,
};

export function stateView(state: InstanceState): StateView {
  return { Code: stateCodes[state], Name: state };
}

export function instanceView(instance: InstanceRecord, context: OperationContext): Instance {
  const state = instanceState(instance, context);
  const image = publicImages(context.region).get(instance.imageId);
  const type = instanceTypes.get(instance.instanceType);
  const isGone = state === 'terminated';
  return {
    InstanceId: instance.id,
    AmiLaunchIndex: instance.launchIndex,
    ImageId: instance.imageId,
    InstanceType: instance.instanceType as Instance['InstanceType'], // launched only with a name of the catalogue
    KeyName: instance.keyName,
    ClientToken: instance.clientToken ?? '',
    LaunchTime: new Date(instance.launchMs),
    State: stateView(state),
    StateReason: stateReason(instance, state),
    StateTransitionReason: instance.transitionReason ?? '',
    Placement: {
      AvailabilityZone: instance.availabilityZone,
      AvailabilityZoneId: findZone(context.region, instance.availabilityZone)?.id,
      GroupName: '',
      Tenancy: instance.tenancy,
    },
    Monitoring: { State: instance.monitoring ? 'enabled' : 'disabled' },
    Architecture: image?.architecture,
    RootDeviceType: 'ebs',
    RootDeviceName: instance.volumes[0]?.deviceName,
    BlockDeviceMappings: isGone ? [] : blockDeviceMappings(instance, context),
    VirtualizationType: 'hvm',
    Hypervisor: 'xen',
    EnaSupport: image?.enaSupport,
    EbsOptimized: instance.ebsOptimized,
    BootMode: image?.bootMode,
    CurrentInstanceBootMode: bootedMode(instance, context),
    PlatformDetails: 'Linux/UNIX',
    UsageOperation: 'RunInstances',
    UsageOperationUpdateTime: new Date(instance.createdMs),
    IamInstanceProfile: instance.instanceProfile && { Arn: instance.instanceProfile.arn, Id: instance.instanceProfile.profileId },
    CpuOptions: type && {
      CoreCount: instance.cpuOptions?.coreCount ?? coresOf(type),
      ThreadsPerCore: instance.cpuOptions?.threadsPerCore ?? type.family.threadsPerCore,
    },
    CapacityReservationSpecification: { CapacityReservationPreference: 'open' },
    HibernationOptions: { Configured: false },
    EnclaveOptions: { Enabled: false },
    MetadataOptions: metadataOptionsView(instance, context),
    PrivateDnsNameOptions: isGone
      ? undefined
      : {
          HostnameType: instance.hostnameType,
          EnableResourceNameDnsARecord: instance.resourceNameDnsARecord,
          EnableResourceNameDnsAAAARecord: instance.resourceNameDnsAaaaRecord,
        },
    MaintenanceOptions: { AutoRecovery: instance.autoRecovery, RebootMigration: 'default' },
    NetworkPerformanceOptions: { BandwidthWeighting: 'default' },
    Operator: { Managed: false },
    ProductCodes: [],
    Tags: [...instance.tags],
    ...(isGone ? endedNetwork : network(instance, state, context)),
  };
}

/** What is left of a terminated instance's network. */
const endedNetwork = { PrivateDnsName: '', PublicDnsName: '', NetworkInterfaces: [], SecurityGroups: [] };

/** The public address that an instance is reached at; AWS does not show it before the instance runs. */
export function publicAddressOf(instance: InstanceRecord, context: OperationContext): string | undefined {
  if (instanceState(instance, context) === 'pending') return undefined;
  const [primary] = interfacesOf(context, instance.id);
  const address = primary && primaryAddress(primary);
  return address === undefined ? undefined : publicIpOf(context, primary as NetworkInterfaceRecord, address)?.publicIp; // who has an address is there
}

/** The public DNS name, empty without a public address or in a VPC without DNS host names. */
export function publicNameOf(instance: InstanceRecord, context: OperationContext): string {
  const address = publicAddressOf(instance, context);
  return address !== undefined && hasDnsHostnames(context, instance.vpcId) ? publicDnsName(context.region, address) : '';
}

/** The boot mode that the type takes of what the image offers. */
export function bootedMode(instance: InstanceRecord, context: OperationContext): 'legacy-bios' | 'uefi' {
  const mode = publicImages(context.region).get(instance.imageId)?.bootMode;
  if (mode === undefined) return 'legacy-bios';
  return instanceTypes.get(instance.instanceType)?.family.hypervisor === 'xen' && mode === 'uefi-preferred' ? 'legacy-bios' : 'uefi';
}

function stateReason(instance: InstanceRecord, state: InstanceState): Instance['StateReason'] {
  if (state === 'pending') return { Code: 'pending', Message: 'pending' };
  return instance.stateReason && { Code: instance.stateReason.code, Message: instance.stateReason.message };
}

function network(instance: InstanceRecord, state: InstanceState, context: OperationContext): Partial<Instance> {
  const enis = interfacesOf(context, instance.id);
  const [primary] = enis;
  return {
    VpcId: instance.vpcId,
    SubnetId: instance.subnetId,
    PrivateIpAddress: primary && primaryAddress(primary),
    PrivateDnsName: instance.privateDnsName,
    PublicIpAddress: publicAddressOf(instance, context),
    PublicDnsName: publicNameOf(instance, context),
    Ipv6Address: primary?.ipv6Addresses[0],
    SourceDestCheck: primary?.sourceDestCheck,
    SecurityGroups: primary ? groupsOf(primary, context) : [],
    NetworkInterfaces: enis.map((eni) => networkInterfaceView(eni, state, context)),
  };
}

function networkInterfaceView(eni: NetworkInterfaceRecord, state: InstanceState, context: OperationContext): InstanceNetworkInterface {
  const shown = interfaceView(eni, context);
  const isPending = state === 'pending';
  return {
    NetworkInterfaceId: eni.id,
    SubnetId: eni.subnetId,
    VpcId: eni.vpcId,
    OwnerId: context.account,
    Description: eni.description,
    InterfaceType: eni.interfaceType,
    Status: shown.Status,
    MacAddress: eni.macAddress,
    PrivateIpAddress: shown.PrivateIpAddress,
    PrivateDnsName: shown.PrivateDnsName,
    PrivateIpAddresses: shown.PrivateIpAddresses?.map((one) => (isPending ? { ...one, Association: undefined } : one)),
    Association: isPending ? undefined : shown.Association,
    Ipv6Addresses: shown.Ipv6Addresses,
    Ipv4Prefixes: shown.Ipv4Prefixes,
    Ipv6Prefixes: shown.Ipv6Prefixes,
    Groups: shown.Groups,
    SourceDestCheck: eni.sourceDestCheck,
    ConnectionTrackingConfiguration: shown.ConnectionTrackingConfiguration,
    Operator: { Managed: false },
    Attachment: eni.attachment && {
      AttachmentId: eni.attachment.id,
      AttachTime: new Date(eni.attachment.attachedMs),
      DeleteOnTermination: eni.attachment.deleteOnTermination,
      DeviceIndex: eni.attachment.deviceIndex,
      NetworkCardIndex: eni.attachment.networkCardIndex,
      Status: attachmentStatus(eni.attachment, context),
    },
  };
}

export function blockDeviceMappings(instance: InstanceRecord, context: OperationContext): InstanceBlockDeviceMapping[] {
  return instance.volumes.map((volume) => ({
    DeviceName: volume.deviceName,
    Ebs: {
      VolumeId: volume.id,
      AttachTime: new Date(volume.attachedMs),
      DeleteOnTermination: volume.deleteOnTermination,
      Status: context.nowMs < volume.attachedMs + transitionMs ? 'attaching' : 'attached',
      Operator: { Managed: false },
    },
  }));
}
