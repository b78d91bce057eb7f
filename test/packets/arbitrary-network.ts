/** Random networks with a plan: two that use the same blocks, each with public, private and inner segments and all gateways, and a few things changed. */
import fc from 'fast-check';
import { ALL_TRAFFIC, type Traffic } from '#model/traffic.ts';
import type { AccessEntry, GroupRule, NetworkInterface, Part, Peer, Route, RouteTarget } from '#model/topology.ts';
import { cidr, ip, openEntries, peer, route, target } from '#test/network/sample-network.ts';

const traffics: Traffic[] = [
  ALL_TRAFFIC,
  { protocol: 6 },
  { protocol: 17 },
  { protocol: 6, ports: { from: 443, to: 443 } },
  { protocol: 6, ports: { from: 22, to: 1023 } },
  { protocol: 6, ports: { from: 1024, to: 65_535 } },
  { protocol: 17, ports: { from: 53, to: 53 } },
  { protocol: 17, ports: { from: 1024, to: 65_535 } },
  { protocol: 1 },
  { protocol: 1, icmp: { type: 8, code: -1 } },
  { protocol: 58, icmp: { type: 128, code: 0 } },
  { protocol: 58 },
  { protocol: 50 },
];
const traffic = fc.oneof({ weight: 1, arbitrary: fc.constant(ALL_TRAFFIC) }, { weight: 3, arbitrary: fc.constantFrom(...traffics) });
const letters = ['a', 'b'] as const;
type Letter = (typeof letters)[number];

/** Blocks that mean something in a network, wide and narrow. */
const blocksOf = (x: Letter): string[] => ['0.0.0.0/0', '::/0', '10.0.0.0/16', '10.0.0.0/24', '10.0.1.0/24', '10.0.2.0/24', '10.0.1.11/32', '198.51.100.0/24', '203.0.113.0/24', `2001:db8:${x}::/56`, `2001:db8:${x}:1::/64`, `2001:db8:${x}::10/128`, '2001:db8:ffff::/48']; // prettier-ignore
const groupsOf = (x: Letter): string[] => [`sg-${x}1`, `sg-${x}2`, `sg-${x}3`];
const segments = [['pub', '10.0.0', ''], ['prv', '10.0.1', '1:'], ['dbs', '10.0.2', '2:']] as const; // prettier-ignore
const direction = fc.constantFrom('in', 'out');
const mostly = <T>(usual: T, other: fc.Arbitrary<T>, weight = 3): fc.Arbitrary<T> =>
  fc.oneof({ weight, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: other });

const peerIn = (x: Letter): fc.Arbitrary<Peer> => fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...blocksOf(x)) }, { weight: 2, arbitrary: fc.constantFrom(...groupsOf(x)) }, { weight: 1, arbitrary: fc.constant(`pl-${x}`) }).map(peer); // prettier-ignore

function group(x: Letter, id: string): fc.Arbitrary<Part> {
  const rules = fc.array(fc.record({ direction, traffic, peer: peerIn(x) }), { minLength: 2, maxLength: 14 });
  const outward = ['0.0.0.0/0', '::/0'].map((block): GroupRule => ({
    id: `sgr-${id}-out${block}`,
    direction: 'out',
    traffic: ALL_TRAFFIC,
    peer: peer(block),
  }));
  return fc.record({ rules, isOpenOut: fc.boolean() }).map(({ rules: some, isOpenOut }): Part => {
    const own = some.map((one, at): GroupRule => ({ id: `sgr-${id}-${at}`, ...one }));
    return { kind: 'group', id, networkId: `vpc-${x}`, rules: isOpenOut ? [...own, ...outward] : own };
  });
}

function accessList(x: Letter, name: string): fc.Arbitrary<Part> {
  const some = fc.array(fc.record({ direction, traffic, cidr: fc.constantFrom(...blocksOf(x)).map(cidr), action: fc.constantFrom('allow', 'deny') }), { minLength: 1, maxLength: 5 }); // prettier-ignore
  const entries: fc.Arbitrary<readonly AccessEntry[]> = fc.record({ some, isOpenBehind: fc.integer({ min: 0, max: 3 }) }).map(({ some: first, isOpenBehind }) => [
    ...first.map((one, at): AccessEntry => ({ number: at + 1, ...one })),
    ...(isOpenBehind > 0 ? openEntries : []),
  ]); // prettier-ignore
  return mostly(openEntries, entries, 1).map((all): Part => ({
    kind: 'accessList',
    id: `acl-${x}-${name}`,
    networkId: `vpc-${x}`,
    entries: all,
  }));
}

function routeTable(x: Letter, name: string): fc.Arbitrary<Part> {
  const ways: Record<string, string[]> = {
    pub: [`0.0.0.0/0 igw-${x}`, `::/0 igw-${x}`],
    prv: [`0.0.0.0/0 nat-${x}`, `::/0 eigw-${x}`],
    dbs: [],
  };
  const usual = [`10.0.0.0/16 local`, `2001:db8:${x}::/56 local`, ...(ways[name] ?? [])].map(route);
  const targets = fc.constantFrom<RouteTarget>(
    ...[`eni-${x}-fwd`, `eni-${x}-fwd`, `nat-${x}`, `igw-${x}`, `eigw-${x}`, 'blackhole', 'eni-gone', 'local'].map(target),
  );
  const more = fc.array(fc.record({ to: targets, destination: fc.constantFrom(...blocksOf(x), `pl-${x}`), origin: fc.constantFrom('static', 'propagated') }), { maxLength: 4 }); // prettier-ignore
  return mostly([], more, 1).map((added): Part => {
    const routes = added.map(({ to, destination, origin }): Route => ({ ...route(`${destination} local`), target: to, origin }));
    return { kind: 'routeTable', id: `rtb-${x}-${name}`, networkId: `vpc-${x}`, routes: [...usual, ...routes] };
  });
}

