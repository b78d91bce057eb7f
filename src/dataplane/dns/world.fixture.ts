/** Two networks of two Regions with hosts, and how a question to their names reads in a line. */
import { parseCidr } from '#model/cidr.ts';
import { formatIp, parseIp } from '#model/ip.ts';
import { LiveTopology } from '#model/live-topology.ts';
import type { NameService } from '#model/name-service.ts';
import type { NetworkInterface } from '#model/topology.ts';
import { RecordClass, RecordType, typeOf, type RecordData } from '#dataplane/dns/codec/message.ts';
import type { Answer, Later } from '#dataplane/dns/name-source.ts';

export const ip = (text: string) => parseIp(text)!; // literals
const block = (text: string) => parseCidr(text)!; // literals

/** `addresses`: its own, each with a public one behind `=`, if it has one. */
export function host(id: string, networkId: string, ...addresses: readonly string[]): NetworkInterface {
  const pairs = addresses.map((text) => text.split('='));
  return {
    kind: 'interface',
    id,
    networkId,
    segmentId: '',
    addresses: pairs.map(([own = '']) => ip(own)),
    prefixes: [],
    publicAddresses: pairs.flatMap(([own = '', out]) => (out === undefined ? [] : [{ privateAddress: ip(own), publicAddress: ip(out) }])),
    groupIds: [],
    sourceDestinationCheck: true,
    up: true,
  };
}

export function nameService(id: string, region: string, more: Partial<NameService> = {}): NameService {
  return {
    kind: 'nameService',
    id,
    region,
    privateDomain: region === 'us-east-1' ? 'ec2.internal' : `${region}.compute.internal`,
    publicDomain: region === 'us-east-1' ? 'compute-1.amazonaws.com' : `${region}.compute.amazonaws.com`,
    hasPublicNames: true,
    hosts: [],
    ...more,
  };
}

/** `dublin` in eu-west-1, `virginia` in us-east-1 with the same block, `quiet` in eu-west-1 without host names. */
export function world() {
  const platformAddresses = [ip('10.0.0.2'), ip('169.254.169.253')];
  const topology = new LiveTopology([
    { kind: 'publicPool', id: 'ipv4', cidrs: [block('198.18.0.0/16')] },
    { kind: 'network', id: 'dublin', cidrs: [block('10.0.0.0/20'), block('2001:db8::/56')], platformAddresses, reserved: [] },
    { kind: 'network', id: 'virginia', cidrs: [block('10.0.0.0/16')], platformAddresses, reserved: [] },
    { kind: 'network', id: 'quiet', cidrs: [block('10.9.0.0/16')], platformAddresses: [], reserved: [] },
    host('eni-1', 'dublin', '10.0.0.4=198.18.1.4', '2001:db8::4'),
    host('eni-2', 'dublin', '10.0.0.5'),
    { ...host('eni-3', 'dublin', '10.0.0.6'), prefixes: [block('10.0.1.16/28')] },
    host('eni-4', 'virginia', '10.0.0.7=198.18.2.7'),
    host('eni-5', 'quiet', '10.9.0.4=198.18.3.4'),
  ]);
  const hosts = [{ name: 'i-1.eu-west-1.compute.internal', addresses: ['10.0.0.4', '2001:db8::4'] }];
  const services = new Map([
    ['dublin', nameService('dublin', 'eu-west-1', { hosts })],
    ['virginia', nameService('virginia', 'us-east-1')],
    [
      'quiet',
      nameService('quiet', 'eu-west-1', {
        hasPublicNames: false,
        hosts: [{ name: 'i-5.eu-west-1.compute.internal', addresses: ['10.9.0.4'] }],
      }),
    ],
  ]);
  return { topology, services };
}

const codes = ['NOERROR', 'FORMERR', 'SERVFAIL', 'NXDOMAIN', 'NOTIMP', 'REFUSED'];

/** `www.example.com AAAA` as a question. */
export function question(text: string) {
  const [name = '', type = 'A'] = text.split(' ');
  const types: Readonly<Record<string, number>> = RecordType;
  return { name: name === '.' ? '' : name, type: types[type] ?? Number(type), class: RecordClass.IN };
}

/** `10.0.0.4 10.0.0.5`, `NXDOMAIN eu-west-1.compute.internal`, `NODATA …` with the zone, or `-` for no answer. */
export function line(later: Later<Answer> | undefined): string {
  const answer = later === undefined ? undefined : atOnce(later);
  if (answer === undefined) return '-';
  const said = answer.records.map(({ data }) => text(data)).join(' ');
  const zone = answer.authority.map(({ name }) => name || '.').join(' ');
  if (answer.rcode !== 0) return [codes[answer.rcode], zone, said].filter(Boolean).join(' ');
  return said === '' ? `NODATA ${zone}` : said;
}

function text(data: RecordData): string {
  if (data.kind === 'A' || data.kind === 'AAAA') return formatIp(data.address);
  if ('target' in data) return data.target;
  return data.kind === 'SOA' ? `SOA ${data.primary}` : `type ${typeOf(data)}`;
}

/** An answer that is there in the same turn. */
export function atOnce(answer: Later<Answer>): Answer {
  if (answer instanceof Promise) throw new Error('it comes later');
  return answer;
}
