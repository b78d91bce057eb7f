/** IPv6 addresses and prefixes of an interface: assigned and unassigned. */
import { invalidParameterValue, missingParameter } from '#aws/errors.ts';
import { formatCidr, parseCidr } from '#model/cidr.ts';
import { formatIp, parseIpv6 } from '#model/ip.ts';
import { openSubnet } from '#services/ec2/addresses/address-allocation.ts';
import { takeAnyIpv6, takeAnyIpv6Prefix, takeIpv6, takeIpv6Prefix } from '#services/ec2/addresses/address-ipv6.ts';
import { addressesNotAssigned, addressLimitReached } from '#services/ec2/interfaces/interface-errors.ts';
import { addressLimit } from '#services/ec2/interfaces/interface-limits.ts';
import { requireOwnInterface } from '#services/ec2/interfaces/interface-lookup.ts';
import { countOf, exclusiveMembers, isGiven } from '#services/ec2/interfaces/network-interface-input.ts';
import type { Ec2Operations } from '#services/ec2/sdk.ts';
import { networkInterfaceTable } from '#services/ec2/tables/interfaces.ts';

const assignMembers = ['Ipv6Addresses', 'Ipv6AddressCount', 'Ipv6Prefixes', 'Ipv6PrefixCount'] as const;

export const interfaceIpv6Addresses = {
  AssignIpv6Addresses(context, input) {
    const [first, second] = assignMembers.filter((member) => isGiven(input[member]));
    if (!first) throw missingParameter('ipv6AddressCount');
    if (second) throw exclusiveMembers(first, second);
    const eni = requireOwnInterface(context, input.NetworkInterfaceId);
    const count = countOf('Ipv6AddressCount', input.Ipv6AddressCount) ?? 0;
    const prefixCount = countOf('Ipv6PrefixCount', input.Ipv6PrefixCount) ?? 0;
    const slots = (input.Ipv6Addresses?.length ?? 0) + count + (input.Ipv6Prefixes?.length ?? 0) + prefixCount;
    if (eni.ipv6Addresses.length + eni.ipv6Prefixes.length + slots > addressLimit(context, eni, 6)) throw addressLimitReached();

    const subnet = openSubnet(context, eni.subnetId);
    const addresses = (input.Ipv6Addresses ?? []).map((address) => takeIpv6(subnet, address));
    const prefixes = (input.Ipv6Prefixes ?? []).map((prefix) => takeIpv6Prefix(subnet, prefix));
    for (let index = 0; index < count; index++) addresses.push(takeAnyIpv6(subnet));
    for (let index = 0; index < prefixCount; index++) prefixes.push(takeAnyIpv6Prefix(subnet));
    context.tx.put(networkInterfaceTable, {
      ...eni,
      ipv6Addresses: [...eni.ipv6Addresses, ...addresses],
      ipv6Prefixes: [...eni.ipv6Prefixes, ...prefixes],
    });
    return { NetworkInterfaceId: eni.id, AssignedIpv6Addresses: addresses, AssignedIpv6Prefixes: prefixes };
  },

  UnassignIpv6Addresses(context, input) {
    const addresses = (input.Ipv6Addresses ?? []).map(canonicalAddress);
    const prefixes = (input.Ipv6Prefixes ?? []).map(canonicalPrefix);
    if (addresses.length + prefixes.length === 0) throw missingParameter('ipv6Addresses');
    const eni = requireOwnInterface(context, input.NetworkInterfaceId);
    if (addresses.some((address) => !eni.ipv6Addresses.includes(address))) throw addressesNotAssigned(addresses, eni.id);
    if (prefixes.some((prefix) => !eni.ipv6Prefixes.includes(prefix))) throw addressesNotAssigned(prefixes, eni.id);
    const primary = eni.primaryIpv6 ? eni.ipv6Addresses[0] : undefined;
    if (primary !== undefined && addresses.includes(primary)) {
      throw invalidParameterValue(`The primary IPv6 address ${primary} cannot be unassigned.`);
    }
    context.tx.put(networkInterfaceTable, {
      ...eni,
      ipv6Addresses: eni.ipv6Addresses.filter((address) => !addresses.includes(address)),
      ipv6Prefixes: eni.ipv6Prefixes.filter((prefix) => !prefixes.includes(prefix)),
    });
    return { NetworkInterfaceId: eni.id, UnassignedIpv6Addresses: addresses, UnassignedIpv6Prefixes: prefixes };
  },
} satisfies Ec2Operations;

/** The one spelling that records have; what is no address stays as it came, and is found nowhere. */
function canonicalAddress(text: string): string {
  const ip = parseIpv6(text);
  return ip === undefined ? text : formatIp(ip);
}

function canonicalPrefix(text: string): string {
  const cidr = parseCidr(text);
  return cidr ? formatCidr(cidr) : text;
}
