/** Values of a MaxMind DB file: finds what is asked for, without reading the rest (MaxMind DB File Format Specification 2.0, "Output Data Section"). */
import { MmdbError } from '#dataplane/dns/geo/mmdb-error.ts';

/** What is read out of a record. */
export type MmdbValue = string | number | undefined;

/** How many values one search may touch: a sound record has some hundreds, a damaged one could send us round for long. */
const VALUES_MAX = 20_000;
/** Codes and names of databases are short. */
const TEXT_BYTES_MAX = 255;
/** How deep values may lie in each other. */
const DEPTH_MAX = 32;

const Kind = { POINTER: 1, STRING: 2, DOUBLE: 3, BYTES: 4, UINT16: 5, UINT32: 6, MAP: 7, INT32: 8, UINT64: 9, UINT128: 10, ARRAY: 11, CONTAINER: 12, END: 13, BOOLEAN: 14, FLOAT: 15 } as const; // prettier-ignore
/** Kinds above this one have the next byte for what is more. */
const EXTENDED = 0;
const FIRST_EXTENDED = 7;

interface Head {
  readonly kind: number;
  /** Of bytes; of pairs for a map, of items for an array; where a pointer leads. */
  readonly size: number;
  /** Where the head ends. */
  readonly at: number;
}

/** A section of values in a file; pointers count from its start. Whatever lies outside of it is refused. */
export class MmdbData {
  readonly #bytes: Buffer;
  #left = 0;

  /** @param bytes the section, to its end */
  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  /**
   * The texts and numbers at these paths in the map at `at`, in their order; a number in a path is a place in an array.
   * @throws MmdbError where the bytes are no values
   */
  find(at: number, paths: readonly (readonly (string | number)[])[]): MmdbValue[] {
    this.#left = VALUES_MAX;
    return paths.map((path) => this.#follow(at, path));
  }

  #follow(at: number, path: readonly (string | number)[]): MmdbValue {
    let place: number | undefined = at;
    for (const step of path) {
      place = this.#step(place, step);
      if (place === undefined) return undefined;
    }
    return this.#plain(this.#resolved(place));
  }

  /** Where the value is that one step leads to. */
  #step(at: number, step: string | number): number | undefined {
    const head = this.#resolved(at);
    if (head.kind === Kind.ARRAY) {
      if (typeof step !== 'number' || step >= head.size) return undefined;
      let place = head.at;
      for (let index = 0; index < step; index++) place = this.#skip(place, 0);
      return place;
    }
    if (head.kind !== Kind.MAP || typeof step === 'number') return undefined;
    let place = head.at;
    for (let index = 0; index < head.size; index++) {
      const key = this.#resolved(place);
      const value = this.#skip(place, 0);
      if (key.kind === Kind.STRING && key.size === step.length && this.#text(key) === step) return value;
      place = this.#skip(value, 0);
    }
    return undefined;
  }

  /** The head of a value, through a pointer to it. */
  #resolved(at: number): Head {
    const head = this.#head(at);
    if (head.kind !== Kind.POINTER) return head;
    const target = this.#head(head.size);
    if (target.kind === Kind.POINTER) throw new MmdbError('a pointer leads to a pointer');
    return target;
  }

  #plain(head: Head): MmdbValue {
    switch (head.kind) {
      case Kind.STRING:
        return head.size > TEXT_BYTES_MAX ? undefined : this.#text(head);
      case Kind.DOUBLE:
        return head.size === 8 ? this.#within(head).readDoubleBE() : undefined;
      case Kind.FLOAT:
        return head.size === 4 ? this.#within(head).readFloatBE() : undefined;
      case Kind.UINT16:
      case Kind.UINT32:
      case Kind.INT32:
      case Kind.UINT64: {
        const bytes = this.#within(head);
        return bytes.length > 6 ? Number(bytes.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n)) : bytes.length === 0 ? 0 : bytes.readUIntBE(0, bytes.length); // prettier-ignore
      }
      default:
        return undefined;
    }
  }

  #text(head: Head): string {
    return this.#within(head).toString('utf8');
  }

  #within({ at, size }: Head): Buffer {
    if (at + size > this.#bytes.length) throw new MmdbError('a value goes beyond the end of the file');
    return this.#bytes.subarray(at, at + size);
  }

  /** Where the value at `at` ends. */
  #skip(at: number, depth: number): number {
    if (depth > DEPTH_MAX) throw new MmdbError(`values lie more than ${DEPTH_MAX} deep in each other`);
    const head = this.#head(at);
    switch (head.kind) {
      case Kind.POINTER:
      case Kind.BOOLEAN:
        return head.at;
      case Kind.MAP:
      case Kind.ARRAY: {
        let place = head.at;
        const values = head.kind === Kind.MAP ? 2 * head.size : head.size;
        for (let index = 0; index < values; index++) place = this.#skip(place, depth + 1);
        return place;
      }
      default:
        this.#within(head);
        return head.at + head.size;
    }
  }

  #byte(at: number): number {
    const byte = this.#bytes[at];
    if (byte === undefined) throw new MmdbError('a value goes beyond the end of the file');
    return byte;
  }

  #head(start: number): Head {
    if (this.#left-- <= 0) throw new MmdbError(`a record has more than ${VALUES_MAX} values`);
    let at = start;
    const control = this.#byte(at++);
    let kind = control >>> 5;
    if (kind === Kind.POINTER) return this.#pointer(control, at);
    if (kind === EXTENDED) kind = this.#byte(at++) + FIRST_EXTENDED;
    if (kind > Kind.FLOAT || kind === Kind.CONTAINER || kind === Kind.END) throw new MmdbError(`there is no kind ${kind} of values`);
    let size = control & 0x1f;
    // 29 and more: so many bytes behind say how much more it is.
    if (size >= 29) {
      const more = size - 28;
      const base = [29, 285, 65_821][more - 1] ?? 0;
      size = base;
      let added = 0;
      for (let index = 0; index < more; index++) added = added * 256 + this.#byte(at++);
      size += added;
    }
    return { kind, size, at };
  }

  #pointer(control: number, start: number): Head {
    let at = start;
    const extra = (control >>> 3) & 3;
    let target = extra === 3 ? 0 : control & 7;
    for (let index = 0; index <= extra; index++) target = target * 256 + this.#byte(at++);
    const base = [0, 2048, 526_336, 0][extra] ?? 0;
    return { kind: Kind.POINTER, size: target + base, at };
  }
}
