/** Records → what runs on an instance: its workload, and which instances' workloads a change of records may alter. */
import { nthIp, parseCidr } from '#model/cidr.ts';
import { formatIp } from '#model/ip.ts';
import type { Metadata, Workload } from '#model/workload.ts';
import { amazonProvidedDns } from '#services/ec2/vpcs/dhcp-option-values.ts';
import { publicImages } from '#services/ec2/instances/image-catalog.ts';
import { metadataTree } from '#services/ec2/instances/instance-metadata-tree.ts';
import { type SecurityGroupRecord, securityGroupTable } from '#services/ec2/tables/firewalls.ts';
import { type InstanceRecord, instanceTable, keyPairTable } from '#services/ec2/tables/instances.ts';
import { type AddressRecord, addressTable, type NetworkInterfaceRecord, networkInterfaceTable } from '#services/ec2/tables/interfaces.ts';
import { dhcpOptionsTable, type SubnetRecord, subnetTable, type VpcRecord, vpcTable } from '#services/ec2/tables/vpcs.ts';
import { settledState } from '#services/ec2/topology-parts.ts';
import type { Change, Reader } from '#store/store.ts';
import type { StoreRecord, Table } from '#store/table.ts';

/** The accounts that publishers' images have people log in to (EC2 guide, "Default user names"); others are like Amazon Linux. */
const loginNames: readonly (readonly [imagePrefix: string, loginName: string])[] = [
  ['ubuntu/', 'ubuntu'],
  ['debian-', 'admin'],
];
const usualLoginName = 'ec2-user';

/** Amazon's resolver: the third address of the VPC's primary block, another one without IPv4 (VPC guide, "Amazon DNS server"). */
const resolverOffset = 2;
const ipv6Resolver = 'fd00:ec2::253';

/**
 * What is to run on an instance; undefined unless it runs or is about to: a transition counts as done.
 * @param reader of the instance's partition
 */
export function workloadOf(reader: Reader, instanceId: string, region: string): Workload | undefined {
  const instance = reader.get(instanceTable, instanceId);
  if (!instance || settledState(instance.state) !== 'running') return undefined;
  const keyed = withPublicKey(reader, instance);
  return {
    kind: 'workload',
    id: instance.id,
    boot: instance.boot ?? 1,
    hostName: instance.privateDnsName,
    loginName: loginNameOf(region, instance.imageId),
    authorizedKeys: keyed.publicKey === undefined ? [] : [keyed.publicKey],
    ...namesOf(reader, instance),
    ...(instance.userData === undefined ? {} : { userData: instance.userData }),
    metadata: metadataOf(reader, keyed, region),
  };
}

/** Records of older versions have the key's name alone. */
function withPublicKey(reader: Reader, instance: InstanceRecord): InstanceRecord {
  const { keyName } = instance;
  const publicKey = instance.publicKey ?? (keyName === undefined ? undefined : reader.find(keyPairTable, 'name', keyName)[0]?.publicKey);
  return publicKey === undefined ? instance : { ...instance, publicKey: publicKey.trim() };
}

function loginNameOf(region: string, imageId: string): string {
  const name = publicImages(region).get(imageId)?.name ?? '';
  return loginNames.find(([prefix]) => name.startsWith(prefix))?.[1] ?? usualLoginName;
}

/** What DHCP tells an instance of names; a VPC without option set tells nothing. */
function namesOf(reader: Reader, { vpcId, subnetId }: InstanceRecord): Pick<Workload, 'nameServers' | 'searchDomains'> {
  const vpc = reader.get(vpcTable, vpcId);
  const options = vpc && reader.get(dhcpOptionsTable, vpc.dhcpOptionsId);
  const valuesOf = (key: string) => options?.configurations.find((one) => one.key === key)?.values ?? [];
  const amazons = reader.get(subnetTable, subnetId)?.ipv6Native ? ipv6Resolver : resolverOf(vpc?.cidrBlock ?? '');
  return {
    nameServers: valuesOf('domain-name-servers').map((server) => (server === amazonProvidedDns ? amazons : server)),
    searchDomains: valuesOf('domain-name').flatMap((domains) => domains.split(' ').filter(Boolean)),
  };
}

function resolverOf(block: string): string {
  const cidr = parseCidr(block);
  const address = cidr && nthIp(cidr, resolverOffset);
  return address === undefined ? ipv6Resolver : formatIp(address);
}

