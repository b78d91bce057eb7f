/** The nftables ruleset of a router: who may send as what, lists on the edges of segments, tracked answers, groups for what is new. */
import { formatIp, isIpv4, isIpv6 } from '#model/ip.ts';
import type { Id, Network, Segment, Topology } from '#model/topology.ts';
import { EGRESS } from './egress-only-gateway.ts';
import { wordsOf } from './interface-words.ts';
import { compileAccessLists } from './network-acls.ts';
import { chainOf, mapOf, quote, setOf, type NftObject, type Ruleset } from './nftables.ts';
import { TO_PLATFORM } from './platform.ts';
import { isBalancing, type PresentInterface } from './presence.ts';
import { LEAST_MARK } from './names.ts';
import { GATEWAY } from './route-tables.ts';
import { GroupsCompiler } from './security-groups.ts';

/** The mark of what comes from the internet gateway, when it has a route table. */
export const EDGE = 'edge of the internet gateway';
/** Conntrack mark of flows that left by an egress-only gateway. */
const EGRESS_FLOW = 1;

/** Never forwarded to (RFC 6890): as `isForwardable` of the model, whose blocks these are. */
export const UNROUTABLE4 = ['0.0.0.0/8', '127.0.0.0/8', '169.254.0.0/16', '224.0.0.0/4', '240.0.0.0/4'];
export const UNROUTABLE6 = ['::/127', '::ffff:0:0/96', 'fe80::/10', 'ff00::/8'];
/** Of these, what the router itself has to do with on its links: a matter of rules, not of routes. */
export const ON_LINK6 = ['fe80::/10', 'ff00::/8'];
/** What the internet neither forwards to nor takes packets from. */
const PRIVATE4 = ['10.0.0.0/8', '100.64.0.0/10', '172.16.0.0/12', '192.168.0.0/16'];
const PRIVATE6 = [...UNROUTABLE6, 'fc00::/7'];

/**
 * The order on the way through: `sources` (before tracking; which mark, so which route table), the route, `forwarding`
 * (gateways, lists: each packet by itself), `filtered` (destination check), `tracked` (answers pass), groups out, `receive`: groups in.
 */
export class RulesetCompiler {
  readonly #segments: readonly Segment[];
  readonly #marks: ReadonlyMap<Id, number>;
  readonly #present: readonly PresentInterface[];
  readonly #groups: GroupsCompiler;
  /** What no rule of a group or list changes. */
  readonly #fixed: Ruleset;

  /** For as long as the network's interfaces and segments stay the same. */
  constructor(network: Network, segments: readonly Segment[], present: readonly PresentInterface[], marks: ReadonlyMap<Id, number>) {
    this.#segments = segments;
    this.#marks = marks;
    this.#present = present;
    this.#groups = new GroupsCompiler(network, present);
    this.#fixed = fixedOf(segments, present, marks);
  }

