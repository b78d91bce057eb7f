/** The PROXY protocol's header, version 2 (haproxy.org, "The PROXY protocol", section 2.2). */
import { isIPv6 } from 'node:net';

const SIGNATURE = Buffer.from('0d0a0d0a000d0a515549540a', 'hex');
const PROXY = 0x21;
const TCP4 = 0x11;
const TCP6 = 0x21;
/** Bytes of two addresses and two ports. */
const IPV4_LENGTH = 12;
const IPV6_LENGTH = 36;

export interface Ends {
  readonly sourceAddress: string;
  readonly sourcePort: number;
  readonly destinationAddress: string;
  readonly destinationPort: number;
}

/** Goes before the first byte of a connection. Addresses of two families are both written as IPv6. */
export function proxyHeader({ sourceAddress, sourcePort, destinationAddress, destinationPort }: Ends): Buffer {
  const isSix = isIPv6(sourceAddress) || isIPv6(destinationAddress);
  const addresses = [sourceAddress, destinationAddress].map((text) => (isSix ? octets6(text) : octets4(text)));
  const ports = Buffer.alloc(4);
  ports.writeUInt16BE(sourcePort, 0);
  ports.writeUInt16BE(destinationPort, 2);
  const head = Buffer.from([PROXY, isSix ? TCP6 : TCP4, 0, isSix ? IPV6_LENGTH : IPV4_LENGTH]);
  return Buffer.concat([SIGNATURE, head, ...addresses, ports]);
}

const octets4 = (text: string): Buffer => Buffer.from(text.split('.').map(Number));

function octets6(text: string): Buffer {
  if (!text.includes(':')) return Buffer.concat([Buffer.alloc(10), Buffer.from([0xff, 0xff]), octets4(text)]);
  const [head = '', tail] = text.replace(/%.*$/, '').split('::');
  const groups = (part: string): number[] =>
    part === '' ? [] : part.split(':').flatMap((group) => (group.includes('.') ? pairs(octets4(group)) : [Number.parseInt(group, 16)]));
  const [before, after] = [groups(head), groups(tail ?? '')];
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => 0);
  return Buffer.from([...before, ...(tail === undefined ? [] : zeros), ...after].flatMap((group) => [group >> 8, group & 255]));
}

const pairs = (octets: Buffer): number[] => [octets.readUInt16BE(0), octets.readUInt16BE(2)];
