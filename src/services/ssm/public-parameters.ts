/** The public parameters: ids of images under the names that their publishers chose, and AWS's Regions and zones. */
import { partitionOf, regionsBeside } from '#aws/regions.ts';
import { publicImages, regionNames } from '#services/ec2/public.ts';

export interface PublicParameter {
  /** E.g. `/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64`. */
  readonly name: string;
  readonly value: string;
  readonly dataType: 'text' | 'aws:ec2:image';
  readonly modifiedMs: number;
}

/** Public parameters have this one version here; AWS counts up with each release. */
export const onlyVersion = 1;

const infrastructure = '/aws/service/global-infrastructure';
/** When this list of Regions was last looked at. */
const infrastructureMs = Date.parse('2026-05-01T00:00:00Z');
const domains: Readonly<Record<string, string>> = { aws: 'amazonaws.com', 'aws-cn': 'amazonaws.com.cn', 'aws-us-gov': 'amazonaws.com' };

const byRegion = new Map<string, ReadonlyMap<string, PublicParameter>>();

/** The public parameters of a Region by name, in alphabetical order. */
export function publicParameters(region: string): ReadonlyMap<string, PublicParameter> {
  let parameters = byRegion.get(region);
  if (parameters === undefined) {
    const made = [...imageParameters(region), ...infrastructureParameters(region)].toSorted((a, b) => (a.name < b.name ? -1 : 1));
    byRegion.set(region, (parameters = new Map(made.map((parameter) => [parameter.name, parameter]))));
  }
  return parameters;
}

/** Public parameters belong to no account. */
export function parameterArn(region: string, name: string): string {
  return `arn:${partitionOf(region)}:ssm:${region}::parameter${name}`;
}

function imageParameters(region: string): readonly PublicParameter[] {
  return [...publicImages(region).values()].flatMap((image) =>
    image.parameters.map((name) => ({ name, value: image.id, dataType: image.parameterDataType, modifiedMs: image.createdMs })),
  );
}

/** https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-public-parameters-global-infrastructure.html */
function infrastructureParameters(here: string): readonly PublicParameter[] {
  const text = (name: string, value: string): PublicParameter => ({
    name: `${infrastructure}/${name}`,
    value,
    dataType: 'text',
    modifiedMs: infrastructureMs,
  });
  return regionsBeside(here).flatMap(({ name, zones }) => [
    text(`regions/${name}`, name),
    text(`regions/${name}/domain`, domains[partitionOf(name)] ?? ''),
    text(`regions/${name}/longName`, regionNames[name] ?? name),
    text(`regions/${name}/partition`, partitionOf(name)),
    ...zones.flatMap((zone) => [
      text(`availability-zones/${zone.id}`, zone.id),
      text(`availability-zones/${zone.id}/parentRegion`, name),
      text(`regions/${name}/availability-zones/${zone.id}`, zone.id),
    ]),
  ]);
}
