/** Quotas and how much of them is used. */
import { hostedZoneNotPrivate } from '#services/route53/errors.ts';
import { requireDelegationSet } from '#services/route53/delegation-sets.ts';
import { requireZone } from '#services/route53/lookup.ts';
import { limits } from '#services/route53/quotas.ts';
import type { Route53Operations } from '#services/route53/sdk.ts';
import { delegationSetTable, healthCheckTable, isPrivate, setCountTable, zoneTable } from '#services/route53/tables.ts';

export const accountLimits = {
  GetAccountLimit({ tx }, { Type }) {
    const counts = {
      MAX_HEALTH_CHECKS_BY_OWNER: () => tx.count(healthCheckTable),
      MAX_HOSTED_ZONES_BY_OWNER: () => tx.count(zoneTable),
      MAX_REUSABLE_DELEGATION_SETS_BY_OWNER: () => tx.count(delegationSetTable),
      // Keiro has no traffic policies, so nobody has any.
      MAX_TRAFFIC_POLICIES_BY_OWNER: () => 0,
      MAX_TRAFFIC_POLICY_INSTANCES_BY_OWNER: () => 0,
    };
    return { Limit: { Type, Value: limits[Type] }, Count: counts[Type]() };
  },

  GetHostedZoneLimit(context, { HostedZoneId, Type }) {
    const zone = requireZone(context, HostedZoneId);
    if (Type === 'MAX_VPCS_ASSOCIATED_BY_ZONE' && !isPrivate(zone)) throw hostedZoneNotPrivate();
    const count = Type === 'MAX_RRSETS_BY_ZONE' ? (context.tx.get(setCountTable, zone.id)?.sets ?? 0) : zone.vpcs.length;
    return { Limit: { Type, Value: limits[Type] }, Count: count };
  },

  GetReusableDelegationSetLimit(context, { DelegationSetId, Type }) {
    const { id } = requireDelegationSet(context, DelegationSetId);
    return { Limit: { Type, Value: limits[Type] }, Count: context.tx.find(zoneTable, 'delegationSet', id).length };
  },
} satisfies Route53Operations;
