import { StopInstancesCommand } from '@aws-sdk/client-ec2';
import {
  DeleteTargetGroupCommand,
  DeregisterTargetsCommand,
  DescribeTargetGroupsCommand,
  DescribeTargetHealthCommand,
  type CreateTargetGroupCommandInput,
  ModifyTargetGroupAttributesCommand,
  ModifyTargetGroupCommand,
  RegisterTargetsCommand,
  type TargetDescription,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { describe, expect, test } from 'vitest';
import { balancerOf } from '#services/elbv2/public.ts';
import { type BalancerWorld, balancerWorld, createBalancer, createGroup, createListener, forwardTo, refusal } from '#test/sdk/elbv2.ts';
import { useKeiro } from '#test/sdk/keiro.ts';
import { launchOne, untilState } from '#test/sdk/launch.ts';

const keiro = await useKeiro();

function callsOf({ elb }: BalancerWorld, TargetGroupArn: string) {
  return {
    register: (...Targets: TargetDescription[]) => elb.send(new RegisterTargetsCommand({ TargetGroupArn, Targets })),
    deregister: (...Targets: TargetDescription[]) => elb.send(new DeregisterTargetsCommand({ TargetGroupArn, Targets })),
    async health(...Targets: TargetDescription[]) {
      const command = new DescribeTargetHealthCommand({ TargetGroupArn, ...(Targets.length > 0 ? { Targets } : {}) });
      const { TargetHealthDescriptions = [] } = await elb.send(command);
      return TargetHealthDescriptions.map(({ Target, TargetHealth }) => [
        Target?.Id,
        Target?.Port,
        TargetHealth?.State,
        TargetHealth?.Reason,
      ]);
    },
  };
}

describe('target groups', () => {
  test('have health checks by their protocol', async () => {
    const world = await balancerWorld(keiro);
    const http = await createGroup(world);
    expect(http.TargetGroupArn).toMatch(
      new RegExp(`^arn:aws:elasticloadbalancing:eu-west-1:${world.account}:targetgroup/apps/[0-9a-f]{16}$`),
    );
    expect(http).toEqual({
      TargetGroupArn: http.TargetGroupArn,
      TargetGroupName: 'apps',
      Protocol: 'HTTP',
      ProtocolVersion: 'HTTP1',
      Port: 80,
      VpcId: world.vpcId,
      HealthCheckProtocol: 'HTTP',
      HealthCheckPort: 'traffic-port',
      HealthCheckEnabled: true,
      HealthCheckIntervalSeconds: 30,
      HealthCheckTimeoutSeconds: 5,
      HealthyThresholdCount: 5,
      UnhealthyThresholdCount: 2,
      HealthCheckPath: '/',
      Matcher: { HttpCode: '200' },
      LoadBalancerArns: [],
      TargetType: 'instance',
      IpAddressType: 'ipv4',
    });
    const tcp = await createGroup(world, { Name: 'tcp', Protocol: 'TCP' });
    expect(tcp).toMatchObject({ HealthCheckProtocol: 'TCP', HealthCheckTimeoutSeconds: 10 });
    expect(tcp.Matcher).toBeUndefined();
    expect(await createGroup(world, { Name: 'mixed', Protocol: 'TCP', HealthCheckProtocol: 'HTTP' })).toMatchObject({
      HealthCheckTimeoutSeconds: 6,
      HealthCheckPath: '/',
      Matcher: { HttpCode: '200-399' },
    });
    const { TargetGroups } = await world.elb.send(
      new ModifyTargetGroupCommand({
        TargetGroupArn: http.TargetGroupArn,
        HealthCheckPath: '/up',
        HealthCheckIntervalSeconds: 10,
        Matcher: { HttpCode: '200-204,301' },
      }),
    );
    expect(TargetGroups).toMatchObject([
      { HealthCheckPath: '/up', HealthCheckIntervalSeconds: 10, HealthCheckTimeoutSeconds: 5, Matcher: { HttpCode: '200-204,301' } },
    ]);
  });

  test('are made once by the same name and settings, found by name, and deleted twice', async () => {
    const world = await balancerWorld(keiro);
    const { elb } = world;
    const { TargetGroupArn } = await createGroup(world);
    expect((await createGroup(world)).TargetGroupArn).toBe(TargetGroupArn);
    expect(await refusal(createGroup(world, { Port: 81 }))).toEqual({
      code: 'DuplicateTargetGroupName',
      message: "A target group with the same name 'apps' exists, but with different settings",
    });
    const found = await elb.send(new DescribeTargetGroupsCommand({ Names: ['apps'] }));
    expect(found.TargetGroups?.map((group) => group.TargetGroupArn)).toEqual([TargetGroupArn]);
    expect(await refusal(elb.send(new DescribeTargetGroupsCommand({ Names: ['none'] })))).toEqual({
      code: 'TargetGroupNotFound',
      message: 'One or more target groups not found',
    });
    expect(await refusal(elb.send(new DescribeTargetGroupsCommand({ Names: ['apps'], TargetGroupArns: [TargetGroupArn] })))).toEqual({
      code: 'ValidationError',
      message: 'Target group names, target group ARNs, and a load balancer ARN cannot be specified at the same time',
    });
    await elb.send(new DeleteTargetGroupCommand({ TargetGroupArn }));
    await elb.send(new DeleteTargetGroupCommand({ TargetGroupArn }));
    expect((await elb.send(new DescribeTargetGroupsCommand({}))).TargetGroups).toEqual([]);
  });

  test('are refused what does not fit', async () => {
    const world = await balancerWorld(keiro);
    const refusals: readonly (readonly [Partial<CreateTargetGroupCommandInput>, string, string])[] = [
      [{ Name: 'a'.repeat(33) }, 'ValidationError', `Target group name '${'a'.repeat(33)}' cannot be longer than '32' characters`],
      [{ Name: 'a-' }, 'ValidationError', "Target group name 'a-' cannot begin or end with '-'"],
      [{ Protocol: undefined }, 'ValidationError', 'A protocol must be specified'],
      [{ Port: undefined }, 'ValidationError', 'A port must be specified'],
      [{ VpcId: undefined }, 'ValidationError', 'A VPC ID must be specified'],
      [{ VpcId: 'vpc-00000000' }, 'ValidationError', "The VPC ID 'vpc-00000000' is not found"],
      [{ TargetType: 'lambda' }, 'NotImplemented', "Keiro's load balancers do not have targets of type lambda yet."],
      [{ ProtocolVersion: 'GRPC' }, 'NotImplemented', "Keiro's load balancers do not have the protocol version GRPC yet."],
      [{ Protocol: 'GENEVE' }, 'NotImplemented', "Keiro's load balancers do not have the protocol GENEVE yet."],
      [
        { HealthCheckProtocol: 'TCP' },
        'InvalidConfigurationRequest',
        "The health check protocol 'TCP' is not supported for target groups with the HTTP protocol",
      ],
      [
        { HealthCheckPort: 'web' },
        'ValidationError',
        "Health check port 'web' must be 'traffic-port' or a port between '1-65535' inclusive",
      ],
      [
        { HealthCheckTimeoutSeconds: 10, HealthCheckIntervalSeconds: 10 },
        'ValidationError',
        "Health check timeout '10' must be smaller than the interval '10'",
      ],
      [{ Matcher: { HttpCode: '500' } }, 'ValidationError', "Health check matcher HTTP code '500' must be within '200-499' inclusive"],
      [{ HealthCheckPath: 'up' }, 'ValidationError', "Health check path 'up' must begin with a '/' character"],
      [
        { HealthyThresholdCount: 1, UnhealthyThresholdCount: 11 },
        'ValidationError',
        "2 validation errors detected: Value '1' at 'healthyThresholdCount' failed to satisfy constraint: Member must have value greater than or equal to 2; Value '11' at 'unhealthyThresholdCount' failed to satisfy constraint: Member must have value less than or equal to 10",
      ],
    ];
    for (const [input, code, message] of refusals) {
      expect({ input, ...(await refusal(createGroup(world, input))) }).toEqual({ input, code, message });
    }
  });
});

describe('targets', () => {
  test('are instances, in use when a listener forwards to them, and drain when they are taken out', async () => {
    const world = await balancerWorld(keiro);
    const { elb, ec2, subnetIds, account } = world;
    const { TargetGroupArn } = await createGroup(world);
    const { register, deregister, health } = callsOf(world, TargetGroupArn);
    const id = await launchOne(ec2, { SubnetId: subnetIds[0] });
    const outside = await launchOne(ec2, { SubnetId: subnetIds[2] });
    await register({ Id: id }, { Id: id, Port: 8080 }, { Id: outside });
    expect(await health()).toEqual([
      [id, 80, 'unused', 'Target.NotInUse'],
      [id, 8080, 'unused', 'Target.NotInUse'],
      [outside, 80, 'unused', 'Target.NotInUse'],
    ]);
    await deregister({ Id: id, Port: 8080 }); // nobody uses it: at once
    expect(await health()).toHaveLength(2);
    const { LoadBalancerArn } = await createBalancer(world);
    await createListener(world, LoadBalancerArn, { DefaultActions: forwardTo(TargetGroupArn) });
    expect(await health()).toEqual([
      [id, 80, 'initial', 'Elb.RegistrationInProgress'],
      [outside, 80, 'unused', 'Target.NotInUse'], // its zone is not the load balancer's
    ]);
    expect(await health({ Id: 'i-00000000' })).toEqual([['i-00000000', 80, 'unused', 'Target.NotRegistered']]);

    const attribute = (Value: string) =>
      elb.send(
        new ModifyTargetGroupAttributesCommand({
          TargetGroupArn,
          Attributes: [{ Key: 'deregistration_delay.timeout_seconds', Value }],
        }),
      );
    await attribute('1');
    await deregister({ Id: id });
    expect(await health({ Id: id })).toEqual([[id, 80, 'draining', 'Target.DeregistrationInProgress']]);
    const reader = keiro.store.reader({ account, region: 'eu-west-1' });
    const told = () => balancerOf(reader, LoadBalancerArn)?.targetGroups[0]?.targets.find((target) => target.id === id);
    expect(told()?.drainsUntilMs).toBeGreaterThan(Date.now() - 1000);
    await register({ Id: id }); // taken back
    expect(await health({ Id: id })).toEqual([[id, 80, 'initial', 'Elb.RegistrationInProgress']]);
    await deregister({ Id: id }, { Id: 'i-00000000' }); // one that is not there is no error
    await expect.poll(() => health(), { timeout: 5000 }).toEqual([[outside, 80, 'unused', 'Target.NotInUse']]);
    expect(await health({ Id: id })).toEqual([[id, 80, 'unused', 'Target.NotRegistered']]);
    await attribute('0');
    await register({ Id: id });
    await deregister({ Id: id });
    expect(told()).toBeUndefined();
  });

  test('are refused when they are not there, not of the VPC or not running', async () => {
    const world = await balancerWorld(keiro);
    const { ec2, vpcId, subnetIds } = world;
    const { TargetGroupArn } = await createGroup(world);
    const { register } = callsOf(world, TargetGroupArn);
    const id = await launchOne(ec2, { SubnetId: subnetIds[0] });
    const elsewhere = await launchOne(ec2);
    await ec2.send(new StopInstancesCommand({ InstanceIds: [id] }));
    await untilState(ec2, id, 'stopped');
    const refusals: readonly (readonly [TargetDescription, string, string])[] = [
      [{ Id: 'web' }, 'ValidationError', "Instance ID 'web' is not valid"],
      [{ Id: 'i-00000000' }, 'InvalidTarget', "The following targets are not valid instances: 'i-00000000'"],
      [{ Id: elsewhere }, 'InvalidTarget', `The following targets are not in the target group VPC '${vpcId}': '${elsewhere}'`],
      [{ Id: id }, 'InvalidTarget', `The following targets are not in a running state and cannot be registered: '${id}'`],
      [
        { Id: id, AvailabilityZone: 'all' },
        'ValidationError',
        "You cannot specify an Availability Zone for targets of target groups with target type 'instance'",
      ],
      [
        { Id: id, Port: 0 },
        'ValidationError',
        "1 validation error detected: Value '0' at 'targets.1.member.port' failed to satisfy constraint: Member must have value greater than or equal to 1",
      ],
    ];
    for (const [target, code, message] of refusals) expect(await refusal(register(target))).toEqual({ code, message });
  });

  test('are addresses of the VPC, or private ones outside of it', async () => {
    const world = await balancerWorld(keiro);
    const { TargetGroupArn } = await createGroup(world, { TargetType: 'ip' });
    const { register, health } = callsOf(world, TargetGroupArn);
    const { LoadBalancerArn } = await createBalancer(world);
    await createListener(world, LoadBalancerArn, { DefaultActions: forwardTo(TargetGroupArn) });
    await register({ Id: '10.0.0.77' }, { Id: '192.168.7.7', AvailabilityZone: 'all' }, { Id: '10.0.0.4' });
    expect(await health()).toEqual([
      ['10.0.0.77', 80, 'initial', 'Elb.RegistrationInProgress'],
      ['192.168.7.7', 80, 'initial', 'Elb.RegistrationInProgress'],
      ['10.0.0.4', 80, 'unused', 'Target.IpUnusable'],
    ]);
    const reader = keiro.store.reader({ account: world.account, region: 'eu-west-1' });
    expect(balancerOf(reader, LoadBalancerArn)?.targetGroups[0]?.targets.map(({ address, zone }) => [address, zone])).toEqual([
      ['10.0.0.77', 'eu-west-1a'],
      ['192.168.7.7', 'all'],
      ['10.0.0.4', 'eu-west-1a'],
    ]);
    const refusals: readonly (readonly [TargetDescription, string, string])[] = [
      [{ Id: 'web' }, 'ValidationError', "The IP address 'web' is not a valid IP address"],
      [{ Id: 'fd00::1' }, 'ValidationError', "The IP address 'fd00::1' is not a valid IPv4 address"],
      [
        { Id: '8.8.8.8', AvailabilityZone: 'all' },
        'InvalidTarget',
        "The IP address '8.8.8.8' is not within the VPC's subnets or a private address range",
      ],
      [{ Id: '10.9.9.9' }, 'ValidationError', "The Availability Zone is required for IP address '10.9.9.9' because it is not in the VPC"],
      [
        { Id: '10.0.0.9', AvailabilityZone: 'all' },
        'ValidationError',
        "The IP address '10.0.0.9' is within the VPC, and cannot have its Availability Zone overridden to 'all' from 'eu-west-1a'",
      ],
    ];
    for (const [target, code, message] of refusals) expect(await refusal(register(target))).toEqual({ code, message });
  });

  test('are application load balancers behind network load balancers', async () => {
    const world = await balancerWorld(keiro);
    const web = await createBalancer(world);
    const net = await createBalancer(world, { Name: 'net', Type: 'network' });
    const { TargetGroupArn } = await createGroup(world, { Protocol: 'TCP', TargetType: 'alb' });
    const { register, health } = callsOf(world, TargetGroupArn);
    await createListener(world, net.LoadBalancerArn, { Protocol: 'TCP', DefaultActions: forwardTo(TargetGroupArn) });
    expect(await refusal(register({ Id: web.LoadBalancerArn }))).toMatchObject({ code: 'InvalidTarget' });
    await createListener(world, web.LoadBalancerArn);
    await register({ Id: web.LoadBalancerArn });
    expect(await health()).toEqual([[web.LoadBalancerArn, 80, 'initial', 'Elb.RegistrationInProgress']]);
    const reader = keiro.store.reader({ account: world.account, region: 'eu-west-1' });
    const targets = balancerOf(reader, net.LoadBalancerArn)?.targetGroups[0]?.targets;
    expect(targets?.map(({ address, zone }) => [address, zone])).toEqual([
      ['10.0.0.4', 'eu-west-1a'],
      ['10.0.1.4', 'eu-west-1b'],
    ]);
  });

  test('are a thousand per group', async () => {
    const world = await balancerWorld(keiro);
    const { TargetGroupArn } = await createGroup(world, { TargetType: 'ip' });
    const { register } = callsOf(world, TargetGroupArn);
    await register(...Array.from({ length: 1000 }, (_, index) => ({ Id: '10.0.0.9', Port: index + 1 })));
    expect(await refusal(register({ Id: '10.0.0.9', Port: 1001 }))).toEqual({
      code: 'TooManyTargets',
      message: "You've reached the limit on the number of targets",
    });
  });
});
