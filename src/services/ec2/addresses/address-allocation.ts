/** The private addresses of one subnet: which are free, taking and giving back, and the exact count of those in use. */
import type { OperationContext } from '#aws/context.ts';
import { stateAt } from '#aws/eventual.ts';
import { cidrContainsIp, formatCidr, parseCidr, type Cidr } from '#model/cidr.ts';
import { parseIp } from '#model/ip.ts';
import { subnetNotFound } from '#services/ec2/errors.ts';
import { ipv4PrefixLength, networkInterfaceTable } from '#services/ec2/tables/interfaces.ts';
import { subnetCidrReservationTable, subnetTable } from '#services/ec2/tables/vpcs.ts';

/** AWS keeps the first four addresses (network, router, DNS, future use) and the last one of every subnet. */
export const reservedAtStart = 4;
/** How many IPv4 addresses a delegated prefix holds. */
export const ipv4PrefixSize = 2 ** (32 - ipv4PrefixLength);

export interface Reservation {
  readonly cidr: Cidr;
  readonly type: 'prefix' | 'explicit';
}

/**
 * A subnet while addresses are taken from it: `open` it, take, `close` it. Addresses taken count as used at once,
 * also before an interface that holds them is written.
 */
export interface OpenSubnet {
  readonly context: OperationContext;
  readonly id: string;
  readonly ipv4: Cidr | undefined;
  readonly ipv6: Cidr | undefined;
  readonly reservations: readonly Reservation[];
  /** Addresses, prefixes and blocks with single addresses, taken since it was opened. */
  readonly taken: Set<string>;
  usedAddresses: number;
  nextOffset: number;
}

/** @throws AwsError InvalidSubnetID.NotFound */
export function openSubnet(context: OperationContext, subnetId: string): OpenSubnet {
  const subnet = context.tx.get(subnetTable, subnetId);
  if (!subnet) throw subnetNotFound(subnetId);
  const ipv6 = subnet.ipv6CidrAssociations.find(({ state }) => ['associating', 'associated'].includes(stateAt(state, context.nowMs)));
  return {
    context,
    id: subnetId,
    ipv4: subnet.cidrBlock === undefined ? undefined : parseCidr(subnet.cidrBlock),
    ipv6: ipv6 && parseCidr(ipv6.ipv6CidrBlock),
    reservations: reservationsOf(context, subnetId),
    taken: new Set(),
    usedAddresses: subnet.usedAddresses,
    nextOffset: subnet.nextOffset,
  };
}

/** Writes the count of used addresses and the hint down. */
export function closeSubnet({ context, id, usedAddresses, nextOffset }: OpenSubnet): void {
  const subnet = context.tx.get(subnetTable, id);
  if (!subnet) throw subnetNotFound(id);
  if (subnet.usedAddresses === usedAddresses && subnet.nextOffset === nextOffset) return;
  context.tx.put(subnetTable, { ...subnet, usedAddresses, nextOffset });
}

/** Counts IPv4 addresses and prefixes out again that an interface gave up. */
export function releasePrivateAddresses(context: OperationContext, subnetId: string, addresses: number, prefixes: number): void {
  const subnet = context.tx.get(subnetTable, subnetId);
  const count = addresses + prefixes * ipv4PrefixSize;
  if (!subnet || count === 0) return;
  context.tx.put(subnetTable, { ...subnet, usedAddresses: subnet.usedAddresses - count });
}

/** Whether the address, or the block in CIDR notation, is held by an interface of the subnet. */
export function isHeld(subnet: OpenSubnet, address: string): boolean {
  return subnet.taken.has(address) || subnet.context.tx.find(networkInterfaceTable, 'address', `${subnet.id}|${address}`).length > 0;
}

/** Whether the block of a prefix's size holds single addresses. */
export function hasAddressesIn(subnet: OpenSubnet, block: Cidr): boolean {
  const text = formatCidr(block);
  if (subnet.context.tx.find(networkInterfaceTable, 'block', `${subnet.id}|${text}`).length > 0) return true;
  return [...subnet.taken].some((address) => {
    const ip = parseIp(address);
    return ip !== undefined && cidrContainsIp(block, ip);
  });
}

function reservationsOf(context: OperationContext, subnetId: string): readonly Reservation[] {
  return context.tx.find(subnetCidrReservationTable, 'subnet', subnetId).flatMap(({ cidr, type }) => {
    const parsed = parseCidr(cidr);
    return parsed ? [{ cidr: parsed, type }] : [];
  });
}
