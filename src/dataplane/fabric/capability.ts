/** Whether this machine lets the fabric run, and if not, why and what to do. */
import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import process from 'node:process';

/** Ready, or the reason in a sentence and what a person can do. */
export type Capability = { readonly isAvailable: true } | { readonly isAvailable: false; readonly reason: string; readonly advice: string };

/** Namespaces of its own, in which the caller is root; everything in them ends with them. */
export const OWN_NAMESPACES = ['--net', '--mount', '--pid', '--fork', '--kill-child'] as const;
export const UNSHARE = ['--user', '--map-root-user', ...OWN_NAMESPACES] as const;

/** A program of the host that the fabric runs. */
export interface HostProgram {
  readonly command: string;
  readonly debianPackage: string;
  readonly use: string;
  /** Else all but its use works without it. */
  readonly isNeeded: boolean;
}

const needed = (command: string, debianPackage: string, use: string): HostProgram => ({ command, debianPackage, use, isNeeded: true });
const optional = (command: string, debianPackage: string, use: string): HostProgram => ({ command, debianPackage, use, isNeeded: false });

export const hostPrograms: readonly HostProgram[] = [
  needed('unshare', 'util-linux', 'namespaces, for packets that really move'),
  needed('nsenter', 'util-linux', 'programs in those namespaces'),
  needed('mount', 'mount', 'file systems of those namespaces'),
  needed('ip', 'iproute2', 'links and routes'),
  needed('nft', 'nftables', 'security groups, network ACLs and NAT'),
  needed('bwrap', 'bubblewrap', "instances' sandboxes"),
  optional('sshd', 'openssh-server', 'ssh into instances'),
  optional('pasta', 'passt', "the real internet behind Keiro's, with --outbound"),
];

/** What a person runs to have these programs. */
export function installAdvice(programs: readonly HostProgram[]): string {
  return `install it (on Debian and Ubuntu: sudo apt-get install -y ${[...new Set(programs.map((one) => one.debianPackage))].join(' ')})`;
}

export function missingPrograms(env: NodeJS.ProcessEnv = process.env): readonly HostProgram[] {
  const tools = toolEnvironment(env);
  return hostPrograms.filter(({ command }) => !isOnPath(command, tools));
}

/** What the fabric asks of a kernel, tried in namespaces that are thrown away. Each failure speaks its word. */
const TRIAL = [
  'mount -t tmpfs none /run || { echo keiro-no-mount; exit 1; }',
  'ip link add name veth-a type veth peer name veth-b || { echo keiro-no-veth; exit 1; }',
  'ip rule add fwmark 1 lookup 100 || { echo keiro-no-rules; exit 1; }',
  'echo 1 > /proc/sys/net/ipv4/ip_forward || { echo keiro-no-sysctl; exit 1; }',
  `nft 'add table inet t; add chain inet t c { type nat hook prerouting priority dstnat; }; add rule inet t c ct state new accept' || { echo keiro-no-nft; exit 1; }`,
  'echo keiro-fine',
].join('\n');

const refusals: Readonly<Record<string, string>> = {
  'keiro-no-mount': 'mounting in a user namespace is refused',
  'keiro-no-veth': 'the kernel has no veth devices (CONFIG_VETH)',
  'keiro-no-rules': 'the kernel has no policy routing (CONFIG_IP_MULTIPLE_TABLES)',
  'keiro-no-sysctl': '/proc/sys is read-only here, as in many containers',
  'keiro-no-nft': 'the kernel has no nftables with connection tracking and NAT (CONFIG_NF_TABLES, CONFIG_NFT_CT, CONFIG_NFT_NAT)',
  'keiro-no-sandbox': "bubblewrap cannot make an instance's sandbox: its /proc is refused, as in many containers",
};

/** The environment for system tools, which ordinary users may not have on their PATH. */
export function toolEnvironment(env: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  return { ...env, PATH: [env['PATH'], '/usr/local/sbin', '/usr/sbin', '/sbin'].filter(Boolean).join(delimiter) };
}

/** Tries it. Leaves nothing behind. */
export async function detectCapability(env: NodeJS.ProcessEnv = process.env): Promise<Capability> {
  if (process.platform !== 'linux') return refused('networks need Linux namespaces', 'run Keiro on Linux, or in a Linux virtual machine');
  const tools = toolEnvironment(env);
  const missing = missingPrograms(env).filter(({ isNeeded }) => isNeeded);
  if (missing.length > 0) return refused(`missing: ${missing.map(({ command }) => command).join(', ')}`, installAdvice(missing));
  const { output } = await run('unshare', [...UNSHARE, 'sh', '-c', TRIAL], tools);
  if (output.includes('keiro-fine')) return { isAvailable: true };
  const word = Object.keys(refusals).find((one) => output.includes(one));
  if (word !== undefined) return refused(refusals[word]!, 'run Keiro on a host (or in a container with --privileged) that allows it'); // a key of it
  const said = output.trim().split('\n').at(-1) ?? '';
  return refused(
    `user namespaces are refused (${said})`,
    'allow them: sysctl kernel.unprivileged_userns_clone=1, user.max_user_namespaces above 0, kernel.apparmor_restrict_unprivileged_userns=0; in a container: --privileged',
  );
}

function refused(reason: string, advice: string): Capability {
  return { isAvailable: false, reason, advice };
}

function isOnPath(command: string, env: NodeJS.ProcessEnv): boolean {
  return (env['PATH'] ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, command), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

async function run(command: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<{ output: string }> {
  const child = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  await new Promise<void>((resolve) =>
    child
      .on('error', (error) => {
        output += error.message;
        resolve();
      })
      .on('close', () => resolve()),
  );
  return { output };
}
