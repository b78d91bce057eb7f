/** The header fields of one message: where each is in the head's text, and which of them the engine has to know. */
import { COLON, CR, decimal, KIND, LF, SPACE, TAB, TOKEN, VALUE } from '#dataplane/balancer/http/octets.ts';

/** What a field is to the engine. Each is also a bit of `seen`, at its own place. */
export const FIELD = {
  other: 0,
  host: 1,
  connection: 2,
  /** Of this connection only, and never passed on: Keep-Alive, Proxy-Connection, TE, HTTP2-Settings, Trailer. */
  hop: 3,
  upgrade: 4,
  contentLength: 5,
  transferEncoding: 6,
  expect: 7,
  forwardedFor: 8,
  /** X-Forwarded-Proto and X-Forwarded-Port: the engine's own take their place. */
  forwarded: 9,
  traceId: 10,
  tlsVersion: 11,
  setCookie: 12,
  userAgent: 13,
  /** Not to be passed on: named in `Connection`, or no valid name. */
  dropped: 14,
} as const;

export const bit = (field: number): number => 1 << field;

/** By length, so that most names are told from all of these without a look at their letters. */
const KNOWN: readonly (readonly (readonly [name: string, field: number])[])[] = Array.from({ length: 24 }, (_, length) =>
  (
    [
      ['te', FIELD.hop],
      ['host', FIELD.host],
      ['expect', FIELD.expect],
      ['upgrade', FIELD.upgrade],
      ['trailer', FIELD.hop],
      ['connection', FIELD.connection],
      ['keep-alive', FIELD.hop],
      ['set-cookie', FIELD.setCookie],
      ['user-agent', FIELD.userAgent],
      ['content-length', FIELD.contentLength],
      ['http2-settings', FIELD.hop],
      ['x-amzn-trace-id', FIELD.traceId],
      ['x-forwarded-for', FIELD.forwardedFor],
      ['x-forwarded-port', FIELD.forwarded],
      ['proxy-connection', FIELD.hop],
      ['transfer-encoding', FIELD.transferEncoding],
      ['x-forwarded-proto', FIELD.forwarded],
      ['x-amzn-tls-version', FIELD.tlsVersion],
      ['x-amzn-tls-cipher-suite', FIELD.tlsVersion],
    ] as const
  ).filter(([name]) => name.length === length),
);

/** @param name in lower case @returns what a field of this name is, as text that came otherwise than in octets */
export function fieldOf(name: string): number {
  return KNOWN[name.length]?.find(([known]) => known === name)?.[1] ?? FIELD.other;
}

/** True where the octets are this name, which is in lower case. They are token characters, of which this bit tells letters' cases only. */
function isName(bytes: Buffer, at: number, name: string): boolean {
  for (let index = 0; index < name.length; index += 1) {
    if (((bytes[at + index] ?? 0) | 0x20) !== name.charCodeAt(index)) return false;
  }
  return true;
}

function identify(bytes: Buffer, at: number, length: number): number {
  const candidates = KNOWN[length];
  if (candidates === undefined) return FIELD.other;
  for (let index = 0; index < candidates.length; index += 1) {
    const candidate = candidates[index];
    if (candidate && isName(bytes, at, candidate[0])) return candidate[1];
  }
  return FIELD.other;
}

const NAME = 0;
const NAME_END = 1;
const VALUE_AT = 2;
const VALUE_END = 3;
const NEXT = 4;
const STRIDE = 5;

/** What a line that is not as it should be was taken for: where the next one begins, or NOT_A_FIELD. */
export const NOT_A_FIELD = -1;

export class Fields {
  /** The head, with its blank line. */
  text = '';
  count = 0;
  /** Bits of what there is. */
  seen = 0;
  #spans = new Int32Array(STRIDE * 24);
  #kinds = new Uint8Array(24);

  protected reset(text: string): void {
    this.text = text;
    this.count = 0;
    this.seen = 0;
  }

  /**
   * Reads the lines from `from` up to the blank line at `last`; both are places in `bytes`, as is `base`, where the head begins.
   * @returns false when a line is no field and `readOdd` would not have it
   */
  protected scan(bytes: Buffer, base: number, from: number, last: number): boolean {
    let at = from;
    while (at < last) {
      const lineAt = at;
      while (((KIND[bytes[at] ?? 0] ?? 0) & TOKEN) !== 0) at += 1;
      const nameEnd = at;
      if (nameEnd === lineAt || bytes[at] !== COLON) {
        at = this.readOdd(bytes, base, lineAt, last);
        if (at === NOT_A_FIELD) return false;
        continue;
      }
      at += 1;
      while (bytes[at] === SPACE || bytes[at] === TAB) at += 1;
      const valueAt = at;
      while (((KIND[bytes[at] ?? 0] ?? 0) & VALUE) !== 0) at += 1;
      if (bytes[at] !== CR || bytes[at + 1] !== LF) {
        at = this.readOdd(bytes, base, lineAt, last);
        if (at === NOT_A_FIELD) return false;
        continue;
      }
      let valueEnd = at;
      while (valueEnd > valueAt && (bytes[valueEnd - 1] === SPACE || bytes[valueEnd - 1] === TAB)) valueEnd -= 1;
      at += 2;
      this.put(this.identify(bytes, lineAt, nameEnd - lineAt), lineAt - base, nameEnd - base, valueAt - base, valueEnd - base, at - base);
    }
    return true;
  }

