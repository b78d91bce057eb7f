/** Elastic Load Balancing (version 2): the operations of all its nouns. */
import { checkedService, defineService } from '#aws/operation.ts';
import { accountLimits } from '#services/elbv2/account-limits.ts';
import { checkInput } from '#services/elbv2/constraints.ts';
import { listenerAttributes } from '#services/elbv2/listener-attributes.ts';
import { listenerCertificates } from '#services/elbv2/listener-certificates.ts';
import { listeners } from '#services/elbv2/listeners.ts';
import { loadBalancerAttributes } from '#services/elbv2/load-balancer-attributes.ts';
import { loadBalancerNetwork } from '#services/elbv2/load-balancer-network.ts';
import { loadBalancers } from '#services/elbv2/load-balancers.ts';
import { rules } from '#services/elbv2/rules.ts';
import { sslPolicies } from '#services/elbv2/ssl-policies.ts';
import { tags } from '#services/elbv2/tags.ts';
import { targetGroupAttributes } from '#services/elbv2/target-group-attributes.ts';
import { targetGroups } from '#services/elbv2/target-groups.ts';
import { targetHealth } from '#services/elbv2/target-health.ts';
import { targets } from '#services/elbv2/targets.ts';

const nouns = [
  loadBalancers,
  loadBalancerAttributes,
  loadBalancerNetwork,
  listeners,
  listenerAttributes,
  listenerCertificates,
  rules,
  targetGroups,
  targetGroupAttributes,
  targets,
  targetHealth,
  sslPolicies,
  tags,
  accountLimits,
];

export const elbv2 = checkedService(defineService('elbv2', nouns), (_context, input) => checkInput(input));
