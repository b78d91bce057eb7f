/** Programs that take all they can of the machine: processes, files, memory, others' lives. An instance harms itself alone, and ends when it is told. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import type { EC2 } from '@aws-sdk/client-ec2';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Attack, agent, armed, attackIn, python } from './abuse.ts';
import { eventually, type Owner, pings, useSite } from './site.ts';
import { type Host, launch, makeGroup, makeNetwork, makeSubnet, reach } from './world.ts';

const isRoot = process.getuid?.() === 0;
const owners: readonly Owner[] = isRoot ? ['root', 'ordinary-user'] : ['root'];
const PROCESSES_MAX = 512;
const MEGABYTE = 2 ** 20;
/** Milliseconds in which whoever is attacked by a neighbour is to answer: far more than it takes, far less than for ever. */
const PROMPT_MS = 5_000;

/** Seconds after which a flood ends by itself, should nothing stop it. */
const FLOOD_S = 20;
const flood = (step: string): string =>
  `import os, threading, time\nthreading.stack_size(262144)\nFOR_S = ${FLOOD_S}\nend = time.monotonic() + FOR_S\nwhile time.monotonic() < end:\n    ${step}`;

/** Folders of this kernel's control groups that belong to an instance. */
function groupsOf(instance: string): string[] {
  return ['memory', 'pids', 'cpu', 'unified', ''].flatMap((controller) => {
    const mount = join('/sys/fs/cgroup', controller);
    if (!existsSync(join(mount, 'cgroup.procs'))) return [];
    return readdirSync(mount, { recursive: true, encoding: 'utf8' }).flatMap((path) =>
      path.endsWith(instance) ? [join(mount, path)] : [],
    );
  });
}

