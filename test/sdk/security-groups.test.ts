import {
  AuthorizeSecurityGroupIngressCommand,
  CreateNetworkInterfaceCommand,
  CreateSecurityGroupCommand,
  CreateSubnetCommand,
  CreateVpcCommand,
  DeleteSecurityGroupCommand,
  DeleteVpcCommand,
  DescribeSecurityGroupsCommand,
  DescribeVpcsCommand,
  EC2Client,
  paginateDescribeSecurityGroups,
  RevokeSecurityGroupIngressCommand,
  type SecurityGroup,
  waitUntilSecurityGroupExists,
} from '@aws-sdk/client-ec2';
import { describe, expect, test } from 'vitest';
import { refusal, useKeiro } from '#test/sdk/keiro.ts';

const keiro = await useKeiro();

async function createVpc(ec2: EC2Client, ipv6 = false): Promise<string> {
  const { Vpc } = await ec2.send(new CreateVpcCommand({ CidrBlock: '10.0.0.0/16', AmazonProvidedIpv6CidrBlock: ipv6 }));
  return Vpc?.VpcId ?? '';
}

async function defaultVpcId(ec2: EC2Client): Promise<string> {
  const { Vpcs } = await ec2.send(new DescribeVpcsCommand({ Filters: [{ Name: 'is-default', Values: ['true'] }] }));
  return Vpcs?.[0]?.VpcId ?? '';
}

async function createGroup(ec2: EC2Client, VpcId: string | undefined, GroupName: string): Promise<string> {
  const { GroupId } = await ec2.send(new CreateSecurityGroupCommand({ GroupName, Description: `the group ${GroupName}`, VpcId }));
  return GroupId ?? '';
}

async function describeGroup(ec2: EC2Client, id: string): Promise<SecurityGroup | undefined> {
  const { SecurityGroups } = await ec2.send(new DescribeSecurityGroupsCommand({ GroupIds: [id] }));
  return SecurityGroups?.[0];
}

async function defaultGroup(ec2: EC2Client, vpcId: string): Promise<SecurityGroup | undefined> {
  const { SecurityGroups } = await ec2.send(
    new DescribeSecurityGroupsCommand({
      Filters: [
        { Name: 'vpc-id', Values: [vpcId] },
        { Name: 'group-name', Values: ['default'] },
      ],
    }),
  );
  expect(SecurityGroups).toHaveLength(1);
  return SecurityGroups?.[0];
}

async function named(ec2: EC2Client, Name: string, ...Values: string[]): Promise<(string | undefined)[]> {
  const { SecurityGroups } = await ec2.send(new DescribeSecurityGroupsCommand({ Filters: [{ Name, Values }] }));
  return (SecurityGroups ?? []).map((group) => group.GroupName);
}

