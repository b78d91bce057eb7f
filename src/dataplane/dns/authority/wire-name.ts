/** A name as bytes, in lower case, with the hash of each of its ends: what tables of names are asked by, without a string being made. */
import { randomInt } from 'node:crypto';
import { writeDomainName } from '#model/domain-name.ts';

/** RFC 1035 section 2.3.4: a name with its lengths and the root's, and so how many labels there can be. */
const NAME_BYTES = 255;
const LABEL_BYTES = 63;
const LABELS = 127;
/** What `writeDomainName` may need behind a name that is too long. */
const ROOM = 512;

/** Bytes of names in lower case (RFC 4343); lengths of labels are below `A`. */
const LOWER = Uint8Array.from({ length: 256 }, (_, byte) => (byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte));
/** Of this process: whoever chooses names does not know which of them meet in a table. */
const SEED = randomInt(0x7fff_ffff);
const STAR = 0x2a;

/** Goes on with a hash over a label. */
function hashLabel(hash: number, bytes: Uint8Array, at: number): number {
  const end = at + 1 + (bytes[at] ?? 0);
  let next = hash;
  for (let from = at; from < end; from++) next = Math.imul(next ^ (bytes[from] ?? 0), 0x0100_0193); // FNV-1a
  return next ^ (next >>> 15);
}

const WILDCARD_LABEL = Uint8Array.of(1, STAR);

export class WireName {
  /** Uncompressed, in lower case. */
  readonly bytes = new Uint8Array(ROOM);
  /** With the root's byte. */
  length = 1;
  /** Without the root. */
  labels = 0;
  /** Where each label begins, and behind the last one where the root is. */
  readonly starts = new Uint8Array(LABELS + 1);
  /** By the number of a label: of the name's end that begins there. */
  readonly hashes = new Int32Array(LABELS + 1).fill(SEED);

  /** Takes a name without pointers out of a message; where it ends there, or −1 when it is none. */
  read(source: Uint8Array, from: number): number {
    const { bytes, starts } = this;
    let at = 0;
    let labels = 0;
    for (;;) {
      const size = source[from + at];
      if (size === undefined || size > LABEL_BYTES || at >= NAME_BYTES) return -1;
      starts[labels] = at;
      bytes[at] = size;
      at++;
      if (size === 0) break;
      labels++;
      const end = at + size;
      if (end >= NAME_BYTES || from + end >= source.length) return -1;
      for (; at < end; at++) bytes[at] = LOWER[source[from + at] ?? 0] ?? 0;
    }
    this.length = at;
    this.labels = labels;
    this.#hash();
    return from + at;
  }

  /** Takes a name as the model writes it; false when it is none. */
  readText(name: string): boolean {
    const end = writeDomainName(name === '' ? '.' : name, this.bytes, 0);
    return typeof end === 'number' && this.read(this.bytes, 0) === end;
  }

  /** The hash of the wildcard right below an end of the name. */
  wildcardHash(label: number): number {
    return hashLabel(this.hashes[label] ?? 0, WILDCARD_LABEL, 0);
  }

  /** Which label another name begins at that this one ends with; −1 when it is not within it. */
  labelOf(end: Uint8Array, endLabels: number): number {
    const label = this.labels - endLabels;
    if (label < 0) return -1;
    const start = this.starts[label] ?? 0;
    if (this.length - start !== end.length) return -1;
    return equalBytes(this.bytes, start, end, 0, end.length) ? label : -1;
  }

  /** A copy of the bytes from a label on. */
  slice(label: number): Uint8Array {
    return this.bytes.slice(this.starts[label], this.length);
  }

  #hash(): void {
    const { hashes, starts, labels } = this;
    let hash = SEED;
    hashes[labels] = hash;
    for (let label = labels - 1; label >= 0; label--) {
      hash = hashLabel(hash, this.bytes, starts[label] ?? 0);
      hashes[label] = hash;
    }
  }
}

export function equalBytes(a: Uint8Array, aFrom: number, b: Uint8Array, bFrom: number, length: number): boolean {
  for (let at = 0; at < length; at++) if (a[aFrom + at] !== b[bFrom + at]) return false;
  return true;
}

/** How many labels uncompressed bytes of a name have, without the root. */
export function labelCount(name: Uint8Array): number {
  let labels = 0;
  for (let at = 0; (name[at] ?? 0) !== 0; at += (name[at] ?? 0) + 1) labels++;
  return labels;
}

/** The bytes of a name of the model; the root's for what is none. */
export function wireOf(name: string): Uint8Array {
  const wire = new WireName();
  return wire.readText(name) ? wire.slice(0) : Uint8Array.of(0);
}
