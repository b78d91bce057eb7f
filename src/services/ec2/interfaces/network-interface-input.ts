/** What CreateNetworkInterface is asked for, checked and put into one form. */
import type { CreateNetworkInterfaceRequest } from '@aws-sdk/client-ec2';
import { invalidParameterCombination, invalidParameterValue } from '#aws/errors.ts';
import type { InterfaceRequest } from '#services/ec2/interfaces/interface-lifecycle.ts';
import { addressLimitOfInterface } from '#services/ec2/interfaces/interface-limits.ts';
import { addressLimitReached } from '#services/ec2/interfaces/interface-errors.ts';
import type { ConnectionTracking, InterfaceType } from '#services/ec2/tables/interfaces.ts';

/** The members of a request that say which addresses an interface gets; RunInstances has the same. */
export type AddressInput = Pick<
  CreateNetworkInterfaceRequest,
  | 'PrivateIpAddress'
  | 'PrivateIpAddresses'
  | 'SecondaryPrivateIpAddressCount'
  | 'Ipv4Prefixes'
  | 'Ipv4PrefixCount'
  | 'Ipv6Addresses'
  | 'Ipv6AddressCount'
  | 'Ipv6Prefixes'
  | 'Ipv6PrefixCount'
>;

type AddressPart = Pick<
  InterfaceRequest,
  | 'privateIp'
  | 'secondaryCount'
  | 'secondaryIps'
  | 'ipv4Prefixes'
  | 'ipv4PrefixCount'
  | 'ipv6Count'
  | 'ipv6Addresses'
  | 'ipv6Prefixes'
  | 'ipv6PrefixCount'
>;

/**
 * The addresses of a new interface.
 * @throws AwsError InvalidParameterCombination for members that exclude each other, InvalidParameterValue, PrivateIpAddressLimitExceeded.
 */
export function addressesAsked(input: AddressInput): AddressPart {
  checkExclusive(input);
  const { privateIp, secondaryIps } = givenIpv4(input);
  const ipv6Addresses = input.Ipv6Addresses?.flatMap(({ Ipv6Address }) => Ipv6Address ?? []);
  const secondaryCount = countOf('SecondaryPrivateIpAddressCount', input.SecondaryPrivateIpAddressCount);
  const ipv4PrefixCount = countOf('Ipv4PrefixCount', input.Ipv4PrefixCount);
  const ipv6Count = countOf('Ipv6AddressCount', input.Ipv6AddressCount);
  const ipv6PrefixCount = countOf('Ipv6PrefixCount', input.Ipv6PrefixCount);
  const ipv4Slots = 1 + secondaryIps.length + (secondaryCount ?? 0) + (input.Ipv4Prefixes?.length ?? 0) + (ipv4PrefixCount ?? 0);
  const ipv6Slots = (ipv6Addresses?.length ?? 0) + (ipv6Count ?? 0) + (input.Ipv6Prefixes?.length ?? 0) + (ipv6PrefixCount ?? 0);
  if (Math.max(ipv4Slots, ipv6Slots) > addressLimitOfInterface) throw addressLimitReached();
  return {
    privateIp,
    secondaryIps,
    secondaryCount,
    ipv4Prefixes: input.Ipv4Prefixes?.flatMap(({ Ipv4Prefix }) => Ipv4Prefix ?? []),
    ipv4PrefixCount,
    ipv6Count,
    ipv6Addresses,
    ipv6Prefixes: input.Ipv6Prefixes?.flatMap(({ Ipv6Prefix }) => Ipv6Prefix ?? []),
    ipv6PrefixCount,
  };
}

/**
 * A count that a caller gave.
 * @throws AwsError InvalidParameterValue when it is negative
 */
export function countOf(member: string, count: number | undefined): number | undefined {
  if (count !== undefined && count < 0) throw invalidParameterValue(`Value (${count}) for parameter ${member} is invalid.`);
  return count;
}

