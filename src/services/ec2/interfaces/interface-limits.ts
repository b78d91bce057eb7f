/** How many interfaces an instance and how many addresses an interface may have (https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/AvailableIpPerENI.html). */
import type { OperationContext } from '#aws/context.ts';
import { invalidParameterValue } from '#aws/errors.ts';
import { instanceTypes } from '#services/ec2/instances/instance-type-catalog.ts';
import { addressLimitReached, attachmentLimitExceeded } from '#services/ec2/interfaces/interface-errors.ts';
import { instanceTable } from '#services/ec2/tables/instances.ts';
import type { NetworkInterfaceRecord } from '#services/ec2/tables/interfaces.ts';

/** More than any instance type allows per interface, of each family; what holds for an interface that is on no instance. */
export const addressLimitOfInterface = 100;

/** The most addresses and prefixes of a family that the interface may have where it is. */
export function addressLimit(context: OperationContext, eni: NetworkInterfaceRecord, family: 4 | 6): number {
  const instanceId = eni.attachment?.instanceId;
  const instance = instanceId === undefined ? undefined : context.tx.get(instanceTable, instanceId);
  return instance ? limitOfType(instance.instanceType, family) : addressLimitOfInterface;
}

/**
 * Whether an instance of this type has room for one more interface, and for the interface's addresses.
 * @param count interfaces of the instance, this one among them
 * @throws AwsError AttachmentLimitExceeded, PrivateIpAddressLimitExceeded, InvalidParameterValue for a network card that the type lacks
 */
export function checkRoomForInterface(instanceType: string, count: number, eni: NetworkInterfaceRecord, networkCardIndex: number): void {
  // Types with several network cards are not in the catalogue.
  if (networkCardIndex !== 0) throw invalidParameterValue(`Value (${networkCardIndex}) for parameter networkCardIndex is invalid.`);
  const limit = instanceTypes.get(instanceType)?.maximumInterfaces ?? Number.POSITIVE_INFINITY;
  if (count > limit) throw attachmentLimitExceeded(count, instanceType);
  const ipv4 = eni.privateAddresses.length + eni.ipv4Prefixes.length;
  const ipv6 = eni.ipv6Addresses.length + eni.ipv6Prefixes.length;
  if (ipv4 > limitOfType(instanceType, 4) || ipv6 > limitOfType(instanceType, 6)) throw addressLimitReached();
}

function limitOfType(instanceType: string, family: 4 | 6): number {
  const type = instanceTypes.get(instanceType);
  if (!type) return addressLimitOfInterface;
  return family === 4 ? type.ipv4PerInterface : type.ipv6PerInterface;
}
