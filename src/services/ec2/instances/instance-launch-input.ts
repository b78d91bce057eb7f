/** What RunInstances is asked for, beside the network: checked and put into the form of a record. */
import type { RunInstancesRequest } from '@aws-sdk/client-ec2';
import type { OperationContext } from '#aws/context.ts';
import { invalidParameterCombination, invalidParameterValue } from '#aws/errors.ts';
import { isIdOf } from '#aws/ids.ts';
import { AwsError } from '#protocol/aws-error.ts';
import { imageOfParameter, type PublicImage, publicImages } from '#services/ec2/instances/image-catalog.ts';
import {
  architectureMismatch,
  imageNotFound,
  invalidInstanceType,
  malformedImageId,
  malformedUserData,
  unknownInstanceType,
  userDataTooLong,
} from '#services/ec2/instances/instance-errors.ts';
import { type InstanceType, instanceTypes } from '#services/ec2/instances/instance-type-catalog.ts';
import type { InstanceRecord } from '#services/ec2/tables/instances.ts';
import type { SubnetRecord } from '#services/ec2/tables/vpcs.ts';
import { unsupported } from '#services/ec2/vpcs/vpc-errors.ts';

/** What RunInstances launches when the call names no type. */
export const defaultInstanceType = 'm1.small';
/** AWS's limit in bytes, before base64 (https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/user-data.html). */
export const userDataLimit = 16 * 1024;
/** Characters of a client token. */
const clientTokenLimit = 64;

/**
 * The image by its id, or by the SSM parameter that names it (`resolve:ssm:/aws/service/…`).
 * @throws AwsError MissingParameter, InvalidAMIID.Malformed, InvalidAMIID.NotFound, InvalidParameterValue for a parameter that names no image
 */
export function requireImage(context: OperationContext, imageId: string | undefined): PublicImage {
  if (imageId === undefined) throw new AwsError('MissingParameter', 'The request must contain the parameter ImageId');
  if (imageId.startsWith('resolve:ssm:')) return resolveParameter(context, imageId.slice('resolve:ssm:'.length));
  if (!isIdOf('ami', imageId)) throw malformedImageId(imageId);
  const image = publicImages(context.region).get(imageId);
  if (!image) throw imageNotFound(imageId);
  return image;
}

/** Public parameters have one version and no label of their own. */
function resolveParameter(context: OperationContext, text: string): PublicImage {
  const [name = '', version = '1'] = text.split(':');
  const image = version === '1' ? imageOfParameter(context.region, name) : undefined;
  if (!image) throw invalidParameterValue(`The Systems Manager parameter '${text}' does not exist or does not hold the ID of an image.`);
  return image;
}

/**
 * @throws AwsError InvalidParameterValue for a name that is none, or an image for other processors; Unsupported for a type that Keiro lacks
 */
export function requireInstanceType(name: string): InstanceType {
  const type = instanceTypes.get(name);
  if (type) return type;
  // AWS's names: family with generation and attributes, then size.
  const isLikely = /^[a-z]+[0-9]*[a-z0-9-]*\.(?:nano|micro|small|medium|large|[0-9]*xlarge|metal(?:-[0-9]+xl)?)$/.test(name);
  throw isLikely ? unknownInstanceType(name) : invalidInstanceType(name);
}

export function checkArchitecture(type: InstanceType, image: PublicImage): void {
  if (type.architectures.includes(image.architecture)) return;
  throw architectureMismatch(type.architectures.join(','), image.architecture);
}

/** Members that count as left out when they are empty, as Terraform sends them; the empty NoDevice of a mapping is not one. */
const emptyMeansNone = ['ClientToken', 'KeyName', 'PrivateIpAddress', 'SubnetId', 'UserData'] as const;

/** The request without the empty texts that say nothing. */
export function withoutEmptyTexts(input: RunInstancesRequest): RunInstancesRequest {
  const request: { -readonly [M in keyof RunInstancesRequest]: RunInstancesRequest[M] } = { ...input };
  for (const member of emptyMeansNone) if (request[member] === '') delete request[member];
  if (request.Placement) request.Placement = dropEmpty(request.Placement);
  if (request.IamInstanceProfile) request.IamInstanceProfile = dropEmpty(request.IamInstanceProfile);
  if (request.IamInstanceProfile && Object.keys(request.IamInstanceProfile).length === 0) delete request.IamInstanceProfile;
  return request;
}

function dropEmpty<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== '')) as T; // every member of these may be left out
}

/** How many instances a call wants: at least, at most. */
export function countsOf({ MinCount: min = 1, MaxCount: max = 1 }: RunInstancesRequest): { min: number; max: number } {
  for (const [name, value] of [
    ['minCount', min],
    ['maxCount', max],
  ] as const) {
    if (value < 1) throw invalidParameterValue(`Value (${value}) for parameter ${name} is invalid. Must be greater than or equal to 1.`);
  }
  if (min > max) {
    throw invalidParameterCombination(`The parameter minCount (${min}) must not be greater than the parameter maxCount (${max}).`);
  }
  return { min, max };
}

/**
 * User data as it is kept: base64 without white space.
 * @throws AwsError InvalidUserData.Malformed, InvalidParameterValue over 16 KB
 */
