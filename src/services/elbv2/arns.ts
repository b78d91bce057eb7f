/** ARNs of Elastic Load Balancing, as AWS writes them, and the names in them. */
import { regionalArn } from '#aws/arns.ts';
import type { OperationContext } from '#aws/context.ts';
import { validationError } from '#services/elbv2/errors.ts';
import type { BalancerType } from '#services/elbv2/tables.ts';

const service = 'elasticloadbalancing';
const kinds: Readonly<Record<BalancerType, string>> = { application: 'app', network: 'net' };

/** What messages call each resource, by the beginning of its ARN's last part. */
const nouns = {
  loadbalancer: 'load balancer',
  listener: 'listener',
  'listener-rule': 'listener rule',
  targetgroup: 'target group',
} as const;

export type ResourceKind = keyof typeof nouns;

/** 16 hexadecimal digits. */
function newHex(context: Pick<OperationContext, 'randomBytes'>): string {
  return context.randomBytes(8).toString('hex');
}

export function newLoadBalancerArn(context: OperationContext, type: BalancerType, name: string): string {
  return regionalArn(context, service, `loadbalancer/${kinds[type]}/${name}/${newHex(context)}`);
}

/** `arn:…:listener/app/name/<load balancer>/<listener>` */
export function newListenerArn(context: OperationContext, loadBalancerArn: string): string {
  return `${loadBalancerArn.replace(':loadbalancer/', ':listener/')}/${newHex(context)}`;
}

/** `arn:…:listener-rule/app/name/<load balancer>/<listener>/<rule>` */
export function newRuleArn(context: OperationContext, listenerArn: string): string {
  return `${listenerArn.replace(':listener/', ':listener-rule/')}/${newHex(context)}`;
}

export function newTargetGroupArn(context: OperationContext, name: string): string {
  return regionalArn(context, service, `targetgroup/${name}/${newHex(context)}`);
}

/** `app/name/<16 hex>`, which interfaces and logs name a load balancer by. */
export function fullNameOf(loadBalancerArn: string): string {
  return loadBalancerArn.slice(loadBalancerArn.indexOf(':loadbalancer/') + ':loadbalancer/'.length);
}

export function kindOf(arn: string): ResourceKind | undefined {
  const [, , named, , , resource = ''] = arn.split(':');
  const kind = resource.slice(0, Math.max(0, resource.indexOf('/')));
  return named === service && kind in nouns ? (kind as ResourceKind) : undefined; // found in the table
}

/** @throws AwsError ValidationError for what is no ARN of that kind */
export function checkArn(arn: string, kind: ResourceKind): void {
  if (kindOf(arn) !== kind) throw validationError(`'${arn}' is not a valid ${nouns[kind]} ARN`);
}
