import {
  AuthorizeSecurityGroupIngressCommand,
  DescribeSecurityGroupRulesCommand,
  DescribeSecurityGroupsCommand,
  type IpPermission,
  ModifySecurityGroupRulesCommand,
  paginateDescribeSecurityGroupRules,
  type SecurityGroupRule,
  type SecurityGroupRuleRequest,
  UpdateSecurityGroupRuleDescriptionsEgressCommand,
  UpdateSecurityGroupRuleDescriptionsIngressCommand,
} from '@aws-sdk/client-ec2';
import { describe, expect, test } from 'vitest';
import { refusal, useKeiro } from '#test/sdk/keiro.ts';
import { allow, manyCidrs, permissions, place, tcp, type Place } from '#test/sdk/security-group.fixture.ts';

const keiro = await useKeiro();

describe('describing rules', () => {
  test('finds them by id, by group, by tag, page by page', async () => {
    const here = await place(keiro);
    const rules = await allow(here, tcp(80, ...manyCidrs(7)));
    const ids = rules.map((rule) => rule.SecurityGroupRuleId);
    const byId = await here.ec2.send(new DescribeSecurityGroupRulesCommand({ SecurityGroupRuleIds: [ids[3] ?? ''] }));
    expect(byId.SecurityGroupRules).toEqual([rules[3]]);

    const seen: (string | undefined)[] = [];
    const asked = { Filters: [{ Name: 'group-id', Values: [here.group] }] };
    for await (const page of paginateDescribeSecurityGroupRules({ client: here.ec2, pageSize: 5 }, asked)) {
      expect(page.SecurityGroupRules?.length).toBeLessThanOrEqual(5);
      seen.push(...(page.SecurityGroupRules ?? []).map((rule) => rule.SecurityGroupRuleId));
    }
    expect(seen).toHaveLength(8);
    expect(new Set(seen)).toEqual(new Set([...seen, ...ids]));

    const byFilter = await here.ec2.send(
      new DescribeSecurityGroupRulesCommand({ Filters: [{ Name: 'security-group-rule-id', Values: [ids[0] ?? '', ids[1] ?? ''] }] }),
    );
    expect(byFilter.SecurityGroupRules).toHaveLength(2);
    await here.ec2.send(
      new AuthorizeSecurityGroupIngressCommand({
        GroupId: here.group,
        IpPermissions: [tcp(443, '10.0.0.0/8')],
        TagSpecifications: [{ ResourceType: 'security-group-rule', Tags: [{ Key: 'team', Value: 'red' }] }],
      }),
    );
    const byTag = await here.ec2.send(new DescribeSecurityGroupRulesCommand({ Filters: [{ Name: 'tag:team', Values: ['r*'] }] }));
    expect(byTag.SecurityGroupRules).toMatchObject([{ FromPort: 443 }]);
  });

  test('refuses ids that are none', async () => {
    const { ec2 } = await place(keiro);
    const asking = (id: string) => refusal(ec2.send(new DescribeSecurityGroupRulesCommand({ SecurityGroupRuleIds: [id] })));
    expect(await asking('sgr-0123456789abcdef0')).toEqual({
      code: 'InvalidSecurityGroupRuleId.NotFound',
      message: "The security group rule ID 'sgr-0123456789abcdef0' does not exist",
    });
    expect(await asking('sgr-1')).toEqual({ code: 'InvalidSecurityGroupRuleId.Malformed', message: 'Invalid id: "sgr-1"' });
  });
});

