/** The system packages that packets and tests need, in one place: whether each is there, and how it comes. */
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';

/** Where system tools are, which ordinary users may not have on their PATH. */
const systemFolders = ['/usr/local/sbin', '/usr/sbin', '/sbin'];

function onPath(command) {
  return [...(process.env.PATH ?? '').split(path.delimiter), ...systemFolders].some((folder) => {
    try {
      accessSync(path.join(folder, command), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

const runs = (command, args) => spawnSync(command, args, { stdio: 'ignore' }).status === 0;

const command = (name, packageName = name) => ({ package: packageName, what: `the ${name} command`, isThere: () => onPath(name) });

/** What is present by other means (pip, Homebrew) counts: only the command or module matters, not the package. */
const forPackets = [
  command('ip', 'iproute2'),
  command('nft', 'nftables'),
  command('bwrap', 'bubblewrap'),
  command('unshare', 'util-linux'),
  command('mount'),
  command('sshd', 'openssh-server'),
];
const forTests = [
  command('python3'),
  {
    package: 'python3-boto3',
    what: 'the Python module boto3',
    isThere: () => runs('python3', ['-c', 'import importlib.util as u, sys; sys.exit(u.find_spec("boto3") is None)']),
  },
  command('aws', 'awscli'),
  command('openssl'),
  command('curl'),
  command('git'),
  command('ssh', 'openssh-client'),
  command('ping', 'iputils-ping'),
  command('dig', 'bind9-dnsutils'),
  command('iperf3'),
  command('ps', 'procps'),
];

/** Keiro runs sshd in instances only: a package that comes for that starts no server on the host, now or at the next boot. */
const asleep = { SYSTEMD_OFFLINE: '1' };
function keepAsleep(packages) {
  if (packages.includes('openssh-server')) spawnSync('systemctl', ['disable', 'ssh.service', 'ssh.socket'], { stdio: 'ignore' });
}

function installByApt(packages) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', ...asleep };
  let output = '';
  for (const args of [
    ['update', '-qq'],
    ['install', '-y', '-qq', '--no-install-recommends', ...packages],
  ]) {
    const run = spawnSync('apt-get', args, { env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
    output = `${run.stdout ?? ''}${run.stderr ?? ''}${run.error?.message ?? ''}`;
    if (run.status !== 0 && args[0] === 'install') return output;
  }
  keepAsleep(packages);
  return undefined;
}

/** Installs what is missing where it may; otherwise answers with what the person is to do. */
function bring(needs, who, say) {
  const missing = needs.filter((need) => !need.isThere());
  if (missing.length === 0) return undefined;
  const packages = missing.map((need) => need.package);
  const words = missing.map((need) => need.what).join(', ');
  const debian = existsSync('/etc/debian_version') && onPath('apt-get');
  if (!debian) return `${who} need ${words}: install with this system's package manager (on Debian: ${packages.join(' ')}).`;
  const byHand = `apt-get update && apt-get install -y --no-install-recommends ${packages.join(' ')}`;
  if (process.getuid?.() !== 0) return `${who} need ${words}. Run: sudo sh -c '${byHand}'`;
  say(`installing what ${who} need: ${packages.join(' ')} (apt-get) …`);
  const output = installByApt(packages);
  if (output !== undefined) {
    process.stderr.write(`${output}\n`);
    return `apt-get could not install ${packages.join(' ')}. Run yourself: ${byHand}`;
  }
  const still = needs.filter((need) => !need.isThere());
  if (still.length === 0) return undefined;
  // Debian's Python modules are seen by /usr/bin/python3 only; another python3 may come first on PATH.
  return `installed ${packages.join(' ')}, but still missing: ${still.map((need) => need.what).join(', ')}. If another python3 comes first on PATH, run: python3 -m pip install boto3`;
}

export const bringForTests = (say) => bring([...forPackets, ...forTests], 'the tests', say);
/** Packets need Linux; elsewhere Keiro does without. */
export const bringForPackets = (say) => (process.platform === 'linux' ? bring(forPackets, 'packets', say) : undefined);
