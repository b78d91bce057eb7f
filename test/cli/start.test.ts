/** `keiro start`: the ready line, what it refuses in words that say what to do, and how it ends. */
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { keiro, nodeBinary, plainEnvironment, root, run, startKeiro, temporaryDirectory } from '#test/cli/keiro-process.ts';

const version = (JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }).version; // npm requires one

/** A server that must not start: what it says on standard error. */
async function refused(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<string> {
  const { code, stdout, stderr } = await keiro(['start', ...args], { env });
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  return stderr;
}

describe.concurrent('the ready line', () => {
  it('in JSON has what a program needs', async () => {
    const { ready, pid, port, data, endpoint } = await startKeiro();
    expect(ready).toEqual({ ready: true, url: endpoint, port, pid, data, version });
    expect(JSON.parse(readFileSync(join(data, 'server.json'), 'utf8'))).toEqual({ pid, host: '127.0.0.1', port });
    expect(statSync(join(data, 'server.json')).mode & 0o777).toBe(0o600);
    expect(statSync(join(data, 'store.db')).mode & 0o077).toBe(0);
  });

  it('for people says where Keiro is and what to do next', async () => {
    const data = temporaryDirectory();
    // The shell ends the server once it has said that it is ready.
    const script = `"$NODE" "$MAIN" start --port 0 --data "$DATA" | { read -r line; echo "$line"; "$NODE" "$MAIN" stop --data "$DATA"; }`;
    const env = { NODE: nodeBinary, MAIN: join(root, 'src/cli/main.ts'), DATA: data };
    const { stdout } = await run('bash', ['-c', script], { env });
    const [ready, stopped] = stdout.split('\n');
    const port = /:(\d+) /.exec(ready ?? '')?.[1];
    expect(ready).toBe(
      `Keiro ${version} is ready at http://127.0.0.1:${port} (data in ${data}). Point the aws CLI here: eval "$(keiro env --port ${port})"`,
    );
    expect(stopped).toMatch(/^Keiro \(process \d+\) has stopped\.$/);
  });
});

describe.concurrent('refuses to start', () => {
  it('on a port that is taken', async () => {
    const { port } = await startKeiro();
    expect(await refused(['--port', `${port}`, '--data', temporaryDirectory()])).toBe(
      `keiro: port ${port} is taken on 127.0.0.1. Is another Keiro running ('keiro status')? Choose another port with --port.\n`,
    );
  });

  it('on a data directory that another has', async () => {
    const { data, pid } = await startKeiro();
    expect(await refused(['--port', '0', '--data', data])).toBe(
      `keiro: The data directory ${data} is in use by the process ${pid}. Stop that Keiro first (keiro stop), or choose another directory with --data.\n`,
    );
  });

  it('on a store that was overwritten, until it is reset', async () => {
    const first = await startKeiro();
    await first.kill('SIGTERM');
    writeFileSync(join(first.data, 'store.db'), 'garbage '.repeat(10_000));
    const damage = await refused(['--port', '0', '--data', first.data]);
    expect(damage).toMatch(
      /^keiro: The store \S+\/store\.db is damaged: .+\. Nothing was changed\. Put a copy of the directory \S+ back, or .+ keiro reset\.\n$/,
    );
    expect(readFileSync(join(first.data, 'store.db'), 'utf8')).toBe('garbage '.repeat(10_000));
    const reset = await keiro(['reset', '--yes', '--data', first.data]);
    expect([reset.code, reset.stderr]).toEqual([0, '']);
    const again = await startKeiro({ data: first.data });
    expect((await fetch(`${again.endpoint}/_keiro/health`)).status).toBe(200);
  });

  it('where the data directory is a file, or in one', async () => {
    const file = join(temporaryDirectory(), 'file');
    writeFileSync(file, 'mine');
    for (const data of [file, join(file, 'inside')]) {
      expect(await refused(['--port', '0', '--data', data])).toMatch(
        /^keiro: \S+ cannot be used: .+ Check its owner and permissions, .+\n$/,
      );
    }
    expect(readFileSync(file, 'utf8')).toBe('mine');
  });

  it.each<[string, string[], string]>([
    [
      'an unknown option',
      ['--prot', '1'],
      "error: unknown option '--prot'\n(Did you mean --port?)\n(add --help to see what 'keiro start' takes)\n",
    ],
    [
      'an argument',
      ['now'],
      "error: too many arguments for 'start'. Expected 0 arguments but got 1.\n(add --help to see what 'keiro start' takes)\n",
    ],
    [
      'a port that is none',
      ['--port', '65536'],
      "error: option '-p, --port <number>' argument '65536' is invalid. A port is a number from 0 to 65535.\n(add --help to see what 'keiro start' takes)\n",
    ],
    [
      'a mode that is none',
      ['--auth', 'on'],
      "error: option '--auth <mode>' argument 'on' is invalid. Allowed choices are off, sigv4.\n(add --help to see what 'keiro start' takes)\n",
    ],
    [
      'quotas that are none',
      ['--quotas', '5'],
      "error: option '--quotas <mode>' argument '5' is invalid. Allowed choices are on, off.\n(add --help to see what 'keiro start' takes)\n",
    ],
    ['a Region that is none', ['--region', 'mars'], 'keiro: --region is the name of an AWS Region such as eu-west-1, not "mars"\n'],
    ['an address that is none', ['--listen', 'a b'], 'keiro: --listen is an address or a host name, not "a b"\n'],
    [
      'openness without signatures',
      ['--listen', '0.0.0.0', '--auth', 'off'],
      'keiro: --listen 0.0.0.0 opens Keiro to other machines, and with --auth off whoever reaches it owns it: leave out --auth off, or listen on 127.0.0.1\n',
    ],
    [
      'another machine’s address',
      ['--listen', '192.0.2.1', '--port', '0'],
      'keiro: 192.0.2.1 is no address of this machine. Choose another with --listen.\n',
    ],
  ])('with %s', async (_, args, message) => {
    expect(await refused([...args, '--data', temporaryDirectory()])).toBe(message);
  });

  it('with a port in the environment that is none', async () => {
    expect(await refused(['--data', temporaryDirectory()], { KEIRO_PORT: 'http' })).toMatch(
      /^error: option '-p, --port <number>' value 'http' from env 'KEIRO_PORT' is invalid\./,
    );
  });
});

describe('beyond loopback', () => {
  it('signatures are verified', async () => {
    const { endpoint, ready } = await startKeiro({ args: ['--listen', '0.0.0.0'] });
    expect(ready['url']).toMatch(/^http:\/\/0\.0\.0\.0:\d+$/);
    const health: unknown = await (await fetch(`${endpoint}/_keiro/health`)).json();
    expect(health).toMatchObject({ capabilities: { auth: 'sigv4' } });
    const unsigned = await fetch(endpoint, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: 'Action=DescribeVpcs&Version=2016-11-15',
    });
    expect(unsigned.status).toBe(400);
    expect(await unsigned.text()).toContain(
      '<Code>MissingParameter</Code><Message>The request must contain the parameter AWSAccessKeyId</Message>',
    );
  });
});