describe('modifying rules', () => {
  async function modify(
    { ec2, group }: Place,
    rule: SecurityGroupRule | undefined,
    SecurityGroupRule: SecurityGroupRuleRequest,
  ): Promise<unknown> {
    const SecurityGroupRules = [{ SecurityGroupRuleId: rule?.SecurityGroupRuleId, SecurityGroupRule }];
    return ec2.send(new ModifySecurityGroupRulesCommand({ GroupId: group, SecurityGroupRules }));
  }

  test('changes everything but the id, the direction and the kind of peer', async () => {
    const here = await place(keiro);
    const [rule] = await allow(here, { ...tcp(80), IpRanges: [{ CidrIp: '10.0.0.0/8', Description: 'old' }] });
    await modify(here, rule, { IpProtocol: 'udp', FromPort: 53, ToPort: 54, CidrIpv4: '192.0.2.0/24' });
    const { SecurityGroupRules } = await here.ec2.send(
      new DescribeSecurityGroupRulesCommand({ SecurityGroupRuleIds: [rule?.SecurityGroupRuleId ?? ''] }),
    );
    const { Description: _, ...undescribed } = rule ?? {};
    expect(SecurityGroupRules).toEqual([{ ...undescribed, IpProtocol: 'udp', FromPort: 53, ToPort: 54, CidrIpv4: '192.0.2.0/24' }]);
  });

  test('refuses another kind of peer, none, two, a duplicate and a wrong rule', async () => {
    const here = await place(keiro);
    const [first] = await allow(here, tcp(80, '10.0.0.0/8', '192.0.2.0/24'));
    const all = { IpProtocol: '-1' };
    expect(await refusal(modify(here, first, { ...all, CidrIpv6: '::/0' }))).toEqual({
      code: 'InvalidParameterValue',
      message: `The type of the security group rule '${first?.SecurityGroupRuleId}' cannot be changed. Specify CidrIpv4.`,
    });
    expect(await refusal(modify(here, first, all))).toEqual({
      code: 'MissingParameter',
      message: 'Missing source specification: include source security group or CIDR information',
    });
    expect(await refusal(modify(here, first, { ...all, CidrIpv4: '10.0.0.0/8', CidrIpv6: '::/0' }))).toEqual({
      code: 'InvalidParameterCombination',
      message: 'Only one of CidrIpv4, CidrIpv6, PrefixListId, ReferencedGroupId can be specified',
    });
    expect(await refusal(modify(here, first, { IpProtocol: 'tcp', FromPort: 80, ToPort: 80, CidrIpv4: '192.0.2.0/24' }))).toEqual({
      code: 'InvalidPermission.Duplicate',
      message: 'the specified rule "peer: 192.0.2.0/24, TCP, from port: 80, to port: 80, ALLOW" already exists',
    });
    const stranger = await place(keiro);
    expect(await refusal(modify(stranger, first, { ...all, CidrIpv4: '10.0.0.0/8' }))).toEqual({
      code: 'InvalidSecurityGroupRuleId.NotFound',
      message: `The security group rule ID '${first?.SecurityGroupRuleId}' does not exist`,
    });
  });

  test('exchanges the words of two rules', async () => {
    const here = await place(keiro);
    const [one, two] = await allow(here, tcp(80, '10.0.0.0/8'), tcp(81, '10.0.0.0/8'));
    const on = (rule: SecurityGroupRule | undefined, port: number) => ({
      SecurityGroupRuleId: rule?.SecurityGroupRuleId,
      SecurityGroupRule: { IpProtocol: 'tcp', FromPort: port, ToPort: port, CidrIpv4: '10.0.0.0/8' },
    });
    await here.ec2.send(new ModifySecurityGroupRulesCommand({ GroupId: here.group, SecurityGroupRules: [on(one, 81), on(two, 80)] }));
    const { SecurityGroupRules } = await here.ec2.send(
      new DescribeSecurityGroupRulesCommand({ SecurityGroupRuleIds: [one?.SecurityGroupRuleId ?? '', two?.SecurityGroupRuleId ?? ''] }),
    );
    const portOf = new Map(SecurityGroupRules?.map((rule) => [rule.SecurityGroupRuleId, rule.FromPort])); // listed in the order of random ids
    expect([one, two].map((rule) => portOf.get(rule?.SecurityGroupRuleId))).toEqual([81, 80]);
  });
});

describe('rule descriptions', () => {
  test('are replaced by the words of a rule, and taken away', async () => {
    const here = await place(keiro);
    await allow(here, tcp(80, '10.0.0.0/8'));
    const update = (Description?: string) =>
      here.ec2.send(
        new UpdateSecurityGroupRuleDescriptionsIngressCommand({
          GroupId: here.group,
          IpPermissions: [{ ...tcp(80), IpRanges: [{ CidrIp: '10.0.0.0/8', Description }] }],
        }),
      );
    expect(await update('the office')).toMatchObject({ Return: true });
    expect(await permissions(here)).toMatchObject([{ IpRanges: [{ CidrIp: '10.0.0.0/8', Description: 'the office' }] }]);
    await update();
    expect((await permissions(here))?.[0]?.IpRanges).toEqual([{ CidrIp: '10.0.0.0/8' }]);
  });

  test('are replaced by the id of a rule', async () => {
    const { ec2, group } = await place(keiro);
    const { SecurityGroupRules } = await ec2.send(
      new DescribeSecurityGroupRulesCommand({ Filters: [{ Name: 'group-id', Values: [group] }] }),
    );
    const SecurityGroupRuleId = SecurityGroupRules?.[0]?.SecurityGroupRuleId;
    const SecurityGroupRuleDescriptions = [{ SecurityGroupRuleId, Description: 'everything' }];
    await ec2.send(new UpdateSecurityGroupRuleDescriptionsEgressCommand({ GroupId: group, SecurityGroupRuleDescriptions }));
    const { SecurityGroups } = await ec2.send(new DescribeSecurityGroupsCommand({ GroupIds: [group] }));
    expect(SecurityGroups?.[0]?.IpPermissionsEgress).toMatchObject([{ IpRanges: [{ Description: 'everything' }] }]);
    expect(
      await refusal(ec2.send(new UpdateSecurityGroupRuleDescriptionsIngressCommand({ GroupId: group, SecurityGroupRuleDescriptions }))),
    ).toEqual({
      code: 'InvalidSecurityGroupRuleId.NotFound',
      message: `The security group rule ID '${SecurityGroupRuleId}' does not exist`,
    });
  });

  test('need a rule that exists', async () => {
    const { ec2, group } = await place(keiro);
    const update = (IpPermissions?: IpPermission[]) =>
      refusal(ec2.send(new UpdateSecurityGroupRuleDescriptionsIngressCommand({ GroupId: group, IpPermissions })));
    expect(await update([tcp(80, '10.0.0.0/8')])).toEqual({
      code: 'InvalidPermission.NotFound',
      message: 'The specified rule does not exist in this security group.',
    });
    expect(await update()).toEqual({
      code: 'MissingParameter',
      message: "Either 'ipPermissions' or 'securityGroupRuleDescriptions' should be provided.",
    });
  });
});
