/** The commands about a server: how each finds it, what it says, and what it does when there is none. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CreateVpcCommand, DescribeVpcsCommand, EC2Client } from '@aws-sdk/client-ec2';
import { beforeAll, describe, expect, it } from 'vitest';
import { endpointArguments } from '#test/cli/aws-command.ts';
import {
  keiro,
  type KeiroProcess,
  nodeBinary,
  plainEnvironment,
  root,
  run,
  startKeiro,
  temporaryDirectory,
} from '#test/cli/keiro-process.ts';

let one: KeiroProcess;
let other: KeiroProcess;
beforeAll(async () => {
  [one, other] = await Promise.all([startKeiro(), startKeiro()]);
});

const ec2Of = ({ endpoint }: KeiroProcess): EC2Client =>
  new EC2Client({ endpoint, region: 'eu-west-1', credentials: { accessKeyId: '123456789012', secretAccessKey: 's' }, maxAttempts: 1 });
const vpcCount = async (server: KeiroProcess): Promise<number> => (await ec2Of(server).send(new DescribeVpcsCommand({}))).Vpcs?.length ?? 0;

/** The JSON that a command prints; it must succeed. */
async function json(...args: readonly string[]): Promise<unknown> {
  const { code, stdout, stderr } = await keiro([...args, '--json']);
  expect({ args, code, stderr }).toEqual({ args, code: 0, stderr: '' });
  return JSON.parse(stdout);
}

async function complaint(args: readonly string[], options: Parameters<typeof keiro>[1] = {}): Promise<string> {
  const { code, stdout, stderr } = await keiro(args, options);
  expect({ args, code, stdout }).toEqual({ args, code: 1, stdout: '' });
  return stderr;
}

describe.concurrent('a server is found', () => {
  const pidOf = async (args: readonly string[], env: NodeJS.ProcessEnv = {}, cwd = root): Promise<unknown> => {
    const { stdout } = await keiro(['status', '--json', ...args], { env, cwd });
    return (JSON.parse(stdout) as { pid?: number }).pid; // what status prints
  };

  it('by its port, its data directory, and by the environment', async () => {
    expect(await pidOf(['--port', `${one.port}`])).toBe(one.pid);
    expect(await pidOf(['--data', other.data])).toBe(other.pid);
    expect(await pidOf([], { KEIRO_PORT: `${other.port}` })).toBe(other.pid);
    expect(await pidOf([], { KEIRO_DATA: one.data })).toBe(one.pid);
    expect(await pidOf([], { KEIRO_DATA: one.data, KEIRO_PORT: `${one.port}` })).toBe(one.pid);
  });

  it('by the command line rather than by the environment', async () => {
    expect(await pidOf(['--data', one.data], { KEIRO_PORT: `${other.port}` })).toBe(one.pid);
    expect(await pidOf(['--port', `${one.port}`], { KEIRO_DATA: other.data })).toBe(one.pid);
  });

  it('in the working directory, and by a link to its data', async () => {
    const cwd = temporaryDirectory();
    symlinkSync(one.data, join(cwd, '.keiro'));
    expect(await pidOf([], {}, cwd)).toBe(one.pid);
  });

  it('not when port and directory are of two', async () => {
    expect(await complaint(['status', '--port', `${one.port}`, '--data', other.data])).toBe(
      `keiro: the Keiro at ${one.endpoint} has its data in ${one.data}, not in ${other.data}: name it by one of the two.\n`,
    );
  });

  it('never by a note that an ended one left, however its port is used now', async () => {
    const data = temporaryDirectory();
    writeFileSync(join(data, 'server.json'), JSON.stringify({ pid: 1, host: '127.0.0.1', port: one.port }));
    for (const command of ['stop', 'ca', 'env']) {
      expect(await complaint([command, '--data', data])).toBe(
        `keiro: no Keiro runs on the data directory ${data}. Start one with 'keiro start', or name it with --port or --data.\n`,
      );
    }
    expect((await json('reset', '--yes', '--data', data)) as object).toEqual({ reset: true });
    expect(await pidOf(['--port', `${one.port}`])).toBe(one.pid);
    expect(await vpcCount(one)).toBeGreaterThan(0);
    writeFileSync(join(data, 'server.json'), 'no note');
    expect(await pidOf(['--data', data])).toBeUndefined();
  });
});

