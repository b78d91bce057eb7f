/** Why a path is not reachable, in Reachability Analyzer's codes (https://docs.aws.amazon.com/vpc/latest/reachability/explanation-codes.html). */
import { cidrContainsIp, parseCidr } from '#model/cidr.ts';
import type { Hop } from '#model/trace.ts';
import { type Outcome, type Refusal, refusalBehind } from '#model/verdict.ts';

/** AWS's codes for what Keiro models; load balancers, transit gateways, endpoints and peering have more. */
export type ExplanationCode =
  | 'BAD_STATE'
  | 'BAD_STATE_ATTACHMENT'
  | 'BAD_STATE_ROUTE'
  | 'COMPONENT_FILTER_RESTRICTION'
  | 'COMPONENT_FILTER_RESTRICTION_REMOVED_COMPONENT'
  | 'DISCONNECTED_VPCS'
  | 'ENI_SG_RULES_MISMATCH'
  | 'ENI_SOURCE_DEST_CHECK_RESTRICTION'
  | `FILTER_AT_${'SOURCE' | 'DESTINATION'}_${'SOURCE' | 'DESTINATION'}_${'ADDRESS' | 'PORT_RANGE'}`
  | 'IGW_DESTINATION_ADDRESS_NOT_IN_RFC1918_EGRESS'
  | 'IGW_DESTINATION_ADDRESS_NOT_IN_RFC6598_EGRESS'
  | 'IGW_EXPECTS_PUBLIC_ADDRESS'
  | 'IGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS'
  | 'IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS'
  | 'NGW_REQUIRES_SOURCE_IN_VPC'
  | 'NGW_SOURCE_ADDRESS_REASSIGN'
  | 'NO_PATH'
  | 'NO_POSSIBLE_DESTINATION'
  | 'NO_ROUTE_TO_DESTINATION'
  | 'NO_SOURCE_OR_DESTINATION'
  | 'SUBNET_ACL_RESTRICTION'
  | 'UNASSOCIATED_COMPONENT'
  | 'UNKNOWN_DESTINATION';

/** Where the packet was lost. */
interface Loss {
  /** The hop that lost it. */
  readonly at: Hop;
  /** It came from the internet and had not got further. */
  readonly isInward: boolean;
  readonly isAnswer: boolean;
}

const sharedAddresses = parseCidr('100.64.0.0/10')!; // RFC 6598; the literal is valid

const codes: Readonly<Record<Refusal, ExplanationCode | ((loss: Loss) => ExplanationCode)>> = {
  noSuchSource: 'NO_SOURCE_OR_DESTINATION',
  interfaceDown: 'BAD_STATE',
  sourceDestinationCheck: 'ENI_SOURCE_DEST_CHECK_RESTRICTION',
  groupDeniedOut: 'ENI_SG_RULES_MISMATCH',
  groupDeniedIn: 'ENI_SG_RULES_MISMATCH',
  aclDeniedOut: 'SUBNET_ACL_RESTRICTION',
  aclDeniedIn: 'SUBNET_ACL_RESTRICTION',
  noRoute: 'NO_ROUTE_TO_DESTINATION',
  blackhole: 'BAD_STATE_ROUTE',
  unroutableDestination: unroutable,
  noPublicAddress: 'IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS',
  noInternetGateway: 'BAD_STATE_ATTACHMENT',
  noSuchDestination: ({ isInward }) => (isInward ? 'IGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS' : 'NO_POSSIBLE_DESTINATION'),
  // An answer by a NAT gateway would come from another address than the one that was asked.
  natGatewayRefused: ({ isAnswer }) => (isAnswer ? 'NGW_SOURCE_ADDRESS_REASSIGN' : 'NGW_REQUIRES_SOURCE_IN_VPC'),
  egressOnlyGatewayRefused: 'NO_PATH', // "requires … an unsupported feature (for example, IPv6)"
  loop: 'NO_PATH',
};

/** The code of a walk that ended so; undefined when the packet arrives and is answered. */
export function explanationCode(outcome: Outcome, loss: Loss): ExplanationCode | undefined {
  if (outcome === 'delivered') return undefined;
  // "The path can't be extended because the information about the destination is insufficient."
  if (outcome === 'handedOver') return 'UNKNOWN_DESTINATION';
  const refusal = refusalBehind(outcome);
  if (refusal === undefined) return 'NO_PATH'; // the answer goes astray
  const code = codes[refusal];
  return typeof code === 'string' ? code : code(loss);
}

function unroutable({ at: { kind, flow }, isInward }: Loss): ExplanationCode {
  if (isInward) return 'IGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS';
  if (kind !== 'internet') return 'NO_POSSIBLE_DESTINATION';
  return cidrContainsIp(sharedAddresses, flow.destination)
    ? 'IGW_DESTINATION_ADDRESS_NOT_IN_RFC6598_EGRESS'
    : 'IGW_DESTINATION_ADDRESS_NOT_IN_RFC1918_EGRESS';
}
