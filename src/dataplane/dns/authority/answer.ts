/** Answers out of one zone: RFC 1034 section 4.3.2, with wildcards (RFC 4592), referrals, chains of CNAMEs, and what is not there (RFC 2308). */
import { isIpv4, type Ip } from '#model/ip.ts';
import { ExtendedError, Rcode, RecordType } from '#dataplane/dns/codec/message.ts';
import { addNameServers, addNegative } from '#dataplane/dns/authority/apex.ts';
import { ALIASES_MAX, chooseOne, chooseSeveral, type Choosing } from '#dataplane/dns/authority/choose.ts';
import type { Client, Seams } from '#dataplane/dns/authority/client.ts';
import { Draft, putUint32, RECORD_HEAD_BYTES } from '#dataplane/dns/authority/record-bytes.ts';
import type { Member, RecordGroup } from '#dataplane/dns/authority/record-groups.ts';
import { recordLength, type Reply, type Section } from '#dataplane/dns/authority/reply.ts';
import { equalBytes, WireName } from '#dataplane/dns/authority/wire-name.ts';
import { ELSEWHERE, type Zone } from '#dataplane/dns/authority/zone.ts';

/** As many CNAMEs as are followed in a zone. */
const CHAIN_MAX = 16;
/** "If an alias record points to a load balancer", its TTL (guide, "Choosing between alias and non-alias records"). */
const ALIAS_TTL_SECONDS = 60;

/** Finds the zone that a referral's glue may be in, beside the one that refers. */
export type FindGlueZone = (name: WireName) => Zone | undefined;

export class Answerer {
  readonly #seams: Omit<Seams, 'locate'>;
  readonly #names = Array.from({ length: CHAIN_MAX }, () => new WireName());
  readonly #target = new WireName();
  readonly #aliases = Array.from({ length: ALIASES_MAX }, () => new WireName());
  readonly #draft = new Draft();

  constructor(seams: Omit<Seams, 'locate'>) {
    this.#seams = seams;
  }

  /** Answers a question for a name in a zone, as `ZoneIndex.find` found it; refused when the name is not in it after all. */
  answer(zone: Zone, asked: WireName, type: number, client: Client, reply: Reply, glueZone?: FindGlueZone): void {
    reply.authoritative = true;
    let name = asked;
    let owner: Uint8Array | undefined;
    for (let step = 0; ; step++) {
      const apex = name.labels - zone.labels; // it is in the zone: the caller, or the end of this loop, saw to it
      // "You can't create NS records in a private hosted zone to delegate responsibility for a subdomain."
      const cut = zone.cuts === 0 || zone.about.isPrivate ? -1 : this.#cut(zone, name, apex, type);
      if (cut >= 0) {
        if (step === 0) reply.authoritative = false;
        return this.#refer(zone, name, cut, reply, glueZone);
      }
      const place = zone.lookupFrom(name, apex);
      if (place === ELSEWHERE) return void reply.fail(Rcode.REFUSED, ExtendedError.NOT_AUTHORITATIVE);
      if (place < 0) return this.#absent(zone, asked, reply, Rcode.NXDOMAIN);
      if (
        type === RecordType.ANY ? this.#all(zone, place, owner, client, reply) : this.#add(reply.answers, zone, place, type, owner, client)
      ) {
        return this.#found(zone, asked, type, client, reply);
      }
      const isAlias =
        type !== RecordType.ANY && type !== RecordType.CNAME && this.#add(reply.answers, zone, place, RecordType.CNAME, owner, client);
      if (!isAlias) return this.#absent(zone, asked, reply, Rcode.NOERROR);
      const next = this.#names[step];
      const cname = reply.answers.sets[reply.answers.length - 1];
      if (next === undefined || cname === undefined) return void reply.fail(Rcode.SERVFAIL); // too long a chain, or a circle
      next.read(cname.bytes, cname.at + RECORD_HEAD_BYTES);
      if (next.labelOf(zone.wire, zone.labels) < 0) return this.#found(zone, asked, type, client, reply);
      name = next;
      owner = next.slice(0);
    }
  }

