/** Quotas of Route 53 (guide, "Quotas"); not in Keiro's Service Quotas. */
import type { OperationContext } from '#aws/context.ts';

export const limits = {
  MAX_HOSTED_ZONES_BY_OWNER: 500,
  MAX_HEALTH_CHECKS_BY_OWNER: 200,
  MAX_REUSABLE_DELEGATION_SETS_BY_OWNER: 100,
  MAX_TRAFFIC_POLICIES_BY_OWNER: 50,
  MAX_TRAFFIC_POLICY_INSTANCES_BY_OWNER: 5,
  MAX_RRSETS_BY_ZONE: 10_000,
  MAX_VPCS_ASSOCIATED_BY_ZONE: 300,
  MAX_ZONES_BY_REUSABLE_DELEGATION_SET: 100,
} as const;

/** These have no name in the API. */
export const VPC_AUTHORIZATIONS_PER_ZONE = 1000;
export const VALUES_PER_SET = 400;
export const SETS_PER_NAME_AND_TYPE = 100;
export const CHILDREN_PER_CHECK = 256;
export const TAGS_PER_RESOURCE = 10;
/** Of a batch: a change with UPSERT counts twice in both. */
export const RECORDS_PER_BATCH = 1000;
export const CHARACTERS_PER_BATCH = 32_000;

/** Infinity after `--quotas off`. */
export function limitOf({ quotasOn }: Pick<OperationContext, 'quotasOn'>, limit: number): number {
  return quotasOn ? limit : Number.POSITIVE_INFINITY;
}
