/** Volumes as far as instances have them: described, so that tools that read an instance can read its disks. Nothing else of EBS is modelled. */
import type { Volume } from '@aws-sdk/client-ec2';
import type { OperationContext } from '#aws/context.ts';
import { idsWithMaxResults } from '#aws/describe.ts';
import { invalidParameterValue } from '#aws/errors.ts';
import { transitionMs } from '#aws/eventual.ts';
import { compileFilters, type Filter, type FilterSpec, literalValues } from '#aws/filters.ts';
import { isIdOf } from '#aws/ids.ts';
import { clippedPageLimits, paginateByKey, sequenceKey } from '#aws/pagination.ts';
import { findZone } from '#aws/regions.ts';
import type { Tag } from '#aws/tags.ts';
import { AwsError } from '#protocol/aws-error.ts';
import { isEnded } from '#services/ec2/instances/instance-lookup.ts';
import type { Ec2Operations } from '#services/ec2/sdk.ts';
import { type InstanceRecord, instanceTable, type InstanceVolume } from '#services/ec2/tables/instances.ts';

/** A volume and the instance that it belongs to. */
interface PlacedVolume {
  readonly volume: InstanceVolume;
  readonly instance: InstanceRecord;
  readonly tags: readonly Tag[];
}

const filters: FilterSpec<PlacedVolume> = {
  'attachment.attach-time': ({ volume }) => new Date(volume.attachedMs).toISOString(),
  'attachment.delete-on-termination': ({ volume }) => volume.deleteOnTermination,
  'attachment.device': ({ volume }) => volume.deviceName,
  'attachment.instance-id': ({ instance }) => instance.id,
  'attachment.status': attachmentState,
  'availability-zone': ({ instance }) => instance.availabilityZone,
  'availability-zone-id': ({ instance }, context) => findZone(context.region, instance.availabilityZone)?.id,
  'create-time': ({ volume }) => new Date(volume.attachedMs).toISOString(),
  encrypted: ({ volume }) => volume.encrypted,
  'fast-restored': () => false,
  'multi-attach-enabled': () => false,
  'operator.managed': () => false,
  'operator.principal': () => undefined,
  size: ({ volume }) => volume.sizeGib,
  'snapshot-id': ({ volume }) => volume.snapshotId,
  status: () => 'in-use',
  'volume-id': ({ volume }) => volume.id,
  'volume-type': ({ volume }) => volume.type,
};

export const volumes = {
  DescribeVolumes(context, input) {
    const ids = input.VolumeIds && input.VolumeIds.length > 0 ? input.VolumeIds : undefined;
    if (ids && input.MaxResults !== undefined) throw idsWithMaxResults(input, ids);
    const matches = compileFilters(context, input.Filters, filters) ?? (() => true);
    const found = (ids ? requireVolumes(context, ids) : candidates(context, input.Filters)).filter(matches);
    const keyOf = ({ volume, instance }: PlacedVolume) => sequenceKey(context.tx.sequenceOf(instanceTable, instance.id), volume.id);
    const { items, nextToken } = paginateByKey(input, found, keyOf, ['DescribeVolumes', input.Filters ?? []], clippedPageLimits);
    return { Volumes: items.map((placed) => view(placed, context)), NextToken: nextToken };
  },
} satisfies Ec2Operations;

/** @throws AwsError InvalidParameterValue for an id that is none, InvalidVolume.NotFound */
function requireVolumes(context: OperationContext, ids: readonly string[]): readonly PlacedVolume[] {
  return [...new Set(ids)].flatMap((id) => {
    if (!isIdOf('vol', id)) throw invalidParameterValue(`Value (${id}) for parameter volumes is invalid. Expected: 'vol-...'.`);
    const found = withVolume(context, id);
    if (found.length === 0) throw volumeNotFound(id);
    return found;
  });
}

export function volumeNotFound(id: string): AwsError {
  return new AwsError('InvalidVolume.NotFound', `The volume '${id}' does not exist.`);
}

/** Volumes that the filters name by instance or by id are looked up. */
function candidates(context: OperationContext, given: readonly Filter[] | undefined): readonly PlacedVolume[] {
  const ids = literalValues(given, 'volume-id');
  if (ids) return ids.flatMap((id) => withVolume(context, id));
  const instanceIds = literalValues(given, 'attachment.instance-id');
  const instances = instanceIds ? instanceIds.flatMap((id) => context.tx.get(instanceTable, id) ?? []) : context.tx.list(instanceTable);
  return [...instances].flatMap(placed);
}

function withVolume(context: OperationContext, id: string): readonly PlacedVolume[] {
  return context.tx.find(instanceTable, 'volume', id).flatMap((instance) => placed(instance).filter(({ volume }) => volume.id === id));
}

function placed(instance: InstanceRecord): readonly PlacedVolume[] {
  return isEnded(instance) ? [] : instance.volumes.map((volume) => ({ volume, instance, tags: volume.tags }));
}

function attachmentState({ volume }: PlacedVolume, context: OperationContext): 'attaching' | 'attached' {
  return context.nowMs < volume.attachedMs + transitionMs ? 'attaching' : 'attached';
}

function view(one: PlacedVolume, context: OperationContext): Volume {
  const { volume, instance } = one;
  return {
    VolumeId: volume.id,
    State: 'in-use',
    Size: volume.sizeGib,
    VolumeType: volume.type,
    Iops: volume.iops,
    Throughput: volume.throughput,
    SnapshotId: volume.snapshotId ?? '',
    Encrypted: volume.encrypted,
    MultiAttachEnabled: false,
    AvailabilityZone: instance.availabilityZone,
    AvailabilityZoneId: findZone(context.region, instance.availabilityZone)?.id,
    CreateTime: new Date(volume.attachedMs),
    Operator: { Managed: false },
    Attachments: [
      {
        VolumeId: volume.id,
        InstanceId: instance.id,
        Device: volume.deviceName,
        State: attachmentState(one, context),
        AttachTime: new Date(volume.attachedMs),
        DeleteOnTermination: volume.deleteOnTermination,
      },
    ],
    Tags: [...volume.tags],
  };
}
