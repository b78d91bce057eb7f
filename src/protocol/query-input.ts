/** Reads inputs from the parameters of the ec2 query and query protocols: one closure a shape, made when the shape is first used. */
import { type Faults, placeOf } from '#protocol/faults.ts';
import { indexedChildren, type Parameter } from '#protocol/form.ts';
import { type Member, type Model, type Part, type Shape, SIMPLE, type Structure, type Traits } from '#protocol/model.ts';
import { isTimestamp, parseBase64, parseBoolean, parseInteger, parseNumber, parseTimestamp } from '#protocol/scalars.ts';

/** How the two protocols differ in spelling. */
export interface QueryDialect {
  /** A member's name in the request. */
  memberName(member: Member): string;
  /** What stands between a list's name and its index: undefined for nothing (`Filter.1`), else e.g. `member`. */
  listPart(list: Traits, element: Traits): string | undefined;
}

type Decode = (node: Parameter, at: string, faults: Faults) => unknown;

/** Compiles and keeps the readers of one model. */
export class QueryInput {
  readonly #model: Model;
  readonly #dialect: QueryDialect;
  readonly #structures = new Map<string, Decode>();

  constructor(model: Model, dialect: QueryDialect) {
    this.#model = model;
    this.#dialect = dialect;
  }

  /** The reader of a whole input. */
  structure(shape: Structure): (node: Parameter, faults: Faults) => Record<string, unknown> {
    const decode = this.#structure(shape);
    return (node, faults) => decode(node, '', faults) as Record<string, unknown>; // a structure's reader gives an object
  }

  #part(part: Part): Decode {
    const shape = this.#model.shape(part.target);
    switch (shape.kind) {
      case 'simple':
        return this.#simple(shape.type, part);
      case 'structure':
        return this.#structure(shape);
      case 'list':
        return this.#list(shape, part);
      case 'map':
        return this.#map(shape, part);
    }
  }

  #structure(shape: Structure): Decode {
    const known = this.#structures.get(shape.name);
    if (known !== undefined) return known;
    let fields: { member: Member; wire: string; decode: Decode }[] | undefined;
    const decode: Decode = (node, at, faults) => {
      // Compiled at the first use, not before, because shapes may contain themselves.
      fields ??= shape.members.map((member) => ({ member, wire: this.#dialect.memberName(member), decode: this.#part(member) }));
      const value: Record<string, unknown> = {};
      if (node.value !== undefined && node.value !== '') faults.malformed(at, node.path, node.value, 'structure');
      const { children } = node;
      let known = 0;
      for (const { member, wire, decode } of fields) {
        const child = children?.get(wire);
        if (child !== undefined) {
          known++;
          value[member.name] = decode(child, placeOf(at, member.name), faults);
        } else if (member.required) faults.missing(placeOf(at, member.name), node.path === '' ? wire : `${node.path}.${wire}`);
      }
      if (children !== undefined && known < children.size) {
        for (const [part, child] of children) if (!fields.some(({ wire }) => wire === part)) faults.unknown(child.path);
      }
      return value;
    };
    this.#structures.set(shape.name, decode);
    return decode;
  }

  #list(shape: Extract<Shape, { kind: 'list' }>, part: Part): Decode {
    const element = this.#part({ ...shape.element, ...(part.enum === undefined ? {} : { enum: part.enum }) });
    const listPart = this.#dialect.listPart({ ...shape.traits, ...part.traits }, shape.element.traits);
    return (node, at, faults) => {
      if (node.value !== undefined && node.value !== '') faults.malformed(at, node.path, node.value, 'list');
      if (node.children === undefined) return []; // `Name=` is how the query protocol writes an empty list
      const list = listPart === undefined ? node : node.children.get(listPart);
      if (listPart !== undefined) for (const [name, child] of node.children) if (name !== listPart) faults.unknown(child.path);
      if (list === undefined) return [];
      const items = indexedChildren(list);
      if (items === undefined) {
        faults.unknown(list.path);
        return [];
      }
      return items.map((item, i) => element(item, `${at}.${i + 1}.member`, faults));
    };
  }

  #map(shape: Extract<Shape, { kind: 'map' }>, part: Part): Decode {
    const key = this.#part({ ...shape.key, ...(part.keyEnum === undefined ? {} : { enum: part.keyEnum }) });
    const value = this.#part({ ...shape.value, ...(part.enum === undefined ? {} : { enum: part.enum }) });
    const flat = shape.traits.xmlFlattened === 1 || part.traits.xmlFlattened === 1;
    const keyName = shape.key.traits.xmlName ?? 'key';
    const valueName = shape.value.traits.xmlName ?? 'value';
    return (node, at, faults) => {
      // Without a prototype, so that a key such as `constructor` or `__proto__` is a key like any other.
      const map = Object.create(null) as Record<string, unknown>;
      const entries = flat ? node : node.children?.get('entry');
      if (entries === undefined) return map;
      for (const entry of indexedChildren(entries) ?? []) {
        const keyNode = entry.children?.get(keyName);
        const valueNode = entry.children?.get(valueName);
        if (keyNode === undefined) faults.missing(`${at}.key`, `${entry.path}.${keyName}`);
        else if (valueNode === undefined) faults.missing(`${at}.value`, `${entry.path}.${valueName}`);
        else map[String(key(keyNode, `${at}.key`, faults))] = value(valueNode, `${at}.value`, faults);
      }
      return map;
    };
  }

  #simple(type: number, part: Part): Decode {
    const parse = parserOf(type, part);
    const allowed = part.enum === undefined ? undefined : new Set(part.enum);
    return (node, at, faults) => {
      if (node.children !== undefined) for (const child of node.children.values()) faults.unknown(child.path);
      const text = node.value ?? '';
      if (parse !== undefined) return parse[1](text) ?? faults.malformed(at, node.path, text, parse[0]);
      if (allowed !== undefined && !allowed.has(text)) faults.notInEnum(at, node.path, text, part.enum ?? []);
      return text;
    };
  }
}

/** How a type that is not a string is read from text, with its name in messages. */
function parserOf(type: number, part: Part) {
  if (type === SIMPLE.boolean) return ['boolean', parseBoolean] as const;
  if (type === SIMPLE.number)
    return part.traits.fractional === 1 ? (['number', parseNumber] as const) : (['integer', parseInteger] as const);
  if (isTimestamp(type)) return ['timestamp', parseTimestamp] as const;
  if (type === SIMPLE.blob || type === SIMPLE.streamingBlob) return ['blob', parseBase64] as const;
  return undefined;
}
