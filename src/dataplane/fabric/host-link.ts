/** A way from the real host to the fabric's internet, for root: a device that goes when the fabric goes. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { toolEnvironment } from './capability.ts';
import { REAL_HOST } from './platform.ts';
import { INTERNET } from './presence.ts';
import { NAMESPACES } from './script.ts';

const run = promisify(execFile);
/** All public addresses of Keiro's internet. */
const PUBLIC = '198.18.0.0/15';
/** The device on the internet's side. */
const INSIDE = 'host';

/**
 * The host reaches them, not they the host, whose services may trust whoever is on its own networks: what comes to it must be an answer.
 * Only what is its own is tracked there.
 */
const ANSWERS_ONLY = `
table inet host {
  chain untracked {
    type filter hook prerouting priority raw; policy accept;
    meta nfproto ipv6 notrack
    iifname != "${INSIDE}" ip daddr != ${REAL_HOST.ipv4} notrack
  }
  chain answers {
    type filter hook forward priority filter; policy accept;
    oifname "${INSIDE}" ct state established,related accept
    oifname "${INSIDE}" drop
  }
}`;

/**
 * Gives the host a route to all public addresses, over a device of its own. Undefined when it is there already.
 * @param pid of the fabric, as the host counts
 * @throws Error when another way leads there, e.g. another Keiro's
 */
export async function joinHost(pid: number): Promise<string | undefined> {
  const device = `keiro-${createHash('sha256').update(`${pid}`).digest('hex').slice(0, 6)}`;
  const namespace = `/proc/${pid}/root${NAMESPACES}/${INTERNET}`;
  if (await works(['link', 'show', 'dev', device])) return undefined;
  await ip(['link', 'add', 'name', device, 'type', 'veth', 'peer', 'name', INSIDE]);
  try {
    await ip(['link', 'set', INSIDE, 'netns', namespace]);
    await run('nsenter', [`--net=${namespace}`, 'nft', ANSWERS_ONLY], { env: toolEnvironment() });
    await ip(['address', 'add', `${REAL_HOST.ipv4}/32`, 'dev', device]);
    await ip(['link', 'set', device, 'up']);
    await ip(['route', 'add', PUBLIC, 'dev', device, 'src', REAL_HOST.ipv4]);
    const inside = [
      `link set ${INSIDE} up`,
      `ntable change name arp_cache dev ${INSIDE} proxy_delay 0`,
      `route add ${REAL_HOST.ipv4}/32 dev ${INSIDE}`,
    ];
    for (const line of inside) await run('nsenter', [`--net=${namespace}`, 'ip', ...line.split(' ')], { env: toolEnvironment() });
    return device;
  } catch (error) {
    await ip(['link', 'del', 'dev', device]).catch(() => undefined);
    throw error;
  }
}

async function ip(args: readonly string[]): Promise<void> {
  await run('ip', args, { env: toolEnvironment() });
}

async function works(args: readonly string[]): Promise<boolean> {
  return run('ip', args, { env: toolEnvironment() }).then(
    () => true,
    () => false,
  );
}
