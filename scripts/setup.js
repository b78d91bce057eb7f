/**
 * Makes a checkout ready to run: packages, Node 24, the build, and with `--run` or `--test` what packets or tests need of the system.
 * Plain JavaScript without dependencies, because it runs before any of them is there, on whatever Node the machine has.
 * Silent and quick when there is nothing to do; every word goes to stderr, so that commands may pass stdout on.
 *
 *   node scripts/setup.js            packages and build
 *   node scripts/setup.js --run      and what packets need of the system; goes on without it
 *   node scripts/setup.js --test     and what the tests need of the system
 *   node scripts/setup.js --dev      packages and generated schemas, no bundle
 *   node scripts/setup.js --build    build afresh even when nothing changed
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { hashOfFile, hashOfTree, readStamp, writeStamp } from './stamp.js';
import { installedAsLocked } from './installed.js';

const oldestNode = 20;
const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const modules = path.join(root, 'node_modules');
const pinnedNode = path.join(modules, 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
const lockFile = path.join(root, 'package-lock.json');
const stampOfPackages = path.join(modules, '.keiro-stamp');
const stampOfBuild = path.join(root, 'dist', '.stamp');
/** What the bundle is made from. */
const sources = ['src', 'scripts', 'package.json', 'package-lock.json'];

const say = (line) => process.stderr.write(`keiro: ${line}\n`);

class SetupError extends Error {}

/** PATH without this project's own `node_modules/.bin`, which an install is about to replace. */
function outerPath() {
  const own = path.join(modules, '.bin');
  return (process.env.PATH ?? '')
    .split(path.delimiter)
    .filter((entry) => entry !== own)
    .join(path.delimiter);
}

function npm(args) {
  // npm_config_… of an outer `npm start` are taken back: they would make the inner one believe it runs elsewhere.
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^npm_(config_(local_)?prefix|command|lifecycle|package)/i.test(name)),
  );
  const run = spawnSync('npm', args, {
    cwd: root,
    env: { ...env, PATH: outerPath() },
    encoding: 'utf8',
    shell: process.platform === 'win32',
  });
  if (run.error) throw new SetupError(`npm cannot be started (${run.error.message}). npm comes with Node.js: https://nodejs.org/`);
  return { ok: run.status === 0, output: `${run.stdout}${run.stderr}`.trim() };
}

function explainNpm(output) {
  if (/ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|ENETUNREACH|network/i.test(output))
    return 'The npm registry cannot be reached: check the connection or proxy, then run this again.';
  if (/EACCES|EPERM|EROFS/.test(output))
    return `This user may not write in ${root}: check who owns it (was it installed by another user?).`;
  if (/ENOSPC/.test(output)) return 'The disk is full.';
  if (/EUSAGE|in sync/.test(output)) return 'package.json and package-lock.json disagree: run `npm install` and look at the difference.';
  return 'What npm said stands above.';
}

function versionOfPinnedNode() {
  const run = spawnSync(pinnedNode, ['--version'], { encoding: 'utf8' });
  return run.status === 0 ? run.stdout.trim() : undefined;
}

/** npm may have been told not to run install scripts; then Node 24's own is run by hand. */
function bringPinnedNode(wanted) {
  if (versionOfPinnedNode() === `v${wanted}`) return;
  say(`fetching Node ${wanted} …`);
  const run = spawnSync(process.execPath, ['installArchSpecificPackage.js'], {
    cwd: path.join(modules, 'node'),
    env: { ...process.env, PATH: outerPath(), npm_config_ignore_scripts: 'true', npm_config_loglevel: 'error' },
    encoding: 'utf8',
  });
  const found = versionOfPinnedNode();
  if (found === `v${wanted}`) return;
  if (run.stdout || run.stderr) process.stderr.write(`${run.stdout}${run.stderr}\n`);
  throw new SetupError(
    `Node ${wanted} could not be brought by the npm package "node" (${found ? `it is ${found}` : `no working ${pinnedNode}`}, ` +
      `${process.platform} ${process.arch}). Install Node 24 from https://nodejs.org/ and use it for this project.`,
  );
}

function installPackages() {
  const wanted = `${hashOfFile(lockFile)} ${process.platform} ${process.arch}`;
  if (readStamp(stampOfPackages) === wanted) return;
  const locked = installedAsLocked(root);
  if (!locked.same) {
    say('installing packages (npm ci), about half a minute …');
    const started = Date.now();
    const run = npm(['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error']);
    if (!run.ok) {
      process.stderr.write(`${run.output}\n`);
      throw new SetupError(`npm ci failed. ${explainNpm(run.output)}`);
    }
    say(`packages installed in ${Math.round((Date.now() - started) / 1000)} s`);
  }
  bringPinnedNode(locked.nodeVersion);
  writeStamp(stampOfPackages, wanted);
}

function build({ force, schemasOnly }) {
  const found = hashOfTree(root, sources, readStamp(stampOfBuild));
  if (!force && !schemasOnly && found.same) {
    if (found.touched) writeStamp(stampOfBuild, found.stamp);
    return;
  }
  if (!schemasOnly) say('building …');
  const started = Date.now();
  rmSync(stampOfBuild, { force: true });
  const args = ['scripts/build.ts', ...(schemasOnly ? ['--schemas-only'] : []), ...(force ? ['--clean'] : [])];
  const run = spawnSync(pinnedNode, args, { cwd: root, stdio: ['ignore', 2, 2] });
  if (run.status !== 0) throw new SetupError(`the build failed (${run.signal ?? `status ${run.status}`}); what it said stands above.`);
  if (schemasOnly) return;
  mkdirSync(path.dirname(stampOfBuild), { recursive: true });
  writeFileSync(stampOfBuild, found.stamp);
  say(`built in ${((Date.now() - started) / 1000).toFixed(1)} s`);
}

async function main(flags) {
  const major = Number(process.versions.node.split('.')[0]);
  if (major < oldestNode) {
    throw new SetupError(
      `this is Node ${process.versions.node}; Node ${oldestNode} or newer is needed to set up (24 is then fetched by itself): https://nodejs.org/`,
    );
  }
  installPackages();
  build({ force: flags.has('--build'), schemasOnly: flags.has('--dev') });
  if (!flags.has('--test') && !flags.has('--run')) return;
  const { bringForTests, bringForPackets } = await import('./system-packages.js');
  const failure = flags.has('--test') ? bringForTests(say) : bringForPackets(say);
  if (failure && flags.has('--test')) throw new SetupError(failure);
  if (failure) say(`${failure} Keiro goes on without what needs it.`);
}

try {
  await main(new Set(process.argv.slice(2)));
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  say(error.message);
  process.exitCode = 1;
}
