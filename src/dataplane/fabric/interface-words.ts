/** An interface's addresses in the kernel's words, formatted once: an interface is an immutable value. */
import { formatCidr, type Cidr } from '#model/cidr.ts';
import { formatIp, isIpv4, type Ip } from '#model/ip.ts';
import type { NetworkInterface } from '#model/topology.ts';
import { deviceOf } from './names.ts';
import { quote } from './nftables.ts';

export interface OwnedAddress {
  readonly ip: Ip;
  readonly text: string;
  /** `"device" . address`, an element of sets by device. */
  readonly onDevice: string;
}

export interface OwnedBlock {
  readonly cidr: Cidr;
  readonly text: string;
  readonly onDevice: string;
}

export interface InterfaceWords {
  readonly device: string;
  readonly quoted: string;
  readonly ipv4: readonly OwnedAddress[];
  readonly ipv6: readonly OwnedAddress[];
  readonly blocks4: readonly OwnedBlock[];
  readonly blocks6: readonly OwnedBlock[];
}

const known = new WeakMap<NetworkInterface, InterfaceWords>();

export function wordsOf(part: NetworkInterface): InterfaceWords {
  let words = known.get(part);
  if (words === undefined) known.set(part, (words = format(part)));
  return words;
}

function format(part: NetworkInterface): InterfaceWords {
  const device = deviceOf(part.id);
  const quoted = quote(device);
  const addresses = (isFour: boolean): OwnedAddress[] =>
    part.addresses
      .filter((ip) => isIpv4(ip) === isFour)
      .map((ip) => {
        const text = formatIp(ip);
        return { ip, text, onDevice: `${quoted} . ${text}` };
      });
  const blocks = (isFour: boolean): OwnedBlock[] =>
    part.prefixes
      .filter(({ address }) => isIpv4(address) === isFour)
      .map((cidr) => {
        const text = formatCidr(cidr);
        return { cidr, text, onDevice: `${quoted} . ${text}` };
      });
  return { device, quoted, ipv4: addresses(true), ipv6: addresses(false), blocks4: blocks(true), blocks6: blocks(false) };
}
