/** EC2: the operations of all its nouns. */
import { defineService } from '#aws/operation.ts';
import { accountAttributes } from '#services/ec2/account-attributes.ts';
import { addressAttributes } from '#services/ec2/address-attributes.ts';
import { addressMappings } from '#services/ec2/address-mappings.ts';
import { addresses } from '#services/ec2/addresses.ts';
import { addressTransfers } from '#services/ec2/address-transfers.ts';
import { availabilityZones } from '#services/ec2/availability-zones.ts';
import { interfaceAddresses } from '#services/ec2/interface-addresses.ts';
import { interfaceAttachments } from '#services/ec2/interface-attachments.ts';
import { interfaceIpv6Addresses } from '#services/ec2/interface-ipv6-addresses.ts';
import { networkInsightsAnalyses } from '#services/ec2/network-insights-analyses.ts';
import { networkInsightsPaths } from '#services/ec2/network-insights-paths.ts';
import { networkInterfaceAttributes } from '#services/ec2/network-interface-attributes.ts';
import { networkInterfacePermissions } from '#services/ec2/network-interface-permissions.ts';
import { networkInterfaces } from '#services/ec2/network-interfaces.ts';
import { egressOnlyInternetGateways } from '#services/ec2/egress-only-internet-gateways.ts';
import { defaultVpc, ensureDefaultVpc } from '#services/ec2/default-vpc.ts';
import { dhcpOptions } from '#services/ec2/dhcp-options.ts';
import { images } from '#services/ec2/images.ts';
import { instanceAttributes } from '#services/ec2/instance-attributes.ts';
import { instanceOptions } from '#services/ec2/instance-options.ts';
import { instanceProfileAssociations } from '#services/ec2/instance-profile-associations.ts';
import { instanceStatus } from '#services/ec2/instance-status.ts';
import { instanceTypes } from '#services/ec2/instance-types.ts';
import { instanceMetadataOptions } from '#services/ec2/instance-metadata-options.ts';
import { instances } from '#services/ec2/instances.ts';
import { instanceStates } from '#services/ec2/instance-states.ts';
import { internetGateways } from '#services/ec2/internet-gateways.ts';
import { keyPairs } from '#services/ec2/key-pairs.ts';
import { natGatewaySecondaryAddresses } from '#services/ec2/nat-gateway-secondary-addresses.ts';
import { natGateways } from '#services/ec2/nat-gateways.ts';
import { networkAcls } from '#services/ec2/network-acls.ts';
import { networkAclEntries } from '#services/ec2/network-acl-entries.ts';
import { securityGroups } from '#services/ec2/security-groups.ts';
import { securityGroupRules } from '#services/ec2/security-group-rules.ts';
import { securityGroupRevocations } from '#services/ec2/security-group-revocations.ts';
import { securityGroupRuleDescriptions } from '#services/ec2/security-group-rule-descriptions.ts';
import { securityGroupVpcAssociations } from '#services/ec2/security-group-vpc-associations.ts';
import { securityGroupReferences } from '#services/ec2/security-group-references.ts';
import { prefixLists } from '#services/ec2/prefix-lists.ts';
import { regionOperations } from '#services/ec2/regions.ts';
import { routeTables } from '#services/ec2/route-tables.ts';
import { routes } from '#services/ec2/routes.ts';
import { subnetAttributes } from '#services/ec2/subnet-attributes.ts';
import { subnetCidrReservations } from '#services/ec2/subnet-cidr-reservations.ts';
import { subnetCidrs } from '#services/ec2/subnet-cidrs.ts';
import { subnets } from '#services/ec2/subnets.ts';
import { tags } from '#services/ec2/tags.ts';
import { volumes } from '#services/ec2/volumes.ts';
import { vpcAttributes } from '#services/ec2/vpc-attributes.ts';
import { vpcCidrs } from '#services/ec2/vpc-cidrs.ts';
import { vpcs } from '#services/ec2/vpcs.ts';

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
  { prepare: ensureDefaultVpc, tellsOfInstances: new Set(['DescribeInstances', 'DescribeInstanceStatus']) },
);
