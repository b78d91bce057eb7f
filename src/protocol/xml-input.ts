/** Reads inputs from XML bodies (REST-XML): one closure a shape, made when the shape is first used. */
import { type Faults, placeOf } from '#protocol/faults.ts';
import { type Member, type Model, type Part, type Shape, SIMPLE, type Structure } from '#protocol/model.ts';
import { isTimestamp, parseBase64, parseBoolean, parseInteger, parseNumber, parseTimestamp } from '#protocol/scalars.ts';
import type { XmlElement } from '#protocol/xml-parse.ts';

/** Reads a member from all elements that bear its name: one, but for flattened lists and maps. */
type Decode = (elements: readonly XmlElement[], at: string, faults: Faults) => unknown;

/** Compiles and keeps the readers of one model. */
export class XmlInput {
  readonly #model: Model;
  readonly #structures = new Map<string, Decode>();

  constructor(model: Model) {
    this.#model = model;
  }

  /** The reader of some members of a structure from one element; it adds them to `into`. */
  members(members: readonly Member[]): (from: XmlElement | undefined, into: Record<string, unknown>, at: string, faults: Faults) => void {
    const fields = members.map((member) => ({
      member,
      wire: localName(member.traits.xmlName ?? member.name),
      inTag: member.traits.xmlAttribute === 1,
      decode: this.part(member),
    }));
    return (from, into, at, faults) => {
      const byName = groupByName(from?.children ?? []);
      for (const { member, wire, inTag, decode } of fields) {
        const attribute = inTag ? from?.attributes.get(wire) : undefined;
        const elements =
          attribute === undefined ? byName.get(wire) : [{ name: wire, attributes: new Map(), children: [], text: attribute }];
        if (elements !== undefined) into[member.name] = decode(elements, placeOf(at, member.name), faults);
        else if (member.required) faults.missing(placeOf(at, member.name), wire);
      }
    };
  }

  part(part: Part): Decode {
    const shape = this.#model.shape(part.target);
    switch (shape.kind) {
      case 'simple':
        return simple(shape.type, part);
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
    let read: ReturnType<XmlInput['members']> | undefined;
    const decode: Decode = (elements, at, faults) => {
      // Compiled at the first use, not before, because shapes may contain themselves.
      read ??= this.members(shape.members);
      const into: Record<string, unknown> = {};
      read(elements[0], into, at, faults);
      return into;
    };
    this.#structures.set(shape.name, decode);
    return decode;
  }

  #list(shape: Extract<Shape, { kind: 'list' }>, part: Part): Decode {
    const element = this.part({ ...shape.element, ...(part.enum === undefined ? {} : { enum: part.enum }) });
    const flat = shape.traits.xmlFlattened === 1 || part.traits.xmlFlattened === 1;
    const itemName = localName(shape.element.traits.xmlName ?? 'member');
    return (elements, at, faults) => {
      const items = flat ? elements : (elements[0]?.children ?? []).filter(({ name }) => name === itemName);
      return items.map((item, i) => element([item], `${at}.${i + 1}.member`, faults));
    };
  }

  #map(shape: Extract<Shape, { kind: 'map' }>, part: Part): Decode {
    const keyName = localName(shape.key.traits.xmlName ?? 'key');
    const valueName = localName(shape.value.traits.xmlName ?? 'value');
    const key = this.part({ ...shape.key, ...(part.keyEnum === undefined ? {} : { enum: part.keyEnum }) });
    const value = this.part({ ...shape.value, ...(part.enum === undefined ? {} : { enum: part.enum }) });
    const flat = shape.traits.xmlFlattened === 1 || part.traits.xmlFlattened === 1;
    return (elements, at, faults) => {
      // Without a prototype, so that a key such as `constructor` or `__proto__` is a key like any other.
      const map = Object.create(null) as Record<string, unknown>;
      const entries = flat ? elements : (elements[0]?.children ?? []).filter(({ name }) => name === 'entry');
      for (const entry of entries) {
        const byName = groupByName(entry.children);
        const keyElements = byName.get(keyName);
        const valueElements = byName.get(valueName);
        if (keyElements === undefined) faults.missing(`${at}.key`, keyName);
        else if (valueElements === undefined) faults.missing(`${at}.value`, valueName);
        else map[String(key(keyElements, `${at}.key`, faults))] = value(valueElements, `${at}.value`, faults);
      }
      return map;
    };
  }
}

/** Names in traits may carry a prefix, such as `xsi:type`; the reader drops prefixes. */
function localName(name: string): string {
  return name.slice(name.indexOf(':') + 1);
}

function groupByName(elements: readonly XmlElement[]): Map<string, XmlElement[]> {
  const groups = new Map<string, XmlElement[]>();
  for (const element of elements) {
    const group = groups.get(element.name);
    if (group === undefined) groups.set(element.name, [element]);
    else group.push(element);
  }
  return groups;
}

function simple(type: number, part: Part): Decode {
  const read = textReader(type, part);
  return (elements, at, faults) => read(elements[0]?.text ?? '', at, faults);
}

/** Reads a simple value from text, as it stands in XML, headers, queries and paths. */
export function textReader(type: number, part: Part): (text: string, at: string, faults: Faults) => unknown {
  if (type === SIMPLE.boolean) return (text, at, faults) => parseBoolean(text) ?? faults.malformed(at, at, text, 'boolean');
  if (type === SIMPLE.number) {
    const [expected, parse] = part.traits.fractional === 1 ? (['number', parseNumber] as const) : (['integer', parseInteger] as const);
    return (text, at, faults) => parse(text) ?? faults.malformed(at, at, text, expected);
  }
  if (isTimestamp(type)) return (text, at, faults) => parseTimestamp(text) ?? faults.malformed(at, at, text, 'timestamp');
  if (type === SIMPLE.blob || type === SIMPLE.streamingBlob)
    return (text, at, faults) => parseBase64(text) ?? faults.malformed(at, at, text, 'blob');
  const values = part.enum;
  if (values === undefined) return (text) => text;
  const allowed = new Set(values);
  return (text, at, faults) => {
    if (!allowed.has(text)) faults.notInEnum(at, at, text, values);
    return text;
  };
}
