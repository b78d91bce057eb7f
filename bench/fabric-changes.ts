/** A thousand interfaces through the API, and how soon a changed rule is in force among them: on the wire, not by anybody's word. */
import { setTimeout as pause } from 'node:timers/promises';
import { percentile, type Row } from './benchmark.ts';
import type { LoadProgram } from './fabric-rig.ts';
import { monotonicNs, ruleParameters, type BenchWorld, type Instance } from './fabric-world.ts';

const subnetCount = 5;
/** Instances with as many interfaces as their type may have: a thousand interfaces. What an instance itself costs is measured elsewhere. */
const instanceCount = 125;
const interfacesEach = 8;
const instanceType = 'm5.4xlarge';
/** Instances of one call. */
const batch = 25;
const groupCount = 200;
const rulesPerGroup = 100;
/** Changes of each kind: rules made and taken back. */
const changes = 110;
const openPort = 7_000;
const changedPort = 7_001;
/** Microseconds between probes: the figures are as fine. */
const everyUs = 500;
/** Milliseconds: above these, a figure is what it is here, and the rest is not waited for. */
const longest = { build: 45_000, changes: 30_000 } as const;

/** Groups of a hundred rules: ports from blocks of each width, and from other groups. */
async function makeGroups(world: BenchWorld, vpcId: string): Promise<string[]> {
  const ids: string[] = [];
  for (let at = 0; at < groupCount; at++)
    ids.push(await world.make('CreateSecurityGroup', 'groupId', { VpcId: vpcId, GroupName: `group-${at}`, GroupDescription: 'd' }));
  for (const [at, id] of ids.entries()) {
    const rules = Array.from({ length: rulesPerGroup - 1 }, (_, nth) => {
      const port = 1_000 + nth * 10;
      const peer = nth % 4 === 1 ? (ids[(at + nth) % groupCount] ?? id) : nth % 4 === 2 ? '0.0.0.0/0' : `10.${nth}.0.0/16`;
      return ruleParameters(id, nth % 8 === 7 ? 'udp' : 'tcp', port, port + (at % 9), peer, nth + 1);
    });
    await world.call('AuthorizeSecurityGroupIngress', Object.assign({}, ...rules) as Record<string, string>); // each is such a record
  }
  return ids;
}

/** From the first call to the last interface's first echo, asked for by the router. */
async function build(world: BenchWorld, vpcId: string, subnetIds: readonly string[], groupIds: readonly string[]) {
  const startNs = monotonicNs();
  for (let at = 0; at < instanceCount; at += batch) {
    const specifications = Array.from({ length: interfacesEach }, (_, index) => {
      const name = `NetworkInterface.${index + 1}`;
      const groups = [0, 1, 2].map((nth) => [`${name}.SecurityGroupId.${nth + 1}`, groupIds[(at * 3 + index * 13 + nth * 17) % groupCount]]);
      return { [`${name}.DeviceIndex`]: index, [`${name}.SubnetId`]: subnetIds[index % subnetCount], ...Object.fromEntries(groups) };
    });
    await world.run(Math.min(batch, instanceCount - at), instanceType, Object.assign({}, ...specifications) as Record<string, string>); // each is such a record
  } // prettier-ignore
  const answeredMs = (monotonicNs() - startNs) / 1e6;
  const addresses = await world.addressesIn(vpcId);
  const router = world.rig.load(`router-${vpcId}`, undefined, 'reach', 100_000);
  await router.next();
  router.tell(addresses);
  await router.next();
  const ended = await router.next(longest.build).catch(() => undefined); // too late
  router.end();
  const times = Object.values((ended as { answered: Record<string, number> } | undefined)?.answered ?? {}); // as fabric-load.py says
  const seconds = times.length === 0 ? Number.NaN : (Math.max(...times) - startNs) / 1e9;
  return { interfaces: addresses.length, answeredMs, seconds };
}

