/**
 * Runs the project's checks and says at the end what they found: lint, format, types, tests.
 *
 *   node scripts/checks.ts quick            the tests beside the code and the tidy tests: `npm run check`
 *   node scripts/checks.ts all [ARG …]      every test: `npm test`; arguments go to Vitest, e.g. a part of a path
 */
import { spawnSync } from 'node:child_process';
import { globSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import process from 'node:process';
import { readResults, type TestResults } from './test-results.ts';

const root = join(import.meta.dirname, '..');
const bin = join(root, 'node_modules', '.bin');
/** The tools are to find the Node of this project, whoever calls. */
const env = { ...process.env, PATH: `${bin}${delimiter}${process.env['PATH'] ?? ''}` };
/** Everything has to be over by then; a quiet machine of two cores needs two thirds of it. */
const longestMs = 40 * 60 * 1000;
const startedMs = Date.now();

interface Step {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
}

const lint: Step = { name: 'lint', command: 'oxlint', args: ['--type-aware', '--deny-warnings'] };
const format: Step = { name: 'format', command: 'oxfmt', args: ['--check', '.'] };
const types: Step = { name: 'types', command: 'tsc', args: [] };

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

function run(command: string, args: readonly string[], stdio: 'inherit' | 'pipe') {
  const left = longestMs - (Date.now() - startedMs);
  return spawnSync(join(bin, command), args, {
    cwd: root,
    env,
    stdio: ['ignore', stdio, stdio],
    encoding: 'utf8',
    timeout: Math.max(left, 1),
    maxBuffer: 64 << 20,
  });
}

/** Runs a tool; its output is shown when it finds something. */
function passes({ name, command, args }: Step): boolean {
  const before = Date.now();
  const { status, stdout, stderr, error } = run(command, args, 'pipe');
  if (status === 0) {
    console.log(`${name}: no findings (${seconds(Date.now() - before)})`);
    return true;
  }
  console.log(`${stdout}${stderr}${error ? `${error.message}\n` : ''}${name}: FAILED`);
  return false;
}

function testFilesOnDisk(): string[] {
  return globSync(['{src,scripts,bench,test}/**/*.test.ts'], { cwd: root });
}

function runTests(args: readonly string[]): { readonly passes: boolean; readonly results: TestResults | undefined } {
  const folder = mkdtempSync(join(tmpdir(), 'keiro-tests-'));
  try {
    const output = join(folder, 'results.json');
    const { status, error } = run(
      'vitest',
      ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${output}`, ...args],
      'inherit',
    );
    if (error) console.log(`tests: ${error.message}`);
    return { passes: status === 0, results: readResults(output) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What a green run must not hide: tests that did not run, files that no project takes. */
function complaints(results: TestResults, isWhole: boolean): string[] {
  const found: string[] = [];
  if (results.passed === 0) found.push('no test ran');
  for (const skipped of results.skipped) {
    if (process.env['CI']) found.push(`skipped, which CI does not allow: ${skipped}`);
    else console.log(`skipped here: ${skipped}`);
  }
  if (isWhole) {
    const ran = new Set(results.files);
    for (const file of testFilesOnDisk()) if (!ran.has(join(root, file))) found.push(`no project of vitest.config.ts runs ${file}`);
  }
  return found;
}

function main([scope, ...args]: readonly string[]): boolean {
  if (scope !== 'quick' && scope !== 'all') throw new Error('say `quick` or `all`');
  const isWhole = scope === 'all' && args.length === 0;
  const tools = (isWhole || scope === 'quick' ? [lint, format, types] : []).map(passes);
  const tests = runTests(scope === 'quick' ? ['--project=unit', '--project=tidy', ...args] : args);
  const found = tests.results ? complaints(tests.results, isWhole) : ['the tests left no results'];
  for (const complaint of found) console.log(`FAILED: ${complaint}`);
  const isGreen = tools.every(Boolean) && tests.passes && found.length === 0;
  if (!tools.every(Boolean)) console.log('FAILED: lint, format or types, see above');
  console.log(`${scope === 'all' ? 'npm test' : 'npm run check'}: ${isGreen ? 'passed' : 'FAILED'} in ${seconds(Date.now() - startedMs)}`);
  console.log(`${tests.results?.passed ?? 0} passed, ${tests.results?.failed ?? 0} failed`);
  return isGreen;
}

process.exitCode = main(process.argv.slice(2)) ? 0 : 1;
