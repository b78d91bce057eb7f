/** A zone as it is made: with its servers, and the records that AWS makes in it. */
import type { OperationContext } from '#aws/context.ts';
import { nameOrder } from '#model/domain-name.ts';
import { hostedZoneAlreadyExists, tooManyHostedZones } from '#services/route53/errors.ts';
import { newId } from '#services/route53/ids.ts';
import { limitOf, limits } from '#services/route53/quotas.ts';
import { type HostedZoneRecord, nameId, nameTable, referenceTable, type SetRecord, setCountTable, zoneTable } from '#services/route53/tables.ts'; // prettier-ignore
import { serverNames } from '#services/route53/zone-views.ts';

/** Guide, "NS and SOA records that Amazon Route 53 creates for a public hosted zone". */
const NS_TTL = 172_800;
const SOA_TTL = 900;
const SOA_REST = 'awsdns-hostmaster.amazon.com. 1 7200 900 1209600 86400';
/** Every private zone's: nothing answers there, and nothing needs to. */
const privateServers = ['ns-1536.awsdns-00.co.uk', 'ns-0.awsdns-00.com', 'ns-1024.awsdns-00.org', 'ns-512.awsdns-00.net'];

/** Makes it. @throws AwsError HostedZoneAlreadyExists, TooManyHostedZones */
export function createZone(context: OperationContext, wanted: Omit<HostedZoneRecord, 'id' | 'createdMs' | 'tags'>): HostedZoneRecord {
  const { tx } = context;
  const reference = `zone ${wanted.callerReference}`;
  if (tx.get(referenceTable, reference)) throw hostedZoneAlreadyExists();
  const limit = limitOf(context, limits.MAX_HOSTED_ZONES_BY_OWNER);
  if (tx.count(zoneTable) >= limit) throw tooManyHostedZones(limit);
  const zone: HostedZoneRecord = { id: newId(context, 'Z'), ...wanted, createdMs: context.nowMs, tags: [] };
  tx.put(zoneTable, zone);
  tx.put(referenceTable, { id: reference, madeId: zone.id });
  tx.put(setCountTable, { id: zone.id, sets: 2 });
  tx.put(nameTable, { id: nameId(zone.id, zone.name), zoneId: zone.id, name: zone.name, order: nameOrder(zone.name), sets: ownSets(zone) });
  return zone;
}

function ownSets({ serverSet }: HostedZoneRecord): readonly SetRecord[] {
  const servers = serverSet === undefined ? privateServers : serverNames(serverSet);
  return [
    { type: 'NS', ttl: NS_TTL, values: servers.map((name) => `${name}.`), routing: { policy: 'simple' } },
    { type: 'SOA', ttl: SOA_TTL, values: [`${servers[0] ?? ''}. ${SOA_REST}`], routing: { policy: 'simple' } },
  ];
}
