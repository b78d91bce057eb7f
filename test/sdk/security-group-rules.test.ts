import {
  AuthorizeSecurityGroupEgressCommand,
  AuthorizeSecurityGroupIngressCommand,
  CreateManagedPrefixListCommand,
  DescribeManagedPrefixListsCommand,
  EC2Client,
  type IpPermission,
  RevokeSecurityGroupIngressCommand,
} from '@aws-sdk/client-ec2';
import { describe, expect, test } from 'vitest';
import { refusal, useKeiro } from '#test/sdk/keiro.ts';
import { allow, createGroup, createVpc, manyCidrs, permissions, place, tcp } from '#test/sdk/security-group.fixture.ts';

const keiro = await useKeiro();

describe('authorizing', () => {
  test('makes one rule of each range, group and prefix list, with ids and tags', async () => {
    const { ec2, account, vpcId, group } = await place(keiro);
    const other = await createGroup(ec2, vpcId, 'db');
    const { PrefixList } = await ec2.send(
      new CreateManagedPrefixListCommand({ PrefixListName: 'offices', MaxEntries: 5, AddressFamily: 'IPv4' }),
    );
    const { Return, SecurityGroupRules } = await ec2.send(
      new AuthorizeSecurityGroupIngressCommand({
        GroupId: group,
        TagSpecifications: [{ ResourceType: 'security-group-rule', Tags: [{ Key: 'Name', Value: 'r' }] }],
        IpPermissions: [
          {
            IpProtocol: '6',
            FromPort: 80,
            ToPort: 90,
            IpRanges: [{ CidrIp: '100.68.0.18/18', Description: 'the office' }, { CidrIp: '0.0.0.0/0' }],
            Ipv6Ranges: [{ CidrIpv6: '2001:DB8:0::1/32' }],
            UserIdGroupPairs: [{ GroupId: other }, { GroupId: group, UserId: account }],
            PrefixListIds: [{ PrefixListId: PrefixList?.PrefixListId }],
          },
        ],
      }),
    );
    expect(Return).toBe(true);
    const shared = {
      GroupId: group,
      GroupOwnerId: account,
      IsEgress: false,
      IpProtocol: 'tcp',
      FromPort: 80,
      ToPort: 90,
      Tags: [{ Key: 'Name', Value: 'r' }],
    };
    expect(SecurityGroupRules).toMatchObject([
      { ...shared, CidrIpv4: '100.68.0.0/18', Description: 'the office' },
      { ...shared, CidrIpv4: '0.0.0.0/0' },
      { ...shared, CidrIpv6: '2001:db8::/32' },
      { ...shared, PrefixListId: PrefixList?.PrefixListId },
      { ...shared, ReferencedGroupInfo: { GroupId: other, UserId: account } },
      { ...shared, ReferencedGroupInfo: { GroupId: group, UserId: account } },
    ]);
    const id = SecurityGroupRules?.[0]?.SecurityGroupRuleId ?? '';
    expect(id).toMatch(/^sgr-0[0-9a-f]{16}$/);
    expect(SecurityGroupRules?.[0]?.SecurityGroupRuleArn).toBe(`arn:aws:ec2:eu-west-1:${account}:security-group-rule/${id}`);
    expect(await permissions({ ec2, group })).toEqual([
      {
        IpProtocol: 'tcp',
        FromPort: 80,
        ToPort: 90,
        IpRanges: [{ CidrIp: '100.68.0.0/18', Description: 'the office' }, { CidrIp: '0.0.0.0/0' }],
        Ipv6Ranges: [{ CidrIpv6: '2001:db8::/32' }],
        PrefixListIds: [{ PrefixListId: PrefixList?.PrefixListId }],
        UserIdGroupPairs: [
          { GroupId: other, UserId: account },
          { GroupId: group, UserId: account },
        ],
      },
    ]);
  });

  test('keeps ports for TCP, UDP and ICMP only', async () => {
    const here = await place(keiro);
    const from = (IpProtocol: string, CidrIp: string, FromPort?: number, ToPort?: number): IpPermission => ({
      IpProtocol,
      FromPort,
      ToPort,
      IpRanges: [{ CidrIp }],
    });
    const rules = await allow(
      here,
      from('-1', '10.0.0.0/8', 22, 22),
      from('50', '10.0.0.0/8', 22, 22),
      from('UDP', '10.0.0.0/8', 53, 53),
      from('icmp', '10.0.0.0/8', 8, -1),
      from('58', '10.0.0.0/8'),
    );
    expect(rules.map((rule) => [rule.IpProtocol, rule.FromPort, rule.ToPort])).toEqual([
      ['-1', -1, -1],
      ['50', -1, -1],
      ['udp', 53, 53],
      ['icmp', 8, -1],
      ['icmpv6', -1, -1],
    ]);
    const shown = await permissions(here);
    expect(shown?.map((permission) => [permission.IpProtocol, permission.FromPort, permission.ToPort])).toEqual([
      ['-1', undefined, undefined],
      ['50', undefined, undefined],
      ['udp', 53, 53],
      ['icmp', 8, -1],
      ['icmpv6', -1, -1],
    ]);
  });

  test('takes the parameters from before IpPermissions', async () => {
    const ec2 = keiro.client(EC2Client);
    const [web, db] = [await createGroup(ec2, undefined, 'web'), await createGroup(ec2, undefined, 'db')];
    await ec2.send(
      new AuthorizeSecurityGroupIngressCommand({ GroupName: 'web', IpProtocol: 'tcp', FromPort: 22, ToPort: 22, CidrIp: '192.0.2.1/32' }),
    );
    expect(await permissions({ ec2, group: web })).toMatchObject([
      { IpProtocol: 'tcp', FromPort: 22, ToPort: 22, IpRanges: [{ CidrIp: '192.0.2.1/32' }] },
    ]);
    await ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId: db, SourceSecurityGroupName: 'web' }));
    expect(await permissions({ ec2, group: db })).toMatchObject(
      [
        ['tcp', 0, 65_535],
        ['udp', 0, 65_535],
        ['icmp', -1, -1],
      ].map(([IpProtocol, FromPort, ToPort]) => ({ IpProtocol, FromPort, ToPort, UserIdGroupPairs: [{ GroupId: web }] })),
    );
    await ec2.send(new RevokeSecurityGroupIngressCommand({ GroupId: db, SourceSecurityGroupName: 'web' }));
    expect(await permissions({ ec2, group: db })).toEqual([]);
  });

  test('finds a group by name in the default VPC alone', async () => {
    const { ec2, vpcId, group } = await place(keiro);
    await createGroup(ec2, vpcId, 'db');
    const fromDb = { IpProtocol: '-1', UserIdGroupPairs: [{ GroupName: 'db' }] };
    expect(await refusal(allow({ ec2, group }, fromDb))).toMatchObject({
      code: 'InvalidGroup.NotFound',
      message: expect.stringMatching(/^The security group 'db' does not exist in default VPC 'vpc-[0-9a-f]+'$/),
    });
    await createGroup(ec2, undefined, 'db');
    expect(await refusal(allow({ ec2, group }, fromDb))).toEqual({
      code: 'InvalidGroup.NotFound',
      message: 'You have specified two resources that belong to different networks.',
    });
  });

  test('refuses groups of other VPCs and accounts', async () => {
    const { ec2, group } = await place(keiro);
    const elsewhere = await createGroup(ec2, await createVpc(ec2), 'db');
    const stranger = await place(keiro);
    const from = (GroupId: string, UserId?: string) =>
      refusal(allow({ ec2, group }, { IpProtocol: '-1', UserIdGroupPairs: [{ GroupId, UserId }] }));
    const different = { code: 'InvalidGroup.NotFound', message: 'You have specified two resources that belong to different networks.' };
    expect(await from(elsewhere)).toEqual(different);
    expect(await from(stranger.group, stranger.account)).toEqual(different);
    expect(await from(stranger.group)).toEqual({
      code: 'InvalidGroup.NotFound',
      message: `The security group '${stranger.group}' does not exist`,
    });
    expect(await from('web')).toEqual({ code: 'InvalidGroupId.Malformed', message: 'Invalid id: "web" (expecting "sg-...")' });
    expect(await from('')).toEqual({ code: 'MissingParameter', message: 'Source group ID missing.' });
  });

  const everyone = { IpRanges: [{ CidrIp: '0.0.0.0/0' }] };
  test.each<[string, IpPermission, string, string?]>([
    ['no protocol', everyone, "Invalid value 'null' for protocol. VPC security group rules must specify protocols explicitly."],
    ['an unknown protocol', { IpProtocol: 'all', ...everyone }, "Invalid value 'all' for IP protocol. Unknown protocol."],
    ['a protocol number that is none', { IpProtocol: '256', ...everyone }, "Invalid value '256' for IP protocol. Unknown protocol."],
    [
      'TCP without ports',
      { IpProtocol: 'tcp', ...everyone },
      "Invalid value 'Must specify both from and to ports with TCP/UDP.' for portRange.",
    ],
    [
      'UDP with one port',
      { IpProtocol: 'udp', FromPort: 53, ...everyone },
      "Invalid value 'Must specify both from and to ports with TCP/UDP.' for portRange.",
    ],
    [
      'ICMP without a type',
      { IpProtocol: 'icmp', ...everyone },
      "Invalid value 'Must specify both from and to ports with ICMP.' for portRange.",
    ],
    [
      'ICMPv6 with a type alone',
      { IpProtocol: '58', FromPort: 1, ...everyone },
      "Invalid value 'Must specify both from and to ports with ICMPv6.' for portRange.",
    ],
    ['a port over 65535', { IpProtocol: 'tcp', FromPort: 1, ToPort: 65_536, ...everyone }, 'TCP/UDP port (65536) out of range'],
    ['a port below 0', { IpProtocol: 'tcp', FromPort: -2, ToPort: 1, ...everyone }, 'TCP/UDP port (-2) out of range'],
    ['ports the wrong way round', { IpProtocol: 'tcp', FromPort: 90, ToPort: 80, ...everyone }, 'Invalid TCP/UDP port range (90:80)'],
    ['an ICMP type over 255', { IpProtocol: 'icmp', FromPort: 256, ToPort: 0, ...everyone }, 'ICMP type (256) out of range'],
    ['an ICMP code over 255', { IpProtocol: 'icmp', FromPort: 0, ToPort: 65_535, ...everyone }, 'ICMP code (65535) out of range'],
    ['all ICMP types with one code', { IpProtocol: 'icmp', FromPort: -1, ToPort: 0, ...everyone }, 'ICMP code (0) out of range'],
    ['an address without a length', tcp(80, '8.8.8.8'), 'CIDR block 8.8.8.8 is malformed'],
    ['a length over 32', tcp(80, '10.0.0.0/33'), 'CIDR block 10.0.0.0/33 is malformed'],
    ['an IPv6 block as IPv4', tcp(80, '::/0'), 'CIDR block ::/0 is malformed'],
    ['an IPv4 block as IPv6', { ...tcp(80), Ipv6Ranges: [{ CidrIpv6: '10.0.0.0/8' }] }, 'CIDR block 10.0.0.0/8 is malformed'],
    ['the same range twice', tcp(80, '10.0.0.0/8', '10.1.0.0/8'), 'The same permission must not appear multiple times'],
    ['no source', tcp(80), 'Missing source specification: include source security group or CIDR information', 'MissingParameter'],
    [
      'an apostrophe in a description',
      { IpProtocol: '-1', IpRanges: [{ CidrIp: '0.0.0.0/0', Description: "the team's" }] },
      'Invalid rule description. Valid descriptions are strings less than 256 characters from the following set:  a-zA-Z0-9. _-:/()#,@[]+=&;{}!$*',
    ],
  ])('refuses %s', async (_, permission, message, code = 'InvalidParameterValue') => {
    expect(await refusal(allow(await place(keiro), permission))).toEqual({ code, message });
  });

  test.each<[IpPermission, string]>([
    [tcp(80, '10.0.0.0/8'), 'peer: 10.0.0.0/8, TCP, from port: 80, to port: 80, ALLOW'],
    [{ IpProtocol: '-1', Ipv6Ranges: [{ CidrIpv6: '::/0' }] }, 'peer: ::/0, ALL, ALLOW'],
    [{ IpProtocol: '50', IpRanges: [{ CidrIp: '0.0.0.0/0' }] }, 'peer: 0.0.0.0/0, protocol: 50, ALLOW'],
  ])('refuses a rule that the group has: %j', async (permission, rule) => {
    const here = await place(keiro);
    await allow(here, permission);
    expect(await refusal(allow(here, permission))).toEqual({
      code: 'InvalidPermission.Duplicate',
      message: `the specified rule "${rule}" already exists`,
    });
  });

  test('sees through host bits and descriptions when it looks for duplicates', async () => {
    const here = await place(keiro);
    await allow(here, tcp(80, '10.0.0.0/8'));
    expect(await refusal(allow(here, { ...tcp(80), IpRanges: [{ CidrIp: '10.0.0.1/8', Description: 'again' }] }))).toMatchObject({
      code: 'InvalidPermission.Duplicate',
    });
  });

  test('knows the default egress rule', async () => {
    const { ec2, group } = await place(keiro);
    const everything = { IpProtocol: '-1', IpRanges: [{ CidrIp: '0.0.0.0/0' }] };
    expect(await refusal(ec2.send(new AuthorizeSecurityGroupEgressCommand({ GroupId: group, IpPermissions: [everything] })))).toEqual({
      code: 'InvalidPermission.Duplicate',
      message: 'the specified rule "peer: 0.0.0.0/0, ALL, ALLOW" already exists',
    });
  });

  test('refuses calls that name no permission, or both spellings', async () => {
    const { ec2, group } = await place(keiro);
    expect(await refusal(ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId: group })))).toEqual({
      code: 'MissingParameter',
      message: 'The request must contain the parameter ipPermissions',
    });
    const both = { GroupId: group, CidrIp: '10.0.0.0/8', IpPermissions: [tcp(80, '10.0.0.0/8')] };
    expect(await refusal(ec2.send(new AuthorizeSecurityGroupIngressCommand(both)))).toEqual({
      code: 'InvalidParameterCombination',
      message: 'The parameter cidrIp may not be used in combination with ipPermissions',
    });
    expect(await refusal(ec2.send(new AuthorizeSecurityGroupEgressCommand({ GroupId: group, CidrIp: '10.0.0.0/8' })))).toEqual({
      code: 'InvalidParameterValue',
      message: 'The parameter cidrIp is not supported for egress rules. Use ipPermissions instead.',
    });
  });

  test('stops at 60 rules in a direction, IPv4 and IPv6 apart', async () => {
    const { ec2, account, vpcId, group } = await place(keiro);
    await allow({ ec2, group }, tcp(80, ...manyCidrs(60)));
    const full = {
      code: 'RulesPerSecurityGroupLimitExceeded',
      message: 'The maximum number of rules per security group has been reached.',
    };
    expect(await refusal(allow({ ec2, group }, tcp(81, '10.0.0.0/8')))).toEqual(full);
    await allow({ ec2, group }, { ...tcp(80), Ipv6Ranges: [{ CidrIpv6: '::/0' }] });
    expect(await refusal(allow({ ec2, group }, { IpProtocol: '-1', UserIdGroupPairs: [{ GroupId: group, UserId: account }] }))).toEqual(
      full,
    );
    await ec2.send(new AuthorizeSecurityGroupEgressCommand({ GroupId: group, IpPermissions: [tcp(80, ...manyCidrs(59))] }));
    expect(
      await refusal(ec2.send(new AuthorizeSecurityGroupEgressCommand({ GroupId: group, IpPermissions: [tcp(81, '10.0.0.0/8')] }))),
    ).toEqual(full);

    const { PrefixList } = await ec2.send(
      new CreateManagedPrefixListCommand({ PrefixListName: 'offices', MaxEntries: 58, AddressFamily: 'IPv4' }),
    );
    const other = await createGroup(ec2, vpcId, 'db');
    await allow(
      { ec2, group: other },
      { ...tcp(80), PrefixListIds: [{ PrefixListId: PrefixList?.PrefixListId }] },
      tcp(80, ...manyCidrs(2)),
    );
    expect(await refusal(allow({ ec2, group: other }, tcp(81, '10.0.0.0/8')))).toEqual(full);
  });

  test("counts AWS's own prefix list once", async () => {
    const { ec2, group } = await place(keiro);
    const { PrefixLists } = await ec2.send(
      new DescribeManagedPrefixListsCommand({ Filters: [{ Name: 'prefix-list-name', Values: ['com.amazonaws.eu-west-1.s3'] }] }),
    );
    const s3 = { ...tcp(443), PrefixListIds: [{ PrefixListId: PrefixLists?.[0]?.PrefixListId }] };
    await allow({ ec2, group }, tcp(80, ...manyCidrs(59)), s3);
    expect(await refusal(allow({ ec2, group }, tcp(81, '10.0.0.0/8')))).toMatchObject({ code: 'RulesPerSecurityGroupLimitExceeded' });
  });

  test('refuses a prefix list that is not there', async () => {
    const id = 'pl-0123456789abcdef0';
    expect(await refusal(allow(await place(keiro), { ...tcp(80), PrefixListIds: [{ PrefixListId: id }] }))).toEqual({
      code: 'InvalidPrefixListID.NotFound',
      message: `The prefix list ID '${id}' does not exist`,
    });
  });
});
