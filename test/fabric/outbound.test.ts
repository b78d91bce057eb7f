/** `--outbound`: instances reach a real internet, by address and by name, and never the host. A network namespace stands for the host, another for that internet. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { keiro, nodeBinary, type KeiroProcess, startKeiro, temporaryDirectory } from '#test/cli/keiro-process.ts';
import { textAt } from '#test/cli/aws-command.ts';
import { awsOf } from './aws.ts';
import { eventually } from './site.ts';
import { linux } from './world.ts';

/** The host is 192.0.2.10 behind 192.0.2.1; far away are a web server and a name for it. */
const FAR = '203.0.113.80';
const NAME = 'real.example';
const HOST = `mount --make-rprivate / && mount --bind "$1" /etc/resolv.conf && shift && ip link set lo up &&
  ip link add up0 type veth peer name real0 && ip address add 192.0.2.10/24 dev up0 && ip link set up0 up && ip link set real0 up &&
  ip route add default via 192.0.2.1 && exec "$@"`;
const FAR_SIDE = `ip link set lo up; ip address add 192.0.2.1/24 dev real0; ip link set real0 up; ip address add ${FAR}/32 dev lo`;

let server: KeiroProcess;
const children: ChildProcess[] = [];
const far = (program: readonly string[], pid: number): ChildProcess => {
  const child = spawn('nsenter', [`--net=/proc/${pid}/ns/net`, ...program], { stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(child);
  return child;
};

beforeAll(async () => {
  const folder = temporaryDirectory();
  writeFileSync(join(folder, 'resolv.conf'), 'nameserver 192.0.2.1\n');
  writeFileSync(join(folder, 'index.html'), 'the real internet\n');
  const world = spawn('unshare', ['--net', 'sh', '-c', 'echo there; exec sleep 600'], { stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(world);
  await once(world.stdout, 'data');
  const pid = world.pid ?? 0;
  server = await startKeiro({
    through: ['unshare', '--net', '--mount', 'sh', '-c', HOST, 'host', join(folder, 'resolv.conf')],
    args: ['--packets', 'on', '--outbound'],
  });
  execFileSync('nsenter', [`--net=/proc/${server.pid}/ns/net`, 'ip', 'link', 'set', 'real0', 'netns', `${pid}`]);
  execFileSync('nsenter', [`--net=/proc/${pid}/ns/net`, 'sh', '-ec', FAR_SIDE]);
  const resolver = far([nodeBinary, join(import.meta.dirname, 'real-resolver.ts'), '192.0.2.1', NAME, FAR], pid);
  if (resolver.stdout) await once(resolver.stdout, 'data');
  far(['python3', '-m', 'http.server', '80', '--bind', FAR, '--directory', folder], pid);
});
afterAll(async () => {
  await server?.kill('SIGTERM');
  for (const child of children) child.kill('SIGKILL');
});

it('an instance with a public address gets out, by name too, and neither to the host nor without an address', async () => {
  const through = ['nsenter', `--net=/proc/${server.pid}/ns/net`];
  const ask = async (instance: string, url: string): Promise<string> => {
    const { stdout } = await keiro(['exec', instance, '--data', server.data, '--', 'curl', '-sm', '2', url], { through });
    return stdout.trim();
  };
  await eventually(async () => (await keiro(['internet', 'run', '--data', server.data, '--', 'curl', '-sm', '2', `http://${FAR}/`], { through })).stdout.trim(), 'the real internet'); // prettier-ignore
  const [open = '', closed = ''] = await build();
  await eventually(() => ask(open, `http://${FAR}/`), 'the real internet');
  await eventually(() => ask(open, `http://${NAME}/`), 'the real internet');
  expect(await ask(closed, `http://${FAR}/`)).toBe('');
  const onHost = spawn(...webServer(through, '192.0.2.10'), { stdio: ['ignore', 'ignore', 'ignore'] });
  children.push(onHost);
  await eventually(() => ask(open, `http://${FAR}/`), 'the real internet'); // still, with the host's server there
  expect(await ask(open, 'http://192.0.2.10:8081/')).toBe('');
});

const webServer = ([command = '', ...args]: readonly string[], address: string) =>
  [command, [...args, 'python3', '-m', 'http.server', '8081', '--bind', address]] as const;

/** Two instances in a public subnet, the second without a public address; by command, where the server is. */
async function build(): Promise<readonly string[]> {
  const aws = awsOf({ server: () => server, owner: 'root-alone' });
  const vpc = textAt(await aws('create-vpc --cidr-block 10.0.0.0/16'), 'Vpc.VpcId');
  const [subnet, igw] = await Promise.all([
    aws(`create-subnet --vpc-id ${vpc} --cidr-block 10.0.0.0/24`).then((answer) => textAt(answer, 'Subnet.SubnetId')),
    aws('create-internet-gateway').then((answer) => textAt(answer, 'InternetGateway.InternetGatewayId')),
  ]);
  const [tables, launched, allocation] = await Promise.all([
    aws(`describe-route-tables --filters Name=vpc-id,Values=${vpc}`),
    aws(`run-instances --image-id ${linux} --instance-type t3.micro --count 2 --subnet-id ${subnet}`),
    aws('allocate-address'),
    aws(`attach-internet-gateway --internet-gateway-id ${igw} --vpc-id ${vpc}`),
  ]);
  const instances = ['0', '1'].map((at) => textAt(launched, `Instances.${at}.InstanceId`));
  const table = textAt(tables, 'RouteTables.0.RouteTableId');
  await Promise.all([
    aws(`create-route --route-table-id ${table} --destination-cidr-block 0.0.0.0/0 --gateway-id ${igw}`),
    aws(`associate-address --allocation-id ${textAt(allocation, 'AllocationId')} --instance-id ${instances[0]}`),
    aws(`wait instance-running --instance-ids ${instances.join(' ')}`),
  ]);
  return instances;
}
