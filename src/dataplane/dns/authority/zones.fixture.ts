/** Zones for tests, as lines of records, and what is said of a question in one line. */
import type { HostedZone, RecordSet, RecordTypeName, ZoneName } from '#model/hosted-zone.ts';
import { formatIp } from '#model/ip.ts';
import { Rcode, RecordType, typeOf, type Message, type RecordData, type ResourceRecord } from '#dataplane/dns/codec/message.ts';
import { edns, query } from '#dataplane/dns/codec/message.fixture.ts';
import { readMessage } from '#dataplane/dns/codec/read-message.ts';
import type { Seams } from '#dataplane/dns/authority/client.ts';
import { Responder, type ResponderOptions, type View } from '#dataplane/dns/authority/responder.ts';
import type { Zones, ZoneParts } from '#dataplane/dns/authority/zones.ts';

export const nothing: ZoneParts = { isWhole: false, zones: [], goneZones: [], names: [], goneNames: [], domains: [], goneDomains: [] };

export function hostedZone(id: string, name: string, more: Partial<HostedZone> = {}): HostedZone {
  return { kind: 'hostedZone', id, name, isPrivate: false, networkIds: [], serverSet: 0, createdMs: 0, ...more };
}

export function zoneName(zoneId: string, name: string, sets: readonly RecordSet[]): ZoneName {
  return { kind: 'zoneName', id: `${zoneId} ${name}`, zoneId, name, sets };
}

export const simple = (type: RecordTypeName, ...values: readonly string[]): RecordSet => ({
  type,
  ttl: 300,
  values,
  routing: { policy: 'simple' },
});

/** `www A 10.0.0.1`: a name below the zone's (`@`: itself), a type, a value; several lines of one name and type are one set. */
export function namesOf(zoneId: string, zone: string, lines: readonly string[]): ZoneName[] {
  const names = new Map<string, Map<RecordTypeName, string[]>>();
  for (const text of lines) {
    const [label = '', type = '', ...value] = text.trim().split(' ');
    const name = label === '@' ? zone : `${label}.${zone}`;
    const types = names.get(name) ?? new Map<RecordTypeName, string[]>();
    names.set(name, types);
    types.set(type as RecordTypeName, [...(types.get(type as RecordTypeName) ?? []), value.join(' ')]); // literals
  }
  return [...names].map(([name, types]) =>
    zoneName(
      zoneId,
      name,
      [...types].map(([type, values]) => simple(type, ...values)),
    ),
  );
}

export const apexLines = [
  '@ SOA ns-1.awsdns-01.com. awsdns-hostmaster.amazon.com. 1 7200 900 1209600 86400',
  '@ NS ns-1.awsdns-01.com.',
  '@ NS ns-2.awsdns-02.net.',
];

/** Puts a zone with its apex and these lines. */
export function putZone(zones: Zones, id: string, name: string, lines: readonly string[], more: Partial<HostedZone> = {}): void {
  zones.take({ ...nothing, zones: [hostedZone(id, name, more)], names: namesOf(id, name, [...apexLines, ...lines]) });
}

/** Chance that leaves things in their order. */
export const plainSeams: Seams = { locate: () => undefined, resolveAlias: () => undefined, random: () => 0.999 };

export function responderOf(view: View, more: Partial<ResponderOptions> = {}): Responder {
  const onError = (error: unknown): void => {
    throw error;
  };
  return new Responder({ ...plainSeams, onError, ...more, view });
}

/** The reply to bytes; undefined for none. */
export function replyTo(
  responder: Responder,
  bytes: Uint8Array,
  transport: 'udp' | 'tcp' = 'tcp',
  source = '192.0.2.1',
): Message | undefined {
  const length = responder.respond(bytes, source, transport);
  return length <= 0 ? undefined : readMessage(responder.bytes.subarray(0, length));
}

const types: Readonly<Record<string, number>> = RecordType;

/** Asks `www.example.com AAAA` and tells `NOERROR aa | www.example.com A 10.0.0.1 | example.com NS …`: code and flags, answers, authority, additional. */
export function ask(responder: Responder, question: string, source?: string): string {
  const [name = '', type = 'A'] = question.split(' ');
  const message = replyTo(responder, query(name === '.' ? '' : name, types[type] ?? Number(type), { edns: edns(4096) }), 'tcp', source);
  return message === undefined ? '-' : told(message);
}

export function told(message: Message): string {
  const code = Object.entries(Rcode).find(([, value]) => value === message.rcode)?.[0] ?? message.rcode;
  const flags = [message.authoritative ? 'aa' : '', message.truncated ? 'tc' : ''].filter(Boolean).join(' ');
  const sections = [message.answers, message.authorities, message.additionals].map((records) => records.map(shown).join(', '));
  while (sections.at(-1) === '') sections.pop();
  return [`${code} ${flags}`.trim(), ...sections].join(' | ');
}

function shown({ name, data }: ResourceRecord): string {
  const type = Object.entries(RecordType).find(([, value]) => value === typeOf(data))?.[0] ?? typeOf(data);
  return `${name || '.'} ${type} ${valueOf(data)}`.trim();
}

function valueOf(data: RecordData): string {
  if (data.kind === 'A' || data.kind === 'AAAA') return formatIp(data.address);
  if ('target' in data) return data.target;
  if (data.kind === 'MX') return `${data.preference} ${data.exchange}`;
  if (data.kind === 'TXT') return data.strings.map((bytes) => Buffer.from(bytes).toString()).join(' ');
  return data.kind === 'opaque' ? Buffer.from(data.bytes).toString('hex') : '';
}
