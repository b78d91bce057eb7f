import {
  AddListenerCertificatesCommand,
  CreateLoadBalancerCommand,
  CreateListenerCommand,
  type CreateListenerCommandInput,
  DeleteListenerCommand,
  DeleteLoadBalancerCommand,
  DeleteTargetGroupCommand,
  DescribeListenerAttributesCommand,
  DescribeListenerCertificatesCommand,
  DescribeListenersCommand,
  DescribeRulesCommand,
  DescribeTargetGroupsCommand,
  DescribeSSLPoliciesCommand,
  ModifyListenerAttributesCommand,
  ModifyListenerCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { describe, expect, test } from 'vitest';
import { answer, balancerWorld, createBalancer, createGroup, createListener, forwardTo, refusal } from '#test/sdk/elbv2.ts';
import { useKeiro } from '#test/sdk/keiro.ts';

const keiro = await useKeiro();
const certificate = 'arn:aws:acm:eu-west-1:123456789012:certificate/00000000-0000-0000-0000-000000000000';

describe('listeners', () => {
  test('forward to a target group, which is theirs then', async () => {
    const world = await balancerWorld(keiro);
    const { elb } = world;
    const { LoadBalancerArn: arn } = await createBalancer(world);
    const { TargetGroupArn: groupArn } = await createGroup(world);
    const listener = await createListener(world, arn, { DefaultActions: [{ Type: 'forward', TargetGroupArn: groupArn }] });
    expect(listener.ListenerArn).toMatch(new RegExp(`^${arn.replace(':loadbalancer/', ':listener/')}/[0-9a-f]{16}$`));
    expect(listener).toMatchObject({
      LoadBalancerArn: arn,
      Port: 80,
      Protocol: 'HTTP',
      DefaultActions: [
        {
          Type: 'forward',
          TargetGroupArn: groupArn,
          ForwardConfig: {
            TargetGroups: [{ TargetGroupArn: groupArn, Weight: 1 }],
            TargetGroupStickinessConfig: { Enabled: false },
          },
        },
      ],
    });
    expect((await elb.send(new DescribeListenersCommand({ LoadBalancerArn: arn }))).Listeners).toEqual([listener]);
    expect((await elb.send(new DescribeTargetGroupsCommand({ LoadBalancerArn: arn }))).TargetGroups).toMatchObject([
      { TargetGroupArn: groupArn, LoadBalancerArns: [arn] },
    ]);
    expect(await refusal(elb.send(new DeleteTargetGroupCommand({ TargetGroupArn: groupArn })))).toEqual({
      code: 'ResourceInUse',
      message: `Target group '${groupArn}' is currently in use by a listener or a rule`,
    });
    const other = await createBalancer(world, { Name: 'other' });
    expect(await refusal(createListener(world, other.LoadBalancerArn, { DefaultActions: forwardTo(groupArn) }))).toEqual({
      code: 'TargetGroupAssociationLimit',
      message: `The following target groups cannot be associated with more than one load balancer: ${groupArn}`,
    });
    const tcp = await createGroup(world, { Name: 'tcp', Protocol: 'TCP' });
    expect(await refusal(createListener(world, other.LoadBalancerArn, { DefaultActions: forwardTo(tcp.TargetGroupArn) }))).toEqual({
      code: 'IncompatibleProtocols',
      message: `The listener and the following target groups have incompatible protocols: '${tcp.TargetGroupArn}'`,
    });

    await elb.send(new DeleteLoadBalancerCommand({ LoadBalancerArn: arn }));
    expect(await refusal(elb.send(new DescribeListenersCommand({ ListenerArns: [listener.ListenerArn] })))).toEqual({
      code: 'ListenerNotFound',
      message: 'One or more listeners not found',
    });
    await elb.send(new DeleteTargetGroupCommand({ TargetGroupArn: groupArn }));
  });

  test('are changed and deleted', async () => {
    const world = await balancerWorld(keiro);
    const { elb } = world;
    const { LoadBalancerArn: arn } = await createBalancer(world);
    const { ListenerArn } = await createListener(world, arn);
    await createListener(world, arn, { Port: 81 });
    expect(await refusal(createListener(world, arn, { Port: 81 }))).toEqual({
      code: 'DuplicateListener',
      message: `A listener already exists on this port for this load balancer '${arn}'`,
    });
    expect(await refusal(elb.send(new ModifyListenerCommand({ ListenerArn, Port: 81 })))).toMatchObject({ code: 'DuplicateListener' });
    const changed = await elb.send(new ModifyListenerCommand({ ListenerArn, Port: 8080, DefaultActions: answer('503') }));
    expect(changed.Listeners).toMatchObject([{ Port: 8080, DefaultActions: [{ FixedResponseConfig: { StatusCode: '503' } }] }]);
    expect((await elb.send(new DescribeRulesCommand({ ListenerArn }))).Rules).toMatchObject([
      { Priority: 'default', IsDefault: true, Conditions: [], Actions: [{ Type: 'fixed-response' }] },
    ]);
    await elb.send(new DeleteListenerCommand({ ListenerArn }));
    expect(await refusal(elb.send(new DeleteListenerCommand({ ListenerArn })))).toEqual({
      code: 'ListenerNotFound',
      message: 'One or more listeners not found',
    });
    expect(await refusal(elb.send(new DescribeListenersCommand({})))).toEqual({
      code: 'ValidationError',
      message: 'You must specify either listener ARNs or a load balancer ARN',
    });
  });

  test('of network load balancers may share a port between TCP and UDP', async () => {
    const world = await balancerWorld(keiro);
    const { LoadBalancerArn: arn } = await createBalancer(world, { Name: 'net', Type: 'network' });
    const groups = await Promise.all(
      (['TCP', 'UDP', 'TCP_UDP'] as const).map((Protocol) => createGroup(world, { Name: Protocol.replace('_', '-'), Protocol })),
    );
    const [tcp, udp, both] = groups.map(({ TargetGroupArn }) => forwardTo(TargetGroupArn));
    const listen = (Protocol: CreateListenerCommandInput['Protocol'], DefaultActions: CreateListenerCommandInput['DefaultActions']) =>
      createListener(world, arn, { Port: 53, Protocol, DefaultActions });
    await listen('TCP', tcp);
    await listen('UDP', udp);
    expect(await refusal(listen('TCP_UDP', both))).toMatchObject({ code: 'DuplicateListener' });
    expect(await refusal(listen('HTTP', tcp))).toEqual({
      code: 'ValidationError',
      message: "Listener protocol 'HTTP' must be one of 'TCP, TLS, UDP, TCP_UDP'",
    });
    expect(await refusal(createListener(world, arn, { Port: 54, Protocol: 'TCP' }))).toEqual({
      code: 'InvalidLoadBalancerAction',
      message: "Actions of type 'fixed-response' are not supported on load balancers with type 'network'",
    });
    const attributes = await world.elb.send(new DescribeListenersCommand({ LoadBalancerArn: arn }));
    const ListenerArn = attributes.Listeners?.[0]?.ListenerArn;
    expect((await world.elb.send(new DescribeListenerAttributesCommand({ ListenerArn }))).Attributes).toEqual([
      { Key: 'tcp.idle_timeout.seconds', Value: '350' },
    ]);
    await world.elb.send(
      new ModifyListenerAttributesCommand({ ListenerArn, Attributes: [{ Key: 'tcp.idle_timeout.seconds', Value: '60' }] }),
    );
    expect((await world.elb.send(new DescribeListenerAttributesCommand({ ListenerArn }))).Attributes?.[0]?.Value).toBe('60');
    expect(
      await refusal(
        world.elb.send(
          new ModifyListenerAttributesCommand({
            ListenerArn,
            Attributes: [{ Key: 'routing.http.response.server.enabled', Value: 'false' }],
          }),
        ),
      ),
    ).toEqual({
      code: 'InvalidConfigurationRequest',
      message: "Listener attribute key 'routing.http.response.server.enabled' is not supported on listeners with the TCP protocol",
    });
  });

  test('are refused what does not fit', async () => {
    const world = await balancerWorld(keiro);
    const { elb } = world;
    const { LoadBalancerArn: arn } = await createBalancer(world);
    const groupArn = `${arn.replace(/:loadbalancer.*/, '')}:targetgroup/none/0123456789abcdef`;
    const refusals: readonly (readonly [Partial<CreateListenerCommandInput>, string, string])[] = [
      [{ Protocol: 'TCP' }, 'ValidationError', "Listener protocol 'TCP' must be one of 'HTTP, HTTPS'"],
      [{ DefaultActions: [] }, 'ValidationError', 'An action must be specified'],
      [{ DefaultActions: forwardTo(groupArn) }, 'TargetGroupNotFound', 'One or more target groups not found'],
      [{ Protocol: 'HTTPS' }, 'ValidationError', 'A certificate must be specified for HTTPS listeners'],
      [{ Certificates: [{ CertificateArn: certificate }] }, 'ValidationError', 'A certificate cannot be specified for HTTP listeners'],
      [
        { Protocol: 'HTTPS', Certificates: [{ CertificateArn: certificate }] },
        'CertificateNotFound',
        `Certificate '${certificate}' not found`,
      ],
      [{ Protocol: 'HTTPS', SslPolicy: 'none' }, 'SSLPolicyNotFound', "SSL policy 'none' not found"],
      [{ AlpnPolicy: ['None'] }, 'InvalidConfigurationRequest', 'ALPN policies are not supported for HTTP listeners'],
      [
        { MutualAuthentication: { Mode: 'verify' } },
        'NotImplemented',
        "Keiro's load balancers do not have mutual authentication in mode verify yet.",
      ],
      [
        { DefaultActions: [{ Type: 'jwt-validation' }] },
        'NotImplemented',
        "Keiro's load balancers do not have actions of type jwt-validation yet.",
      ],
      [
        { DefaultActions: [{ Type: 'redirect' }] },
        'InvalidLoadBalancerAction',
        "For actions of type 'redirect', you must specify the following fields: 'RedirectConfig'",
      ],
      [
        { DefaultActions: [{ Type: 'redirect', RedirectConfig: { StatusCode: 'HTTP_301' } }] },
        'InvalidLoadBalancerAction',
        'The redirect configuration is not valid because it creates a loop.',
      ],
      [
        { DefaultActions: [{ Type: 'fixed-response', FixedResponseConfig: { StatusCode: '404', ContentType: 'text/xml' } }] },
        'InvalidLoadBalancerAction',
        "The ContentType must be one of:'text/plain', 'text/css', 'text/html', 'application/javascript', 'application/json'",
      ],
      [
        { DefaultActions: [{ Type: 'fixed-response', FixedResponseConfig: { StatusCode: '301' } }] },
        'ValidationError',
        "1 validation error detected: Value '301' at 'defaultActions.1.member.fixedResponseConfig.statusCode' failed to satisfy constraint: Member must satisfy regular expression pattern: (2|4|5)\\d\\d",
      ],
      [
        { Port: 70_000 },
        'ValidationError',
        "1 validation error detected: Value '70000' at 'port' failed to satisfy constraint: Member must have value less than or equal to 65535",
      ],
    ];
    for (const [input, code, message] of refusals) {
      expect({ input, ...(await refusal(createListener(world, arn, input))) }).toEqual({ input, code, message });
    }
    const create = new CreateListenerCommand({ LoadBalancerArn: arn, Protocol: 'HTTP', DefaultActions: answer() });
    expect(await refusal(elb.send(create))).toEqual({ code: 'ValidationError', message: 'A listener port must be specified' });
    expect(await refusal(createListener(world, 'arn:aws:ec2'))).toEqual({
      code: 'ValidationError',
      message: "'arn:aws:ec2' is not a valid load balancer ARN",
    });
    expect(await refusal(createListener(world, arn.slice(0, -1)))).toEqual({
      code: 'LoadBalancerNotFound',
      message: `Load balancer '${arn.slice(0, -1)}' not found`,
    });
  });

  test('are fifty per load balancer', async () => {
    const world = await balancerWorld(keiro);
    const { LoadBalancerArn: arn } = await createBalancer(world);
    for (let port = 1; port <= 50; port++) await createListener(world, arn, { Port: port });
    expect(await refusal(createListener(world, arn, { Port: 51 }))).toEqual({
      code: 'TooManyListeners',
      message: "You've reached the limit on the number of listeners per load balancer",
    });
    const { Listeners, NextMarker } = await world.elb.send(new DescribeListenersCommand({ LoadBalancerArn: arn, PageSize: 30 }));
    const rest = await world.elb.send(new DescribeListenersCommand({ LoadBalancerArn: arn, PageSize: 30, Marker: NextMarker }));
    expect([Listeners?.length, rest.Listeners?.length, rest.NextMarker]).toEqual([30, 20, undefined]);
  });

  test('without TLS take no certificates', async () => {
    const world = await balancerWorld(keiro);
    const { LoadBalancerArn: arn } = await createBalancer(world);
    const { ListenerArn } = await createListener(world, arn);
    const add = new AddListenerCertificatesCommand({ ListenerArn, Certificates: [{ CertificateArn: certificate }] });
    expect(await refusal(world.elb.send(add))).toEqual({
      code: 'InvalidConfigurationRequest',
      message: 'A certificate cannot be specified for HTTP listeners',
    });
    expect((await world.elb.send(new DescribeListenerCertificatesCommand({ ListenerArn }))).Certificates).toEqual([]);
  });
});

test('security policies are listed, by name and by type', async () => {
  const { elb } = await balancerWorld(keiro);
  const { SslPolicies } = await elb.send(new DescribeSSLPoliciesCommand({ Names: ['ELBSecurityPolicy-2016-08'] }));
  expect(SslPolicies).toMatchObject([{ Name: 'ELBSecurityPolicy-2016-08', SslProtocols: ['TLSv1', 'TLSv1.1', 'TLSv1.2'] }]);
  expect(SslPolicies?.[0]?.Ciphers?.[0]).toMatchObject({ Name: 'ECDHE-ECDSA-AES128-GCM-SHA256', Priority: 1 });
  const page = await elb.send(new DescribeSSLPoliciesCommand({ PageSize: 3, LoadBalancerType: 'network' }));
  expect(page.SslPolicies).toHaveLength(3);
  expect(page.NextMarker).toBeDefined();
  expect(await refusal(elb.send(new DescribeSSLPoliciesCommand({ Names: ['none'] })))).toEqual({
    code: 'SSLPolicyNotFound',
    message: "SSL policy 'none' not found",
  });
});

test('what AWS alone has is refused with 501', async () => {
  const { elb } = await balancerWorld(keiro);
  await expect(elb.send(new CreateLoadBalancerCommand({ Name: 'g', Type: 'gateway' }))).rejects.toMatchObject({
    $metadata: { httpStatusCode: 501 },
  });
});
