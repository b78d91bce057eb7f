/** Generators of small, crowded, partly inconsistent topologies for property tests: few ids and addresses, so that everything collides. */
import fc from 'fast-check';
import { anyTraffic, flowBetween } from '#test/network/arbitrary-addresses.ts';
import { ALL_IPV4, ALL_IPV6, cidrOf, parseCidr, type Cidr } from '#model/cidr.ts';
import type { Flow } from '#model/flow.ts';
import { ipFamily, parseIp, type Ip } from '#model/ip.ts';
import { LiveTopology } from '#model/live-topology.ts';
import type { Id, Part, PartKind, Route, RouteTarget } from '#model/topology.ts';
import type { Origin } from '#model/trace.ts';

const cidr = (text: string): Cidr => parseCidr(text)!; // only literals come here
const ip = (text: string): Ip => parseIp(text)!; // only literals come here

const networkIds = ['vpc-1', 'vpc-2'];
const segmentIds = ['subnet-1a', 'subnet-1b', 'subnet-2a', 'subnet-2b'];
const interfaceIds = ['eni-1', 'eni-2', 'eni-3', 'eni-4', 'eni-5', 'eni-6', 'eni-nat'];
const groupIds = ['sg-1', 'sg-2', 'sg-3'];
const tableIds = ['rtb-1', 'rtb-2', 'rtb-3', 'rtb-4'];
const listIds = ['acl-1', 'acl-2'];
const setIds = ['pl-1', 'pl-2'];

/** Which network a segment is in, and its blocks; both networks use the same ones. */
const segments: Readonly<Record<string, { networkId: Id; cidrs: readonly Cidr[] }>> = {
  'subnet-1a': { networkId: 'vpc-1', cidrs: [cidr('10.0.0.0/29'), cidr('2001:db8:1::/64')] },
  'subnet-1b': { networkId: 'vpc-1', cidrs: [cidr('10.0.0.8/29'), cidr('2001:db8:1:1::/64')] },
  'subnet-2a': { networkId: 'vpc-2', cidrs: [cidr('10.0.0.0/29'), cidr('2001:db8:2::/64')] },
  'subnet-2b': { networkId: 'vpc-2', cidrs: [cidr('10.0.0.8/29'), cidr('2001:db8:2:1::/64')] },
};
const publicAddresses = ['203.0.113.1', '203.0.113.2', '203.0.113.3'].map(ip);
const elsewhere = ['198.51.100.1', '2001:db8:ffff::1', '192.168.0.1', '169.254.169.254', '10.0.0.2', '203.0.113.9', 'fd00::1'].map(ip);

const someId = (ids: readonly Id[]) => fc.constantFrom(...ids);
const some = <T>(value: fc.Arbitrary<T>, maxLength: number) => fc.array(value, { maxLength });

function addressIn(segmentId: Id): fc.Arbitrary<Ip> {
  const [four, six] = segments[segmentId]!.cidrs; // ids come from the table above
  const low = fc.integer({ min: 0, max: 7 });
  return fc.oneof(
    low.map((n) => (four!.address as number) + n),
    low.map((n) => (six!.address as bigint) + BigInt(n)),
  ) as fc.Arbitrary<Ip>; // one block of each family, eight addresses wide
}

export const anyAddress: fc.Arbitrary<Ip> = fc.oneof(
  someId(segmentIds).chain(addressIn),
  fc.constantFrom(...publicAddresses, ...elsewhere),
);

const anyBlock: fc.Arbitrary<Cidr> = fc.oneof(
  fc.constantFrom(
    ALL_IPV4,
    ALL_IPV6,
    cidr('10.0.0.0/28'),
    cidr('10.0.0.0/29'),
    cidr('10.0.0.8/29'),
    cidr('2001:db8:1::/56'),
    cidr('2001:db8:2::/56'),
  ),
  anyAddress.chain((address) =>
    fc.integer({ min: 24, max: 32 }).map((length) => cidrOf(address, ipFamily(address) === 4 ? length : length * 4)!),
  ), // at most 32 and 128
);