interface Wish {
  readonly name: string;
  readonly segment: (typeof segments)[number];
  readonly low: number;
  readonly publicAddress?: string;
}

function networkInterface(x: Letter, { name, segment: [at, four, six], low, publicAddress }: Wish): fc.Arbitrary<Part> {
  const isForwarder = name === 'fwd';
  const extra = fc.record({
    groupIds: fc.subarray(groupsOf(x), { minLength: 1, maxLength: 3 }),
    sourceDestinationCheck: isForwarder ? mostly(false, fc.constant(true), 3) : mostly(true, fc.constant(false), 9),
    up: mostly(true, fc.constant(false), 15),
    forwards: isForwarder ? fc.constantFrom('plain' as const, 'masquerade' as const, undefined) : fc.constant(undefined),
    isPublic: publicAddress === undefined ? fc.constant(false) : mostly(true, fc.constant(false), 5),
    hasPrefix: mostly(false, fc.constant(true), 6),
  });
  return extra.map(({ forwards, isPublic, hasPrefix, ...rest }): NetworkInterface => {
    const own = ip(`${four}.${low}`);
    return {
      kind: 'interface',
      id: `eni-${x}-${name}`,
      networkId: `vpc-${x}`,
      segmentId: `subnet-${x}-${at}`,
      addresses: [own, ip(`2001:db8:${x}:${six}:${low}`.replace(':::', '::'))],
      prefixes: hasPrefix ? [cidr(`${four}.${low * 4}/30`)] : [],
      publicAddresses: isPublic && publicAddress !== undefined ? [{ privateAddress: own, publicAddress: ip(publicAddress) }] : [],
      ...rest,
      ...(forwards === undefined ? {} : { forwards }),
    };
  });
}

function network(x: Letter, third: number): fc.Arbitrary<Part[]> {
  const vpc = `vpc-${x}`;
  const [pub, prv, dbs] = segments;
  const wishes: Wish[] = [
    { name: 'web', segment: pub, low: 10, publicAddress: `203.0.113.${third + 10}` },
    { name: 'adm', segment: pub, low: 11 },
    { name: 'fwd', segment: pub, low: 12, publicAddress: `203.0.113.${third + 12}` },
    { name: 'app', segment: prv, low: 10 },
    { name: 'app2', segment: prv, low: 11 },
    { name: 'db', segment: dbs, low: 10 },
    { name: 'db2', segment: dbs, low: 11 },
  ];
  const nat = ip('10.0.0.5');
  const fixed: Part[] = [
    { kind: 'network', id: vpc, cidrs: [cidr('10.0.0.0/16'), cidr(`2001:db8:${x}::/56`)], platformAddresses: ['10.0.0.2', '169.254.169.254', 'fd00:ec2::254'].map(ip), reserved: [cidr('fd00:ec2::/32')] },
    ...segments.map(([name, four, six]): Part => ({ kind: 'segment', id: `subnet-${x}-${name}`, networkId: vpc, cidrs: [cidr(`${four}.0/24`), cidr(`2001:db8:${x}:${six}:/64`.replace(':::', '::'))], zone: 'z', routeTableId: `rtb-${x}-${name}`, accessListId: `acl-${x}-${name}`, routerAddresses: [ip(`${four}.1`)] })),
    { kind: 'internetGateway', id: `igw-${x}`, networkId: vpc },
    { kind: 'egressOnlyGateway', id: `eigw-${x}`, networkId: vpc },
    { kind: 'natGateway', id: `nat-${x}`, interfaceId: `eni-${x}-nat`, up: true },
    { kind: 'interface', id: `eni-${x}-nat`, networkId: vpc, segmentId: `subnet-${x}-pub`, addresses: [nat], prefixes: [], publicAddresses: [{ privateAddress: nat, publicAddress: ip(`203.0.113.${third + 5}`) }], groupIds: [], sourceDestinationCheck: false, up: true },
  ]; // prettier-ignore
  const sets = fc
    .uniqueArray(fc.constantFrom(...blocksOf(x)), { maxLength: 3 })
    .map((some): Part => ({ kind: 'prefixSet', id: `pl-${x}`, cidrs: some.map(cidr) }));
  const names = segments.map(([name]) => name);
  return fc
    .tuple(...groupsOf(x).map((id) => group(x, id)), ...names.flatMap((name) => [accessList(x, name), routeTable(x, name)]), ...wishes.map((wish) => networkInterface(x, wish)), sets)
    .map((parts) => [...fixed, ...parts]); // prettier-ignore
}

/** Two networks with the same IPv4 blocks, and a pool of public addresses. */
export const anyPlannedWorld: fc.Arbitrary<Part[]> = fc
  .tuple(network('a', 0), network('b', 100))
  .map(([a, b]) => [...a, ...b, { kind: 'publicPool', id: 'pool', cidrs: [cidr('203.0.113.0/24')] }]);
