/** Which VPCs answer from a private zone, also those of other accounts. */
import type { OperationContext } from '#aws/context.ts';
import { encodeToken, sequenceKey } from '#aws/pagination.ts';
import { submitChange } from '#services/route53/changes.ts';
import {
  hostedZoneNotPrivate,
  invalidVpc,
  lastVpcAssociation,
  limitsExceeded,
  noSuchHostedZone,
  publicZoneVpc,
  tooManyVpcAuthorizations,
  vpcAssociationNotFound,
  vpcAuthorizationNotFound,
  vpcNotAuthorized,
} from '#services/route53/errors.ts';
import { bareId } from '#services/route53/ids.ts';
import { findZoneAnywhere, requireZone } from '#services/route53/lookup.ts';
import { pageSize, positionIn } from '#services/route53/pages.ts';
import { limitOf, limits, VPC_AUTHORIZATIONS_PER_ZONE } from '#services/route53/quotas.ts';
import type { Route53Operations } from '#services/route53/sdk.ts';
import { authorizationTable, isPrivate, zoneTable } from '#services/route53/tables.ts';
import { checkVpcIsFree, ownerOf, readVpc } from '#services/route53/vpc-checks.ts';
import { vpcView } from '#services/route53/zone-views.ts';

const AUTHORIZATIONS_PER_PAGE = 50;

export const vpcAssociations = {
  AssociateVPCWithHostedZone(context, input) {
    const { zone, owner } = zoneForVpc(context, input.HostedZoneId);
    if (!isPrivate(zone)) throw publicZoneVpc();
    const { id, region } = readVpc(input.VPC);
    const account = ownerOf(context, { id, region });
    if (account === undefined) throw invalidVpc();
    const authorizations = context.tx.in({ account: owner, region: 'global' });
    const isAuthorized = owner === context.account || authorizations.get(authorizationTable, authorizationId(zone.id, id)) !== undefined;
    if (account !== context.account || !isAuthorized) throw vpcNotAuthorized(id);
    const vpc = { id, region, account };
    checkVpcIsFree(context, vpc, zone.name);
    if (zone.vpcs.length >= limitOf(context, limits.MAX_VPCS_ASSOCIATED_BY_ZONE)) throw limitsExceeded('MAX_VPCS_ASSOCIATED_BY_ZONE');
    authorizations.put(zoneTable, { ...zone, vpcs: [...zone.vpcs, vpc] });
    return { ChangeInfo: submitChange(context, zone.id, input.Comment) };
  },

  DisassociateVPCFromHostedZone(context, input) {
    const { zone, owner } = zoneForVpc(context, input.HostedZoneId);
    const { id } = readVpc(input.VPC);
    const vpc = zone.vpcs.find((each) => each.id === id && each.region === input.VPC.VPCRegion);
    if (!vpc || (owner !== context.account && vpc.account !== context.account)) throw vpcAssociationNotFound(id, zone.id);
    if (zone.vpcs.length === 1) throw lastVpcAssociation();
    context.tx.in({ account: owner, region: 'global' }).put(zoneTable, { ...zone, vpcs: zone.vpcs.filter((each) => each !== vpc) });
    return { ChangeInfo: submitChange(context, zone.id, input.Comment) };
  },

  CreateVPCAssociationAuthorization(context, input) {
    const zone = requireZone(context, input.HostedZoneId);
    if (!isPrivate(zone)) throw hostedZoneNotPrivate();
    const vpc = readVpc(input.VPC);
    if (ownerOf(context, vpc) === undefined) throw invalidVpc();
    const id = authorizationId(zone.id, vpc.id);
    const held = context.tx.find(authorizationTable, 'zone', zone.id);
    const limit = limitOf(context, VPC_AUTHORIZATIONS_PER_ZONE);
    if (held.length >= limit && !held.some((each) => each.id === id)) throw tooManyVpcAuthorizations();
    context.tx.put(authorizationTable, { id, zoneId: zone.id, vpcId: vpc.id, region: vpc.region });
    return { HostedZoneId: zone.id, VPC: vpcView(vpc) };
  },

  DeleteVPCAssociationAuthorization(context, input) {
    const zone = requireZone(context, input.HostedZoneId);
    const id = authorizationId(zone.id, readVpc(input.VPC).id);
    if (!context.tx.get(authorizationTable, id)) throw vpcAuthorizationNotFound();
    context.tx.delete(authorizationTable, id);
    return {};
  },

  ListVPCAssociationAuthorizations(context, input) {
    const zone = requireZone(context, input.HostedZoneId);
    const size = pageSize(input.MaxResults, AUTHORIZATIONS_PER_PAGE);
    const parameters = ['ListVPCAssociationAuthorizations', zone.id];
    const after = input.NextToken ? positionIn(input.NextToken, parameters) : '';
    const keyed = context.tx
      .find(authorizationTable, 'zone', zone.id)
      .map((each) => ({ each, key: sequenceKey(context.tx.sequenceOf(authorizationTable, each.id)) }))
      .filter(({ key }) => key > after);
    const last = keyed.length > size ? keyed[size - 1] : undefined;
    return {
      HostedZoneId: zone.id,
      VPCs: keyed.slice(0, size).map(({ each }) => vpcView({ id: each.vpcId, region: each.region })),
      NextToken: last && encodeToken(last.key, parameters),
    };
  },
} satisfies Route53Operations;

const authorizationId = (zoneId: string, vpcId: string): string => `${zoneId} ${vpcId}`;

/** A zone whose VPCs the caller may change: its own, or one of another account. @throws AwsError NoSuchHostedZone */
function zoneForVpc({ tx, account }: OperationContext, id: string) {
  const zone = tx.get(zoneTable, bareId(id));
  if (zone) return { zone, owner: account };
  const found = findZoneAnywhere(tx, id);
  if (!found) throw noSuchHostedZone(bareId(id));
  return { zone: found.zone, owner: found.account };
}
