/** Internet and egress-only gateways: who may pass them, and the one-to-one translation of IPv4. */
import { addressScope } from '#model/address-scope.ts';
import { withDestination, withSource, type Flow } from '#model/flow.ts';
import { isIpv4, type Ip } from '#model/ip.ts';
import type { NetworkInterface } from '#model/topology.ts';

/**
 * The packet as an internet gateway sends it out for an interface; undefined when the interface has no public address for
 * its source: an association for IPv4, an address that is not a private one for IPv6.
 */
export function translateOutward(sender: NetworkInterface, flow: Flow): Flow | undefined {
  if (!isIpv4(flow.source)) return isInternetAddress(flow.source) ? flow : undefined;
  const association = sender.publicAddresses.find(({ privateAddress }) => privateAddress === flow.source);
  return association === undefined ? undefined : withSource(flow, association.publicAddress);
}

/** The packet as an internet gateway sends it in to the interface that has the public address. */
export function translateInward(receiver: NetworkInterface, flow: Flow): Flow {
  const association = receiver.publicAddresses.find(({ publicAddress }) => publicAddress === flow.destination);
  return association === undefined ? flow : withDestination(flow, association.privateAddress);
}

/** Whether the internet forwards to the address. */
export function isInternetAddress(ip: Ip): boolean {
  return addressScope(ip) === 'global';
}
