/** AWS's Regions and their Availability Zones (https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-availability-zones.html). */

export interface Zone {
  /** E.g. `us-east-1a`. */
  readonly name: string;
  /** E.g. `use1-az1`: the same place under every account. */
  readonly id: string;
}

export interface Region {
  readonly name: string;
  /** False for Regions that an account must enable; Keiro has them all enabled. */
  readonly optInNotRequired: boolean;
  readonly zones: readonly Zone[];
}

/** Region name, zone id prefix, zone letters, numbers of the zone ids when they do not count up from 1; `*` marks opt-in Regions. */
const rows: readonly (readonly [name: string, prefix: string, letters: string, numbers?: string])[] = [
  ['us-east-1', 'use1', 'abcdef'],
  ['us-east-2', 'use2', 'abc'],
  ['us-west-1', 'usw1', 'ac', '13'],
  ['us-west-2', 'usw2', 'abcd'],
  ['af-south-1*', 'afs1', 'abc'],
  ['ap-east-1*', 'ape1', 'abc'],
  ['ap-east-2*', 'ape2', 'abc'],
  ['ap-south-1', 'aps1', 'abc', '132'],
  ['ap-south-2*', 'aps2', 'abc'],
  ['ap-northeast-1', 'apne1', 'acd', '412'],
  ['ap-northeast-2', 'apne2', 'abcd'],
  ['ap-northeast-3', 'apne3', 'abc'],
  ['ap-southeast-1', 'apse1', 'abc'],
  ['ap-southeast-2', 'apse2', 'abc'],
  ['ap-southeast-3*', 'apse3', 'abc'],
  ['ap-southeast-4*', 'apse4', 'abc'],
  ['ap-southeast-5*', 'apse5', 'abc'],
  ['ap-southeast-6*', 'apse6', 'abc'],
  ['ap-southeast-7*', 'apse7', 'abc'],
  ['ca-central-1', 'cac1', 'abd', '124'],
  ['ca-west-1*', 'caw1', 'abc'],
  ['eu-central-1', 'euc1', 'abc', '231'],
  ['eu-central-2*', 'euc2', 'abc'],
  ['eu-north-1', 'eun1', 'abc'],
  ['eu-south-1*', 'eus1', 'abc'],
  ['eu-south-2*', 'eus2', 'abc'],
  ['eu-west-1', 'euw1', 'abc'],
  ['eu-west-2', 'euw2', 'abc'],
  ['eu-west-3', 'euw3', 'abc'],
  ['il-central-1*', 'ilc1', 'abc'],
  ['me-central-1*', 'mec1', 'abc'],
  ['me-south-1*', 'mes1', 'abc'],
  ['mx-central-1*', 'mxc1', 'abc'],
  ['sa-east-1', 'sae1', 'abc'],
  ['cn-north-1', 'cnn1', 'abd', '124'],
  ['cn-northwest-1', 'cnnw1', 'abc'],
  ['us-gov-east-1', 'usge1', 'abc'],
  ['us-gov-west-1', 'usgw1', 'abc'],
];

export const regions: ReadonlyMap<string, Region> = new Map(
  rows.map(([marked, prefix, letters, numbers]) => {
    const name = marked.replace('*', '');
    const zones = [...letters].map((letter, index) => ({ name: name + letter, id: `${prefix}-az${numbers?.[index] ?? index + 1}` }));
    return [name, { name, optInNotRequired: !marked.endsWith('*'), zones }];
  }),
);

/** The zones of a Region, empty for a name that AWS does not have. */
export function zonesOf(region: string): readonly Zone[] {
  return regions.get(region)?.zones ?? [];
}

/** The zone by its name or id. */
export function findZone(region: string, nameOrId: string): Zone | undefined {
  return zonesOf(region).find((zone) => zone.name === nameOrId || zone.id === nameOrId);
}

/** `aws`, `aws-cn` or `aws-us-gov`. */
export function partitionOf(region: string): string {
  if (region.startsWith('cn-')) return 'aws-cn';
  return region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws';
}

/** The Regions of the same partition. */
export function regionsBeside(region: string): readonly Region[] {
  return [...regions.values()].filter((other) => partitionOf(other.name) === partitionOf(region));
}
