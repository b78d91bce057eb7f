/** `keiro connect` and `keiro forward` over a dial socket that a test serves, and what commands say where no packets move. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { keiro, type KeiroProcess, nodeBinary, plainEnvironment, root, startKeiro, temporaryDirectory } from '#test/cli/keiro-process.ts';
import { join } from 'node:path';
import { dialSocket } from '../../src/dataplane/fabric/public.ts';

let off: KeiroProcess;
/** Moves no packets either; the test stands in for those who would. */
let server: KeiroProcess;
let relay: Server;
beforeAll(async () => {
  [off, server] = await Promise.all([startKeiro({ args: ['--packets', 'off'] }), startKeiro({ args: ['--packets', 'off'] })]);
  const path = dialSocket(server.data);
  mkdirSync(dirname(path), { recursive: true });
  relay = createServer({ allowHalfOpen: true }, answer).listen(path);
  await once(relay, 'listening');
});
afterAll(() => relay.close());

/** Port 7 echoes, port 13 talks and ends, port 9 breaks, all others are closed. */
function answer(socket: Socket): void {
  socket.on('error', () => socket.destroy());
  socket.once('data', (line) => {
    const [, host, port] = line.toString().trim().split(' ');
    if (port === '7') {
      socket.write('ok\n');
      socket.pipe(socket);
    } else if (port === '13') {
      socket.end(`ok\nit is ${host}\n`);
    } else if (port === '9') {
      socket.write('ok\n', () => socket.destroy());
    } else {
      socket.end('error connection refused\n');
    }
  });
}

const main = join(root, 'src', 'cli', 'main.ts');
const big = 'all of this, '.repeat(100_000);

describe.concurrent('connect', () => {
  const of = (...args: string[]): string[] => ['connect', ...args, '--data', server.data];

  it('passes on everything, both ways, and ends when both directions have', async () => {
    const ended = await keiro(of('198.18.0.1:7'), { input: big });
    expect([ended.code, ended.stdout === big, ended.stderr]).toEqual([0, true, '']);
  });

  it('takes an address and a port as ssh gives them', async () => {
    const { code, stdout } = await keiro(of('2001:db8::1', '13'), { input: '' });
    expect([code, stdout]).toEqual([0, 'it is 2001:db8::1\n']);
  });

  it('closes its output when the other side has ended, though its input goes on', async () => {
    const child = spawn(nodeBinary, [main, ...of('198.18.0.1:13')], { env: plainEnvironment(), stdio: ['pipe', 'pipe', 'inherit'] });
    expect(await text(child.stdout)).toBe('it is 198.18.0.1\n');
    child.stdin.end();
    expect((await once(child, 'close'))[0]).toBe(0);
  });

  it('complains of a closed port, of one that breaks, and of what is no address', async () => {
    const closed = await keiro(of('[2001:db8::1]:80'));
    expect([closed.code, closed.stdout, closed.stderr]).toEqual([1, '', 'keiro: [2001:db8::1]:80: connection refused\n']);
    expect((await keiro(of('198.18.0.1:9'))).stdout).toBe('');
    const none = await keiro(of('198.18.0.1'));
    expect([none.code, none.stderr]).toEqual([1, expect.stringContaining("'198.18.0.1' is no end of a connection")]);
  });
});

