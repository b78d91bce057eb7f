/** Record sets as callers give them, and as the API tells of them. */
import type { Change, GeoLocation, ResourceRecordSet } from '@aws-sdk/client-route-53';
import { readDomainName, shownDomainName } from '#model/domain-name.ts';
import type { Routing } from '#model/hosted-zone.ts';
import { continents, countries, subdivisions } from '#model/places.ts';
import { invalidInput, unmodelled } from '#services/route53/errors.ts';
import { bareId } from '#services/route53/ids.ts';
import type { AliasRecord, SetRecord } from '#services/route53/tables.ts';

/** One change of a batch, read. */
export interface WantedChange {
  readonly action: 'CREATE' | 'DELETE' | 'UPSERT';
  /** As the model has names; empty where the name has a fault. */
  readonly name: string;
  readonly set: SetRecord;
  /** AWS's words for a name that is none, of the record or of its target. */
  readonly fault?: string;
}

/** @throws AwsError InvalidInput for members that do not go together, NotImplemented */
export function readChange(change: Change): WantedChange {
  const given = change.ResourceRecordSet;
  const { Name: shown, Type: type, SetIdentifier: setIdentifier, HealthCheckId: healthCheckId } = given ?? {};
  const action = change.Action;
  // The protocol has refused what lacks these.
  if (given === undefined || shown === undefined || type === undefined || action === undefined) throw invalidInput('Invalid request');
  const where = `Change with [Action=${action}, Name=${shown}, Type=${type}, SetIdentifier=${setIdentifier ?? 'null'}]`;
  if (given.GeoProximityLocation) throw unmodelled('geoproximity routing');
  if (given.CidrRoutingConfig) throw unmodelled('IP-based routing');
  if (given.TrafficPolicyInstanceId !== undefined) throw unmodelled('traffic policies');
  checkData(given, where);
  const name = readDomainName(shown);
  const target = given.AliasTarget && readDomainName(given.AliasTarget.DNSName ?? '');
  const fault = 'fault' in name ? name.fault : target && 'fault' in target ? target.fault : undefined;
  return {
    action,
    name: 'name' in name ? name.name : '',
    set: {
      type,
      ...(given.TTL === undefined ? {} : { ttl: given.TTL }),
      values: given.ResourceRecords?.map(({ Value = '' }) => Value) ?? [],
      ...(given.AliasTarget && target && 'name' in target ? { alias: aliasOf(given.AliasTarget, target.name) } : {}),
      routing: routingOf(given, where),
      ...(setIdentifier === undefined ? {} : { setIdentifier }),
      ...(healthCheckId === undefined ? {} : { healthCheckId }),
    },
    ...(fault === undefined ? {} : { fault }),
  };
}

function checkData({ AliasTarget: alias, TTL: ttl, ResourceRecords: records }: ResourceRecordSet, where: string): void {
  const hasRecords = ttl !== undefined && records !== undefined && records.length > 0;
  const found = alias ? (ttl === undefined && records === undefined ? undefined : 'more than one') : hasRecords ? undefined : 'none';
  if (found === undefined) return;
  throw invalidInput(
    `Invalid request: Expected exactly one of [AliasTarget, all of [TTL, and ResourceRecords], or TrafficPolicyInstanceId], but found ${found} in ${where}`,
  );
}

const aliasOf = (alias: NonNullable<ResourceRecordSet['AliasTarget']>, name: string): AliasRecord => ({
  zoneId: bareId(alias.HostedZoneId ?? ''),
  name,
  evaluatesTargetHealth: alias.EvaluateTargetHealth ?? false,
});

function routingOf(given: ResourceRecordSet, where: string): Routing {
  const { Weight: weight, Region: region, Failover: role, GeoLocation: place, MultiValueAnswer: isMultivalue } = given;
  const policies: Routing[] = [
    ...(weight === undefined ? [] : [{ policy: 'weighted', weight } as const]),
    ...(region === undefined ? [] : [{ policy: 'latency', region } as const]),
    ...(role === undefined ? [] : [{ policy: 'failover', role } as const]),
    ...(place === undefined ? [] : [geolocationOf(place)]),
    ...(isMultivalue === true ? [{ policy: 'multivalue' } as const] : []),
  ];
  const [only] = policies;
  if (policies.length > 1 || (only === undefined && given.SetIdentifier !== undefined)) {
    throw invalidInput(
      `Invalid request: Expected exactly one of [Weight, Region, Failover, GeoLocation, GeoProximityLocation, MultiValueAnswer, or CidrRoutingConfig], but found ${only ? 'more than one' : 'none'} in ${where}`,
    );
  }
  if (only !== undefined && given.SetIdentifier === undefined)
    throw invalidInput(`Invalid request: Missing field 'SetIdentifier' in ${where}`);
  return only ?? { policy: 'simple' };
}

/** @throws AwsError InvalidInput for places that Route 53 does not know */
function geolocationOf({ ContinentCode: continent, CountryCode: country, SubdivisionCode: subdivision }: GeoLocation): Routing {
  if (continent !== undefined && (country !== undefined || subdivision !== undefined)) {
    throw invalidInput('Invalid request: You cannot specify ContinentCode with either CountryCode or SubdivisionCode.');
  }
  if (continent !== undefined) {
    if (!continents.has(continent)) throw invalidInput(`Invalid request: Unknown ContinentCode '${continent}'.`);
    return { policy: 'geolocation', continent };
  }
  if (country === undefined) throw invalidInput('Invalid request: You must specify ContinentCode or CountryCode.');
  if (country !== '*' && !countries.has(country)) throw invalidInput(`Invalid request: Unknown CountryCode '${country}'.`);
  if (subdivision === undefined) return { policy: 'geolocation', country };
  if (!subdivisions.get(country)?.has(subdivision)) {
    throw invalidInput(`Invalid request: Unknown SubdivisionCode '${subdivision}' of CountryCode '${country}'.`);
  }
  return { policy: 'geolocation', country, subdivision };
}

export function setView(name: string, set: SetRecord): ResourceRecordSet {
  const { type, ttl, values, alias, routing, setIdentifier, healthCheckId } = set;
  return {
    Name: shownDomainName(name),
    Type: type,
    SetIdentifier: setIdentifier,
    ...routingView(routing),
    TTL: ttl,
    ResourceRecords: alias ? undefined : values.map((Value) => ({ Value })),
    AliasTarget: alias && {
      HostedZoneId: alias.zoneId,
      DNSName: shownDomainName(alias.name),
      EvaluateTargetHealth: alias.evaluatesTargetHealth,
    },
    HealthCheckId: healthCheckId,
  };
}

function routingView(routing: Routing): Partial<ResourceRecordSet> {
  switch (routing.policy) {
    case 'simple':
      return {};
    case 'weighted':
      return { Weight: routing.weight };
    case 'latency':
      return { Region: routing.region as ResourceRecordSet['Region'] }; // checked by the model when it was given
    case 'failover':
      return { Failover: routing.role };
    case 'geolocation':
      return { GeoLocation: { ContinentCode: routing.continent, CountryCode: routing.country, SubdivisionCode: routing.subdivision } };
    case 'multivalue':
      return { MultiValueAnswer: true };
  }
}