const direction = fc.constantFrom('in', 'out');
const prefixSet = someId(setIds).map((id) => ({ kind: 'prefixSet', id }) as const);
const blocks = fc.oneof(
  { weight: 4, arbitrary: anyBlock.map((one) => ({ kind: 'cidr', cidr: one }) as const) },
  { weight: 1, arbitrary: prefixSet },
);
const peer = fc.oneof(
  { weight: 2, arbitrary: blocks },
  { weight: 1, arbitrary: someId(groupIds).map((id) => ({ kind: 'group', id }) as const) },
);

const target: fc.Arbitrary<RouteTarget> = fc.oneof(
  { weight: 6, arbitrary: fc.constant({ kind: 'local' } as const) },
  { weight: 1, arbitrary: fc.constant({ kind: 'blackhole' } as const) },
  {
    weight: 4,
    arbitrary: fc.constantFrom({ kind: 'internetGateway', id: 'igw-1' } as const, { kind: 'internetGateway', id: 'igw-2' } as const),
  },
  { weight: 2, arbitrary: fc.constant({ kind: 'egressOnlyGateway', id: 'eigw-1' } as const) },
  { weight: 2, arbitrary: fc.constant({ kind: 'natGateway', id: 'nat-1' } as const) },
  { weight: 2, arbitrary: someId(interfaceIds).map((id) => ({ kind: 'interface', id }) as const) },
);
const route: fc.Arbitrary<Route> = fc.record({ destination: blocks, target, origin: fc.constantFrom('static', 'static', 'propagated') });

const network = someId(networkIds).map((id): Part => ({ kind: 'network', id, cidrs: [cidr('10.0.0.0/28'), cidr(`2001:db8:${id.slice(-1)}::/56`)], platformAddresses: [ip('10.0.0.2'), ip('169.254.169.254')], reserved: [] })); // prettier-ignore

const segment = fc
  .record({ id: someId(segmentIds), routeTableId: someId(tableIds), accessListId: someId(listIds) })
  .map((one): Part => ({ kind: 'segment', ...one, ...segments[one.id]!, zone: 'z', routerAddresses: [] })); // ids come from the table above

const networkInterface = fc.tuple(someId(interfaceIds), someId(segmentIds)).chain(([id, segmentId]) =>
  fc
    .record({
      addresses: fc.uniqueArray(addressIn(segmentId), { minLength: 1, maxLength: 3 }),
      publicAddress: fc.option(fc.constantFrom(...publicAddresses)),
      prefixes: some(
        addressIn(segmentId).map((address) => cidrOf(address, ipFamily(address) === 4 ? 30 : 124)!),
        1,
      ), // lengths of the families
      groupIds: some(someId(groupIds), 2),
      sourceDestinationCheck: fc.boolean(),
      up: fc.integer({ min: 0, max: 11 }).map((dice) => dice < 11),
      forwards: fc.constantFrom(undefined, undefined, 'plain', 'masquerade'),
    })
    .map(({ publicAddress, forwards, ...rest }): Part => {
      const own = rest.addresses.find((one) => ipFamily(one) === 4);
      const associations = publicAddress === null || own === undefined ? [] : [{ privateAddress: own, publicAddress }];
      const part = {
        kind: 'interface',
        id,
        segmentId,
        networkId: segments[segmentId]!.networkId,
        ...rest,
        publicAddresses: associations,
      } as const; // as above
      return forwards === undefined ? part : { ...part, forwards };
    }),
);

const group = fc
  .record({ id: someId(groupIds), rules: some(fc.record({ direction, traffic: anyTraffic, peer }), 6) })
  .map(({ id, rules }): Part => ({
    kind: 'group',
    id,
    networkId: 'vpc-1',
    rules: rules.map((rule, at) => ({ ...rule, id: `sgr-${id}-${at}` })),
  }));

