/** The Availability Zones of a Region. Local and Wavelength Zones are not modelled. */
import type { AvailabilityZone } from '@aws-sdk/client-ec2';
import type { OperationContext } from '#aws/context.ts';
import { invalidParameterValue } from '#aws/errors.ts';
import { compileFilters, type FilterSpec } from '#aws/filters.ts';
import { type Zone, zonesOf } from '#aws/regions.ts';
import { regionNames } from '#services/ec2/regions/region-names.ts';
import type { Ec2Operations } from '#services/ec2/sdk.ts';

const filters: FilterSpec<Zone> = {
  'group-long-name': (_zone, context) => groupLongName(context.region),
  'group-name': (_zone, context) => groupName(context.region),
  message: () => undefined,
  'opt-in-status': () => 'opt-in-not-required',
  'parent-zone-id': () => undefined, // Local and Wavelength Zones
  'parent-zone-name': () => undefined,
  'region-name': (_zone, context) => context.region,
  state: () => 'available',
  'zone-id': (zone) => zone.id,
  'zone-name': (zone) => zone.name,
  'zone-type': () => 'availability-zone',
};

export const availabilityZones = {
  DescribeAvailabilityZones(context, input) {
    const zones = zonesOf(context.region);
    const names = new Set(input.ZoneNames);
    const ids = new Set(input.ZoneIds);
    check(
      [...names].filter((name) => !zones.some((zone) => zone.name === name)),
      'availability zone',
    );
    check(
      [...ids].filter((id) => !zones.some((zone) => zone.id === id)),
      'availability zone-id',
    );
    const matches = compileFilters(context, input.Filters, filters) ?? (() => true);
    const chosen = zones.filter(
      (zone) => (names.size === 0 || names.has(zone.name)) && (ids.size === 0 || ids.has(zone.id)) && matches(zone),
    );
    return { AvailabilityZones: chosen.map((zone) => view(zone, context)) };
  },
} satisfies Ec2Operations;

function check(wrong: readonly string[], what: string): void {
  if (wrong.length > 0) throw invalidParameterValue(`Invalid ${what}: [${wrong.join(', ')}]`);
}

/** All zones of a Region are one group. */
function groupName(region: string): string {
  return `${region}-zg-1`;
}

function groupLongName(region: string): string {
  return `${regionNames[region] ?? region} 1`;
}

function view(zone: Zone, { region }: OperationContext): AvailabilityZone {
  return {
    ZoneName: zone.name,
    ZoneId: zone.id,
    ZoneType: 'availability-zone',
    State: 'available',
    OptInStatus: 'opt-in-not-required',
    RegionName: region,
    GroupName: groupName(region),
    GroupLongName: groupLongName(region),
    NetworkBorderGroup: region,
    Messages: [],
  };
}
