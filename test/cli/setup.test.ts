/** `scripts/setup.js` in a small copy of the house, with an npm that only pretends: what it does, when, and what it says. */
import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { root as repository } from '#test/tidy/repository.ts';

/** Writes down its arguments; installs a Node that says it is the pinned one, and npm's record of what is installed. */
const pretendedNpm = `#!/bin/sh
echo "$@" >> calls
[ -z "$NPM_FAILS" ] || { echo "npm error $NPM_FAILS" >&2; exit 1; }
rm -rf node_modules
mkdir -p node_modules/node/bin
cp package-lock.json node_modules/.package-lock.json
if [ -n "$NPM_SKIPS_SCRIPTS" ]; then cp installer.js node_modules/node/installArchSpecificPackage.js; else cp pretended-node node_modules/node/bin/node; fi
`;
const pretendedNode = `#!/bin/sh
[ "$1" = --version ] && { echo v24.99.0; exit; }
echo "$@" >> builds
[ -z "$BUILD_FAILS" ]
`;
const pretendedInstaller = `import { copyFileSync, mkdirSync } from 'node:fs'; mkdirSync('bin', { recursive: true }); copyFileSync('../../pretended-node', 'bin/node');`;
const lock = (integrity: string): string =>
  JSON.stringify({
    packages: {
      '': {},
      'node_modules/node': { version: '24.99.0', integrity },
      'node_modules/other-platform': { optional: true, integrity: 'x' },
    },
  });

let root: string;

beforeEach(() => {
  root = join(mkdtempSync(join(tmpdir(), 'keiro-setup-')), 'a path with spaces');
  mkdirSync(join(root, 'path'), { recursive: true });
  mkdirSync(join(root, 'src'));
  cpSync(join(repository, 'scripts'), join(root, 'scripts'), { recursive: true });
  writeFileSync(join(root, 'package.json'), '{"type":"module"}');
  writeFileSync(join(root, 'package-lock.json'), lock('one'));
  writeFileSync(join(root, 'src', 'a.ts'), 'export {};');
  writeFileSync(join(root, 'installer.js'), pretendedInstaller);
  for (const [name, text] of Object.entries({ 'path/npm': pretendedNpm, 'pretended-node': pretendedNode })) {
    writeFileSync(join(root, name), text);
    chmodSync(join(root, name), 0o755);
  }
});
afterEach(() => rmSync(join(root, '..'), { recursive: true, force: true }));

function setUp(args: readonly string[] = [], env: Readonly<Record<string, string>> = {}) {
  const run = spawnSync(process.execPath, [join(root, 'scripts', 'setup.js'), ...args], {
    cwd: tmpdir(),
    env: { PATH: `${join(root, 'path')}:/usr/bin:/bin`, ...env },
    encoding: 'utf8',
  });
  return { status: run.status, said: run.stderr, printed: run.stdout };
}

const linesOf = (name: string): string[] => (existsSync(join(root, name)) ? readFileSync(join(root, name), 'utf8').trim().split('\n') : []);
const installs = (): number => linesOf('calls').filter((line) => line.startsWith('ci ')).length;
const builds = (): string[] => linesOf('builds');

describe('the first time', () => {
  it('installs and builds, and says so on standard error', () => {
    const { status, said, printed } = setUp();
    expect({ status, printed }).toEqual({ status: 0, printed: '' });
    expect(said).toMatch(
      /^keiro: installing packages .*\nkeiro: packages installed in \d+ s\nkeiro: building …\nkeiro: built in [\d.]+ s\n$/,
    );
    expect(linesOf('calls')).toEqual(['ci --include=dev --no-audit --no-fund --loglevel=error']);
    expect(builds()).toEqual(['scripts/build.ts']);
  });

  it('brings Node by hand where npm runs no install scripts', () => {
    const { status, said } = setUp([], { NPM_SKIPS_SCRIPTS: '1' });
    expect(said).toContain('keiro: fetching Node 24.99.0 …');
    expect(status).toBe(0);
    expect(builds()).toHaveLength(1);
  });

  it('takes an install that somebody made by hand', () => {
    mkdirSync(join(root, 'node_modules', 'node', 'bin'), { recursive: true });
    cpSync(join(root, 'pretended-node'), join(root, 'node_modules', 'node', 'bin', 'node'));
    cpSync(join(root, 'package-lock.json'), join(root, 'node_modules', '.package-lock.json'));
    expect(setUp().status).toBe(0);
    expect(installs()).toBe(0);
  });
});

describe('later', () => {
  beforeEach(() => expect(setUp().status).toBe(0));

  it('is silent and does nothing', () => {
    expect(setUp()).toEqual({ status: 0, said: '', printed: '' });
    expect([installs(), builds().length]).toEqual([1, 1]);
  });

  it('builds again when a source changed, not when it was only touched, nor for a test', () => {
    utimesSync(join(root, 'src', 'a.ts'), 1, 1);
    writeFileSync(join(root, 'src', 'a.test.ts'), 'export {};');
    expect(setUp()).toEqual({ status: 0, said: '', printed: '' });
    writeFileSync(join(root, 'src', 'a.ts'), 'export const a = 1;');
    expect(setUp().said).toMatch(/^keiro: building …\nkeiro: built in/);
    expect([installs(), builds().length]).toEqual([1, 2]);
  });

  it('installs again when the lock file changed', () => {
    writeFileSync(join(root, 'package-lock.json'), lock('two'));
    expect(setUp().status).toBe(0);
    expect([installs(), builds().length]).toEqual([2, 2]);
  });

  it('builds afresh for --build, and only the models for --dev', () => {
    setUp(['--build']);
    setUp(['--dev']);
    expect(builds()).toEqual(['scripts/build.ts', 'scripts/build.ts --clean', 'scripts/build.ts --schemas-only']);
  });
});

describe('when something fails', () => {
  it.each([
    ['ECONNREFUSED', 'keiro: npm ci failed. The npm registry cannot be reached: check the connection or proxy, then run this again.'],
    ['EACCES', 'keiro: npm ci failed. This user may not write in '],
    ['ENOSPC', 'keiro: npm ci failed. The disk is full.'],
    ['code EUSAGE', 'keiro: npm ci failed. package.json and package-lock.json disagree'],
    ['odd', 'keiro: npm ci failed. What npm said stands above.'],
  ])('npm with %s', (failure, words) => {
    const { status, said } = setUp([], { NPM_FAILS: failure });
    expect(status).toBe(1);
    expect(said).toContain(`npm error ${failure}\n${words}`);
    expect(setUp().status).toBe(0);
  });

  it('the build, and it is tried again the next time', () => {
    const { status, said } = setUp([], { BUILD_FAILS: '1' });
    expect(status).toBe(1);
    expect(said).toContain('keiro: the build failed (status 1)');
    expect(setUp().status).toBe(0);
    expect(builds()).toHaveLength(2);
  });

  it('there is no npm', () => {
    const { status, said } = setUp([], { PATH: '/nowhere' });
    expect(status).toBe(1);
    expect(said).toContain('npm cannot be started');
  });
});