const accessList = fc
  .record({
    id: someId(listIds),
    entries: fc.uniqueArray(
      fc.record({
        number: fc.integer({ min: 1, max: 9 }),
        direction,
        action: fc.constantFrom('allow', 'allow', 'deny'),
        traffic: anyTraffic,
        cidr: anyBlock,
      }),
      { maxLength: 8, selector: (one) => `${one.direction}${one.number}` },
    ),
  }) // prettier-ignore
  .map((one): Part => ({ kind: 'accessList', networkId: 'vpc-1', ...one }));

const others: fc.Arbitrary<Part> = fc.oneof(
  fc.record({ id: someId(tableIds), routes: some(route, 6) }).map((one): Part => ({ kind: 'routeTable', networkId: 'vpc-1', ...one })),
  fc.record({ id: someId(setIds), cidrs: some(anyBlock, 3) }).map((one): Part => ({ kind: 'prefixSet', ...one })),
  fc.constantFrom<Part[]>({ kind: 'internetGateway', id: 'igw-1', networkId: 'vpc-1' }, { kind: 'internetGateway', id: 'igw-2', networkId: 'vpc-2' }, { kind: 'internetGateway', id: 'igw-1' }, { kind: 'internetGateway', id: 'igw-1', networkId: 'vpc-1', routeTableId: 'rtb-3' }), // prettier-ignore
  fc.constantFrom<Part[]>({ kind: 'egressOnlyGateway', id: 'eigw-1', networkId: 'vpc-1' }, { kind: 'egressOnlyGateway', id: 'eigw-1' }),
  fc.constantFrom<Part[]>({ kind: 'natGateway', id: 'nat-1', interfaceId: 'eni-nat', up: true }, { kind: 'natGateway', id: 'nat-1', interfaceId: 'eni-nat', up: false }), // prettier-ignore
  fc.constantFrom<Part[]>(
    { kind: 'publicPool', id: 'pool', cidrs: [cidr('203.0.113.0/24')] },
    { kind: 'publicPool', id: 'pool', cidrs: [] },
  ),
);

export const anyPart: fc.Arbitrary<Part> = fc.oneof(
  { weight: 1, arbitrary: network },
  { weight: 3, arbitrary: segment },
  { weight: 6, arbitrary: networkInterface },
  { weight: 3, arbitrary: group },
  { weight: 3, arbitrary: accessList },
  { weight: 4, arbitrary: others },
);

export type Edit = { readonly put: Part } | { readonly remove: { readonly kind: PartKind; readonly id: Id } };

/** Parts put in, replaced and taken away again. */
export const anyEdits: fc.Arbitrary<Edit[]> = some(
  fc
    .tuple(anyPart, fc.integer({ min: 0, max: 9 }))
    .map(([part, dice]): Edit => (dice < 8 ? { put: part } : { remove: { kind: part.kind, id: part.id } })),
  60,
);

const openRules: Part[] = groupIds.map((id) => ({ kind: 'group', id, networkId: 'vpc-1', rules: (['in', 'out'] as const).flatMap((way) => [ALL_IPV4, ALL_IPV6].map((one, at) => ({ id: `sgr-${id}-${way}-${at}`, direction: way, traffic: { protocol: -1 }, peer: { kind: 'cidr', cidr: one } as const }))) })); // prettier-ignore
const openLists: Part[] = listIds.map((id) => ({ kind: 'accessList', id, networkId: 'vpc-1', entries: (['in', 'out'] as const).flatMap((way) => [ALL_IPV4, ALL_IPV6].map((one, at) => ({ number: 100 + at, direction: way, action: 'allow', traffic: { protocol: -1 }, cidr: one }))) })); // prettier-ignore
const localRoutes = ['10.0.0.0/28', '2001:db8:1::/56', '2001:db8:2::/56'].map((block): Route => ({ destination: { kind: 'cidr', cidr: cidr(block) }, target: { kind: 'local' }, origin: 'static' })); // prettier-ignore
const outward = (to: RouteTarget) =>
  [ALL_IPV4, ALL_IPV6].map((one): Route => ({ destination: { kind: 'cidr', cidr: one }, target: to, origin: 'static' }));

