/** The addresses of NAT gateways: Elastic IPs and private ones, put on and taken off their interfaces. */
import type { OperationContext } from '#aws/context.ts';
import { invalidParameterValue } from '#aws/errors.ts';
import { closeSubnet, openSubnet, releasePrivateAddresses } from '#services/ec2/addresses/address-allocation.ts';
import { addressesOn, associateAddress, disassociateAddress, requireAddress } from '#services/ec2/addresses/address-associations.ts';
import { takeIpv4, takeNextIpv4 } from '#services/ec2/addresses/address-ipv4.ts';
import { limitExceeded } from '#services/ec2/errors.ts';
import { requireInterface } from '#services/ec2/interfaces/interface-lookup.ts';
import { type AddressRecord, networkInterfaceTable } from '#services/ec2/tables/interfaces.ts';
import type { NatGatewayAddress, NatGatewayRecord } from '#services/ec2/tables/routing.ts';
import { quota } from '#services/service-quotas/public.ts';

/**
 * The Elastic IPs that a call names for one gateway.
 * @throws AwsError InvalidAllocationID.NotFound, InvalidParameterValue for one that is named twice
 */
export function requireElasticIps(context: OperationContext, allocationIds: readonly string[]): readonly AddressRecord[] {
  const twice = allocationIds.find((id, index) => allocationIds.indexOf(id) < index);
  if (twice !== undefined) throw invalidParameterValue(`The allocation ID '${twice}' is specified more than once.`);
  return allocationIds.map((id) => requireAddress(context, id));
}

/** The quotas on addresses of one gateway, by its kind. */
const addressQuotas = {
  public: { code: 'L-5F53652F', noun: 'Elastic IP' },
  private: { code: 'L-DFA99DE7', noun: 'private IP' },
} as const;

/** @throws AwsError NatGatewayAddressLimitExceeded for more addresses than a gateway of the kind may have */
export function checkAddressCount(context: OperationContext, connectivityType: 'public' | 'private', count: number): void {
  const { code, noun } = addressQuotas[connectivityType];
  const limit = quota(context, 'vpc', code);
  if (count <= limit) return;
  throw limitExceeded('NatGatewayAddressLimitExceeded', `The maximum of ${limit} ${noun} addresses per NAT gateway has been reached.`);
}

/** The most that AWS's calls about NAT gateways take for a count of addresses, and for a time to drain in seconds. */
const mostAddresses = 31;
const longestDrainSeconds = 4000;

/** @throws AwsError InvalidParameterValue for a count that no call takes */
export function checkCountRange(parameter: string, count: number | undefined): void {
  checkRange(parameter, count, mostAddresses);
}

/** @throws AwsError InvalidParameterValue for a time that no call takes */
export function checkDrainTime(seconds: number | undefined): void {
  checkRange('maxDrainDurationSeconds', seconds, longestDrainSeconds);
}

function checkRange(parameter: string, value: number | undefined, most: number): void {
  if (value === undefined || (value >= 1 && value <= most)) return;
  throw invalidParameterValue(`Value (${value}) for parameter ${parameter} is invalid. Expecting a value between 1 and ${most}.`);
}

/** Puts further private addresses on the gateway's interface: the given ones, then `count` free ones. */
export function addPrivateAddresses(
  context: OperationContext,
  interfaceId: string,
  given: readonly string[],
  count: number,
): readonly NatGatewayAddress[] {
  const eni = requireInterface(context, interfaceId);
  const subnet = openSubnet(context, eni.subnetId);
  const taken = given.map((address) => takeIpv4(subnet, address));
  for (let index = 0; index < count; index++) taken.push(takeNextIpv4(subnet));
  closeSubnet(subnet);
  const added = taken.map((address) => ({ address, primary: false }));
  context.tx.put(networkInterfaceTable, { ...eni, privateAddresses: [...eni.privateAddresses, ...added] });
  return taken.map((privateIp) => ({ networkInterfaceId: interfaceId, privateIp, isPrimary: false }));
}

/** Gives private addresses of the gateway's interface back. */
export function removePrivateAddresses(context: OperationContext, interfaceId: string, removed: readonly string[]): void {
  const eni = requireInterface(context, interfaceId);
  const kept = eni.privateAddresses.filter(({ address }) => !removed.includes(address));
  context.tx.put(networkInterfaceTable, { ...eni, privateAddresses: kept });
  releasePrivateAddresses(context, eni.subnetId, eni.privateAddresses.length - kept.length, 0);
}

/** Puts an Elastic IP on one of the gateway's private addresses. */
export function withElasticIp(context: OperationContext, address: NatGatewayAddress, elastic: AddressRecord): NatGatewayAddress {
  const eni = requireInterface(context, address.networkInterfaceId);
  const associated = associateAddress(context, elastic, eni, address.privateIp);
  return { ...address, allocationId: elastic.id, associationId: associated.association?.id ?? '', publicIp: elastic.publicIp };
}

/** Takes the gateway's Elastic IPs with these association ids off. */
export function removeElasticIps(context: OperationContext, gateway: NatGatewayRecord, associationIds: readonly string[]): void {
  const interfaceIds = new Set(gateway.addresses.map((address) => address.networkInterfaceId));
  for (const interfaceId of interfaceIds) {
    for (const elastic of [...addressesOn(context, requireInterface(context, interfaceId))]) {
      if (elastic.association && associationIds.includes(elastic.association.id)) disassociateAddress(context, elastic);
    }
  }
}