describe.concurrent('status', () => {
  it('tells of a server that runs', async () => {
    expect(await json('status', '--port', `${one.port}`)).toMatchObject({
      running: true,
      endpoint: one.endpoint,
      status: 'ok',
      pid: one.pid,
      data: one.data,
      capabilities: { auth: 'off', quotas: 'on' },
    });
    const { stdout } = await keiro(['status', '--data', one.data]);
    expect(stdout).toMatch(new RegExp(String.raw`^Keiro \S+ runs at ${one.endpoint} \(process ${one.pid}, for \d+ s\)\.\n$`));
  });

  it('exits with 3 when none does', async () => {
    const none = await keiro(['status', '--port', '1']);
    expect([none.code, none.stdout]).toEqual([3, "No Keiro runs at http://127.0.0.1:1. Start one with 'keiro start'.\n"]);
    const nothing = await keiro(['status', '--port', '1', '--json']);
    expect([nothing.code, JSON.parse(nothing.stdout)]).toEqual([3, { running: false, endpoint: 'http://127.0.0.1:1' }]);
  });
});

describe('stop', () => {
  it('ends the one that is meant, by its data directory, and waits for that', async () => {
    const third = await startKeiro();
    expect(await json('stop', '--data', third.data)).toEqual({ stopped: third.pid });
    expect((await third.ended).code).toBe(0);
    expect(existsSync(join(third.data, 'server.json'))).toBe(false);
    expect(await complaint(['stop', '--data', third.data])).toMatch(/^keiro: no Keiro runs on the data directory /);
    for (const server of [one, other]) expect((await fetch(`${server.endpoint}/_keiro/health`)).status).toBe(200);
  });

  it('finds it by KEIRO_PORT', async () => {
    const third = await startKeiro();
    const { stdout } = await keiro(['stop'], { env: { KEIRO_PORT: `${third.port}` } });
    expect(stdout).toBe(`Keiro (process ${third.pid}) has stopped.\n`);
    expect((await third.ended).code).toBe(0);
  });
});

describe('reset', () => {
  it('forgets everything of a running server, and of no other', async () => {
    for (const server of [one, other]) await ec2Of(server).send(new CreateVpcCommand({ CidrBlock: '10.0.0.0/16' }));
    expect([await vpcCount(one), await vpcCount(other)]).toEqual([2, 2]);
    expect(await json('reset', '--yes', '--data', one.data)).toEqual({ reset: true });
    expect([await vpcCount(one), await vpcCount(other)]).toEqual([1, 2]);
  });

  it('forgets everything of a stopped one, and keeps its certificate authority', async () => {
    const third = await startKeiro();
    await ec2Of(third).send(new CreateVpcCommand({ CidrBlock: '10.0.0.0/16' }));
    const before = (await keiro(['ca', '--data', third.data])).stdout;
    await third.kill('SIGTERM');
    const { stdout } = await keiro(['reset', '-y', '--data', third.data]);
    expect(stdout).toBe(`Every record of the data in ${third.data} is forgotten.\n`);
    const again = await startKeiro({ data: third.data });
    expect(await vpcCount(again)).toBe(1);
    expect((await keiro(['ca', '--data', third.data])).stdout).toBe(before);
  });

  it('asks first, and does nothing where nobody can answer', async () => {
    expect(await complaint(['reset', '--data', other.data])).toBe(
      `keiro: this forgets every record of the Keiro at ${other.endpoint}; say --yes to do it.\n`,
    );
    expect(await vpcCount(other)).toBe(2);
  });

  it('does nothing where there is nothing', async () => {
    const data = join(temporaryDirectory(), 'none');
    expect(await complaint(['reset', '--yes', '--data', data])).toBe(
      `keiro: no Keiro runs on the data directory ${data} and there is no directory ${data}: nothing to reset.\n`,
    );
    expect(await complaint(['reset', '--yes', '--port', '1'])).toBe('keiro: no Keiro runs at http://127.0.0.1:1: nothing to reset.\n');
    expect(existsSync(data)).toBe(false);
  });

  it('leaves a directory alone that somebody has open', async () => {
    const third = await startKeiro();
    rmSync(join(third.data, 'server.json'));
    expect(await complaint(['reset', '--yes', '--data', third.data])).toMatch(
      /^keiro: The data directory \S+ is in use by the process \d+\. /,
    );
    expect(await vpcCount(third)).toBe(1);
  });
});

