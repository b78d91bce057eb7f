/** A network for tests: a public, a private and a second private segment, gateways of each kind, wide-open filters; tests change parts of it. */
import { parseCidr, type Cidr } from '#model/cidr.ts';
import { parseIp, type Ip } from '#model/ip.ts';
import { LiveTopology } from '#model/live-topology.ts';
import type {
  AccessEntry,
  AccessList,
  Group,
  GroupRule,
  NetworkInterface,
  Part,
  Peer,
  Route,
  RouteTable,
  RouteTarget,
  Segment,
} from '#model/topology.ts';
import { ALL_TRAFFIC, type Traffic } from '#model/traffic.ts';

export function ip(text: string): Ip {
  const parsed = parseIp(text);
  if (parsed === undefined) throw new Error(`${text} is no address`);
  return parsed;
}

export function cidr(text: string): Cidr {
  const parsed = parseCidr(text);
  if (parsed === undefined) throw new Error(`${text} is no CIDR`);
  return parsed;
}

/** `10.0.0.0/8`, `pl-…` or `sg-…`. */
export function peer(text: string): Peer {
  if (text.startsWith('sg-')) return { kind: 'group', id: text };
  return text.startsWith('pl-') ? { kind: 'prefixSet', id: text } : { kind: 'cidr', cidr: cidr(text) };
}

export function rule(id: string, direction: 'in' | 'out', traffic: Traffic, from: string): GroupRule {
  return { id, direction, traffic, peer: peer(from) };
}

export function group(id: string, ...rules: GroupRule[]): Group {
  return { kind: 'group', id, networkId: 'vpc-a', rules };
}

export function entry(number: number, direction: 'in' | 'out', action: 'allow' | 'deny', traffic: Traffic, block: string): AccessEntry {
  return { number, direction, action, traffic, cidr: cidr(block) };
}

export function accessList(id: string, ...entries: AccessEntry[]): AccessList {
  return { kind: 'accessList', id, networkId: 'vpc-a', entries };
}

const gatewayKinds: readonly (readonly [prefix: string, kind: 'internetGateway' | 'egressOnlyGateway' | 'natGateway' | 'interface'])[] = [
  ['igw-', 'internetGateway'],
  ['eigw-', 'egressOnlyGateway'],
  ['nat-', 'natGateway'],
  ['eni-', 'interface'],
];

export function target(text: string): RouteTarget {
  const found = gatewayKinds.find(([prefix]) => text.startsWith(prefix));
  if (found !== undefined) return { kind: found[1], id: text };
  return { kind: text === 'local' ? 'local' : 'blackhole' };
}

/** `10.0.0.0/16 local`, `pl-1 nat-1`, `0.0.0.0/0 igw-a propagated`. */
export function route(text: string): Route {
  const [destination = '', to = '', origin] = text.split(' ');
  const blocks = destination.startsWith('pl-')
    ? ({ kind: 'prefixSet', id: destination } as const)
    : ({ kind: 'cidr', cidr: cidr(destination) } as const);
  return { destination: blocks, target: target(to), origin: origin === 'propagated' ? 'propagated' : 'static' };
}

export function routeTable(id: string, ...routes: string[]): RouteTable {
  return { kind: 'routeTable', id, networkId: 'vpc-a', routes: routes.map(route) };
}

export function segment(id: string, block4: string, block6: string, routeTableId: string, accessListId: string): Segment {
  const routerAddresses = [ip(block4.replace(/0\/\d+$/, '1'))];
  return {
    kind: 'segment',
    id,
    networkId: 'vpc-a',
    cidrs: [cidr(block4), cidr(block6)],
    zone: 'z',
    routeTableId,
    accessListId,
    routerAddresses,
  };
}

export function networkInterface(
  id: string,
  segmentId: string,
  addresses: string[],
  change: Partial<NetworkInterface> = {},
): NetworkInterface {
  const groupIds = ['sg-open'];
  const plain = {
    kind: 'interface',
    id,
    networkId: 'vpc-a',
    segmentId,
    prefixes: [],
    publicAddresses: [],
    groupIds,
    sourceDestinationCheck: true,
    up: true,
  } as const;
  return { ...plain, addresses: addresses.map(ip), ...change };
}

export function withPublic(privateAddress: string, publicAddress: string): Pick<NetworkInterface, 'publicAddresses'> {
  return { publicAddresses: [{ privateAddress: ip(privateAddress), publicAddress: ip(publicAddress) }] };
}

