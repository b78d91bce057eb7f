/** Text of nftables: sets, maps and chains. */

/** `set NAME { … }`, its type in nft's words (`type ipv4_addr`, `typeof ip saddr . th dport`). */
export function setOf(name: string, type: string, elements: Iterable<string>, isInterval = false): string {
  return declaration('set', name, `${type};${isInterval ? ' flags interval;' : ''}`, [...elements]);
}

/** `map NAME { … }`. */
export function mapOf(name: string, type: string, elements: ReadonlyMap<string, string>, isInterval = false): string {
  const entries = [...elements].map(([key, value]) => `${key} : ${value}`);
  const typed = type.startsWith('typeof') ? type : `type ${type}`;
  return declaration('map', name, `${typed};${isInterval ? ' flags interval;' : ''}`, entries);
}

function declaration(kind: 'set' | 'map', name: string, head: string, elements: readonly string[]): string {
  const open = `${kind} ${name} { ${head}`;
  return elements.length === 0 ? `${open} }` : `${open} elements = { ${elements.join(', ')} }; }`;
}

/** A chain that others jump to, or a base chain when its first line says so. */
export function chainOf(name: string, lines: readonly string[]): string {
  return [`chain ${name} {`, ...lines.map((line) => `  ${line}`), '}'].join('\n');
}

/** A device's name as a set's element. */
export const quote = (device: string): string => `"${device}"`;
