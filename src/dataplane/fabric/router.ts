/** A network's router: a namespace with a device for each interface, one to its internet gateway and one for egress-only gateways. */
import { ALL_IPV4, ALL_IPV6, cidrFamily, formatCidr, hostCidr, type Cidr } from '#model/cidr.ts';
import { isIpv4, type Ip } from '#model/ip.ts';
import type { Id, Network, Segment, Topology } from '#model/topology.ts';
import { egressMacs, EGRESS, hasEgressOnlyGateway } from './egress-only-gateway.ts';
import { gatewayMacs, INSIDE } from './internet-gateway.ts';
import { emptyNamespace, linkIndex, type Link, type MutableNamespace } from './kernel-state.ts';
import { macOf, numberAll } from './names.ts';
import { forwardingSysctls, INNER, INNER_MTU, knowNeighbour, OUTER, OUTER_MTU, routeVia } from './next-hops.ts';
import { joinPlatform } from './platform.ts';
import { gatewayOf, isBalancing, routerOf, type PresentInterface } from './presence.ts';
import { compileTable, GATEWAY } from './route-tables.ts';
import { EDGE, ON_LINK6, RulesetCompiler, UNROUTABLE4, UNROUTABLE6 } from './router-ruleset.ts';

/** AWS's tracking time-outs where the kernel's differ (EC2 guide, "Connection tracking timeouts"). */
const trackingSysctls = {
  'net/netfilter/nf_conntrack_tcp_timeout_established': '432000',
  'net/netfilter/nf_conntrack_udp_timeout': '30',
  'net/netfilter/nf_conntrack_udp_timeout_stream': '180',
};

/** Rules are asked in this order: the network's own for what stays in a segment, then the segment's table, then again the network's own for `throw`. */
const ON_LINK = 100;
const REFUSED = 150;
/** Before all but the platform's: answers that have to come by a load balancer. */
const BY_BALANCER = 90;
const BY_TABLE = 200;

/** A router without its ruleset, which changes more often, and who makes that. */
export interface CompiledRouter {
  readonly namespace: MutableNamespace;
  readonly links: readonly Link[];
  readonly ruleset: RulesetCompiler;
}

export function compileRouter(topology: Topology, network: Network, present: readonly PresentInterface[]): CompiledRouter {
  const namespace = emptyNamespace(routerOf(network.id));
  Object.assign(namespace.sysctls, forwardingSysctls, { 'net/ipv4/conf/all/proxy_arp': '1' }, trackingSysctls);
  const segments = topology.segmentsOf(network.id).flatMap((id) => topology.segments.get(id) ?? []);
  const edge = topology.internetGatewayOf(network.id)?.routeTableId;
  const balancing = present.filter(isBalancing);
  const marks = numberAll([
    ...segments.map(({ id }) => id),
    ...(edge === undefined ? [] : [EDGE]),
    ...balancing.map(({ part }) => part.id),
  ]);
  answerAsRouter(namespace, segments);
  const links = [joinPlatform(namespace, network), ...present.map((one) => connect(topology, namespace, one))];
  const up = new Set(present.map(({ part }) => part.id));
  for (const id of topology.interfacesOf(network.id)) if (!up.has(id)) loseWhatIsDown(topology, namespace, network, id);
  links.push(...joinGateways(topology, namespace, network));
  refuse(namespace, network);
  const tableKeys = [...segments.map(({ routeTableId }) => `table ${routeTableId}`), ...(edge === undefined ? [] : [EDGE])];
  const tables = numberAll([...tableKeys, ...balancing.map(({ part }) => `node ${part.id}`)]);
  chooseTables(topology, namespace, network, segments, edge, marks, tables, up);
  answerByBalancers(namespace, balancing, marks, tables);
  namespace.routes.push('blackhole 0.0.0.0/0', 'blackhole ::/0');
  return { namespace, links, ruleset: new RulesetCompiler(network, segments, present, marks) };
}

/** What no route, however wide, forwards to: asked behind the platform's own addresses, before every table but that of neighbours. */
function refuse(namespace: MutableNamespace, network: Network): void {
  const blocks = [...UNROUTABLE4, ...UNROUTABLE6.filter((block) => !ON_LINK6.includes(block)), ...network.reserved.map(formatCidr)];
  namespace.routes.push(...new Set(blocks.map((block) => `blackhole ${block} table ${REFUSED}`)));
  for (const rules of [namespace.rules4, namespace.rules6]) rules.push(`lookup ${REFUSED} pref ${REFUSED}`);
}

/** The addresses that the router itself has. They are on its loopback device; ARP for them is answered on every link. */
function answerAsRouter(namespace: MutableNamespace, segments: readonly Segment[]): void {
  const addresses = new Set<Ip>(segments.flatMap(({ routerAddresses }) => routerAddresses));
  for (const ip of addresses) namespace.addresses.push(`${formatCidr(hostCidr(ip))} dev lo${isIpv4(ip) ? '' : ' nodad'}`);
}

interface Connection {
  /** Which of its addresses and prefixes are its own in the network. */
  readonly own: string;
  readonly neighbours: readonly string[];
  readonly addresses: readonly string[];
  readonly routes: readonly string[];
  readonly link: Link;
}

const connections = new WeakMap<PresentInterface, Connection>();

