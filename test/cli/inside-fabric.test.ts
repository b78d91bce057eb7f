/** Commands that enter the network of a running Keiro: instances, its internet, AWS by its own name, ssh by a proxy. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { awsIn, textAt } from '#test/cli/aws-command.ts';
import {
  type Ended,
  keiro,
  type KeiroProcess,
  nodeBinary,
  plainEnvironment,
  root,
  run,
  startKeiro,
  temporaryDirectory,
} from '#test/cli/keiro-process.ts';

const account = '123456789012';
const region = 'us-east-1';
const linux = 'resolve:ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64';
const main = join(root, 'src', 'cli', 'main.ts');
/** An instance's sandbox and its sshd on a busy machine. */
const patienceMs = 30_000;

let server: KeiroProcess;
let instance: string;
let address: string;
let keyFile: string;

/** The default VPC's instances have public addresses; ssh is let in. */
beforeAll(async () => {
  server = await startKeiro({ args: ['--packets', 'on'] });
  const aws = awsIn(server, account, region);
  keyFile = join(temporaryDirectory(), 'key.pem');
  writeFileSync(keyFile, textAt(await aws('create-key-pair --key-name inside --key-type ed25519'), 'KeyMaterial'));
  chmodSync(keyFile, 0o600);
  const group = textAt(await aws('create-security-group --group-name inside --description inside'), 'GroupId');
  await aws(`authorize-security-group-ingress --group-id ${group} --protocol -1 --cidr 0.0.0.0/0`);
  const launched = await aws(`run-instances --image-id ${linux} --instance-type t3.micro --key-name inside --security-group-ids ${group}`);
  instance = textAt(launched, 'Instances.0.InstanceId');
  await aws(`wait instance-running --instance-ids ${instance}`);
  address = textAt(await aws(`describe-instances --instance-ids ${instance}`), 'Reservations.0.Instances.0.PublicIpAddress');
  await vi.waitFor(async () => expect(await exec('true')).toMatchObject({ code: 0 }), { timeout: patienceMs, interval: 200 });
});

/** Killed, it would leave its network behind. */
afterAll(() => server.kill('SIGTERM'));

const exec = (...command: string[]): Promise<Ended> => keiro(['exec', instance, '--data', server.data, '--', ...command]);
const onInternet = (...command: string[]): Promise<Ended> => keiro(['internet', 'run', '--data', server.data, '--', ...command]);

describe('keiro exec', () => {
  it('runs a command in the instance, as its root, and ends as it does', async () => {
    expect(await exec('sh', '-c', 'id -u; echo "$HOME"; exit 5')).toMatchObject({ code: 5, stdout: '0\n/root\n', stderr: '' });
  });

  it('as another user of the instance', async () => {
    const { stdout } = await keiro(['exec', instance, '--user', 'ec2-user', '--data', server.data, '--', 'sh', '-c', 'echo $USER $PWD']);
    expect(stdout.trim().split(' ')).toEqual(['ec2-user', join('/home', 'ec2-user')]);
  });

  it('complains of an instance that does not run', async () => {
    const { code, stderr } = await keiro(['exec', 'i-00000000000000000', '--data', server.data, '--', 'id']);
    expect([code, stderr]).toEqual([1, expect.stringContaining('keiro: no instance i-00000000000000000 runs.')]);
  });
});

describe('keiro internet and keiro shell', () => {
  it('a program there has the internet’s address, and reaches the instance', async () => {
    const { stdout: own } = await keiro(['internet', 'address']);
    expect((await onInternet('ip', '-4', '-br', 'address', 'show', 'dev', 'lo')).stdout).toContain(own.trim());
    expect(await onInternet('ping', '-c', '1', '-W', '5', address)).toMatchObject({ code: 0 });
  });

  it('AWS’s names lead to Keiro, and its certificate is trusted', async () => {
    expect((await onInternet('dig', '+short', 'ec2.us-east-1.amazonaws.com')).stdout).toBe('198.19.252.1\n');
    const curl = await onInternet(
      'curl',
      '-4sS',
      '-o',
      '/dev/null',
      '-w',
      '%{remote_ip} %{ssl_verify_result}',
      'https://ec2.us-east-1.amazonaws.com/',
    );
    expect([curl.stdout, curl.stderr]).toEqual(['198.19.252.1 0', '']);
  });

  it('the aws command needs no endpoint', async () => {
    const script = 'aws ec2 describe-instances --query "Reservations[].Instances[].InstanceId" --output text';
    const { stdout, stderr } = await keiro(['shell', '--data', server.data, '--', 'sh', '-c', script], {
      env: { AWS_ENDPOINT_URL: 'http://127.0.0.1:1' },
    });
    expect([stdout, stderr]).toEqual([`${instance}\n`, '']);
  });

  it('goes on when Keiro itself has ended', async () => {
    const other = await startKeiro({ args: ['--packets', 'on'] });
    expect(await keiro(['internet', 'run', '--data', other.data, '--', 'true'])).toMatchObject({ code: 0, stderr: '' });
    await other.kill('SIGKILL');
    expect(await keiro(['internet', 'run', '--data', other.data, '--', 'echo', 'on'])).toMatchObject({
      code: 0,
      stdout: 'on\n',
      stderr: '',
    });
    const again = await startKeiro({ args: ['--packets', 'on'], data: other.data });
    expect(await keiro(['internet', 'run', '--data', other.data, '--', 'true'])).toMatchObject({ code: 0, stderr: '' });
    await again.kill('SIGTERM'); // in order, so that its network ends with it
  });
});

describe('keiro connect and keiro forward', () => {
  const ssh = (...options: string[]): Promise<Ended> => {
    const strict = ['-o', 'StrictHostKeyChecking=no', '-o', 'UserKnownHostsFile=/dev/null', '-o', 'LogLevel=ERROR', '-o', 'BatchMode=yes'];
    return run('ssh', ['-F', 'none', ...strict, '-i', keyFile, ...options]);
  };

  it('ssh gets in by connect as its proxy', async () => {
    const proxy = `ProxyCommand=${nodeBinary} ${main} connect --data ${server.data} %h %p`;
    await expect
      .poll(async () => (await ssh('-o', proxy, `ec2-user@${address}`, 'echo $USER; exit 4')).stdout, {
        timeout: patienceMs,
        interval: 500,
      })
      .toBe('ec2-user\n');
    expect((await ssh('-o', proxy, `ec2-user@${address}`, 'exit 4')).code).toBe(4);
  });

  it('ssh gets in by a forwarded port', async () => {
    const child = spawn(nodeBinary, [main, 'forward', `0:${address}:22`, '--data', server.data, '--json'], {
      env: plainEnvironment(),
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string]; // what readline gives
    const { forwards } = JSON.parse(line) as { forwards: { from: { port: number } }[] }; // what forward prints
    await expect
      .poll(async () => (await ssh('-p', `${forwards[0]?.from.port}`, 'ec2-user@127.0.0.1', 'echo in')).stdout, {
        timeout: patienceMs,
        interval: 500,
      })
      .toBe('in\n');
    child.kill('SIGINT');
    expect((await once(child, 'close'))[0]).toBe(0);
  });

  it('complains of a port where nobody listens', async () => {
    const { code, stderr } = await keiro(['connect', `${address}:81`, '--data', server.data]);
    expect([code, stderr]).toEqual([1, expect.stringMatching(new RegExp(`^keiro: ${address}:81: .*refused`))]);
  });
});
