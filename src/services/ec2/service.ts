/** EC2: the operations of all its nouns. */
import { defineService } from '#aws/operation.ts';
import { accountAttributes } from '#services/ec2/account-attributes.ts';
import { addressAttributes } from '#services/ec2/addresses/address-attributes.ts';
import { addressMappings } from '#services/ec2/addresses/address-mappings.ts';
import { addresses } from '#services/ec2/addresses/addresses.ts';
import { addressTransfers } from '#services/ec2/addresses/address-transfers.ts';
import { availabilityZones } from '#services/ec2/regions/availability-zones.ts';
import { interfaceAddresses } from '#services/ec2/interfaces/interface-addresses.ts';
import { interfaceAttachments } from '#services/ec2/interfaces/interface-attachments.ts';
import { interfaceIpv6Addresses } from '#services/ec2/interfaces/interface-ipv6-addresses.ts';
import { networkInsightsAnalyses } from '#services/ec2/network-insights/network-insights-analyses.ts';
import { networkInsightsPaths } from '#services/ec2/network-insights/network-insights-paths.ts';
import { networkInterfaceAttributes } from '#services/ec2/interfaces/network-interface-attributes.ts';
import { networkInterfacePermissions } from '#services/ec2/interfaces/network-interface-permissions.ts';
import { networkInterfaces } from '#services/ec2/interfaces/network-interfaces.ts';
import { egressOnlyInternetGateways } from '#services/ec2/gateways/egress-only-internet-gateways.ts';
import { defaultVpc, ensureDefaultVpc } from '#services/ec2/vpcs/default-vpc.ts';
import { dhcpOptions } from '#services/ec2/vpcs/dhcp-options.ts';
import { images } from '#services/ec2/instances/images.ts';
import { instanceAttributes } from '#services/ec2/instances/instance-attributes.ts';
import { instanceOptions } from '#services/ec2/instances/instance-options.ts';
import { instanceProfileAssociations } from '#services/ec2/instances/instance-profile-associations.ts';
import { instanceStatus } from '#services/ec2/instances/instance-status.ts';
import { instanceTypes } from '#services/ec2/instances/instance-types.ts';
import { instanceMetadataOptions } from '#services/ec2/instances/instance-metadata-options.ts';
import { instances } from '#services/ec2/instances/instances.ts';
import { instanceStates } from '#services/ec2/instances/instance-states.ts';
import { internetGateways } from '#services/ec2/gateways/internet-gateways.ts';
import { keyPairs } from '#services/ec2/instances/key-pairs.ts';
import { natGatewaySecondaryAddresses } from '#services/ec2/gateways/nat-gateway-secondary-addresses.ts';
import { natGateways } from '#services/ec2/gateways/nat-gateways.ts';
import { networkAcls } from '#services/ec2/network-acls/network-acls.ts';
import { networkAclEntries } from '#services/ec2/network-acls/network-acl-entries.ts';
import { securityGroups } from '#services/ec2/security-groups/security-groups.ts';
import { securityGroupRules } from '#services/ec2/security-groups/security-group-rules.ts';
import { securityGroupRevocations } from '#services/ec2/security-groups/security-group-revocations.ts';
import { securityGroupRuleDescriptions } from '#services/ec2/security-groups/security-group-rule-descriptions.ts';
import { securityGroupVpcAssociations } from '#services/ec2/security-groups/security-group-vpc-associations.ts';
import { securityGroupReferences } from '#services/ec2/security-groups/security-group-references.ts';
import { prefixLists } from '#services/ec2/prefix-lists/prefix-lists.ts';
import { regionOperations } from '#services/ec2/regions/regions.ts';
import { routeTables } from '#services/ec2/route-tables/route-tables.ts';
import { routes } from '#services/ec2/route-tables/routes.ts';
import { subnetAttributes } from '#services/ec2/subnets/subnet-attributes.ts';
import { subnetCidrReservations } from '#services/ec2/subnets/subnet-cidr-reservations.ts';
import { subnetCidrs } from '#services/ec2/subnets/subnet-cidrs.ts';
import { subnets } from '#services/ec2/subnets/subnets.ts';
import { tags } from '#services/ec2/tags.ts';
import { volumes } from '#services/ec2/instances/volumes.ts';
import { vpcAttributes } from '#services/ec2/vpcs/vpc-attributes.ts';
import { vpcCidrs } from '#services/ec2/vpcs/vpc-cidrs.ts';
import { vpcs } from '#services/ec2/vpcs/vpcs.ts';

export const ec2 = defineService(
  'ec2',
  [
    accountAttributes,
    addressAttributes,
    addressMappings,
    addresses,
    addressTransfers,
    availabilityZones,
    interfaceAddresses,
    interfaceAttachments,
    interfaceIpv6Addresses,
    networkInsightsAnalyses,
    networkInsightsPaths,
    networkInterfaceAttributes,
    networkInterfacePermissions,
    networkInterfaces,
    egressOnlyInternetGateways,
    images,
    instanceAttributes,
    instanceOptions,
    instanceProfileAssociations,
    instanceStatus,
    instanceTypes,
    instances,
    instanceMetadataOptions,
    instanceStates,
    internetGateways,
    keyPairs,
    natGateways,
    natGatewaySecondaryAddresses,
    prefixLists,
    regionOperations,
    routeTables,
    routes,
    tags,
    volumes,
    vpcs,
    vpcAttributes,
    vpcCidrs,
    defaultVpc,
    subnets,
    subnetAttributes,
    subnetCidrs,
    subnetCidrReservations,
    dhcpOptions,
    networkAcls,
    networkAclEntries,
    securityGroups,
    securityGroupRules,
    securityGroupRevocations,
    securityGroupRuleDescriptions,
    securityGroupVpcAssociations,
    securityGroupReferences,
  ],
  { prepare: ensureDefaultVpc, tellsOfUnsettled: new Set(['DescribeInstances', 'DescribeInstanceStatus']) },
);
