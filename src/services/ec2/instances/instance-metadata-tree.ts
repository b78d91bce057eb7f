/** What an instance's metadata service tells it, out of the records (https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-instance-metadata.html). */
import { findZone, partitionOf } from '#aws/regions.ts';
import { privateDnsName, publicDnsName, resourceDnsName } from '#services/ec2/addresses/address-names.ts';
import { publicImages } from '#services/ec2/instances/image-catalog.ts';
import { instanceTypes } from '#services/ec2/instances/instance-type-catalog.ts';
import { primaryAddress } from '#services/ec2/interfaces/interface-lookup.ts';
import { securityGroupTable } from '#services/ec2/tables/firewalls.ts';
import type { InstanceRecord } from '#services/ec2/tables/instances.ts';
import { addressTable, type NetworkInterfaceRecord } from '#services/ec2/tables/interfaces.ts';
import { subnetTable, vpcTable } from '#services/ec2/tables/vpcs.ts';
import type { Reader } from '#store/store.ts';

/** A leaf without value is not there: AWS answers 404 for what does not apply. */
type Leaves = Readonly<Record<string, string | undefined>>;

interface Surroundings {
  readonly reader: Reader;
  readonly region: string;
  readonly instance: InstanceRecord;
}

/**
 * Leaves below `/latest/` by path; one that ends in `/` is the listing of its folder as it is told.
 * Not there: credentials of roles (`iam/security-credentials/`, `identity-credentials/`) and signatures of the identity document.
 * @param enis the instance's interfaces, the primary one first
 */
export function metadataTree(
  reader: Reader,
  region: string,
  instance: InstanceRecord,
  enis: readonly NetworkInterfaceRecord[],
): Readonly<Record<string, string>> {
  const where: Surroundings = { reader, region, instance };
  const [primary] = enis;
  const leaves: Leaves = {
    ...under('meta-data/', {
      ...instanceLeaves(where),
      ...(primary ? primaryLeaves(where, primary) : {}),
      ...under('block-device-mapping/', deviceLeaves(instance)),
      ...under('placement/', {
        'availability-zone': instance.availabilityZone,
        'availability-zone-id': findZone(region, instance.availabilityZone)?.id,
        region,
      }),
      ...under('public-keys/', keyLeaves(instance)),
      ...under('tags/instance/', tagLeaves(instance)),
      ...(instance.instanceProfile ? { 'iam/info': profileText(instance.instanceProfile) } : {}),
    }),
    ...Object.assign({}, ...enis.map((eni) => under(`meta-data/network/interfaces/macs/${eni.macAddress}/`, interfaceLeaves(where, eni)))),
    'dynamic/fws/instance-monitoring': instance.monitoring ? 'enabled' : 'disabled',
    'dynamic/instance-identity/document': identityDocument(where, primary),
  };
  return Object.fromEntries(Object.entries(leaves).filter((leaf): leaf is [string, string] => leaf[1] !== undefined));
}

function under(folder: string, leaves: Leaves): Leaves {
  return Object.fromEntries(Object.entries(leaves).map(([path, text]) => [folder + path, text]));
}

function instanceLeaves({ region, instance }: Surroundings): Leaves {
  return {
    'ami-id': instance.imageId,
    'ami-launch-index': `${instance.launchIndex}`,
    // What AWS tells of images on EBS volumes, and all of Keiro's are.
    'ami-manifest-path': '(unknown)',
    'events/maintenance/history': '[]',
    'events/maintenance/scheduled': '[]',
    'hibernation/configured': 'false',
    hostname: instance.privateDnsName,
    'instance-action': 'none',
    'instance-id': instance.id,
    'instance-life-cycle': 'on-demand',
    'instance-type': instance.instanceType,
    'local-hostname': instance.privateDnsName,
    profile: 'default-hvm',
    'reservation-id': instance.reservationId,
    'services/domain': region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com',
    'services/partition': partitionOf(region),
    system: instanceTypes.get(instance.instanceType)?.family.hypervisor,
  };
}

/** Of the interface that is device 0, told of the instance too. */
function primaryLeaves(where: Surroundings, eni: NetworkInterfaceRecord): Leaves {
  const address = primaryAddress(eni);
  const publicIp = publicIpsOf(where.reader, eni).find(({ privateIp }) => privateIp === address)?.publicIp;
  return {
    ipv6: eni.ipv6Addresses[0],
    'local-ipv4': address,
    mac: eni.macAddress,
    'public-hostname': publicNameOf(where, eni, publicIp),
    'public-ipv4': publicIp,
    'security-groups': lines(groupNames(where.reader, eni)),
  };
}

