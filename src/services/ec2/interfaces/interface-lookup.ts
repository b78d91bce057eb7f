/** Network interfaces by id, and those that a caller may change. */
import type { OperationContext } from '#aws/context.ts';
import { interfaceMissing, notAllowed } from '#services/ec2/interfaces/interface-errors.ts';
import { type NetworkInterfaceRecord, networkInterfaceTable } from '#services/ec2/tables/interfaces.ts';

/** @throws AwsError InvalidNetworkInterfaceID.NotFound, InvalidNetworkInterfaceId.Malformed */
export function requireInterface(context: OperationContext, id: string): NetworkInterfaceRecord {
  const eni = context.tx.get(networkInterfaceTable, id);
  if (!eni) throw interfaceMissing(id);
  return eni;
}

/**
 * The interface, when its owner may change it: not one that a service manages.
 * @throws AwsError InvalidNetworkInterfaceID.NotFound, AuthFailure
 */
export function requireOwnInterface(context: OperationContext, id: string): NetworkInterfaceRecord {
  const eni = requireInterface(context, id);
  if (eni.requesterManaged) throw notAllowed();
  return eni;
}

/** The primary private IPv4 address; undefined in an IPv6-only subnet. */
export function primaryAddress(eni: NetworkInterfaceRecord): string | undefined {
  return eni.privateAddresses.find((one) => one.primary)?.address;
}
