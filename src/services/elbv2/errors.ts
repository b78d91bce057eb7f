/** Elastic Load Balancing's errors, in AWS's codes and words (ELB API reference 2015-12-01, each operation's "Errors"). */
import { AwsError } from '#protocol/aws-error.ts';

export function validationError(message: string): AwsError {
  return new AwsError('ValidationError', message);
}

export function invalidConfiguration(message: string): AwsError {
  return new AwsError('InvalidConfigurationRequest', message);
}

export function invalidAction(message: string): AwsError {
  return new AwsError('InvalidLoadBalancerAction', message);
}

export function operationNotPermitted(message: string): AwsError {
  return new AwsError('OperationNotPermitted', message);
}

/** AWS has it, Keiro does not. */
export function unmodelled(what: string): AwsError {
  return new AwsError('NotImplemented', `Keiro's load balancers do not have ${what} yet.`, 501);
}

export function loadBalancerNotFound(arn: string): AwsError {
  return new AwsError('LoadBalancerNotFound', `Load balancer '${arn}' not found`);
}

export function loadBalancersNotFound(): AwsError {
  return new AwsError('LoadBalancerNotFound', 'One or more load balancers not found');
}

export function loadBalancerNamesNotFound(names: readonly string[]): AwsError {
  return new AwsError('LoadBalancerNotFound', `Load balancers '[${names.join(', ')}]' not found`);
}

export function listenersNotFound(): AwsError {
  return new AwsError('ListenerNotFound', 'One or more listeners not found');
}

export function rulesNotFound(): AwsError {
  return new AwsError('RuleNotFound', 'One or more rules not found');
}

export function targetGroupsNotFound(): AwsError {
  return new AwsError('TargetGroupNotFound', 'One or more target groups not found');
}

export function duplicateName(noun: 'load balancer' | 'target group', name: string): AwsError {
  const code = noun === 'load balancer' ? 'DuplicateLoadBalancerName' : 'DuplicateTargetGroupName';
  return new AwsError(code, `A ${noun} with the same name '${name}' exists, but with different settings`);
}

export function duplicateListener(loadBalancerArn: string): AwsError {
  return new AwsError('DuplicateListener', `A listener already exists on this port for this load balancer '${loadBalancerArn}'`);
}

export function subnetNotFound(id: string): AwsError {
  return new AwsError('SubnetNotFound', `The subnet ID '${id}' does not exist`);
}

export function invalidSubnet(message: string): AwsError {
  return new AwsError('InvalidSubnet', message);
}

export function noInternetGateway(vpcId: string): AwsError {
  return invalidSubnet(`VPC ${vpcId} has no internet gateway`);
}

export function notEnoughAddresses(subnetId: string): AwsError {
  return invalidSubnet(`Not enough IP space available in ${subnetId}. ELB requires at least 8 free IP addresses in each subnet.`);
}

export function invalidSecurityGroup(message: string): AwsError {
  return new AwsError('InvalidSecurityGroup', message);
}

export function certificateNotFound(arn: string): AwsError {
  return new AwsError('CertificateNotFound', `Certificate '${arn}' not found`);
}

export function sslPolicyNotFound(name: string): AwsError {
  return new AwsError('SSLPolicyNotFound', `SSL policy '${name}' not found`);
}

export function incompatibleProtocols(arns: readonly string[]): AwsError {
  return new AwsError(
    'IncompatibleProtocols',
    `The listener and the following target groups have incompatible protocols: '${arns.join("', '")}'`,
  );
}

export function targetGroupAssociationLimit(arns: readonly string[]): AwsError {
  return new AwsError(
    'TargetGroupAssociationLimit',
    `The following target groups cannot be associated with more than one load balancer: ${arns.join(', ')}`,
  );
}

export function invalidTarget(message: string): AwsError {
  return new AwsError('InvalidTarget', message);
}

export function resourceInUse(message: string): AwsError {
  return new AwsError('ResourceInUse', message);
}

export function priorityInUse(priority: number): AwsError {
  return new AwsError('PriorityInUse', `Priority '${priority}' is currently in use`);
}

type Limited =
  | 'Actions'
  | 'Certificates'
  | 'Listeners'
  | 'LoadBalancers'
  | 'Rules'
  | 'Tags'
  | 'TargetGroups'
  | 'Targets'
  | 'UniqueTargetGroupsPerLoadBalancer';

const limits: Readonly<Record<Limited, string>> = {
  Actions: 'actions per rule',
  Certificates: 'certificates per load balancer',
  Listeners: 'listeners per load balancer',
  LoadBalancers: 'load balancers for your AWS account',
  Rules: 'rules per load balancer',
  Tags: 'tags for this resource',
  TargetGroups: 'target groups for your AWS account',
  Targets: 'targets',
  UniqueTargetGroupsPerLoadBalancer: 'unique target groups per load balancer',
};

/** `TooManyRules`: `You've reached the limit on the number of rules per load balancer` */
export function tooMany(what: Limited): AwsError {
  return new AwsError(`TooMany${what}`, `You've reached the limit on the number of ${limits[what]}`);
}
