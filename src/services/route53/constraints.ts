/** What the service's model asks of members (botocore, route53 2013-04-01), also of those inside structures and lists. */
import { checkMembers, type Constraint, type Constraints } from '#aws/constraints.ts';

const dnsName: Constraint = { max: 1024 };
const resourceId: Constraint = { max: 32 };
const comment: Constraint = { max: 256 };
const nonce: Constraint = { min: 1, max: 128 };
const vpcId: Constraint = { max: 1024 };
const marker: Constraint = { max: 64 };

const healthCheckConfig: Constraints = {
  iPAddress: { max: 45 },
  port: { min: 1, max: 65_535 },
  resourcePath: { max: 255 },
  fullyQualifiedDomainName: { max: 255 },
  searchString: { max: 255 },
  requestInterval: { min: 10, max: 30 },
  failureThreshold: { min: 1, max: 10 },
  healthThreshold: { min: 0, max: 256 },
  childHealthChecks: { max: 256 },
  regions: { min: 3, max: 64 },
  resetElements: { max: 64 },
};

const set = 'changeBatch.changes.resourceRecordSet';

/** By place, lists' indexes left out. */
const constraints: Constraints = {
  id: { max: 6500 },
  name: dnsName,
  callerReference: nonce,
  hostedZoneId: resourceId,
  delegationSetId: resourceId,
  comment,
  'hostedZoneConfig.comment': comment,
  'vPC.vPCId': vpcId,
  vPCId: vpcId,
  marker,
  nextToken: { max: 1024 },
  'changeBatch.comment': comment,
  'changeBatch.changes': { min: 1 },
  [`${set}.name`]: dnsName,
  [`${set}.setIdentifier`]: { min: 1, max: 128 },
  [`${set}.weight`]: { min: 0, max: 255 },
  [`${set}.tTL`]: { min: 0, max: 2_147_483_647 },
  [`${set}.resourceRecords`]: { min: 1 },
  [`${set}.resourceRecords.value`]: { max: 4000 },
  [`${set}.healthCheckId`]: { max: 64 },
  [`${set}.aliasTarget.hostedZoneId`]: resourceId,
  [`${set}.aliasTarget.dNSName`]: dnsName,
  [`${set}.geoLocation.continentCode`]: { min: 2, max: 2 },
  [`${set}.geoLocation.countryCode`]: { min: 1, max: 2 },
  [`${set}.geoLocation.subdivisionCode`]: { min: 1, max: 3 },
  startRecordName: dnsName,
  startRecordIdentifier: { min: 1, max: 128 },
  dNSName: dnsName,
  recordName: dnsName,
  healthCheckId: { max: 64 },
  healthCheckVersion: { min: 1 },
  ...healthCheckConfig,
  ...Object.fromEntries(Object.entries(healthCheckConfig).map(([member, constraint]) => [`healthCheckConfig.${member}`, constraint])),
  resourceId: { max: 64 },
  resourceIds: { min: 1, max: 10 },
  addTags: { min: 1, max: 10 },
  'addTags.key': { max: 128 },
  'addTags.value': { max: 256 },
  removeTagKeys: { min: 1, max: 10 },
};

/** @throws AwsError InvalidInput with all faults of the input */
export function checkInput(input: Readonly<Record<string, unknown>>): void {
  checkMembers('InvalidInput', constraints, input);
  const { HealthCheckConfig, CallerReference } = input;
  // The same member is shorter for health checks: `HealthCheckNonce`.
  if (HealthCheckConfig !== undefined) checkMembers('InvalidInput', { callerReference: { min: 1, max: 64 } }, { CallerReference });
}
