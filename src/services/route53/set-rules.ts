/** What a record set must be by itself, and beside the others of its name. */
import { shownDomainName } from '#model/domain-name.ts';
import type { RecordTypeName, Routing } from '#model/hosted-zone.ts';
import { readRecordValue } from '#model/record-values.ts';
import { type Batch, isSame } from '#services/route53/batch.ts';
import { SETS_PER_NAME_AND_TYPE, VALUES_PER_SET } from '#services/route53/quotas.ts';
import type { WantedChange } from '#services/route53/set-input.ts';
import { type HostedZoneRecord, isPrivate, type SetRecord } from '#services/route53/tables.ts';

/** CNAME: RFC 1034 section 3.6.2; SOA: RFC 1035 section 5.2. */
const singleTypes: ReadonlySet<RecordTypeName> = new Set(['CNAME', 'SOA']);
/** "You can't create a CNAME record for the zone apex"; DS: RFC 4035 section 2.4 has it in the parent. */
const notAtApex: ReadonlySet<RecordTypeName> = new Set(['CNAME', 'DS']);
/** Guide, "Values specific for …": these have neither alias nor routing policy. */
const plainTypes: ReadonlySet<RecordTypeName> = new Set(['NS', 'SOA']);

/** @param limitsOn false after `--quotas off` */
export function faultsOfSets(batch: Batch, limitsOn: boolean): string[] {
  const { zone, names, left } = batch;
  return [
    ...left.flatMap((change) => [
      ...faultsAlone(zone, change, limitsOn),
      ...faultsBeside(zone, change, names.get(change.name) ?? [], limitsOn),
    ]),
    ...apexFaults(batch),
  ];
}

function faultsAlone(zone: HostedZoneRecord, { name, set }: WantedChange, limitsOn: boolean): string[] {
  const { type, values, alias, routing } = set;
  const rrset = `RRSet of type ${type} with DNS name ${shownDomainName(name)}`;
  const faults: string[] = [];
  if (notAtApex.has(type) && name === zone.name) faults.push(`${rrset} is not permitted at apex in zone ${shownDomainName(zone.name)}`);
  if (type === 'SOA' && name !== zone.name)
    faults.push(`${rrset} is not permitted in zone ${shownDomainName(zone.name)}: it is permitted at apex only`);
  if (type === 'NS' && name.startsWith('*'))
    faults.push(`${rrset} is not permitted: the name of a record of this type cannot be a wildcard`);
  if (plainTypes.has(type) && (alias || routing.policy !== 'simple'))
    faults.push(`${rrset} is not permitted: a record of this type can be neither an alias nor have a routing policy`);
  if (routing.policy === 'multivalue' && alias) faults.push(`${rrset} is not permitted: a multivalue answer record cannot be an alias`);
  if (routing.policy === 'multivalue' && type === 'CNAME')
    faults.push(`${rrset} is not permitted: a multivalue answer record cannot be of this type`);
  if (singleTypes.has(type) && values.length > 1) faults.push(`${rrset} cannot have more than one record`);
  if (limitsOn && values.length > VALUES_PER_SET) faults.push(`Cannot have more than ${VALUES_PER_SET} records in a RRSet.`);
  // "You can associate Route 53 health checks only with failover, multivalue answer, weighted, latency and, geolocation records."
  if (isPrivate(zone) && set.healthCheckId !== undefined && routing.policy === 'simple')
    faults.push(`${rrset} in a private zone cannot have a health check without a routing policy`);
  return [...faults, ...valueFaults(set)];
}

function valueFaults({ type, values }: SetRecord): string[] {
  const faults: string[] = [];
  const invalid: string[] = [];
  const seen = new Set<string>();
  for (const value of values) {
    const read = readRecordValue(type, value);
    if ('fault' in read) {
      invalid.push(`'FATAL problem: ${read.fault}'`);
      continue;
    }
    const key = read.bytes.join();
    if (seen.has(key)) faults.push(`Duplicate Resource Record: '${value}'`);
    seen.add(key);
  }
  return invalid.length === 0 ? faults : [`Invalid Resource Record: ${invalid.join(', ')}`, ...faults];
}

/** Beside what its name has when the batch is done. */
function faultsBeside(zone: HostedZoneRecord, { name, set }: WantedChange, all: readonly SetRecord[], limitsOn: boolean): string[] {
  const { type, setIdentifier, routing } = set;
  const shown = shownDomainName(name);
  const faults: string[] = [];
  const otherTypes = all.filter((each) => each.type !== type);
  if (type === 'CNAME' && otherTypes.length > 0) {
    faults.push(
      `RRSet of type CNAME with DNS name ${shown} is not permitted as it conflicts with other records with the same DNS name in zone ${shownDomainName(zone.name)}`,
    );
  } else if (otherTypes.some((each) => each.type === 'CNAME')) {
    faults.push(
      // AWS has the two spaces.
      `RRSet of type ${type} with DNS name ${shown} is not permitted because a conflicting RRSet of type  CNAME with the same DNS name already exists in zone ${shownDomainName(zone.name)}`,
    );
  }
  const others = all.filter((each) => each.type === type && !isSame(each, set));
  const identified = `RRSet with DNS name ${shown}, type ${type}, SetIdentifier ${setIdentifier ?? ''}`;
  if (routing.policy === 'simple') {
    if (others.length > 0)
      faults.push(`RRSet with DNS name ${shown}, type ${type} cannot be created as other RRSets exist with the same name and type.`);
    return faults;
  }
  if (others.some((each) => each.routing.policy !== routing.policy)) {
    faults.push(
      routing.policy === 'multivalue'
        ? `${identified} cannot be created because a non multivalue answer rrset exists with the same name and type.`
        : `${identified} cannot be created as a non-${routing.policy} set exists with the same name and type.`,
    );
  }
  const place = placeOf(routing);
  if (place !== undefined && others.some((each) => placeOf(each.routing) === place)) {
    faults.push(`${identified} cannot be created as another set exists with the same name, type and ${place}.`);
  }
  if (limitsOn && others.length >= SETS_PER_NAME_AND_TYPE)
    faults.push(`Cannot have more than ${SETS_PER_NAME_AND_TYPE} RRSets with the same name and type.`);
  return faults;
}

/** What only one set of a name and type may have. */
function placeOf(routing: Routing): string | undefined {
  switch (routing.policy) {
    case 'latency':
      return `Region ${routing.region}`;
    case 'failover':
      return `Failover ${routing.role}`;
    case 'geolocation': {
      const { continent, country, subdivision } = routing;
      return `GeoLocation ${[continent, country, subdivision].filter((each) => each !== undefined).join(' ')}`;
    }
    default:
      return undefined;
  }
}

function apexFaults({ zone, names }: Batch): string[] {
  const apex = names.get(zone.name);
  if (apex === undefined) return [];
  const faults: string[] = [];
  if (!apex.some(({ type }) => type === 'NS')) faults.push('A HostedZone must contain at least one NS record for the zone itself.');
  if (!apex.some(({ type }) => type === 'SOA')) faults.push('A HostedZone must contain exactly one SOA record.');
  return faults;
}
