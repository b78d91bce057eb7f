/** What the service's model asks of members (botocore, elbv2 2015-12-01), also of those inside structures and lists. */
import { checkMembers, type Constraint, type Constraints } from '#aws/constraints.ts';

const port: Constraint = { min: 1, max: 65_535 };
const tagText = '([\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]*)';
const attributeKey: Constraint = { max: 256, pattern: '[a-zA-Z0-9._]+' };

const action = (at: string): Constraints => ({
  [`${at}.order`]: { min: 1, max: 50_000 },
  [`${at}.redirectConfig.protocol`]: { pattern: '(HTTPS?|#\\{protocol\\})' },
  [`${at}.redirectConfig.host`]: { min: 1, max: 128 },
  [`${at}.redirectConfig.path`]: { min: 1, max: 128 },
  [`${at}.redirectConfig.query`]: { min: 0, max: 128 },
  [`${at}.fixedResponseConfig.messageBody`]: { min: 0, max: 1024 },
  [`${at}.fixedResponseConfig.statusCode`]: { pattern: '(2|4|5)\\d\\d' },
  [`${at}.fixedResponseConfig.contentType`]: { min: 0, max: 32 },
});

/** By place, lists' indexes left out. */
const constraints: Constraints = {
  pageSize: { min: 1, max: 400 },
  port,
  priority: { min: 1, max: 50_000 },
  customerOwnedIpv4Pool: { max: 256, pattern: '(ipv4pool-coip-)[a-zA-Z0-9]+' },
  healthCheckPath: { min: 1, max: 1024 },
  healthCheckIntervalSeconds: { min: 5, max: 300 },
  healthCheckTimeoutSeconds: { min: 2, max: 120 },
  healthyThresholdCount: { min: 2, max: 10 },
  unhealthyThresholdCount: { min: 2, max: 10 },
  targetControlPort: port,
  tags: { min: 1 },
  'tags.key': { min: 1, max: 128, pattern: tagText },
  'tags.value': { min: 0, max: 256, pattern: tagText },
  'attributes.key': attributeKey,
  'attributes.value': { max: 1024 },
  'targets.port': port,
  'targets.quicServerId': { min: 1, max: 256 },
  'rulePriorities.priority': { min: 1, max: 50_000 },
  'conditions.field': { max: 64 },
  ...action('actions'),
  ...action('defaultActions'),
};

/** @throws AwsError ValidationError with all faults of the input */
export function checkInput(input: Readonly<Record<string, unknown>>): void {
  checkMembers('ValidationError', constraints, input);
}
