/** Control and fabric that are killed: packets do not mind the first, the second is built anew; and after a stop nothing is left. */
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import type { EC2 } from '@aws-sdk/client-ec2';
import { beforeAll, expect, it } from 'vitest';
import { run } from '#test/cli/keiro-process.ts';
import { eventually, fetchFrom, useSite } from './site.ts';
import { giveAddress, type Host, launch, makeGroup, makeNetwork, makeSubnet, reach } from './world.ts';

/** Answers on port 80 and measures on port 5201. */
const userData = `#!/bin/sh
echo fine > /srv/index.html
iperf3 -s -D
cd /srv && exec python3 -m http.server 80
`;
const site = useSite();
let ec2: EC2;
let client: Host;
let server: Host;
let address: string;

beforeAll(async () => {
  ec2 = site.client({ account: '123456789012' });
  const network = await makeNetwork(ec2);
  const subnet = await makeSubnet(ec2, network, '10.0.0.0/24', { gateway: network.igw });
  const groups = [await makeGroup(ec2, network, 'open')];
  client = await launch(ec2, { subnet: subnet.id, groups, address: '10.0.0.10' });
  server = await launch(ec2, { subnet: subnet.id, groups, address: '10.0.0.20', userData });
  await reach(ec2, 'running', client, server);
  address = (await giveAddress(ec2, server.eni)).address;
  await eventually(() => fetchFrom(site.outside, `http://${address}`), 'fine');
});

const health = async (): Promise<unknown> => {
  const { InstanceStatuses } = await ec2.describeInstanceStatus({ InstanceIds: [client.id, server.id] });
  return InstanceStatuses?.map(({ InstanceState, InstanceStatus, SystemStatus }) => [InstanceState?.Name, InstanceStatus?.Status, SystemStatus?.Status]); // prettier-ignore
};
const fine = ['running', 'ok', 'ok'];

interface Measured {
  readonly intervals: readonly { readonly sum: { readonly bytes: number } }[];
}

it('kill -9 of control in the middle of an iperf3 and of a curl loop fails nothing; it finds the fabric again', async () => {
  await eventually(health, [fine, fine]);
  const fabric = await site.fabricPid();
  await eventually(async () => (await site.inside(client.id)('iperf3 -c 10.0.0.20 -n 1M')).code, 0);
  const measuring = site.inside(client.id)('exec iperf3 -c 10.0.0.20 -t 5 -i 0.5 -J');
  const loop = await site.holdOutside('sh', '-c', `while :; do curl -sS -m 5 http://${address} || echo failed; done`);
  const goesOn = async (): Promise<void> => {
    const count = loop.lines().length + 20;
    await eventually(() => loop.lines().length >= count, true);
  };
  await goesOn();
  await site.server().kill('SIGKILL');
  await goesOn();
  expect((await site.keiro(['status'], '--json')).code).toBe(3);
  await site.restart();
  ec2 = site.client({ account: '123456789012' });
  await goesOn();
  expect(await site.fabricPid()).toBe(fabric);

  const { code, stdout, stderr } = await measuring;
  expect([code, stderr]).toEqual([0, '']);
  const { intervals } = JSON.parse(stdout) as Measured; // what -J prints
  expect(intervals.length).toBeGreaterThan(8);
  expect(Math.min(...intervals.map(({ sum }) => sum.bytes))).toBeGreaterThan(0);
  await loop.end();
  expect(loop.lines().filter((line) => line !== 'fine')).toEqual([]);

  await eventually(health, [fine, fine]);
  const group = await ec2.describeSecurityGroups({ Filters: [{ Name: 'group-name', Values: ['open'] }] });
  const IpPermissions = group.SecurityGroups?.[0]?.IpPermissions?.map(({ IpProtocol, IpRanges, Ipv6Ranges }) => ({ IpProtocol, IpRanges, Ipv6Ranges })); // prettier-ignore
  await ec2.revokeSecurityGroupIngress({ GroupId: group.SecurityGroups?.[0]?.GroupId, IpPermissions });
  await eventually(() => fetchFrom(site.outside, `http://${address}`), 'curl 28'); // it is in charge again
  await ec2.authorizeSecurityGroupIngress({ GroupId: group.SecurityGroups?.[0]?.GroupId, IpPermissions });
  await eventually(() => fetchFrom(site.outside, `http://${address}`), 'fine');
});

it('kill -9 of the fabric: another one is started, and the instances start and answer again', async () => {
  const before = await site.fabricPid();
  process.kill(before ?? 0, 'SIGKILL');
  await eventually(site.fabricPid, expect.any(Number));
  await eventually(async () => ((await site.fabricPid()) ?? before) !== before, true);
  await eventually(() => fetchFrom(site.outside, `http://${address}`), 'fine');
  await eventually(health, [fine, fine]);
});

/** The processes in the fabric's namespace of processes, as the host counts. */
function processesOf(fabric: number): number[] {
  const isIn = new Set([fabric]);
  const all = readdirSync('/proc').filter((name) => /^\d+$/.test(name)).map(Number).sort((a, b) => a - b); // prettier-ignore
  for (let found = 0; found < isIn.size;) {
    found = isIn.size;
    for (const pid of all) if (isIn.has(parentOf(pid))) isIn.add(pid);
  }
  return [...isIn];
}

function parentOf(pid: number): number {
  try {
    return Number(/^PPid:\t(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
  } catch {
    return 0; // it has ended meanwhile
  }
}

it('after keiro stop nothing is left on the host', async () => {
  const fabric = (await site.fabricPid()) ?? 0;
  const { data } = site.server();
  const pids = processesOf(fabric);
  expect(pids.length).toBeGreaterThan(6);
  const sockets = (): string[] => readFileSync('/proc/net/unix', 'utf8').split('\n').filter((line) => line.includes(data)); // prettier-ignore
  const mounts = (): string[] => readFileSync('/proc/mounts', 'utf8').split('\n').filter((line) => line.includes('keiro')); // prettier-ignore
  expect(sockets().length).toBeGreaterThan(1);
  expect((await site.keiro(['stop'])).code).toBe(0);
  await eventually(() => pids.filter((pid) => existsSync(`/proc/${pid}`)), []);
  expect([sockets(), mounts(), existsSync(`${data}/run`)]).toEqual([[], [], false]);
});

const alone = useSite('root-alone');

it('nor is a device left where the host had a route to public addresses', async () => {
  const witness = spawn('nsenter', [`--net=/proc/${alone.server().pid}/ns/net`, 'sleep', '100']);
  const devices = async (): Promise<string[]> => {
    const { stdout } = await run('nsenter', [`--net=/proc/${witness.pid}/ns/net`, 'ip', '-br', 'link']);
    return stdout.trim().split('\n').map((line) => line.replace(/[@ ].*/, '')); // prettier-ignore
  };
  await eventually(devices, ['lo', expect.stringMatching(/^keiro-/)]);
  expect((await alone.keiro(['stop'])).code).toBe(0);
  await eventually(devices, ['lo']);
  witness.kill('SIGKILL');
});
