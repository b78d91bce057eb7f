import {
  AssociateSubnetCidrBlockCommand,
  AssociateVpcCidrBlockCommand,
  CreateSecurityGroupCommand,
  DescribeNetworkInterfacesCommand,
  DescribeVpcsCommand,
} from '@aws-sdk/client-ec2';
import {
  AddTagsCommand,
  DeleteLoadBalancerCommand,
  DescribeAccountLimitsCommand,
  DescribeLoadBalancerAttributesCommand,
  DescribeLoadBalancersCommand,
  DescribeTagsCommand,
  DescribeTargetGroupAttributesCommand,
  ModifyLoadBalancerAttributesCommand,
  ModifyTargetGroupAttributesCommand,
  RemoveTagsCommand,
  SetIpAddressTypeCommand,
  SetSecurityGroupsCommand,
  SetSubnetsCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { expect, test } from 'vitest';
import { balancerOf } from '#services/elbv2/public.ts';
import { type BalancerWorld, balancerWorld, createBalancer, createGroup, createListener, forwardTo, refusal } from '#test/sdk/elbv2.ts';
import { useKeiro } from '#test/sdk/keiro.ts';

const keiro = await useKeiro();

async function interfacesIn({ ec2, vpcId }: BalancerWorld) {
  return (await ec2.send(new DescribeNetworkInterfacesCommand({ Filters: [{ Name: 'vpc-id', Values: [vpcId] }] }))).NetworkInterfaces ?? [];
}

test('attributes of load balancers have defaults by type, and are checked', async () => {
  const world = await balancerWorld(keiro);
  const { elb, account } = world;
  const { LoadBalancerArn } = await createBalancer(world);
  const { Attributes = [] } = await elb.send(new DescribeLoadBalancerAttributesCommand({ LoadBalancerArn }));
  expect(Object.fromEntries(Attributes.map(({ Key, Value }) => [Key, Value]))).toMatchObject({
    'deletion_protection.enabled': 'false',
    'idle_timeout.timeout_seconds': '60',
    'load_balancing.cross_zone.enabled': 'true',
    'routing.http2.enabled': 'true',
    'ipv6.deny_all_igw_traffic': 'false',
    'access_logs.s3.bucket': '',
  });
  expect(Attributes).toHaveLength(23);
  const modify = (...pairs: (readonly [string, string])[]) =>
    elb.send(new ModifyLoadBalancerAttributesCommand({ LoadBalancerArn, Attributes: pairs.map(([Key, Value]) => ({ Key, Value })) }));
  const refusals: readonly (readonly [(readonly [string, string])[], string, string])[] = [
    [[['colour', 'red']], 'ValidationError', "Load balancer attribute key 'colour' is not recognized"],
    [
      [['dns_record.client_routing_policy', 'any_availability_zone']],
      'InvalidConfigurationRequest',
      "Load balancer attribute key 'dns_record.client_routing_policy' is not supported on load balancers with type 'application'",
    ],
    [
      [['idle_timeout.timeout_seconds', '0']],
      'ValidationError',
      "'idle_timeout.timeout_seconds' value '0' must be between '1-4000' inclusive",
    ],
    [[['routing.http2.enabled', 'yes']], 'ValidationError', "'routing.http2.enabled' value 'yes' must be one of [true, false]"],
    [[['access_logs.s3.enabled', 'true']], 'ValidationError', "The key 'access_logs.s3.bucket' must set in order to enable access logs"],
    [
      [
        ['routing.http2.enabled', 'true'],
        ['routing.http2.enabled', 'false'],
      ],
      'ValidationError',
      "Attribute key 'routing.http2.enabled' has been specified more than once",
    ],
  ];
  for (const [pairs, code, message] of refusals) expect(await refusal(modify(...pairs))).toEqual({ code, message });
  await modify(
    ['idle_timeout.timeout_seconds', '4000'],
    ['deletion_protection.enabled', 'true'],
    ['access_logs.s3.enabled', 'true'],
    ['access_logs.s3.bucket', 'logs'],
  );
  const told = balancerOf(keiro.store.reader({ account, region: 'eu-west-1' }), LoadBalancerArn);
  expect(told?.attributes).toMatchObject({ idleSeconds: 4000, accessLogs: { bucket: 'logs', prefix: '' } });
  expect(await refusal(elb.send(new DeleteLoadBalancerCommand({ LoadBalancerArn })))).toEqual({
    code: 'OperationNotPermitted',
    message: `Load balancer '${LoadBalancerArn}' cannot be deleted because deletion protection is enabled`,
  });
});

test('attributes of target groups have defaults by protocol, and are checked', async () => {
  const world = await balancerWorld(keiro);
  const { elb, account } = world;
  const web = await createGroup(world);
  const net = await createGroup(world, { Name: 'net', Protocol: 'TCP', TargetType: 'ip' });
  const attributesOf = async (TargetGroupArn: string) => {
    const { Attributes = [] } = await elb.send(new DescribeTargetGroupAttributesCommand({ TargetGroupArn }));
    return Object.fromEntries(Attributes.map(({ Key, Value }) => [Key, Value]));
  };
  expect(await attributesOf(web.TargetGroupArn)).toMatchObject({
    'deregistration_delay.timeout_seconds': '300',
    'stickiness.type': 'lb_cookie',
    'load_balancing.algorithm.type': 'round_robin',
    'load_balancing.cross_zone.enabled': 'use_load_balancer_configuration',
  });
  expect(await attributesOf(net.TargetGroupArn)).toMatchObject({
    'stickiness.type': 'source_ip',
    'preserve_client_ip.enabled': 'false',
    'proxy_protocol_v2.enabled': 'false',
    'deregistration_delay.connection_termination.enabled': 'false',
  });
  const modify = (TargetGroupArn: string, ...pairs: (readonly [string, string])[]) =>
    elb.send(new ModifyTargetGroupAttributesCommand({ TargetGroupArn, Attributes: pairs.map(([Key, Value]) => ({ Key, Value })) }));
  const refusals: readonly (readonly [string, (readonly [string, string])[], string, string])[] = [
    [web.TargetGroupArn, [['colour', 'red']], 'ValidationError', "Target group attribute key 'colour' is not recognized"],
    [
      web.TargetGroupArn,
      [['proxy_protocol_v2.enabled', 'true']],
      'InvalidConfigurationRequest',
      "Target group attribute key 'proxy_protocol_v2.enabled' is not supported on target groups with the HTTP protocol",
    ],
    [
      web.TargetGroupArn,
      [['deregistration_delay.timeout_seconds', '3601']],
      'ValidationError',
      "'deregistration_delay.timeout_seconds' value '3601' must be between '0-3600' inclusive",
    ],
    [
      web.TargetGroupArn,
      [['stickiness.type', 'source_ip']],
      'InvalidConfigurationRequest',
      "Stickiness type 'source_ip' is not supported for target groups with the HTTP protocol",
    ],
    [
      web.TargetGroupArn,
      [['stickiness.type', 'app_cookie']],
      'InvalidConfigurationRequest',
      "You must set an application cookie name to enable stickiness of type 'app_cookie'",
    ],
    [
      web.TargetGroupArn,
      [['slow_start.duration_seconds', '10']],
      'ValidationError',
      "'slow_start.duration_seconds' value '10' must be between '30-900' inclusive or '0'",
    ],
    [
      net.TargetGroupArn,
      [['stickiness.type', 'lb_cookie']],
      'InvalidConfigurationRequest',
      "Stickiness type 'lb_cookie' is not supported for target groups with the TCP protocol",
    ],
  ];
  for (const [arn, pairs, code, message] of refusals) expect(await refusal(modify(arn, ...pairs))).toEqual({ code, message });
  await modify(
    web.TargetGroupArn,
    ['stickiness.enabled', 'true'],
    ['stickiness.type', 'app_cookie'],
    ['stickiness.app_cookie.cookie_name', 'SESSION'],
    ['load_balancing.cross_zone.enabled', 'false'],
    ['target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage', '50'],
  );
  const { LoadBalancerArn } = await createBalancer(world);
  await createListener(world, LoadBalancerArn, { DefaultActions: forwardTo(web.TargetGroupArn) });
  const told = balancerOf(keiro.store.reader({ account, region: 'eu-west-1' }), LoadBalancerArn)?.targetGroups[0]?.attributes;
  expect(told).toMatchObject({
    stickiness: { type: 'app_cookie', seconds: 86_400, cookieName: 'SESSION' },
    isCrossZone: false,
    minimumHealthy: { count: 1, percentage: 50 },
  });
});

test('security groups, subnets and address types are changed on the nodes', async () => {
  const world = await balancerWorld(keiro);
  const { elb, ec2, vpcId, subnetIds } = world;
  const { LoadBalancerArn } = await createBalancer(world);
  const { GroupId = '' } = await ec2.send(new CreateSecurityGroupCommand({ GroupName: 'lb', Description: 'lb', VpcId: vpcId }));
  const groups = await elb.send(new SetSecurityGroupsCommand({ LoadBalancerArn, SecurityGroups: [GroupId] }));
  expect(groups.SecurityGroupIds).toEqual([GroupId]);
  expect((await interfacesIn(world)).every((eni) => eni.Groups?.[0]?.GroupId === GroupId)).toBe(true);

  const before = (await interfacesIn(world)).find((eni) => eni.SubnetId === subnetIds[1])?.NetworkInterfaceId;
  const moved = await elb.send(new SetSubnetsCommand({ LoadBalancerArn, Subnets: subnetIds.slice(1) }));
  expect(moved.AvailabilityZones?.map(({ ZoneName }) => ZoneName)).toEqual(['eu-west-1b', 'eu-west-1c']);
  const after = await interfacesIn(world);
  expect(new Set(after.map((eni) => eni.SubnetId))).toEqual(new Set(subnetIds.slice(1)));
  expect(after.map((eni) => eni.NetworkInterfaceId)).toContain(before);
  expect(after.every((eni) => eni.Groups?.[0]?.GroupId === GroupId)).toBe(true);
  expect(await refusal(elb.send(new SetSubnetsCommand({ LoadBalancerArn, Subnets: subnetIds.slice(0, 1) })))).toEqual({
    code: 'ValidationError',
    message: 'At least two subnets in two different Availability Zones must be specified',
  });

  const dual = (IpAddressType: 'ipv4' | 'dualstack' | 'dualstack-without-public-ipv4') =>
    elb.send(new SetIpAddressTypeCommand({ LoadBalancerArn, IpAddressType }));
  expect(await refusal(dual('dualstack'))).toEqual({
    code: 'ValidationError',
    message: 'You must specify subnets with an associated IPv6 CIDR block.',
  });
  await ec2.send(new AssociateVpcCidrBlockCommand({ VpcId: vpcId, AmazonProvidedIpv6CidrBlock: true }));
  const { Vpcs } = await ec2.send(new DescribeVpcsCommand({ VpcIds: [vpcId] }));
  const block = Vpcs?.[0]?.Ipv6CidrBlockAssociationSet?.[0]?.Ipv6CidrBlock ?? '';
  for (const [index, SubnetId] of subnetIds.entries()) {
    await ec2.send(new AssociateSubnetCidrBlockCommand({ SubnetId, Ipv6CidrBlock: block.replace('00::/56', `0${index}::/64`) }));
  }
  expect((await dual('dualstack')).IpAddressType).toBe('dualstack');
  expect((await interfacesIn(world)).map((eni) => [eni.Ipv6Addresses?.length, eni.Association !== undefined])).toEqual([
    [1, true],
    [1, true],
  ]);
  await dual('dualstack-without-public-ipv4');
  expect((await interfacesIn(world)).every((eni) => eni.Association === undefined)).toBe(true);
  await dual('ipv4');
  expect((await interfacesIn(world)).map((eni) => [eni.Ipv6Addresses?.length, eni.Association !== undefined])).toEqual([
    [0, true],
    [0, true],
  ]);
});

test('a network load balancer that began without security groups gets none', async () => {
  const world = await balancerWorld(keiro);
  const { elb, defaultGroupId } = world;
  const { LoadBalancerArn } = await createBalancer(world, { Type: 'network' });
  expect(await refusal(elb.send(new SetSecurityGroupsCommand({ LoadBalancerArn, SecurityGroups: [defaultGroupId] })))).toEqual({
    code: 'InvalidConfigurationRequest',
    message: 'You cannot set security groups on a Network Load Balancer that was created without security groups',
  });
  const other = await createBalancer(world, { Name: 'other', Type: 'network', SecurityGroups: [defaultGroupId] });
  expect(other).toMatchObject({ SecurityGroups: [defaultGroupId], EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic: 'on' });
});

test('tags are put on all kinds of resources, and taken off', async () => {
  const world = await balancerWorld(keiro);
  const { elb } = world;
  const { LoadBalancerArn } = await createBalancer(world, { Tags: [{ Key: 'stage', Value: 'test' }] });
  const { TargetGroupArn } = await createGroup(world);
  const { ListenerArn } = await createListener(world, LoadBalancerArn);
  const ResourceArns = [LoadBalancerArn, TargetGroupArn, ListenerArn];
  await elb.send(new AddTagsCommand({ ResourceArns, Tags: [{ Key: 'team', Value: 'net' }, { Key: 'empty' }] }));
  await elb.send(new RemoveTagsCommand({ ResourceArns, TagKeys: ['empty'] }));
  expect((await elb.send(new DescribeTagsCommand({ ResourceArns }))).TagDescriptions).toEqual([
    {
      ResourceArn: LoadBalancerArn,
      Tags: [
        { Key: 'stage', Value: 'test' },
        { Key: 'team', Value: 'net' },
      ],
    },
    { ResourceArn: TargetGroupArn, Tags: [{ Key: 'team', Value: 'net' }] },
    { ResourceArn: ListenerArn, Tags: [{ Key: 'team', Value: 'net' }] },
  ]);
  const add = (Tags: { Key: string; Value?: string }[], arns: string[] = [LoadBalancerArn]) =>
    elb.send(new AddTagsCommand({ ResourceArns: arns, Tags }));
  const many = Array.from({ length: 49 }, (_, index) => ({ Key: `k${index}` }));
  expect(await refusal(add(many))).toEqual({
    code: 'TooManyTags',
    message: "You've reached the limit on the number of tags for this resource",
  });
  expect(await refusal(add([{ Key: 'aws:x' }]))).toEqual({
    code: 'ValidationError',
    message: "Tag keys starting with 'aws:' are reserved for internal use",
  });
  expect(await refusal(add([{ Key: 'a' }], [`${TargetGroupArn}0`]))).toMatchObject({ code: 'TargetGroupNotFound' });
  expect(await refusal(add([{ Key: 'a' }], ['web']))).toEqual({ code: 'ValidationError', message: "'web' is not a valid ARN" });
  expect(await refusal(elb.send(new DescribeTagsCommand({ ResourceArns: Array(21).fill(LoadBalancerArn) as string[] })))).toEqual({
    code: 'ValidationError',
    message: 'Cannot have more than 20 resources described',
  });
});

test('limits are told', async () => {
  const { elb } = await balancerWorld(keiro);
  const { Limits } = await elb.send(new DescribeAccountLimitsCommand({}));
  expect(Limits).toEqual(
    expect.arrayContaining([
      { Name: 'application-load-balancers', Max: '50' },
      { Name: 'target-groups', Max: '3000' },
      { Name: 'rules-per-application-load-balancer', Max: '100' },
    ]),
  );
  expect((await elb.send(new DescribeLoadBalancersCommand({}))).LoadBalancers).toEqual([]);
});
