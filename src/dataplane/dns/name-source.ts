/** The seam between who asks and who knows: a source answers questions about its own names and is silent about others'. */
import { isIpv4, type Ip } from '#model/ip.ts';
import type { Id } from '#model/topology.ts';
import {
  RecordClass,
  RecordType,
  Rcode,
  typeOf,
  type Question,
  type RecordData,
  type ResourceRecord,
} from '#dataplane/dns/codec/message.ts';
import type { Reply } from '#dataplane/dns/codec/write-message.ts';

/** Who asks. The same name may mean different things inside a network and on the internet. */
export interface Asker {
  /** The network that the question came from; undefined: from the internet. */
  readonly networkId: Id | undefined;
  readonly source: Ip;
}

/**
 * What is known of a name. NOERROR without records is NODATA: the name is there, the type is not. Then, and with
 * NXDOMAIN, `authority` has the zone's SOA (RFC 2308 sections 2.1 and 2.2). Records may begin with a chain of CNAMEs.
 */
export type Answer = Reply;

/** A value that is there, or comes. */
export type Later<T> = T | Promise<T>;

/** Names that one part of the platform knows. */
export interface NameSource {
  /** Undefined: the name is not this source's, and the next one is asked. An answer of any code ends the search. */
  lookup(question: Question, asker: Asker): Later<Answer> | undefined;
}

/** How long answers may be remembered, in seconds: as AWS's own host names. */
export const TTL_SECONDS = 60;

const NO_RECORDS: readonly ResourceRecord[] = [];

/** A record in class IN with the usual TTL. */
export function record(name: string, data: RecordData): ResourceRecord {
  return { name, class: RecordClass.IN, ttl: TTL_SECONDS, data };
}

/** What an A or AAAA record says. */
export function addressData(address: Ip): RecordData {
  return isIpv4(address) ? { kind: 'A', address } : { kind: 'AAAA', address };
}

/** As in AWS's own zones, where it never changes: nobody copies them. */
const SERIAL = 1;
/** How many zones' SOA records are kept made. */
const ZONES_KEPT = 1_000;
const authorities = new Map<string, readonly ResourceRecord[]>();

/** The SOA record of a zone, with times as in AWS's own zones, for the absence of names and types in it. */
export function authorityOf(zone: string): readonly ResourceRecord[] {
  const known = authorities.get(zone);
  if (known) return known;
  const times = { serial: SERIAL, refresh: 3600, retry: 3600, expire: 3600, minimum: TTL_SECONDS };
  const made = [record(zone, { kind: 'SOA', primary: nameServerOf(zone), mailbox: 'hostmaster.amazon.com', ...times })];
  if (authorities.size >= ZONES_KEPT) authorities.clear();
  authorities.set(zone, made);
  return made;
}

/** The name of the server that a zone says to be at; there is no host by it. */
export function nameServerOf(zone: string): string {
  return zone === '' ? 'ns0' : `ns0.${zone}`;
}

/** Everything that a name has → those records that were asked for, or NODATA. */
export function found(question: Question, all: readonly RecordData[], zone: string): Answer {
  const { name, type } = question;
  const records: ResourceRecord[] = [];
  for (const data of all) if (type === typeOf(data) || type === RecordType.ANY) records.push(record(name, data));
  if (records.length > 0) return { rcode: Rcode.NOERROR, records, authority: NO_RECORDS, authoritative: false };
  return name === zone && type === RecordType.SOA
    ? apex(zone)
    : { rcode: Rcode.NOERROR, records, authority: authorityOf(zone), authoritative: false };
}

function apex(zone: string): Answer {
  return { rcode: Rcode.NOERROR, records: authorityOf(zone), authority: NO_RECORDS, authoritative: false };
}

/** That there is no such name in a zone. */
export function missing(zone: string): Answer {
  return { rcode: Rcode.NXDOMAIN, records: NO_RECORDS, authority: authorityOf(zone), authoritative: false };
}

/** An answer of nothing but its code. */
export function failed(rcode: number): Answer {
  return { rcode, records: NO_RECORDS, authority: NO_RECORDS, authoritative: false };
}

/** Whether a name is a domain or lies below it. */
export function isWithin(name: string, domain: string): boolean {
  return name === domain || labelsBefore(name, domain) !== undefined;
}

/** What stands before a domain in a name below it: `a.b` of `a.b.example.com`; undefined when it is not below. */
export function labelsBefore(name: string, domain: string): string | undefined {
  if (domain === '') return name === '' ? undefined : name;
  const dot = name.length - domain.length - 1;
  return dot > 0 && name.charCodeAt(dot) === 46 && name.endsWith(domain) ? name.slice(0, dot) : undefined; // 46: a dot
}
