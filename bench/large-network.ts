/** A large network for benchmarks: so many interfaces and rules, the same in every run. */
import { cidrOf, nthIp, parseCidr, type Cidr } from '#model/cidr.ts';
import { parseIp, type Ip } from '#model/ip.ts';
import type { AccessEntry, GroupRule, NetworkInterface, Part, Route } from '#model/topology.ts';
import { ALL_TRAFFIC } from '#model/traffic.ts';

const GROUPS_PER_INTERFACE = 3;
const SEGMENT_SIZE = 200;

/** One network with gateways: a segment for every two hundred interfaces, three groups each, a hundred rules a group. */
export function buildParts(interfaceCount: number, ruleCount: number): Part[] {
  const groupIds = Array.from({ length: ruleCount / 100 }, (_, at) => `sg-${at}`);
  const parts: Part[] = [
    {
      kind: 'network',
      id: 'vpc-1',
      cidrs: [cidr('10.0.0.0/12'), cidr('2001:db8::/56')],
      platformAddresses: [ip('10.0.0.2'), ip('169.254.169.254')],
      reserved: [],
    },
    { kind: 'internetGateway', id: 'igw-1', networkId: 'vpc-1' },
    { kind: 'natGateway', id: 'nat-1', interfaceId: 'eni-nat', up: true },
    {
      ...makeInterface('eni-nat', 0, []),
      sourceDestinationCheck: false,
      attachment: { kind: 'natGateway', id: 'nat-1' },
      publicAddresses: [{ privateAddress: at4('10.0.0.0', 10), publicAddress: ip('198.19.255.1') }],
    },
    routes('rtb-public', 'internetGateway', 'igw-1'),
    routes('rtb-private', 'natGateway', 'nat-1'),
  ];
  for (const [at, id] of groupIds.entries()) parts.push({ kind: 'group', id, networkId: 'vpc-1', rules: makeRules(id, at, groupIds) });
  for (let at = 0; at <= interfaceCount / SEGMENT_SIZE; at++) {
    const table = at % 2 === 0 ? 'rtb-public' : 'rtb-private';
    const cidrs = [cidrOf(at4('10.0.0.0', at * 256), 24)!, cidrOf(nthIp(cidr('2001:db8::/56'), BigInt(at) << 64n)!, 64)!]; // lengths are the families'
    parts.push({
      kind: 'segment',
      id: `subnet-${at}`,
      networkId: 'vpc-1',
      cidrs,
      zone: 'z',
      routeTableId: table,
      accessListId: `acl-${at}`,
      routerAddresses: [at4('10.0.0.0', at * 256 + 1)],
    });
    parts.push({ kind: 'accessList', id: `acl-${at}`, networkId: 'vpc-1', entries: makeEntries() });
  }
  for (let at = 0; at < interfaceCount; at++) parts.push(makeInterface(`eni-${at}`, at, groupIds));
  return parts;
}

export function makeInterface(id: string, at: number, groups: readonly string[]): NetworkInterface {
  const segment = Math.floor(at / SEGMENT_SIZE);
  const low = (at % SEGMENT_SIZE) + 10;
  const own = at4('10.0.0.0', segment * 256 + low + (id === 'eni-nat' ? 0 : 1));
  const own6 = nthIp(cidr('2001:db8::/56'), (BigInt(segment) << 64n) + BigInt(low))!; // inside the block
  const publicAddresses = segment % 2 === 0 ? [{ privateAddress: own, publicAddress: at4('198.18.0.0', at) }] : [];
  const groupIds = Array.from(
    { length: groups.length === 0 ? 0 : GROUPS_PER_INTERFACE },
    (_, nth) => groups[(at * 3 + nth * 17) % groups.length]!,
  ); // within bounds
  return {
    kind: 'interface',
    id,
    networkId: 'vpc-1',
    segmentId: `subnet-${segment}`,
    addresses: [own, own6],
    prefixes: [],
    publicAddresses,
    groupIds,
    sourceDestinationCheck: true,
    up: true,
  };
}

/** A hundred rules a group: single ports, ranges, group references, blocks of every width, and a way out. */
function makeRules(groupId: string, at: number, groupIds: readonly string[]): GroupRule[] {
  const rules: GroupRule[] = [];
  for (let nth = 0; nth < 96; nth++) {
    const port = 1_000 + ((nth + at) % 60);
    const ports = nth % 4 === 3 ? { from: 2_000 + nth * 10, to: 2_009 + nth * 10 } : { from: port, to: port };
    const kinds = [
      { kind: 'cidr', cidr: cidrOf(at4('10.0.0.0', nth * 256), 16)! }, // a length of the family
      { kind: 'group', id: groupIds[(at + nth) % groupIds.length]! }, // within bounds
      { kind: 'cidr', cidr: cidr('0.0.0.0/0') },
      { kind: 'cidr', cidr: cidr('2001:db8::/56') },
    ] as const;
    rules.push({ id: `sgr-${groupId}-${nth}`, direction: 'in', traffic: { protocol: 6, ports }, peer: kinds[Math.floor(nth / 4) % 4]! }); // four kinds
  }
  for (const [nth, block] of ['0.0.0.0/0', '::/0'].entries()) {
    rules.push({ id: `sgr-${groupId}-out-${nth}`, direction: 'out', traffic: ALL_TRAFFIC, peer: { kind: 'cidr', cidr: cidr(block) } });
    rules.push({
      id: `sgr-${groupId}-v6-${nth}`,
      direction: 'in',
      traffic: { protocol: 6, ports: { from: 1_000, to: 1_030 } },
      peer: { kind: 'cidr', cidr: cidr(block) },
    });
  }
  return rules;
}

/** Twenty entries a list and direction, AWS's default quota; most traffic is let through by the last. */
function makeEntries(): AccessEntry[] {
  return (['in', 'out'] as const).flatMap((direction) => [
    ...Array.from({ length: 18 }, (_, nth): AccessEntry => ({
      number: nth + 1,
      direction,
      action: 'deny',
      traffic: { protocol: 6, ports: { from: 5_000 + nth, to: 5_000 + nth } },
      cidr: cidr('192.0.2.0/24'),
    })),
    { number: 100, direction, action: 'allow', traffic: ALL_TRAFFIC, cidr: cidr('0.0.0.0/0') },
    { number: 101, direction, action: 'allow', traffic: ALL_TRAFFIC, cidr: cidr('::/0') },
  ]);
}

function routes(id: string, kind: 'internetGateway' | 'natGateway', to: string): Part {
  const more = Array.from({ length: 40 }, (_, nth): Route => ({
    destination: { kind: 'cidr', cidr: cidrOf(at4('172.16.0.0', nth * 4096), 16 + (nth % 8))! },
    target: { kind: 'blackhole' },
    origin: 'static',
  })); // lengths are the family's
  const local = ['10.0.0.0/12', '2001:db8::/56'].map((block): Route => ({
    destination: { kind: 'cidr', cidr: cidr(block) },
    target: { kind: 'local' },
    origin: 'static',
  }));
  const outward: Route = { destination: { kind: 'cidr', cidr: cidr('0.0.0.0/0') }, target: { kind, id: to }, origin: 'static' };
  return { kind: 'routeTable', id, networkId: 'vpc-1', routes: [...local, outward, ...more] };
}

function ip(text: string): Ip {
  return parseIp(text)!; // only literals come here
}

export function at4(base: string, offset: number): Ip {
  return nthIp(parseCidr('0.0.0.0/0')!, Number(ip(base)) + offset)!; // inside the family by construction
}

function cidr(text: string): Cidr {
  return parseCidr(text)!; // only literals come here
}