  /** A line that is not as it should be. @returns where the next one begins, or NOT_A_FIELD */
  protected readOdd(_bytes: Buffer, _base: number, _lineAt: number, _last: number): number {
    return NOT_A_FIELD;
  }

  protected identify(bytes: Buffer, at: number, length: number): number {
    return identify(bytes, at, length);
  }

  protected put(kind: number, nameAt: number, nameEnd: number, valueAt: number, valueEnd: number, next: number): void {
    const { count } = this;
    if (count === this.#kinds.length) this.#grow();
    const spans = this.#spans;
    const at = count * STRIDE;
    spans[at + NAME] = nameAt;
    spans[at + NAME_END] = nameEnd;
    spans[at + VALUE_AT] = valueAt;
    spans[at + VALUE_END] = valueEnd;
    spans[at + NEXT] = next;
    this.#kinds[count] = kind;
    this.seen |= 1 << kind;
    this.count = count + 1;
  }

  kind(index: number): number {
    return this.#kinds[index] ?? 0;
  }

  setKind(index: number, kind: number): void {
    this.#kinds[index] = kind;
    this.seen |= 1 << kind;
  }

  /** A field's name as it came. */
  name(index: number): string {
    return this.text.slice(this.#span(index, NAME), this.#span(index, NAME_END));
  }

  value(index: number): string {
    return this.text.slice(this.#span(index, VALUE_AT), this.#span(index, VALUE_END));
  }

  /** Octets of the field's line, without its end. */
  size(index: number): number {
    return this.#span(index, NEXT) - this.#span(index, NAME) - 2;
  }

  /** The value of the first field of a kind. */
  first(kind: number): string | undefined {
    if ((this.seen & (1 << kind)) === 0) return undefined;
    for (let index = 0; index < this.count; index += 1) if (this.kind(index) === kind) return this.value(index);
    return undefined;
  }

  /** The values of all fields of a kind. */
  all(kind: number): string[] {
    const values: string[] = [];
    if ((this.seen & (1 << kind)) === 0) return values;
    for (let index = 0; index < this.count; index += 1) if (this.kind(index) === kind) values.push(this.value(index));
    return values;
  }

  protected hasSeveral(kind: number): boolean {
    let count = 0;
    for (let index = 0; index < this.count; index += 1) if (this.kind(index) === kind) count += 1;
    return count > 1;
  }

  /** True when a field of this kind says another number. */
  protected differs(kind: number, number: number): boolean {
    for (let index = 0; index < this.count; index += 1) if (this.kind(index) === kind && decimal(this.value(index)) !== number) return true;
    return false;
  }

  /** The values of all fields of a name, which is in lower case. */
  named(name: string): string[] {
    const values: string[] = [];
    for (let index = 0; index < this.count; index += 1) {
      const at = this.#span(index, NAME);
      if (this.#span(index, NAME_END) - at === name.length && this.name(index).toLowerCase() === name) values.push(this.value(index));
    }
    return values;
  }

  /** The lines of all fields but those of these kinds, as they came and in their order. @param without bits */
  lines(without: number): string {
    if (this.count === 0) return '';
    let lines = '';
    let runAt = this.#span(0, NAME);
    let runEnd = runAt;
    for (let index = 0; index < this.count; index += 1) {
      const lineAt = this.#span(index, NAME);
      if ((without & (1 << this.kind(index))) !== 0) continue;
      if (lineAt !== runEnd) {
        if (runEnd > runAt) lines += this.text.slice(runAt, runEnd);
        runAt = lineAt;
      }
      runEnd = this.#span(index, NEXT);
    }
    return runEnd > runAt ? lines + this.text.slice(runAt, runEnd) : lines;
  }

  /** Marks what `Connection` names as dropped. It cannot name what the message does not make sense without. */
  protected dropNominated(options: readonly string[]): void {
    for (let index = 0; index < this.count; index += 1) {
      if (this.kind(index) === FIELD.other && options.includes(this.name(index).toLowerCase())) this.setKind(index, FIELD.dropped);
    }
  }

  #span(index: number, what: number): number {
    return this.#spans[index * STRIDE + what] ?? 0;
  }

  #grow(): void {
    const spans = new Int32Array(this.#spans.length * 2);
    spans.set(this.#spans);
    this.#spans = spans;
    const kinds = new Uint8Array(this.#kinds.length * 2);
    kinds.set(this.#kinds);
    this.#kinds = kinds;
  }
}

/** The members of a field's list, in lower case. Only spaces and tabs go from around them: `trim` would take more. */
export function optionsOf(values: readonly string[]): string[] {
  return values.flatMap((value) => value.toLowerCase().split(',')).map((option) => option.replaceAll(/^[ \t]+|[ \t]+$/g, ''));
}
