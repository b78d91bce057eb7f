/** The IPv6 block of a subnet, put on and taken off. */
import type { OperationContext } from '#aws/context.ts';
import { becoming } from '#aws/eventual.ts';
import { missingParameter } from '#aws/errors.ts';
import { cidrContainsIp } from '#model/cidr.ts';
import { parseIp } from '#model/ip.ts';
import { limitExceeded } from '#services/ec2/errors.ts';
import type { Ec2Operations } from '#services/ec2/sdk.ts';
import { checkIpv6Block } from '#services/ec2/subnets/subnet-blocks.ts';
import { newIpv6Block } from '#services/ec2/subnets/subnet-creation.ts';
import { ipv6BlockView } from '#services/ec2/subnets/subnet-view.ts';
import { requireSubnet } from '#services/ec2/subnets/subnets.ts';
import { networkInterfaceTable } from '#services/ec2/tables/interfaces.ts';
import { type Ipv6CidrAssociation, type SubnetRecord, subnetCidrReservationTable, subnetTable } from '#services/ec2/tables/vpcs.ts';
import { storedCidr } from '#services/ec2/vpcs/vpc-blocks.ts';
import { cidrInUse, operationNotPermitted, subnetCidrAssociationNotFound, unsupported } from '#services/ec2/vpcs/vpc-errors.ts';
import { stillShown } from '#services/ec2/vpcs/vpc-view.ts';
import { requireVpc } from '#services/ec2/vpcs/vpcs.ts';

/** A subnet has one IPv6 block. */
const ipv6BlocksPerSubnet = 1;

export const subnetCidrs = {
  AssociateSubnetCidrBlock(context, input) {
    if (input.Ipv6IpamPoolId !== undefined) throw unsupported('IPAM: Ipv6IpamPoolId');
    if (input.Ipv6NetmaskLength !== undefined) throw unsupported('IPAM: Ipv6NetmaskLength');
    const subnet = requireSubnet(context, input.SubnetId);
    if (input.Ipv6CidrBlock === undefined) throw missingParameter('ipv6CidrBlock');
    const block = checkIpv6Block(context, requireVpc(context, subnet.vpcId), input.Ipv6CidrBlock);
    if (subnet.ipv6CidrAssociations.length >= ipv6BlocksPerSubnet) {
      throw limitExceeded(
        'SubnetCidrBlockAssociationLimitExceeded',
        `The subnet '${subnet.id}' has met its maximum number of associated IPv6 CIDR blocks: ${ipv6BlocksPerSubnet}`,
      );
    }
    const association = newIpv6Block(context, block);
    context.tx.put(subnetTable, { ...subnet, ipv6CidrAssociations: [...subnet.ipv6CidrAssociations, association] });
    return { SubnetId: subnet.id, Ipv6CidrBlockAssociation: ipv6BlockView(association, context) };
  },

  DisassociateSubnetCidrBlock(context, input) {
    const [subnet] = context.tx.find(subnetTable, 'cidrAssociation', input.AssociationId);
    const association = subnet?.ipv6CidrAssociations.find(({ associationId }) => associationId === input.AssociationId);
    if (!subnet || !association) throw subnetCidrAssociationNotFound(input.AssociationId);
    refuseInUse(context, subnet, association);
    const ended = { ...association, state: becoming('disassociating', 'disassociated', context.nowMs), endedMs: context.nowMs };
    context.tx.put(subnetTable, {
      ...subnet,
      dns64: false,
      resourceNameDnsAaaaRecord: false,
      ipv6CidrAssociations: subnet.ipv6CidrAssociations.filter((other) => other !== association),
      endedIpv6CidrAssociations: [...stillShown(subnet.endedIpv6CidrAssociations, context), ended],
    });
    return { SubnetId: subnet.id, Ipv6CidrBlockAssociation: ipv6BlockView(ended, context) };
  },
} satisfies Ec2Operations;

function refuseInUse(context: OperationContext, subnet: SubnetRecord, { associationId, ipv6CidrBlock }: Ipv6CidrAssociation): void {
  const words = `The subnet IPv6 CIDR block with association ID ${associationId} may not be disassociated`;
  if (subnet.ipv6Native) throw operationNotPermitted(`${words}, because its subnet is IPv6-only.`);
  if (subnet.assignIpv6AddressOnCreation) throw cidrInUse(`${words}, because its subnet has assign-ipv6-address-on-creation set to true.`);
  const block = storedCidr(ipv6CidrBlock);
  const inBlock = (address: string) => {
    const ip = parseIp(address);
    return ip !== undefined && cidrContainsIp(block, ip);
  };
  const used = context.tx
    .find(networkInterfaceTable, 'subnet', subnet.id)
    .some((eni) => eni.ipv6Addresses.some(inBlock) || eni.ipv6Prefixes.some((prefix) => inBlock(prefix.split('/', 1)[0] ?? '')));
  if (used) throw cidrInUse(`${words}, because it is in use by a network interface.`);
  const reserved = context.tx
    .find(subnetCidrReservationTable, 'subnet', subnet.id)
    .some(({ cidr }) => inBlock(cidr.split('/', 1)[0] ?? ''));
  if (reserved) throw cidrInUse(`${words}, because it has a subnet CIDR reservation.`);
}
