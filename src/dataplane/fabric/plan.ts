/** The difference between two kernel states, as steps in the order that they must be taken. Pure. */
import type { KernelState, Link, LinkEnd, Namespace } from './kernel-state.ts';
import { areSame, rulesetTransactions } from './ruleset-changes.ts';

/** What is to be done in one namespace. */
export interface NamespaceWork {
  readonly name: string;
  /** Whether somebody else may have changed what is in it: then what fails there is passed over. */
  readonly isSandbox: boolean;
  /** Path under /proc/sys → value. */
  readonly sysctls: Readonly<Record<string, string>>;
  /** Transactions of nft, in order. */
  readonly transactions: readonly string[];
  /** Lines for `ip -batch`; they follow the links that are made. */
  readonly lines: readonly string[];
  /** Rules know no family of their own. */
  readonly lines4: readonly string[];
  readonly lines6: readonly string[];
}

export interface Plan {
  /** Taken away before anything else, each by one of its ends. */
  readonly removedLinks: readonly LinkEnd[];
  /** Also those that are made anew. */
  readonly removedNamespaces: readonly Namespace[];
  readonly newNamespaces: readonly Namespace[];
  readonly newLinks: readonly Link[];
  readonly work: readonly NamespaceWork[];
}

/** The steps from one state to another; none when they are alike. */
export function planOf(before: KernelState, after: KernelState): Plan {
  const old = new Map(before.namespaces.map((one) => [one.name, one]));
  const wanted = new Map(after.namespaces.map((one) => [one.name, one]));
  const remade = new Set(after.namespaces.filter((one) => isRemade(old.get(one.name), one)).map(({ name }) => name));
  for (const name of remade) old.delete(name);
  const stays = ({ ends }: Link): boolean => !ends.some(({ namespace }) => remade.has(namespace));
  const kept = new Set(after.links.filter(stays).map(linkKey));
  const had = new Set(before.links.filter(stays).map(linkKey));
  const lost = before.links.filter((link) => !kept.has(linkKey(link)));
  const newLinks = after.links.filter((link) => !had.has(linkKey(link)));
  const gone = devicesOf(lost);
  const made = devicesOf(newLinks);
  const work: NamespaceWork[] = [];
  for (const namespace of after.namespaces) {
    const [lostEnds, madeEnds] = [gone.get(namespace.name) ?? [], made.get(namespace.name) ?? []];
    if (old.get(namespace.name) === namespace && lostEnds.length + madeEnds.length === 0) continue; // compiled once
    const one = workIn(old.get(namespace.name), namespace, lostEnds, madeEnds);
    if (one !== undefined) work.push(one);
  }
  return {
    removedLinks: lost.flatMap(({ ends }) => ends.find(({ namespace }) => wanted.has(namespace) && old.has(namespace)) ?? []),
    removedNamespaces: before.namespaces.filter(({ name }) => !wanted.has(name) || remade.has(name)),
    newNamespaces: after.namespaces.filter(({ name }) => !old.has(name)),
    newLinks,
    work,
  };
}

/** How many namespaces and links a plan touches. */
export function isEmptyPlan(plan: Plan): boolean {
  return Object.values(plan).every((steps: readonly unknown[]) => steps.length === 0);
}

/** Whether another start of a sandbox takes the place of the last one. */
function isRemade(before: Namespace | undefined, after: Namespace): boolean {
  return before !== undefined && (before.sandbox?.id !== after.sandbox?.id || before.sandbox?.boot !== after.sandbox?.boot);
}

const linkKeys = new WeakMap<Link, string>();

function linkKey(link: Link): string {
  let key = linkKeys.get(link);
  if (key === undefined) linkKeys.set(link, (key = JSON.stringify([link.ends, link.mtu])));
  return key;
}

function devicesOf(links: readonly Link[]): ReadonlyMap<string, readonly LinkEnd[]> {
  const devices = new Map<string, LinkEnd[]>();
  for (const end of links.flatMap(({ ends }) => ends)) devices.set(end.namespace, [...(devices.get(end.namespace) ?? []), end]);
  return devices;
}

