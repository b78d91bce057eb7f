/** What a zone says of itself behind nearly every answer: its name servers, and its SOA record where something is not there. */
import { RecordType } from '#dataplane/dns/codec/message.ts';
import { getUint32, putUint32 } from '#dataplane/dns/authority/record-bytes.ts';
import type { Section } from '#dataplane/dns/authority/reply.ts';
import { WireName } from '#dataplane/dns/authority/wire-name.ts';
import type { KeptApex, Zone } from '#dataplane/dns/authority/zone.ts';

const TTL_AT = 6;
const MINIMUM_BYTES = 4;
const name = new WireName();

function apexOf(zone: Zone): KeptApex {
  const { kept } = zone;
  if (kept.version === zone.apexVersion) return kept;
  name.read(zone.wire, 0);
  const place = zone.names.find(name, 0);
  const soa = place < 0 ? -1 : zone.findSet(place, RecordType.SOA);
  const servers = place < 0 ? -1 : zone.findSet(place, RecordType.NS);
  kept.version = zone.apexVersion;
  kept.negative = soa < 0 ? NONE : negative(recordsOf(zone, soa));
  kept.nameServers = servers < 0 ? NONE : shared(recordsOf(zone, servers));
  kept.nameServerCount = servers < 0 ? 0 : zone.countOfSet(servers);
  return kept;
}

const NONE = new Uint8Array(0);

/** Empty for a set that needs a choice, which these never are. */
function recordsOf(zone: Zone, set: number): Uint8Array {
  if (zone.countOfSet(set) === 0) return NONE;
  const from = zone.recordsOfSet(set);
  return zone.names.bytes.slice(from, from + zone.lengthOfSet(set));
}

/** As many different sets of name servers are kept. */
const SHARED_MAX = 1_000;
const sharedBytes = new Map<string, Uint8Array>();

/** One copy for all zones that have the same name servers, as those of a set do: it stays in the processor's cache. */
function shared(records: Uint8Array): Uint8Array {
  const key = Buffer.from(records).toString('latin1');
  const known = sharedBytes.get(key);
  if (known) return known;
  if (sharedBytes.size >= SHARED_MAX) sharedBytes.clear();
  sharedBytes.set(key, records);
  return records;
}

/** "The TTL of this record is set from the minimum of the MINIMUM field of the SOA record and the TTL of the SOA itself." */
function negative(soa: Uint8Array): Uint8Array {
  if (soa.length === 0) return soa;
  const minimum = getUint32(soa, soa.length - MINIMUM_BYTES);
  putUint32(soa, TTL_AT, Math.min(getUint32(soa, TTL_AT), minimum));
  return soa;
}

/** Adds the SOA record. @param at where the zone's name begins in the question's; −1: elsewhere. @returns false when the zone has none */
export function addNegative(section: Section, zone: Zone, at: number): boolean {
  const { negative: soa } = apexOf(zone);
  if (soa.length === 0) return false;
  section.add(zone.wire, RecordType.SOA, soa, 0, soa.length, 1).ownerAt = at;
  return true;
}

/** Adds the name servers, if the zone names any. */
export function addNameServers(section: Section, zone: Zone, at: number): void {
  const { nameServers, nameServerCount } = apexOf(zone);
  if (nameServerCount > 0) section.add(zone.wire, RecordType.NS, nameServers, 0, nameServers.length, nameServerCount).ownerAt = at;
}
