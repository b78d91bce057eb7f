import { describe, expect, it } from 'vitest';
import { type Flow, tcpFlow } from '#model/flow.ts';
import { parseIp } from '#model/ip.ts';
import { OUTCOMES } from '#model/verdict.ts';
import { explanationCode } from '#services/ec2/network-insights/network-insights-codes.ts';

/** Codes of the guide's page. */
const documented = new Set(
  `BAD_STATE BAD_STATE_ATTACHMENT BAD_STATE_ROUTE ENI_SG_RULES_MISMATCH ENI_SOURCE_DEST_CHECK_RESTRICTION
  IGW_DESTINATION_ADDRESS_NOT_IN_RFC1918_EGRESS IGW_DESTINATION_ADDRESS_NOT_IN_RFC6598_EGRESS IGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS
  IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS NGW_REQUIRES_SOURCE_IN_VPC NGW_SOURCE_ADDRESS_REASSIGN NO_PATH NO_POSSIBLE_DESTINATION
  NO_ROUTE_TO_DESTINATION NO_SOURCE_OR_DESTINATION SUBNET_ACL_RESTRICTION UNKNOWN_DESTINATION`.split(/\s+/),
);

function flowTo(destination: string): Flow {
  return tcpFlow(parseIp('10.0.0.1')!, parseIp(destination)!, 443); // literals of the tests below
}

const at = (destination: string, kind: 'internet' | 'network' = 'internet') =>
  ({ kind, component: 'x', action: 'drop', direction: undefined, rule: undefined, flow: flowTo(destination) }) as const;

describe('the codes of outcomes', () => {
  it.each(OUTCOMES.filter((outcome) => outcome !== 'delivered'))('%s', (outcome) => {
    for (const isInward of [false, true]) {
      for (const isAnswer of [false, true])
        expect(documented).toContain(explanationCode(outcome, { at: at('192.0.2.1'), isInward, isAnswer }));
    }
  });

  it('has none for an arrival', () => {
    expect(explanationCode('delivered', { at: at('192.0.2.1'), isInward: false, isAnswer: false })).toBeUndefined();
  });

  it.each([
    ['10.9.9.9', 'internet', 'IGW_DESTINATION_ADDRESS_NOT_IN_RFC1918_EGRESS'],
    ['100.64.0.1', 'internet', 'IGW_DESTINATION_ADDRESS_NOT_IN_RFC6598_EGRESS'],
    ['224.0.0.1', 'network', 'NO_POSSIBLE_DESTINATION'],
  ] as const)('of %s, which nothing forwards to', (destination, kind, code) => {
    expect(explanationCode('unroutableDestination', { at: at(destination, kind), isInward: false, isAnswer: false })).toBe(code);
  });
});
