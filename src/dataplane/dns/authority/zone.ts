/** One zone's names: put and taken one by one, found by the bytes of a question. */
import type { HostedZone, RecordSet, ZoneName } from '#model/hosted-zone.ts';
import { RecordType } from '#dataplane/dns/codec/message.ts';
import { NameTable } from '#dataplane/dns/authority/name-table.ts';
import { Draft, getUint32, putUint16, putUint32, typeNumbers } from '#dataplane/dns/authority/record-bytes.ts';
import { groupOf, needsChoice, type Healths, type RecordGroup } from '#dataplane/dns/authority/record-groups.ts';
import { labelCount, WireName, wireOf } from '#dataplane/dns/authority/wire-name.ts';

/** What stands behind an entry's name: flags, how many names are right below it, how many sets it has; then the sets. */
const CHILDREN_AT = 1;
const SETS_AT = 5;
const HEAD_BYTES = 6;
/** A set: its type (2), how many records (2; none: its group's number follows), its length (4). */
const SET_HEAD_BYTES = 8;

/** There is a wildcard right below. */
const WILDCARD = 1;
/** Somebody else's from here on: name servers that are not the zone's own. */
const CUT = 2;

/** `Zone.lookupFrom`: the name is not in the zone at all. */
export const ELSEWHERE = -2;

const draft = new Draft();
const wire = new WireName();

/** The apex's records as they go with answers: `apex.ts`. */
export interface KeptApex {
  version: number;
  /** The SOA record with the TTL of what is not there (RFC 2308 section 5); empty when the zone has none. */
  negative: Uint8Array;
  nameServers: Uint8Array;
  nameServerCount: number;
}

export class Zone {
  names = new NameTable();
  /** Of sets that need a choice, by the number in their entry. */
  groups: (RecordGroup | undefined)[] = [];
  readonly wire: Uint8Array;
  readonly labels: number;
  /** How many names are cuts. */
  cuts = 0;
  /** Rises with each change at the apex. */
  apexVersion = 0;
  /** What `apex.ts` keeps of it, and of which version of the apex. */
  readonly kept: KeptApex = { version: -1, negative: new Uint8Array(0), nameServers: new Uint8Array(0), nameServerCount: 0 };
  #freeGroups: number[] = [];
  readonly #healths: Healths;

  /** What the zone is: replaced whole, with the names as they are. */
  about: HostedZone;

  constructor(about: HostedZone, healths: Healths) {
    this.about = about;
    this.#healths = healths;
    this.wire = wireOf(about.name);
    this.labels = labelCount(this.wire);
    this.clear();
  }

  /** Takes all names out. */
  clear(): void {
    this.names = new NameTable();
    this.groups = [];
    this.#freeGroups = [];
    this.cuts = 0;
    this.apexVersion++;
    wire.read(this.wire, 0);
    this.#write(0, 0, []);
    this.names.put(wire, 0, draft.bytes, draft.at); // the apex is there, whatever it has
  }

  /** Puts all that a name has in the place of what it had. What is no name of the zone is left out. */
  put(name: ZoneName): void {
    if (!wire.readText(name.name)) return;
    const apex = wire.labelOf(this.wire, this.labels);
    if (apex < 0) return;
    const before = this.names.find(wire, 0);
    const rest = before < 0 ? -1 : this.names.restOf(before);
    let flags = 0;
    let children = 0;
    if (rest >= 0) {
      const { bytes } = this.names;
      flags = (bytes[rest] ?? 0) & WILDCARD;
      children = getUint32(bytes, rest + CHILDREN_AT);
      this.#forget(rest);
    }
    if (apex > 0 && name.sets.some(({ type }) => type === 'NS')) {
      flags |= CUT;
      this.cuts++;
    }
    this.#write(flags, children, name.sets);
    this.names.put(wire, 0, draft.bytes, draft.at);
    if (before < 0) this.#link(apex);
    if (apex === 0) this.apexVersion++;
  }