async function nextEvent(watcher: LoadProgram, event: 'open' | 'closed'): Promise<number> {
  const said = await watcher.next();
  if (said['event'] !== event) throw new Error(`probes say ${JSON.stringify(said)} where ${event} was to come`);
  return Number(said['ns']);
}

/** Each rule is made, seen to let through, taken back and seen to let through no more. */
async function change(world: BenchWorld, groupId: string, speakerGroupId: string, speaker: Instance, watcher: LoadProgram) {
  const peers = [`${speaker.address}/32`, '10.0.0.0/8', speakerGroupId];
  const figures = { authorized: [] as number[], revoked: [] as number[], answered: [] as number[] };
  const until = performance.now() + longest.changes;
  for (let at = 0; at < changes && performance.now() < until; at++) {
    const rule = ruleParameters(groupId, 'udp', changedPort, changedPort, peers[at % peers.length] ?? '');
    for (const [action, event, times] of [['Authorize', 'open', figures.authorized], ['Revoke', 'closed', figures.revoked]] as const) {
      const sentNs = monotonicNs();
      await world.call(`${action}SecurityGroupIngress`, rule);
      figures.answered.push((monotonicNs() - sentNs) / 1e6);
      times.push(((await nextEvent(watcher, event)) - sentNs) / 1e6);
      await pause(5 + (at % 7) * 3);
    } // prettier-ignore
  }
  return figures;
}

export async function measureChanges(world: BenchWorld): Promise<{ rows: Row[]; notes: string[] }> {
  const { vpcId, subnetIds } = await world.makeNetwork(subnetCount);
  const groupIds = await makeGroups(world, vpcId);
  const extra = async (name: string): Promise<string> =>
    world.make('CreateSecurityGroup', 'groupId', { VpcId: vpcId, GroupName: name, GroupDescription: 'd' });
  const [watchedId, speakingId] = [await extra('watched'), await extra('speaking')];
  await world.call('AuthorizeSecurityGroupIngress', ruleParameters(watchedId, 'udp', openPort, openPort, '10.0.0.0/16'));
  const { interfaces, answeredMs, seconds } = await build(world, vpcId, subnetIds, groupIds);
  const rows: Row[] = [
    { name: `${interfaces} interfaces on ${instanceCount} instances through the API until the last answers`, unit: 's', keiro: [seconds], better: 'lower', goal: { limit: 10 } },
    { name: '  of which the API, all calls', unit: 's', keiro: [answeredMs / 1_000], better: 'lower' },
  ]; // prettier-ignore
  const notes = Number.isNaN(seconds) ? [`not all of ${interfaces} interfaces answered within ${longest.build / 1_000} s`] : [];
  const [watched, speaker] = [(await world.launch(subnetIds[1] ?? '', [groupIds[0] ?? '', watchedId, groupIds[1] ?? ''], 1))[0], (await world.launch(subnetIds[0] ?? '', [speakingId], 1))[0]]; // prettier-ignore
  if (watched === undefined || speaker === undefined) throw new Error('RunInstances started nothing');
  const watcher = world.rig.load(await world.untilThere(watched), undefined, 'watch', openPort, changedPort);
  const speaking = world.rig.load(await world.untilThere(speaker), undefined, 'speak', watched.address, openPort, changedPort, everyUs);
  await watcher.next();
  await pause(1_000);
  const figures = await change(world, watchedId, speakingId, speaker, watcher);
  speaking.end();
  watcher.end();
  const all = [...figures.authorized, ...figures.revoked];
  notes.push(`${all.length} changes of rules, each told by packets every ${everyUs} µs`);
  rows.push(
    { name: 'a rule change in force, 99th percentile', unit: 'ms', keiro: [percentile(all, 99)], better: 'lower', goal: { limit: 50 } },
    { name: 'a rule in force, median', unit: 'ms', keiro: figures.authorized, better: 'lower' },
    { name: 'a rule no more in force, median', unit: 'ms', keiro: figures.revoked, better: 'lower' },
    { name: 'of which the API, median', unit: 'ms', keiro: figures.answered, better: 'lower' },
  );
  return { rows, notes };
}
