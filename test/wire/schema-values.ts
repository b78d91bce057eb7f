/** Makes values of a model's shapes for the wire tests; every choice comes from one number, so that a seed repeats it. */
import { type Model, type Part, SIMPLE, type Structure } from '#protocol/model.ts';

/** Choices that follow from a seed (mulberry32: small, and good enough to vary tests). */
export class Choices {
  #state: number;

  constructor(seed: number) {
    this.#state = seed | 0;
  }

  /** From 0 to below 1. */
  fraction(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  }

  /** From `min` to `max`, both included. */
  integer(min: number, max: number): number {
    return min + Math.floor(this.fraction() * (max - min + 1));
  }

  /** True once in `n`. */
  once(n: number): boolean {
    return this.integer(1, n) === 1;
  }

  of<T>(values: readonly T[]): T {
    const value = values[this.integer(0, values.length - 1)];
    if (value === undefined) throw new Error('nothing to choose from');
    return value;
  }
}

export interface ValueRules {
  /** The query protocols cannot write an empty structure or (EC2) an empty list. */
  readonly nonEmpty: boolean;
  /** XML 1.0 cannot carry every character, and the SDK's reader drops white space that stands alone with a line feed. */
  readonly xml: boolean;
  /** Whether maps may have a key `__proto__`, which the SDK's reader of JSON loses. */
  readonly protoKeys: boolean;
  /** Members of REST requests that clients themselves shorten, to what follows the last slash (Route 53's ids). */
  readonly shortened?: ReadonlySet<string>;
}

export const FORM_INPUT: ValueRules = { nonEmpty: true, xml: false, protoKeys: true };
export const XML_OUTPUT: ValueRules = { nonEmpty: false, xml: true, protoKeys: true };
const SHORTENED: ReadonlySet<string> = new Set(['Id', 'HostedZoneId', 'DelegationSetId', 'ResourceId', 'ChangeId']);
export const REST_XML_INPUT: ValueRules = { nonEmpty: true, xml: true, protoKeys: true, shortened: SHORTENED };
export const JSON_INPUT: ValueRules = { nonEmpty: false, xml: false, protoKeys: true };
export const JSON_OUTPUT: ValueRules = { nonEmpty: false, xml: false, protoKeys: false };

/** Of a model's inputs and outputs. */
export function rulesOf({ protocol }: Model): readonly [input: ValueRules, output: ValueRules] {
  if (protocol === 'ec2' || protocol === 'query') return [FORM_INPUT, XML_OUTPUT];
  return protocol === 'rest-xml' ? [REST_XML_INPUT, XML_OUTPUT] : [JSON_INPUT, JSON_OUTPUT];
}

/** How deep optional members go; shapes that contain themselves end there. */
const MAX_DEPTH = 4;
const PIECES = [
  'a',
  'vpc-0a1b',
  '1',
  '.',
  '-',
  ' ',
  '+',
  '%20',
  '&',
  '<',
  '>',
  '"',
  "'",
  '=',
  '\\',
  '/',
  '\r\n',
  '\t',
  'é',
  '経路',
  '😀',
  '\u2028',
  '\u0085',
  '__proto__',
];

export function drawText(choices: Choices, rules: ValueRules): string {
  let text = '';
  for (let length = choices.integer(0, 5); length > 0; length--) {
    text += choices.once(8)
      ? String.fromCodePoint(choices.once(2) ? choices.integer(0, 0x7f) : choices.integer(0xa0, 0xd7ff))
      : choices.of(PIECES);
  }
  if (!rules.xml) return text;
  const legal = text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '').replaceAll('\r', rules.nonEmpty ? '' : '\r'); // botocore's writer leaves it to XML, whose readers make a line feed of it
  return legal.trim() === '' ? 'x' : legal;
}

