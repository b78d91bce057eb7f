/** Target groups: made in a VPC, changed, described, deleted when no listener forwards to them. */
import type { CreateTargetGroupInput, TargetGroup } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { OperationContext } from '#aws/context.ts';
import { isVpc } from '#services/ec2/public.ts';
import { checkArn, newTargetGroupArn } from '#services/elbv2/arns.ts';
import {
  duplicateName,
  invalidConfiguration,
  resourceInUse,
  targetGroupsNotFound,
  tooMany,
  unmodelled,
  validationError,
} from '#services/elbv2/errors.ts';
import { healthCheckOf } from '#services/elbv2/health-checks.ts';
import { balancersUsing, requireLoadBalancer, requireTargetGroup } from '#services/elbv2/lookup.ts';
import { checkTargetGroupName } from '#services/elbv2/names.ts';
import { pageOfRecords } from '#services/elbv2/pages.ts';
import { limitOf, quotaCodes } from '#services/elbv2/quotas.ts';
import type { Elbv2Operations } from '#services/elbv2/sdk.ts';
import { groupsOf, type Protocol, ruleTable, type TargetGroupRecord, targetGroupTable, targetTable } from '#services/elbv2/tables.ts';
import { checkTags } from '#services/elbv2/tag-values.ts';
import { isHttp } from '#services/elbv2/target-group-attributes.ts';

const protocols: readonly string[] = ['HTTP', 'HTTPS', 'TCP', 'TLS', 'UDP', 'TCP_UDP'] satisfies readonly Protocol[];

export const targetGroups = {
  CreateTargetGroup(context, input) {
    checkTargetGroupName(input.Name);
    const tags = checkTags(input.Tags);
    const kind = kindOf(input);
    if (input.VpcId === undefined) throw validationError('A VPC ID must be specified');
    if (!isVpc(context.tx, input.VpcId)) throw validationError(`The VPC ID '${input.VpcId}' is not found`);
    const wanted = { ...kind, vpcId: input.VpcId, healthCheck: healthCheckOf(kind, input) };
    const same = context.tx.find(targetGroupTable, 'name', input.Name)[0];
    if (same) {
      if (!isSame(same, wanted)) throw duplicateName('target group', input.Name);
      return { TargetGroups: [targetGroupView(same, context)] };
    }
    if (context.tx.count(targetGroupTable) >= limitOf(context, quotaCodes.targetGroups)) throw tooMany('TargetGroups');
    const group: TargetGroupRecord = { id: newTargetGroupArn(context, input.Name), name: input.Name, ...wanted, attributes: {}, tags };
    context.tx.put(targetGroupTable, group);
    return { TargetGroups: [targetGroupView(group, context)] };
  },

  ModifyTargetGroup(context, input) {
    const group = requireTargetGroup(context, input.TargetGroupArn);
    const changed = { ...group, healthCheck: healthCheckOf(group, input, group.healthCheck) };
    context.tx.put(targetGroupTable, changed);
    return { TargetGroups: [targetGroupView(changed, context)] };
  },

  DescribeTargetGroups(context, input) {
    const { items, nextMarker } = pageOfRecords(context, input, targetGroupTable, chosen(context, input), [
      'target-groups',
      input.LoadBalancerArn,
      input.TargetGroupArns,
      input.Names,
    ]);
    return { TargetGroups: items.map((group) => targetGroupView(group, context)), NextMarker: nextMarker };
  },

  DeleteTargetGroup(context, input) {
    checkArn(input.TargetGroupArn, 'targetgroup');
    const group = context.tx.get(targetGroupTable, input.TargetGroupArn);
    if (!group) return {}; // one that is gone is no error
    if (context.tx.find(ruleTable, 'targetGroup', group.id).length > 0) {
      throw resourceInUse(`Target group '${group.id}' is currently in use by a listener or a rule`);
    }
    for (const { id } of context.tx.find(targetTable, 'group', group.id)) context.tx.delete(targetTable, id);
    context.tx.delete(targetGroupTable, group.id);
    return {};
  },
} satisfies Elbv2Operations;

type Kind = Pick<TargetGroupRecord, 'protocol' | 'port' | 'targetType' | 'ipAddressType'>;

