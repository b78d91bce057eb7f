/** Network ACLs: made, described, put on subnets, deleted. */
import { describe } from '#aws/describe.ts';
import { newId } from '#aws/ids.ts';
import { tagsFor } from '#aws/tags.ts';
import {
  aclAssociationNotFound,
  aclInUse,
  aclOfAnotherNetwork,
  defaultAclStays,
  tooManyAcls,
} from '#services/ec2/network-acls/network-acl-errors.ts';
import { aclFilters, narrowed } from '#services/ec2/network-acls/network-acl-filters.ts';
import { noAcls, requireNetworkAcl } from '#services/ec2/network-acls/network-acl-lookup.ts';
import { aclView } from '#services/ec2/network-acls/network-acl-view.ts';
import type { Ec2Operations } from '#services/ec2/sdk.ts';
import { networkAclAssociationTable, type NetworkAclRecord, networkAclTable } from '#services/ec2/tables/firewalls.ts';
import { requireVpc } from '#services/ec2/vpcs/vpcs.ts';
import { quota } from '#services/service-quotas/public.ts';

// What the other nouns need of network ACLs.
export {
  allowIpv6ByDefault,
  associateDefaultAcl,
  createDefaultNetworkAcl,
  deleteDefaultNetworkAcl,
  disassociateAcl,
} from '#services/ec2/network-acls/network-acl-defaults.ts';

export const networkAcls = {
  CreateNetworkAcl(context, input) {
    const tags = tagsFor(input.TagSpecifications, 'network-acl');
    const vpc = requireVpc(context, input.VpcId);
    if (context.tx.find(networkAclTable, 'vpc', vpc.id).length >= quota(context, 'vpc', 'L-B4A6D682')) throw tooManyAcls();
    const acl: NetworkAclRecord = { id: newId(context, 'acl'), vpcId: vpc.id, isDefault: false, entries: [], tags };
    context.tx.put(networkAclTable, acl);
    return { NetworkAcl: aclView(acl, context), ClientToken: input.ClientToken };
  },

  DescribeNetworkAcls(context, input) {
    const { items, nextToken } = describe(
      context,
      { ...input, Filters: narrowed(context, input.Filters) },
      {
        table: networkAclTable,
        ids: input.NetworkAclIds,
        filters: aclFilters,
        indexed: { 'network-acl-id': 'id', 'vpc-id': 'vpc' },
        missing: noAcls,
        view: aclView,
      },
    );
    return { NetworkAcls: items, NextToken: nextToken };
  },

  ReplaceNetworkAclAssociation(context, input) {
    const association = context.tx.get(networkAclAssociationTable, input.AssociationId);
    if (!association) throw aclAssociationNotFound(input.AssociationId);
    const acl = requireNetworkAcl(context, input.NetworkAclId);
    const before = requireNetworkAcl(context, association.networkAclId);
    if (acl.vpcId !== before.vpcId) throw aclOfAnotherNetwork(acl.id, association.subnetId);
    if (acl.id === before.id) return { NewAssociationId: association.id };
    const id = newId(context, 'aclassoc');
    context.tx.delete(networkAclAssociationTable, association.id);
    context.tx.put(networkAclAssociationTable, { id, networkAclId: acl.id, subnetId: association.subnetId });
    return { NewAssociationId: id };
  },

  DeleteNetworkAcl(context, input) {
    const acl = requireNetworkAcl(context, input.NetworkAclId);
    if (acl.isDefault) throw defaultAclStays(acl.id);
    if (context.tx.find(networkAclAssociationTable, 'acl', acl.id).length > 0) throw aclInUse(acl.id);
    context.tx.delete(networkAclTable, acl.id);
    return {};
  },
} satisfies Ec2Operations;