const OPEN = [rule('sgr-in4', 'in', ALL_TRAFFIC, '0.0.0.0/0'), rule('sgr-in6', 'in', ALL_TRAFFIC, '::/0'), rule('sgr-out4', 'out', ALL_TRAFFIC, '0.0.0.0/0'), rule('sgr-out6', 'out', ALL_TRAFFIC, '::/0')]; // prettier-ignore
export const openEntries: readonly AccessEntry[] = (['in', 'out'] as const).flatMap((direction) => [
  entry(100, direction, 'allow', ALL_TRAFFIC, '0.0.0.0/0'),
  entry(101, direction, 'allow', ALL_TRAFFIC, '::/0'),
]);

const LOCAL = ['10.0.0.0/16 local', '2001:db8:a::/56 local'];
const platform = ['10.0.0.2', '169.254.169.253', '169.254.169.254', 'fd00:ec2::253', 'fd00:ec2::254'];

/**
 * Network vpc-a: subnet-pub (10.0.0.0/24, default route to igw-a), subnet-prv (10.0.1.0/24, default routes to nat-a and
 * eigw-a), subnet-dbs (10.0.2.0/24, local only). eni-web 10.0.0.10 = 203.0.113.10, eni-adm 10.0.0.11 (no public address),
 * eni-app 10.0.1.10, eni-db 10.0.2.10, nat-a on eni-nat 10.0.0.5 = 203.0.113.5. IPv6 addresses end alike.
 */
export const SAMPLE: readonly Part[] = [
  {
    kind: 'network',
    id: 'vpc-a',
    cidrs: [cidr('10.0.0.0/16'), cidr('2001:db8:a::/56')],
    platformAddresses: platform.map(ip),
    reserved: [cidr('fd00:ec2::/32')],
  },
  segment('subnet-pub', '10.0.0.0/24', '2001:db8:a::/64', 'rtb-pub', 'acl-pub'),
  segment('subnet-prv', '10.0.1.0/24', '2001:db8:a:1::/64', 'rtb-prv', 'acl-prv'),
  segment('subnet-dbs', '10.0.2.0/24', '2001:db8:a:2::/64', 'rtb-dbs', 'acl-dbs'),
  routeTable('rtb-pub', ...LOCAL, '0.0.0.0/0 igw-a', '::/0 igw-a'),
  routeTable('rtb-prv', ...LOCAL, '0.0.0.0/0 nat-a', '::/0 eigw-a'),
  routeTable('rtb-dbs', ...LOCAL),
  accessList('acl-pub', ...openEntries),
  accessList('acl-prv', ...openEntries),
  accessList('acl-dbs', ...openEntries),
  group('sg-open', ...OPEN),
  { kind: 'internetGateway', id: 'igw-a', networkId: 'vpc-a' },
  { kind: 'egressOnlyGateway', id: 'eigw-a', networkId: 'vpc-a' },
  { kind: 'natGateway', id: 'nat-a', interfaceId: 'eni-nat', up: true },
  { kind: 'publicPool', id: 'pool', cidrs: [cidr('203.0.113.0/24')] },
  networkInterface('eni-web', 'subnet-pub', ['10.0.0.10', '2001:db8:a::10'], withPublic('10.0.0.10', '203.0.113.10')),
  networkInterface('eni-adm', 'subnet-pub', ['10.0.0.11', '2001:db8:a::11']),
  networkInterface('eni-nat', 'subnet-pub', ['10.0.0.5'], {
    ...withPublic('10.0.0.5', '203.0.113.5'),
    groupIds: [],
    sourceDestinationCheck: false,
    attachment: { kind: 'natGateway', id: 'nat-a' },
  }),
  networkInterface('eni-app', 'subnet-prv', ['10.0.1.10', '2001:db8:a:1::10']),
  networkInterface('eni-db', 'subnet-dbs', ['10.0.2.10', '2001:db8:a:2::10']),
];

/** The sample with parts added, replaced, or taken away (`'kind id'`). */
export function sample(...changes: (Part | `${Part['kind']} ${string}`)[]): LiveTopology {
  const topology = new LiveTopology(SAMPLE);
  for (const change of changes) {
    if (typeof change === 'string') {
      const [kind = '', id = ''] = change.split(' ');
      if (!topology.remove(kind as Part['kind'], id)) throw new Error(`the sample has no ${change}`); // the parameter's type says so
    } else topology.put(change);
  }
  return topology;
}
