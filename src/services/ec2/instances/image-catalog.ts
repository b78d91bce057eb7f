/** The public machine images that Keiro has in every Region, and the SSM parameters under which they are published. */
import { createHash } from 'node:crypto';
import { partitionOf } from '#aws/regions.ts';

export interface PublicImage {
  /** `ami-…`: the same for ever for a name in a Region, but not AWS's: those differ from day to day. */
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly ownerId: string;
  readonly architecture: 'x86_64' | 'arm64';
  readonly createdMs: number;
  /** `/dev/xvda` or `/dev/sda1`. */
  readonly rootDeviceName: string;
  readonly volumeSizeGib: number;
  readonly volumeType: 'gp2' | 'gp3';
  readonly snapshotId: string;
  readonly bootMode?: 'uefi' | 'uefi-preferred';
  /** Instances ask for session tokens of their metadata service when the image says `v2.0`. */
  readonly imdsSupport?: 'v2.0';
  readonly enaSupport: true;
  /** Names of the public SSM parameters whose value is this image's id. */
  readonly parameters: readonly string[];
  /** `text`, or `aws:ec2:image` where the publisher chose so. */
  readonly parameterDataType: 'text' | 'aws:ec2:image';
}

type Publisher = 'amazon' | 'canonical' | 'debian';

/** The publishers' accounts; Debian publishes in the commercial Regions alone. */
const publishers: Readonly<Record<Publisher, Readonly<Record<string, string>>>> = {
  amazon: { aws: '137112412989', 'aws-cn': '141808717104', 'aws-us-gov': '045324592363' },
  canonical: { aws: '099720109477', 'aws-cn': '837727238323', 'aws-us-gov': '513442679011' },
  debian: { aws: '136693071363' },
};

type Template = Pick<
  PublicImage,
  | 'name'
  | 'description'
  | 'architecture'
  | 'rootDeviceName'
  | 'volumeType'
  | 'bootMode'
  | 'imdsSupport'
  | 'parameters'
  | 'parameterDataType'
> & { readonly publisher: Publisher; readonly created: string };

const architectures = ['x86_64', 'arm64'] as const;
/** What Canonical and Debian call them. */
const debianNames = { x86_64: 'amd64', arm64: 'arm64' } as const;
const bootModes = { x86_64: 'uefi-preferred', arm64: 'uefi' } as const;

/** The releases; each name is one that its publisher gave an image. */
const templates: readonly Template[] = architectures.flatMap((architecture) => [
  // The default kernel is the newest image, so that `most recent` means what the default parameter means.
  amazonLinux2023(architecture, '6.12', '2026-04-30T22:00:00Z', []),
  amazonLinux2023(architecture, '6.1', '2026-04-30T23:00:00Z', [`al2023-ami-kernel-default-${architecture}`]),
  amazonLinux2(architecture, '4.14', 'amzn2-ami-hvm', [`amzn2-ami-hvm-${architecture}-gp2`]),
  amazonLinux2(architecture, '5.10', 'amzn2-ami-kernel-5.10-hvm', [`amzn2-ami-kernel-default-hvm-${architecture}-gp2`]),
  ubuntu(architecture, { version: '22.04', codename: 'jammy', serial: '20251015', volumeType: 'gp2' }),
  ubuntu(architecture, { version: '24.04', codename: 'noble', serial: '20260313', volumeType: 'gp3' }),
  debian(architecture, '20251112-2294'),
]);

const byRegion = new Map<string, ReadonlyMap<string, PublicImage>>();

/** The public images of a Region by id, in the order of their creation. */
export function publicImages(region: string): ReadonlyMap<string, PublicImage> {
  let images = byRegion.get(region);
  if (images === undefined) {
    const made = templates.flatMap((template) => imageOf(region, template) ?? []).toSorted((a, b) => a.createdMs - b.createdMs);
    byRegion.set(region, (images = new Map(made.map((image) => [image.id, image]))));
  }
  return images;
}

/** The image that a public SSM parameter names; undefined for another parameter. */
export function imageOfParameter(region: string, parameter: string): PublicImage | undefined {
  for (const image of publicImages(region).values()) if (image.parameters.includes(parameter)) return image;
  return undefined;
}

