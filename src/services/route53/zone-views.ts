/** Hosted zones and delegation sets as the API tells of them. */
import type { DelegationSet, HostedZone, VPC, VPCRegion } from '@aws-sdk/client-route-53';
import type { OperationContext } from '#aws/context.ts';
import { shownDomainName } from '#model/domain-name.ts';
import { nameServerSet } from '#model/name-servers.ts';
import { type DelegationSetRecord, delegationSetTable, type HostedZoneRecord, isPrivate, setCountTable, type ZoneVpc } from '#services/route53/tables.ts'; // prettier-ignore

export function zoneView({ tx }: Pick<OperationContext, 'tx'>, zone: HostedZoneRecord): HostedZone {
  return {
    Id: `/hostedzone/${zone.id}`,
    Name: shownDomainName(zone.name),
    CallerReference: zone.callerReference,
    Config: { ...(zone.comment === undefined ? {} : { Comment: zone.comment }), PrivateZone: isPrivate(zone) },
    ResourceRecordSetCount: tx.get(setCountTable, zone.id)?.sets ?? 0,
  };
}

/** Of a public zone; its own set has no id. */
export function delegationSetOf({ tx }: Pick<OperationContext, 'tx'>, zone: HostedZoneRecord): DelegationSet | undefined {
  if (zone.serverSet === undefined) return undefined;
  const reusable = zone.delegationSetId === undefined ? undefined : tx.get(delegationSetTable, zone.delegationSetId);
  return reusable ? delegationSetView(reusable) : { NameServers: serverNames(zone.serverSet) };
}

export function delegationSetView({ id, serverSet, callerReference }: DelegationSetRecord): DelegationSet {
  return { Id: `/delegationset/${id}`, CallerReference: callerReference, NameServers: serverNames(serverSet) };
}

export const serverNames = (serverSet: number): string[] => nameServerSet(serverSet).map(({ name }) => name);

export function vpcView({ id, region }: Pick<ZoneVpc, 'id' | 'region'>): VPC {
  return { VPCRegion: region as VPCRegion, VPCId: id }; // checked by the model when it was given
}