  /** The label at which the name leaves the zone: of the highest cut above it, or at it; −1 when there is none. */
  #cut(zone: Zone, name: WireName, apex: number, type: number): number {
    for (let label = apex - 1; label >= 0; label--) {
      const place = zone.names.find(name, label);
      if (place < 0) return -1;
      if (zone.isCut(place)) return label === 0 && type === RecordType.DS ? -1 : label; // DS is the upper zone's: RFC 4035 section 3.1.4.1
    }
    return -1;
  }

  #refer(zone: Zone, name: WireName, label: number, reply: Reply, glueZone: FindGlueZone | undefined): void {
    const place = zone.names.find(name, label);
    const set = zone.findSet(place, RecordType.NS);
    addSet(reply.authority, zone, set, name.slice(label));
    const servers = reply.authority.sets[reply.authority.length - 1];
    reply.isAdditionalNeeded = true;
    for (let index = 0, at = servers?.at ?? 0; servers !== undefined && index < servers.count; index++) {
      this.#target.read(servers.bytes, at + RECORD_HEAD_BYTES);
      const holder = zone.names.find(this.#target, 0) >= 0 ? zone : glueZone?.(this.#target);
      if (holder !== undefined) this.#addresses(holder, this.#target, reply, undefined);
      at += recordLength(servers.bytes, at);
    }
  }

  /** What goes with an answer: the zone's name servers, and addresses of what the answer names (guide, "DNS constraints and behaviors"). */
  #found(zone: Zone, asked: WireName, type: number, client: Client, reply: Reply): void {
    reply.isAuthorityOptional = true;
    const apex = asked.labels - zone.labels;
    if (!(apex === 0 && (type === RecordType.NS || type === RecordType.ANY)))
      addNameServers(reply.authority, zone, asked.starts[apex] ?? -1);
    const { answers } = reply;
    for (let index = 0; index < answers.length; index++) {
      const set = answers.sets[index];
      const before = set === undefined ? -1 : bytesBeforeTarget(set.type);
      if (set === undefined || before < 0) continue;
      for (let count = 0, at = set.at; count < set.count; count++) {
        this.#target.read(set.bytes, at + RECORD_HEAD_BYTES + before);
        if (isBinding(set.type)) this.#bound(zone, set.type, asked, reply);
        this.#addresses(zone, this.#target, reply, client);
        at += recordLength(set.bytes, at);
      }
    }
  }

  /** What a service binding leads to: its owner where it names none, and else further bindings (RFC 9460 sections 2.5.2 and 4.1). */
  #bound(zone: Zone, type: number, asked: WireName, reply: Reply): void {
    if (this.#target.labels === 0) return void this.#target.read(asked.bytes, 0);
    const place = zone.lookup(this.#target);
    const set = place < 0 ? -1 : zone.findSet(place, type);
    if (set >= 0 && zone.countOfSet(set) > 0) addSet(reply.additional, zone, set, this.#target.slice(0));
  }

  #absent(zone: Zone, asked: WireName, reply: Reply, rcode: number): void {
    reply.rcode = rcode;
    if (addNegative(reply.authority, zone, asked.starts[asked.labels - zone.labels] ?? -1)) return;
    reply.fail(Rcode.SERVFAIL, ExtendedError.NOT_READY); // a zone without SOA is not all there yet
  }

  /** Adds addresses to the additional records. @param client undefined: glue, which nothing decides about */
  #addresses(zone: Zone, name: WireName, reply: Reply, client: Client | undefined): void {
    const place = client === undefined ? zone.names.find(name, 0) : zone.lookup(name);
    if (place < 0) return;
    const owner = name.slice(0);
    for (const type of [RecordType.A, RecordType.AAAA]) {
      const set = zone.findSet(place, type);
      if (set < 0 || hasSet(reply.additional, owner, type)) continue;
      if (zone.countOfSet(set) > 0) addSet(reply.additional, zone, set, owner);
      else if (client !== undefined) this.#add(reply.additional, zone, place, type, owner, client);
    }
  }

  #all(zone: Zone, place: number, owner: Uint8Array | undefined, client: Client, reply: Reply): boolean {
    for (const set of zone.sets(place)) this.#add(reply.answers, zone, place, zone.typeOfSet(set), owner, client);
    return reply.answers.length > 0;
  }

  /** Adds the records of a type that a name has, or those that are chosen; false when there are none. */
  #add(section: Section, zone: Zone, place: number, type: number, owner: Uint8Array | undefined, client: Client): boolean {
    const set = zone.findSet(place, type);
    if (set < 0) return false;
    if (zone.countOfSet(set) > 0) {
      addSet(section, zone, set, owner);
      return true;
    }
    const group = zone.groupOfSet(set);
    return group !== undefined && this.#chosen(section, group, { zone, type, client, random: this.#seams.random }, owner, 0);
  }

  #chosen(section: Section, group: RecordGroup, choosing: Choosing, owner: Uint8Array | undefined, depth: number): boolean {
    if (group.policy === 'multivalue') return joined(section, chooseSeveral(group, choosing), group.type, owner);
    const member = chooseOne(group, choosing);
    if (member === undefined) return false;
    if (member.alias !== undefined) return this.#alias(section, member, choosing, owner, depth);
    section.add(owner, group.type, member.records, 0, member.records.length, member.count);
    return member.count > 0;
  }

  #alias(section: Section, { alias }: Member, choosing: Choosing, owner: Uint8Array | undefined, depth: number): boolean {
    const { zone, type, client } = choosing;
    const name = this.#aliases[depth];
    if (alias === undefined || name === undefined) return false; // too many: a circle
    if (!alias.isInZone) return this.#service(section, alias.name, type, client, owner);
    name.read(alias.wire, 0);
    const place = zone.lookup(name);
    const set = place < 0 ? -1 : zone.findSet(place, type);
    if (set < 0) return false;
    if (zone.countOfSet(set) > 0) {
      addSet(section, zone, set, owner);
      return true;
    }
    const group = zone.groupOfSet(set);
    return group !== undefined && this.#chosen(section, group, choosing, owner, depth + 1);
  }

  #service(section: Section, name: string, type: number, client: Client, owner: Uint8Array | undefined): boolean {
    if (type !== RecordType.A && type !== RecordType.AAAA) return false;
    const addresses = this.#seams.resolveAlias(name, type === RecordType.A ? 'A' : 'AAAA', client) ?? [];
    const draft = this.#draft;
    draft.at = 0;
    let count = 0;
    for (const address of addresses) {
      if (isIpv4(address) !== (type === RecordType.A)) continue;
      const data = addressBytes(address);
      draft.record(type, ALIAS_TTL_SECONDS, data, data.length);
      count++;
    }
    if (count > 0) section.add(owner, type, draft.bytes.slice(0, draft.at), 0, draft.at, count);
    return count > 0;
  }
}