/** An interface's link, and the routes to all that is its own. */
function connect(topology: Topology, namespace: MutableNamespace, one: PresentInterface): Link {
  const { part } = one;
  const isOwn = (ip: Ip): boolean => topology.interfaceAt(part.networkId, ip)?.id === part.id;
  const blocks = [...part.addresses.filter(isOwn).map(hostCidr), ...part.prefixes.filter(({ address }) => isOwn(address))];
  const own = blocks.length === part.addresses.length + part.prefixes.length ? 'all' : blocks.map(formatCidr).join();
  let connection = connections.get(one);
  if (connection?.own !== own) connections.set(one, (connection = newConnection(namespace.name, one, own, blocks)));
  namespace.neighbours.push(...connection.neighbours);
  namespace.addresses.push(...connection.addresses);
  namespace.routes.push(...connection.routes);
  return connection.link;
}

function newConnection(
  router: string,
  { part, device, mac, holder, holderDevice, index }: PresentInterface,
  own: string,
  blocks: readonly Cidr[],
): Connection {
  const made: { neighbours: string[] } = { neighbours: [] };
  knowNeighbour(made, OUTER, mac, device);
  const end = { namespace: router, device, mac: macOf(`${part.id} router`), proxiesArp: true };
  return {
    own,
    neighbours: made.neighbours,
    addresses: part.addresses.some((ip) => !isIpv4(ip)) ? [`${INNER.ipv6}/64 dev ${device} nodad`] : [],
    routes: blocks.map((block) => routeVia(block, OUTER, device)),
    link: { ends: [end, { namespace: holder, device: holderDevice, mac, index: linkIndex(index) }], mtu: INNER_MTU },
  };
}

/** What is down keeps its addresses from whoever has a prefix around them. */
function loseWhatIsDown(topology: Topology, namespace: MutableNamespace, network: Network, id: Id): void {
  for (const ip of topology.interfaces.get(id)?.addresses ?? []) {
    if (topology.interfaceAt(network.id, ip)?.id === id) namespace.routes.push(`blackhole ${formatCidr(hostCidr(ip))}`);
  }
}

/** The tracked flow's mark says by which node an answer goes: each has a table of its own. */
function answerByBalancers(
  namespace: MutableNamespace,
  balancing: readonly PresentInterface[],
  marks: ReadonlyMap<Id, number>,
  tables: ReadonlyMap<string, number>,
): void {
  for (const { part, device } of balancing) {
    const mark = marks.get(part.id) ?? 0;
    const table = tables.get(`node ${part.id}`) ?? 0;
    namespace.routes.push(...[ALL_IPV4, ALL_IPV6].map((all) => `${routeVia(all, OUTER, device)} table ${table}`));
    for (const rules of [namespace.rules4, namespace.rules6]) rules.push(`fwmark ${mark} lookup ${table} pref ${BY_BALANCER}`);
  }
}

function joinGateways(topology: Topology, namespace: MutableNamespace, network: Network): Link[] {
  const links: Link[] = [];
  if (topology.internetGatewayOf(network.id) !== undefined) {
    const macs = gatewayMacs(network.id);
    knowNeighbour(namespace, OUTER, macs.inside, GATEWAY);
    const inside = { namespace: gatewayOf(network.id), device: INSIDE, mac: macs.inside, index: linkIndex(0) };
    links.push({ ends: [{ namespace: namespace.name, device: GATEWAY, mac: macs.router }, inside], mtu: OUTER_MTU });
  }
  if (hasEgressOnlyGateway(topology, network.id)) knowNeighbour(namespace, OUTER, egressMacs(network.id).internet, EGRESS); // the link is the internet's
  return links;
}

function chooseTables(
  topology: Topology,
  namespace: MutableNamespace,
  network: Network,
  segments: readonly Segment[],
  edge: Id | undefined,
  marks: ReadonlyMap<Id, number>,
  tables: ReadonlyMap<string, number>,
  up: ReadonlySet<Id>,
): void {
  const mark = (key: Id): number => marks.get(key) ?? 0;
  const table = (key: string): number => tables.get(key) ?? 0;
  for (const { id, cidrs, routeTableId } of segments) {
    for (const cidr of cidrs) {
      const rules = cidrFamily(cidr) === 4 ? namespace.rules4 : namespace.rules6;
      rules.push(`to ${formatCidr(cidr)} fwmark ${mark(id)} lookup main pref ${ON_LINK}`);
    }
    for (const rules of [namespace.rules4, namespace.rules6]) {
      rules.push(`fwmark ${mark(id)} lookup ${table(`table ${routeTableId}`)} pref ${BY_TABLE}`);
    }
  }
  for (const id of new Set(segments.map(({ routeTableId }) => routeTableId))) {
    const part = topology.routeTables.get(id);
    namespace.routes.push(...compileTable(topology, network, part, table(`table ${id}`), 'segment', up));
  }
  if (edge === undefined) return;
  for (const rules of [namespace.rules4, namespace.rules6]) rules.push(`fwmark ${mark(EDGE)} lookup ${table(EDGE)} pref ${BY_TABLE}`);
  namespace.routes.push(...compileTable(topology, network, topology.routeTables.get(edge), table(EDGE), 'edge', up));
}
