/** The state of one packet's walk: where it has been, what earlier packets of the conversation left behind, how it ends. */
import type { NatMapping } from '#engine/nat-gateway.ts';
import type { Flow } from '#model/flow.ts';
import type { Direction, Id, NetworkInterface, Topology } from '#model/topology.ts';
import type { ComponentKind, Decision, Hop, HopAction } from '#model/trace.ts';
import type { Refusal } from '#model/verdict.ts';

/** What stateful components remember of the packet, for its answer. */
export interface Conversation {
  /** Interfaces whose groups let the packet in or out. */
  readonly tracked: Id[];
  readonly mappings: NatMapping[];
  /** Networks that the packet left through an egress-only gateway, and that gateway. */
  readonly egress: { readonly networkId: Id; readonly gatewayId: Id }[];
}

export interface Journey {
  readonly topology: Topology;
  readonly conversation: Conversation;
  /** Whether the packet is the answer to the one that made the conversation. */
  readonly isAnswer: boolean;
  readonly hops: Hop[];
}

/** Where a packet comes to its end. */
export type Place =
  | { readonly kind: 'interface'; readonly interface: NetworkInterface }
  | { readonly kind: 'platform'; readonly interface: NetworkInterface }
  | { readonly kind: 'internet' };

export interface Arrival {
  readonly outcome: 'delivered' | 'handedOver';
  readonly place: Place;
  readonly flow: Flow;
}

export type Ending = Arrival | { readonly outcome: Refusal; readonly decidedBy: Decision };

/** What a packet does next; `walk` goes from step to step. */
export type Step =
  /** An interface puts the packet on its link. Whoever sends answers to the source check, but a NAT gateway. */
  | { readonly step: 'send'; readonly sender: NetworkInterface; readonly flow: Flow; readonly isNatGateway: boolean }
  /**
   * The packet comes to an interface, over its link or from the router. `from` is the segment that it comes from,
   * undefined from outside the network; `emitter` the interface that sent it, undefined when a gateway did.
   */
  | {
      readonly step: 'arrive';
      readonly receiver: NetworkInterface;
      readonly flow: Flow;
      readonly emitter: NetworkInterface | undefined;
      readonly from: Id | undefined;
    }
  /** The packet is on the internet. */
  | { readonly step: 'cross'; readonly flow: Flow };

export type Next = Step | Ending;

/** What the trace calls the internet, which has no id. */
export const INTERNET = 'internet';

export function newConversation(): Conversation {
  return { tracked: [], mappings: [], egress: [] };
}

export function newJourney(topology: Topology, conversation: Conversation, isAnswer: boolean): Journey {
  return { topology, conversation, isAnswer, hops: [] };
}

export function hop(
  journey: Journey,
  kind: ComponentKind,
  component: Id,
  action: HopAction,
  flow: Flow,
  rule?: string,
  direction?: Direction,
): void {
  journey.hops.push({ kind, component, action, direction, rule, flow });
}

/** Ends the walk in a loss, with the hop that tells of it. */
export function refuse(
  journey: Journey,
  outcome: Refusal,
  kind: ComponentKind,
  component: Id,
  flow: Flow,
  rule?: string,
  direction?: Direction,
  candidates?: readonly Id[],
): Ending {
  hop(journey, kind, component, 'drop', flow, rule, direction);
  return { outcome, decidedBy: candidates === undefined ? { kind, component, rule } : { kind, component, rule, candidates } };
}
