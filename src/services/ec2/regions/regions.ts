/** Regions: those of the caller's partition. Keiro has them all enabled. */
import type { Region as RegionView } from '@aws-sdk/client-ec2';
import { invalidParameterValue } from '#aws/errors.ts';
import { compileFilters, type FilterSpec } from '#aws/filters.ts';
import { type Region, regionsBeside } from '#aws/regions.ts';
import type { Ec2Operations } from '#services/ec2/sdk.ts';

const filters: FilterSpec<Region> = {
  endpoint: endpointOf,
  'opt-in-status': optInStatus,
  'region-name': (region) => region.name,
};

export const regionOperations = {
  /** `AllRegions` would add Regions that the account has not enabled: there are none. */
  DescribeRegions(context, input) {
    const known = regionsBeside(context.region);
    const names = new Set(input.RegionNames);
    const wrong = [...names].filter((name) => !known.some((region) => region.name === name));
    if (wrong.length > 0) throw invalidParameterValue(`Invalid region names: [${wrong.join(', ')}]`);
    const matches = compileFilters(context, input.Filters, filters) ?? (() => true);
    return { Regions: known.filter((region) => (names.size === 0 || names.has(region.name)) && matches(region)).map(view) };
  },
} satisfies Ec2Operations;

function endpointOf({ name }: Region): string {
  return `ec2.${name}.amazonaws.com${name.startsWith('cn-') ? '.cn' : ''}`;
}

function optInStatus(region: Region): 'opt-in-not-required' | 'opted-in' {
  return region.optInNotRequired ? 'opt-in-not-required' : 'opted-in';
}

function view(region: Region): RegionView {
  return { RegionName: region.name, Endpoint: endpointOf(region), OptInStatus: optInStatus(region) };
}