function hasSet({ sets, length }: Section, owner: Uint8Array, type: number): boolean {
  for (let index = 0; index < length; index++) {
    const other = sets[index];
    if (other?.type === type && other.owner?.length === owner.length && equalBytes(other.owner, 0, owner, 0, owner.length)) return true;
  }
  return false;
}

/** A set as it is; of one that needs a choice, which name servers are not meant to be, what comes first. */
function addSet(section: Section, zone: Zone, set: number, owner: Uint8Array | undefined): void {
  const first = zone.countOfSet(set) > 0 ? undefined : zone.groupOfSet(set)?.members[0];
  if (first !== undefined) return void section.add(owner, zone.typeOfSet(set), first.records, 0, first.records.length, first.count);
  section.add(owner, zone.typeOfSet(set), zone.names.bytes, zone.recordsOfSet(set), zone.lengthOfSet(set), zone.countOfSet(set));
}

/** Records of several members as one set, so that it is cut whole. */
function joined(section: Section, members: readonly Member[], type: number, owner: Uint8Array | undefined): boolean {
  const bytes = Buffer.concat(members.map(({ records }) => records));
  const count = members.reduce((sum, member) => sum + member.count, 0);
  section.add(owner, type, bytes, 0, bytes.length, count);
  return count > 0;
}

const isBinding = (type: number): boolean => type === RecordType.SVCB || type === RecordType.HTTPS;

/** How many bytes of data are before the name of a host whose addresses go with the record; −1: there is none. */
function bytesBeforeTarget(type: number): number {
  switch (type) {
    case RecordType.NS:
      return 0;
    case RecordType.MX:
    case RecordType.SVCB:
    case RecordType.HTTPS:
      return 2;
    case RecordType.SRV:
      return 6;
    default:
      return -1;
  }
}

function addressBytes(address: Ip): Uint8Array {
  if (isIpv4(address)) {
    const bytes = new Uint8Array(4);
    putUint32(bytes, 0, address);
    return bytes;
  }
  const bytes = new Uint8Array(16);
  for (let at = 0; at < 16; at += 4) putUint32(bytes, at, Number(BigInt.asUintN(32, address >> BigInt(96 - at * 8))));
  return bytes;
}
