/** Instance types: what each offers, and where it is offered. */
import type { InstanceTypeInfo, InstanceTypeOffering } from '@aws-sdk/client-ec2';
import { idsWithMaxResults } from '#aws/describe.ts';
import { compileFilters, type FilterSpec } from '#aws/filters.ts';
import { paginate } from '#aws/pagination.ts';
import { zonesOf } from '#aws/regions.ts';
import { instanceTypesNotFound } from '#services/ec2/instances/instance-errors.ts';
import { instanceTypes as catalogue } from '#services/ec2/instances/instance-type-catalog.ts';
import { instanceTypeFilters } from '#services/ec2/instances/instance-type-filters.ts';
import { instanceTypeView } from '#services/ec2/instances/instance-type-view.ts';
import type { Ec2Operations } from '#services/ec2/sdk.ts';

const views: ReadonlyMap<string, InstanceTypeInfo> = new Map([...catalogue].map(([name, type]) => [name, instanceTypeView(type)]));

const offeringFilters: FilterSpec<InstanceTypeOffering> = {
  'instance-type': (offering) => offering.InstanceType,
  location: (offering) => offering.Location,
};

export const instanceTypes = {
  DescribeInstanceTypes(context, input) {
    const names = new Set<string>(input.InstanceTypes);
    if (names.size > 0 && input.InstanceTypes && input.MaxResults !== undefined) throw idsWithMaxResults(input, input.InstanceTypes);
    const wrong = [...names].filter((name) => !views.has(name));
    if (wrong.length > 0) throw instanceTypesNotFound(wrong);
    const matches = compileFilters(context, input.Filters, instanceTypeFilters) ?? (() => true);
    const chosen = [...views].filter(([name, view]) => (names.size === 0 || names.has(name)) && matches(view)).map(([, view]) => view);
    const { items, nextToken } = paginate(input, chosen, { min: 5, max: 100 }, ['instance-types', input.Filters ?? []]);
    return { InstanceTypes: [...items], NextToken: nextToken };
  },

  /** Every type of the catalogue is offered in every zone; AWS's older zones lack some. */
  DescribeInstanceTypeOfferings(context, input) {
    const locationType = input.LocationType ?? 'region';
    const locations = locationsOf(context.region, locationType);
    const matches = compileFilters(context, input.Filters, offeringFilters) ?? (() => true);
    const offerings = [...views.values()]
      .flatMap(({ InstanceType }) =>
        locations.map((location): InstanceTypeOffering => ({ InstanceType, LocationType: locationType, Location: location })),
      )
      .filter(matches);
    const { items, nextToken } = paginate(input, offerings, { min: 5, max: 1000 }, ['offerings', locationType, input.Filters ?? []]);
    return { InstanceTypeOfferings: [...items], NextToken: nextToken };
  },
} satisfies Ec2Operations;

function locationsOf(region: string, locationType: string): readonly string[] {
  switch (locationType) {
    case 'region':
      return [region];
    case 'availability-zone':
      return zonesOf(region).map((zone) => zone.name);
    case 'availability-zone-id':
      return zonesOf(region).map((zone) => zone.id);
    default:
      return []; // Outposts
  }
}
