/** Writes `@smithy/core` schemas as the lines of a model that `src/protocol/model.ts` reads. */
import { FRACTIONAL_MEMBERS } from './fractional-members.ts';
import type { MemberEnums } from './schema-enums.ts';

/** A schema as `@smithy/core` has it: a number, a name, a tuple, or a function that gives one. */
type Ref = unknown;
type Traits = Readonly<Record<string, unknown>>;

/** The bits of a numeric trait set, lowest first (`translateTraits` of `@smithy/core/schema`). */
const TRAIT_BITS = [
  'httpLabel',
  'idempotent',
  'idempotencyToken',
  'sensitive',
  'httpPayload',
  'httpResponseCode',
  'httpQueryParams',
] as const;
/** Traits that say nothing about the wire. */
const IGNORED_TRAITS = new Set(['sensitive', 'idempotent', 'xmlNamespace']);

/** A model's text: the header with the operations and errors found, then one line a shape, then one an enumeration. */
export function schemaLines(header: Readonly<Record<string, unknown>>, schemas: Iterable<unknown>, enums: MemberEnums): string {
  const writer = new SchemaWriter(enums);
  for (const schema of schemas) writer.add(schema);
  const whole = { ...header, operations: writer.operations, errors: writer.errors };
  return `${[JSON.stringify(whole), ...writer.lines()].join('\n')}\n`;
}

/** Collects shapes, each once, depth first. */
class SchemaWriter {
  readonly operations: string[] = [];
  readonly errors: [name: string, traits: Traits][] = [];
  readonly #lines = new Map<string, unknown[]>();
  readonly #enums: MemberEnums;

  constructor(enums: MemberEnums) {
    this.#enums = enums;
  }

  /** The lines, shapes in the order of their names so that a rebuilt model differs only where AWS's did. */
  lines(): string[] {
    const used = new Set<string>();
    const shapes = [...this.#lines.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, line]) => JSON.stringify(line));
    for (const members of Object.values(this.#enums.members))
      for (const names of Object.values(members)) for (const n of names) if (n !== '') used.add(n);
    const enums = [...used].sort().map((name) => JSON.stringify([`enum ${name}`, ...(this.#enums.values[name] ?? [])]));
    return [...shapes, ...enums];
  }

  /** Takes a schema in and returns how others refer to it: its number, or its name. */
  add(ref: Ref): number | string {
    const schema = deref(ref);
    if (typeof schema === 'number') return schema;
    if (schema === 'unit') return '';
    const tuple = schema as [number, string, string, unknown, ...unknown[]]; // all that is left in the format
    const [kind, namespace, name] = tuple;
    if (kind === 0) return this.add(tuple[4]);
    if (namespace.startsWith('smithy.ts.sdk.synthetic')) return '';
    if (this.#lines.has(name)) return name;
    const line: unknown[] = [name, kind];
    this.#lines.set(name, line);
    if (kind === 9) this.#addOperation(name, tuple, line);
    else if (kind === 1) line.push(traitsOrZero(traitsOf(tuple[3])), ...this.#target(tuple[4]));
    else if (kind === 2) line.push(traitsOrZero(traitsOf(tuple[3])), ...this.#target(tuple[4]), ...this.#target(tuple[5]));
    else this.#addStructure(name, tuple, line);
    return name;
  }

  #addOperation(name: string, tuple: unknown[], line: unknown[]): void {
    this.operations.push(name);
    line.push(this.add(tuple[4]), this.add(tuple[5]));
    const traits = traitsOf(tuple[3]);
    if (Object.keys(traits).length > 0) line.push(traits);
  }

  #addStructure(name: string, tuple: unknown[], line: unknown[]): void {
    const traits = traitsOf(tuple[3]);
    if (tuple[0] === -3) this.errors.push([name, traits]);
    const [names, targets, required] = tuple.slice(4) as [string[], Ref[], number?]; // structures, unions and errors alike
    line.push(traitsOrZero(traits), required ?? 0);
    names.forEach((member, i) => {
      const [target, memberTraits] = this.#target(targets[i]);
      const traits = withoutRedundantName(member, memberTraits === 0 ? {} : memberTraits);
      const wire = FRACTIONAL_MEMBERS.has(`${name}.${member}`) ? { ...traits, fractional: 1 } : traits;
      const enums = this.#enums.members[name]?.[member];
      line.push(trimmed([member, target, traitsOrZero(wire), ...(enums ?? [])]));
    });
  }

  /** How a member or a list's or map's part refers to its target: the reference and the traits there, 0 for none. */
  #target(ref: Ref): [number | string, Traits | 0] {
    let traits: Traits = {};
    let schema = deref(ref);
    while (Array.isArray(schema) && schema.length === 2) {
      traits = { ...traitsOf(schema[1]), ...traits };
      schema = deref(schema[0]);
    }
    if (Array.isArray(schema) && schema[0] === 0) traits = { ...traitsOf(schema[3]), ...traits };
    return [this.add(schema), traitsOrZero(traits)];
  }
}

function deref(ref: Ref): Ref {
  let schema = ref;
  while (typeof schema === 'function') schema = (schema as () => Ref)(); // schemas refer to later ones through functions
  return schema;
}

function traitsOf(traits: unknown): Traits {
  const all =
    typeof traits === 'number'
      ? Object.fromEntries(TRAIT_BITS.filter((_, bit) => ((traits >> bit) & 1) === 1).map((name) => [name, 1]))
      : (traits as Traits); // otherwise an object, by the format
  return Object.fromEntries(Object.entries(all).filter(([name]) => !IGNORED_TRAITS.has(name)));
}

function traitsOrZero(traits: Traits): Traits | 0 {
  return Object.keys(traits).length > 0 ? traits : 0;
}

/** Without an `ec2QueryName` that says what the protocol's rule gives anyway: the other name with a capital. */
function withoutRedundantName(member: string, traits: Traits): Traits {
  const name = String(traits['xmlName'] ?? member);
  if (traits['ec2QueryName'] !== name.charAt(0).toUpperCase() + name.slice(1)) return traits;
  const { ec2QueryName: _, ...rest } = traits;
  return rest;
}

function trimmed(line: unknown[]): unknown[] {
  let end = line.length;
  while (end > 2 && (line[end - 1] === 0 || line[end - 1] === '')) end--;
  return line.slice(0, end);
}
