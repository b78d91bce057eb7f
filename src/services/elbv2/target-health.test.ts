/** What DescribeTargetHealth makes of nodes' words, over records alone, with a clock that the test turns. */
import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { NOTHING_OBSERVED, type OperationContext } from '#aws/context.ts';
import type { TargetHealth } from '#model/balancer.ts';
import { balancerOf } from '#services/elbv2/balancers.ts';
import { loadBalancerTable, ruleTable, targetGroupTable, targetRecordId, targetTable } from '#services/elbv2/tables.ts';
import { targetHealth } from '#services/elbv2/target-health.ts';
import { targets } from '#services/elbv2/targets.ts';
import { openStore } from '#store/open.ts';
import type { Store } from '#store/store.ts';

const partition = { account: '111111111111', region: 'eu-west-1' };
const arn = (resource: string): string => `arn:aws:elasticloadbalancing:eu-west-1:111111111111:${resource}`;
const balancerArn = arn('loadbalancer/app/web/0123456789abcdef');
const groupArn = arn('targetgroup/apps/0123456789abcdef');
const target = { Id: '192.168.0.7', Port: 80 };

let store: Store;
beforeEach(async () => {
  store = await openStore();
  await at(0, ({ tx }) => {
    const common = { vpcId: 'vpc-1', tags: [], attributes: {}, ipAddressType: 'ipv4' } as const;
    tx.put(loadBalancerTable, {
      ...common,
      id: balancerArn,
      name: 'web',
      type: 'application',
      scheme: 'internal',
      dnsName: 'internal-web-1.eu-west-1.elb.amazonaws.com',
      secret: '',
      createdMs: 0,
      state: { now: 'active' },
      nodes: [],
      groupIds: [],
    });
    tx.put(targetGroupTable, {
      ...common,
      id: groupArn,
      name: 'apps',
      protocol: 'HTTP',
      port: 80,
      targetType: 'ip',
      healthCheck: { protocol: 'HTTP', port: '8081', intervalSeconds: 30, timeoutSeconds: 5, healthyThreshold: 5, unhealthyThreshold: 2 },
    });
    tx.put(ruleTable, {
      id: 'rule',
      listenerArn: 'listener',
      loadBalancerArn: balancerArn,
      priority: 0,
      conditions: [],
      action: { type: 'forward', groups: [{ arn: groupArn, weight: 1 }] },
      tags: [],
    });
    tx.put(targetTable, { id: targetRecordId(groupArn, target.Id, 80), groupArn, targetId: target.Id, port: 80, zone: 'all' });
  });
});
afterEach(() => store.close());

function at<T>(nowMs: number, work: (context: OperationContext) => T, seen?: TargetHealth): Promise<T> {
  const principal = { account: partition.account, arn: '', userId: '', accessKeyId: '' };
  const observed = { ...NOTHING_OBSERVED, targetHealth: () => seen };
  return store.transact(partition, (tx) =>
    work({ ...partition, principal, requestId: '', nowMs, tx, randomBytes, observed, quotasOn: true }),
  );
}

const healthAt = (nowMs: number, seen?: Pick<TargetHealth, 'state' | 'reason' | 'description'>) =>
  at(
    nowMs,
    (context) => targetHealth.DescribeTargetHealth(context, { TargetGroupArn: groupArn }).TargetHealthDescriptions,
    seen && { groupId: groupArn, targetId: target.Id, port: 80, ...seen },
  );

test('a target is as its nodes see it', async () => {
  expect(await healthAt(1)).toMatchObject([
    { Target: target, HealthCheckPort: '8081', TargetHealth: { State: 'initial', Reason: 'Elb.RegistrationInProgress' } },
  ]);
  expect(await healthAt(1, { state: 'initial', reason: 'Elb.InitialHealthChecking' })).toMatchObject([
    { TargetHealth: { State: 'initial', Reason: 'Elb.InitialHealthChecking', Description: 'Initial health checks in progress' } },
  ]);
  expect((await healthAt(1, { state: 'healthy' }))?.[0]?.TargetHealth).toEqual({ State: 'healthy' });
  const description = 'Health checks failed with these codes: [502]';
  expect((await healthAt(1, { state: 'unhealthy', reason: 'Target.ResponseCodeMismatch', description }))?.[0]?.TargetHealth).toEqual({
    State: 'unhealthy',
    Reason: 'Target.ResponseCodeMismatch',
    Description: description,
  });
  expect(await healthAt(1, { state: 'unhealthy', reason: 'Target.Timeout' })).toMatchObject([
    { TargetHealth: { Description: 'Request timed out' } },
  ]);
});

test('a target drains for the delay of its group, whatever nodes see, and is none then', async () => {
  await at(1000, (context) => targets.DeregisterTargets(context, { TargetGroupArn: groupArn, Targets: [target] }));
  await at(200_000, (context) => targets.DeregisterTargets(context, { TargetGroupArn: groupArn, Targets: [target] })); // again: no longer
  expect((await healthAt(300_999, { state: 'healthy' }))?.[0]?.TargetHealth?.State).toBe('draining');
  expect(await healthAt(301_000, { state: 'healthy' })).toEqual([]);
  const reader = store.reader(partition);
  expect(balancerOf(reader, balancerArn)).toMatchObject({ id: balancerArn, listeners: [] });
  await at(301_000, (context) => targets.DeregisterTargets(context, { TargetGroupArn: groupArn, Targets: [] }));
  expect(reader.count(targetTable)).toBe(0);
});