  /** Takes a name out with all that it has. */
  remove(name: string): void {
    if (!wire.readText(name)) return;
    const apex = wire.labelOf(this.wire, this.labels);
    const place = apex < 0 ? -1 : this.names.find(wire, 0);
    if (place < 0) return;
    const rest = this.names.restOf(place);
    this.#forget(rest);
    const children = getUint32(this.names.bytes, rest + CHILDREN_AT);
    if (children > 0 || apex === 0) {
      this.#write((this.names.bytes[rest] ?? 0) & WILDCARD, children, []);
      this.names.put(wire, 0, draft.bytes, draft.at);
    } else this.#unlink(apex);
    if (apex === 0) this.apexVersion++;
  }

  /** Where the entry is that answers for a name: its own, or that of the wildcard which stands for it (RFC 4592 section 3.3.1); −1 when there is none. */
  lookup(name: WireName): number {
    const apex = name.labelOf(this.wire, this.labels);
    return apex < 0 ? -1 : this.lookupFrom(name, apex);
  }

  /**
   * As `lookup`, of a name whose end from the label `apex` on is taken to be the zone's name. `ELSEWHERE` when it is not: the apex is always there,
   * so that whatever is found of a name shows that it is in the zone.
   */
  lookupFrom(name: WireName, apex: number): number {
    for (let label = 0; label <= apex; label++) {
      const place = this.names.find(name, label);
      if (place < 0) continue;
      if (label === 0) return place;
      return this.hasWildcard(place) ? this.names.findWildcard(name, label) : -1;
    }
    return ELSEWHERE;
  }

  /** Whether a wildcard is right below an entry. */
  hasWildcard(place: number): boolean {
    return ((this.names.bytes[this.names.restOf(place)] ?? 0) & WILDCARD) !== 0;
  }

  isCut(place: number): boolean {
    return ((this.names.bytes[this.names.restOf(place)] ?? 0) & CUT) !== 0;
  }

  /** Where an entry's set of a type is; −1 when it has none. */
  findSet(place: number, type: number): number {
    const { bytes } = this.names;
    const rest = this.names.restOf(place);
    let at = rest + HEAD_BYTES;
    for (let left = bytes[rest + SETS_AT] ?? 0; left > 0; left--) {
      if ((((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0)) === type) return at;
      at += SET_HEAD_BYTES + getUint32(bytes, at + 4);
    }
    return -1;
  }

  /** Where an entry's sets are, one after the other. */
  sets(place: number): number[] {
    const { bytes } = this.names;
    const rest = this.names.restOf(place);
    const found: number[] = [];
    let at = rest + HEAD_BYTES;
    for (let left = bytes[rest + SETS_AT] ?? 0; left > 0; left--) {
      found.push(at);
      at += SET_HEAD_BYTES + getUint32(bytes, at + 4);
    }
    return found;
  }

  typeOfSet(set: number): number {
    const { bytes } = this.names;
    return ((bytes[set] ?? 0) << 8) | (bytes[set + 1] ?? 0);
  }

  /** How many records; 0 for a set that needs a choice. */
  countOfSet(set: number): number {
    const { bytes } = this.names;
    return ((bytes[set + 2] ?? 0) << 8) | (bytes[set + 3] ?? 0);
  }

  lengthOfSet(set: number): number {
    return getUint32(this.names.bytes, set + 4);
  }

  recordsOfSet(set: number): number {
    return set + SET_HEAD_BYTES;
  }

  groupOfSet(set: number): RecordGroup | undefined {
    return this.groups[getUint32(this.names.bytes, set + SET_HEAD_BYTES)];
  }

  /** How many names have records. */
  countNames(): number {
    let count = 0;
    for (const place of this.names.places()) if ((this.names.bytes[this.names.restOf(place) + SETS_AT] ?? 0) > 0) count++;
    return count;
  }

  /** Makes what stands behind an entry's name. */
  #write(flags: number, children: number, sets: readonly RecordSet[]): void {
    draft.at = 0;
    draft.uint8(flags);
    draft.uint32(children);
    draft.uint8(0);
    let count = 0;
    const [only] = sets;
    if (only !== undefined && sets.length === 1) count = this.#writeSet(sets, only);
    else {
      const types = new Set(sets.map(({ type }) => type));
      for (const type of types) {
        const ofType = sets.filter((set) => set.type === type);
        const [first] = ofType;
        if (first !== undefined) count += this.#writeSet(ofType, first);
      }
    }
    draft.bytes[SETS_AT] = count;
  }