export function drawStructure(
  choices: Choices,
  model: Model,
  shape: Structure | undefined,
  rules: ValueRules,
  depth = 0,
): Record<string, unknown> {
  const members = shape?.members ?? [];
  if (shape?.union === true) {
    const member = choices.of(members);
    return { [member.name]: drawPart(choices, model, member, rules, depth + 1) };
  }
  const value: Record<string, unknown> = {};
  const odds = members.length > 12 || depth > 2 ? 4 : 2;
  for (const member of members) {
    // Always a token, because the SDK makes one where there is none.
    const isNeeded = member.required || member.traits.idempotencyToken === 1;
    if (isNeeded || (depth < MAX_DEPTH && choices.once(odds))) value[member.name] = drawPart(choices, model, member, rules, depth + 1);
  }
  const [first] = members;
  if (rules.nonEmpty && depth > 0 && Object.keys(value).length === 0 && first !== undefined) {
    value[first.name] = drawPart(choices, model, first, rules, depth + 1);
  }
  return value;
}

function drawPart(choices: Choices, model: Model, part: Part, rules: ValueRules, depth: number): unknown {
  const shape = model.shape(part.target);
  const enums = part.enum === undefined ? {} : { enum: part.enum };
  switch (shape.kind) {
    case 'simple':
      return drawSimple(choices, shape.type, part, rules);
    case 'structure':
      return drawStructure(choices, model, shape, rules, depth);
    case 'list': {
      const length = choices.integer(rules.nonEmpty ? 1 : 0, depth < MAX_DEPTH ? 3 : 1);
      return Array.from({ length }, () => drawPart(choices, model, { ...shape.element, ...enums }, rules, depth + 1));
    }
    case 'map': {
      const map = Object.create(null) as Record<string, unknown>; // holds any key
      for (let length = choices.integer(rules.nonEmpty ? 1 : 0, 2); length > 0; length--) {
        const key =
          part.keyEnum === undefined ? choices.of(['__proto__', 'constructor', drawText(choices, rules)]) : choices.of(part.keyEnum);
        if (key === '__proto__' && !rules.protoKeys) continue;
        map[key] = drawPart(choices, model, { ...shape.value, ...enums }, rules, depth + 1);
      }
      return map;
    }
  }
}

/** In paths and headers, and where clients change what they are given, only plain words come through. */
function isPlain({ traits, name = '' }: Part & { readonly name?: string }, { shortened }: ValueRules): boolean {
  return traits.httpLabel === 1 || traits.httpHeader !== undefined || shortened?.has(name) === true;
}

function drawSimple(choices: Choices, type: number, part: Part & { readonly name?: string }, rules: ValueRules): unknown {
  if (type === SIMPLE.boolean) return choices.once(2);
  if (type === SIMPLE.number) {
    if (part.traits.fractional === 1 && choices.once(2)) return choices.of([0.5, -2.25, 1e21, 3.3e-7, 1 / 3]);
    return choices.of([0, 1, -1, 65_535, 2 ** 31 - 1, Number.MAX_SAFE_INTEGER, choices.integer(0, 10_000)]);
  }
  if (type >= SIMPLE.timestamp && type <= SIMPLE.timestampEpochSeconds) {
    return new Date(choices.integer(0, 4_102_444_799) * 1000 + (type === SIMPLE.timestampHttpDate ? 0 : choices.of([0, 1, 500, 999])));
  }
  if (type === SIMPLE.blob || type === SIMPLE.streamingBlob)
    return Uint8Array.from({ length: choices.integer(1, 9) }, () => choices.integer(0, 255));
  if (type === SIMPLE.string && part.enum === undefined && isPlain(part, rules)) return `Z${choices.integer(0, 99_999)}`;
  if (type === SIMPLE.document) return choices.of<unknown>([true, 'text', 1.5, ['a', {}], { a: { b: [null] } }]);
  return part.enum === undefined ? drawText(choices, rules) : choices.of(part.enum);
}

/** A value in a form that compares: bytes and dates as text, unset members left out, keys in order. */
export function canonical(value: unknown): string {
  return JSON.stringify(comparable(value), null, 1);
}

function comparable(value: unknown): unknown {
  if (value instanceof Date) return `date ${value.toISOString()}`;
  if (value instanceof Uint8Array) return `bytes ${Buffer.from(value).toString('hex')}`;
  if (Array.isArray(value)) return value.map(comparable);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([, member]) => member !== undefined);
  entries.sort(([a], [b]) => (a < b ? -1 : 1));
  // As pairs, because a key may be `__proto__`.
  return entries.map(([key, member]) => [key, comparable(member)]);
}
