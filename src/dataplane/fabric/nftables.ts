/** Sets, maps and chains of nftables as data, compared one by one, so that a change costs what it changes. */

/** A set or map; the same name has the same head, always. */
export interface SetObject {
  readonly kind: 'set' | 'map';
  readonly name: string;
  /** Its type in nft's words: `typeof iifname . ip saddr; flags interval;`. */
  readonly head: string;
  /** Maps: `KEY : VALUE`. No two with the same key. */
  readonly elements: readonly string[];
}

export interface ChainObject {
  readonly kind: 'chain';
  readonly name: string;
  /** `type filter hook …; policy drop;` for those that the kernel calls by itself, else empty. */
  readonly head: string;
  readonly rules: readonly string[];
}

export type NftObject = SetObject | ChainObject;

/** What one table holds; names are unique. */
export type Ruleset = readonly NftObject[];

/** Type in nft's words (`type ipv4_addr`, `typeof ip saddr . th dport`). */
export function setOf(name: string, type: string, elements: Iterable<string>, isInterval = false): SetObject {
  return { kind: 'set', name, head: headOf(type, isInterval), elements: [...elements] };
}

/** Type as `ipv4_addr : ipv4_addr` or `typeof iifname : verdict`. */
export function mapOf(name: string, type: string, elements: ReadonlyMap<string, string>, isInterval = false): SetObject {
  const typed = type.startsWith('typeof') ? type : `type ${type}`;
  return { kind: 'map', name, head: headOf(typed, isInterval), elements: [...elements].map(([key, value]) => `${key} : ${value}`) };
}

const headOf = (type: string, isInterval: boolean): string => `${type};${isInterval ? ' flags interval;' : ''}`;

/** A chain that others jump to, or one that the kernel calls when its first line says where (`type filter hook …`). */
export function chainOf(name: string, lines: readonly string[]): ChainObject {
  const [first = '', ...rest] = lines;
  return first.startsWith('type ') ? { kind: 'chain', name, head: first, rules: rest } : { kind: 'chain', name, head: '', rules: lines };
}

/** A device's name as a set's element. */
export const quote = (device: string): string => `"${device}"`;

/** The ruleset to read. */
export function rulesetText(ruleset: Ruleset): string {
  return ruleset
    .map((one) => {
      if (one.kind === 'chain')
        return [`chain ${one.name} {`, ...[one.head, ...one.rules].filter(Boolean).map((line) => `  ${line}`), '}'].join('\n');
      const elements = one.elements.length === 0 ? '' : ` elements = { ${one.elements.join(', ')} };`;
      return `${one.kind} ${one.name} { ${one.head}${elements} }`;
    })
    .join('\n');
}
