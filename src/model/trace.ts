/** The account of one flow: every hop there and back, and what decided. */
import { type Flow } from '#model/flow.ts';
import { type Direction, type Id } from '#model/topology.ts';
import { type Outcome } from '#model/verdict.ts';

/** Where a flow starts. */
export type Origin = { readonly kind: 'interface'; readonly id: Id } | { readonly kind: 'internet' };

/** What a hop is at. `internet` and `platform` have no id of their own: their component is `internet`, and the network's id. */
export type ComponentKind =
  | 'interface'
  | 'group'
  | 'accessList'
  | 'routeTable'
  | 'segment'
  | 'network'
  | 'internetGateway'
  | 'egressOnlyGateway'
  | 'natGateway'
  | 'platform'
  | 'internet';

export type HopAction =
  /** An interface, the internet or the platform puts the packet on its way. */
  | 'send'
  /** It is for this place, and arrives. */
  | 'receive'
  /** A filter's rule lets it pass. */
  | 'allow'
  /** A stateful filter lets it pass as the answer to what it allowed. */
  | 'established'
  /** A table's route is chosen. */
  | 'route'
  /** Passed on with another source or destination; `flow` is the packet behind it. */
  | 'translate'
  /** Passed on unchanged. */
  | 'forward'
  /** Lost here. */
  | 'drop';

export interface Hop {
  readonly kind: ComponentKind;
  /** The component's id. */
  readonly component: Id;
  readonly action: HopAction;
  /** Groups and access lists: which of their directions. */
  readonly direction: Direction | undefined;
  /**
   * What decided inside the component: a group rule's id, an access entry's number (`*`: no entry matched), a route's
   * destination (a CIDR, or a prefix set's id). Undefined when there is no rule to name, also where no rule of a group allows.
   */
  readonly rule: string | undefined;
  /** The packet as it leaves the hop. */
  readonly flow: Flow;
}

/** The component and rule that settled the outcome. */
export interface Decision {
  readonly kind: ComponentKind;
  readonly component: Id;
  /** As in Hop. */
  readonly rule: string | undefined;
  /** Where several components were asked and none allowed (an interface's groups): all of them, `component` first. */
  readonly candidates?: readonly Id[];
}

export interface Trace {
  readonly outcome: Outcome;
  /** A refusal: what refused. Else: the last rule on the way that let the packet through, or where it arrived when no rule was asked. */
  readonly decidedBy: Decision;
  /** The packet's way, at least one hop; the last is the drop, or the arrival. */
  readonly forward: readonly Hop[];
  /** The answer's way; empty when the packet does not arrive, or nothing answers its kind. */
  readonly return: readonly Hop[];
}