  /** Adds a set of one type; 0 when it has nothing to say. */
  #writeSet(sets: readonly RecordSet[], first: RecordSet): number {
    const start = draft.at;
    draft.uint16(typeNumbers[first.type]);
    draft.uint16(0);
    draft.uint32(4);
    if (needsChoice(sets)) {
      const number = this.#freeGroups.pop() ?? this.groups.length;
      this.groups[number] = groupOf(typeNumbers[first.type], sets, this.#healths);
      draft.uint32(number);
      return 1;
    }
    let count = 0;
    for (const value of first.values) if (draft.value(first.type, first.ttl ?? 0, value)) count++;
    if (count === 0) {
      draft.at = start;
      return 0;
    }
    putUint16(draft.bytes, start + 2, count);
    putUint32(draft.bytes, start + 4, draft.at - start - SET_HEAD_BYTES);
    return 1;
  }

  /** Lets go of what an entry holds beside its bytes. */
  #forget(rest: number): void {
    const { bytes } = this.names;
    if (((bytes[rest] ?? 0) & CUT) !== 0) this.cuts--;
    let at = rest + HEAD_BYTES;
    for (let left = bytes[rest + SETS_AT] ?? 0; left > 0; left--) {
      if (this.countOfSet(at) === 0) {
        const number = getUint32(bytes, at + SET_HEAD_BYTES);
        this.groups[number] = undefined;
        this.#freeGroups.push(number);
      }
      at += SET_HEAD_BYTES + getUint32(bytes, at + 4);
    }
  }

  /** Tells the names above of a new one: those that were not there come to be, and have nothing (RFC 4592 section 2.2.2). */
  #link(apex: number): void {
    for (let label = 1; label <= apex; label++) {
      const isWildcard = isStar(wire, label - 1) ? WILDCARD : 0;
      const place = this.names.find(wire, label);
      if (place >= 0) {
        const rest = this.names.restOf(place);
        const { bytes } = this.names;
        bytes[rest] = (bytes[rest] ?? 0) | isWildcard;
        putUint32(bytes, rest + CHILDREN_AT, getUint32(bytes, rest + CHILDREN_AT) + 1);
        return;
      }
      this.#write(isWildcard, 1, []);
      this.names.put(wire, label, draft.bytes, draft.at);
    }
  }

  /** Takes a name out that has nothing below it, and those above that were there for it alone. */
  #unlink(apex: number): void {
    this.names.remove(wire, 0);
    for (let label = 1; label <= apex; label++) {
      const place = this.names.find(wire, label);
      if (place < 0) return;
      const rest = this.names.restOf(place);
      const { bytes } = this.names;
      if (isStar(wire, label - 1)) bytes[rest] = (bytes[rest] ?? 0) & ~WILDCARD;
      const children = getUint32(bytes, rest + CHILDREN_AT) - 1;
      putUint32(bytes, rest + CHILDREN_AT, children);
      if (children > 0 || (bytes[rest + SETS_AT] ?? 0) > 0 || label === apex) return;
      this.names.remove(wire, label);
    }
  }
}

function isStar(name: WireName, label: number): boolean {
  const start = name.starts[label] ?? 0;
  return name.bytes[start] === 1 && name.bytes[start + 1] === 0x2a;
}

/** Types whose data has names in it that may be compressed (RFC 3597 section 4), and how many bytes are before the first. */
export function compressibleFrom(type: number): number {
  switch (type) {
    case RecordType.NS:
    case RecordType.CNAME:
    case RecordType.PTR:
    case RecordType.SOA:
      return 0;
    case RecordType.MX:
      return 2;
    default:
      return -1;
  }
}
