/** Names of load balancers and target groups, and DNS names made of them. */
import type { OperationContext } from '#aws/context.ts';
import { validationError } from '#services/elbv2/errors.ts';
import type { BalancerType, Scheme } from '#services/elbv2/tables.ts';

const longestName = 32;

/** @throws AwsError ValidationError */
export function checkLoadBalancerName(name: string): void {
  checkName(`The load balancer name '${name}'`, name);
  if (name.startsWith('internal-')) throw validationError(`The load balancer name '${name}' cannot begin with 'internal-'`);
}

/** @throws AwsError ValidationError */
export function checkTargetGroupName(name: string): void {
  checkName(`Target group name '${name}'`, name);
}

function checkName(subject: string, name: string): void {
  if (name === '') throw validationError(`${subject} cannot be blank`);
  if (name.length > longestName) throw validationError(`${subject} cannot be longer than '${longestName}' characters`);
  if (!/^[a-zA-Z0-9-]+$/.test(name)) {
    throw validationError(`${subject} can only contain characters that are alphanumeric characters or hyphens(-)`);
  }
  if (name.startsWith('-') || name.endsWith('-')) throw validationError(`${subject} cannot begin or end with '-'`);
}

/** `name-1234567890.eu-west-1.elb.amazonaws.com`; of a network load balancer `name-<the ARN's 16 hex>.elb.eu-west-1.amazonaws.com`. */
export function newDnsName(
  context: OperationContext,
  { id, name, type, scheme }: { readonly id: string; readonly name: string; readonly type: BalancerType; readonly scheme: Scheme },
): string {
  const { region } = context;
  const suffix = region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com';
  if (type === 'network') return `${name}-${id.slice(id.lastIndexOf('/') + 1)}.elb.${region}.${suffix}`;
  const digits = context.randomBytes(4).readUInt32BE();
  return `${scheme === 'internal' ? 'internal-' : ''}${name}-${digits}.${region}.elb.${suffix}`;
}
