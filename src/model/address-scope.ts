/** How far an address reaches: the special-purpose blocks of RFC 6890 and its registries, as far as routing cares. */
import { parseCidr } from '#model/cidr.ts';
import { isIpv4, type Ip } from '#model/ip.ts';
import { PrefixMap } from '#model/lpm.ts';

/**
 * `private` has RFC 1918, shared address space (RFC 6598) and unique local IPv6 (RFC 4193). Benchmark and documentation
 * blocks (198.18.0.0/15, 192.0.2.0/24, 2001:db8::/32 …) count as `global`: here they serve as public addresses.
 */
export type AddressScope = 'global' | 'private' | 'linkLocal' | 'loopback' | 'multicast' | 'reserved';

const blocks: readonly (readonly [block: string, scope: AddressScope])[] = [
  ['0.0.0.0/8', 'reserved'],
  ['10.0.0.0/8', 'private'],
  ['100.64.0.0/10', 'private'],
  ['127.0.0.0/8', 'loopback'],
  ['169.254.0.0/16', 'linkLocal'],
  ['172.16.0.0/12', 'private'],
  ['192.168.0.0/16', 'private'],
  ['224.0.0.0/4', 'multicast'],
  ['240.0.0.0/4', 'reserved'],
  ['::/127', 'reserved'],
  ['::1/128', 'loopback'],
  ['::ffff:0:0/96', 'reserved'],
  ['fc00::/7', 'private'],
  ['fe80::/10', 'linkLocal'],
  ['ff00::/8', 'multicast'],
];

const scopes = new PrefixMap<AddressScope>();
for (const [block, scope] of blocks) scopes.insert(parseCidr(block)!, scope); // the literals above are valid

/** The first three bits of 2000::/3. */
const GLOBAL_UNICAST = 1n;

/** The scope of an address; `global` for what no special block holds. */
export function addressScope(ip: Ip): AddressScope {
  if (!isIpv4(ip) && ip >> 125n === GLOBAL_UNICAST) return 'global'; // nearly every address that is asked for; no special block is in there
  return scopes.lookup(ip) ?? 'global';
}

/** Whether routers ever forward to it: not link-local, loopback, multicast or reserved. */
export function isForwardable(ip: Ip): boolean {
  const scope = addressScope(ip);
  return scope === 'global' || scope === 'private';
}
