/** Writes outputs as XML (ec2 query, query, REST-XML): one closure a shape, made when the shape is first used, with its tags made before. */
import { type Member, type Model, type Part, type Shape, SIMPLE, type Structure } from '#protocol/model.ts';
import { formatBase64, formatTimestamp, isTimestamp, type TimestampFormat, timestampFormat } from '#protocol/scalars.ts';

/** Gives an element with its tags. */
type Write = (value: unknown) => string;
type Values = Readonly<Record<string, unknown>>;

// Carriage return and friends are escaped because XML readers turn them into line feeds or drop them.
const SPECIAL = /[&<>"\u0000-\u001f\u007f-\u009f\u2028\ufffe\uffff]/;
const SPECIALS = /[&<>"\u0000-\u001f\u007f-\u009f\u2028\ufffe\uffff]/g;

/** Text as XML. What XML 1.0 cannot hold (most control characters) becomes U+FFFD. */
export function escapeXml(text: string): string {
  return SPECIAL.test(text) ? text.replace(SPECIALS, escapeCharacter) : text;
}

function escapeCharacter(character: string): string {
  switch (character) {
    case '&':
      return '&amp;';
    case '<':
      return '&lt;';
    case '>':
      return '&gt;';
    case '"':
      return '&quot;';
  }
  const code = character.charCodeAt(0);
  if ((code < 0x20 && code !== 0x09 && code !== 0x0a && code !== 0x0d) || code >= 0xfffe) return '\ufffd';
  return `&#x${code.toString(16).toUpperCase()};`;
}

/** Compiles and keeps the writers of one model. */
export class XmlOutput {
  readonly #model: Model;
  readonly #timestamps: TimestampFormat;
  readonly #bodies = new Map<string, Write>();

  constructor(model: Model, timestamps: TimestampFormat) {
    this.#model = model;
    this.#timestamps = timestamps;
  }

  /** The writer of a structure's members, without a tag around them. */
  body(shape: Structure): (value: Values) => string {
    return this.#body(shape, shape.members);
  }

  /** The writer of some of a structure's members, without a tag around them. */
  members(members: readonly Member[]): (value: Values) => string {
    return this.#body(undefined, members);
  }

  /** The writer of a whole element. `attributes` are written into its tag as they are. */
  element(part: Part, name: string, attributes = ''): Write {
    const shape = this.#model.shape(part.target);
    switch (shape.kind) {
      case 'simple':
        return this.#simple(shape.type, name);
      case 'structure':
        return this.#structure(shape, name, attributes);
      case 'list':
        return this.#list(shape, part, name, attributes);
      case 'map':
        return this.#map(shape, part, name, attributes);
    }
  }

  #body(shape: Structure | undefined, members: readonly Member[]): (value: Values) => string {
    const known = shape === undefined ? undefined : this.#bodies.get(shape.name);
    if (known !== undefined) return known;
    let fields: { name: string; write: Write }[] | undefined;
    const write = (value: Values): string => {
      // Compiled at the first use, not before, because shapes may contain themselves.
      fields ??= members
        .filter((member) => member.traits.xmlAttribute !== 1)
        .map((member) => ({ name: member.name, write: this.element(member, member.traits.xmlName ?? member.name) }));
      let xml = '';
      for (const field of fields) {
        const member = value[field.name];
        if (member !== undefined && member !== null) xml += field.write(member);
      }
      return xml;
    };
    if (shape !== undefined) this.#bodies.set(shape.name, write as Write); // callers hand a structure's value to it
    return write;
  }

  #structure(shape: Structure, name: string, attributes: string): Write {
    const body = this.#body(shape, shape.members);
    const inTag = shape.members.filter((member) => member.traits.xmlAttribute === 1);
    const close = `</${name}>`;
    if (inTag.length === 0) {
      const open = `<${name}${attributes}>`;
      const empty = `<${name}${attributes}/>`;
      return (value) => {
        const xml = body(value as Values); // handlers' outputs are typed by the SDK
        return xml === '' ? empty : open + xml + close;
      };
    }
    return (value) => {
      let open = `<${name}${attributes}`;
      for (const member of inTag) {
        const attribute = (value as Values)[member.name]; // as above
        if (attribute !== undefined && attribute !== null)
          open += ` ${member.traits.xmlName ?? member.name}="${escapeXml(String(attribute))}"`;
      }
      return `${open}>${body(value as Values)}${close}`; // as above
    };
  }

  #list(shape: Extract<Shape, { kind: 'list' }>, part: Part, name: string, attributes: string): Write {
    const flat = shape.traits.xmlFlattened === 1 || part.traits.xmlFlattened === 1;
    const item = this.element(shape.element, flat ? name : (shape.element.traits.xmlName ?? 'member'), flat ? attributes : '');
    const open = flat ? '' : `<${name}${attributes}>`;
    const close = flat ? '' : `</${name}>`;
    const empty = flat ? '' : `<${name}${attributes}/>`;
    return (value) => {
      const items = value as readonly unknown[]; // handlers' outputs are typed by the SDK
      let xml = '';
      for (const element of items) if (element !== undefined && element !== null) xml += item(element);
      return xml === '' ? empty : open + xml + close;
    };
  }

  #map(shape: Extract<Shape, { kind: 'map' }>, part: Part, name: string, attributes: string): Write {
    const flat = shape.traits.xmlFlattened === 1 || part.traits.xmlFlattened === 1;
    const key = this.element(shape.key, shape.key.traits.xmlName ?? 'key');
    const item = this.element(shape.value, shape.value.traits.xmlName ?? 'value');
    const [entryOpen, entryClose] = flat ? [`<${name}${attributes}>`, `</${name}>`] : ['<entry>', '</entry>'];
    const [open, close, empty] = flat ? ['', '', ''] : [`<${name}${attributes}>`, `</${name}>`, `<${name}${attributes}/>`];
    return (value) => {
      let xml = '';
      const entries = Object.entries(value as Values); // as above
      for (const [k, v] of entries) if (v !== undefined && v !== null) xml += entryOpen + key(k) + item(v) + entryClose;
      return xml === '' ? empty : open + xml + close;
    };
  }

  #simple(type: number, name: string): Write {
    const open = `<${name}>`;
    const close = `</${name}>`;
    if (isTimestamp(type)) {
      const format = timestampFormat(type, this.#timestamps);
      return (value) => open + (value instanceof Date ? formatTimestamp(value, format) : escapeXml(String(value))) + close;
    }
    if (type === SIMPLE.blob || type === SIMPLE.streamingBlob) return (value) => open + formatBase64(value as Uint8Array) + close; // typed by the SDK
    if (type === SIMPLE.string) return (value) => open + escapeXml(typeof value === 'string' ? value : String(value)) + close;
    return (value) => open + String(value) + close;
  }
}
