/** Associating Elastic IPs with instances and interfaces, and disassociating them. */
import type { OperationContext } from '#aws/context.ts';
import { invalidParameterCombination, invalidParameterValue, missingParameter } from '#aws/errors.ts';
import {
  addressesOn,
  associateAddress,
  disassociateAddress,
  hasInternetGateway,
  requireAddress,
} from '#services/ec2/addresses/address-associations.ts';
import {
  alreadyAssociated,
  associationNotFound,
  instanceNotReady,
  interfaceNotReady,
  noInternetGateway,
  privateAddressAssociated,
  severalInterfaces,
} from '#services/ec2/addresses/address-errors.ts';
import { requireOwnPublicIp } from '#services/ec2/addresses/addresses.ts';
import { instanceState, requireInstance } from '#services/ec2/instances/instance-lookup.ts';
import { notAllowed } from '#services/ec2/interfaces/interface-errors.ts';
import { primaryAddress, requireOwnInterface } from '#services/ec2/interfaces/interface-lookup.ts';
import type { Ec2Operations } from '#services/ec2/sdk.ts';
import { type InstanceState, instanceTable } from '#services/ec2/tables/instances.ts';
import { type AddressRecord, addressTable, type NetworkInterfaceRecord, networkInterfaceTable } from '#services/ec2/tables/interfaces.ts';

export const addressMappings = {
  AssociateAddress(context, input) {
    const { AllocationId, PublicIp, InstanceId, NetworkInterfaceId } = input;
    if (AllocationId !== undefined && PublicIp !== undefined) {
      throw invalidParameterCombination('You may specify public IP or allocation id, but not both in the same call');
    }
    if (InstanceId !== undefined && NetworkInterfaceId !== undefined) {
      throw invalidParameterCombination('You may specify instance id or network interface id, but not both in the same call');
    }
    if (PublicIp !== undefined) {
      requireOwnPublicIp(context, PublicIp);
      throw invalidParameterCombination('You must specify an allocation id when mapping an address to a VPC instance');
    }
    if (AllocationId === undefined) throw missingParameter('allocationId');
    const address = requireAddress(context, AllocationId);
    const eni = targetOf(context, InstanceId, NetworkInterfaceId);
    const privateIp = privateIpOf(eni, input.PrivateIpAddress);
    if (!hasInternetGateway(context, eni.vpcId)) throw noInternetGateway(eni.vpcId);
    const isThere = address.association?.networkInterfaceId === eni.id && address.association.privateIp === privateIp;
    if (isThere) return { AssociationId: address.association.id };
    checkReassociation(context, address, eni, privateIp, input.AllowReassociation ?? true);
    return { AssociationId: associateAddress(context, address, eni, privateIp).association?.id };
  },

  DisassociateAddress(context, input) {
    const { AssociationId, PublicIp } = input;
    if (AssociationId !== undefined && PublicIp !== undefined) {
      throw invalidParameterCombination('You may specify public IP or association id, but not both in the same call');
    }
    if (PublicIp !== undefined) {
      requireOwnPublicIp(context, PublicIp);
      throw invalidParameterValue('You must specify an association id when unmapping an address from a VPC instance');
    }
    if (AssociationId === undefined) throw missingParameter('associationId');
    const [address] = context.tx.find(addressTable, 'association', AssociationId);
    if (!address) throw associationNotFound(AssociationId);
    if (isManaged(context, address)) throw notAllowed();
    disassociateAddress(context, address);
    return {};
  },
} satisfies Ec2Operations;

function targetOf(
  context: OperationContext,
  instanceId: string | undefined,
  networkInterfaceId: string | undefined,
): NetworkInterfaceRecord {
  if (networkInterfaceId !== undefined) {
    const named = requireOwnInterface(context, networkInterfaceId);
    const holder = named.attachment?.instanceId === undefined ? undefined : context.tx.get(instanceTable, named.attachment.instanceId);
    const holderState = holder && instanceState(holder, context);
    if (holderState !== undefined && !isSteady(holderState)) throw interfaceNotReady(networkInterfaceId, holderState);
    return named;
  }
  if (instanceId === undefined) throw missingParameter('instanceId');
  const state = instanceState(requireInstance(context, instanceId), context);
  if (!isSteady(state)) throw instanceNotReady(instanceId, state);
  const [eni, another] = context.tx.find(networkInterfaceTable, 'instance', instanceId);
  if (!eni || another) throw severalInterfaces(instanceId);
  return eni;
}

/** Addresses can be put on instances that are neither coming nor going. */
function isSteady(state: InstanceState): boolean {
  return state === 'running' || state === 'stopping' || state === 'stopped';
}

function privateIpOf(eni: NetworkInterfaceRecord, asked: string | undefined): string {
  const privateIp = asked ?? primaryAddress(eni);
  if (privateIp === undefined) throw invalidParameterValue(`Network interface '${eni.id}' has no private IPv4 address.`);
  if (!eni.privateAddresses.some((one) => one.address === privateIp)) {
    throw invalidParameterValue(`The private IP address '${privateIp}' is not assigned to network interface '${eni.id}'.`);
  }
  return privateIp;
}

/** An address of a service stays where it is; others move unless the caller forbids it. */
function checkReassociation(
  context: OperationContext,
  address: AddressRecord,
  eni: NetworkInterfaceRecord,
  privateIp: string,
  isAllowed: boolean,
): void {
  if (address.association && (!isAllowed || isManaged(context, address))) throw alreadyAssociated(address.id, address.association.id);
  const other = addressesOn(context, eni).find((one) => one.association?.privateIp === privateIp);
  if (other && !isAllowed) throw privateAddressAssociated(eni.id, privateIp, other.publicIp);
}

/** Whether the address is on an interface of a service, e.g. of a NAT gateway. */
function isManaged(context: OperationContext, { association }: AddressRecord): boolean {
  return association !== undefined && context.tx.get(networkInterfaceTable, association.networkInterfaceId)?.requesterManaged === true;
}