/** Once a device is gone, so is everything that was set on it. */
function withoutDevices(lines: readonly string[], devices: readonly LinkEnd[]): readonly string[] {
  if (devices.length === 0) return lines;
  const names = new Set(devices.map(({ device }) => device));
  return lines.filter((line) => !names.has(/\bdev (\S+)/.exec(line)?.[1] ?? ''));
}

function workIn(
  before: Namespace | undefined,
  after: Namespace,
  gone: readonly LinkEnd[],
  made: readonly LinkEnd[],
): NamespaceWork | undefined {
  const was = before ?? { addresses: [], neighbours: [], routes: [], rules4: [], rules6: [], ruleset: [] };
  const addresses = changes('address', withoutDevices(was.addresses, gone), after.addresses);
  const hasLostAddress = addresses.some((line) => line.startsWith('address del'));
  const neighbours = changes('neighbour', withoutDevices(was.neighbours, gone), after.neighbours);
  const routes = changes('route', withoutDevices(was.routes, gone), after.routes);
  const again = hasLostAddress
    ? [...after.addresses.map((line) => `address replace ${line}`), ...after.routes.map((line) => `route replace ${line}`)]
    : []; // the kernel may have dropped more
  const lines = [
    ...(before === undefined ? ['link set lo up'] : []),
    ...made.flatMap(bringUp),
    ...addresses,
    ...neighbours,
    ...routes,
    ...again,
  ];
  const lines4 = changes('rule', was.rules4, after.rules4);
  const lines6 = changes('rule', was.rules6, after.rules6);
  const transactions = rulesetTransactions(was.ruleset, after.ruleset);
  const sysctls = before === undefined ? after.sysctls : changedSysctls(before.sysctls, after.sysctls);
  if (lines.length + lines4.length + lines6.length + transactions.length + Object.keys(sysctls).length === 0) return undefined;
  return { name: after.name, isSandbox: after.sandbox !== undefined, sysctls, transactions, lines, lines4, lines6 };
}

function bringUp({ device, proxiesArp }: LinkEnd): string[] {
  return [`link set dev ${device} up`, ...(proxiesArp === true ? [`ntable change name arp_cache dev ${device} proxy_delay 0`] : [])];
}

/** What goes is taken away before what comes; a route to the same block is replaced in one step. */
function changes(noun: 'address' | 'neighbour' | 'route' | 'rule', before: readonly string[], after: readonly string[]): string[] {
  if (areSame(before, after)) return [];
  const had = new Set(before);
  const wanted = new Set(after);
  const added = after.filter((line) => !had.has(line));
  const removed = before.filter((line) => !wanted.has(line));
  if (noun === 'rule') return [...added.map((line) => `rule add ${line}`), ...removed.map((line) => `rule del ${line}`)];
  if (noun !== 'route')
    return [...removed.map((line) => `${noun} del ${line.replace(/ nodad$/, '')}`), ...added.map((line) => `${noun} add ${line}`)];
  const places = new Set(added.map(placeOfRoute));
  const replaced = removed.filter((line) => !places.has(placeOfRoute(line)) || !canReplace(line));
  return [...replaced.map((line) => `route del ${line}`), ...added.map((line) => `route replace ${line}`)];
}

/** A route's block and table: what must be unique. */
function placeOfRoute(line: string): string {
  const block = /^(?:(?:throw|blackhole) )?(\S+)/.exec(line)?.[1] ?? '';
  return `${block} ${/table \d+/.exec(line)?.[0] ?? ''} ${/metric \d+/.exec(line)?.[0] ?? ''}`;
}

/** IPv6 keeps several routes of one block side by side unless the old one is taken away. */
function canReplace(line: string): boolean {
  return !line.includes(':');
}

function changedSysctls(before: Readonly<Record<string, string>>, after: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(after).filter(([path, value]) => before[path] !== value));
}
