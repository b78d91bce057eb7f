/** Machines that are in the way, and what crashes leave: nothing of it keeps Keiro from starting, and what cannot be is said with what to do. */
import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import process from 'node:process';
import { EC2 } from '@aws-sdk/client-ec2';
import { describe, expect, it } from 'vitest';
import { keiro, type KeiroProcess, startKeiro, temporaryDirectory } from '#test/cli/keiro-process.ts';
import { converseAt } from '#dataplane/fabric/conversation.ts';
import { frameOf } from '#dataplane/process/frames.ts';
import { apiSocket, dialSocket, fabricSocket, findFabric } from '#dataplane/fabric/public.ts';
import { python } from './abuse.ts';
import { eventually, pings, useSite } from './site.ts';
import { launch, linux, makeGroup, makeNetwork, makeSubnet, reach } from './world.ts';

const isRoot = process.getuid?.() === 0;
const NOBODY = 65_534;
const asNobody = ['setpriv', `--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups'];
const userEnvironment = { HOME: '/nonexistent', PATH: '/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin' };
const ofAccount = ({ endpoint }: Pick<KeiroProcess, 'endpoint'>): EC2 =>
  new EC2({ endpoint, region: 'us-east-1', credentials: { accessKeyId: '111122223333', secretAccessKey: 'x' } });

const healthOf = async ({ endpoint }: Pick<KeiroProcess, 'endpoint'>): Promise<string> => {
  const { capabilities } = (await (await fetch(`${endpoint}/_keiro/health`)).json()) as { capabilities: { packets: string } }; // what health says
  return capabilities.packets;
};

/** Names of fabrics that have control groups. */
const groups = (): string[] => ['memory', 'pids', 'cpu'].flatMap((one) => { try { return readdirSync(join('/sys/fs/cgroup', one), { recursive: true, encoding: 'utf8' }).filter((name) => /keiro-\d+$/.test(name)); } catch { return []; } }); // prettier-ignore

describe('a fabric that is killed', () => {
  const site = useSite('root', ['--log-level', 'error']);

  it('in the middle of fifty launches, is rebuilt, and all of them come up', async () => {
    const ec2 = site.client();
    const network = await makeNetwork(ec2);
    const subnet = await makeSubnet(ec2, network, '10.0.0.0/24');
    const group = await makeGroup(ec2, network, 'all');
    const first = await site.fabricPid();
    const { Instances = [] } = await ec2.runInstances({ ImageId: linux, InstanceType: 't3.micro', MinCount: 50, MaxCount: 50, SubnetId: subnet.id, SecurityGroupIds: [group] }); // prettier-ignore
    const hosts = Instances.map(({ InstanceId: id = '', PrivateIpAddress: address = '' }) => ({ id, address }));
    process.kill(first ?? 0, 'SIGKILL');
    await reach(ec2, 'running', ...hosts);
    const second = await site.fabricPid();
    expect(second).not.toBe(first);
    await eventually(async () => {
      const answers = await site.inside(hosts[0]?.id ?? '')(
        hosts.map(({ address }) => `ping -c 1 -W 1 ${address} >/dev/null || echo ${address}`).join('\n'),
      );
      return answers.stdout;
    }, '');
    expect(groups().filter((name) => name.endsWith(`keiro-${first}`))).toEqual([]);
    await ec2.terminateInstances({ InstanceIds: hosts.map(({ id }) => id) });
    await reach(ec2, 'terminated', ...hosts);
  }, 120_000);
});

describe('what an earlier crash left', () => {
  it('is no hindrance: dead sockets, a note of a server that is gone, a dead fabric', async () => {
    const first = await startKeiro({ args: ['--packets', 'on'] });
    await eventually(async () => healthOf(first), 'on');
    const fabric = await findFabric(fabricSocket(first.data));
    await first.kill('SIGKILL');
    fabric?.disconnect();
    process.kill(fabric?.pid ?? 0, 'SIGKILL');
    for (const socket of [apiSocket, dialSocket, fabricSocket]) {
      const path = socket(first.data);
      rmSync(path, { force: true });
      const server = createServer();
      await new Promise<void>((resolve) => server.listen(`${path}.live`, resolve));
      execFileSync('ln', [`${path}.live`, path]); // stays when the server closes, and answers nobody
      await new Promise((resolve) => server.close(resolve));
    }
    writeFileSync(join(first.data, 'server.json'), JSON.stringify({ pid: 1, host: '127.0.0.1', port: 1 }));
    const second = await startKeiro({ args: ['--packets', 'on'], data: first.data });
    await eventually(async () => healthOf(second), 'on');
    expect((await findFabric(fabricSocket(second.data)))?.pid).not.toBe(fabric?.pid);
    expect(groups().filter((name) => name.endsWith(`keiro-${fabric?.pid}`))).toEqual([]);
    expect(await second.kill('SIGTERM')).toMatchObject({ code: 0 });
    expect(readdirSync(second.data)).not.toContain('run');
  }, 60_000);

  it('files in the place of sockets and half a note neither', async () => {
    const data = temporaryDirectory();
    mkdirSync(join(data, 'run'));
    for (const socket of [apiSocket, dialSocket, fabricSocket]) writeFileSync(socket(data), 'no socket');
    writeFileSync(join(data, 'server.json'), '{"pid":');
    const server = await startKeiro({ args: ['--packets', 'on'], data });
    await eventually(async () => healthOf(server), 'on');
  }, 60_000);
});

describe.runIf(isRoot)('a data directory that cannot be written to', () => {
  it('is named', async () => {
    const data = temporaryDirectory();
    chmodSync(data, 0o555);
    const { code, stderr } = await keiro(['start', '--port', '0', '--data', data], { through: asNobody, env: userEnvironment });
    expect(code).toBe(1);
    expect(stderr).toMatch(new RegExp(`^keiro: .*${data}.*\n$`));
  });
});

/** Hides a program of the host in a namespace of mounts. */
const without = (program: string): readonly string[] => {
  const path = execFileSync('sh', ['-c', `command -v ${program}`], { encoding: 'utf8', env: { PATH: userEnvironment.PATH } }).trim();
  return ['unshare', '--mount', 'sh', '-c', `mount --bind /dev/null "$(readlink -f ${path})"; exec "$@"`, 'sh'];
};
const noNamespaces = ['unshare', '--user', '--map-root-user', 'sh', '-c', 'echo 0 >/proc/sys/user/max_user_namespaces; exec "$@"', 'sh'];

describe.runIf(isRoot)('a machine', () => {
  it.each([
    ['without nft', without('nft'), ['nft', 'nftables']],
    ['without unshare', without('unshare'), ['unshare', 'util-linux']],
    ['without bwrap', without('bwrap'), ['bwrap', 'bubblewrap']],
    ['that refuses user namespaces', noNamespaces, ['user namespaces are refused', 'max_user_namespaces']],
    ['that refuses them to an ordinary user', [...asNobody, ...noNamespaces], ['user namespaces are refused', 'max_user_namespaces']],
  ])(
    '%s: Keiro runs without packets, and says why and what to do',
    async (_what, through, words) => {
      const data = temporaryDirectory();
      chownSync(data, through.includes(asNobody[1] ?? '') ? NOBODY : 0, 0);
      const server = await startKeiro({ through, data, env: userEnvironment, args: ['--packets', 'auto'] });
      await eventually(async () => (await healthOf(server)) !== 'starting', true);
      const health = await healthOf(server);
      for (const word of words) expect(health).toContain(word);
      const ec2 = ofAccount(server);
      const { Instances } = await ec2.runInstances({ ImageId: linux, InstanceType: 't3.micro', MinCount: 1, MaxCount: 1 });
      const id = Instances?.[0]?.InstanceId ?? '';
      await reach(ec2, 'running', { id });
      await ec2.stopInstances({ InstanceIds: [id] });
      await reach(ec2, 'stopped', { id });
      await ec2.terminateInstances({ InstanceIds: [id] });
      await reach(ec2, 'terminated', { id });
      const doctor = await keiro(['doctor', '--data', data], { through, env: userEnvironment });
      for (const word of words) expect(doctor.stdout).toContain(word);
      const insisting = await keiro(['start', '--port', '0', '--data', temporaryDirectory(), '--packets', 'on'], { through: through.includes(asNobody[1] ?? '') ? through.slice(asNobody.length) : through, env: userEnvironment }); // prettier-ignore
      expect(insisting).toMatchObject({ code: 1, stderr: expect.stringMatching(/^keiro: packets cannot move here: /) });
      await server.kill('SIGTERM');
    },
    60_000,
  );
});

describe('nonsense', () => {
  const site = useSite('root', ['--log-level', 'error']);
  const garbage: readonly Buffer[] = [
    Buffer.from('GET / HTTP/1.1\r\n\r\n'),
    Buffer.alloc(4),
    Buffer.from([0xff, 0xff, 0xff, 0xff, 1, 2, 3]),
    Buffer.from([0, 0, 0, 3, 0xff, 0x0f, 0x6f]),
    Buffer.from([0x1f, 0xff, 0xff, 0xff]),
    Buffer.alloc(100_000, 0x80),
    ...[null, undefined, 7, 'status', [], {}, { id: 1 }, { id: 1, do: 'nothing' }, { do: 'want' }, { id: 2, do: 'want', wanted: null }, { id: 3, do: 'want', wanted: { parts: 7 } }, { id: 4, do: 'find' }].map(frameOf), // prettier-ignore
    Buffer.from('connect\nconnect 1 2 3\n'),
    Buffer.from(`connect 198.18.0.10 99999\n`),
    Buffer.from(`connect ${'x'.repeat(10_000)} 1\n`),
    Buffer.from([0x16, 3, 1, 0xff, 0xff, 0, 0, 0, 0]),
  ];

  const send = (path: string, bytes: Buffer): Promise<void> =>
    new Promise((resolve) => {
      const socket = connect({ path, allowHalfOpen: true }, () => socket.end(bytes));
      socket.setTimeout(1_000, () => socket.destroy());
      socket
        .on('error', () => undefined)
        .on('close', () => resolve())
        .resume();
      socket.on('end', () => socket.destroy());
    });

  it('at Keiro’s sockets ends no process and no connection of others', async () => {
    const { data } = site.server();
    const pid = await site.fabricPid();
    const control = await converseAt(fabricSocket(data));
    for (const path of [fabricSocket(data), dialSocket(data), apiSocket(data)])
      await Promise.all(garbage.map((bytes) => send(path, bytes)));
    expect(await control?.ask({ do: 'status' })).toMatchObject({ status: { pid } });
    control?.end();
    expect(await site.fabricPid()).toBe(pid);
    expect(await healthOf(site.server())).toBe('on');
    expect(readFileSync(`/proc/${pid}/stat`, 'utf8')).not.toContain(') Z ');
  }, 60_000);

  it('at the metadata, names and API of an instance stops none of them', async () => {
    const ec2 = site.client();
    const network = await makeNetwork(ec2);
    const subnet = await makeSubnet(ec2, network, '10.0.0.0/24', { gateway: network.igw });
    const host = await launch(ec2, { subnet: subnet.id, groups: [await makeGroup(ec2, network, 'all')], hasPublicAddress: true });
    await reach(ec2, 'running', host);
    const program = python(`
import os, socket
places = [("169.254.169.254", 80), ("169.254.169.253", 53), ("10.0.0.2", 53), ("198.19.252.1", 80), ("198.19.252.1", 443), ("198.18.0.53", 53)]
junk = [b"", b"\\0", b"\\xff" * 4000, os.urandom(1000), b"GET " + b"/" * 70000, b"PUT /latest/api/token HTTP/1.1\\r\\nContent-Length: -1\\r\\n\\r\\n", b"\\0\\xff" + os.urandom(300), b"\\x12\\x34\\1\\0\\0\\1\\0\\0\\0\\0\\0\\0" + b"\\xc0\\x0c" * 100, b"GET /\\r\\n" + b"x: y\\r\\n" * 5000]
for address, port in places:
    for bytes in junk:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            try: s.sendto(bytes[:1400], (address, port))
            except OSError: pass
        try:
            with socket.create_connection((address, port), 2) as s:
                s.settimeout(0.1)
                s.sendall(bytes)
                s.recv(100)
        except OSError: pass`);
    await site.inside(host.id)(program);
    const asked = await site.inside(host.id)(
      'curl -sS -m 5 http://169.254.169.254/latest/meta-data/instance-id 2>&1 || curl -sS -m 5 -H "X-aws-ec2-metadata-token: $(curl -sS -X PUT -H "X-aws-ec2-metadata-token-ttl-seconds: 60" http://169.254.169.254/latest/api/token)" http://169.254.169.254/latest/meta-data/instance-id; echo; dig +short +time=2 ec2.us-east-1.amazonaws.com; curl -sS -m 5 -o /dev/null -w "%{http_code}" http://198.19.252.1/',
    );
    expect(asked.stdout).toContain('198.19.252.1\n');
    expect(asked.stdout).toMatch(/\n[24]\d\d$/);
    expect(await pings(site.inside(host.id), '10.0.0.1')).toBe(true);
  }, 60_000);
});
