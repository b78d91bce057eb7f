/** How soon an instance is reachable after its call, and what an idle one costs; in a small world, called as anybody calls. */
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import type { Row } from './benchmark.ts';
import { monotonicNs, ruleParameters, type BenchWorld } from './fabric-world.ts';

const launches = 25;
const idle = 100;
/** Milliseconds after which memory has settled. */
const settleMs = 4_000;

/** From the call of RunInstances to the first echo that comes back to a neighbour in another subnet, which has asked all the time. */
export async function measureLaunches(world: BenchWorld): Promise<{ rows: Row[]; notes: string[] }> {
  const { vpcId, subnetIds } = await world.makeNetwork(3);
  const [nearId = '', farId = '', crowdId = ''] = subnetIds;
  const groupId = await world.make('CreateSecurityGroup', 'groupId', { VpcId: vpcId, GroupName: 'pinged', GroupDescription: 'd' });
  await world.call('AuthorizeSecurityGroupIngress', ruleParameters(groupId, 'icmp', -1, -1, '0.0.0.0/0'));
  const [neighbour] = await world.launch(nearId, [groupId], 1);
  if (neighbour === undefined) throw new Error('RunInstances started nothing');
  const asker = world.rig.load(await world.untilThere(neighbour), undefined, 'reach', 1_000);
  await asker.next();
  const reachable: number[] = [];
  const answered: number[] = [];
  for (let at = 0; at < launches; at++) {
    const address = `10.0.1.${at + 20}`;
    asker.tell([address]);
    await asker.next();
    const sentNs = monotonicNs();
    await world.launch(farId, [groupId], 1, address);
    answered.push((monotonicNs() - sentNs) / 1e6);
    const { answered: first } = (await asker.next()) as { answered: Record<string, number> }; // as fabric-load.py says
    reachable.push(((first[address] ?? Number.NaN) - sentNs) / 1e6);
    await pause(50);
  }
  const { rows, notes } = await measureIdle(world, crowdId, groupId);
  return {
    rows: [
      { name: 'reachable after RunInstances, median', unit: 'ms', keiro: reachable, better: 'lower', goal: { limit: 250 } },
      { name: `reachable after RunInstances, slowest of ${launches}`, unit: 'ms', keiro: [Math.max(...reachable)], better: 'lower', goal: { limit: 250 } }, // prettier-ignore
      { name: 'RunInstances answered', unit: 'ms', keiro: answered, better: 'lower' },
      ...rows,
    ],
    notes,
  };
}

/** What the machine has less of with so many more instances, and what their processes and the fabric say that they use themselves. */
async function measureIdle(world: BenchWorld, subnetId: string, groupId: string): Promise<{ rows: Row[]; notes: string[] }> {
  await pause(settleMs);
  const before = { available: availableKb(), own: proportionalKb(world.fabricPid) };
  const crowd = await world.launch(subnetId, [groupId], idle);
  const last = crowd.at(-1);
  if (last !== undefined) await world.untilThere(last);
  await pause(settleMs);
  const after = { available: availableKb(), own: proportionalKb(world.fabricPid) };
  const megabytes = (kb: number): number => (kb * 1024) / idle / 1e6;
  return {
    rows: [
      { name: `an idle instance, of the machine's memory (${idle} more)`, unit: 'MB', keiro: [megabytes(before.available - after.available)], better: 'lower', goal: { limit: 4 } },
      { name: `an idle instance, PSS of its processes and the fabric's (${idle} more)`, unit: 'MB', keiro: [megabytes(after.own.kb - before.own.kb)], better: 'lower', goal: { limit: 4 } },
    ],
    notes: [`an idle instance is ${((after.own.processes - before.own.processes) / idle).toFixed(1)} processes`],
  }; // prettier-ignore
}

function availableKb(): number {
  return Number(/^MemAvailable:\s+(\d+) kB/m.exec(readFileSync('/proc/meminfo', 'utf8'))?.[1] ?? Number.NaN);
}

/** Summed proportional set sizes of a process and all below it. */
function proportionalKb(pid: number): { kb: number; processes: number } {
  const below = new Map<number, number[]>();
  for (const name of readdirSync('/proc').filter((one) => /^\d+$/.test(one))) {
    const parent = Number(/^PPid:\s+(\d+)$/m.exec(read(`/proc/${name}/status`))?.[1] ?? 0);
    below.set(parent, [...(below.get(parent) ?? []), Number(name)]);
  }
  let kb = 0;
  let processes = 0;
  const open = [pid];
  for (let one = open.pop(); one !== undefined; one = open.pop()) {
    kb += Number(/^Pss:\s+(\d+) kB/m.exec(read(`/proc/${one}/smaps_rollup`))?.[1] ?? 0);
    processes++;
    open.push(...(below.get(one) ?? []));
  }
  return { kb, processes };
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return ''; // it has ended
  }
}