describe.concurrent('forward', () => {
  async function start(...args: string[]) {
    const child = spawn(nodeBinary, [main, 'forward', ...args, '--data', server.data], {
      env: plainEnvironment(),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const complaints = text(child.stderr);
    const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string]; // what readline gives
    return { child, line, complaints, ended: once(child, 'close') };
  }

  it('relays each connection, in both directions, until Ctrl-C', async () => {
    const { child, line, ended } = await start('0:198.18.0.1:7', '0:[2001:db8::1]:13', '--json');
    const { forwards } = JSON.parse(line) as { forwards: { from: { host: string; port: number } }[] }; // as is asserted below
    expect(JSON.parse(line)).toEqual({
      ready: true,
      forwards: [
        { from: { host: '127.0.0.1', port: expect.any(Number) }, to: { host: '198.18.0.1', port: 7 } },
        { from: { host: '127.0.0.1', port: expect.any(Number) }, to: { host: '2001:db8::1', port: 13 } },
      ],
    });
    const [echo, daytime] = forwards.map(({ from }) => from);
    const talks = Array.from({ length: 20 }, async (_, at) => {
      const socket = connect({ ...echo!, allowHalfOpen: true }); // two were asked for
      socket.end(`${at} ${big}`);
      return (await text(socket)) === `${at} ${big}`;
    });
    expect(new Set(await Promise.all(talks))).toEqual(new Set([true]));
    expect(await text(connect(daytime!))).toBe('it is 2001:db8::1\n'); // as above
    child.kill('SIGINT');
    expect(await ended).toEqual([0, null]);
  });

  it('says in words where it listens, and breaks a connection that cannot be opened', async () => {
    const { child, line, complaints, ended } = await start('127.0.0.2:0:198.18.0.1:80');
    expect(line).toMatch(/^Forwarding 127\.0\.0\.2:\d+ → 198\.18\.0\.1:80\. Ctrl-C ends it\.$/);
    const socket = connect({ host: '127.0.0.2', port: Number(/2:(\d+) /.exec(line)?.[1]) });
    await expect(text(socket)).rejects.toThrow('ECONNRESET');
    child.kill('SIGTERM');
    await ended;
    expect(await complaints).toBe('keiro: 198.18.0.1:80: connection refused\n');
  });

  it('complains of a port that is taken', async () => {
    const { code, stderr } = await keiro(['forward', `${server.port}:198.18.0.1:80`, '--data', server.data]);
    expect([code, stderr]).toEqual([
      1,
      expect.stringMatching(/^keiro: 127\.0\.0\.1:\d+ cannot be listened on \(.*EADDRINUSE.*\): choose another port\.\n$/),
    ]);
  });
});

describe.concurrent('where no packets move', () => {
  it.each([
    ['exec', 'i-0123456789abcdef0', '--', 'id'],
    ['shell', '--', 'id'],
    ['internet', 'run', '--', 'id'],
    ['connect', '198.18.0.1:22'],
  ])('%s says so, and what to do', async (...words) => {
    const at = words.includes('--') ? words.indexOf('--') : words.length;
    const { code, stdout, stderr } = await keiro([...words.slice(0, at), '--data', off.data, ...words.slice(at)]);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/^keiro: this Keiro moves no packets.* 'keiro doctor' says what this machine lacks; /);
  });

  it('and where no Keiro runs', async () => {
    const data = temporaryDirectory();
    for (const words of [['shell'], ['exec', 'i-0123456789abcdef0'], ['connect', '198.18.0.1:22'], ['forward', '0:198.18.0.1:80']]) {
      expect((await keiro([...words, '--data', data])).stderr).toBe(
        `keiro: no Keiro runs on the data directory ${data}. Start one with 'keiro start', or name it with --port or --data.\n`,
      );
    }
    const inside = await keiro(['status', '--data', data], { env: { KEIRO_SHELL: '1' } });
    expect(inside.code).toBe(3);
    expect((await keiro(['shell', '--data', data], { env: { KEIRO_SHELL: '1' } })).stderr).toContain(
      "(this shell is on Keiro's own internet: leave it first)",
    );
  });

  it('an instance’s name is no id', async () => {
    expect((await keiro(['exec', 'web', '--data', off.data])).stderr).toBe(
      "keiro: 'web' is no instance's id (i-…); names are not understood here. 'aws ec2 describe-instances' lists the ids.\n",
    );
  });

  it('the internet’s address is known', async () => {
    expect((await keiro(['internet', 'address'])).stdout).toBe('198.18.0.10\n');
    expect((await keiro(['internet', 'address', '--ipv6'])).stdout).toBe('2001:db8::10\n');
    expect(JSON.parse((await keiro(['internet', 'address', '--json'])).stdout)).toEqual({ ipv4: '198.18.0.10', ipv6: '2001:db8::10' });
  });
});
