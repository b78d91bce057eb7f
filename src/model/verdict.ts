/** The closed list of what becomes of a flow, each with the sentence that explains it. */

/** Why a packet is lost on its way. */
const refusals = {
  noSuchSource: 'The interface that the flow starts from does not exist.',
  interfaceDown: 'Nothing that runs is attached to the interface.',
  sourceDestinationCheck: 'The interface neither sends nor receives for addresses that are not its own.',
  groupDeniedOut: 'No rule of the sending interface’s groups allows the traffic out.',
  groupDeniedIn: 'No rule of the receiving interface’s groups allows the traffic in.',
  aclDeniedOut: 'The access list of the segment that the packet leaves denies it.',
  aclDeniedIn: 'The access list of the segment that the packet enters denies it.',
  noRoute: 'The route table has no route to the destination.',
  blackhole: 'The route leads to something that is gone, detached or down.',
  unroutableDestination: 'The destination is not forwarded to from there: link-local, multicast, reserved, or private on the internet.',
  noPublicAddress: 'The source has no public address, so the internet gateway drops it.',
  noInternetGateway: 'No internet gateway is attached to the destination’s network.',
  noSuchDestination: 'No interface has the destination address.',
  natGatewayRefused: 'A NAT gateway takes only IPv4 TCP, UDP and ICMP that starts behind it, and answers to it.',
  egressOnlyGatewayRefused: 'An egress-only gateway takes only IPv6 that starts behind it, and answers to it.',
  loop: 'The packet goes round in circles.',
} as const;

export type Refusal = keyof typeof refusals;
/** The same, met by the answer on its way back. */
export type AnswerRefusal = `return${Capitalize<Refusal>}` | 'returnAsymmetric';

/**
 * `delivered`: the packet arrives and so does its answer (or its kind has none). `handedOver`: it reaches an interface
 * that takes packets for others, and what its holder does with them is not known.
 */
export type Outcome = 'delivered' | 'handedOver' | Refusal | AnswerRefusal;

const outcomes: ReadonlyMap<Outcome, string> = new Map<Outcome, string>([
  ['delivered', 'The packet arrives, and so does its answer.'],
  ['handedOver', 'The packet reaches an interface that forwards for others; what happens there is up to its holder.'],
  ...refusalNames().map((refusal): [Outcome, string] => [refusal, refusals[refusal]]),
  ...refusalNames().map((refusal): [Outcome, string] => [answerRefusal(refusal), `On the answer: ${refusals[refusal]}`]),
  ['returnAsymmetric', 'The answer reaches the sender from another address than the one that it asked, or another sender.'],
]);

/** Every outcome there is. */
export const OUTCOMES: readonly Outcome[] = [...outcomes.keys()];

/** One sentence on what the outcome means. */
export function explainOutcome(outcome: Outcome): string {
  return outcomes.get(outcome) ?? outcome;
}

/** The outcome of a conversation whose answer is refused so. */
export function answerRefusal(refusal: Refusal): AnswerRefusal {
  return `return${refusal[0]!.toUpperCase()}${refusal.slice(1)}` as AnswerRefusal; // what the template type says, done by hand
}

/** The refusal that an outcome is, on the way there or on the answer's; undefined for arrivals, and for an answer that goes astray. */
export function refusalBehind(outcome: Outcome): Refusal | undefined {
  return refusalNames().find((refusal) => outcome === refusal || outcome === answerRefusal(refusal));
}

function refusalNames(): Refusal[] {
  return Object.keys(refusals) as Refusal[]; // the object above is closed
}
