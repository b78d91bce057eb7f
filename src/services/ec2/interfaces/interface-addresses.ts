/** Secondary IPv4 addresses and prefixes of an interface: assigned, moved from another interface, unassigned. */
import type { OperationContext } from '#aws/context.ts';
import { invalidParameterValue, missingParameter } from '#aws/errors.ts';
import { closeSubnet, openSubnet, releasePrivateAddresses } from '#services/ec2/addresses/address-allocation.ts';
import { addressesOn, disassociateAddress, moveAssociation } from '#services/ec2/addresses/address-associations.ts';
import { takeIpv4, takeIpv4Prefix, takeNextIpv4, takeNextIpv4Prefix } from '#services/ec2/addresses/address-ipv4.ts';
import { addressesNotAssigned, addressLimitReached, notAllowed } from '#services/ec2/interfaces/interface-errors.ts';
import { addressLimit } from '#services/ec2/interfaces/interface-limits.ts';
import { requireOwnInterface } from '#services/ec2/interfaces/interface-lookup.ts';
import { countOf, exclusiveMembers, isGiven } from '#services/ec2/interfaces/network-interface-input.ts';
import type { Ec2Operations } from '#services/ec2/sdk.ts';
import { type NetworkInterfaceRecord, networkInterfaceTable } from '#services/ec2/tables/interfaces.ts';

const assignMembers = ['PrivateIpAddresses', 'SecondaryPrivateIpAddressCount', 'Ipv4Prefixes', 'Ipv4PrefixCount'] as const;

export const interfaceAddresses = {
  AssignPrivateIpAddresses(context, input) {
    const [first, second] = assignMembers.filter((member) => isGiven(input[member]));
    if (!first) throw missingParameter('secondaryPrivateIpAddressCount');
    if (second) throw exclusiveMembers(first, second);
    const eni = requireOwnInterface(context, input.NetworkInterfaceId);
    const given = (input.PrivateIpAddresses ?? []).filter((address) => !holds(eni, address));
    const count = countOf('SecondaryPrivateIpAddressCount', input.SecondaryPrivateIpAddressCount) ?? 0;
    const prefixCount = countOf('Ipv4PrefixCount', input.Ipv4PrefixCount) ?? 0;
    const slots = given.length + count + (input.Ipv4Prefixes?.length ?? 0) + prefixCount;
    if (eni.privateAddresses.length + eni.ipv4Prefixes.length + slots > addressLimit(context, eni, 4)) throw addressLimitReached();

    const move = clearWay(context, eni, given, input.AllowReassignment ?? false);
    const subnet = openSubnet(context, eni.subnetId);
    const addresses = given.map((address) => takeIpv4(subnet, address));
    const prefixes = (input.Ipv4Prefixes ?? []).map((prefix) => takeIpv4Prefix(subnet, prefix));
    for (let index = 0; index < count; index++) addresses.push(takeNextIpv4(subnet));
    for (let index = 0; index < prefixCount; index++) prefixes.push(takeNextIpv4Prefix(subnet));
    closeSubnet(subnet);
    const changed: NetworkInterfaceRecord = {
      ...eni,
      privateAddresses: [...eni.privateAddresses, ...addresses.map((address) => ({ address, primary: false }))],
      ipv4Prefixes: [...eni.ipv4Prefixes, ...prefixes],
    };
    context.tx.put(networkInterfaceTable, changed);
    move(changed);
    return {
      NetworkInterfaceId: eni.id,
      AssignedPrivateIpAddresses: addresses.map((address) => ({ PrivateIpAddress: address })),
      AssignedIpv4Prefixes: prefixes.map((prefix) => ({ Ipv4Prefix: prefix })),
    };
  },

  UnassignPrivateIpAddresses(context, input) {
    const { PrivateIpAddresses: addresses = [], Ipv4Prefixes: prefixes = [] } = input;
    if (addresses.length + prefixes.length === 0) throw missingParameter('privateIpAddress');
    const eni = requireOwnInterface(context, input.NetworkInterfaceId);
    if (addresses.some((address) => !holds(eni, address))) throw addressesNotAssigned(addresses, eni.id);
    if (prefixes.some((prefix) => !eni.ipv4Prefixes.includes(prefix))) throw addressesNotAssigned(prefixes, eni.id);
    const primary = eni.privateAddresses.find((one) => one.primary && addresses.includes(one.address));
    if (primary) throw invalidParameterValue(`The primary private IP address ${primary.address} cannot be unassigned.`);
    withdraw(context, eni, addresses, prefixes);
    return {};
  },
} satisfies Ec2Operations;

function holds(eni: NetworkInterfaceRecord, address: string): boolean {
  return eni.privateAddresses.some((one) => one.address === address);
}

/** Takes addresses and prefixes off an interface; Elastic IPs on them come off too. */
function withdraw(context: OperationContext, eni: NetworkInterfaceRecord, addresses: readonly string[], prefixes: readonly string[]): void {
  for (const elastic of addressesOn(context, eni)) {
    if (elastic.association && addresses.includes(elastic.association.privateIp)) disassociateAddress(context, elastic);
  }
  drop(context, eni, addresses, prefixes);
}

function drop(context: OperationContext, eni: NetworkInterfaceRecord, addresses: readonly string[], prefixes: readonly string[]): void {
  const kept = eni.privateAddresses.filter((one) => !addresses.includes(one.address));
  const keptPrefixes = eni.ipv4Prefixes.filter((prefix) => !prefixes.includes(prefix));
  releasePrivateAddresses(context, eni.subnetId, eni.privateAddresses.length - kept.length, eni.ipv4Prefixes.length - keptPrefixes.length);
  context.tx.put(networkInterfaceTable, { ...eni, privateAddresses: kept, ipv4Prefixes: keptPrefixes });
}

/**
 * Takes given addresses off the interfaces that have them, when the caller allows it. The Elastic IPs on them move
 * along: the function that is returned does that, when the new interface has the addresses.
 * @throws AwsError InvalidParameterValue when another interface has one and moving is not allowed, or has it as its primary
 */
function clearWay(
  context: OperationContext,
  eni: NetworkInterfaceRecord,
  addresses: readonly string[],
  isMoveAllowed: boolean,
): (changed: NetworkInterfaceRecord) => void {
  const taken = addresses.flatMap((address) => {
    const [holder] = context.tx.find(networkInterfaceTable, 'address', `${eni.subnetId}|${address}`);
    return holder ? [{ address, holder }] : [];
  });
  if (taken.length > 0 && !isMoveAllowed) {
    throw invalidParameterValue(`[${taken.map((one) => one.address).join(', ')}] have been assigned, but move is not allowed.`);
  }
  const moves: ((changed: NetworkInterfaceRecord) => void)[] = [];
  for (const {
    address,
    holder: { id },
  } of taken) {
    const holder = context.tx.get(networkInterfaceTable, id)!; // found a moment ago, and maybe changed by the round before
    if (holder.requesterManaged) throw notAllowed();
    if (holder.privateAddresses.some((one) => one.primary && one.address === address)) {
      throw invalidParameterValue(`[${address}] is the primary private IP address of network interface ${id} and cannot be moved.`);
    }
    const elastic = addressesOn(context, holder).find((one) => one.association?.privateIp === address);
    drop(context, holder, [address], []);
    if (elastic) moves.push((changed) => moveAssociation(context, elastic, changed));
  }
  return (changed) => moves.forEach((move) => move(changed));
}
