/** Hosted zones: made, described, counted, deleted. */
import type { OperationContext } from '#aws/context.ts';
import { shownDomainName } from '#model/domain-name.ts';
import { submitChange } from '#services/route53/changes.ts';
import { requireDelegationSet } from '#services/route53/delegation-sets.ts';
import { hostedZoneNotEmpty, invalidInput, serversInUse, tooManyZonesOfSet } from '#services/route53/errors.ts';
import { locationOf } from '#services/route53/ids.ts';
import { findName, requireZone } from '#services/route53/lookup.ts';
import { limitOf, limits } from '#services/route53/quotas.ts';
import type { Route53Operations } from '#services/route53/sdk.ts';
import { authorizationTable, type HostedZoneRecord, isPrivate, nameId, nameTable, setCountTable, zoneTable } from '#services/route53/tables.ts'; // prettier-ignore
import { checkVpc, checkVpcIsFree } from '#services/route53/vpc-checks.ts';
import { createZone } from '#services/route53/zone-creation.ts';
import { checkZoneName, chooseServerSet, conflictsWith } from '#services/route53/zone-names.ts';
import { delegationSetOf, vpcView, zoneView } from '#services/route53/zone-views.ts';

export const hostedZones = {
  CreateHostedZone(context, input) {
    const { VPC: vpc, CallerReference: callerReference, HostedZoneConfig: config } = input;
    if (config?.PrivateZone === true && vpc === undefined) {
      throw invalidInput('When you specify true for PrivateZone, you must also specify values for VPCId and VPCRegion.');
    }
    if (vpc && input.DelegationSetId !== undefined) {
      throw invalidInput("You can't associate a reusable delegation set with a private hosted zone.");
    }
    const name = checkZoneName(input.Name, vpc !== undefined);
    const place = vpc ? { vpcs: [checkVpc(context, vpc)] } : { vpcs: [], ...serversFor(context, name, input.DelegationSetId) };
    for (const each of place.vpcs) checkVpcIsFree(context, each, name);
    const comment = config?.Comment ? { comment: config.Comment } : {};
    const zone = createZone(context, { name, callerReference, ...comment, ...place });
    return {
      HostedZone: zoneView(context, zone),
      ChangeInfo: submitChange(context, zone.id),
      DelegationSet: delegationSetOf(context, zone),
      VPC: zone.vpcs[0] && vpcView(zone.vpcs[0]),
      Location: locationOf(`hostedzone/${zone.id}`),
    };
  },

  GetHostedZone(context, input) {
    const zone = requireZone(context, input.Id);
    return {
      HostedZone: zoneView(context, zone),
      DelegationSet: delegationSetOf(context, zone),
      VPCs: isPrivate(zone) ? zone.vpcs.map(vpcView) : undefined,
    };
  },

  GetHostedZoneCount({ tx }) {
    return { HostedZoneCount: tx.count(zoneTable) };
  },

  UpdateHostedZoneComment(context, input) {
    const { comment: _before, ...zone } = requireZone(context, input.Id);
    const changed: HostedZoneRecord = { ...zone, ...(input.Comment ? { comment: input.Comment } : {}) };
    context.tx.put(zoneTable, changed);
    return { HostedZone: zoneView(context, changed) };
  },

  DeleteHostedZone(context, input) {
    const zone = requireZone(context, input.Id);
    const { tx } = context;
    const sets = tx.get(setCountTable, zone.id)?.sets ?? 0;
    if (sets > 2 || findName(tx, zone.id, zone.name)?.sets.length !== sets) throw hostedZoneNotEmpty();
    tx.delete(nameTable, nameId(zone.id, zone.name));
    tx.delete(setCountTable, zone.id);
    for (const { id } of tx.find(authorizationTable, 'zone', zone.id)) tx.delete(authorizationTable, id);
    tx.delete(zoneTable, zone.id);
    return { ChangeInfo: submitChange(context, zone.id) };
  },
} satisfies Route53Operations;

/** The servers of a public zone. @throws AwsError NoSuchDelegationSet, TooManyHostedZones, ConflictingDomainExists, DelegationSetNotAvailable */
function serversFor(
  context: OperationContext,
  name: string,
  delegationSetId: string | undefined,
): Pick<HostedZoneRecord, 'serverSet' | 'delegationSetId'> {
  if (!delegationSetId) return { serverSet: chooseServerSet(context, name) };
  const { id, serverSet } = requireDelegationSet(context, delegationSetId);
  const limit = limitOf(context, limits.MAX_ZONES_BY_REUSABLE_DELEGATION_SET);
  if (context.tx.find(zoneTable, 'delegationSet', id).length >= limit) throw tooManyZonesOfSet(limit);
  if (conflictsWith(context.tx, name, serverSet)) throw serversInUse(shownDomainName(name));
  return { serverSet, delegationSetId: id };
}
