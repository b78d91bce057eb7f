/** The ends of a flow by the names that people have for them: ids, addresses, Name tags, `internet`. */
import type { Tagged } from '#aws/tags.ts';
import { addressScope } from '#model/address-scope.ts';
import { cidrContainsIp } from '#model/cidr.ts';
import { formatIp, ipFamily, isIpv4, parseIp, type Ip, type IpFamily } from '#model/ip.ts';
import type { NetworkInterface, Topology } from '#model/topology.ts';
import type { Origin } from '#model/trace.ts';
import { AwsError } from '#protocol/aws-error.ts';
import { type InstanceRecord, instanceTable } from '#services/ec2/tables/instances.ts';
import { type NetworkInterfaceRecord, networkInterfaceTable } from '#services/ec2/tables/interfaces.ts';
import { vpcTable } from '#services/ec2/tables/vpcs.ts';
import type { Reader } from '#store/store.ts';

/** A host of Keiro's own on its internet, in both families; from the blocks that no account is given. */
export const internetHost = ['198.18.0.10', '2001:db8::10'].map((text) => parseIp(text)!); // both literals are valid

/** Where names are looked up: ids everywhere, private addresses and Name tags in the reader's account and Region. */
export interface Surroundings {
  readonly topology: Topology;
  readonly reader: Reader;
}

/** One end. `address` is nobody's in particular: a destination only. */
export type FlowEnd =
  | { readonly kind: 'interface'; readonly interface: NetworkInterface; readonly addresses: readonly Ip[] }
  | { readonly kind: 'internet' | 'address'; readonly addresses: readonly Ip[] };

/**
 * The end that a flow starts from: `internet`, an instance's primary interface, an interface by its id or by one of its
 * addresses (`10.0.0.5`, `vpc-…/10.0.0.5`, a public one), a Name tag, or a host on the internet by its address.
 * @throws AwsError 404 when there is none, 400 when there are several
 */
export function resolveSource(where: Surroundings, text: string): FlowEnd {
  const named = resolveNamed(where, text);
  if (named) return named;
  const { vpcId, address } = readAddress(where, text);
  const owners = ownersOf(where, address, vpcId);
  const [owner] = owners;
  if (owners.length > 1) {
    const choices = owners.map(({ networkId }) => `${networkId}/${text}`).join(', ');
    throw new AwsError('Ambiguous', `Several interfaces have the address ${text}: say which by ${choices}.`);
  }
  if (owner) {
    const association = owner.publicAddresses.find(({ publicAddress }) => publicAddress === address);
    return { kind: 'interface', interface: owner, addresses: [association?.privateAddress ?? address] };
  }
  if (vpcId === undefined && isElsewhere(where, address)) return { kind: 'internet', addresses: [address] };
  throw new AwsError(
    'NotFound',
    `No interface ${vpcId === undefined ? placeOf(where) : `of ${vpcId}`} has the address ${formatIp(address)}.`,
    404,
  );
}

/** The end that a flow goes to: as for a source; a bare address is taken as it is, whoever has it. */
export function resolveDestination(where: Surroundings, text: string): FlowEnd {
  const named = resolveNamed(where, text);
  if (named) return named;
  const { vpcId, address } = readAddress(where, text);
  const owner = vpcId === undefined ? undefined : where.topology.interfaceAt(vpcId, address);
  return owner ? { kind: 'interface', interface: owner, addresses: [address] } : { kind: 'address', addresses: [address] };
}

/** Where the flow starts, and the addresses that it goes between. */
export interface Between {
  readonly origin: Origin;
  readonly source: Ip;
  readonly destination: Ip;
}

/**
 * Addresses of one family for both ends: IPv4 unless IPv6 is asked for or is all that both have. From outside of its
 * network an interface is addressed by its public IPv4 address, when it has one.
 * @throws AwsError 400 when they have no family in common
 */
export function chooseAddresses(from: FlowEnd, to: FlowEnd, wantsIpv6: boolean): Between {
  const both = (family: IpFamily): boolean => [from, to].every((end) => ofFamily(end, family) !== undefined);
  const family = wantsIpv6 || !both(4) ? 6 : 4;
  const [source, destination] = [ofFamily(from, family), ofFamily(to, family)];
  if (source === undefined || destination === undefined) {
    if (!wantsIpv6) throw new AwsError('InvalidParameter', 'The two ends have no address family in common.');
    throw new AwsError('InvalidParameter', `${source === undefined ? 'The source' : 'The destination'} has no IPv6 address.`);
  }
  const origin: Origin = from.kind === 'interface' ? { kind: 'interface', id: from.interface.id } : { kind: 'internet' };
  return { origin, source, destination: outsideAddress(from, to, destination) };
}

function outsideAddress(from: FlowEnd, to: FlowEnd, destination: Ip): Ip {
  if (to.kind !== 'interface') return destination;
  if (from.kind === 'interface' && from.interface.networkId === to.interface.networkId) return destination;
  const association = to.interface.publicAddresses.find(({ privateAddress }) => privateAddress === destination);
  return association?.publicAddress ?? destination;
}

