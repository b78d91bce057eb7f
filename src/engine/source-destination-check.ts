/** Source/destination check: an interface sends and receives only for its own addresses, unless the check is off. */
import { cidrContainsIp } from '#model/cidr.ts';
import type { Ip } from '#model/ip.ts';
import type { NetworkInterface } from '#model/topology.ts';

/** Whether the address is one of the interface's own, delegated prefixes included. */
export function ownsAddress(subject: NetworkInterface, ip: Ip): boolean {
  return subject.addresses.includes(ip) || (subject.prefixes.length > 0 && subject.prefixes.some((cidr) => cidrContainsIp(cidr, ip)));
}

/** Whether the interface may send from this source, or receive for this destination. */
export function passesCheck(subject: NetworkInterface, ip: Ip): boolean {
  return !subject.sourceDestinationCheck || ownsAddress(subject, ip);
}