function deviceLeaves({ volumes: [root, ...others] }: InstanceRecord): Leaves {
  return {
    ami: root?.deviceName,
    root: root?.deviceName,
    ...Object.fromEntries(others.map(({ deviceName }, index) => [`ebs${index + 1}`, deviceName.replace(/^\/dev\//, '')])),
  };
}

/** AWS lists the key's name beside its index, but the folder is named by the index alone. */
function keyLeaves({ keyName, publicKey }: InstanceRecord): Leaves {
  if (keyName === undefined || publicKey === undefined) return {};
  return { '': `0=${keyName}`, '0/openssh-key': publicKey };
}

/** Keys that cannot be part of a path are not told (Work with instance tags in instance metadata). */
function tagLeaves({ tags, metadataOptions }: InstanceRecord): Leaves {
  if (metadataOptions.instanceMetadataTags !== 'enabled') return {};
  const told = tags.filter(({ Key }) => /^[\w+=.,:@-]+$/.test(Key) && !['.', '..', '_index'].includes(Key));
  return Object.fromEntries(told.map(({ Key, Value }) => [Key, Value]));
}

function interfaceLeaves(where: Surroundings, eni: NetworkInterfaceRecord): Leaves {
  const { reader } = where;
  const subnet = reader.get(subnetTable, eni.subnetId);
  const vpc = reader.get(vpcTable, eni.vpcId);
  const publicIps = publicIpsOf(reader, eni);
  const card = eni.attachment?.networkCardIndex ?? 0;
  return {
    'device-number': `${eni.attachment?.deviceIndex ?? 0}`,
    'interface-id': eni.id,
    ...under('ipv4-associations/', Object.fromEntries(associationsOf(publicIps))),
    'ipv4-prefix': lines(eni.ipv4Prefixes),
    'ipv6-prefix': lines(eni.ipv6Prefixes),
    ipv6s: lines(eni.ipv6Addresses),
    'local-hostname': localNameOf(where, eni),
    'local-ipv4s': lines(eni.privateAddresses.map(({ address }) => address)),
    mac: eni.macAddress,
    'network-card-index': card > 0 ? `${card}` : undefined,
    'owner-id': reader.partition.account,
    'public-hostname': publicNameOf(where, eni, publicIps[0]?.publicIp),
    'public-ipv4s': lines(publicIps.map(({ publicIp }) => publicIp)),
    'security-group-ids': lines(eni.groupIds),
    'security-groups': lines(groupNames(reader, eni)),
    'subnet-id': eni.subnetId,
    'subnet-ipv4-cidr-block': subnet?.cidrBlock,
    'subnet-ipv6-cidr-blocks': lines((subnet?.ipv6CidrAssociations ?? []).map((one) => one.ipv6CidrBlock)),
    'vpc-id': eni.vpcId,
    'vpc-ipv4-cidr-block': vpc?.cidrBlock,
    'vpc-ipv4-cidr-blocks': lines((vpc?.cidrAssociations ?? []).map((one) => one.cidrBlock)),
    'vpc-ipv6-cidr-blocks': lines((vpc?.ipv6CidrAssociations ?? []).map((one) => one.ipv6CidrBlock)),
  };
}

interface PublicIp {
  readonly privateIp: string;
  readonly publicIp: string;
}

/** Elastic IPs and the dynamic address, in the order of the private ones. */
function publicIpsOf(reader: Reader, eni: NetworkInterfaceRecord): readonly PublicIp[] {
  const elastic = new Map(
    reader.find(addressTable, 'networkInterface', eni.id).map((address) => [address.association?.privateIp, address.publicIp]),
  );
  return eni.privateAddresses.flatMap(({ address, primary }) => {
    const publicIp = elastic.get(address) ?? (primary ? eni.dynamicPublicIp : undefined);
    return publicIp === undefined ? [] : [{ privateIp: address, publicIp }];
  });
}

function associationsOf(publicIps: readonly PublicIp[]): readonly (readonly [string, string])[] {
  return publicIps.map(({ publicIp, privateIp }) => [publicIp, privateIp]);
}

/** "Only returned if the enableDnsHostnames attribute is set to true" (Instance metadata categories). */
function publicNameOf({ reader, region }: Surroundings, { vpcId }: NetworkInterfaceRecord, publicIp?: string): string | undefined {
  if (publicIp === undefined || !reader.get(vpcTable, vpcId)?.dnsHostnames) return undefined;
  return publicDnsName(region, publicIp);
}

function localNameOf({ region, instance }: Surroundings, eni: NetworkInterfaceRecord): string {
  if ((eni.attachment?.deviceIndex ?? 0) === 0) return instance.privateDnsName;
  const address = primaryAddress(eni);
  return address === undefined ? resourceDnsName(region, instance.id) : privateDnsName(region, address);
}

function groupNames(reader: Reader, { groupIds }: NetworkInterfaceRecord): readonly string[] {
  return groupIds.flatMap((id) => reader.get(securityGroupTable, id)?.name ?? []);
}

function lines(values: readonly string[]): string | undefined {
  return values.length === 0 ? undefined : values.join('\n');
}

/** https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instance-identity-documents.html */
function identityDocument({ reader, region, instance }: Surroundings, primary: NetworkInterfaceRecord | undefined): string {
  return documentOf({
    accountId: reader.partition.account,
    architecture: publicImages(region).get(instance.imageId)?.architecture ?? 'x86_64',
    availabilityZone: instance.availabilityZone,
    billingProducts: null,
    devpayProductCodes: null,
    marketplaceProductCodes: null,
    imageId: instance.imageId,
    instanceId: instance.id,
    instanceType: instance.instanceType,
    kernelId: null,
    pendingTime: second(instance.launchMs),
    privateIp: (primary && primaryAddress(primary)) ?? null,
    ramdiskId: null,
    region,
    version: '2017-09-30',
  });
}

function profileText({ arn, profileId, associatedMs }: NonNullable<InstanceRecord['instanceProfile']>): string {
  return documentOf({
    Code: 'Success',
    LastUpdated: second(associatedMs),
    InstanceProfileArn: arn,
    InstanceProfileId: profileId,
  });
}

/** JSON as AWS spaces it: scripts that cut it up with `grep` and `cut` rely on that. */
function documentOf(members: Readonly<Record<string, string | null>>): string {
  const rows = Object.entries(members).map(([name, value]) => `  ${JSON.stringify(name)} : ${JSON.stringify(value)}`);
  return `{\n${rows.join(',\n')}\n}`;
}

/** E.g. `2026-01-31T12:00:00Z`. */
function second(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}
