/** EC2: the operations of all its nouns. */
import { defineService } from '#aws/operation.ts';
import { egressOnlyInternetGateways } from '#services/ec2/egress-only-internet-gateways.ts';
import { defaultVpc, ensureDefaultVpc } from '#services/ec2/default-vpc.ts';
import { dhcpOptions } from '#services/ec2/dhcp-options.ts';
import { internetGateways } from '#services/ec2/internet-gateways.ts';
import { natGatewaySecondaryAddresses } from '#services/ec2/nat-gateway-secondary-addresses.ts';
import { natGateways } from '#services/ec2/nat-gateways.ts';
import { routeTables } from '#services/ec2/route-tables.ts';
import { routes } from '#services/ec2/routes.ts';
import { subnetAttributes } from '#services/ec2/subnet-attributes.ts';
import { subnetCidrReservations } from '#services/ec2/subnet-cidr-reservations.ts';
import { subnetCidrs } from '#services/ec2/subnet-cidrs.ts';
import { subnets } from '#services/ec2/subnets.ts';
import { vpcAttributes } from '#services/ec2/vpc-attributes.ts';
import { vpcCidrs } from '#services/ec2/vpc-cidrs.ts';
import { vpcs } from '#services/ec2/vpcs.ts';

export const ec2 = defineService(
  'ec2',
  [
    egressOnlyInternetGateways,
    internetGateways,
    natGateways,
    natGatewaySecondaryAddresses,
    routeTables,
    routes,
    vpcs,
    vpcAttributes,
    vpcCidrs,
    defaultVpc,
    subnets,
    subnetAttributes,
    subnetCidrs,
    subnetCidrReservations,
    dhcpOptions,
  ],
  { prepare: ensureDefaultVpc },
);
