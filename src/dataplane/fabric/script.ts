/** A plan as shell scripts: one batch for all links, one for each namespace's lines, nftables transactions for each ruleset. */
import type { KernelState, Link, LinkEnd } from './kernel-state.ts';
import type { NamespaceWork, Plan } from './plan.ts';

/** Where `ip netns` keeps namespaces. */
export const NAMESPACES = '/run/netns';
/** A line of a script's output that names a namespace in which something failed. */
export const FAILED = 'keiro-failed';
/** Ends a here-document; no line of ours is like it. */
const END = 'KEIRO_END';

/** What goes, and namespaces that nobody lives in. Those of sandboxes come with them. */
export function clearingScript(plan: Plan, fresh: readonly string[]): string {
  const parts: string[] = [];
  for (const { namespace, device } of plan.removedLinks) {
    const isThere = `${within(namespace)} ip link show dev ${device} >/dev/null 2>&1`; // an instance may have deleted its end, and so both
    parts.push(`${within(namespace)} ip link del dev ${device} || ! ${isThere}${orFail(namespace)}`);
  }
  const namespaces = [...plan.removedNamespaces.map(({ name }) => `netns del ${name}`), ...fresh.map((name) => `netns add ${name}`)];
  if (namespaces.length > 0) parts.push(here('ip -batch -', namespaces, '*'));
  return parts.join('\n');
}

/** Namespaces that sandboxes have brought get their names; those that have none are made empty. */
export function namespacesScript(names: readonly string[], homes: ReadonlyMap<string, number>): string {
  if (names.length === 0) return '';
  const brought = names.filter((name) => homes.has(name)).map((name) => `netns attach ${name} ${homes.get(name) ?? 0}`);
  const rest = `for name in ${names.join(' ')}; do [ -e ${NAMESPACES}/$name ] || ip netns add $name${orFail('*')}; done`; // a sandbox may have died meanwhile
  return [...(brought.length === 0 ? [] : [here('ip -force -batch -', brought, undefined)]), rest].join('\n');
}

/** Takes away whatever may be left of broken namespaces, and of their links at the other ends. */
export function sweepingScript({ links }: KernelState, broken: ReadonlySet<string>, namespaces: Iterable<string>): string {
  const others = links.flatMap(({ ends: [a, b] }) => (broken.has(a.namespace) ? [b] : broken.has(b.namespace) ? [a] : []));
  return [
    ...others.map(({ namespace, device }) => `${within(namespace)} ip link del dev ${device} 2>/dev/null`),
    ...[...namespaces].map((name) => `ip netns del ${name} 2>/dev/null`),
  ].join('\n');
}

/** Rulesets, before anything can flow, then links. */
export function linkingScript(plan: Plan): string {
  const parts: string[] = [];
  for (const work of plan.work) parts.push(...settings(work));
  if (plan.newLinks.length > 0) parts.push(here('ip -batch -', plan.newLinks.map(linkLine), '*'));
  return parts.join('\n');
}

/** What is set in one namespace once its links are there. */
export function namespaceScript({ name, isSandbox, lines, lines4, lines6 }: NamespaceWork): string {
  const command = `ip -n ${name}${isSandbox ? ' -force' : ''}`;
  const batch = (family: string, batched: readonly string[]): string[] =>
    batched.length === 0 ? [] : [here(`${command} ${family}-batch -`, batched, isSandbox ? undefined : name)];
  return [...batch('', lines), ...batch('-4 ', lines4), ...batch('-6 ', lines6)].join('\n');
}

/** Tries to see whether a link carries packets, a hundredth of a second apart. */
const READY_TRIES = 500;

/**
 * Waits until the links carry packets. Of a pair, the end that comes up second carries at once; for the first the kernel's
 * work queue is a little late, and what is sent there is lost until then.
 */
export function readyScript(namespaces: readonly string[]): string {
  return namespaces
    .map(
      (name) =>
        `tries=0; while ${within(name)} ip -o link show up | grep -q 'qdisc noop'; do tries=$((tries+1)); [ $tries -lt ${READY_TRIES} ] || { echo ${FAILED} '${name}'; break; }; sleep 0.01; done`,
    )
    .join('\n');
}

function settings({ name, sysctls, transactions }: NamespaceWork): string[] {
  const parts: string[] = [];
  const values = Object.entries(sysctls);
  if (values.length > 0)
    parts.push(
      here(
        `${within(name)} sh -e`,
        values.map(([path, value]) => `echo ${value} > /proc/sys/${path}`),
        name,
      ),
    );
  parts.push(...transactions.map((text) => here(`${within(name)} nft -f -`, [text], name)));
  return parts;
}

function linkLine({ ends: [a, b], mtu }: Link): string {
  return `link add ${endWords(a)} mtu ${mtu} address ${a.mac} type veth peer ${endWords(b)} mtu ${mtu} address ${b.mac}`;
}

function endWords({ device, namespace, index }: LinkEnd): string {
  return `name ${device}${index === undefined ? '' : ` index ${index}`} netns ${namespace}`;
}

/** Without the mounts that `ip netns exec` makes: nothing of ours reads /sys. */
const within = (namespace: string): string => `nsenter --net=${NAMESPACES}/${namespace}`;

const orFail = (namespace: string): string => ` || echo ${FAILED} '${namespace}'`;

/** @param namespace undefined: whatever fails is passed over in silence */
function here(command: string, lines: readonly string[], namespace: string | undefined): string {
  return `${command} <<'${END}'${namespace === undefined ? ' 2>/dev/null' : orFail(namespace)}\n${lines.join('\n')}\n${END}`;
}
