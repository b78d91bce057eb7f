/** `bin/keiro` beside a small stand-in for the bundle: it is found from anywhere, and the launcher leaves nothing in between. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { root as repository } from '#test/tidy/repository.ts';

const standIn = `
if (process.argv[2] === 'wait') { process.on('SIGTERM', () => process.exit(7)); setInterval(() => {}, 1_000); console.log(process.pid); }
else { console.log(JSON.stringify({ node: process.version, args: process.argv.slice(2), cwd: process.cwd() })); process.exitCode = 3; }
`;

let base: string;
let root: string;

beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'keiro-bin-'));
  root = join(base, 'a path with spaces');
  mkdirSync(join(root, 'dist'), { recursive: true });
  cpSync(join(repository, 'bin'), join(root, 'bin'), { recursive: true });
  symlinkSync(join(repository, 'node_modules'), join(root, 'node_modules'));
  writeFileSync(join(root, 'package.json'), '{"type":"module"}');
  writeFileSync(join(root, 'dist', 'keiro.js'), standIn);
});
afterEach(() => rmSync(base, { recursive: true, force: true }));

function run(command: string, { cwd = base, path = '/usr/bin:/bin' } = {}) {
  return spawnSync(command, ['a', 'b c'], { cwd, env: { PATH: path }, encoding: 'utf8' });
}

describe('bin/keiro', () => {
  const expected = { node: process.version, args: ['a', 'b c'] };

  it.each([
    ['by its path', () => join(root, 'bin', 'keiro')],
    ['by a relative path', () => './a path with spaces/bin/keiro'],
    ['by a symbolic link', () => (symlinkSync(join(root, 'bin', 'keiro'), join(base, 'one')), './one')],
    [
      'by relative links to links',
      () => (symlinkSync('a path with spaces/bin/keiro', join(base, 'one')), symlinkSync('one', join(base, 'two')), join(base, 'two')),
    ],
    ['on PATH', () => 'keiro'],
  ])('is found %s, runs Node 24 in the directory of its caller, gives its exit code', (_, command) => {
    const { status, stdout, stderr } = run(command(), { path: `${join(root, 'bin')}:/usr/bin:/bin` });
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toEqual({ ...expected, cwd: base });
    expect(status).toBe(3);
  });

  it('is in one process with Keiro, which gets its signals', async () => {
    const child = spawn(join(root, 'bin', 'keiro'), ['wait'], { env: { PATH: '/usr/bin:/bin' }, stdio: ['ignore', 'pipe', 'inherit'] });
    const [pid] = (await once(child.stdout, 'data')) as [Buffer]; // the stand-in prints it
    expect(Number(pid.toString())).toBe(child.pid);
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([7, null]);
  });

  it('uses the Node beside it when Keiro is a dependency', () => {
    rmSync(join(root, 'node_modules'));
    mkdirSync(join(base, 'node_modules'));
    const installed = join(base, 'node_modules', 'keiro');
    cpSync(root, installed, { recursive: true });
    symlinkSync(join(repository, 'node_modules', 'node'), join(base, 'node_modules', 'node'));
    expect(JSON.parse(run(join(installed, 'bin', 'keiro')).stdout)).toMatchObject(expected);
  });

  it('says what to do when there is no Node that is new enough', () => {
    rmSync(join(root, 'node_modules'));
    mkdirSync(join(base, 'old'));
    writeFileSync(join(base, 'old', 'node'), '#!/bin/sh\necho v22.1.0\n', { mode: 0o755 });
    const { status, stderr } = run(join(root, 'bin', 'keiro'), { path: `${join(base, 'old')}:/usr/bin:/bin` });
    expect(status).toBe(1);
    expect(stderr).toMatch(/^keiro: Node\.js 24 is needed\./);
  });

  it('sets up first in a checkout that is not built, and says what is missing elsewhere', () => {
    rmSync(join(root, 'dist'), { recursive: true });
    const missing = run(join(root, 'bin', 'keiro'));
    expect([missing.status, missing.stderr]).toEqual([1, `keiro: ${root}/dist/keiro.js is missing: install the package again\n`]);
    mkdirSync(join(root, 'scripts'));
    const setUp = `import { mkdirSync, writeFileSync } from 'node:fs'; mkdirSync('dist'); writeFileSync('dist/keiro.js', 'console.log("built")');`;
    writeFileSync(join(root, 'scripts', 'setup.js'), setUp);
    const path = `${join(repository, 'node_modules', '.bin')}:/usr/bin:/bin`;
    expect(run(join(root, 'bin', 'keiro'), { cwd: root, path }).stdout).toBe('built\n');
  });
});