function ofFamily({ addresses }: FlowEnd, family: IpFamily): Ip | undefined {
  return addresses.find((address) => ipFamily(address) === family);
}

function resolveNamed(where: Surroundings, text: string): FlowEnd | undefined {
  if (text === 'internet') return { kind: 'internet', addresses: internetHost };
  if (text.startsWith('i-')) return interfaceEnd(where, primaryInterface(instanceOf(where, text)), text);
  if (text.startsWith('eni-')) return interfaceEnd(where, text, text);
  if (text.includes('/') || parseIp(text) !== undefined) return undefined;
  return tagged(where, text);
}

function interfaceEnd({ topology }: Surroundings, id: string | undefined, asked: string): FlowEnd {
  const found = id === undefined ? undefined : topology.interfaces.get(id);
  if (!found) throw new AwsError('NotFound', id === asked ? `There is no ${asked}.` : `${asked} has no network interface.`, 404);
  return { kind: 'interface', interface: found, addresses: found.addresses };
}

/** Ids are unique over all accounts and Regions, so an instance is found wherever it is. */
function instanceOf({ reader }: Surroundings, id: string): { instance: InstanceRecord; reader: Reader } {
  for (const partition of [reader.partition, ...reader.partitions()]) {
    const instance = reader.in(partition).get(instanceTable, id);
    if (instance?.terminatedMs !== undefined) throw new AwsError('NotFound', `${id} is terminated.`, 404);
    if (instance) return { instance, reader: reader.in(partition) };
  }
  throw new AwsError('NotFound', `There is no ${id}.`, 404);
}

function primaryInterface({ instance, reader }: { instance: InstanceRecord; reader: Reader }): string | undefined {
  const isPrimary = ({ attachment }: NetworkInterfaceRecord): boolean => attachment?.deviceIndex === 0 && attachment.networkCardIndex === 0;
  return reader.find(networkInterfaceTable, 'instance', instance.id).find(isPrimary)?.id;
}

/** By Name tag: of an instance that is not terminated, or of an interface. */
function tagged(where: Surroundings, name: string): FlowEnd {
  const { reader } = where;
  const isNamed = ({ tags }: Tagged): boolean => tags.some(({ Key, Value }) => Key === 'Name' && Value === name);
  const found = new Map<string | undefined, string>();
  for (const instance of reader.list(instanceTable))
    if (isNamed(instance) && instance.terminatedMs === undefined) found.set(primaryInterface({ instance, reader }), instance.id);
  for (const eni of reader.list(networkInterfaceTable)) if (isNamed(eni) && !found.has(eni.id)) found.set(eni.id, eni.id);
  const [first, ...others] = found;
  if (!first) {
    throw new AwsError(
      'NotFound',
      `No instance and no network interface ${placeOf(where)} is named '${name}'. An end is an id (i-…, eni-…), an address, a Name tag, or 'internet'.`,
      404,
    );
  }
  if (others.length > 0)
    throw new AwsError('Ambiguous', `'${name}' is the name of several: ${[...found.values()].join(', ')}. Say which by its id.`);
  return interfaceEnd(where, first[0], first[1]);
}

function readAddress({ topology }: Surroundings, text: string): { vpcId: string | undefined; address: Ip } {
  const slash = text.indexOf('/');
  const vpcId = slash < 0 ? undefined : text.slice(0, slash);
  const address = parseIp(text.slice(slash + 1));
  if (address === undefined)
    throw new AwsError('InvalidParameter', `'${text}' is neither an address nor a VPC's id with one, as in vpc-…/10.0.0.5.`);
  if (vpcId !== undefined && !topology.networks.has(vpcId)) throw new AwsError('NotFound', `There is no ${vpcId}.`, 404);
  return { vpcId, address };
}

/** The interfaces that have the address: by its public association, by IPv6, which is one's alone, or in the VPCs of the account and Region. */
function ownersOf({ topology, reader }: Surroundings, address: Ip, vpcId: string | undefined): readonly NetworkInterface[] {
  if (vpcId !== undefined) return [topology.interfaceAt(vpcId, address)].filter((one) => one !== undefined);
  const open = isIpv4(address) ? topology.interfaceOfPublic(address) : undefined;
  if (open) return [open];
  const networkId = topology.networkOfIpv6(address)?.id;
  const vpcIds = networkId === undefined ? [...reader.list(vpcTable)].map(({ id }) => id) : [networkId];
  return vpcIds.map((id) => topology.interfaceAt(id, address)).filter((one) => one !== undefined);
}

/** Whether the address is of the internet and of no network here. */
function isElsewhere({ topology }: Surroundings, address: Ip): boolean {
  const isOurs =
    topology.isPooled(address) || [...topology.networks.values()].some(({ cidrs }) => cidrs.some((cidr) => cidrContainsIp(cidr, address)));
  return addressScope(address) === 'global' && !isOurs;
}

function placeOf({ reader: { partition } }: Surroundings): string {
  return `of account ${partition.account} in ${partition.region}`;
}