/** A whole world where most traffic passes, and then a few parts of it as they come. */
export const anyWorld: fc.Arbitrary<Part[]> = fc
  .record({
    tables: fc.shuffledSubarray(tableIds, { minLength: 4 }),
    lists: fc.array(someId(listIds), { minLength: 4, maxLength: 4 }),
    interfaces: fc.array(networkInterface, { minLength: 4, maxLength: 10 }),
    appliance: someId(interfaceIds),
    changes: some(anyPart, 6),
  })
  .map(({ tables, lists, interfaces, appliance, changes }): Part[] => [
    ...networkIds.map((id): Part => ({ kind: 'network', id, cidrs: [cidr('10.0.0.0/28'), cidr(`2001:db8:${id.slice(-1)}::/56`)], platformAddresses: [ip('10.0.0.2'), ip('169.254.169.254')], reserved: [] })), // prettier-ignore
    ...segmentIds.map((id, at): Part => ({
      kind: 'segment',
      id,
      ...segments[id]!,
      zone: 'z',
      routeTableId: tables[at]!,
      accessListId: lists[at]!,
      routerAddresses: [],
    })), // as long as they are made
    ...openRules,
    ...openLists,
    { kind: 'routeTable', id: 'rtb-1', networkId: 'vpc-1', routes: [...localRoutes, ...outward({ kind: 'internetGateway', id: 'igw-1' })] },
    { kind: 'routeTable', id: 'rtb-2', networkId: 'vpc-2', routes: [...localRoutes, ...outward({ kind: 'internetGateway', id: 'igw-2' })] },
    { kind: 'routeTable', id: 'rtb-3', networkId: 'vpc-1', routes: [...localRoutes, ...outward({ kind: 'natGateway', id: 'nat-1' })] },
    { kind: 'routeTable', id: 'rtb-4', networkId: 'vpc-1', routes: [...localRoutes, ...outward({ kind: 'interface', id: appliance })] },
    { kind: 'internetGateway', id: 'igw-1', networkId: 'vpc-1' },
    { kind: 'internetGateway', id: 'igw-2', networkId: 'vpc-2' },
    { kind: 'natGateway', id: 'nat-1', interfaceId: 'eni-nat', up: true },
    ...interfaces,
    ...changes,
  ]);

/** A flow that starts at some interface of the world under one of its addresses mostly, or on the internet. */
export function flowIn(parts: readonly Part[]): fc.Arbitrary<{ flow: Flow; from: Origin }> {
  const interfaces = [...new LiveTopology(parts).interfaces.values()];
  const inside = interfaces.flatMap((one) => [...one.addresses, ...one.publicAddresses.map(({ publicAddress }) => publicAddress)]);
  const destination = fc.oneof(
    { weight: 4, arbitrary: inside.length === 0 ? anyAddress : fc.constantFrom(...inside) },
    { weight: 1, arbitrary: anyAddress },
  );
  const starts = interfaces.flatMap(({ id, addresses }) =>
    addresses.map((source) => ({ from: { kind: 'interface', id } as Origin, source })),
  ); // the literal is one
  const internet = fc
    .constantFrom(ip('198.51.100.1'), ip('2001:db8:ffff::1'))
    .map((source) => ({ from: { kind: 'internet' } as Origin, source })); // as above
  const strange = fc.record({ from: someId(interfaceIds).map((id): Origin => ({ kind: 'interface', id })), source: anyAddress });
  const start = fc.oneof({ weight: 6, arbitrary: starts.length === 0 ? strange : fc.constantFrom(...starts) }, { weight: 2, arbitrary: internet }, { weight: 1, arbitrary: strange }); // prettier-ignore
  return fc
    .tuple(start, destination)
    .filter(([{ source }, to]) => ipFamily(source) === ipFamily(to))
    .chain(([{ from, source }, to]) => flowBetween(source, to).map((flow) => ({ flow, from })));
}