  compile(topology: Topology): Ruleset {
    const lists = compileAccessLists(topology, this.#segments, this.#marks);
    const enter = new Map(this.#present.map(({ device, segment }) => [quote(device), lists.enter(segment)]));
    for (const [device, chain] of [[GATEWAY, 'outward'], [EGRESS, 'outward6']] as const) enter.set(quote(device), `goto ${chain}`); // prettier-ignore
    return [
      ...this.#groups.compile(topology),
      ...lists.chains,
      mapOf('leave', 'typeof meta mark : verdict', lists.leave),
      mapOf('enter', 'typeof oifname : verdict', enter),
      ...this.#fixed,
    ];
  }
}

function fixedOf(segments: readonly Segment[], present: readonly PresentInterface[], marks: ReadonlyMap<Id, number>): Ruleset {
  const inside = present.map(({ device, segment }) => `${quote(device)} . ${marks.get(segment.id) ?? 0}`);
  const markOf = new Map(present.map(({ device, segment }) => [quote(device), `${marks.get(segment.id) ?? 0}`]));
  const edgeMark = marks.get(EDGE);
  if (edgeMark !== undefined) markOf.set(quote(GATEWAY), `${edgeMark}`);
  return [
    ...ownership(present),
    ...routers(segments, marks),
    setOf('public4', 'typeof iifname . ip saddr', associated(present)),
    setOf('inside_segment', 'typeof oifname . meta mark', inside),
    mapOf('segment_of', 'typeof iifname : meta mark', markOf),
    sources(present),
    ...answers(present.filter(isBalancing), marks),
    ...forwarding(),
    chainOf('filtered', destinationCheck(present)),
    chainOf('tracked', ['ct state established,related accept', `iifname "${EGRESS}" drop`, 'goto send']),
    arriving(),
  ];
}

/** Answers that go another way than their addresses say: none in by an egress-only gateway, and those of balanced flows by the node again. */
function answers(balancing: readonly PresentInterface[], marks: ReadonlyMap<Id, number>): NftObject[] {
  const egress = `iifname "${GATEWAY}" ct direction reply ct mark ${EGRESS_FLOW} meta mark set 0`;
  const hook = 'type filter hook prerouting priority mangle; policy accept;';
  if (balancing.length === 0) return [chainOf('answers', [hook, egress])];
  const isAnswer = `ct direction reply ct mark >= ${LEAST_MARK}`;
  const marksOfDevices = new Map(balancing.map(({ part, device }) => [quote(device), `${marks.get(part.id) ?? 0}`]));
  return [
    mapOf('balancer_of', 'typeof iifname : ct mark', marksOfDevices),
    chainOf('answers', [
      hook,
      egress,
      'ct direction original iifname . ip saddr != @owned4 ct mark set iifname map @balancer_of',
      'ct direction original iifname . ip6 saddr != @owned6 ct mark set iifname map @balancer_of',
      `${isAnswer} meta mark set ct mark`,
    ]),
    chainOf('restored', ['type filter hook forward priority mangle; policy accept;', `${isAnswer} meta mark set iifname map @segment_of`]),
  ];
}

/** Which device has which address: sets by address, and by block where there are prefixes. */
function ownership(present: readonly PresentInterface[]): NftObject[] {
  const words = present.map(({ part }) => wordsOf(part));
  const checked = present.filter(isChecked).map(({ device }) => quote(device));
  return [
    setOf(
      'owned4',
      'typeof iifname . ip saddr',
      words.flatMap(({ ipv4 }) => ipv4.map(({ onDevice }) => onDevice)),
    ),
    setOf(
      'owned6',
      'typeof iifname . ip6 saddr',
      words.flatMap(({ ipv6 }) => ipv6.map(({ onDevice }) => onDevice)),
    ),
    ...(hasPrefixes(present) ? [setOf('owned_blocks4', 'typeof iifname . ip saddr', words.flatMap(({ blocks4 }) => blocks4.map(({ onDevice }) => onDevice)), true), setOf('owned_blocks6', 'typeof iifname . ip6 saddr', words.flatMap(({ blocks6 }) => blocks6.map(({ onDevice }) => onDevice)), true)] : []), // prettier-ignore
    setOf('checked', 'typeof iifname', checked),
  ];
}

const hasPrefixes = (present: readonly PresentInterface[]): boolean => present.some(({ part }) => part.prefixes.length > 0);

/** NAT gateways send what they translated, and take what they are to translate. */
function isChecked({ part, natGatewayId }: PresentInterface): boolean {
  return part.sourceDestinationCheck && natGatewayId === undefined;
}

function associated(present: readonly PresentInterface[]): string[] {
  return present.flatMap(({ part, device }) => part.publicAddresses.map((one) => `${quote(device)} . ${formatIp(one.privateAddress)}`));
}

/** Source check, before anything is tracked. Neighbour discovery is between link-local addresses. */
function sources(present: readonly PresentInterface[]): NftObject {
  const blocks = hasPrefixes(present) ? ['iifname . ip saddr @owned_blocks4 accept', 'iifname . ip6 saddr @owned_blocks6 accept'] : [];
  return chainOf('sources', [
    'type filter hook prerouting priority raw; policy accept;',
    'meta mark set iifname map @segment_of',
    'iifname . ip saddr @owned4 accept',
    'iifname . ip6 saddr @owned6 accept',
    ...blocks,
    ...['::', 'fe80::/10'].flatMap((from) => ['fe80::/10', 'ff02::/16'].map((to) => `ip6 saddr ${from} ip6 daddr ${to} accept`)),
    'iifname @checked drop',
  ]);
}

function destinationCheck(present: readonly PresentInterface[]): string[] {
  const blocks = hasPrefixes(present) ? ['oifname . ip daddr @owned_blocks4 goto tracked', 'oifname . ip6 daddr @owned_blocks6 goto tracked'] : []; // prettier-ignore
  return [
    'oifname . ip daddr @owned4 goto tracked',
    'oifname . ip6 daddr @owned6 goto tracked',
    ...blocks,
    'oifname @checked drop',
    'goto tracked',
  ];
}

/**
 * Each packet by itself, whatever is tracked: the lists, unless it stays in its segment; what gateways take. Few rules on the way
 * of most packets: each costs every packet. What is never forwarded to is a matter of routes (router.ts).
 */
function forwarding(): NftObject[] {
  // Rules, not sets: of sets of intervals with one field nft reads every element before it changes any set of the table.
  const internet = [
    ...PRIVATE4.map((block) => `ip daddr ${block} drop`),
    ...PRIVATE6.flatMap((block) => [`ip6 daddr ${block} drop`, `ip6 saddr ${block} drop`]),
  ];
  return [
    chainOf('outward', ['meta nfproto ipv4 iifname . ip saddr != @public4 drop', ...internet, 'goto filtered']),
    chainOf('outward6', [...internet, 'ct direction reply drop', `ct mark set ${EGRESS_FLOW}`, 'goto filtered']),
    chainOf('from_platform', ['ct state established,related accept', 'drop']),
    chainOf('to_platform', [`iifname { "${GATEWAY}", "${EGRESS}" } drop`, 'accept']), // past every filter, as nothing filters it in AWS
    chainOf('forwarding', [
      'type filter hook forward priority filter; policy drop;',
      `iifname "${TO_PLATFORM}" goto from_platform`,
      `oifname "${TO_PLATFORM}" goto to_platform`,
      'oifname . meta mark @inside_segment goto filtered',
      ...ON_LINK6.map((block) => `ip6 daddr ${block} drop`),
      'meta mark vmap @leave',
      'oifname vmap @enter',
      'goto filtered',
    ]),
  ];
}

function routers(segments: readonly Segment[], marks: ReadonlyMap<Id, number>): NftObject[] {
  const own = segments.flatMap(({ id, routerAddresses }) =>
    routerAddresses.map((ip) => ({ ip, key: `${marks.get(id) ?? 0} . ${formatIp(ip)}` })),
  );
  const keys = (isOfFamily: typeof isIpv4 | typeof isIpv6) => own.filter(({ ip }) => isOfFamily(ip)).map(({ key }) => key);
  return [setOf('router4', 'typeof meta mark . ip daddr', keys(isIpv4)), setOf('router6', 'typeof meta mark . ip6 daddr', keys(isIpv6))];
}

/** What is for the router itself: its address in the sender's segment, from interfaces only. */
function arriving(): NftObject {
  return chainOf('arriving', [
    'type filter hook input priority filter; policy drop;',
    'iifname "lo" accept',
    'ct state established,related accept',
    'icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept',
    'meta mark 0 drop',
    'meta mark . ip daddr @router4 accept',
    'meta mark . ip6 daddr @router6 accept',
  ]);
}
