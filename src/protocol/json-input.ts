/** Reads inputs from JSON: one closure a shape, made when the shape is first used. */
import { isUtf8 } from 'node:buffer';
import { AwsError } from '#protocol/aws-error.ts';
import { type Expected, type Faults, placeOf } from '#protocol/faults.ts';
import { LIMITS } from '#protocol/limits.ts';
import { type Member, type Model, type Part, type Shape, SIMPLE, type Structure } from '#protocol/model.ts';
import { isTimestamp, parseBase64, parseTimestamp } from '#protocol/scalars.ts';

type Decode = (value: unknown, at: string, faults: Faults) => unknown;
type Values = Readonly<Record<string, unknown>>;

/** AWS's code and words (its services' common framework) for JSON that is not of the model's types. */
export function serializationError(message: string): AwsError {
  return new AwsError('SerializationException', message);
}

const TYPE_NAMES: Readonly<Record<Expected, string>> = {
  string: 'a String',
  integer: 'an Integer',
  number: 'a Double',
  boolean: 'a Boolean',
  timestamp: 'a Timestamp',
  blob: 'a Blob',
  structure: 'a structure',
  list: 'a list',
  map: 'a map',
};

/** The fault of a value that is of another JSON type than the model says. `value` is JSON text. */
export function wrongJsonType(value: string, expected: Expected): AwsError {
  if (expected === 'list') return serializationError('Expected list or null');
  if (value.startsWith('{')) return serializationError('Start of structure or map found where not expected.');
  if (value.startsWith('[')) return serializationError('Start of list found where not expected');
  return serializationError(`${tokenOf(value)} can not be converted to ${TYPE_NAMES[expected]}`);
}

function tokenOf(value: string): string {
  if (value === 'true' || value === 'false') return `${value.toUpperCase()}_VALUE`;
  return value.startsWith('"') ? 'STRING_VALUE' : 'NUMBER_VALUE';
}

/** A body as a JSON object; an empty body is an empty object. @throws AwsError `SerializationException` */
export function parseJsonObject(body: Buffer): Values {
  const value = parseJson(body);
  if (value === undefined) return {};
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw serializationError('Unexpected value type in payload');
  return value as Values; // an object that is no array
}

/** A body as JSON; undefined when it is empty. @throws AwsError `SerializationException` */
export function parseJson(body: Buffer): unknown {
  if (body.length === 0) return undefined;
  if (!isUtf8(body)) throw serializationError('The body is not UTF-8');
  const text = body.toString('utf8');
  if (isDeeper(text, LIMITS.nesting)) throw serializationError(`Nesting is deeper than ${LIMITS.nesting}`);
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw serializationError('The body is not well-formed JSON');
  }
}

/** Whether brackets outside strings are nested deeper than a limit. */
function isDeeper(text: string, limit: number): boolean {
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 0x22) {
      while (++i < text.length && text.charCodeAt(i) !== 0x22) if (text.charCodeAt(i) === 0x5c) i++;
    } else if (code === 0x7b || code === 0x5b) {
      if (++depth > limit) return true;
    } else if (code === 0x7d || code === 0x5d) depth--;
  }
  return false;
}

/** Compiles and keeps the readers of one model. */
export class JsonInput {
  readonly #model: Model;
  /** Whether `jsonName` counts (REST-JSON only). */
  readonly #jsonNames: boolean;
  readonly #structures = new Map<string, Decode>();

  constructor(model: Model, jsonNames: boolean) {
    this.#model = model;
    this.#jsonNames = jsonNames;
  }

