/** Secondary addresses of NAT gateways: put on and taken off while they run. */
import type { OperationContext } from '#aws/context.ts';
import { invalidParameterValue } from '#aws/errors.ts';
import { alreadyAssociated, associationNotFound } from '#services/ec2/addresses/address-errors.ts';
import {
  addPrivateAddresses,
  checkAddressCount,
  checkCountRange,
  checkDrainTime,
  removeElasticIps,
  removePrivateAddresses,
  requireElasticIps,
  withElasticIp,
} from '#services/ec2/gateways/nat-gateway-addresses.ts';
import { addressView, requireAvailable } from '#services/ec2/gateways/nat-gateways.ts';
import type { Ec2Operations } from '#services/ec2/sdk.ts';
import { type NatGatewayAddress, type NatGatewayRecord, natGatewayTable } from '#services/ec2/tables/routing.ts';

export const natGatewaySecondaryAddresses = {
  AssociateNatGatewayAddress(context, input) {
    const gateway = requireAvailable(context, input.NatGatewayId, 'public');
    const elastic = requireElasticIps(context, input.AllocationIds);
    const taken = elastic.find((address) => address.association);
    if (taken?.association) throw alreadyAssociated(taken.id, taken.association.id);
    if (input.PrivateIpAddresses && input.PrivateIpAddresses.length !== elastic.length) {
      throw invalidParameterValue('PrivateIpAddresses must have one address for each of AllocationIds');
    }
    checkAddressCount(context, 'public', gateway.addresses.length + elastic.length);
    const given = input.PrivateIpAddresses ?? [];
    const added = addPrivateAddresses(context, interfaceOf(gateway), given, elastic.length - given.length);
    const associated = added.map((address, index) => {
      const own = elastic[index];
      return own ? withElasticIp(context, address, own) : address;
    });
    return answer(context, { ...gateway, addresses: [...gateway.addresses, ...associated] }, associated);
  },

  /** Connections over the address end at once: there is no drain time to wait for. */
  DisassociateNatGatewayAddress(context, input) {
    checkDrainTime(input.MaxDrainDurationSeconds);
    const gateway = requireAvailable(context, input.NatGatewayId, 'public');
    const gone = input.AssociationIds.map((id) => {
      const address = gateway.addresses.find((one) => one.associationId === id);
      if (!address) throw associationNotFound(id);
      if (address.isPrimary) throw invalidParameterValue(`The primary address of NAT gateway ${gateway.id} cannot be disassociated`);
      return address;
    });
    removeElasticIps(context, gateway, input.AssociationIds);
    return remove(context, gateway, gone);
  },

  AssignPrivateNatGatewayAddress(context, input) {
    const gateway = requireAvailable(context, input.NatGatewayId, 'private');
    const given = input.PrivateIpAddresses ?? [];
    checkCountRange('privateIpAddressCount', input.PrivateIpAddressCount);
    const count = input.PrivateIpAddressCount ?? (given.length === 0 ? 1 : 0);
    checkAddressCount(context, 'private', gateway.addresses.length + given.length + count);
    const added = addPrivateAddresses(context, interfaceOf(gateway), given, count);
    return answer(context, { ...gateway, addresses: [...gateway.addresses, ...added] }, added);
  },

  UnassignPrivateNatGatewayAddress(context, input) {
    checkDrainTime(input.MaxDrainDurationSeconds);
    const gateway = requireAvailable(context, input.NatGatewayId, 'private');
    const gone = input.PrivateIpAddresses.map((privateIp) => {
      const address = gateway.addresses.find((one) => one.privateIp === privateIp);
      if (!address || address.isPrimary) {
        throw invalidParameterValue(`The address ${privateIp} is no secondary address of NAT gateway ${gateway.id}`);
      }
      return address;
    });
    return remove(context, gateway, gone);
  },
} satisfies Ec2Operations;

function interfaceOf(gateway: NatGatewayRecord): string {
  return gateway.addresses[0]?.networkInterfaceId ?? '';
}

function remove(context: OperationContext, gateway: NatGatewayRecord, gone: readonly NatGatewayAddress[]) {
  removePrivateAddresses(
    context,
    interfaceOf(gateway),
    gone.map((address) => address.privateIp),
  );
  return answer(context, { ...gateway, addresses: gateway.addresses.filter((address) => !gone.includes(address)) }, gone);
}

function answer(context: OperationContext, gateway: NatGatewayRecord, addresses: readonly NatGatewayAddress[]) {
  context.tx.put(natGatewayTable, gateway);
  return { NatGatewayId: gateway.id, NatGatewayAddresses: addresses.map(addressView) };
}
