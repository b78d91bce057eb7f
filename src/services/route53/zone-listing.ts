/** Lists of hosted zones: by id, by name, by VPC. */
import { encodeToken } from '#aws/pagination.ts';
import { nameOrder, readDomainName, shownDomainName } from '#model/domain-name.ts';
import { requireDelegationSet } from '#services/route53/delegation-sets.ts';
import { invalidDomainName, invalidInput } from '#services/route53/errors.ts';
import { bareId } from '#services/route53/ids.ts';
import { globalPartitions } from '#services/route53/lookup.ts';
import { pageById, pageSize, positionIn } from '#services/route53/pages.ts';
import type { Route53Operations } from '#services/route53/sdk.ts';
import { type HostedZoneRecord, isPrivate, zoneTable } from '#services/route53/tables.ts';
import { checkVpc } from '#services/route53/vpc-checks.ts';
import { zoneView } from '#services/route53/zone-views.ts';

const MOST = 100;

export const zoneListing = {
  ListHostedZones(context, input) {
    const size = pageSize(input.MaxItems, MOST);
    const set = input.DelegationSetId ? requireDelegationSet(context, input.DelegationSetId).id : undefined;
    const all = set === undefined ? context.tx.list(zoneTable) : context.tx.find(zoneTable, 'delegationSet', set);
    const wanted = input.HostedZoneType === undefined ? all : [...all].filter(isPrivate);
    const { items, next } = pageById(wanted, input.Marker ? bareId(input.Marker) : undefined, size);
    return {
      HostedZones: items.map((zone) => zoneView(context, zone)),
      Marker: input.Marker ?? '',
      IsTruncated: next !== undefined,
      NextMarker: next?.id,
      MaxItems: size,
    };
  },

  ListHostedZonesByName(context, input) {
    const size = pageSize(input.MaxItems, MOST);
    if (input.HostedZoneId && !input.DNSName) {
      throw invalidInput('The HostedZoneId parameter is not valid without the DNSName parameter.');
    }
    const from = input.DNSName ? startOf(input.DNSName) : '';
    const fromId = input.HostedZoneId ? bareId(input.HostedZoneId) : '';
    const ordered = [...context.tx.list(zoneTable)]
      .map((zone) => ({ zone, order: nameOrder(zone.name) }))
      .filter(({ zone, order }) => order > from || (order === from && zone.id >= fromId))
      .sort((a, b) => (a.order === b.order ? (a.zone.id < b.zone.id ? -1 : 1) : a.order < b.order ? -1 : 1));
    const next = ordered[size]?.zone;
    return {
      HostedZones: ordered.slice(0, size).map(({ zone }) => zoneView(context, zone)),
      DNSName: input.DNSName,
      HostedZoneId: input.HostedZoneId,
      IsTruncated: next !== undefined,
      NextDNSName: next && shownDomainName(next.name),
      NextHostedZoneId: next?.id,
      MaxItems: size,
    };
  },

  ListHostedZonesByVPC(context, input) {
    const size = pageSize(input.MaxItems, MOST);
    const vpc = checkVpc(context, input);
    const parameters = ['ListHostedZonesByVPC', vpc.id, vpc.region];
    const found = globalPartitions(context.tx).flatMap((partition) =>
      partition.find(zoneTable, 'vpc', vpc.id).map((zone) => ({ ...zone, account: partition.partition.account })),
    );
    const { items, next } = pageById(found, input.NextToken ? positionIn(input.NextToken, parameters) : undefined, size);
    return {
      HostedZoneSummaries: items.map(summaryOf),
      MaxItems: size,
      NextToken: next && encodeToken(next.id, parameters),
    };
  },
} satisfies Route53Operations;

const summaryOf = ({ id, name, account }: HostedZoneRecord & { readonly account: string }) => ({
  HostedZoneId: id,
  Name: shownDomainName(name),
  Owner: { OwningAccount: account },
});

function startOf(text: string): string {
  const read = readDomainName(text);
  if ('fault' in read) throw invalidDomainName(`FATAL problem: ${read.fault}`);
  return nameOrder(read.name);
}
