import {
  CreateRuleCommand,
  type CreateRuleCommandInput,
  DeleteRuleCommand,
  DescribeRulesCommand,
  ModifyRuleCommand,
  type RuleCondition,
  SetRulePrioritiesCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { expect, test } from 'vitest';
import { balancerOf } from '#services/elbv2/public.ts';
import { answer, balancerWorld, createBalancer, createGroup, createListener, forwardTo, refusal } from '#test/sdk/elbv2.ts';
import { useKeiro } from '#test/sdk/keiro.ts';

const keiro = await useKeiro();

const path = (...Values: string[]): RuleCondition[] => [{ Field: 'path-pattern', PathPatternConfig: { Values } }];

async function listenerWorld() {
  const world = await balancerWorld(keiro);
  const { LoadBalancerArn: arn } = await createBalancer(world);
  const { ListenerArn } = await createListener(world, arn);
  const create = async (input: Partial<CreateRuleCommandInput>) => {
    const command = new CreateRuleCommand({ ListenerArn, Priority: 1, Conditions: path('/a'), Actions: answer(), ...input });
    const { Rules } = await world.elb.send(command);
    return { ...Rules?.[0], RuleArn: Rules?.[0]?.RuleArn ?? '' };
  };
  return { ...world, world, arn, ListenerArn, create };
}

test('rules hold all kinds of conditions and actions', async () => {
  const { elb, world, arn, ListenerArn, account, create } = await listenerWorld();
  const [one, two] = [await createGroup(world, { Name: 'one' }), await createGroup(world, { Name: 'two' })];
  const rule = await create({
    Priority: 20,
    Conditions: [
      { Field: 'host-header', Values: ['*.Example.com'] },
      { Field: 'http-header', HttpHeaderConfig: { HttpHeaderName: 'User-Agent', Values: ['*Chrome*'] } },
      { Field: 'query-string', QueryStringConfig: { Values: [{ Key: 'v', Value: '1' }, { Value: 'x' }] } },
      { Field: 'source-ip', SourceIpConfig: { Values: ['192.0.2.0/24'] } },
    ],
    Actions: [
      {
        Type: 'forward',
        Order: 1,
        ForwardConfig: {
          TargetGroups: [
            { TargetGroupArn: one.TargetGroupArn, Weight: 0 },
            { TargetGroupArn: two.TargetGroupArn, Weight: 999 },
          ],
          TargetGroupStickinessConfig: { Enabled: true, DurationSeconds: 60 },
        },
      },
    ],
  });
  expect(rule.RuleArn).toMatch(new RegExp(`^${ListenerArn.replace(':listener/', ':listener-rule/')}/[0-9a-f]{16}$`));
  expect(rule).toMatchObject({
    Priority: '20',
    IsDefault: false,
    Conditions: [
      { Field: 'host-header', Values: ['*.Example.com'], HostHeaderConfig: { Values: ['*.Example.com'] } },
      { Field: 'http-header', HttpHeaderConfig: { HttpHeaderName: 'User-Agent', Values: ['*Chrome*'] } },
      { Field: 'query-string', QueryStringConfig: { Values: [{ Key: 'v', Value: '1' }, { Value: 'x' }] } },
      { Field: 'source-ip', SourceIpConfig: { Values: ['192.0.2.0/24'] } },
    ],
    Actions: [{ Type: 'forward', Order: 1, ForwardConfig: { TargetGroupStickinessConfig: { Enabled: true, DurationSeconds: 60 } } }],
  });
  await create({
    Priority: 10,
    Conditions: [
      { Field: 'path-pattern', PathPatternConfig: { RegexValues: ['^/v\\d+/'] } },
      { Field: 'http-request-method', HttpRequestMethodConfig: { Values: ['GET', 'HEAD'] } },
    ],
    Actions: [{ Type: 'redirect', RedirectConfig: { Protocol: 'HTTPS', Port: '443', StatusCode: 'HTTP_301' } }],
  });

  const { Rules } = await elb.send(new DescribeRulesCommand({ ListenerArn }));
  expect(Rules?.map(({ Priority }) => Priority)).toEqual(['10', '20', 'default']);
  expect(Rules?.[0]).toMatchObject({
    Conditions: [{ Field: 'path-pattern', PathPatternConfig: { RegexValues: ['^/v\\d+/'] } }, { Field: 'http-request-method' }],
    Actions: [{ RedirectConfig: { Protocol: 'HTTPS', Port: '443', Host: '#{host}', Path: '/#{path}', Query: '#{query}' } }],
  });
  const told = balancerOf(keiro.store.reader({ account, region: 'eu-west-1' }), arn)?.listeners[0]?.rules;
  expect(told).toMatchObject([
    {
      priority: 10,
      conditions: [
        { field: 'path-pattern', patterns: [{ regex: '^/v\\d+/' }] },
        { field: 'http-request-method', methods: ['GET', 'HEAD'] },
      ],
      action: { type: 'redirect', status: 301, protocol: 'HTTPS', host: '#{host}', port: '443', path: '/#{path}', query: '#{query}' },
    },
    {
      priority: 20,
      conditions: [
        { field: 'host-header', patterns: [{ glob: '*.example.com' }] },
        { field: 'http-header', name: 'user-agent', patterns: [{ glob: '*Chrome*' }] },
        { field: 'query-string', pairs: [{ key: 'v', value: '1' }, { value: 'x' }] },
        { field: 'source-ip', cidrs: ['192.0.2.0/24'] },
      ],
      action: { type: 'forward', stickySeconds: 60, groups: [{ weight: 0 }, { weight: 999 }] },
    },
    { priority: 0, conditions: [], action: { type: 'fixed-response', status: 404 } },
  ]);
});

test('rules are put into another order, changed, and deleted', async () => {
  const { elb, ListenerArn, create } = await listenerWorld();
  const [a, b] = [await create({ Priority: 1 }), await create({ Priority: 2, Conditions: path('/b') })];
  expect(await refusal(create({ Priority: 2 }))).toEqual({ code: 'PriorityInUse', message: "Priority '2' is currently in use" });
  const setPriorities = (...pairs: (readonly [string, number])[]) =>
    elb.send(new SetRulePrioritiesCommand({ RulePriorities: pairs.map(([RuleArn, Priority]) => ({ RuleArn, Priority })) }));
  const swapped = await setPriorities([a.RuleArn, 2], [b.RuleArn, 1]);
  expect(swapped.Rules?.map(({ RuleArn, Priority }) => [RuleArn, Priority])).toEqual([
    [b.RuleArn, '1'],
    [a.RuleArn, '2'],
  ]);
  expect(await refusal(setPriorities([a.RuleArn, 1]))).toEqual({ code: 'PriorityInUse', message: "Priority '1' is currently in use" });
  expect(await refusal(setPriorities([a.RuleArn, 5], [b.RuleArn, 5]))).toEqual({
    code: 'ValidationError',
    message: "Priority '5' was provided multiple times",
  });
  const changed = await elb.send(new ModifyRuleCommand({ RuleArn: a.RuleArn, Conditions: path('/c') }));
  expect(changed.Rules).toMatchObject([{ Conditions: [{ Values: ['/c'] }], Actions: [{ Type: 'fixed-response' }], Priority: '2' }]);
  expect(await refusal(elb.send(new ModifyRuleCommand({ RuleArn: a.RuleArn })))).toEqual({
    code: 'ValidationError',
    message: 'Either conditions or actions must be specified',
  });

  const { Rules } = await elb.send(new DescribeRulesCommand({ ListenerArn }));
  const RuleArn = Rules?.find(({ IsDefault }) => IsDefault)?.RuleArn ?? '';
  expect(await refusal(elb.send(new DeleteRuleCommand({ RuleArn })))).toEqual({
    code: 'OperationNotPermitted',
    message: `Default rule '${RuleArn}' cannot be deleted`,
  });
  expect(await refusal(elb.send(new ModifyRuleCommand({ RuleArn, Actions: answer('500') })))).toMatchObject({
    code: 'OperationNotPermitted',
  });
  expect(await refusal(setPriorities([RuleArn, 9]))).toMatchObject({ code: 'OperationNotPermitted' });
  await elb.send(new DeleteRuleCommand({ RuleArn: a.RuleArn }));
  expect(await refusal(elb.send(new DescribeRulesCommand({ RuleArns: [a.RuleArn] })))).toEqual({
    code: 'RuleNotFound',
    message: 'One or more rules not found',
  });
  expect(await refusal(elb.send(new DescribeRulesCommand({ ListenerArn, RuleArns: [b.RuleArn] })))).toEqual({
    code: 'ValidationError',
    message: 'Listener rule ARNs and a listener ARN cannot be specified at the same time',
  });
});

test('rules are a hundred per load balancer, and come in pages in their order', async () => {
  const { elb, ListenerArn, create } = await listenerWorld();
  for (let priority = 100; priority >= 1; priority--) await create({ Priority: priority });
  expect(await refusal(create({ Priority: 101 }))).toEqual({
    code: 'TooManyRules',
    message: "You've reached the limit on the number of rules per load balancer",
  });
  const first = await elb.send(new DescribeRulesCommand({ ListenerArn, PageSize: 60 }));
  const second = await elb.send(new DescribeRulesCommand({ ListenerArn, PageSize: 60, Marker: first.NextMarker }));
  const seen = [...(first.Rules ?? []), ...(second.Rules ?? [])].map(({ Priority }) => Priority);
  expect(seen).toEqual([...Array.from({ length: 100 }, (_, index) => String(index + 1)), 'default']);
});

test('rules of network load balancers are not there', async () => {
  const world = await balancerWorld(keiro);
  const { LoadBalancerArn } = await createBalancer(world, { Name: 'net', Type: 'network' });
  const { TargetGroupArn } = await createGroup(world, { Protocol: 'TCP' });
  const { ListenerArn } = await createListener(world, LoadBalancerArn, { Protocol: 'TCP', DefaultActions: forwardTo(TargetGroupArn) });
  const create = new CreateRuleCommand({ ListenerArn, Priority: 1, Conditions: path('/'), Actions: forwardTo(TargetGroupArn) });
  expect(await refusal(world.elb.send(create))).toEqual({
    code: 'UnsupportedProtocol',
    message: 'Rules are not supported for listeners with the TCP protocol',
  });
});

const conditionRefusals: readonly (readonly [RuleCondition[], string])[] = [
  [[], 'A condition must be specified'],
  [
    [{ Field: 'colour', Values: ['red'] }],
    "Condition field 'colour' must be one of 'http-header,http-request-method,host-header,query-string,source-ip,path-pattern'",
  ],
  [[{ Field: 'path-pattern' }], 'A condition value must be specified'],
  [[{ Field: 'path-pattern', Values: ['/a', '/b'] }], "The 'path-pattern' field contains too many values; the limit is '1'"],
  [
    [{ Field: 'path-pattern', Values: ['/a'], PathPatternConfig: { Values: ['/a'] } }],
    "You cannot provide both Values and 'PathPatternConfig' for a condition of type 'path-pattern'",
  ],
  [
    [{ Field: 'path-pattern', PathPatternConfig: { Values: ['/a'], RegexValues: ['/b'] } }],
    "You must provide exactly one of the following: ['Values' 'RegexValues'] for config of type 'PathPatternConfig'",
  ],
  [path('/a b'), "Condition value '/a b' contains a character that is not valid"],
  [path(`/${'a'.repeat(128)}`), "Condition value for 'path-pattern' cannot contain more than 128 characters"],
  [[...path('/a'), ...path('/b')], "A rule can only have one 'path-pattern' condition"],
  [path('/1', '/2', '/3', '/4', '/5', '/6'), "A rule can only have '5' condition values"],
  [path('/*/*/*/*/*/*/*'), "A rule can only have '6' condition wildcards"],
  [[{ Field: 'source-ip', Values: ['10.0.0.0/8'] }], "The 'Values' field is not compatible with 'source-ip'"],
  [[{ Field: 'source-ip', SourceIpConfig: { Values: ['10.0.0.1'] } }], "The specified value '10.0.0.1' is not a valid CIDR block"],
  [[{ Field: 'http-header' }], "A 'HttpHeaderConfig' must be specified with 'http-header'"],
  [
    [{ Field: 'http-header', HttpHeaderConfig: { HttpHeaderName: 'Host', Values: ['x'] } }],
    "You cannot specify 'host' as an HTTP header name",
  ],
  [
    [{ Field: 'http-header', HttpHeaderConfig: { HttpHeaderName: 'a'.repeat(41), Values: ['x'] } }],
    "The 'HttpHeaderName' value is too long; the limit is '40'",
  ],
  [
    [{ Field: 'http-request-method', HttpRequestMethodConfig: { Values: ['get'] } }],
    "Condition value 'get' contains a character that is not valid",
  ],
  [[{ Field: 'query-string' }], "A 'QueryStringConfig' must be specified with 'query-string'"],
  [[{ Field: 'query-string', QueryStringConfig: { Values: [{ Key: 'a' }] } }], "A 'Value' must be specified in 'QueryStringKeyValuePair'"],
  [[{ Field: 'host-header', HostHeaderConfig: { RegexValues: ['('] } }], "Condition value '(' is not a valid regular expression"],
  [[{ Field: 'host-header', PathPatternConfig: { Values: ['/'] } }], "The 'PathPatternConfig' field is not compatible with 'host-header'"],
];

test('conditions that are none are refused', async () => {
  const { create } = await listenerWorld();
  for (const [Conditions, message] of conditionRefusals) {
    expect({ Conditions, ...(await refusal(create({ Conditions }))) }).toEqual({ Conditions, code: 'ValidationError', message });
  }
});

test('actions that do not fit together are refused', async () => {
  const { world, create } = await listenerWorld();
  const groups = await Promise.all(['a', 'b', 'c', 'd', 'e', 'f'].map((Name) => createGroup(world, { Name })));
  const [first = ''] = groups.map(({ TargetGroupArn }) => TargetGroupArn);
  const refusals: readonly (readonly [CreateRuleCommandInput['Actions'], string, string])[] = [
    [[...answer(), ...answer()], 'InvalidLoadBalancerAction', 'You must specify an order for each action of a rule with multiple actions'],
    [
      [
        { ...answer()[0], Type: 'fixed-response', Order: 1 },
        { Type: 'forward', TargetGroupArn: first, Order: 2 },
      ],
      'InvalidLoadBalancerAction',
      "A rule can have only one of the actions 'forward', 'redirect' and 'fixed-response'",
    ],
    [
      forwardTo(...groups.map(({ TargetGroupArn }) => TargetGroupArn)),
      'TooManyTargetGroups',
      "You've reached the limit on the number of target groups per action",
    ],
    [
      [{ Type: 'forward', ForwardConfig: { TargetGroups: [{ TargetGroupArn: first, Weight: 1000 }] } }],
      'ValidationError',
      "Target group weight '1000' must be between '0-999' inclusive",
    ],
    [
      [{ Type: 'forward', ForwardConfig: { TargetGroups: [{ TargetGroupArn: first }], TargetGroupStickinessConfig: { Enabled: true } } }],
      'ValidationError',
      'You must specify a duration to enable target group stickiness',
    ],
    [
      [
        { Type: 'authenticate-oidc', Order: 1 },
        { Type: 'forward', TargetGroupArn: first, Order: 2 },
      ],
      'NotImplemented',
      "Keiro's load balancers do not have actions of type authenticate-oidc yet.",
    ],
  ];
  for (const [Actions, code, message] of refusals) expect(await refusal(create({ Actions }))).toEqual({ code, message });
  expect(
    await refusal(create({ Transforms: [{ Type: 'url-rewrite', UrlRewriteConfig: { Rewrites: [{ Regex: 'a', Replace: 'b' }] } }] })),
  ).toEqual({ code: 'NotImplemented', message: "Keiro's load balancers do not have rule transforms yet." });
});
