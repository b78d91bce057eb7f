/** Subnets as AWS shows them. */
import type { Subnet, SubnetIpv6CidrBlockAssociation } from '@aws-sdk/client-ec2';
import { regionalArn } from '#aws/arns.ts';
import type { OperationContext } from '#aws/context.ts';
import { stateAt } from '#aws/eventual.ts';
import { cidrSize } from '#model/cidr.ts';
import type { Ipv6CidrAssociation, SubnetRecord } from '#services/ec2/tables/vpcs.ts';
import { storedCidr } from '#services/ec2/vpcs/vpc-blocks.ts';
import { stillShown } from '#services/ec2/vpcs/vpc-view.ts';

/** AWS keeps the first four addresses of a subnet and the last: network, router, DNS, future use, broadcast. */
export const reservedAddresses = 5;

export function subnetView(subnet: SubnetRecord, context: OperationContext): Subnet {
  return {
    SubnetId: subnet.id,
    SubnetArn: subnetArn(subnet, context),
    OwnerId: context.account,
    VpcId: subnet.vpcId,
    State: stateAt(subnet.state, context.nowMs),
    AvailabilityZone: subnet.availabilityZone,
    AvailabilityZoneId: subnet.availabilityZoneId,
    CidrBlock: subnet.cidrBlock,
    Ipv6CidrBlockAssociationSet: shownIpv6Blocks(subnet, context).map((association) => ipv6BlockView(association, context)),
    AvailableIpAddressCount: availableAddresses(subnet),
    DefaultForAz: subnet.defaultForAz,
    MapPublicIpOnLaunch: subnet.mapPublicIpOnLaunch,
    MapCustomerOwnedIpOnLaunch: false,
    AssignIpv6AddressOnCreation: subnet.assignIpv6AddressOnCreation,
    EnableDns64: subnet.dns64,
    Ipv6Native: subnet.ipv6Native,
    PrivateDnsNameOptionsOnLaunch: {
      HostnameType: subnet.hostnameType,
      EnableResourceNameDnsARecord: subnet.resourceNameDnsARecord,
      EnableResourceNameDnsAAAARecord: subnet.resourceNameDnsAaaaRecord,
    },
    BlockPublicAccessStates: { InternetGatewayBlockMode: 'off' },
    Tags: [...subnet.tags],
  };
}

export function ipv6BlockView(association: Ipv6CidrAssociation, context: OperationContext): SubnetIpv6CidrBlockAssociation {
  return {
    AssociationId: association.associationId,
    Ipv6CidrBlock: association.ipv6CidrBlock,
    Ipv6CidrBlockState: { State: stateAt(association.state, context.nowMs) },
    Ipv6AddressAttribute: 'public',
    IpSource: 'amazon',
  };
}

/** The block that the subnet has, and those that it had until lately. */
export function shownIpv6Blocks(subnet: SubnetRecord, context: OperationContext): readonly Ipv6CidrAssociation[] {
  return [...subnet.ipv6CidrAssociations, ...stillShown(subnet.endedIpv6CidrAssociations, context)];
}

/** IPv4 addresses that are still free; none in an IPv6-only subnet. */
export function availableAddresses(subnet: SubnetRecord): number {
  return subnet.cidrBlock === undefined ? 0 : cidrSize(storedCidr(subnet.cidrBlock)) - reservedAddresses - subnet.usedAddresses;
}

export function subnetArn(subnet: SubnetRecord, context: OperationContext): string {
  return regionalArn(context, 'ec2', `subnet/${subnet.id}`);
}
