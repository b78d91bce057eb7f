/** Whether a target may be registered with a group. */
import type { OperationContext } from '#aws/context.ts';
import { cidrContainsIp, parseCidr } from '#model/cidr.ts';
import { isIpv4, parseIp } from '#model/ip.ts';
import { findInstance } from '#services/ec2/public.ts';
import { kindOf } from '#services/elbv2/arns.ts';
import { invalidTarget, validationError } from '#services/elbv2/errors.ts';
import { listenerTable, loadBalancerTable, type TargetGroupRecord } from '#services/elbv2/tables.ts';
import { zoneOfAddress } from '#services/elbv2/target-lookup.ts';

/** Beside the VPC's own blocks, what a target's address may be of: RFC 1918 and RFC 6598. */
const privateBlocks = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10'].map((text) => parseCidr(text)!); // valid literals

interface Wanted {
  readonly targetId: string;
  readonly port: number;
  readonly zone: string | undefined;
}

/** Where load balancers listen on the host, its own addresses do as well; AWS knows none of these. */
const loopback = parseCidr('127.0.0.0/8')!; // as above

/** @throws AwsError InvalidTarget, ValidationError */
export function checkTarget(context: OperationContext, group: TargetGroupRecord, target: Wanted): void {
  if (target.zone !== undefined && group.targetType !== 'ip') {
    throw validationError(`You cannot specify an Availability Zone for targets of target groups with target type '${group.targetType}'`);
  }
  if (group.targetType === 'instance') checkInstance(context, group, target);
  else if (group.targetType === 'ip') checkAddress(context, group, target);
  else checkLoadBalancer(context, group, target);
}

function checkInstance(context: OperationContext, group: TargetGroupRecord, { targetId }: Wanted): void {
  if (!/^i-[0-9a-f]{8}(?:[0-9a-f]{9})?$/.test(targetId)) throw validationError(`Instance ID '${targetId}' is not valid`);
  const instance = findInstance(context.tx, targetId);
  if (!instance || instance.state === 'terminated') throw invalidTarget(`The following targets are not valid instances: '${targetId}'`);
  if (instance.vpcId !== group.vpcId) {
    throw invalidTarget(`The following targets are not in the target group VPC '${group.vpcId}': '${targetId}'`);
  }
  if (instance.state !== 'running') {
    throw invalidTarget(`The following targets are not in a running state and cannot be registered: '${targetId}'`);
  }
  if (group.ipAddressType === 'ipv6' && instance.ipv6 === undefined) {
    throw invalidTarget(`The following targets do not have an IPv6 address: '${targetId}'`);
  }
}

function checkAddress(context: OperationContext, group: TargetGroupRecord, { targetId, zone }: Wanted): void {
  const ip = parseIp(targetId);
  if (ip === undefined) throw validationError(`The IP address '${targetId}' is not a valid IP address`);
  const family = isIpv4(ip) ? 'ipv4' : 'ipv6';
  if (family !== group.ipAddressType) {
    throw validationError(`The IP address '${targetId}' is not a valid ${group.ipAddressType === 'ipv4' ? 'IPv4' : 'IPv6'} address`);
  }
  const own = zoneOfAddress(context.tx, group.vpcId, targetId);
  if (own !== undefined) {
    if (zone === undefined || zone === own) return;
    throw validationError(
      `The IP address '${targetId}' is within the VPC, and cannot have its Availability Zone overridden to '${zone}' from '${own}'`,
    );
  }
  if (context.observed.balancesOnHost === true && isIpv4(ip) && cidrContainsIp(loopback, ip) && (zone ?? 'all') === 'all') return;
  if (!privateBlocks.some((block) => isIpv4(ip) && cidrContainsIp(block, ip))) {
    throw invalidTarget(`The IP address '${targetId}' is not within the VPC's subnets or a private address range`);
  }
  if (zone === undefined)
    throw validationError(`The Availability Zone is required for IP address '${targetId}' because it is not in the VPC`);
  if (zone !== 'all' && !/^[a-z]{2}(?:-[a-z]+)+-\d[a-z]$/.test(zone)) {
    throw validationError(
      `You must specify a valid Availability Zone or select 'all' for all enabled Availability zones, since the IP address '${targetId}' is outside the VPC`,
    );
  }
}

function checkLoadBalancer(context: OperationContext, group: TargetGroupRecord, { targetId, port }: Wanted): void {
  if (kindOf(targetId) !== 'loadbalancer') throw validationError(`'${targetId}' is not a valid load balancer ARN`);
  const balancer = context.tx.get(loadBalancerTable, targetId);
  if (balancer?.type !== 'application')
    throw invalidTarget(`The following targets are not valid Application Load Balancers: '${targetId}'`);
  if (balancer.vpcId !== group.vpcId) {
    throw invalidTarget(`The following targets are not in the target group VPC '${group.vpcId}': '${targetId}'`);
  }
  if (port !== group.port) throw invalidTarget("The port of a target must be the target group's for target groups with target type 'alb'");
  if (!context.tx.find(listenerTable, 'loadBalancer', targetId).some((listener) => listener.port === port)) {
    throw invalidTarget(`The Application Load Balancer '${targetId}' has no listener on the target group's port '${port}'`);
  }
}
