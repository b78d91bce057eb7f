/** Zones by their names: the longest that a question's name is in, among those that one server answers for. */
import { SETS } from '#model/name-servers.ts';
import { equalBytes, WireName } from '#dataplane/dns/authority/wire-name.ts';
import type { Zone } from '#dataplane/dns/authority/zone.ts';

/** Behind the slots of the sets of name servers: that of a server which is asked for all of them. */
export const ANY_SLOT = SETS;

/** Zones of one name. */
export interface Namesakes {
  readonly wire: Uint8Array;
  readonly name: string;
  /** In the table; never 0. */
  readonly hash: number;
  /** The oldest first. */
  zones: Zone[];
  /** Which one each set of name servers answers from; last, in `ANY_SLOT`, which one a server does that is asked for all. */
  slots: (Zone | undefined)[];
}

const wire = new WireName();
const FIRST_SLOTS = 16;

/** A table of hashes beside one of zones: what a name is not in, most ends of it, is seen without touching a zone. */
export class ZoneIndex {
  #hashes = new Int32Array(FIRST_SLOTS);
  #zones: (Namesakes | undefined)[] = Array.from({ length: FIRST_SLOTS });
  #mask = FIRST_SLOTS - 1;
  #size = 0;
  /** What `find` found. */
  found: Zone | undefined;

  /** Finds the zone with the longest name that a name is in, from a label on. False, and nothing is found, when there is none. */
  find(name: WireName, slot: number, from: number): boolean {
    for (let label = from; label <= name.labels; label++) {
      const zone = this.at(name, label)?.slots[slot];
      if (zone !== undefined) {
        this.found = zone;
        return true;
      }
    }
    this.found = undefined;
    return false;
  }

  /** The zones whose name begins at a label of this one. */
  at(name: WireName, label: number): Namesakes | undefined {
    const hash = tableHash(name.hashes[label] ?? 0);
    const start = name.starts[label] ?? 0;
    const length = name.length - start;
    for (let slot = hash & this.#mask; ; slot = (slot + 1) & this.#mask) {
      const found = this.#hashes[slot] ?? 0;
      if (found === 0) return undefined;
      if (found !== hash) continue;
      const one = this.#zones[slot];
      if (one !== undefined && one.wire.length === length && equalBytes(one.wire, 0, name.bytes, start, length)) return one;
    }
  }

  named(name: string): Namesakes | undefined {
    return wire.readText(name) ? this.at(wire, 0) : undefined;
  }

  add(zone: Zone): Namesakes {
    wire.read(zone.wire, 0);
    const known = this.at(wire, 0);
    if (known !== undefined) {
      known.zones.push(zone);
      return known;
    }
    const made: Namesakes = { wire: zone.wire, name: zone.about.name, hash: tableHash(wire.hashes[0] ?? 0), zones: [zone], slots: [] };
    this.#size++;
    if (this.#size * 2 > this.#hashes.length) this.#fill(this.#hashes.length * 2, undefined);
    this.#insert(made);
    return made;
  }

  /** @returns those of the name that are left, if any are */
  remove(zone: Zone): Namesakes | undefined {
    wire.read(zone.wire, 0);
    const all = this.at(wire, 0);
    if (all === undefined) return undefined;
    all.zones = all.zones.filter((other) => other !== zone);
    if (all.zones.length > 0) return all;
    this.#size--;
    this.#fill(this.#hashes.length, all);
    return undefined;
  }

  /** Makes the table anew, without one. */
  #fill(slots: number, without: Namesakes | undefined): void {
    const before = this.#zones;
    this.#hashes = new Int32Array(slots);
    this.#zones = Array.from({ length: slots });
    this.#mask = slots - 1;
    for (const one of before) if (one !== undefined && one !== without) this.#insert(one);
  }

  #insert(one: Namesakes): void {
    let slot = one.hash & this.#mask;
    while (this.#hashes[slot] !== 0) slot = (slot + 1) & this.#mask;
    this.#hashes[slot] = one.hash;
    this.#zones[slot] = one;
  }
}

/** Never 0, which is a free slot. */
function tableHash(hash: number): number {
  const mixed = Math.imul(hash ^ (hash >>> 16), 0x85eb_ca6b);
  return mixed ^ (mixed >>> 13) || 1;
}
