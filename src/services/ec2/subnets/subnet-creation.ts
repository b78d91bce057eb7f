/** Making a subnet: the record and its place under the VPC's default network ACL. */
import type { OperationContext } from '#aws/context.ts';
import { becoming, settled } from '#aws/eventual.ts';
import { newId } from '#aws/ids.ts';
import type { Zone } from '#aws/regions.ts';
import type { Tag } from '#aws/tags.ts';
import { limitExceeded } from '#services/ec2/errors.ts';
import { associateDefaultAcl } from '#services/ec2/network-acls/network-acl-defaults.ts';
import { type Ipv6CidrAssociation, type SubnetRecord, subnetTable } from '#services/ec2/tables/vpcs.ts';
import { quota } from '#services/service-quotas/public.ts';

export interface NewSubnet {
  readonly vpcId: string;
  readonly zone: Zone;
  /** Checked; left out for an IPv6-only subnet. */
  readonly cidrBlock?: string | undefined;
  /** Checked. */
  readonly ipv6CidrBlock?: string | undefined;
  readonly defaultForAz?: boolean;
  readonly mapPublicIpOnLaunch?: boolean;
  readonly tags?: readonly Tag[];
}

/** @throws AwsError SubnetLimitExceeded */
export function createSubnet(context: OperationContext, request: NewSubnet): SubnetRecord {
  const { vpcId, zone, cidrBlock, ipv6CidrBlock } = request;
  if (context.tx.find(subnetTable, 'vpc', vpcId).length >= quota(context, 'vpc', 'L-407747CB')) {
    throw limitExceeded('SubnetLimitExceeded', 'The maximum number of subnets has been reached.');
  }
  const ipv6Native = cidrBlock === undefined;
  const subnet: SubnetRecord = {
    id: newId(context, 'subnet'),
    vpcId,
    availabilityZone: zone.name,
    availabilityZoneId: zone.id,
    ...(cidrBlock === undefined ? {} : { cidrBlock }),
    ipv6CidrAssociations: ipv6CidrBlock === undefined ? [] : [newIpv6Block(context, ipv6CidrBlock)],
    endedIpv6CidrAssociations: [],
    state: settled('available'),
    defaultForAz: request.defaultForAz ?? false,
    mapPublicIpOnLaunch: request.mapPublicIpOnLaunch ?? false,
    assignIpv6AddressOnCreation: ipv6Native,
    dns64: false,
    ipv6Native,
    hostnameType: ipv6Native ? 'resource-name' : 'ip-name',
    resourceNameDnsARecord: false,
    resourceNameDnsAaaaRecord: false,
    usedAddresses: 0,
    nextOffset: 0,
    tags: request.tags ?? [],
  };
  context.tx.put(subnetTable, subnet);
  associateDefaultAcl(context, vpcId, subnet.id);
  return subnet;
}

export function newIpv6Block(context: OperationContext, ipv6CidrBlock: string): Ipv6CidrAssociation {
  return {
    associationId: newId(context, 'subnet-cidr-assoc'),
    ipv6CidrBlock,
    state: becoming('associating', 'associated', context.nowMs),
  };
}