  /** The reader of some members of a structure from one JSON object; it adds them to `into`. */
  members(members: readonly Member[]): (from: Values, into: Record<string, unknown>, at: string, faults: Faults) => void {
    const fields = members.map((member) => ({
      member,
      wire: this.#jsonNames ? (member.traits.jsonName ?? member.name) : member.name,
      decode: this.part(member),
    }));
    return (from, into, at, faults) => {
      for (const { member, wire, decode } of fields) {
        const value = Object.hasOwn(from, wire) ? from[wire] : undefined;
        if (value !== undefined && value !== null) into[member.name] = decode(value, placeOf(at, member.name), faults);
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
    let read: ReturnType<JsonInput['members']> | undefined;
    const decode: Decode = (value, at, faults) => {
      // Compiled at the first use, not before, because shapes may contain themselves.
      read ??= this.members(shape.members);
      const into: Record<string, unknown> = {};
      read(objectOf(value, at, 'structure', faults), into, at, faults);
      if (shape.union && Object.keys(into).length !== 1) throw serializationError(`Exactly one member of ${shape.name} must be set`);
      return into;
    };
    this.#structures.set(shape.name, decode);
    return decode;
  }

  #list(shape: Extract<Shape, { kind: 'list' }>, part: Part): Decode {
    const element = this.part({ ...shape.element, ...(part.enum === undefined ? {} : { enum: part.enum }) });
    const sparse = shape.traits.sparse === 1;
    return (value, at, faults) => {
      if (!Array.isArray(value)) return faults.malformed(at, at, JSON.stringify(value), 'list');
      return value.map((item: unknown, i) => {
        const place = `${at}.${i + 1}.member`;
        if (item !== null) return element(item, place, faults);
        if (!sparse) faults.missing(place, place);
        return null;
      });
    };
  }

  #map(shape: Extract<Shape, { kind: 'map' }>, part: Part): Decode {
    const item = this.part({ ...shape.value, ...(part.enum === undefined ? {} : { enum: part.enum }) });
    const keys = part.keyEnum;
    const sparse = shape.traits.sparse === 1;
    return (value, at, faults) => {
      // Without a prototype, so that a key such as `constructor` or `__proto__` is a key like any other.
      const map = Object.create(null) as Record<string, unknown>;
      for (const [key, entry] of Object.entries(objectOf(value, at, 'map', faults))) {
        if (keys !== undefined && !keys.includes(key)) faults.notInEnum(`${at}.key`, at, key, keys);
        if (entry !== null) map[key] = item(entry, `${at}.${key}.member`, faults);
        else if (sparse) map[key] = null;
      }
      return map;
    };
  }
}

function objectOf(value: unknown, at: string, expected: Expected, faults: Faults): Values {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Values; // an object that is no array
  return faults.malformed(at, at, JSON.stringify(value), expected);
}

function simple(type: number, part: Part): Decode {
  if (type === SIMPLE.boolean) return typed('boolean', (value) => (typeof value === 'boolean' ? value : undefined));
  if (type === SIMPLE.number) return numeric(part.traits.fractional === 1);
  if (isTimestamp(type)) return typed('timestamp', timestampOf);
  if (type === SIMPLE.blob || type === SIMPLE.streamingBlob)
    return typed('blob', (value) => (typeof value === 'string' ? parseBase64(value) : undefined));
  if (type === SIMPLE.document) return (value) => value;
  const text = typed('string', (value) => (typeof value === 'string' ? value : undefined));
  const values = part.enum;
  if (values === undefined) return text;
  const allowed = new Set(values);
  return (value, at, faults) => {
    const read = text(value, at, faults) as string; // by the reader above
    if (!allowed.has(read)) faults.notInEnum(at, at, read, values);
    return read;
  };
}

function typed(expected: Expected, read: (value: unknown) => unknown): Decode {
  return (value, at, faults) => read(value) ?? faults.malformed(at, at, JSON.stringify(value), expected);
}

/** Fractions as text (`"NaN"`, `"Infinity"`) exist in Smithy's JSON only for floats that no network API has. */
function numeric(fractional: boolean): Decode {
  const expected = fractional ? 'number' : 'integer';
  return typed(expected, (value) =>
    typeof value === 'number' && (fractional ? Number.isFinite(value) : Number.isSafeInteger(value)) ? value : undefined,
  );
}

function timestampOf(value: unknown): Date | undefined {
  return typeof value === 'number' || typeof value === 'string' ? parseTimestamp(String(value)) : undefined;
}
