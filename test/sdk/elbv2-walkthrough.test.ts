import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { StopInstancesCommand } from '@aws-sdk/client-ec2';
import {
  DeleteLoadBalancerCommand,
  DeregisterTargetsCommand,
  DescribeTargetHealthCommand,
  RegisterTargetsCommand,
  waitUntilLoadBalancerAvailable,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { expect, test } from 'vitest';
import { balancerIds, balancerOf, touchedBalancers } from '#services/elbv2/public.ts';
import type { Change } from '#store/store.ts';
import { balancerWorld, createBalancer, createGroup, createListener, forwardTo } from '#test/sdk/elbv2.ts';
import { useKeiro } from '#test/sdk/keiro.ts';
import { launchOne, untilState } from '#test/sdk/launch.ts';

const keiro = await useKeiro();

test('a load balancer is told whole to whoever runs it, and again when something that it uses changes', async () => {
  const world = await balancerWorld(keiro);
  const { elb, ec2, account, vpcId, subnetIds } = world;
  const changes: Change[] = [];
  const stop = keiro.store.subscribe((commit) => changes.push(...commit.changes));
  const reader = keiro.store.reader({ account, region: 'eu-west-1' });
  const touchedNow = () => changes.splice(0).flatMap((change) => touchedBalancers(change, reader));

  const balancer = await createBalancer(world);
  const arn = balancer.LoadBalancerArn;
  expect(touchedNow()).toContain(arn);
  await waitUntilLoadBalancerAvailable({ client: elb, maxWaitTime: 20 }, { LoadBalancerArns: [arn] });
  const instanceId = await launchOne(ec2, { SubnetId: subnetIds[0] });
  const group = await createGroup(world, { Port: 8080 });
  expect(touchedNow()).toEqual([]);
  await elb.send(new RegisterTargetsCommand({ TargetGroupArn: group.TargetGroupArn, Targets: [{ Id: instanceId }] }));
  const listener = await createListener(world, arn, { DefaultActions: forwardTo(group.TargetGroupArn) });
  expect(new Set(touchedNow())).toEqual(new Set([arn]));

  expect(balancerIds(reader)).toEqual([arn]);
  const told = balancerOf(reader, arn);
  expect(told).toMatchObject({
    kind: 'balancer',
    id: arn,
    type: 'application',
    networkId: vpcId,
    name: 'web',
    region: 'eu-west-1',
    dnsName: balancer.DNSName,
    isInternetFacing: true,
    nodes: [
      { zone: 'eu-west-1a', addresses: ['10.0.0.4'], publicAddress: expect.stringMatching(/^198\.1[89]\./) as string },
      { zone: 'eu-west-1b', addresses: ['10.0.1.4'], publicAddress: expect.stringMatching(/^198\.1[89]\./) as string },
    ],
    attributes: { idleSeconds: 60, clientKeepAliveSeconds: 3600, isHttp2Enabled: true, desyncMode: 'defensive', isCrossZone: true },
    listeners: [
      {
        id: listener.ListenerArn,
        port: 80,
        protocol: 'HTTP',
        rules: [{ priority: 0, conditions: [], action: { type: 'forward', groups: [{ id: group.TargetGroupArn, weight: 1 }] } }],
      },
    ],
    targetGroups: [
      {
        id: group.TargetGroupArn,
        healthCheck: { protocol: 'HTTP', port: 'traffic-port', path: '/', matcher: '200', intervalSeconds: 30, timeoutSeconds: 5 },
        attributes: { algorithm: 'round_robin', isCrossZone: true, minimumHealthy: { count: 1, percentage: 0 } },
        targets: [{ id: instanceId, port: 8080, address: '10.0.0.5', zone: 'eu-west-1a' }],
      },
    ],
  });
  expect(Buffer.from(told?.secret ?? '', 'base64')).toHaveLength(32);

  const health = async () =>
    (await elb.send(new DescribeTargetHealthCommand({ TargetGroupArn: group.TargetGroupArn }))).TargetHealthDescriptions?.[0];
  expect(await health()).toMatchObject({
    Target: { Id: instanceId, Port: 8080 },
    HealthCheckPort: '8080',
    TargetHealth: { State: 'initial', Reason: 'Elb.RegistrationInProgress', Description: 'Target registration is in progress' },
  });

  changes.length = 0;
  await ec2.send(new StopInstancesCommand({ InstanceIds: [instanceId] }));
  await untilState(ec2, instanceId, 'stopped');
  expect(touchedNow()).toContain(arn);
  expect(balancerOf(reader, arn)?.targetGroups[0]?.targets).toEqual([]);
  expect((await health())?.TargetHealth).toEqual({
    State: 'unused',
    Reason: 'Target.InvalidState',
    Description: 'Target is in the stopped state',
  });

  await elb.send(new DeregisterTargetsCommand({ TargetGroupArn: group.TargetGroupArn, Targets: [{ Id: instanceId }] }));
  expect((await health())?.TargetHealth).toEqual({
    State: 'draining',
    Reason: 'Target.DeregistrationInProgress',
    Description: 'Target deregistration is in progress',
  });
  changes.length = 0;
  await elb.send(new DeleteLoadBalancerCommand({ LoadBalancerArn: arn }));
  expect(touchedNow()).toContain(arn);
  expect(balancerOf(reader, arn)).toBeUndefined();
  stop();
});

test("AWS's own command line makes and shows one", async () => {
  const world = await balancerWorld(keiro);
  const aws = async (...args: string[]): Promise<unknown> => {
    const { stdout } = await promisify(execFile)('aws', ['--endpoint-url', keiro.endpoint, '--output', 'json', 'elbv2', ...args], {
      env: {
        ...process.env,
        AWS_ACCESS_KEY_ID: world.account,
        AWS_SECRET_ACCESS_KEY: 'secret',
        AWS_DEFAULT_REGION: 'eu-west-1',
        AWS_PAGER: '',
      },
    });
    return JSON.parse(stdout || '{}');
  };
  const subnets = world.subnetIds.slice(0, 2);
  const made = (await aws('create-load-balancer', '--name', 'cli', '--subnets', ...subnets)) as {
    LoadBalancers: { LoadBalancerArn: string }[];
  };
  const arn = made.LoadBalancers[0]?.LoadBalancerArn ?? '';
  expect(made).toMatchObject({ LoadBalancers: [{ LoadBalancerName: 'cli', State: { Code: 'provisioning' }, Type: 'application' }] });
  await aws('create-listener', '--load-balancer-arn', arn, '--protocol', 'HTTP', '--port', '80', '--default-actions', 'Type=fixed-response,FixedResponseConfig={StatusCode=404}'); // prettier-ignore
  expect(await aws('describe-load-balancers', '--names', 'cli')).toMatchObject({
    LoadBalancers: [{ LoadBalancerArn: arn, State: { Code: 'active' } }],
  });
});
