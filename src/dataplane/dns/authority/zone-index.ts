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
  slots: readonly (Zone | undefined)[];
  /** In the table. */
  place: number;
}

const wire = new WireName();
const FIRST_PLACES = 16;

/**
 * A table of hashes beside tables of zones, one for each slot: what a name is not in, most ends of it, is seen without touching a zone,
 * and of what it is in, no more than the zone.
 */
export class ZoneIndex {
  #hashes = new Int32Array(FIRST_PLACES);
  #namesakes: (Namesakes | undefined)[] = Array.from({ length: FIRST_PLACES });
  /** By slot. */
  #zones: (Zone | undefined)[][] = [];
  #mask = FIRST_PLACES - 1;
  #size = 0;
  /** Two names have one hash: then it says too little. */
  #hasTwins = false;
  /** What `find` found. */
  found: Zone | undefined;

  /**
   * Finds the zone with the longest name that a name is in, from a label on; false, and nothing is found, when there is none.
   * It goes by the hash: about once in 2^32 times it finds a zone that the name is not in, which shows as soon as a name is looked up there (`Zone.lookupFrom`).
   */
  find(name: WireName, slot: number, from: number): boolean {
    const zones = this.#zones[slot];
    if (zones === undefined) return false;
    for (let label = from; label <= name.labels; label++) {
      const hash = tableHash(name.hashes[label] ?? 0);
      for (let place = hash & this.#mask; this.#hashes[place] !== 0; place = (place + 1) & this.#mask) {
        if (this.#hashes[place] !== hash) continue;
        const zone = zones[place];
        if (zone === undefined || zone.labels !== name.labels - label) continue;
        if (this.#hasTwins && name.labelOf(zone.wire, zone.labels) < 0) continue;
        this.found = zone;
        return true;
      }
    }
    this.found = undefined;
    return false;
  }

  named(name: string): Namesakes | undefined {
    if (!wire.readText(name)) return undefined;
    const place = this.#placeOf(wire);
    return place < 0 ? undefined : this.#namesakes[place];
  }

  /** Says which zone of a name answers in which slot. */
  assign(all: Namesakes, slots: readonly (Zone | undefined)[]): void {
    all.slots = slots;
    this.#show(all.place, slots);
  }

  add(zone: Zone): Namesakes {
    wire.read(zone.wire, 0);
    const known = this.#namesakes[this.#placeOf(wire)];
    if (known !== undefined) {
      known.zones.push(zone);
      return known;
    }
    const made: Namesakes = {
      wire: zone.wire,
      name: zone.about.name,
      hash: tableHash(wire.hashes[0] ?? 0),
      zones: [zone],
      slots: [],
      place: -1,
    };
    this.#size++;
    if (this.#size * 2 > this.#hashes.length) this.#fill(this.#hashes.length * 2, undefined);
    this.#insert(made);
    return made;
  }

  /** @returns those of the name that are left, if any are */
  remove(zone: Zone): Namesakes | undefined {
    wire.read(zone.wire, 0);
    const all = this.#namesakes[this.#placeOf(wire)];
    if (all === undefined) return undefined;
    all.zones = all.zones.filter((other) => other !== zone);
    if (all.zones.length > 0) return all;
    this.#size--;
    this.#fill(this.#hashes.length, all);
    return undefined;
  }

  /** Where a whole name is in the table; −1 when it is not. */
  #placeOf(name: WireName): number {
    const hash = tableHash(name.hashes[0] ?? 0);
    for (let place = hash & this.#mask; this.#hashes[place] !== 0; place = (place + 1) & this.#mask) {
      const one = this.#hashes[place] === hash ? this.#namesakes[place] : undefined;
      if (one !== undefined && one.wire.length === name.length && equalBytes(one.wire, 0, name.bytes, 0, name.length)) return place;
    }
    return -1;
  }

  /** Makes the table anew, without one. */
  #fill(places: number, without: Namesakes | undefined): void {
    const before = this.#namesakes;
    this.#hashes = new Int32Array(places);
    this.#namesakes = Array.from({ length: places });
    this.#zones = [];
    this.#hasTwins = false;
    this.#mask = places - 1;
    for (const one of before) if (one !== undefined && one !== without) this.#insert(one);
  }

  #insert(one: Namesakes): void {
    let place = one.hash & this.#mask;
    for (; this.#hashes[place] !== 0; place = (place + 1) & this.#mask) if (this.#hashes[place] === one.hash) this.#hasTwins = true;
    this.#hashes[place] = one.hash;
    this.#namesakes[place] = one;
    one.place = place;
    this.#show(place, one.slots);
  }

  #show(place: number, slots: readonly (Zone | undefined)[]): void {
    for (let slot = 0; slot < slots.length; slot++) {
      const zones = (this.#zones[slot] ??= Array.from({ length: this.#hashes.length }));
      zones[place] = slots[slot];
    }
  }
}

/** Never 0, which is a free place. */
function tableHash(hash: number): number {
  const mixed = Math.imul(hash ^ (hash >>> 16), 0x85eb_ca6b);
  return mixed ^ (mixed >>> 13) || 1;
}