/** @throws AwsError ValidationError, InvalidConfigurationRequest; NotImplemented for what Keiro's nodes cannot do */
function kindOf(input: Partial<CreateTargetGroupInput>): Kind {
  const targetType = input.TargetType ?? 'instance';
  if (targetType === 'lambda') throw unmodelled('targets of type lambda');
  if (input.TargetControlPort !== undefined) throw unmodelled('target control ports');
  const { Protocol: protocol, Port: port, ProtocolVersion: version, IpAddressType: ipAddressType = 'ipv4' } = input;
  if (protocol === undefined) throw validationError('A protocol must be specified');
  if (!protocols.includes(protocol)) throw unmodelled(`the protocol ${protocol}`);
  if (port === undefined) throw validationError('A port must be specified');
  const known = protocol as Protocol; // looked up above
  if (version !== undefined && !isHttp(known)) {
    throw validationError(`Protocol version cannot be specified for target groups with the ${protocol} protocol`);
  }
  if (version === 'HTTP2' || version === 'GRPC') throw unmodelled(`the protocol version ${version}`);
  if (version !== undefined && version !== 'HTTP1')
    throw validationError(`Protocol version '${version}' must be one of 'HTTP1, HTTP2, GRPC'`);
  if (targetType === 'alb' && protocol !== 'TCP') {
    throw invalidConfiguration(`Target groups with target type 'alb' do not support the ${protocol} protocol`);
  }
  if (ipAddressType === 'ipv6' && targetType === 'alb') {
    throw invalidConfiguration("Target groups with target type 'alb' do not support the IP address type 'ipv6'");
  }
  return { protocol: known, port, targetType, ipAddressType };
}

function isSame(group: TargetGroupRecord, wanted: Kind & Pick<TargetGroupRecord, 'vpcId' | 'healthCheck'>): boolean {
  return Object.entries(wanted).every(([key, value]) => JSON.stringify(group[key as keyof typeof wanted]) === JSON.stringify(value)); // a key of the same shape
}

/** Those that the call names; undefined: all. */
function chosen(
  context: OperationContext,
  input: {
    readonly LoadBalancerArn?: string | undefined;
    readonly TargetGroupArns?: readonly string[] | undefined;
    readonly Names?: readonly string[] | undefined;
  },
): readonly TargetGroupRecord[] | undefined {
  const { tx } = context;
  const { LoadBalancerArn: balancerArn, TargetGroupArns: arns = [], Names: names = [] } = input;
  if ([balancerArn !== undefined, arns.length > 0, names.length > 0].filter(Boolean).length > 1) {
    throw validationError('Target group names, target group ARNs, and a load balancer ARN cannot be specified at the same time');
  }
  if (balancerArn !== undefined) {
    const balancer = requireLoadBalancer(context, balancerArn);
    const used = new Set(tx.find(ruleTable, 'loadBalancer', balancer.id).flatMap((rule) => groupsOf(rule.action)));
    return [...used].flatMap((arn) => tx.get(targetGroupTable, arn) ?? []);
  }
  if (arns.length > 0) return [...new Set(arns)].map((arn) => requireTargetGroup(context, arn));
  if (names.length === 0) return undefined;
  return [...new Set(names)].map((name) => {
    const group = tx.find(targetGroupTable, 'name', name)[0];
    if (!group) throw targetGroupsNotFound();
    return group;
  });
}

function targetGroupView(group: TargetGroupRecord, context: OperationContext): TargetGroup {
  const { healthCheck } = group;
  return {
    TargetGroupArn: group.id,
    TargetGroupName: group.name,
    Protocol: group.protocol,
    ProtocolVersion: isHttp(group.protocol) ? 'HTTP1' : undefined,
    Port: group.port,
    VpcId: group.vpcId,
    HealthCheckProtocol: healthCheck.protocol,
    HealthCheckPort: healthCheck.port,
    HealthCheckEnabled: true,
    HealthCheckIntervalSeconds: healthCheck.intervalSeconds,
    HealthCheckTimeoutSeconds: healthCheck.timeoutSeconds,
    HealthyThresholdCount: healthCheck.healthyThreshold,
    UnhealthyThresholdCount: healthCheck.unhealthyThreshold,
    HealthCheckPath: healthCheck.path,
    Matcher: healthCheck.matcher === undefined ? undefined : { HttpCode: healthCheck.matcher },
    LoadBalancerArns: [...balancersUsing(context, group.id)],
    TargetType: group.targetType,
    IpAddressType: group.ipAddressType,
  };
}
