/** The system packages that tests need, in one place: whether each is there, and how it comes. */
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';

function onPath(command) {
  return (process.env.PATH ?? '').split(path.delimiter).some((folder) => {
    try {
      accessSync(path.join(folder, command), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

const runs = (command, args) => spawnSync(command, args, { stdio: 'ignore' }).status === 0;

/** What is present by other means (pip, Homebrew) counts: only the command or module matters, not the package. */
const needs = [
  { package: 'python3', what: 'the python3 command', isThere: () => onPath('python3') },
  {
    package: 'python3-boto3',
    what: 'the Python module boto3',
    isThere: () => runs('python3', ['-c', 'import importlib.util as u, sys; sys.exit(u.find_spec("boto3") is None)']),
  },
  { package: 'awscli', what: 'the aws command', isThere: () => onPath('aws') },
  { package: 'openssl', what: 'the openssl command', isThere: () => onPath('openssl') },
  { package: 'curl', what: 'the curl command', isThere: () => onPath('curl') },
  { package: 'iproute2', what: 'the ip command', isThere: () => onPath('ip') },
  { package: 'nftables', what: 'the nft command', isThere: () => onPath('nft') },
  { package: 'git', what: 'the git command', isThere: () => onPath('git') },
];

function installByApt(packages, say) {
  say(`installing what the tests need: ${packages.join(' ')} (apt-get) …`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  let output = '';
  for (const args of [
    ['update', '-qq'],
    ['install', '-y', '-qq', '--no-install-recommends', ...packages],
  ]) {
    const run = spawnSync('apt-get', args, { env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
    output = `${run.stdout ?? ''}${run.stderr ?? ''}${run.error?.message ?? ''}`;
    if (run.status !== 0 && args[0] === 'install') return output;
  }
  return undefined;
}

/** Installs what is missing where it may; otherwise answers with what the person is to do. */
export function bringSystemPackages(say) {
  const missing = needs.filter((need) => !need.isThere());
  if (missing.length === 0) return undefined;
  const packages = missing.map((need) => need.package);
  const words = missing.map((need) => need.what).join(', ');
  const debian = existsSync('/etc/debian_version') && onPath('apt-get');
  if (!debian) return `the tests need ${words}: install with this system's package manager (on Debian: ${packages.join(' ')}).`;
  const command = `apt-get update && apt-get install -y --no-install-recommends ${packages.join(' ')}`;
  if (process.getuid?.() !== 0) return `the tests need ${words}. Run: sudo sh -c '${command}'`;
  const output = installByApt(packages, say);
  if (output !== undefined) {
    process.stderr.write(`${output}\n`);
    return `apt-get could not install ${packages.join(' ')}. Run yourself: ${command}`;
  }
  const still = needs.filter((need) => !need.isThere());
  if (still.length === 0) return undefined;
  // Debian's Python modules are seen by /usr/bin/python3 only; another python3 may come first on PATH.
  return `installed ${packages.join(' ')}, but still missing: ${still.map((need) => need.what).join(', ')}. If another python3 comes first on PATH, run: python3 -m pip install boto3`;
}
