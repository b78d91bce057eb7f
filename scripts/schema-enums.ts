/** Reads which members of a client's types are enumerations; the SDK's run-time schemas leave that out. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

export interface MemberEnums {
  /** Enumeration → its values. */
  readonly values: Readonly<Record<string, readonly string[]>>;
  /** Structure → member → the enumeration of its (innermost) values and, where it is a map, of its keys; '' for none. */
  readonly members: Readonly<Record<string, Readonly<Record<string, readonly [values: string, keys: string]>>>>;
}

/** Reads `enums.d.ts` and `models_*.d.ts` in the directory. Their text is the SDK generator's and therefore regular. */
export function readMemberEnums(modelsDir: string): MemberEnums {
  const files = readdirSync(modelsDir).filter((name) => /^models_\d+\.d\.ts$|^errors\.d\.ts$/.test(name));
  const values = readEnums(modelsDir);
  const members: Record<string, Record<string, readonly [string, string]>> = {};
  for (const file of files) readInterfaces(readFileSync(join(modelsDir, file), 'utf8'), values, members);
  return { values, members };
}

function readEnums(modelsDir: string): Record<string, string[]> {
  const values: Record<string, string[]> = {};
  if (!readdirSync(modelsDir).includes('enums.d.ts')) return values;
  const text = readFileSync(join(modelsDir, 'enums.d.ts'), 'utf8');
  for (const [, name, body] of text.matchAll(/^export declare const (\w+): \{\n([^}]*)\};/gm)) {
    if (name === undefined || body === undefined) continue;
    values[name] = [...body.matchAll(/^ {4}readonly .+?: ("(?:[^"\\]|\\.)*");$/gm)].map((m) => JSON.parse(m[1] ?? '""') as string); // a string literal
  }
  return values;
}

function readInterfaces(
  text: string,
  values: Record<string, string[]>,
  members: Record<string, Record<string, readonly [string, string]>>,
): void {
  const withoutComments = text.replace(/\/\*[\s\S]*?\*\//g, '');
  for (const [, name, body] of withoutComments.matchAll(/^export (?:interface|declare class) (\w+)[^{\n]*\{\n([\s\S]*?)^\}/gm)) {
    if (name === undefined || body === undefined) continue;
    for (const [, member, type] of body.matchAll(/^ {4}(\w+)\??: (.+?)(?: \| undefined)?;$/gm)) {
      if (member === undefined || type === undefined) continue;
      const [valueEnum, keyEnum] = enumsOfType(type, values);
      if (valueEnum !== '' || keyEnum !== '') (members[name] ??= {})[member] = [valueEnum, keyEnum];
    }
  }
}

/** The enumerations in a type such as `Tenancy`, `Tenancy[]`, `Record<string, Tenancy>` or `Partial<Record<Key, Tenancy[]>>`. */
function enumsOfType(type: string, values: Record<string, string[]>): readonly [string, string] {
  const inner = type.replace(/(\[\])+$/, '').replace(/^Partial<(.*)>$/, '$1');
  const map = /^Record<(\w+), (.+)>$/.exec(inner);
  if (map !== null) return [enumsOfType(map[2] ?? '', values)[0], isEnum(map[1], values) ? (map[1] ?? '') : ''];
  // The generator puts `_` before a name that would hide a global one, as in `_InstanceType`.
  const name = inner.replace(/^_(?=[A-Z])/, '');
  if (isEnum(inner, values)) return [inner, ''];
  return [isEnum(name, values) ? name : '', ''];
}

/** AWS takes more than the SDK names: four further attributes (EC2 API reference, DescribeAccountAttributes). */
const openEnums: ReadonlySet<string> = new Set(['AccountAttributeName']);

function isEnum(name: string | undefined, values: Record<string, string[]>): boolean {
  return name !== undefined && !openEnums.has(name) && (values[name]?.length ?? 0) > 0;
}
