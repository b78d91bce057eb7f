/** Errors about VPCs, subnets and DHCP options, in AWS's codes and words. */
import { invalidParameterCombination, invalidParameterValue } from '#aws/errors.ts';
import { AwsError } from '#protocol/aws-error.ts';

/** @param parameter e.g. `cidrBlock` */
export function notACidr(text: string, parameter: string): AwsError {
  return invalidParameterValue(`Value (${text}) for parameter ${parameter} is invalid. This is not a valid CIDR block.`);
}

/** The size is outside /16 to /28. */
export function vpcRange(cidr: string): AwsError {
  return new AwsError('InvalidVpc.Range', `The CIDR '${cidr}' is invalid.`);
}

/** A secondary block that AWS does not let stand beside the VPC's others. */
export function vpcRangeRestricted(cidr: string): AwsError {
  return new AwsError(
    'InvalidVpc.Range',
    `The CIDR '${cidr}' is restricted. Use a CIDR from the same private address range as the current VPC CIDR, or use a publicly-routable CIDR. ` +
      'For additional restrictions, see https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html',
  );
}

/** A secondary block that overlaps one that the VPC has. */
export function vpcRangeConflict(cidr: string, other: string): AwsError {
  return new AwsError('InvalidVpc.Range', `The CIDR '${cidr}' conflicts with the CIDR '${other}' of the same network.`);
}

/** A secondary block as large as the destination of a route, or larger. */
export function vpcRangeRouted(cidr: string, destination: string, routeTableId: string): AwsError {
  return new AwsError(
    'InvalidVpc.Range',
    `The CIDR '${cidr}' is the same as or larger than the destination '${destination}' of a route in the route table ${routeTableId}.`,
  );
}

/** The block is outside the VPC's, or its size is not one that subnets have. */
export function subnetRange(cidr: string): AwsError {
  return new AwsError('InvalidSubnet.Range', `The CIDR '${cidr}' is invalid.`);
}

export function subnetIpv6Range(cidr: string): AwsError {
  return new AwsError('InvalidSubnet.Range', `The IPv6 CIDR '${cidr}' is invalid.`);
}

export function subnetConflict(cidr: string): AwsError {
  return new AwsError('InvalidSubnet.Conflict', `The CIDR '${cidr}' conflicts with another subnet`);
}

export function subnetIpv6Conflict(cidr: string): AwsError {
  return new AwsError('InvalidSubnet.Conflict', `The IPv6 CIDR '${cidr}' conflicts with another subnet`);
}

export function cidrInUse(message: string): AwsError {
  return new AwsError('InvalidCidrBlock.InUse', message);
}

export function operationNotPermitted(message: string): AwsError {
  return new AwsError('OperationNotPermitted', message);
}

/** AWS has it, Keiro does not model it. */
export function unsupported(what: string): AwsError {
  return new AwsError('UnsupportedOperation', `Keiro does not model ${what}.`);
}

/** A Modify call that takes one attribute got several. */
export function severalAttributes(names: readonly string[]): AwsError {
  return invalidParameterCombination(`Fields for multiple attribute types specified: ${names.join(', ')}`);
}

/** A Modify call got no attribute. */
export function noAttribute(): AwsError {
  return invalidParameterCombination('No attributes specified.');
}

export function vpcCidrAssociationNotFound(id: string): AwsError {
  return new AwsError('InvalidVpcCidrBlockAssociationID.NotFound', `The vpc CIDR block with association ID '${id}' does not exist`);
}

export function subnetCidrAssociationNotFound(id: string): AwsError {
  return new AwsError('InvalidSubnetCidrBlockAssociationID.NotFound', `The subnet CIDR block with association ID '${id}' does not exist`);
}

export function cidrReservationNotFound(id: string): AwsError {
  return new AwsError('InvalidSubnetCidrReservationID.NotFound', `The subnet-cidr-reservation ID '${id}' does not exist`);
}

export function dhcpOptionsNotFound(ids: string | readonly string[]): AwsError {
  const list = typeof ids === 'string' ? [ids] : ids;
  const words = list.length === 1 ? `The dhcpOption ID '${list[0]}' does` : `The dhcpOption IDs '${list.join(', ')}' do`;
  return new AwsError('InvalidDhcpOptionID.NotFound', `${words} not exist`);
}

export function defaultVpcExists(): AwsError {
  return new AwsError('DefaultVpcAlreadyExists', 'A Default VPC already exists for this account in this region.');
}

export function noDefaultVpc(): AwsError {
  return new AwsError('DefaultVpcDoesNotExist', 'No default VPC exists for this account in this region.');
}

export function defaultSubnetExists(subnetId: string, zone: string): AwsError {
  return new AwsError('DefaultSubnetAlreadyExistsInAvailabilityZone', `'${subnetId}' is already the default subnet in ${zone}.`);
}