describe.each(owners)('of a Keiro that %s runs', (owner) => {
  const site = useSite(owner, ['--log-level', 'error']);
  let ec2: EC2;
  let wanted: { subnet: string; groups: string[]; userData: string };
  let neighbour: Host;
  let attackOfNeighbour: Attack;

  beforeAll(async () => {
    ec2 = site.client();
    const network = await makeNetwork(ec2);
    const subnet = await makeSubnet(ec2, network, '10.0.0.0/24', { gateway: network.igw });
    wanted = { subnet: subnet.id, groups: [await makeGroup(ec2, network, 'all')], userData: agent };
    neighbour = await launch(ec2, wanted);
    await reach(ec2, 'running', neighbour);
    attackOfNeighbour = await armed(attackIn(site, neighbour.id));
  });

  const launched = async (): Promise<{ host: Host; attack: Attack }> => {
    const host = await launch(ec2, wanted);
    await reach(ec2, 'running', host);
    return { host, attack: await armed(attackIn(site, host.id)) };
  };

  /** Keiro and the neighbour answer, and a new instance comes up. */
  const expectOthersWell = async (): Promise<void> => {
    const begun = performance.now();
    await ec2.describeInstances({});
    expect(performance.now() - begun).toBeLessThan(PROMPT_MS);
    expect(await attackOfNeighbour('echo x > /tmp/x && cat /tmp/x && rm /tmp/x')).toEqual({ code: 0, output: 'x\n' });
    expect(await pings(site.inside(neighbour.id), '10.0.0.1')).toBe(true);
    const another = await launch(ec2, wanted);
    await reach(ec2, 'running', another);
    await ec2.terminateInstances({ InstanceIds: [another.id] });
  };

  const expectItEnds = async (id: string, withinMs = PROMPT_MS): Promise<void> => {
    const begun = performance.now();
    await ec2.terminateInstances({ InstanceIds: [id] });
    await reach(ec2, 'terminated', { id });
    expect(performance.now() - begun).toBeLessThan(withinMs);
    await eventually(() => groupsOf(id), []);
  };

  it.each([
    ['forks without end', 'try: os.fork()\n    except OSError: pass', false],
    ['forks into sessions of its own', 'try: os.fork() or os.setsid()\n    except OSError: pass', true],
    ['starts threads without end', 'try: threading.Thread(target=time.sleep, args=[FOR_S]).start()\n    except RuntimeError: pass', false],
  ])(
    'one that %s stays within its limit, and nobody else minds',
    async (_what, program, isOfManySessions) => {
      const { host, attack } = await launched();
      const file = `cat >/tmp/flood.py <<'END'\n${flood(program)}\nEND\npython3 /tmp/flood.py </dev/null >/dev/null 2>&1 &`;
      expect(await attack(file)).toEqual({ code: 0, output: '' });
      // The kernel gives each session its share of time: where no group holds them together, the flood has as many as it has sessions.
      if (!isOfManySessions || groupsOf(host.id).some((path) => path.includes('/cpu/'))) {
        const count = async (): Promise<number> =>
          Number((await site.inside(host.id)('cat /proc/[0-9]*/status | sed -n "s/^Threads:.//p" | paste -sd+ | bc || echo 0')).stdout);
        await eventually(async () => (await count()) > PROCESSES_MAX - 30, true);
        await expectOthersWell();
        expect(await count()).toBeLessThan(PROCESSES_MAX + 30); // those that count are not its own
      }
      await expectItEnds(host.id, isOfManySessions ? 4 * PROMPT_MS : PROMPT_MS);
    },
    120_000,
  );

  it('one that fills every place that it can write to', async () => {
    const { host, attack } = await launched();
    const places = ['/tmp', '/home', '/root', '/var/log', '/var/tmp', '/etc', '/srv', '/opt', '/mnt', '/run', '/dev/shm'];
    const fill = places.map((place) => `dd if=/dev/zero of=${place}/fill bs=1M count=400 2>&1 | tail -n 1`).join('\n');
    expect((await attack(fill)).code).toBe(0);
    const { output } = await attack(`du -cxm ${places.join(' ')} 2>/dev/null | tail -n 1; touch /dev/x || echo refused`);
    expect(Number.parseInt(output, 10)).toBeLessThanOrEqual(257);
    expect(output).toContain('refused');
    await attack('rm -f /run/fill');
    const many = python(`import os
made = 0
for at in range(70000):
    try:
        os.close(os.open(f"/run/file-{at}", os.O_CREAT | os.O_WRONLY))
        made += 1
    except OSError: break
print(made)`);
    expect(Number((await attack(many)).output)).toBeLessThan(65_536);
    await expectOthersWell();
    // Its own start is not in the way of what it left.
    await attack('dd if=/dev/zero of=/tmp/rest bs=1M count=400; mkdir -p /etc/hosts.d');
    await ec2.rebootInstances({ InstanceIds: [host.id] });
    await eventually(async () => (await site.inside(host.id)('ls /run; stat -c %s /etc/hostname').catch(() => ({ stdout: '' }))).stdout.includes('file-'), false); // prettier-ignore
    await eventually(async () => (await site.inside(host.id)('cat /etc/hostname').catch(() => ({ stdout: '' }))).stdout, expect.stringContaining('ip-10-0-0-')); // prettier-ignore
    await expectItEnds(host.id);
  }, 120_000);

  it('one that eats memory is stopped at its limit', async () => {
    const { host, attack } = await launched();
    const eat = python(`
eaten = []
try:
    for _ in range(3000): eaten.append(bytearray(b"x") * ${MEGABYTE})
    print("ate it all")
except MemoryError: print("no more after", len(eaten) > 500)`);
    const { code, output } = await attack(eat);
    const isOfMemory = (path: string): boolean => ['memory.limit_in_bytes', 'memory.max'].some((name) => existsSync(join(path, name)));
    const group = groupsOf(host.id).find(isOfMemory);
    if (group === undefined) expect(output).toBe('no more after True\n');
    else expect([code, output]).toEqual([137, 'Killed\n']);
    if (group !== undefined) {
      // All its processes together, and what it shares between them.
      const parts = Array.from(
        { length: 6 },
        () => `python3 -c 'import time; x = bytearray(b"x") * 400 * ${MEGABYTE}; time.sleep(3)' &`,
      ).join('\n');
      await attack(`${parts}\ndd if=/dev/zero of=/dev/shm/x bs=1M count=200; wait; rm -f /dev/shm/x`);
      const peak = ['memory.max_usage_in_bytes', 'memory.peak'].map((name) => join(group, name)).find((path) => existsSync(path));
      expect(Number(readFileSync(peak ?? '', 'utf8'))).toBeLessThanOrEqual(1024 * MEGABYTE);
    }
    expect((await site.inside(host.id)('cat /proc/1/oom_score_adj')).stdout).toBe('500\n');
    await expectOthersWell();
    await expectItEnds(host.id);
  }, 120_000);

  it('one that kills what it sees kills itself, and a reboot repairs it', async () => {
    const { host, attack } = await launched();
    await expect(attack('kill -9 1; kill -9 -1; sleep 5')).rejects.toThrow('the agent does not answer');
    expect((await site.inside(host.id)('cat /proc/1/cmdline')).stdout).toContain('init');
    await expectOthersWell();
    await ec2.rebootInstances({ InstanceIds: [host.id] });
    await eventually(async () => (await site.inside(host.id)('pgrep -c sshd || cat /proc/1/cmdline').catch(() => ({ stdout: '0' }))).stdout, expect.stringMatching(/^[1-9]/)); // prettier-ignore
    await expectItEnds(host.id);
  });
});
