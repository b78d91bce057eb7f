/** An instance type as AWS describes it. */
import type { _InstanceType, InstanceTypeInfo, NetworkInfo } from '@aws-sdk/client-ec2';
import { coresOf, type InstanceType } from '#services/ec2/instances/instance-type-catalog.ts';

/** AWS's time-outs of tracked connections in seconds; the same for all types but Nitro v6's, of which the catalogue has none. */
const connectionTracking = { DefaultTcpEstablishedTimeout: 432_000, DefaultUdpStreamTimeout: 180, DefaultUdpTimeout: 30 };
/** The instance store of m1.small, the one type of the catalogue that has one. */
const smallInstanceStore: InstanceTypeInfo['InstanceStorageInfo'] = {
  TotalSizeInGB: 160,
  Disks: [{ SizeInGB: 160, Count: 1, Type: 'hdd' }],
  NvmeSupport: 'unsupported',
  EncryptionSupport: 'unsupported',
};

export function instanceTypeView(type: InstanceType): InstanceTypeInfo {
  const { family } = type;
  const isNitro = family.hypervisor === 'nitro';
  const hasStore = family.name === 'm1';
  const hasEnclaves = family.enclavesFromVcpus !== undefined && type.vcpus >= family.enclavesFromVcpus;
  return {
    InstanceType: type.name as _InstanceType, // the catalogue holds AWS's names
    CurrentGeneration: family.currentGeneration,
    FreeTierEligible: type.freeTier,
    SupportedUsageClasses: type.spot ? ['on-demand', 'spot'] : ['on-demand'],
    SupportedRootDeviceTypes: hasStore ? ['ebs', 'instance-store'] : ['ebs'],
    SupportedVirtualizationTypes: hasStore ? ['hvm', 'paravirtual'] : ['hvm'],
    BareMetal: false,
    Hypervisor: family.hypervisor,
    ProcessorInfo: {
      SupportedArchitectures: [...type.architectures],
      SustainedClockSpeedInGhz: type.clockGhz,
      Manufacturer: family.manufacturer,
    },
    VCpuInfo: {
      DefaultVCpus: type.vcpus,
      DefaultCores: coresOf(type),
      DefaultThreadsPerCore: family.threadsPerCore,
      ValidCores: type.validCores && [...type.validCores],
      ValidThreadsPerCore: type.validCores && (family.threadsPerCore === 2 ? [1, 2] : [1]),
    },
    MemoryInfo: { SizeInMiB: type.memoryMib },
    InstanceStorageSupported: hasStore,
    InstanceStorageInfo: hasStore ? smallInstanceStore : undefined,
    EbsInfo: ebsInfo(type),
    NetworkInfo: networkInfo(type),
    PlacementGroupInfo: {
      SupportedStrategies: isNitro && !family.burstable ? ['cluster', 'partition', 'spread'] : ['partition', 'spread'],
    },
    HibernationSupported: family.hibernation,
    BurstablePerformanceSupported: family.burstable,
    DedicatedHostsSupported: family.dedicatedHosts,
    AutoRecoverySupported: !hasStore,
    SupportedBootModes: bootModes(type),
    NitroEnclavesSupport: hasEnclaves ? 'supported' : 'unsupported',
    NitroTpmSupport: isNitro ? 'supported' : 'unsupported',
    NitroTpmInfo: isNitro ? { SupportedVersions: ['2.0'] } : undefined,
    PhcSupport: family.precisionClock ? 'supported' : 'unsupported',
    RebootMigrationSupport: hasStore ? 'unsupported' : 'supported',
    SupportedInRegion: true,
  };
}

function bootModes({ family }: InstanceType): InstanceTypeInfo['SupportedBootModes'] {
  if (family.hypervisor === 'xen') return ['legacy-bios'];
  return family.architectures.includes('arm64') ? ['uefi'] : ['legacy-bios', 'uefi'];
}

function ebsInfo({ family, ebs }: InstanceType): InstanceTypeInfo['EbsInfo'] {
  return {
    EbsOptimizedSupport: ebs ? 'default' : 'unsupported',
    EncryptionSupport: 'supported',
    NvmeSupport: ebs ? 'required' : 'unsupported',
    MaximumEbsAttachments: family.maximumVolumes,
    AttachmentLimitType: family.volumeLimit,
    EbsOptimizedInfo: ebs && {
      BaselineBandwidthInMbps: ebs.baselineMbps,
      BaselineThroughputInMBps: ebs.baselineMbps / 8,
      BaselineIops: ebs.baselineIops,
      MaximumBandwidthInMbps: ebs.maximumMbps,
      MaximumThroughputInMBps: ebs.maximumMbps / 8,
      MaximumIops: ebs.maximumIops,
    },
  };
}

function networkInfo(type: InstanceType): NetworkInfo {
  const { family } = type;
  return {
    NetworkPerformance: family.networkPerformance,
    MaximumNetworkInterfaces: type.maximumInterfaces,
    MaximumNetworkCards: 1,
    DefaultNetworkCardIndex: 0,
    NetworkCards: [
      {
        NetworkCardIndex: 0,
        NetworkPerformance: family.networkPerformance,
        MaximumNetworkInterfaces: type.maximumInterfaces,
        BaselineBandwidthInGbps: type.baselineGbps,
        PeakBandwidthInGbps: type.peakGbps,
      },
    ],
    Ipv4AddressesPerInterface: type.ipv4PerInterface,
    Ipv6AddressesPerInterface: type.ipv6PerInterface,
    Ipv6Supported: type.ipv6PerInterface > 0,
    EnaSupport: family.hypervisor === 'nitro' ? 'required' : 'unsupported',
    EfaSupported: false,
    EncryptionInTransitSupported: family.encryptionInTransit,
    EnaSrdSupported: false,
    FlexibleEnaQueuesSupport: family.flexibleQueues ? 'supported' : 'unsupported',
    ConnectionTrackingConfiguration: connectionTracking,
    SecondaryNetworkSupported: false,
  };
}
