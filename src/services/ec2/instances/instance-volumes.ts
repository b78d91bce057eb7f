/** The volumes that come with an instance: its image's root volume and what the call maps. Volumes of their own are not modelled. */
import type { BlockDeviceMapping, EbsBlockDevice } from '@aws-sdk/client-ec2';
import type { OperationContext } from '#aws/context.ts';
import { invalidParameterValue } from '#aws/errors.ts';
import { newId } from '#aws/ids.ts';
import type { Tag } from '#aws/tags.ts';
import { AwsError } from '#protocol/aws-error.ts';
import type { PublicImage } from '#services/ec2/instances/image-catalog.ts';
import type { InstanceVolume } from '#services/ec2/tables/instances.ts';
import { unsupported } from '#services/ec2/vpcs/vpc-errors.ts';

type VolumePlan = Omit<InstanceVolume, 'id' | 'attachedMs' | 'tags'>;

/** AWS's sizes in GiB per type (https://docs.aws.amazon.com/ebs/latest/userguide/ebs-volume-types.html). */
const sizes: Readonly<Record<InstanceVolume['type'], readonly [min: number, max: number]>> = {
  standard: [1, 1024],
  io1: [4, 16_384],
  io2: [4, 65_536],
  gp2: [1, 16_384],
  gp3: [1, 65_536],
  sc1: [125, 16_384],
  st1: [125, 16_384],
};
/** What a gp3 volume does without being asked for more. */
const gp3Iops = 3000;
const gp3Throughput = 125;

/**
 * The volumes of an instance, the root volume first.
 * @throws AwsError InvalidBlockDeviceMapping, InvalidParameterValue, MissingParameter; InvalidSnapshot.NotFound for a snapshot that is not the image's
 */
export function planVolumes(image: PublicImage, mappings: readonly BlockDeviceMapping[] | undefined): readonly VolumePlan[] {
  const plans = new Map([[image.rootDeviceName, rootPlan(image)]]);
  const seen = new Set<string>();
  for (const mapping of mappings ?? []) {
    const { DeviceName: device, Ebs: ebs, NoDevice, VirtualName } = mapping;
    if (!device) throw invalidParameterValue('Device name must be specified for a block device mapping.');
    if (seen.has(device)) throw invalidMapping(`Duplicate device name '${device}' in the block device mapping.`);
    seen.add(device);
    if (VirtualName !== undefined) continue; // instance store volumes that a type lacks are left out, as AWS does
    if (NoDevice !== undefined) plans.delete(device);
    else if (ebs) plans.set(device, planVolume(image, device, ebs));
  }
  if (!plans.has(image.rootDeviceName)) throw invalidMapping('The root device cannot be suppressed.');
  return [...plans.values()];
}

/** The volumes of one instance by a plan. */
export function createVolumes(context: OperationContext, plans: readonly VolumePlan[], tags: readonly Tag[]): readonly InstanceVolume[] {
  return plans.map((plan) => ({ ...plan, id: newId(context, 'vol'), attachedMs: context.nowMs, tags }));
}

function rootPlan(image: PublicImage): VolumePlan {
  return {
    deviceName: image.rootDeviceName,
    sizeGib: image.volumeSizeGib,
    type: image.volumeType,
    snapshotId: image.snapshotId,
    encrypted: false,
    deleteOnTermination: true,
    ...performance(image.volumeType, image.volumeSizeGib, {}),
  };
}

function planVolume(image: PublicImage, deviceName: string, ebs: EbsBlockDevice): VolumePlan {
  const isRoot = deviceName === image.rootDeviceName;
  if (ebs.OutpostArn !== undefined) throw unsupported('Outposts: OutpostArn');
  const snapshotId = ebs.SnapshotId ?? (isRoot ? image.snapshotId : undefined);
  if (snapshotId !== undefined && snapshotId !== image.snapshotId) {
    throw new AwsError('InvalidSnapshot.NotFound', `The snapshot '${snapshotId}' does not exist.`);
  }
  const type = ebs.VolumeType ?? (isRoot ? image.volumeType : 'gp2');
  const sizeGib = ebs.VolumeSize ?? (snapshotId === undefined ? undefined : image.volumeSizeGib);
  if (sizeGib === undefined) throw new AwsError('MissingParameter', 'The request must contain the parameter size or snapshotId');
  if (snapshotId !== undefined && sizeGib < image.volumeSizeGib) {
    throw invalidMapping(`Volume of size ${sizeGib}GB is smaller than snapshot '${snapshotId}', expect size >= ${image.volumeSizeGib}GB`);
  }
  const [min, max] = sizes[type];
  if (sizeGib < min || sizeGib > max)
    throw invalidParameterValue(`Volume of ${sizeGib}GiB is outside the range ${min}GiB to ${max}GiB of type ${type}.`);
  return {
    deviceName,
    sizeGib,
    type,
    ...(snapshotId === undefined ? {} : { snapshotId }),
    encrypted: ebs.Encrypted ?? false,
    // The same default for both, unlike the console's (https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/preserving-volumes-on-termination.html).
    deleteOnTermination: ebs.DeleteOnTermination ?? true,
    ...performance(type, sizeGib, ebs),
  };
}

function performance(type: InstanceVolume['type'], sizeGib: number, ebs: EbsBlockDevice): Pick<VolumePlan, 'iops' | 'throughput'> {
  const { Iops: iops, Throughput: throughput } = ebs;
  if (throughput !== undefined && type !== 'gp3')
    throw invalidParameterValue(`The parameter throughput is not supported for ${type} volumes.`);
  switch (type) {
    case 'gp3':
      return { iops: iops ?? gp3Iops, throughput: throughput ?? gp3Throughput };
    case 'gp2':
      return { iops: Math.min(16_000, Math.max(100, 3 * sizeGib)) };
    case 'io1':
    case 'io2':
      if (iops === undefined)
        throw new AwsError('MissingParameter', `The request must contain the parameter iops for the volume type '${type}'`);
      return { iops };
    default:
      if (iops !== undefined) throw invalidParameterValue(`The parameter iops is not supported for ${type} volumes.`);
      return {};
  }
}

function invalidMapping(message: string): AwsError {
  return new AwsError('InvalidBlockDeviceMapping', message);
}