export function checkUserData(text: string): string {
  const base64 = text.replace(/\s/g, '');
  if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}(?:==)?|[A-Za-z0-9+/]{3}=?)?$/.test(base64)) throw malformedUserData();
  const bytes = Buffer.from(base64, 'base64');
  if (bytes.length > userDataLimit) throw userDataTooLong(userDataLimit);
  return bytes.toString('base64');
}

/** @throws AwsError InvalidParameterValue for numbers that the type does not offer, InvalidParameterCombination for one without the other */
export function cpuOptionsOf(type: InstanceType, asked: RunInstancesRequest['CpuOptions']): InstanceRecord['cpuOptions'] {
  const { CoreCount, ThreadsPerCore } = asked ?? {};
  if (CoreCount === undefined && ThreadsPerCore === undefined) return undefined;
  if (CoreCount === undefined || ThreadsPerCore === undefined) {
    throw invalidParameterCombination('CpuOptions must contain both CoreCount and ThreadsPerCore.');
  }
  if (!type.validCores?.includes(CoreCount) || ThreadsPerCore < 1 || ThreadsPerCore > type.family.threadsPerCore) {
    throw invalidParameterValue(
      `CpuOptions with ${CoreCount} cores and ${ThreadsPerCore} threads per core are not valid for ${type.name}.`,
    );
  }
  return { coreCount: CoreCount, threadsPerCore: ThreadsPerCore };
}

/** T2 instances start as `standard`, later ones as `unlimited`. */
export function cpuCreditsOf(type: InstanceType, input: RunInstancesRequest): InstanceRecord['cpuCredits'] {
  const asked = input.CreditSpecification?.CpuCredits;
  // AWS ignores the member for types that have no credits.
  if (!type.family.burstable) return undefined;
  if (asked === undefined) return type.family.name === 't2' ? 'standard' : 'unlimited';
  if (asked !== 'standard' && asked !== 'unlimited') throw invalidParameterValue(`Invalid value '${asked}' for CpuCredits.`);
  return asked;
}

/**
 * The host name's form: the call's, else the subnet's.
 * @throws AwsError InvalidParameterCombination for a name by address in an IPv6-only subnet, or by id in an IPv4-only one
 */
export function hostnameOptionsOf(
  subnet: SubnetRecord,
  { PrivateDnsNameOptions: asked }: RunInstancesRequest,
): Pick<InstanceRecord, 'hostnameType' | 'resourceNameDnsARecord' | 'resourceNameDnsAaaaRecord'> {
  const hostnameType = asked?.HostnameType ?? subnet.hostnameType;
  checkHostnameType(subnet, hostnameType);
  return {
    hostnameType,
    resourceNameDnsARecord: asked?.EnableResourceNameDnsARecord ?? subnet.resourceNameDnsARecord,
    resourceNameDnsAaaaRecord: asked?.EnableResourceNameDnsAAAARecord ?? subnet.resourceNameDnsAaaaRecord,
  };
}

export function checkHostnameType(subnet: SubnetRecord, hostnameType: InstanceRecord['hostnameType']): void {
  if (subnet.ipv6Native && hostnameType === 'ip-name') {
    throw invalidParameterCombination(`Instances in the IPv6-only subnet '${subnet.id}' must use the hostname type 'resource-name'.`);
  }
}

/** @throws AwsError InvalidParameterValue for a token that is too long or not ASCII */
export function checkClientToken(token: string | undefined): void {
  if (token === undefined || (token.length <= clientTokenLimit && /^[\x20-\x7e]*$/.test(token))) return;
  throw invalidParameterValue(`Invalid value '${token}' for clientToken. Up to ${clientTokenLimit} ASCII characters are allowed.`);
}

/** Refuses what AWS takes and Keiro has no model of, so that nobody believes it took effect. */
export function refuseUnmodelled(input: RunInstancesRequest): void {
  const { Placement: placement = {} } = input;
  if (input.LaunchTemplate !== undefined) throw unsupported('launch templates: LaunchTemplate');
  if (input.InstanceMarketOptions !== undefined) throw unsupported('Spot Instances: InstanceMarketOptions');
  if ((input.LicenseSpecifications?.length ?? 0) > 0) throw unsupported('licences: LicenseSpecifications');
  if ((input.SecondaryInterfaces?.length ?? 0) > 0) throw unsupported('secondary networks: SecondaryInterfaces');
  if (input.KernelId !== undefined) throw unsupported('kernels: KernelId');
  if (input.RamdiskId !== undefined) throw unsupported('RAM disks: RamdiskId');
  if (input.HibernationOptions?.Configured) throw unsupported('hibernation: HibernationOptions');
  if (input.EnclaveOptions?.Enabled) throw unsupported('Nitro Enclaves: EnclaveOptions');
  if (input.CapacityReservationSpecification?.CapacityReservationTarget !== undefined) throw unsupported('capacity reservations');
  if (placement.Tenancy === 'host' || placement.HostId !== undefined || placement.HostResourceGroupArn !== undefined) {
    throw unsupported('Dedicated Hosts: Placement');
  }
  if (placement.GroupName || placement.GroupId !== undefined) throw unsupported('placement groups: Placement');
}
