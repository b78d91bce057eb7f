/** Machine images: the public ones of the catalogue. Images of one's own are not modelled. */
import type { BlockDeviceMapping, Image } from '@aws-sdk/client-ec2';
import { idsWithMaxResults } from '#aws/describe.ts';
import { compileFilters, type FilterSpec } from '#aws/filters.ts';
import { isIdOf } from '#aws/ids.ts';
import { paginate } from '#aws/pagination.ts';
import { AwsError } from '#protocol/aws-error.ts';
import { type PublicImage, publicImages } from '#services/ec2/instances/image-catalog.ts';
import { imageNotFound, malformedImageId } from '#services/ec2/instances/instance-errors.ts';
import type { Ec2Operations } from '#services/ec2/sdk.ts';

/** Whose alias AWS shows for its own and for verified publishers' images. */
const ownerAlias = 'amazon';

const none = () => undefined;

const filters: FilterSpec<PublicImage> = {
  architecture: (image) => image.architecture,
  'block-device-mapping.delete-on-termination': () => true,
  'block-device-mapping.device-name': (image) => image.rootDeviceName,
  'block-device-mapping.encrypted': () => false,
  'block-device-mapping.snapshot-id': (image) => image.snapshotId,
  'block-device-mapping.volume-size': (image) => image.volumeSizeGib,
  'block-device-mapping.volume-type': (image) => image.volumeType,
  'boot-mode': (image) => image.bootMode,
  'creation-date': creationDate,
  description: (image) => image.description,
  'ena-support': () => true,
  'free-tier-eligible': () => true,
  hypervisor: () => 'xen',
  'image-allowed': () => true,
  'image-id': (image) => image.id,
  'image-type': () => 'machine',
  'is-public': () => true,
  'kernel-id': none,
  'manifest-location': location,
  name: (image) => image.name,
  'owner-alias': () => ownerAlias,
  'owner-id': (image) => image.ownerId,
  platform: none, // `windows`, or nothing
  'product-code': none,
  'product-code.type': none,
  'ramdisk-id': none,
  'root-device-name': (image) => image.rootDeviceName,
  'root-device-type': () => 'ebs',
  'source-image-id': none,
  'source-image-region': none,
  'source-instance-id': none,
  'sriov-net-support': () => 'simple',
  state: () => 'available',
  'state-reason-code': none,
  'state-reason-message': none,
  'tag-key': none, // tags on images of others are not modelled
  'virtualization-type': () => 'hvm',
};

export const images = {
  DescribeImages(context, input) {
    const known = publicImages(context.region);
    const ids = input.ImageIds && input.ImageIds.length > 0 ? new Set(input.ImageIds) : undefined;
    if (ids && input.ImageIds && input.MaxResults !== undefined) throw idsWithMaxResults(input, input.ImageIds);
    for (const id of ids ?? []) if (!isIdOf('ami', id)) throw malformedImageId(id);
    const missing = [...(ids ?? [])].filter((id) => !known.has(id));
    if (missing.length > 0) throw imageNotFound(missing);
    const matches = compileFilters(context, input.Filters, filters) ?? (() => true);
    const chosen = [...known.values()].filter(
      (image) => (!ids || ids.has(image.id)) && hasOwner(image, input.Owners) && isExecutable(input.ExecutableUsers) && matches(image),
    );
    const parameters = ['DescribeImages', input.Filters ?? [], input.Owners ?? [], input.ExecutableUsers ?? []];
    const { items, nextToken } = paginate(input, chosen, { min: 1, max: 1000, clips: true }, parameters);
    return { Images: items.map(view), NextToken: nextToken };
  },

  DescribeImageAttribute(context, input) {
    if (!isIdOf('ami', input.ImageId)) throw malformedImageId(input.ImageId);
    const image = publicImages(context.region).get(input.ImageId);
    if (!image) throw imageNotFound(input.ImageId);
    const ImageId = image.id;
    switch (input.Attribute) {
      case 'description':
        return { ImageId, Description: { Value: image.description } };
      case 'sriovNetSupport':
        return { ImageId, SriovNetSupport: { Value: 'simple' } };
      case 'bootMode':
        return { ImageId, BootMode: { Value: image.bootMode } };
      case 'imdsSupport':
        return { ImageId, ImdsSupport: { Value: image.imdsSupport } };
      case 'kernel':
        return { ImageId, KernelId: {} };
      case 'ramdisk':
        return { ImageId, RamdiskId: {} };
      case 'productCodes':
        return { ImageId, ProductCodes: [] };
      default:
        // The rest is for the owner of an image to see, and none of these is the caller's.
        throw new AwsError('AuthFailure', `Not authorized for image:${ImageId}`, 403);
    }
  },
} satisfies Ec2Operations;

/** Owners are accounts, `self`, or an alias. */
function hasOwner(image: PublicImage, owners: readonly string[] | undefined): boolean {
  if (!owners || owners.length === 0) return true;
  return owners.includes(image.ownerId) || owners.includes(ownerAlias);
}

/** The images are public; none is lent to the caller's account by name. */
function isExecutable(users: readonly string[] | undefined): boolean {
  return !users || users.length === 0 || users.includes('all');
}

function creationDate(image: PublicImage): string {
  return new Date(image.createdMs).toISOString();
}

function location(image: PublicImage): string {
  return `${ownerAlias}/${image.name}`;
}

function view(image: PublicImage): Image {
  return {
    ImageId: image.id,
    Name: image.name,
    Description: image.description,
    OwnerId: image.ownerId,
    ImageOwnerAlias: ownerAlias,
    ImageLocation: location(image),
    ImageType: 'machine',
    State: 'available',
    Public: true,
    ImageAllowed: true,
    FreeTierEligible: true,
    CreationDate: creationDate(image),
    Architecture: image.architecture,
    RootDeviceType: 'ebs',
    RootDeviceName: image.rootDeviceName,
    BlockDeviceMappings: [rootDevice(image)],
    VirtualizationType: 'hvm',
    Hypervisor: 'xen',
    EnaSupport: image.enaSupport,
    SriovNetSupport: 'simple',
    BootMode: image.bootMode,
    ImdsSupport: image.imdsSupport,
    PlatformDetails: 'Linux/UNIX',
    UsageOperation: 'RunInstances',
    DeregistrationProtection: 'disabled',
    ProductCodes: [],
    Tags: [],
  };
}

function rootDevice(image: PublicImage): BlockDeviceMapping {
  const gp3 = image.volumeType === 'gp3' ? { Iops: 3000, Throughput: 125 } : {};
  return {
    DeviceName: image.rootDeviceName,
    Ebs: {
      DeleteOnTermination: true,
      SnapshotId: image.snapshotId,
      VolumeSize: image.volumeSizeGib,
      VolumeType: image.volumeType,
      Encrypted: false,
      ...gp3,
    },
  };
}
