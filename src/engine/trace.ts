/** The verdict on a flow: its packet walked there, the answer walked back, and what decided. */
import {
  hop,
  INTERNET,
  newConversation,
  newJourney,
  refuse,
  type Arrival,
  type Ending,
  type Journey,
  type Place,
} from '#engine/journey.ts';
import { flowsEqual } from '#engine/nat-gateway.ts';
import { walk } from '#engine/walk.ts';
import { answerOf, type Flow } from '#model/flow.ts';
import { ipFamily } from '#model/ip.ts';
import type { NetworkInterface, Topology } from '#model/topology.ts';
import type { Decision, Hop, Origin, Trace } from '#model/trace.ts';
import { answerRefusal, type AnswerRefusal } from '#model/verdict.ts';

/**
 * What becomes of a new flow that starts at an interface or at a host on the internet, as the topology is now. Pure: the
 * same topology and flow give the same trace, and nothing throws, whatever dangles. The answer is walked too; an
 * answer that is lost makes the outcome one of the `return…` ones.
 */
export function trace(topology: Topology, flow: Flow, from: Origin): Trace {
  const conversation = newConversation();
  const there = newJourney(topology, conversation, false);
  const origin = from.kind === 'interface' ? topology.interfaces.get(from.id) : undefined;
  const ending = start(there, flow, from, origin);
  if (!('place' in ending)) return { outcome: ending.outcome, decidedBy: ending.decidedBy, forward: there.hops, return: [] };
  const { outcome, place } = ending;
  const answer = outcome === 'delivered' ? answerOf(ending.flow) : undefined;
  if (answer === undefined) return { outcome, decidedBy: lastRule(there.hops), forward: there.hops, return: [] };
  const back = newJourney(topology, conversation, true);
  const answerEnding = answerFrom(back, place, answer);
  if (!('place' in answerEnding)) {
    return { outcome: answerRefusal(answerEnding.outcome), decidedBy: answerEnding.decidedBy, forward: there.hops, return: back.hops };
  }
  if (answerEnding.outcome === 'handedOver') {
    return { outcome: 'handedOver', decidedBy: lastRule(back.hops), forward: there.hops, return: back.hops };
  }
  if (!isHome(answerEnding, flow, origin)) {
    const astray: AnswerRefusal = 'returnAsymmetric';
    return { outcome: astray, decidedBy: lastRule(back.hops), forward: there.hops, return: back.hops };
  }
  return { outcome, decidedBy: lastRule(there.hops), forward: there.hops, return: back.hops };
}

function start(journey: Journey, flow: Flow, from: Origin, origin: NetworkInterface | undefined): Ending {
  if (ipFamily(flow.source) !== ipFamily(flow.destination)) {
    return refuse(journey, 'unroutableDestination', from.kind, from.kind === 'internet' ? INTERNET : from.id, flow);
  }
  if (from.kind === 'internet') {
    hop(journey, 'internet', INTERNET, 'send', flow);
    return walk(journey, { step: 'cross', flow });
  }
  if (origin === undefined) return refuse(journey, 'noSuchSource', 'interface', from.id, flow);
  return walk(journey, { step: 'send', sender: origin, flow, isNatGateway: false });
}

function answerFrom(journey: Journey, place: Place, answer: Flow): Ending {
  switch (place.kind) {
    case 'interface':
      return walk(journey, { step: 'send', sender: place.interface, flow: answer, isNatGateway: false });
    case 'internet':
      hop(journey, 'internet', INTERNET, 'send', answer);
      return walk(journey, { step: 'cross', flow: answer });
    case 'platform': {
      hop(journey, 'platform', place.interface.networkId, 'send', answer);
      hop(journey, 'interface', place.interface.id, 'receive', answer);
      return { outcome: 'delivered', place: { kind: 'interface', interface: place.interface }, flow: answer };
    }
  }
}

/** Whether the answer is back where the flow began, from the very address that was asked. */
function isHome({ place, flow: answer }: Arrival, flow: Flow, origin: NetworkInterface | undefined): boolean {
  const expected = answerOf(flow);
  const isSamePlace = place.kind === 'interface' ? place.interface === origin : origin === undefined;
  return isSamePlace && expected !== undefined && flowsEqual(expected, answer);
}

/** The last hop that had a rule to pass by, else the last hop. */
function lastRule(hops: readonly Hop[]): Decision {
  for (let at = hops.length - 1; at >= 0; at--) {
    const { kind, component, rule } = hops[at]!; // within bounds
    if (rule !== undefined) return { kind, component, rule };
  }
  const { kind, component } = hops.at(-1)!; // every walk begins with a hop
  return { kind, component, rule: undefined };
}