describe.concurrent('the end', () => {
  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('by %s is clean', async (signal) => {
    const { kill, data } = await startKeiro();
    const { code, stderr } = await kill(signal);
    expect({ code, stderr, isNoted: existsSync(join(data, 'server.json')) }).toEqual({ code: 0, stderr: '', isNoted: false });
  });

  it('waits for a request under way; a second signal does not', async () => {
    const { kill, port, pid, ended } = await startKeiro();
    const socket = connect({ port, host: '127.0.0.1' });
    await new Promise((resolve) => socket.once('connect', resolve));
    socket.on('error', () => undefined); // it is cut off
    socket.write('POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nhalf');
    // The server has the request once it answers another.
    await fetch(`http://127.0.0.1:${port}/_keiro/health`);
    process.kill(pid, 'SIGTERM');
    // It takes nobody new while it waits: then the second signal comes.
    const deadline = Date.now() + 5_000;
    while (await accepts(port)) if (Date.now() > deadline) throw new Error('the port is still open');
    const { code } = await kill('SIGTERM');
    expect(code).toBe(1);
    socket.destroy();
    await ended;
  });

  it('leaves the data to the next one, and the port too', async () => {
    const first = await startKeiro();
    await first.kill('SIGKILL');
    const again = await startKeiro({ data: first.data });
    expect(again.pid).not.toBe(first.pid);
    await new Promise<void>((resolve, reject) => {
      const server = createServer().once('error', reject);
      server.listen(first.port, '127.0.0.1', () => server.close(() => resolve()));
    });
  });
});

it('takes its directory from KEIRO_DATA and makes it, for this user alone', async () => {
  const data = join(temporaryDirectory(), 'a', 'b');
  mkdirSync(join(data, '..'));
  const env = plainEnvironment({ KEIRO_DATA: data });
  const script = `"$NODE" "$MAIN" start --port 0 --json | { read -r line; echo "$line"; "$NODE" "$MAIN" stop --json; }`;
  const { stdout } = await run('bash', ['-c', script], { env: { ...env, NODE: nodeBinary, MAIN: join(root, 'src/cli/main.ts') } });
  const [ready, stopped] = stdout.split('\n');
  const { pid } = JSON.parse(ready ?? '') as { pid: number }; // the ready line
  expect(JSON.parse(ready ?? '')).toMatchObject({ data });
  expect(stdout.slice((ready ?? '').length)).toBe(`\n${JSON.stringify({ stopped: pid }, null, 2)}\n`);
  expect(stopped).toBe('{');
  expect(statSync(data).mode & 0o777).toBe(0o700);
});

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' });
    socket.once('connect', () => (socket.destroy(), resolve(true)));
    socket.once('error', () => resolve(false));
  });
}