/** AWS's bounds on time-outs in seconds (https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/security-group-connection-tracking.html). */
const timeouts = {
  TcpEstablishedTimeout: { min: 60, max: 432_000 },
  UdpStreamTimeout: { min: 60, max: 180 },
  UdpTimeout: { min: 30, max: 60 },
} as const;

/** @throws AwsError InvalidParameterValue for a time-out outside of AWS's bounds */
export function connectionTrackingOf(
  input: CreateNetworkInterfaceRequest['ConnectionTrackingSpecification'],
): ConnectionTracking | undefined {
  if (!input) return undefined;
  const names = Object.keys(timeouts) as (keyof typeof timeouts)[]; // a literal's own keys
  for (const name of names) {
    const value = input[name];
    const { min, max } = timeouts[name];
    if (value !== undefined && (value < min || value > max)) {
      throw invalidParameterValue(`Value (${value}) for parameter ${name} is invalid. Expecting a value between ${min} and ${max}.`);
    }
  }
  return {
    ...(input.TcpEstablishedTimeout === undefined ? {} : { tcpEstablishedTimeout: input.TcpEstablishedTimeout }),
    ...(input.UdpStreamTimeout === undefined ? {} : { udpStreamTimeout: input.UdpStreamTimeout }),
    ...(input.UdpTimeout === undefined ? {} : { udpTimeout: input.UdpTimeout }),
  };
}

/** @throws AwsError InvalidParameterValue for a type that callers cannot make */
export function interfaceTypeOf(type: string | undefined): InterfaceType {
  if (type === undefined) return 'interface';
  if (type !== 'interface' && type !== 'efa' && type !== 'efa-only' && type !== 'trunk') {
    throw invalidParameterValue(`Invalid value '${type}' for InterfaceType. Supported values are interface, efa, efa-only, trunk.`);
  }
  return type;
}

function givenIpv4(input: AddressInput): { privateIp: string | undefined; secondaryIps: readonly string[] } {
  const listed = input.PrivateIpAddresses ?? [];
  const primaries = listed.filter((one) => one.Primary).length + (input.PrivateIpAddress === undefined ? 0 : 1);
  if (primaries > 1) throw invalidParameterCombination('Only one primary private IP address can be specified.');
  const primary = input.PrivateIpAddress ?? listed.find((one) => one.Primary)?.PrivateIpAddress;
  const secondaryIps = listed.filter((one) => !one.Primary).flatMap((one) => one.PrivateIpAddress ?? []);
  // The primary may be listed again without its mark.
  return { privateIp: primary, secondaryIps: secondaryIps.filter((address) => address !== input.PrivateIpAddress) };
}

type Member = keyof AddressInput;

/** Of each of these groups a request may use one, as the API's reference says of every member of them. */
const exclusive: readonly (readonly Member[])[] = [
  ['SecondaryPrivateIpAddressCount', 'Ipv4Prefixes', 'Ipv4PrefixCount'],
  ['PrivateIpAddresses', 'Ipv4Prefixes'],
  ['PrivateIpAddresses', 'Ipv4PrefixCount'],
  ['Ipv6Addresses', 'Ipv6AddressCount', 'Ipv6Prefixes', 'Ipv6PrefixCount'],
];

function checkExclusive(input: AddressInput): void {
  for (const members of exclusive) {
    const [first, second] = members.filter((member) => isGiven(input[member]));
    if (first && second) throw exclusiveMembers(first, second);
  }
  if ((input.PrivateIpAddresses?.length ?? 0) > 1 && isGiven(input.SecondaryPrivateIpAddressCount)) {
    throw exclusiveMembers('PrivateIpAddresses', 'SecondaryPrivateIpAddressCount');
  }
}

/** Members that no request may use together. */
export function exclusiveMembers(first: string, second: string) {
  return invalidParameterCombination(`The parameters '${first}' and '${second}' cannot be used together.`);
}

export function isGiven(value: unknown): boolean {
  return Array.isArray(value) ? value.length > 0 : value !== undefined;
}
