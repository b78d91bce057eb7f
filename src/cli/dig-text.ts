/** The answers of DNS servers as `dig` prints them, and as JSON. */
import { formatIp, ipv4 } from '#model/ip.ts';
import type { KnownPlace } from '#dataplane/dns/geo/built-in-table.ts';
import { OptionCode, Rcode, typeOf, type Message, type ResourceRecord } from '#dataplane/dns/codec/message.ts';
import { className, presentData, presentName, presentRecord, typeName } from '#dataplane/dns/codec/present.ts';
import type { Endpoint } from '#cli/endpoint.ts';
import type { Asked } from '#cli/dns-question.ts';

export interface Dug extends Asked {
  readonly server: Endpoint;
  readonly from: KnownPlace | undefined;
  /** The question as the user wrote it. */
  readonly words: string;
}

const rcodeNames: ReadonlyMap<number, string> = new Map(Object.entries(Rcode).map(([name, code]) => [code, name]));
const statusOf = ({ rcode }: Message): string => rcodeNames.get(rcode) ?? `RESERVED${rcode}`;

function flagsOf(message: Message): string[] {
  const flags: readonly (readonly [string, boolean])[] = [
    ['qr', message.isResponse],
    ['aa', message.authoritative],
    ['tc', message.truncated],
    ['rd', message.recursionDesired],
    ['ra', message.recursionAvailable],
    ['ad', message.authenticData],
    ['cd', message.checkingDisabled],
  ];
  return flags.filter(([, isSet]) => isSet).map(([name]) => name);
}

export function inFull(dug: Dug): string {
  const { message, words, from, server, transport, bytes, elapsedMs } = dug;
  const { questions, answers, authorities, additionals, edns } = message;
  const counts = `QUERY: ${questions.length}, ANSWER: ${answers.length}, AUTHORITY: ${authorities.length}, ADDITIONAL: ${additionals.length + (edns ? 1 : 0)}`;
  return [
    `; <<>> keiro dig <<>> ${words}`,
    `;; ->>HEADER<<- opcode: ${message.opcode === 0 ? 'QUERY' : message.opcode}, status: ${statusOf(message)}, id: ${message.id}`,
    `;; flags: ${flagsOf(message).join(' ')}; ${counts}`,
    ...section('OPT PSEUDOSECTION', ednsLines(message)),
    ...section('QUESTION SECTION', questions.map(({ name, type, class: kind }) => `;${presentName(name)}\t\t${className(kind)}\t${typeName(type)}`)), // prettier-ignore
    ...section('ANSWER SECTION', answers.map(presentRecord)),
    ...section('AUTHORITY SECTION', authorities.map(presentRecord)),
    ...section('ADDITIONAL SECTION', additionals.map(presentRecord)),
    '',
    `;; Query time: ${Math.round(elapsedMs)} msec`,
    `;; SERVER: ${server.host}#${server.port} (${transport})`,
    ...(from === undefined ? [] : [`;; ASKED FROM: ${from.name} (${from.code}, ${formatIp(from.address)})`]),
    `;; MSG SIZE  rcvd: ${bytes}`,
  ].join('\n');
}

const section = (title: string, lines: readonly string[]): string[] => (lines.length === 0 ? [] : ['', `;; ${title}:`, ...lines]);

function ednsLines({ edns }: Message): string[] {
  if (edns === undefined) return [];
  const lines = [`; EDNS: version: ${edns.version}, flags:${edns.dnssecOk ? ' do' : ''}; udp: ${edns.udpSize}`];
  for (const { code, bytes } of edns.options) {
    if (code === OptionCode.CLIENT_SUBNET) lines.push(`; CLIENT-SUBNET: ${subnetOf(bytes) ?? Buffer.from(bytes).toString('hex')}`);
    else if (code === OptionCode.EXTENDED_ERROR) lines.push(`; EDE: ${((bytes[0] ?? 0) << 8) | (bytes[1] ?? 0)}`);
    else lines.push(`; OPT=${code}: ${Buffer.from(bytes).toString('hex')}`);
  }
  return lines;
}

/** `241.0.108.0/24/24`: the subnet, and how much of it the answer is for. Only IPv4 is asked by. */
function subnetOf(bytes: Uint8Array): string | undefined {
  const [, family, source, scope, ...address] = bytes;
  if (family !== 1 || source === undefined || scope === undefined || address.length > 4) return undefined;
  const value = [0, 1, 2, 3].reduce((sum, index) => sum * 256 + (address[index] ?? 0), 0);
  const subnet = ipv4(value);
  return subnet === undefined ? undefined : `${formatIp(subnet)}/${source}/${scope}`;
}

/** What the answers say, a line each. */
export function inShort({ message }: Dug): string {
  return message.answers.map(({ data }) => presentData(data)).join('\n');
}

export function asJson({ message, from, server, transport, bytes, elapsedMs }: Dug): unknown {
  const [question] = message.questions;
  return {
    question:
      question === undefined
        ? undefined
        : { name: presentName(question.name), class: className(question.class), type: typeName(question.type) },
    from: from === undefined ? undefined : { code: from.code, name: from.name, address: formatIp(from.address) },
    status: statusOf(message),
    flags: flagsOf(message),
    answers: message.answers.map(recordView),
    authorities: message.authorities.map(recordView),
    additionals: message.additionals.map(recordView),
    server: { address: server.host, port: server.port, transport },
    elapsedMs: Math.round(elapsedMs * 10) / 10,
    bytes,
  };
}

function recordView({ name, ttl, class: kind, data }: ResourceRecord) {
  return { name: presentName(name), ttl, class: className(kind), type: typeName(typeOf(data)), data: presentData(data) };
}
