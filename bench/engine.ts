/** How many flows the engine traces per second at 1,000 interfaces and 20,000 rules, and what a change costs at 10,000 interfaces; prints JSON. */
import { performance } from 'node:perf_hooks';
import { trace } from '#engine/trace.ts';
import { cidrOf, nthIp, parseCidr, type Cidr } from '#model/cidr.ts';
import { tcpFlow, type Flow } from '#model/flow.ts';
import { parseIp, type Ip } from '#model/ip.ts';
import { LiveTopology } from '#model/live-topology.ts';
import type { AccessEntry, GroupRule, NetworkInterface, Part, Route } from '#model/topology.ts';
import type { Origin } from '#model/trace.ts';
import { ALL_TRAFFIC } from '#model/traffic.ts';

const GROUPS_PER_INTERFACE = 3;
const SEGMENT_SIZE = 200;

function main(): void {
  const small = buildParts(1_000, 20_000);
  const large = buildParts(10_000, 20_000);
  const result = { interfaces: 1_000, rules: 20_000, ...measureTraces(small), changes: { interfaces: 10_000, ...measureChanges(large) } };
  console.log(JSON.stringify(result, undefined, 2));
}

function measureTraces(parts: readonly Part[]) {
  const topology = new LiveTopology(parts);
  const interfaces = [...topology.interfaces.values()].filter(({ attachment }) => attachment?.kind !== 'natGateway');
  const mixes: Record<string, { flow: Flow; from: Origin }[]> = { inside: [], outward: [], inward: [], denied: [], ipv6: [] };
  for (let at = 0; at < 4_000; at++) {
    const a = interfaces[(at * 7919) % interfaces.length]!; // within bounds
    const b = interfaces[(at * 104_729 + 13) % interfaces.length]!; // within bounds
    const [from, internet]: Origin[] = [{ kind: 'interface', id: a.id }, { kind: 'internet' }] as const;
    const port = 1_000 + (at % 50);
    mixes['inside']!.push({ from, flow: tcpFlow(a.addresses[0]!, b.addresses[0]!, port) }); // every interface has both addresses
    mixes['ipv6']!.push({ from, flow: tcpFlow(a.addresses[1]!, b.addresses[1]!, port) }); // as above
    mixes['denied']!.push({ from, flow: tcpFlow(a.addresses[0]!, b.addresses[0]!, 9) }); // as above
    mixes['outward']!.push({ from, flow: tcpFlow(a.addresses[0]!, at4('198.51.100.0', at % 256), 443) }); // as above
    const open = b.publicAddresses[0]?.publicAddress;
    if (open !== undefined) mixes['inward']!.push({ from: internet, flow: tcpFlow(at4('198.51.100.0', at % 256), open, port) });
  }
  const all = Object.values(mixes).flat();
  const outcomes: Record<string, number> = {};
  for (const { flow, from } of all) {
    const { outcome } = trace(topology, flow, from);
    outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
  }
  const tracesPerSecond: Record<string, number> = {};
  for (const [name, flows] of Object.entries({ ...mixes, mixed: all })) tracesPerSecond[name] = rate(topology, flows);
  return { tracesPerSecond, outcomes };
}

/** Traces per second of processor time, so that neighbours on the machine do not count; median of five rounds. */
function rate(topology: LiveTopology, flows: readonly { flow: Flow; from: Origin }[]): number {
  const rounds: number[] = [];
  for (let round = 0; round < 5; round++) {
    const start = cpuMicroseconds();
    let count = 0;
    while (cpuMicroseconds() - start < 200_000) {
      for (const { flow, from } of flows) trace(topology, flow, from);
      count += flows.length;
    }
    rounds.push((count * 1_000_000) / (cpuMicroseconds() - start));
  }
  return Math.round(rounds.sort((a, b) => a - b)[2]!); // five rounds
}

function cpuMicroseconds(): number {
  const { user, system } = process.threadCpuUsage();
  return user + system;
}

function measureChanges(parts: readonly Part[]) {
  const buildStart = performance.now();
  const topology = new LiveTopology(parts);
  const buildMs = performance.now() - buildStart;
  const interfaces = [...topology.interfaces.values()];
  const groups = [...topology.groups.values()];
  const table = topology.routeTables.get('rtb-public')!; // built below
  const [a, b] = [interfaces[10]!, interfaces[interfaces.length - 10]!]; // there are 10,000
  const probe = (): void => {
    const { outcome } = trace(topology, tcpFlow(a.addresses[0]!, b.addresses[0]!, 1_001), { kind: 'interface', id: a.id }); // every interface has both addresses
    if (outcome !== 'delivered') throw new Error(`the probe is ${outcome}`);
  };
  return {
    buildMs: Math.round(buildMs),
    microsecondsPerChange: {
      interface: microseconds((at) => {
        const one = interfaces[at % interfaces.length]!; // within bounds
        topology.put({ ...one, publicAddresses: [...one.publicAddresses] });
        probe();
      }),
      interfaceAddedAndRemoved: microseconds((at) => {
        topology.put(
          makeInterface(
            `eni-new-${at}`,
            20_000,
            groups.map(({ id }) => id),
          ),
        );
        topology.remove('interface', `eni-new-${at}`);
        probe();
      }),
      group: microseconds((at) => {
        const id = a.groupIds[at % a.groupIds.length]!; // within bounds
        topology.put({ ...topology.groups.get(id)! }); // its interface names it
        probe();
      }),
      routeTable: microseconds(() => {
        topology.put({ ...table });
        probe();
      }),
    },
  };
}

/** Mean over half a second of processor time, the trace that meets the change included. */
function microseconds(change: (at: number) => void): number {
  const start = cpuMicroseconds();
  let count = 0;
  while (cpuMicroseconds() - start < 500_000) change(count++);
  return Math.round(((cpuMicroseconds() - start) * 100) / count) / 100;
}

function buildParts(interfaceCount: number, ruleCount: number): Part[] {
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

function makeInterface(id: string, at: number, groups: readonly string[]): NetworkInterface {
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

function at4(base: string, offset: number): Ip {
  return nthIp(parseCidr('0.0.0.0/0')!, Number(ip(base)) + offset)!; // inside the family by construction
}

function cidr(text: string): Cidr {
  return parseCidr(text)!; // only literals come here
}

main();
