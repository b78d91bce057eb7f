/** Public addresses on private ones: Elastic IPs by association, dynamic ones by the life of an instance. */
import type { OperationContext } from '#aws/context.ts';
import { stateAt } from '#aws/eventual.ts';
import { newId } from '#aws/ids.ts';
import { allocationNotFound } from '#services/ec2/addresses/address-errors.ts';
import { primaryAddress } from '#services/ec2/interfaces/interface-lookup.ts';
import { releasePublicAddress, takePublicAddress } from '#services/ec2/addresses/public-addresses.ts';
import { instanceTable } from '#services/ec2/tables/instances.ts';
import {
  type AddressRecord,
  addressTable,
  balancerRequester,
  type NetworkInterfaceRecord,
  networkInterfaceTable,
} from '#services/ec2/tables/interfaces.ts';
import { internetGatewayTable } from '#services/ec2/tables/routing.ts';

export interface PublicIp {
  readonly publicIp: string;
  /** Of an Elastic IP. */
  readonly allocationId?: string;
  /** Of an Elastic IP. */
  readonly associationId?: string;
  /** The account that owns the Elastic IP; `amazon` for a dynamic address, `amazon-elb` for a load balancer's. */
  readonly ipOwnerId: string;
}

/** @throws AwsError InvalidAllocationID.NotFound */
export function requireAddress(context: OperationContext, allocationId: string): AddressRecord {
  const address = context.tx.get(addressTable, allocationId);
  if (!address) throw allocationNotFound(allocationId);
  return address;
}

/** The Elastic IPs on an interface. */
export function addressesOn(context: OperationContext, eni: NetworkInterfaceRecord): readonly AddressRecord[] {
  return context.tx.find(addressTable, 'networkInterface', eni.id);
}

/** The public address that a private one of the interface is translated to. */
export function publicIpOf(context: OperationContext, eni: NetworkInterfaceRecord, privateIp: string): PublicIp | undefined {
  const elastic = addressesOn(context, eni).find((address) => address.association?.privateIp === privateIp);
  if (elastic?.association) {
    return { publicIp: elastic.publicIp, allocationId: elastic.id, associationId: elastic.association.id, ipOwnerId: context.account };
  }
  if (eni.dynamicPublicIp === undefined || primaryAddress(eni) !== privateIp) return undefined;
  return { publicIp: eni.dynamicPublicIp, ipOwnerId: eni.requesterId === balancerRequester ? balancerRequester : 'amazon' };
}

/** Whether the VPC has a way to the internet, without which no public address can be associated. */
export function hasInternetGateway(context: OperationContext, vpcId: string): boolean {
  return context.tx.find(internetGatewayTable, 'vpc', vpcId).length > 0;
}

/**
 * Puts an Elastic IP on a private address of an interface; what either was associated with before, is no longer.
 * The checks that AWS makes for callers (gateway, ownership, reassociation) are AssociateAddress's.
 */
export function associateAddress(
  context: OperationContext,
  address: AddressRecord,
  eni: NetworkInterfaceRecord,
  privateIp: string,
): AddressRecord {
  const free = address.association ? disassociateAddress(context, address) : address;
  for (const other of addressesOn(context, eni)) {
    if (other.association?.privateIp === privateIp) unlink(context, other);
  }
  // Instances lose their dynamic address (https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/using-instance-addressing.html#concepts-public-addresses).
  if (primaryAddress(eni) === privateIp) releaseDynamicPublicIp(context, eni);
  const instanceId = eni.attachment?.instanceId;
  const associated: AddressRecord = {
    ...free,
    association: {
      id: newId(context, 'eipassoc'),
      networkInterfaceId: eni.id,
      privateIp,
      ...(instanceId === undefined ? {} : { instanceId }),
    },
  };
  context.tx.put(addressTable, associated);
  return associated;
}

/** Takes an Elastic IP off its interface; a running instance that had a dynamic address before gets a new one. */
export function disassociateAddress(context: OperationContext, address: AddressRecord): AddressRecord {
  const { association } = address;
  const free = unlink(context, address);
  const eni = association && context.tx.get(networkInterfaceTable, association.networkInterfaceId);
  if (eni && primaryAddress(eni) === association.privateIp && regainsPublicIp(context, eni)) assignDynamicPublicIp(context, eni);
  return free;
}

/** Gives the interface a dynamic public address, unless its primary address has a public one already. */
export function assignDynamicPublicIp(context: OperationContext, eni: NetworkInterfaceRecord): NetworkInterfaceRecord {
  const current = context.tx.get(networkInterfaceTable, eni.id) ?? eni;
  const primary = primaryAddress(current);
  const isPublic = primary === undefined || publicIpOf(context, current, primary) !== undefined;
  const changed: NetworkInterfaceRecord = {
    ...current,
    wantsPublicIp: true,
    ...(isPublic ? {} : { dynamicPublicIp: takePublicAddress(context, 'dynamic') }),
  };
  context.tx.put(networkInterfaceTable, changed);
  return changed;
}

/** Takes the dynamic public address away, as at the stop of an instance; `wantsPublicIp` remembers it for the next start. */
export function releaseDynamicPublicIp(context: OperationContext, eni: NetworkInterfaceRecord): NetworkInterfaceRecord {
  const current = context.tx.get(networkInterfaceTable, eni.id) ?? eni;
  if (current.dynamicPublicIp === undefined) return current;
  const { dynamicPublicIp, ...rest } = current;
  releasePublicAddress(context, dynamicPublicIp);
  context.tx.put(networkInterfaceTable, rest);
  return rest;
}

/** Lets an Elastic IP follow its private address to another interface. */
export function moveAssociation(context: OperationContext, address: AddressRecord, eni: NetworkInterfaceRecord): void {
  if (!address.association) return;
  context.tx.put(addressTable, { ...address, association: { ...address.association, networkInterfaceId: eni.id } });
  followAttachment(context, eni);
}

/** Writes into the interface's Elastic IPs which instance it is on now. */
export function followAttachment(context: OperationContext, eni: NetworkInterfaceRecord): void {
  const instanceId = eni.attachment?.instanceId;
  for (const address of addressesOn(context, eni)) {
    if (!address.association) continue;
    const { instanceId: _before, ...association } = address.association;
    context.tx.put(addressTable, {
      ...address,
      association: instanceId === undefined ? association : { ...association, instanceId },
    });
  }
}

/** Whether the interface is on an instance that runs, or is about to. */
export function isOnInstance(context: OperationContext, eni: NetworkInterfaceRecord): boolean {
  const instanceId = eni.attachment?.instanceId;
  const instance = instanceId === undefined ? undefined : context.tx.get(instanceTable, instanceId);
  const state = instance && stateAt(instance.state, context.nowMs);
  return state === 'running' || state === 'pending';
}

/** AWS gives a new dynamic address to a running instance with one interface and no other Elastic IP on it. */
function regainsPublicIp(context: OperationContext, eni: NetworkInterfaceRecord): boolean {
  if (!eni.wantsPublicIp || !isOnInstance(context, eni) || addressesOn(context, eni).length > 0) return false;
  return context.tx.find(networkInterfaceTable, 'instance', eni.attachment?.instanceId ?? '').length === 1;
}

function unlink(context: OperationContext, address: AddressRecord): AddressRecord {
  const { association: _gone, ...free } = address;
  context.tx.put(addressTable, free);
  return free;
}
