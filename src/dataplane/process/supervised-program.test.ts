import process from 'node:process';
import { afterEach, expect, test, vi } from 'vitest';
import { SupervisedProgram } from './supervised-program.ts';

type Message = { readonly order: string };
type Word = { readonly say: 'heard'; readonly pid: number; readonly order: string };

/** Says what it is told with its own number; obeys `fail`, and `leave` as one that goes on until another one is ready. */
const obedient = `
  process.on('message', (message) => {
    if (message.isReplaced) return process.exit(0);
    process.send({ say: 'heard', pid: process.pid, order: message.order });
    if (message.order === 'fail') { process.stderr.write('no more\\n'); process.exitCode = 3; process.disconnect(); }
    if (message.order === 'leave') process.send({ say: 'leaving' });
  });
  process.on('disconnect', () => process.exit());
  process.send({ say: 'ready' });
`;

const running: SupervisedProgram<Message, Word>[] = [];
afterEach(() => running.splice(0).forEach((program) => program.end()));

function run(script: string) {
  const heard: { word: Word; isCurrent: boolean }[] = [];
  const failures: string[] = [];
  let greeting: Message = { order: 'first' };
  const program = new SupervisedProgram<Message, Word>({
    command: [process.execPath, '-e', script],
    environment: process.env,
    greeting: () => greeting,
    take: (word, isCurrent) => heard.push({ word, isCurrent }),
    failed: (words) => failures.push(words),
  });
  running.push(program);
  program.start();
  const orders = (): string[] => heard.map(({ word }) => word.order);
  return { program, heard, failures, orders, greet: (order: string) => (greeting = { order }) };
}

const soon = { timeout: 8_000 };
const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

test('is greeted, is told, and is started and greeted again when it ends; its last words are told', async () => {
  const { program, heard, failures, orders, greet } = run(obedient);
  await vi.waitFor(() => expect(orders()).toEqual(['first']), soon);
  program.send({ order: 'second' });
  await vi.waitFor(() => expect(orders()).toEqual(['first', 'second']), soon);
  greet('again');
  program.send({ order: 'fail' });
  await vi.waitFor(() => expect(orders()).toEqual(['first', 'second', 'fail', 'again']), soon);
  expect(failures).toEqual(['no more']);
  program.end();
  await vi.waitFor(() => expect(heard.map(({ word }) => isAlive(word.pid))).toEqual([false, false, false, false]), soon);
  expect(new Set(heard.map(({ word }) => word.pid)).size).toBe(2);
});

test('one that leaves goes on until another one is ready, and is no failure', async () => {
  const { program, heard, failures, greet } = run(obedient);
  await vi.waitFor(() => expect(heard).toHaveLength(1), soon);
  const first = heard[0]?.word.pid ?? 0;
  greet('successor');
  program.send({ order: 'leave' });
  await vi.waitFor(() => expect(heard.at(-1)?.word.order).toBe('successor'), soon);
  expect(heard.at(-1)?.word.pid).not.toBe(first);
  await vi.waitFor(() => expect(isAlive(first)).toBe(false), soon);
  program.send({ order: 'more' });
  await vi.waitFor(() => expect(heard.at(-1)).toMatchObject({ word: { order: 'more' }, isCurrent: true }), soon);
  expect(failures).toEqual([]);
});

test('what fails at once is tried again and again, later each time', async () => {
  const { failures } = run('process.exit(7)');
  await vi.waitFor(() => expect(failures.length).toBeGreaterThan(2), soon);
});

test('a program that is not there is a failure, not a crash', async () => {
  const failures: string[] = [];
  const program = new SupervisedProgram<Message, Word>({ command: ['/no/such/program'], environment: {}, greeting: () => undefined, failed: (words) => failures.push(words) }); // prettier-ignore
  running.push(program);
  program.start();
  await vi.waitFor(() => expect(failures[0]).toMatch(/ENOENT/), soon);
});