describe.concurrent('env', () => {
  const variables = (server: KeiroProcess) => ({
    AWS_ENDPOINT_URL: server.endpoint,
    AWS_REGION: 'us-east-1',
    AWS_DEFAULT_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: '123456789012',
    AWS_SECRET_ACCESS_KEY: 'keiro',
  });

  it('prints the variables', async () => {
    expect(await json('env', '--port', `${one.port}`)).toEqual(variables(one));
    const { stdout } = await keiro(['env', '--data', one.data, '--account', '210987654321', '--region', 'eu-west-1']);
    expect(stdout).toBe(
      [
        `export AWS_ENDPOINT_URL='${one.endpoint}'`,
        "export AWS_REGION='eu-west-1'",
        "export AWS_DEFAULT_REGION='eu-west-1'",
        "export AWS_ACCESS_KEY_ID='210987654321'",
        "export AWS_SECRET_ACCESS_KEY='keiro'",
        '',
      ].join('\n'),
    );
  });

  it.each([['http'], ['https']])('points the aws command at it by %s', async (scheme) => {
    const flags = scheme === 'https' ? '--https' : '';
    const endpoint = endpointArguments('$AWS_ENDPOINT_URL')
      .map((argument) => `"${argument}"`)
      .join(' ');
    const script = `eval "$("$NODE" "$MAIN" env --data "$DATA" ${flags} --account 555555555555)" && echo "$AWS_ENDPOINT_URL" && aws ${endpoint} ec2 describe-vpcs --query 'Vpcs[].[OwnerId,IsDefault]' --output text`;
    const env = { NODE: nodeBinary, MAIN: join(root, 'src/cli/main.ts'), DATA: one.data };
    const { stdout, stderr } = await run('bash', ['-c', script], { env });
    expect([stdout, stderr]).toEqual([`${scheme}://127.0.0.1:${one.port}\n555555555555\tTrue\n`, '']);
  });

  it('signs with the root key where signatures are verified', async () => {
    const server = await startKeiro({ args: ['--auth', 'sigv4'] });
    const { AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret } = (await json('env', '--data', server.data)) as Record<string, string>; // strings all
    expect([id, secret]).toEqual([expect.stringMatching(/^AKIA[A-Z2-7]{16}$/), expect.stringMatching(/^.{40}$/)]);
    expect(statSync(join(server.data, 'root-key.json')).mode & 0o777).toBe(0o600);
    const client = (secretAccessKey = '') =>
      new EC2Client({
        endpoint: server.endpoint,
        region: 'eu-west-1',
        credentials: { accessKeyId: id ?? '', secretAccessKey },
        maxAttempts: 1,
      });
    expect((await client(secret).send(new DescribeVpcsCommand({}))).Vpcs).toHaveLength(1);
    await expect(client('wrong').send(new DescribeVpcsCommand({}))).rejects.toThrow(
      'AWS was not able to validate the provided access credentials',
    );
  });
});

describe.concurrent('ca', () => {
  it('prints the certificate that TLS here is signed with', async () => {
    const { stdout } = await keiro(['ca', '--data', one.data]);
    const file = join(temporaryDirectory(), 'ca.pem');
    writeFileSync(file, stdout);
    expect(stdout).toBe(readFileSync(join(one.data, 'ca.pem'), 'utf8'));
    const curl = await run('curl', ['-sS', '--cacert', file, `https://localhost:${one.port}/_keiro/health`]);
    expect(JSON.parse(curl.stdout)).toMatchObject({ status: 'ok', pid: one.pid });
    const strange = await run('curl', ['-sS', `https://localhost:${one.port}/_keiro/health`]);
    expect(strange.code).toBe(60);
    expect(await json('ca', '--data', one.data)).toEqual({ certificate: stdout });
  });
});