describe('security groups', () => {
  test('are made with a rule that lets everything out, and deleted', async () => {
    const account = keiro.freshAccount();
    const ec2 = keiro.client(EC2Client, { account });
    const vpcId = await createVpc(ec2);
    const made = await ec2.send(
      new CreateSecurityGroupCommand({
        GroupName: 'web',
        Description: 'web servers',
        VpcId: vpcId,
        TagSpecifications: [{ ResourceType: 'security-group', Tags: [{ Key: 'Name', Value: 'w' }] }],
      }),
    );
    const id = made.GroupId ?? '';
    expect(id).toMatch(/^sg-0[0-9a-f]{16}$/);
    expect(made).toMatchObject({
      Tags: [{ Key: 'Name', Value: 'w' }],
      SecurityGroupArn: `arn:aws:ec2:eu-west-1:${account}:security-group/${id}`,
    });
    await waitUntilSecurityGroupExists({ client: ec2, maxWaitTime: 10 }, { GroupIds: [id] });
    expect(await describeGroup(ec2, id)).toEqual({
      GroupId: id,
      GroupName: 'web',
      Description: 'web servers',
      OwnerId: account,
      VpcId: vpcId,
      SecurityGroupArn: `arn:aws:ec2:eu-west-1:${account}:security-group/${id}`,
      IpPermissions: [],
      IpPermissionsEgress: [
        { IpProtocol: '-1', IpRanges: [{ CidrIp: '0.0.0.0/0' }], Ipv6Ranges: [], PrefixListIds: [], UserIdGroupPairs: [] },
      ],
      Tags: [{ Key: 'Name', Value: 'w' }],
    });
    expect(await ec2.send(new DeleteSecurityGroupCommand({ GroupId: id }))).toMatchObject({ Return: true, GroupId: id });
    expect(await refusal(ec2.send(new DescribeSecurityGroupsCommand({ GroupIds: [id] })))).toEqual({
      code: 'InvalidGroup.NotFound',
      message: `The security group '${id}' does not exist`,
    });
  });

  test('let IPv6 out too in a VPC that has an IPv6 block', async () => {
    const ec2 = keiro.client(EC2Client);
    const id = await createGroup(ec2, await createVpc(ec2, true), 'web');
    expect((await describeGroup(ec2, id))?.IpPermissionsEgress).toMatchObject([
      { IpProtocol: '-1', IpRanges: [{ CidrIp: '0.0.0.0/0' }], Ipv6Ranges: [{ CidrIpv6: '::/0' }] },
    ]);
  });

  test('go into the default VPC when none is named', async () => {
    const ec2 = keiro.client(EC2Client);
    const id = await createGroup(ec2, undefined, 'web');
    expect(await describeGroup(ec2, id)).toMatchObject({ VpcId: await defaultVpcId(ec2) });
    const { SecurityGroups } = await ec2.send(new DescribeSecurityGroupsCommand({ GroupNames: ['WEB'] }));
    expect(SecurityGroups).toMatchObject([{ GroupId: id }]);
    expect(await ec2.send(new DeleteSecurityGroupCommand({ GroupName: 'web' }))).toMatchObject({ GroupId: id });
  });

  test('of a default name come with every VPC and let their members reach each other', async () => {
    const account = keiro.freshAccount();
    const ec2 = keiro.client(EC2Client, { account });
    const vpcId = await createVpc(ec2);
    const group = await defaultGroup(ec2, vpcId);
    expect(group).toMatchObject({
      Description: 'default VPC security group',
      IpPermissions: [{ IpProtocol: '-1', IpRanges: [], UserIdGroupPairs: [{ GroupId: group?.GroupId, UserId: account }] }],
      IpPermissionsEgress: [{ IpProtocol: '-1', IpRanges: [{ CidrIp: '0.0.0.0/0' }] }],
    });
    expect(await refusal(ec2.send(new DeleteSecurityGroupCommand({ GroupId: group?.GroupId })))).toEqual({
      code: 'CannotDelete',
      message: `the specified group: "${group?.GroupId}" name: "default" cannot be deleted by a user`,
    });
    await ec2.send(new DeleteVpcCommand({ VpcId: vpcId }));
    expect(await refusal(ec2.send(new DescribeSecurityGroupsCommand({ GroupIds: [group?.GroupId ?? ''] })))).toMatchObject({
      code: 'InvalidGroup.NotFound',
    });
  });

  test('are described page by page', async () => {
    const ec2 = keiro.client(EC2Client);
    const vpcId = await createVpc(ec2);
    const ids: (string | undefined)[] = [(await defaultGroup(ec2, vpcId))?.GroupId];
    for (const name of ['a', 'b', 'c', 'd', 'e', 'f']) ids.push(await createGroup(ec2, vpcId, name));
    const seen: (string | undefined)[] = [];
    const pages = paginateDescribeSecurityGroups({ client: ec2, pageSize: 5 }, { Filters: [{ Name: 'vpc-id', Values: [vpcId] }] });
    const sizes: (number | undefined)[] = [];
    for await (const page of pages) {
      sizes.push(page.SecurityGroups?.length);
      seen.push(...(page.SecurityGroups ?? []).map((group) => group.GroupId));
    }
    expect(sizes).toEqual([5, 2]);
    expect(seen).toEqual(ids);
  });

  test('are filtered by what they are and by their rules', async () => {
    const account = keiro.freshAccount();
    const ec2 = keiro.client(EC2Client, { account });
    const vpcId = await createVpc(ec2);
    const [web, db] = [await createGroup(ec2, vpcId, 'web'), await createGroup(ec2, vpcId, 'db')];
    await ec2.send(
      new AuthorizeSecurityGroupIngressCommand({
        GroupId: web,
        IpPermissions: [
          {
            IpProtocol: 'tcp',
            FromPort: 80,
            ToPort: 81,
            IpRanges: [{ CidrIp: '192.0.2.0/24' }],
            Ipv6Ranges: [{ CidrIpv6: '2001:db8::/32' }],
          },
        ],
      }),
    );
    await ec2.send(
      new AuthorizeSecurityGroupIngressCommand({
        GroupId: db,
        IpPermissions: [{ IpProtocol: 'udp', FromPort: 53, ToPort: 53, UserIdGroupPairs: [{ GroupId: web }] }],
      }),
    );
    expect(await named(ec2, 'group-id', web)).toEqual(['web']);
    expect(await named(ec2, 'group-name', 'd?')).toEqual(['db']);
    expect(await named(ec2, 'description', 'the group *')).toEqual(['web', 'db']);
    expect(await named(ec2, 'owner-id', account)).toEqual(['default', 'default', 'web', 'db']);
    expect(await named(ec2, 'ip-permission.cidr', '192.0.2.0/24')).toEqual(['web']);
    expect(await named(ec2, 'ip-permission.ipv6-cidr', '2001:db8::/32')).toEqual(['web']);
    expect(await named(ec2, 'ip-permission.from-port', '80')).toEqual(['web']);
    expect(await named(ec2, 'ip-permission.to-port', '81', '53')).toEqual(['web', 'db']);
    expect(await named(ec2, 'ip-permission.protocol', 'udp')).toEqual(['db']);
    expect(await named(ec2, 'ip-permission.protocol', '6')).toEqual(['web']);
    expect(await named(ec2, 'ip-permission.group-id', web)).toEqual(['db']);
    expect(await named(ec2, 'ip-permission.group-name', 'web')).toEqual(['db']);
    expect(await named(ec2, 'ip-permission.user-id', account)).toEqual(['default', 'default', 'db']);
    expect(await named(ec2, 'egress.ip-permission.cidr', '0.0.0.0/0')).toHaveLength(4);
    expect(await named(ec2, 'egress.ip-permission.protocol', '-1')).toHaveLength(4);
    expect(await named(ec2, 'egress.ip-permission.from-port', '80')).toEqual([]);
    expect(await refusal(named(ec2, 'ip-permission.port', '80'))).toEqual({
      code: 'InvalidParameterValue',
      message: "The filter 'ip-permission.port' is invalid",
    });
  });

  test('with filters on different rules of one group are found', async () => {
    const ec2 = keiro.client(EC2Client);
    const id = await createGroup(ec2, await createVpc(ec2), 'web');
    await ec2.send(
      new AuthorizeSecurityGroupIngressCommand({
        GroupId: id,
        IpPermissions: [
          { IpProtocol: 'tcp', FromPort: 80, ToPort: 80, IpRanges: [{ CidrIp: '192.0.2.0/24' }] },
          { IpProtocol: 'udp', FromPort: 53, ToPort: 53, IpRanges: [{ CidrIp: '198.51.100.0/24' }] },
        ],
      }),
    );
    const { SecurityGroups } = await ec2.send(
      new DescribeSecurityGroupsCommand({
        Filters: [
          { Name: 'ip-permission.cidr', Values: ['192.0.2.0/24'] },
          { Name: 'ip-permission.protocol', Values: ['udp'] },
        ],
      }),
    );
    expect(SecurityGroups).toMatchObject([{ GroupId: id }]);
  });

  test('stay while an interface has them or a group of their VPC names them', async () => {
    const ec2 = keiro.client(EC2Client);
    const vpcId = await createVpc(ec2);
    const [web, db] = [await createGroup(ec2, vpcId, 'web'), await createGroup(ec2, vpcId, 'db')];
    const { Subnet } = await ec2.send(new CreateSubnetCommand({ VpcId: vpcId, CidrBlock: '10.0.0.0/24' }));
    await ec2.send(new CreateNetworkInterfaceCommand({ SubnetId: Subnet?.SubnetId, Groups: [db] }));
    const fromWeb = { IpProtocol: '-1', UserIdGroupPairs: [{ GroupId: web }] };
    await ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId: db, IpPermissions: [fromWeb] }));
    await ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId: web, IpPermissions: [fromWeb] }));
    for (const id of [web, db]) {
      expect(await refusal(ec2.send(new DeleteSecurityGroupCommand({ GroupId: id })))).toEqual({
        code: 'DependencyViolation',
        message: `resource ${id} has a dependent object`,
      });
    }
    await ec2.send(new RevokeSecurityGroupIngressCommand({ GroupId: db, IpPermissions: [fromWeb] }));
    await ec2.send(new DeleteSecurityGroupCommand({ GroupId: web }));
  });

  test.each([
    ['sg-web', 'web', 'Value (sg-web) for parameter GroupName is invalid. Group names may not be in the format sg-*.'],
    ['default', 'web', 'Cannot use reserved security group name: default'],
    ['ウェブ', 'web', 'Value (ウェブ) for parameter GroupName is invalid. Character sets beyond ASCII are not supported.'],
    [
      'a<b',
      'web',
      'Invalid security group name. Valid names are strings less than 256 characters from the following set:  a-zA-Z0-9. _-:/()#,@[]+=&;{}!$*',
    ],
    ['web', 'ウェブ', 'Value (ウェブ) for parameter GroupDescription is invalid. Character sets beyond ASCII are not supported.'],
    [
      'web',
      "the team's",
      'Invalid security group description. Valid descriptions are strings less than 256 characters from the following set:  a-zA-Z0-9. _-:/()#,@[]+=&;{}!$*',
    ],
    [
      'web',
      'x'.repeat(256),
      'Invalid security group description. Valid descriptions are strings less than 256 characters from the following set:  a-zA-Z0-9. _-:/()#,@[]+=&;{}!$*',
    ],
  ])('are refused as %j, %j', async (GroupName, Description, message) => {
    const ec2 = keiro.client(EC2Client);
    expect(await refusal(ec2.send(new CreateSecurityGroupCommand({ GroupName, Description })))).toEqual({
      code: 'InvalidParameterValue',
      message,
    });
  });

  test('have one name each in a VPC, whatever its case', async () => {
    const ec2 = keiro.client(EC2Client);
    const [one, other] = [await createVpc(ec2), await createVpc(ec2)];
    await createGroup(ec2, one, 'web');
    await createGroup(ec2, other, 'web');
    expect(await refusal(createGroup(ec2, one, 'Web'))).toEqual({
      code: 'InvalidGroup.Duplicate',
      message: `The security group 'Web' already exists for VPC '${one}'`,
    });
  });

  test('that do not exist are refused in the words of the mistake', async () => {
    const ec2 = keiro.client(EC2Client);
    const [first, second] = ['sg-0123456789abcdef0', 'sg-0123456789abcdef1'];
    const describing = (GroupIds: string[]) => refusal(ec2.send(new DescribeSecurityGroupsCommand({ GroupIds })));
    expect(await describing([first, second])).toEqual({
      code: 'InvalidGroup.NotFound',
      message: `The security groups '${first}', '${second}' do not exist`,
    });
    expect(await describing(['web'])).toEqual({ code: 'InvalidGroupId.Malformed', message: 'Invalid id: "web" (expecting "sg-...")' });
    expect(await describing(['sg-web'])).toEqual({ code: 'InvalidGroupId.Malformed', message: 'Invalid id: "sg-web"' });
    const vpcId = await defaultVpcId(ec2);
    expect(await refusal(ec2.send(new DescribeSecurityGroupsCommand({ GroupNames: ['web'] })))).toEqual({
      code: 'InvalidGroup.NotFound',
      message: `The security group 'web' does not exist in default VPC '${vpcId}'`,
    });
    expect(await refusal(ec2.send(new DeleteSecurityGroupCommand({})))).toEqual({
      code: 'MissingParameter',
      message: 'The request must contain the parameter groupName or groupId',
    });
    expect(await refusal(createGroup(ec2, 'vpc-0123456789abcdef0', 'web'))).toEqual({
      code: 'InvalidVpcID.NotFound',
      message: "The vpc ID 'vpc-0123456789abcdef0' does not exist",
    });
  });

  test('of another account or Region are not there', async () => {
    const account = keiro.freshAccount();
    const id = await createGroup(keiro.client(EC2Client, { account }), undefined, 'web');
    for (const stranger of [keiro.client(EC2Client), keiro.client(EC2Client, { account, region: 'us-east-1' })]) {
      expect(await refusal(stranger.send(new DeleteSecurityGroupCommand({ GroupId: id })))).toEqual({
        code: 'InvalidGroup.NotFound',
        message: `The security group '${id}' does not exist`,
      });
    }
  });
});
