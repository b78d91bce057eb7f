/** AWS's classification of requests by the danger that two servers read them differently, and what each mode does about it. */
import type { BalancerAttributes } from '#model/balancer.ts';

export type Tier = 'Acceptable' | 'Ambiguous' | 'Severe';

/** The codes of the access log (ALB user guide, "Classification reasons"). */
export const TIER_OF = {
  AmbiguousUri: 'Ambiguous',
  BadContentLength: 'Severe',
  BadHeader: 'Severe',
  BadTransferEncoding: 'Severe',
  BadUri: 'Severe',
  BadMethod: 'Severe',
  BadVersion: 'Severe',
  BothTeClPresent: 'Ambiguous',
  DuplicateContentLength: 'Ambiguous',
  EmptyHeader: 'Ambiguous',
  GetHeadZeroContentLength: 'Acceptable',
  MultipleContentLength: 'Severe',
  MultipleTransferEncodingChunked: 'Severe',
  NonCompliantHeader: 'Acceptable',
  NonCompliantVersion: 'Acceptable',
  SpaceInUri: 'Acceptable',
  SuspiciousHeader: 'Ambiguous',
  UndefinedContentLengthSemantics: 'Ambiguous',
  UndefinedTransferEncodingSemantics: 'Ambiguous',
} as const satisfies Record<string, Tier>;

export type Reason = keyof typeof TIER_OF;

const RANK: Record<Tier, number> = { Acceptable: 1, Ambiguous: 2, Severe: 3 };

/** The graver of two; of equally grave ones the first. */
export function graver(before: Reason | undefined, after: Reason): Reason {
  return before !== undefined && RANK[TIER_OF[before]] >= RANK[TIER_OF[after]] ? before : after;
}

/** `isolate`: it passes, and neither connection is used again. */
export type Verdict = 'pass' | 'isolate' | 'block';

/** ALB user guide, "Desync mitigation mode": the table. */
const VERDICTS: Record<BalancerAttributes['desyncMode'], Record<Tier, Verdict>> = {
  monitor: { Acceptable: 'pass', Ambiguous: 'pass', Severe: 'pass' },
  defensive: { Acceptable: 'pass', Ambiguous: 'isolate', Severe: 'block' },
  strictest: { Acceptable: 'block', Ambiguous: 'block', Severe: 'block' },
};

export function verdictOf(mode: BalancerAttributes['desyncMode'], reason: Reason | undefined): Verdict {
  return reason === undefined ? 'pass' : VERDICTS[mode][TIER_OF[reason]];
}