function metadataOf(reader: Reader, instance: InstanceRecord, region: string): Metadata {
  const { httpEndpoint, httpTokens, httpPutResponseHopLimit, httpProtocolIpv6 } = instance.metadataOptions;
  const enis = reader.find(networkInterfaceTable, 'instance', instance.id).toSorted((a, b) => placeOf(a) - placeOf(b));
  return {
    isEnabled: httpEndpoint === 'enabled',
    needsToken: httpTokens === 'required',
    hopLimit: httpPutResponseHopLimit,
    isIpv6Enabled: httpProtocolIpv6 === 'enabled',
    tree: metadataTree(reader, region, instance, enis),
    ...(instance.userData === undefined ? {} : { userData: instance.userData }),
  };
}

/** The primary interface first; network cards hold up to fifty interfaces each. */
function placeOf({ attachment }: NetworkInterfaceRecord): number {
  return (attachment?.networkCardIndex ?? 0) * 1000 + (attachment?.deviceIndex ?? 0);
}

type Instances = readonly (string | undefined)[];

interface Reach {
  readonly table: string;
  readonly touched: (reader: Reader, before: StoreRecord | undefined, after: StoreRecord | undefined) => Instances;
}

function reach<R extends StoreRecord>(
  table: Table<R, string>,
  touched: (reader: Reader, before: R | undefined, after: R | undefined) => Instances,
): Reach {
  return { table: table.name, touched: touched as Reach['touched'] }; // a change carries records of its own table
}

const reaches: readonly Reach[] = [
  reach<InstanceRecord>(instanceTable, (_reader, before, after) => [before?.id, after?.id]),
  reach<NetworkInterfaceRecord>(networkInterfaceTable, (_reader, before, after) => [
    before?.attachment?.instanceId,
    after?.attachment?.instanceId,
  ]),
  reach<AddressRecord>(addressTable, (reader, before, after) =>
    [before, after].map((address) => {
      const eniId = address?.association?.networkInterfaceId;
      return eniId === undefined ? undefined : reader.get(networkInterfaceTable, eniId)?.attachment?.instanceId;
    }),
  ),
  reach<SubnetRecord>(subnetTable, (reader, before, after) =>
    before && after && subnetText(before) !== subnetText(after) ? holders(reader.find(networkInterfaceTable, 'subnet', after.id)) : [],
  ),
  reach<VpcRecord>(vpcTable, (reader, before, after) =>
    before && after && vpcText(before) !== vpcText(after) ? holders(reader.find(networkInterfaceTable, 'vpc', after.id)) : [],
  ),
  reach<SecurityGroupRecord>(securityGroupTable, (reader, before, after) =>
    before && after && before.name !== after.name ? holders(reader.find(networkInterfaceTable, 'group', after.id)) : [],
  ),
];

const byTable = new Map(reaches.map((one) => [one.table, one]));

/**
 * The instances whose workload a change of a record may alter, each once; key pairs alter none: an instance keeps the key
 * it was launched with. Costs what the touched interfaces cost.
 * @param reader a view of the change's partition after its commit
 */
export function touchedInstances(change: Change, reader: Reader): Iterable<string> {
  const touched = byTable.get(change.table)?.touched(reader, change.before, change.after) ?? [];
  return new Set(touched.filter((id) => id !== undefined));
}

function holders(enis: readonly NetworkInterfaceRecord[]): Instances {
  return enis.map((eni) => eni.attachment?.instanceId);
}

/** What metadata tells of a subnet: launches change its record all the time. */
function subnetText({ cidrBlock, ipv6CidrAssociations }: SubnetRecord): string {
  return [cidrBlock, ...ipv6CidrAssociations.map((one) => one.ipv6CidrBlock)].join(' ');
}

/** What a VPC tells its instances; without DNS host names there are no public ones. Option sets themselves never change. */
function vpcText({ cidrAssociations, ipv6CidrAssociations, dnsHostnames, dhcpOptionsId }: VpcRecord): string {
  const blocks = [...cidrAssociations.map((one) => one.cidrBlock), ...ipv6CidrAssociations.map((one) => one.ipv6CidrBlock)];
  return [dnsHostnames, dhcpOptionsId, ...blocks].join(' ');
}
