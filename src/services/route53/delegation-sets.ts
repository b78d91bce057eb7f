/** Reusable delegation sets: four name servers that several zones have. */
import type { OperationContext } from '#aws/context.ts';
import { SETS } from '#model/name-servers.ts';
import {
  delegationSetAlreadyCreated,
  delegationSetAlreadyReusable,
  delegationSetInUse,
  invalidArgument,
  limitsExceeded,
  noSuchDelegationSet,
  zoneOfSetNotFound,
} from '#services/route53/errors.ts';
import { bareId, locationOf, newId } from '#services/route53/ids.ts';
import { pageById, pageSize } from '#services/route53/pages.ts';
import { limitOf, limits } from '#services/route53/quotas.ts';
import type { Route53Operations } from '#services/route53/sdk.ts';
import { type DelegationSetRecord, delegationSetTable, type HostedZoneRecord, zoneTable } from '#services/route53/tables.ts';
import { delegationSetView } from '#services/route53/zone-views.ts';

const MOST = 100;

export const delegationSets = {
  CreateReusableDelegationSet(context, input) {
    const { tx } = context;
    if (tx.find(delegationSetTable, 'reference', input.CallerReference).length > 0) throw delegationSetAlreadyCreated();
    const zone = input.HostedZoneId ? zoneOfSet(context, input.HostedZoneId) : undefined;
    const limit = limitOf(context, limits.MAX_REUSABLE_DELEGATION_SETS_BY_OWNER);
    if (tx.count(delegationSetTable) >= limit) throw limitsExceeded('MAX_REUSABLE_DELEGATION_SETS_BY_OWNER');
    const set: DelegationSetRecord = {
      id: newId(context, 'N'),
      callerReference: input.CallerReference,
      serverSet: zone?.serverSet ?? context.randomBytes(1).readUInt8() % SETS,
    };
    tx.put(delegationSetTable, set);
    if (zone) tx.put(zoneTable, { ...zone, delegationSetId: set.id });
    return { DelegationSet: delegationSetView(set), Location: locationOf(`delegationset/${set.id}`) };
  },

  GetReusableDelegationSet(context, input) {
    return { DelegationSet: delegationSetView(requireDelegationSet(context, input.Id)) };
  },

  ListReusableDelegationSets(context, input) {
    const size = pageSize(input.MaxItems, MOST);
    const { items, next } = pageById(context.tx.list(delegationSetTable), input.Marker ? bareId(input.Marker) : undefined, size);
    return {
      DelegationSets: items.map(delegationSetView),
      Marker: input.Marker ?? '',
      IsTruncated: next !== undefined,
      NextMarker: next?.id,
      MaxItems: size,
    };
  },

  DeleteReusableDelegationSet(context, input) {
    const { id } = requireDelegationSet(context, input.Id);
    if (context.tx.find(zoneTable, 'delegationSet', id).length > 0) throw delegationSetInUse();
    context.tx.delete(delegationSetTable, id);
    return {};
  },
} satisfies Route53Operations;

/** @throws AwsError NoSuchDelegationSet */
export function requireDelegationSet({ tx }: Pick<OperationContext, 'tx'>, id: string): DelegationSetRecord {
  const set = tx.get(delegationSetTable, bareId(id));
  if (!set) throw noSuchDelegationSet(bareId(id));
  return set;
}

/** A zone whose servers become reusable. @throws AwsError HostedZoneNotFound, InvalidArgument, DelegationSetAlreadyReusable */
function zoneOfSet({ tx }: OperationContext, id: string): HostedZoneRecord {
  const zone = tx.get(zoneTable, bareId(id));
  if (!zone) throw zoneOfSetNotFound(bareId(id));
  if (zone.serverSet === undefined) throw invalidArgument("You can't associate a reusable delegation set with a private hosted zone.");
  if (zone.delegationSetId !== undefined) throw delegationSetAlreadyReusable();
  return zone;
}
