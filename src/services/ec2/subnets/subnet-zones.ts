/** The Availability Zone of a new subnet. */
import type { OperationContext } from '#aws/context.ts';
import { invalidParameterCombination, invalidParameterValue } from '#aws/errors.ts';
import { findZone, type Zone, zonesOf } from '#aws/regions.ts';
import { subnetTable } from '#services/ec2/tables/vpcs.ts';

interface ZoneRequest {
  readonly AvailabilityZone?: string | undefined;
  readonly AvailabilityZoneId?: string | undefined;
}

/**
 * The zone that a request names.
 * @throws AwsError InvalidParameterValue for a zone that the Region does not have, InvalidParameterCombination for two.
 */
export function namedZone(context: OperationContext, request: ZoneRequest): Zone | undefined {
  const { AvailabilityZone: name, AvailabilityZoneId: id } = request;
  const byName = name === undefined ? undefined : zoneOr(context, name, 'availabilityZone', (zone) => zone.name);
  const byId = id === undefined ? undefined : zoneOr(context, id, 'availabilityZoneId', (zone) => zone.id);
  if (byName && byId && byName !== byId) {
    throw invalidParameterCombination(`The availability zone ${name} does not have the availability zone ID ${id}`);
  }
  return byName ?? byId;
}

/** Where AWS puts a subnet that names no zone is its own choice; Keiro's is the zone with the fewest of the VPC's subnets. */
export function emptiestZone(context: OperationContext, vpcId: string): Zone {
  const counts = new Map(zonesOf(context.region).map((zone) => [zone.name, 0]));
  for (const { availabilityZone } of context.tx.find(subnetTable, 'vpc', vpcId)) {
    counts.set(availabilityZone, (counts.get(availabilityZone) ?? 0) + 1);
  }
  const [zone] = zonesOf(context.region).toSorted((a, b) => (counts.get(a.name) ?? 0) - (counts.get(b.name) ?? 0));
  if (!zone) throw invalidParameterValue(`The Region ${context.region} has no availability zones`);
  return zone;
}

function zoneOr(context: OperationContext, given: string, parameter: string, called: (zone: Zone) => string): Zone {
  const zone = findZone(context.region, given);
  if (zone) return zone;
  const choice = zonesOf(context.region).map(called).join(', ');
  throw invalidParameterValue(
    `Value (${given}) for parameter ${parameter} is invalid. Subnets can currently only be created in the following availability zones: ${choice}.`,
  );
}
