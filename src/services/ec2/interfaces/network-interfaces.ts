/** Network interfaces: made in a subnet, described, deleted. */
import { describe } from '#aws/describe.ts';
import { invalidParameterValue } from '#aws/errors.ts';
import { tagsFor } from '#aws/tags.ts';
import { interfaceInUse, interfaceMissing, notAllowed } from '#services/ec2/interfaces/interface-errors.ts';
import { createInterface, deleteInterface } from '#services/ec2/interfaces/interface-lifecycle.ts';
import { requireInterface } from '#services/ec2/interfaces/interface-lookup.ts';
import { interfaceView } from '#services/ec2/interfaces/interface-view.ts';
import { networkInterfaceFilters } from '#services/ec2/interfaces/network-interface-filters.ts';
import { addressesAsked, connectionTrackingOf, interfaceTypeOf } from '#services/ec2/interfaces/network-interface-input.ts';
import type { Ec2Operations } from '#services/ec2/sdk.ts';
import { groupsForInterface } from '#services/ec2/security-groups/security-group-lookup.ts';
import { requireSubnet } from '#services/ec2/subnets/subnets.ts';
import { networkInterfaceTable } from '#services/ec2/tables/interfaces.ts';

export const networkInterfaces = {
  CreateNetworkInterface(context, input) {
    const subnet = requireSubnet(context, input.SubnetId);
    const tags = tagsFor(input.TagSpecifications, 'network-interface');
    const asked = addressesAsked(input);
    const eni = createInterface(context, {
      ...asked,
      subnet,
      description: input.Description,
      groupIds: groupsForInterface(context, subnet.vpcId, input.Groups, subnet.id),
      interfaceType: interfaceTypeOf(input.InterfaceType),
      primaryIpv6: input.EnablePrimaryIpv6,
      // AWS names the principal that made the interface.
      requesterId: context.principal.userId,
      connectionTracking: connectionTrackingOf(input.ConnectionTrackingSpecification),
      tags,
    });
    if (input.EnablePrimaryIpv6 && eni.ipv6Addresses.length === 0) {
      throw invalidParameterValue('A primary IPv6 address needs an IPv6 address on the network interface.');
    }
    // AWS answers `pending` here, and `available` as soon as anybody asks again.
    return { NetworkInterface: { ...interfaceView(eni, context), Status: 'pending' as 'available' }, ClientToken: input.ClientToken }; // not in the SDK's enumeration
  },

  DescribeNetworkInterfaces(context, input) {
    const { items, nextToken } = describe(context, input, {
      table: networkInterfaceTable,
      ids: input.NetworkInterfaceIds,
      filters: networkInterfaceFilters,
      indexed: {
        'network-interface-id': 'id',
        'vpc-id': 'vpc',
        'subnet-id': 'subnet',
        'group-id': 'group',
        'attachment.instance-id': 'instance',
        'attachment.attachment-id': 'attachment',
        'mac-address': 'mac',
        'private-ip-address': 'privateIp',
        'addresses.private-ip-address': 'privateIp',
      },
      missing: interfaceMissing,
      view: interfaceView,
    });
    return { NetworkInterfaces: items, NextToken: nextToken };
  },

  DeleteNetworkInterface(context, input) {
    const eni = requireInterface(context, input.NetworkInterfaceId);
    if (eni.attachment) throw interfaceInUse(eni.id);
    if (eni.requesterManaged) throw notAllowed();
    deleteInterface(context, eni);
    return {};
  },
} satisfies Ec2Operations;
