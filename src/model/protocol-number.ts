/** IP protocol numbers (IANA "Assigned Internet Protocol Numbers") that the model names. */

export const ICMP = 1;
export const TCP = 6;
export const UDP = 17;
export const ICMPV6 = 58;
/** In a rule: any protocol. */
export const ALL_PROTOCOLS = -1;

const names: ReadonlyMap<number, string> = new Map([
  [ALL_PROTOCOLS, 'all'],
  [ICMP, 'icmp'],
  [TCP, 'tcp'],
  [UDP, 'udp'],
  [ICMPV6, 'icmpv6'],
]);

/** Whether packets of the protocol carry the ports that rules speak of. */
export function hasPorts(protocol: number): boolean {
  return protocol === TCP || protocol === UDP;
}

/** Whether packets of the protocol carry an ICMP type and code. */
export function isIcmp(protocol: number): boolean {
  return protocol === ICMP || protocol === ICMPV6;
}

/** `tcp`, `udp`, `icmp`, `icmpv6`, `all`, else the number in decimal. */
export function protocolName(protocol: number): string {
  return names.get(protocol) ?? `${protocol}`;
}

/** The number of a name that `protocolName` gives, or of decimal text 0 to 255 or `-1`; undefined otherwise. Case does not matter. */
export function parseProtocol(text: string): number | undefined {
  const lower = text.toLowerCase();
  for (const [number, name] of names) if (name === lower) return number;
  if (lower === '-1') return ALL_PROTOCOLS;
  const number = /^(0|[1-9][0-9]{0,2})$/.test(lower) ? Number(lower) : Infinity;
  return number <= 255 ? number : undefined;
}
