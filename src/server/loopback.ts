/** Which addresses and names mean this machine itself. */
import { BlockList, isIP } from 'node:net';

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

/** Whether an IP address is of this machine alone: 127.0.0.0/8, `::1`, and IPv4's mapped into IPv6. */
export function isLoopbackAddress(address: string): boolean {
  const version = isIP(address);
  return version !== 0 && loopback.check(address, version === 4 ? 'ipv4' : 'ipv6');
}

/** Whether a name to listen on, or an address, is of this machine alone. RFC 6761 section 6.3 keeps `localhost` so. */
export const isLoopbackHost = (host: string): boolean => /^(?:.+\.)?localhost$/i.test(host) || isLoopbackAddress(host);
