/** What others may ask of Route 53, and tell it. */
import type { OperationContext } from '#aws/context.ts';
import { parentName, readDomainName } from '#model/domain-name.ts';
import type { RecordTypeName } from '#model/hosted-zone.ts';
import { readRecordValue } from '#model/record-values.ts';
import { submitChange } from '#services/route53/changes.ts';
import { findName } from '#services/route53/lookup.ts';
import { createZone } from '#services/route53/zone-creation.ts';
import { checkZoneName, chooseServerSet, publicZonesOf } from '#services/route53/zone-names.ts';
import { serverNames } from '#services/route53/zone-views.ts';
import type { Reader } from '#store/store.ts';

export {
  changeReports,
  healthCheckIds,
  healthCheckOf,
  hostedZoneIds,
  hostedZoneOf,
  isPendingChange,
  type PendingChange,
  pendingChanges,
  type TouchedPart,
  touchedPart,
  zoneNameIds,
  zoneNameOf,
} from '#services/route53/data-plane.ts';

/**
 * Makes the public zone of a domain that was registered, with the change that tells of it.
 * @param context of the domain's owner; its transaction is of the account's global partition
 * @param callerReference as CreateHostedZone's: one makes one zone
 * @returns the zone's id, `Z…`, and its four name servers, without dots at the end
 * @throws AwsError InvalidDomainName, HostedZoneAlreadyExists, TooManyHostedZones, DelegationSetNotAvailable
 */
export function createZoneFor(
  context: OperationContext,
  domainName: string,
  callerReference: string,
): { readonly zoneId: string; readonly nameServers: string[] } {
  const name = checkZoneName(domainName, false);
  const serverSet = chooseServerSet(context, name);
  const comment = 'HostedZone created by Route53 Registrar';
  const zone = createZone(context, { name, callerReference, comment, vpcs: [], serverSet });
  submitChange(context, zone.id);
  return { zoneId: zone.id, nameServers: serverNames(serverSet) };
}

/**
 * Whether DNS has a record, as far as Route 53's public zones go: the most specific zone that a name is in, of whichever account, delegated
 * or not, and any of them where several have the same name. Aliases and routing are not followed.
 * @param name with the dot at the end or without; so names in `value`
 * @param value in presentation format
 */
export function publicZoneHolds(reader: Reader, name: string, type: RecordTypeName, value: string): boolean {
  const wanted = readRecordValue(type, value);
  const read = readDomainName(name);
  if ('fault' in read || 'fault' in wanted) return false;
  const bytes = wanted.bytes.join();
  const isWanted = (text: string): boolean => {
    const held = readRecordValue(type, text);
    return 'bytes' in held && held.bytes.join() === bytes;
  };
  for (let zoneName: string | undefined = read.name; zoneName !== undefined; zoneName = parentName(zoneName)) {
    const zones = publicZonesOf(reader, zoneName);
    if (zones.length === 0) continue;
    return zones.some(({ reader: account, zoneId }) =>
      findName(account, zoneId, read.name)?.sets.some((set) => set.type === type && set.values.some(isWanted)),
    );
  }
  return false;
}

/** Whether somebody has a public zone at or above a name, with the dot at the end or without. */
export function isBelowPublicZone(reader: Reader, name: string): boolean {
  const read = readDomainName(name);
  if ('fault' in read) return false;
  for (let zoneName: string | undefined = read.name; zoneName !== undefined; zoneName = parentName(zoneName))
    if (publicZonesOf(reader, zoneName).length > 0) return true;
  return false;
}
