/** Writes outputs as JSON: one closure a shape, made when the shape is first used, with its names quoted before. */
import { type Member, type Model, type Part, type Shape, SIMPLE, type Structure } from '#protocol/model.ts';
import { formatBase64, formatTimestamp, isTimestamp, timestampFormat } from '#protocol/scalars.ts';

type Write = (value: unknown) => string;
type Values = Readonly<Record<string, unknown>>;

/** Compiles and keeps the writers of one model. */
export class JsonOutput {
  readonly #model: Model;
  /** Whether `jsonName` counts (REST-JSON only). */
  readonly #jsonNames: boolean;
  readonly #structures = new Map<string, Write>();

  constructor(model: Model, jsonNames: boolean) {
    this.#model = model;
    this.#jsonNames = jsonNames;
  }

  /** The writer of members as they stand inside braces; it gives '' when none is set. */
  members(members: readonly Member[]): (value: Values) => string {
    let fields: { name: string; key: string; write: Write }[] | undefined;
    return (value) => {
      // Compiled at the first use, not before, because shapes may contain themselves.
      fields ??= members.map((member) => ({
        name: member.name,
        key: `${JSON.stringify(this.#jsonNames ? (member.traits.jsonName ?? member.name) : member.name)}:`,
        write: this.part(member),
      }));
      let json = '';
      for (const field of fields) {
        const member = value[field.name];
        if (member === undefined || member === null) continue;
        if (json !== '') json += ',';
        json += field.key + field.write(member);
      }
      return json;
    };
  }

  part(part: Part): Write {
    const shape = this.#model.shape(part.target);
    switch (shape.kind) {
      case 'simple':
        return simple(shape.type);
      case 'structure':
        return this.#structure(shape);
      case 'list':
        return this.#list(shape);
      case 'map':
        return this.#map(shape);
    }
  }

  #structure(shape: Structure): Write {
    const known = this.#structures.get(shape.name);
    if (known !== undefined) return known;
    const members = this.members(shape.members);
    const write: Write = (value) => `{${members(value as Values)}}`; // handlers' outputs are typed by the SDK
    this.#structures.set(shape.name, write);
    return write;
  }

  #list(shape: Extract<Shape, { kind: 'list' }>): Write {
    const item = this.part(shape.element);
    const sparse = shape.traits.sparse === 1;
    return (value) => {
      let json = '';
      // Handlers' outputs are typed by the SDK.
      for (const element of value as readonly unknown[]) {
        if (element !== undefined && element !== null) json += (json === '' ? '' : ',') + item(element);
        else if (sparse) json += json === '' ? 'null' : ',null';
      }
      return `[${json}]`;
    };
  }

  #map(shape: Extract<Shape, { kind: 'map' }>): Write {
    const item = this.part(shape.value);
    const sparse = shape.traits.sparse === 1;
    return (value) => {
      let json = '';
      // Handlers' outputs are typed by the SDK.
      for (const [key, entry] of Object.entries(value as Values)) {
        const isSet = entry !== undefined && entry !== null;
        if (isSet || sparse) json += `${json === '' ? '' : ','}${JSON.stringify(key)}:${isSet ? item(entry) : 'null'}`;
      }
      return `{${json}}`;
    };
  }
}

function simple(type: number): Write {
  if (isTimestamp(type)) {
    const format = timestampFormat(type, 'epoch-seconds');
    return (value) => {
      if (!(value instanceof Date)) return JSON.stringify(value);
      const text = formatTimestamp(value, format);
      return format === 'epoch-seconds' ? text : `"${text}"`;
    };
  }
  if (type === SIMPLE.blob || type === SIMPLE.streamingBlob) return (value) => `"${formatBase64(value as Uint8Array)}"`; // typed by the SDK
  if (type === SIMPLE.boolean) return String;
  if (type === SIMPLE.number) return (value) => (Number.isFinite(value) ? String(value) : `"${String(value)}"`);
  if (type === SIMPLE.bigInteger || type === SIMPLE.bigDecimal) return String;
  if (type === SIMPLE.document) return (value) => JSON.stringify(value);
  return (value) => JSON.stringify(typeof value === 'string' ? value : String(value));
}
