/**
 * Route 53's errors, in AWS's codes and words where they are known: the API reference, and what AWS answered in reports of
 * users of its command, Terraform and external-dns.
 */
import { AwsError } from '#protocol/aws-error.ts';

export function noSuchHostedZone(id: string): AwsError {
  return new AwsError('NoSuchHostedZone', `No hosted zone found with ID: ${id}`, 404);
}

export function noSuchChange(id: string): AwsError {
  return new AwsError('NoSuchChange', `Could not find resource with ID: ${id}`, 404);
}

export function noSuchDelegationSet(id: string): AwsError {
  return new AwsError('NoSuchDelegationSet', `No reusable delegation set found with ID: ${id}`);
}

export function noSuchHealthCheck(id: string): AwsError {
  return new AwsError('NoSuchHealthCheck', `A health check with id ${id} does not exist.`, 404);
}

export function noSuchGeoLocation(): AwsError {
  return new AwsError('NoSuchGeoLocation', 'The specified geographic location is not supported.', 404);
}

export function invalidInput(message: string): AwsError {
  return new AwsError('InvalidInput', message);
}

export function invalidDomainName(message: string): AwsError {
  return new AwsError('InvalidDomainName', message);
}

export function invalidArgument(message: string): AwsError {
  return new AwsError('InvalidArgument', message);
}

export function invalidPaginationToken(): AwsError {
  return new AwsError('InvalidPaginationToken', 'The value that you specified for NextToken is not valid.');
}

/** One message a fault; the whole is what most clients show. */
export function invalidChangeBatch(messages: readonly string[]): AwsError {
  return new AwsError('InvalidChangeBatch', `[${messages.join(', ')}]`, 400, { messages });
}

export function hostedZoneAlreadyExists(): AwsError {
  return new AwsError('HostedZoneAlreadyExists', 'A hosted zone has already been created with the specified caller reference.', 409);
}

export function tooManyHostedZones(limit: number): AwsError {
  return new AwsError('TooManyHostedZones', `Limits Exceeded: MAX_HOSTED_ZONES_BY_OWNER - Cannot create more than ${limit} hosted zones.`);
}

export function tooManyZonesOfSet(limit: number): AwsError {
  return new AwsError('TooManyHostedZones', `Limits Exceeded: MAX_ZONES_BY_REUSABLE_DELEGATION_SET - Cannot create more than ${limit} hosted zones.`); // prettier-ignore
}

export function hostedZoneNotEmpty(): AwsError {
  return new AwsError(
    'HostedZoneNotEmpty',
    'The specified hosted zone contains non-required resource record sets and so cannot be deleted.',
  );
}

export function hostedZoneNotPrivate(): AwsError {
  return new AwsError('HostedZoneNotPrivate', 'The specified hosted zone is a public hosted zone, not a private hosted zone.');
}

export function delegationSetNotAvailable(name: string): AwsError {
  return new AwsError(
    'DelegationSetNotAvailable',
    `You have reached the limit on the number of hosted zones that have the same name: ${name}`,
  );
}

export function serversInUse(name: string): AwsError {
  return new AwsError(
    'ConflictingDomainExists',
    `Cannot create hosted zone with DelegationSetId: the DNSName '${name}' conflicts with existing ones sharing the delegation set`,
  );
}

export function vpcHasZone(vpc: { readonly id: string; readonly region: string }, zoneId: string): AwsError {
  return new AwsError(
    'ConflictingDomainExists',
    `The VPC ${vpc.id} in region ${vpc.region} has already been associated with the hosted zone ${zoneId} with the same domain name.`,
  );
}

export function invalidVpc(): AwsError {
  return new AwsError(
    'InvalidVPCId',
    "The VPC ID that you specified either isn't a valid ID or the current account is not authorized to access this VPC.",
  );
}

export function vpcNotAuthorized(vpcId: string): AwsError {
  return new AwsError('NotAuthorizedException', `The VPC: ${vpcId} has not authorized to associate with your hosted zone.`, 401);
}

export function publicZoneVpc(): AwsError {
  return new AwsError(
    'PublicZoneVPCAssociation',
    "You're trying to associate a VPC with a public hosted zone. Amazon Route 53 doesn't support associating a VPC with a public hosted zone.",
  );
}

export function lastVpcAssociation(): AwsError {
  return new AwsError('LastVPCAssociation', 'Cannot remove last VPC association for the private zone');
}

export function vpcAssociationNotFound(vpcId: string, zoneId: string): AwsError {
  return new AwsError('VPCAssociationNotFound', `The VPC: ${vpcId} is not associated with hosted zone: ${zoneId}`, 404);
}

export function vpcAuthorizationNotFound(): AwsError {
  return new AwsError(
    'VPCAssociationAuthorizationNotFound',
    'The VPC that you specified is not authorized to be associated with the hosted zone.',
    404,
  );
}

export function tooManyVpcAuthorizations(): AwsError {
  return new AwsError(
    'TooManyVPCAssociationAuthorizations',
    "You've created the maximum number of authorizations that can be created for the specified hosted zone.",
  );
}

export function limitsExceeded(type: string): AwsError {
  return new AwsError('LimitsExceeded', `Limits Exceeded: ${type}`);
}

export function delegationSetAlreadyCreated(): AwsError {
  return new AwsError(
    'DelegationSetAlreadyCreated',
    'A delegation set with the same owner and caller reference combination has already been created.',
  );
}

export function delegationSetAlreadyReusable(): AwsError {
  return new AwsError('DelegationSetAlreadyReusable', 'The specified delegation set has already been marked as reusable.');
}

export function delegationSetInUse(): AwsError {
  return new AwsError(
    'DelegationSetInUse',
    'The specified delegation contains associated hosted zones which must be deleted before the reusable delegation set can be deleted.',
  );
}

export function zoneOfSetNotFound(id: string): AwsError {
  return new AwsError('HostedZoneNotFound', `The specified HostedZone can't be found: ${id}`);
}

export function tooManyHealthChecks(limit: number): AwsError {
  return new AwsError(
    'TooManyHealthChecks',
    `Limits Exceeded: MAX_HEALTH_CHECKS_BY_OWNER - Cannot create more than ${limit} health checks.`,
  );
}

export function healthCheckAlreadyExists(reference: string): AwsError {
  return new AwsError(
    'HealthCheckAlreadyExists',
    `The caller reference '${reference}' has already been used for another health check.`,
    409,
  );
}

export function healthCheckVersionMismatch(): AwsError {
  return new AwsError(
    'HealthCheckVersionMismatch',
    "The value of HealthCheckVersion in the request doesn't match the value of HealthCheckVersion in the health check.",
    409,
  );
}

/** HTTP 501: an AWS feature that Keiro does not have. */
export function unmodelled(what: string): AwsError {
  return new AwsError('NotImplemented', `Keiro does not implement ${what} yet.`, 501);
}
