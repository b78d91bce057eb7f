/** Walkthroughs 1 and 2 with boto3: what it reads, and that it finds nothing in any answer that its model does not know. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, it } from 'vitest';
import { textAt } from '#test/cli/aws-command.ts';
import { awsEnvironment, keiro, plainEnvironment, startKeiro } from '#test/cli/keiro-process.ts';

const account = '100000000003';
const region = 'eu-west-1';

it('waiters, paginators and resources read every answer', async () => {
  const server = await startKeiro();
  const env = plainEnvironment({ ...awsEnvironment(server, account, region), PYTHONWARNINGS: 'error::UserWarning' });
  const child = spawn('python3', [join(import.meta.dirname, 'walkthrough_boto3.py')], { env, stdio: ['pipe', 'pipe', 'pipe'] });
  let complaints = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (complaints += text));
  const ended = once(child, 'close');
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async (): Promise<unknown> => {
    const { value, done } = await lines.next();
    if (done) throw new Error(`the script ended: ${complaints}`);
    return JSON.parse(value);
  };

  const report = (await next()) as Record<'first' | 'second' | 'third', unknown>; // what the script prints
  const web = textAt(report, 'first.instanceId');
  const publicIp = textAt(report, 'first.publicIp');
  expect(report).toMatchObject({
    planted: ['R.vpc.nonsense', 'R.vpc.tagSet[].key has elements inside a string', 'R.vpc.tagSet.member'],
    first: {
      shown: {
        ...(report.first as { expected: object }).expected, // ids that the script knows from the answers to its creates
        publicIp,
        state: 'running',
        tags: [{ Key: 'Name', Value: 'web' }],
        groups: ['default', 'ssh'],
        acls: [true],
        routes: [
          ['10.0.0.0/24', 'local'],
          ['0.0.0.0/0', textAt(report, 'first.gatewayId')],
        ],
        interfaces: ['10.0.0.4'],
        launchedIsTime: true,
        keyBegins: '-----BEGIN RSA PRIVATE KEY-----',
        key: true,
      },
    },
    second: { natState: 'available', natIp: textAt(report, 'second.elasticIp'), dnsHostnames: { Value: true } },
    third: { pages: [5, 5, 4], same: true },
    unknown: [],
    warnings: [],
  });

  const outcome = async (from: string, to: string, port: string): Promise<string> => {
    const where = ['--json', '--data', server.data, '--account', account, '--region', region];
    return textAt(JSON.parse((await keiro(['trace', from, to, '--port', port, ...where])).stdout), 'outcome');
  };
  expect(await outcome('internet', publicIp, '22')).toBe('delivered');
  expect(await outcome('internet', web, '80')).toBe('groupDeniedIn');
  expect(await outcome(textAt(report, 'second.instanceId'), 'internet', '443')).toBe('delivered');
  expect(await outcome('internet', textAt(report, 'second.natIp'), '443')).toBe('natGatewayRefused');

  child.stdin.end('go on\n');
  expect(await next()).toEqual({ ended: ['terminated', 'terminated'], unknown: [], warnings: [] });
  expect([await ended, complaints]).toEqual([[0, null], '']);
});
