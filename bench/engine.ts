/** How many flows the engine traces per second at 1,000 interfaces and 20,000 rules, and what a change costs at 10,000 interfaces; prints JSON. */
import { performance } from 'node:perf_hooks';
import { trace } from '#engine/trace.ts';
import { tcpFlow, type Flow } from '#model/flow.ts';
import { LiveTopology } from '#model/live-topology.ts';
import type { Part } from '#model/topology.ts';
import type { Origin } from '#model/trace.ts';
import { at4, buildParts, makeInterface } from './large-network.ts';

function main(): void {
  const small = buildParts(1_000, 20_000);
  const large = buildParts(10_000, 20_000);
  const result = { interfaces: 1_000, rules: 20_000, ...measureTraces(small), changes: { interfaces: 10_000, ...measureChanges(large) } };
  console.log(JSON.stringify(result, undefined, 2));
}

function measureTraces(parts: readonly Part[]) {
  const topology = new LiveTopology(parts);
  const interfaces = [...topology.interfaces.values()].filter(({ attachment }) => attachment?.kind !== 'natGateway');
  const mixes: Record<string, { flow: Flow; from: Origin }[]> = { inside: [], outward: [], inward: [], denied: [], ipv6: [] };
  for (let at = 0; at < 4_000; at++) {
    const a = interfaces[(at * 7919) % interfaces.length]!; // within bounds
    const b = interfaces[(at * 104_729 + 13) % interfaces.length]!; // within bounds
    const [from, internet]: Origin[] = [{ kind: 'interface', id: a.id }, { kind: 'internet' }] as const;
    const port = 1_000 + (at % 50);
    mixes['inside']!.push({ from, flow: tcpFlow(a.addresses[0]!, b.addresses[0]!, port) }); // every interface has both addresses
    mixes['ipv6']!.push({ from, flow: tcpFlow(a.addresses[1]!, b.addresses[1]!, port) }); // as above
    mixes['denied']!.push({ from, flow: tcpFlow(a.addresses[0]!, b.addresses[0]!, 9) }); // as above
    mixes['outward']!.push({ from, flow: tcpFlow(a.addresses[0]!, at4('198.51.100.0', at % 256), 443) }); // as above
    const open = b.publicAddresses[0]?.publicAddress;
    if (open !== undefined) mixes['inward']!.push({ from: internet, flow: tcpFlow(at4('198.51.100.0', at % 256), open, port) });
  }
  const all = Object.values(mixes).flat();
  const outcomes: Record<string, number> = {};
  for (const { flow, from } of all) {
    const { outcome } = trace(topology, flow, from);
    outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
  }
  const tracesPerSecond: Record<string, number> = {};
  for (const [name, flows] of Object.entries({ ...mixes, mixed: all })) tracesPerSecond[name] = rate(topology, flows);
  return { tracesPerSecond, outcomes };
}

/** Traces per second of processor time, so that neighbours on the machine do not count; median of five rounds. */
function rate(topology: LiveTopology, flows: readonly { flow: Flow; from: Origin }[]): number {
  const rounds: number[] = [];
  for (let round = 0; round < 5; round++) {
    const start = cpuMicroseconds();
    let count = 0;
    while (cpuMicroseconds() - start < 200_000) {
      for (const { flow, from } of flows) trace(topology, flow, from);
      count += flows.length;
    }
    rounds.push((count * 1_000_000) / (cpuMicroseconds() - start));
  }
  return Math.round(rounds.sort((a, b) => a - b)[2]!); // five rounds
}

function cpuMicroseconds(): number {
  const { user, system } = process.threadCpuUsage();
  return user + system;
}

function measureChanges(parts: readonly Part[]) {
  const buildStart = performance.now();
  const topology = new LiveTopology(parts);
  const buildMs = performance.now() - buildStart;
  const interfaces = [...topology.interfaces.values()];
  const groups = [...topology.groups.values()];
  const table = topology.routeTables.get('rtb-public')!; // built below
  const [a, b] = [interfaces[10]!, interfaces[interfaces.length - 10]!]; // there are 10,000
  const probe = (): void => {
    const { outcome } = trace(topology, tcpFlow(a.addresses[0]!, b.addresses[0]!, 1_001), { kind: 'interface', id: a.id }); // every interface has both addresses
    if (outcome !== 'delivered') throw new Error(`the probe is ${outcome}`);
  };
  return {
    buildMs: Math.round(buildMs),
    microsecondsPerChange: {
      interface: microseconds((at) => {
        const one = interfaces[at % interfaces.length]!; // within bounds
        topology.put({ ...one, publicAddresses: [...one.publicAddresses] });
        probe();
      }),
      interfaceAddedAndRemoved: microseconds((at) => {
        topology.put(
          makeInterface(
            `eni-new-${at}`,
            20_000,
            groups.map(({ id }) => id),
          ),
        );
        topology.remove('interface', `eni-new-${at}`);
        probe();
      }),
      group: microseconds((at) => {
        const id = a.groupIds[at % a.groupIds.length]!; // within bounds
        topology.put({ ...topology.groups.get(id)! }); // its interface names it
        probe();
      }),
      routeTable: microseconds(() => {
        topology.put({ ...table });
        probe();
      }),
    },
  };
}

/** Mean over half a second of processor time, the trace that meets the change included. */
function microseconds(change: (at: number) => void): number {
  const start = cpuMicroseconds();
  let count = 0;
  while (cpuMicroseconds() - start < 500_000) change(count++);
  return Math.round(((cpuMicroseconds() - start) * 100) / count) / 100;
}

main();
