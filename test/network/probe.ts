/** Asks the engine about a flow, and puts its answers in a line for tables of facts. */
import { trace } from '#engine/trace.ts';
import { tcpFlow, type Flow } from '#model/flow.ts';
import type { Topology } from '#model/topology.ts';
import type { Hop, Origin, Trace } from '#model/trace.ts';
import { ip } from '#test/network/sample-network.ts';

function originOf(text: string): Origin {
  return text === 'internet' ? { kind: 'internet' } : { kind: 'interface', id: text };
}

/** The trace of a flow, HTTPS unless told, from an interface or `internet`. */
export function probe(
  topology: Topology,
  origin: string,
  source: string,
  destination: string,
  make: (a: Flow['source'], b: Flow['source']) => Flow = https,
): Trace {
  return trace(topology, make(ip(source), ip(destination)), originOf(origin));
}

function https(source: Flow['source'], destination: Flow['source']): Flow {
  return tcpFlow(source, destination, 443);
}

/** `outcome component rule`. */
export function verdict({ outcome, decidedBy }: Trace): string {
  return `${outcome} ${decidedBy.component}${decidedBy.rule === undefined ? '' : ` ${decidedBy.rule}`}`;
}

/** `component:action(rule)` of each hop. */
export function path(hops: readonly Hop[]): string {
  return hops.map(({ component, action, rule: by }) => `${component}:${action}${by === undefined ? '' : `(${by})`}`).join(' ');
}
