/** Entering the fabric's namespaces: what a program is there, how it ends, signals and the terminal. */
import { type ChildProcess, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loginProgram } from '#cli/exec.ts';
import type { Place } from '#cli/inside.ts';
import { internetEnvironment, onInternet } from '#cli/internet-setup.ts';
import { type BareFabric, enterBareFabric, enteringCommand, openBareFabric } from '#test/cli/bare-fabric.ts';

let fabric: BareFabric;
beforeAll(async () => {
  fabric = await openBareFabric();
});
afterAll(() => fabric.close());

const internet: Place = { kind: 'internet' };
const instance = (): Place => ({ kind: 'instance', pid: fabric.instance });

async function end(child: ChildProcess) {
  const [stdout, stderr, [code, signal]] = await Promise.all([
    child.stdout ? text(child.stdout) : '',
    child.stderr ? text(child.stderr) : '',
    once(child, 'close') as Promise<[number | null, string | null]>, // what a process closes with
  ]);
  return { stdout, stderr, code, signal };
}

const enter = (place: Place, ...program: string[]) => end(enterBareFabric(fabric, place, program));

describe('a program', () => {
  it('on the internet has its addresses and sees the fabric’s processes', async () => {
    const { stdout, code } = await enter(
      internet,
      'sh',
      '-c',
      'ip -4 -br address show dev lo; readlink /proc/self >/dev/null && echo seen; exit 7',
    );
    expect([code, stdout]).toEqual([7, expect.stringMatching(/^lo .*198\.18\.0\.10\/32.*\nseen\n$/)]);
  });

  it('in an instance is root, in its place, with nothing of the caller’s', async () => {
    const words = loginProgram(
      'root',
      ['sh', '-c', 'id -u; hostname; pwd; echo "$HOME $SHLVL$FOREIGN"; grep NoNewPrivs /proc/self/status'],
      {},
    );
    const { stdout, stderr, code } = await enter(instance(), 'env', 'FOREIGN=x', ...words);
    expect([stderr, code]).toEqual(['', 0]);
    expect(stdout.split('\n')).toEqual(['0', 'sandbox', '/root', '/root ', 'NoNewPrivs:\t1', '']);
  });

  it('in an instance has not the rights that would lead around its limits', async () => {
    const { stderr, code } = await enter(instance(), ...loginProgram('root', ['mount', '-t', 'tmpfs', 'x', '/mnt'], {}));
    expect([code, stderr]).not.toEqual([0, '']);
    const other = await enter(instance(), ...loginProgram('nobody-there', ['id'], {}));
    expect([other.code, other.stderr]).toEqual([125, "keiro: the instance has no user 'nobody-there'\n"]);
  });

  it('ends as it does, also by a signal', async () => {
    expect((await enter(internet, 'sh', '-c', 'kill -KILL $$')).code).toBe(137);
    expect((await enter(instance(), 'sh', '-c', 'kill -INT $$')).code).toBe(130);
    expect((await enter(internet, 'no-such-program')).code).toBe(127);
  });

  it.each(['internet', 'instance'] as const)('on the %s is told the signals that its caller is told', async (kind) => {
    const place = kind === 'internet' ? internet : instance();
    const child = enterBareFabric(fabric, place, ['sh', '-c', 'trap "echo told; exit 5" TERM; echo up; while :; do sleep 0.1; done']);
    child.stdout?.once('data', () => child.kill('SIGTERM'));
    expect(await end(child)).toMatchObject({ stdout: 'up\ntold\n', code: 5 });
  });
});

describe('on the internet', () => {
  const arrival = {
    authority: '-- Keiro --',
    resolver: '198.18.0.53',
    workingDirectory: import.meta.dirname,
    credentials: {},
    region: 'eu-west-1',
  };
  const variables = Object.entries(internetEnvironment({ HOME: '/somebodys', SHELL: '/bin/sh' }, arrival)).map(
    ([name, value]) => `${name}=${value}`,
  );
  const run = (script: string) => enter(internet, 'env', ...variables, ...onInternet(['sh', '-c', script]));

  it('names and trust are Keiro’s, and the host’s stay what they were', async () => {
    const host = readFileSync('/etc/resolv.conf', 'utf8');
    const script = `cat /etc/resolv.conf; tail -n 1 "$CURL_CA_BUNDLE"; cat "$NODE_EXTRA_CA_CERTS"; pwd; grep ^root: /etc/passwd; env | grep -c KEIRO_SETUP`;
    const { stdout, stderr } = await run(script);
    expect([stdout.split('\n'), stderr]).toEqual([
      ['nameserver 198.18.0.53', '-- Keiro --', '-- Keiro --', import.meta.dirname, 'root:x:0:0:root:/somebodys:/bin/sh', '0', ''],
      '',
    ]);
    expect(readFileSync('/etc/resolv.conf', 'utf8')).toBe(host);
  });

  it('each has its own, and nothing is left', async () => {
    await Promise.all(
      [1, 2, 3].map(async (at) =>
        expect((await run(`echo ${at} >/run/keiro-shell/mine; sleep 0.2; cat /run/keiro-shell/mine`)).stdout).toBe(`${at}\n`),
      ),
    );
    expect((await enter(internet, 'ls', '-A', '/run/keiro-shell')).stdout).toBe('');
  });
});

describe('a terminal', () => {
  interface Step {
    readonly when: string;
    readonly type: string;
  }

  function onTerminal(place: Place, program: readonly string[], steps: readonly Step[]) {
    const input = steps.map((step) => `${JSON.stringify(step)}\n`).join('');
    const run = spawnSync('python3', [join(import.meta.dirname, 'terminal.py'), ...enteringCommand(fabric, place, program)], {
      input,
      encoding: 'utf8',
      timeout: 20_000,
    });
    return JSON.parse(run.stdout) as { shown: string; code: number }; // what the script prints
  }

  it('Ctrl-C ends a program that lets it, and nothing else', () => {
    const ended = onTerminal(internet, ['sh', '-c', 'echo up; while :; do sleep 0.1; done'], [{ when: 'up', type: '\u0003' }]);
    expect(ended.code).toBe(130);
    const asked =
      'import time\ntry:\n  print("up", flush=True)\n  while True: time.sleep(0.1)\nexcept KeyboardInterrupt:\n  print("asked"); raise SystemExit(6)';
    expect(onTerminal(instance(), ['python3', '-c', asked], [{ when: 'up', type: '\u0003' }])).toMatchObject({
      code: 6,
      shown: expect.stringContaining('asked'),
    });
  });

  it('a shell has its jobs', () => {
    const steps = [
      { when: '$ ', type: `sh -c 'echo u""p; exec sleep 60'\n` },
      { when: 'up', type: '\u001A' },
      { when: '$ ', type: 'exit 3\n' },
      { when: 'There are stopped jobs.', type: 'exit 3\n' },
    ];
    const { shown, code } = onTerminal(instance(), ['env', 'PS1=$ ', 'bash', '--norc', '-i'], steps);
    expect([code, shown]).toEqual([3, expect.stringContaining('Stopped')]);
  });
});