function imageOf(region: string, template: Template): PublicImage | undefined {
  const { publisher, created, ...image } = template;
  const ownerId = publishers[publisher][partitionOf(region)];
  if (ownerId === undefined) return undefined;
  return {
    ...image,
    id: `ami-0${digits(`ami|${region}|${image.name}`)}`,
    ownerId,
    createdMs: Date.parse(created),
    volumeSizeGib: 8,
    snapshotId: `snap-0${digits(`snap|${region}|${image.name}`)}`,
    enaSupport: true,
  };
}

/** 16 hexadecimal digits that depend on the text alone. */
function digits(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

function amazonLinux2023(architecture: PublicImage['architecture'], kernel: string, created: string, more: readonly string[]): Template {
  const release = '2023.11.20260427.1';
  return {
    publisher: 'amazon',
    created,
    name: `al2023-ami-${release}-kernel-${kernel}-${architecture}`,
    description: `Amazon Linux 2023 AMI ${release} ${architecture} HVM kernel-${kernel}`,
    architecture,
    rootDeviceName: '/dev/xvda',
    volumeType: 'gp3',
    bootMode: bootModes[architecture],
    imdsSupport: 'v2.0',
    parameters: amazonParameters([`al2023-ami-kernel-${kernel}-${architecture}`, ...more]),
    parameterDataType: 'text',
  };
}

function amazonLinux2(architecture: PublicImage['architecture'], kernel: string, prefix: string, more: readonly string[]): Template {
  const release = '2.0.20260427.1';
  const edition = architecture === 'arm64' ? 'LTS Arm64 ' : '';
  const kernelWords = kernel === '4.14' ? '' : `Kernel ${kernel} `;
  return {
    publisher: 'amazon',
    created: '2026-04-30T17:00:00Z',
    name: `${prefix}-${release}-${architecture}-gp2`,
    description: `Amazon Linux 2 ${edition}${kernelWords}AMI ${release} ${architecture} HVM gp2`,
    architecture,
    rootDeviceName: '/dev/xvda',
    volumeType: 'gp2',
    ...(architecture === 'arm64' ? { bootMode: 'uefi' } : {}),
    parameters: amazonParameters([`amzn2-ami-kernel-${kernel}-hvm-${architecture}-gp2`, ...more]),
    parameterDataType: 'text',
  };
}

function amazonParameters(names: readonly string[]): readonly string[] {
  return names.map((name) => `/aws/service/ami-amazon-linux-latest/${name}`);
}

interface UbuntuRelease {
  readonly version: string;
  readonly codename: string;
  readonly serial: string;
  /** Canonical's images have gp3 volumes since 23.10, under another path. */
  readonly volumeType: 'gp2' | 'gp3';
}

function ubuntu(architecture: PublicImage['architecture'], { version, codename, serial, volumeType }: UbuntuRelease): Template {
  const debianName = debianNames[architecture];
  const folder = volumeType === 'gp3' ? 'hvm-ssd-gp3' : 'hvm-ssd';
  return {
    publisher: 'canonical',
    created: `${serial.slice(0, 4)}-${serial.slice(4, 6)}-${serial.slice(6)}T06:00:00Z`,
    name: `ubuntu/images/${folder}/ubuntu-${codename}-${version}-${debianName}-server-${serial}`,
    description: `Canonical, Ubuntu, ${version}, ${debianName} ${codename} image`,
    architecture,
    rootDeviceName: '/dev/sda1',
    volumeType,
    bootMode: bootModes[architecture],
    ...(volumeType === 'gp3' ? { imdsSupport: 'v2.0' } : {}),
    parameters: [version, codename].flatMap((release) =>
      ['current', serial].map(
        (build) => `/aws/service/canonical/ubuntu/server/${release}/stable/${build}/${debianName}/hvm/ebs-${volumeType}/ami-id`,
      ),
    ),
    parameterDataType: 'aws:ec2:image',
  };
}

function debian(architecture: PublicImage['architecture'], build: string): Template {
  const debianName = debianNames[architecture];
  return {
    publisher: 'debian',
    created: `${build.slice(0, 4)}-${build.slice(4, 6)}-${build.slice(6, 8)}T12:00:00Z`,
    name: `debian-12-${debianName}-${build}`,
    description: `Debian 12 (${build})`,
    architecture,
    rootDeviceName: '/dev/xvda',
    volumeType: 'gp3',
    bootMode: bootModes[architecture],
    parameters: [`/aws/service/debian/release/12/latest/${debianName}`],
    parameterDataType: 'aws:ec2:image',
  };
}
