import {
  DescribeSecurityGroupsCommand,
  EC2Client,
  RevokeSecurityGroupEgressCommand,
  RevokeSecurityGroupIngressCommand,
} from '@aws-sdk/client-ec2';
import { describe, expect, test } from 'vitest';
import { refusal, useKeiro } from '#test/sdk/keiro.ts';
import { allow, createGroup, permissions, place, tcp } from '#test/sdk/security-group.fixture.ts';

const keiro = await useKeiro();

describe('revoking', () => {
  test('takes rules away by their words and says which', async () => {
    const here = await place(keiro);
    await allow(here, tcp(80, '10.0.0.0/8', '192.0.2.0/24'), tcp(443, '0.0.0.0/0'));
    const { Return, RevokedSecurityGroupRules, UnknownIpPermissions } = await here.ec2.send(
      new RevokeSecurityGroupIngressCommand({ GroupId: here.group, IpPermissions: [tcp(80, '10.0.0.1/8'), tcp(443, '0.0.0.0/0')] }),
    );
    expect(Return).toBe(true);
    expect(UnknownIpPermissions ?? []).toEqual([]);
    expect(RevokedSecurityGroupRules).toMatchObject([
      { GroupId: here.group, IsEgress: false, IpProtocol: 'tcp', FromPort: 80, ToPort: 80, CidrIpv4: '10.0.0.0/8' },
      { GroupId: here.group, IsEgress: false, IpProtocol: 'tcp', FromPort: 443, ToPort: 443, CidrIpv4: '0.0.0.0/0' },
    ]);
    expect(await permissions(here)).toMatchObject([{ FromPort: 80, IpRanges: [{ CidrIp: '192.0.2.0/24' }] }]);
  });

  test('takes rules away by their ids', async () => {
    const here = await place(keiro);
    const [first, second] = await allow(here, tcp(80, '10.0.0.0/8', '192.0.2.0/24'));
    const { RevokedSecurityGroupRules } = await here.ec2.send(
      new RevokeSecurityGroupIngressCommand({ GroupId: here.group, SecurityGroupRuleIds: [first?.SecurityGroupRuleId ?? ''] }),
    );
    expect(RevokedSecurityGroupRules).toMatchObject([{ SecurityGroupRuleId: first?.SecurityGroupRuleId }]);
    const gone = { GroupId: here.group, SecurityGroupRuleIds: [second?.SecurityGroupRuleId ?? '', first?.SecurityGroupRuleId ?? ''] };
    expect(await refusal(here.ec2.send(new RevokeSecurityGroupIngressCommand(gone)))).toEqual({
      code: 'InvalidSecurityGroupRuleId.NotFound',
      message: `The security group rule ID '${first?.SecurityGroupRuleId}' does not exist`,
    });
    expect(await permissions(here)).toHaveLength(1);
  });

  test('keeps the directions apart', async () => {
    const here = await place(keiro);
    const [rule] = await allow(here, tcp(80, '10.0.0.0/8'));
    const asEgress = { GroupId: here.group, SecurityGroupRuleIds: [rule?.SecurityGroupRuleId ?? ''] };
    expect(await refusal(here.ec2.send(new RevokeSecurityGroupEgressCommand(asEgress)))).toMatchObject({
      code: 'InvalidSecurityGroupRuleId.NotFound',
    });
    const everything = { IpProtocol: '-1', IpRanges: [{ CidrIp: '0.0.0.0/0' }] };
    await here.ec2.send(new RevokeSecurityGroupEgressCommand({ GroupId: here.group, IpPermissions: [everything] }));
    const { SecurityGroups } = await here.ec2.send(new DescribeSecurityGroupsCommand({ GroupIds: [here.group] }));
    expect(SecurityGroups).toMatchObject([{ IpPermissionsEgress: [], IpPermissions: [{ FromPort: 80 }] }]);
  });

  test('refuses the whole call for a rule that a group of an own VPC lacks', async () => {
    const here = await place(keiro);
    await allow(here, tcp(80, '10.0.0.0/8'));
    const revoking = here.ec2.send(
      new RevokeSecurityGroupIngressCommand({ GroupId: here.group, IpPermissions: [tcp(80, '10.0.0.0/8'), tcp(81, '10.0.0.0/8')] }),
    );
    expect(await refusal(revoking)).toEqual({
      code: 'InvalidPermission.NotFound',
      message: 'The specified rule does not exist in this security group.',
    });
    expect(await permissions(here)).toHaveLength(1);
  });

  test('passes over a rule that a group of the default VPC lacks', async () => {
    const ec2 = keiro.client(EC2Client);
    const group = await createGroup(ec2, undefined, 'web');
    await allow({ ec2, group }, tcp(80, '10.0.0.0/8'));
    const { Return, UnknownIpPermissions, RevokedSecurityGroupRules } = await ec2.send(
      new RevokeSecurityGroupIngressCommand({ GroupId: group, IpPermissions: [tcp(80, '10.0.0.0/8', '192.0.2.0/24')] }),
    );
    expect(Return).toBe(true);
    expect(UnknownIpPermissions).toMatchObject([{ IpProtocol: 'tcp', FromPort: 80, IpRanges: [{ CidrIp: '192.0.2.0/24' }] }]);
    expect(RevokedSecurityGroupRules).toMatchObject([{ CidrIpv4: '10.0.0.0/8' }]);
    expect(await permissions({ ec2, group })).toEqual([]);
  });

  test('needs to know which rules, in one way', async () => {
    const { ec2, group } = await place(keiro);
    expect(await refusal(ec2.send(new RevokeSecurityGroupIngressCommand({ GroupId: group })))).toEqual({
      code: 'MissingParameter',
      message: "Either 'ipPermissions' or 'securityGroupRuleIds' should be provided.",
    });
    const both = { GroupId: group, SecurityGroupRuleIds: ['sgr-0123456789abcdef0'], IpPermissions: [tcp(80, '10.0.0.0/8')] };
    expect(await refusal(ec2.send(new RevokeSecurityGroupIngressCommand(both)))).toMatchObject({ code: 'InvalidParameterCombination' });
    expect(await refusal(ec2.send(new RevokeSecurityGroupIngressCommand({ GroupId: group, SecurityGroupRuleIds: ['web'] })))).toEqual({
      code: 'InvalidSecurityGroupRuleId.Malformed',
      message: 'Invalid id: "web" (expecting "sgr-...")',
    });
  });
});