describe.concurrent('doctor', () => {
  interface Finding {
    readonly what: string;
    readonly on: boolean;
    readonly advice?: string;
  }

  it('tells what is on, and what to do about the rest', async () => {
    const findings = (await json('doctor', '--data', one.data)) as Finding[]; // a list
    const on = (what: RegExp): boolean | undefined => findings.find((finding) => what.test(finding.what))?.on;
    expect([on(/^Node\.js 24/), on(/^Keiro .+ at http/), on(/^data directory/), on(/^aws/)]).toEqual([true, true, true, true]);
    for (const { on: isOn, advice } of findings) expect(isOn || advice !== undefined).toBe(true);
    const { stdout } = await keiro(['doctor', '--port', '1']);
    expect(stdout).toContain(`on   Node.js ${/Node\.js ([\d.]+)/.exec(stdout)?.[1]}: runs Keiro\n`);
  });

  it('sees a port that something else has, and a directory that cannot be', async () => {
    const file = join(temporaryDirectory(), 'file');
    writeFileSync(file, '');
    const server = (await import('node:http')).createServer((_, response) => response.end('not Keiro')).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : 0;
    const findings = (await json('doctor', '--port', `${port}`)) as Finding[]; // as above
    expect(findings.find(({ what }) => what === `port ${port}`)).toMatchObject({ on: false, advice: expect.stringContaining('--port') });
    server.close();
    const inFile = (await json('doctor', '--data', join(file, 'data'))) as Finding[]; // as above
    expect(inFile.find(({ what }) => what.startsWith('data directory'))?.on).toBe(false);
  });
});

describe.concurrent('coverage', () => {
  it('counts operations, lists those of a service, and writes a table', async () => {
    const { stdout } = await keiro(['coverage']);
    expect(stdout).toMatch(/^ec2: \d+ of \d+ operations\n/);
    const [ec2] = (await json('coverage', 'ec2')) as { service: string; done: string[]; missing: string[] }[]; // one service
    expect([ec2?.service, ec2?.done.includes('CreateVpc'), ec2?.missing.includes('CreateVpcPeeringConnection')]).toEqual([
      'ec2',
      true,
      true,
    ]);
    expect((await keiro(['coverage', 'ec2'])).stdout).toContain('\n  CreateVpcPeeringConnection  (501)\n');
    expect((await keiro(['coverage', '--markdown'])).stdout).toMatch(/^# Coverage\n/);
    expect(await complaint(['coverage', 's3'])).toMatch(/^keiro: there is no service 's3'; there are ec2, /);
  });
});

describe.concurrent('the command itself', () => {
  it('has a version and help, and refuses what it does not know', async () => {
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }; // npm requires one
    expect((await keiro(['--version'])).stdout).toBe(`${version}\n`);
    const help = await keiro(['--help']);
    expect([help.code, help.stdout]).toEqual([0, expect.stringMatching(/\n  trace .*\n/)]);
    expect(await complaint(['sotp'])).toBe("error: unknown command 'sotp'\n(Did you mean stop?)\n(add --help to see what 'keiro' takes)\n");
    expect(await complaint(['stop', '--prot', '1'])).toBe(
      "error: unknown option '--prot'\n(Did you mean --port?)\n(add --help to see what 'keiro stop' takes)\n",
    );
  });

  it('runs from any directory', () => {
    const cwd = join(temporaryDirectory(), 'elsewhere');
    mkdirSync(cwd);
    const { stdout } = spawnSync(nodeBinary, [join(root, 'src/cli/main.ts'), 'status', '--port', `${one.port}`], {
      cwd,
      env: plainEnvironment(),
      encoding: 'utf8',
    });
    expect(stdout).toContain(one.endpoint);
    expect(existsSync(join(cwd, '.keiro'))).toBe(false);
  });
});
