import {
  AuthorizeSecurityGroupIngressCommand,
  CreateTagsCommand,
  CreateVpcCommand,
  DeleteVpcCommand,
  DescribeVpcsCommand,
  EC2Client,
  RunInstancesCommand,
} from '@aws-sdk/client-ec2';
import {
  AddUserToGroupCommand,
  AttachUserPolicyCommand,
  CreateGroupCommand,
  CreatePolicyCommand,
  CreateUserCommand,
  GetUserCommand,
  IAMClient,
  ListUsersCommand,
  PutGroupPolicyCommand,
  PutUserPermissionsBoundaryCommand,
  AddRoleToInstanceProfileCommand,
  CreateInstanceProfileCommand,
  CreateRoleCommand,
} from '@aws-sdk/client-iam';
import { ListServicesCommand, RequestServiceQuotaIncreaseCommand, ServiceQuotasClient } from '@aws-sdk/client-service-quotas';
import { DecodeAuthorizationMessageCommand, GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { describe, expect, test } from 'vitest';
import { refusal } from '#test/sdk/keiro.ts';
import { account, type Keys, policy, trust, useSignedKeiro } from '#test/sdk/signed-keiro.ts';

const keiro = await useSignedKeiro();
const vpcArn = `arn:aws:ec2:eu-west-1:${account}:vpc`;
const arnOf = (name: string) => `arn:aws:iam::${account}:user/${name}`;

const createVpc = (keys: Keys, more: object = {}, region = 'eu-west-1') =>
  keiro.client(EC2Client, keys, { region }).send(new CreateVpcCommand({ CidrBlock: '10.0.0.0/16', ...more }));

/** The message up to what only STS can read. */
async function unauthorized(call: Promise<unknown>): Promise<string> {
  const { code, message } = await refusal(call);
  expect(code).toBe('UnauthorizedOperation');
  return message.replace(/\. Encoded authorization failure message: [\w-]+$/, '');
}

describe('a user without policies', () => {
  test('may do nothing, in the words of each service', async () => {
    const keys = await keiro.user('nobody');
    expect(await refusal(keiro.client(EC2Client, keys).send(new DescribeVpcsCommand()))).toEqual({
      code: 'UnauthorizedOperation',
      message: `You are not authorized to perform this operation. User: ${arnOf('nobody')} is not authorized to perform: ec2:DescribeVpcs because no identity-based policy allows the ec2:DescribeVpcs action`,
    });
    expect(await unauthorized(createVpc(keys))).toBe(
      `You are not authorized to perform this operation. User: ${arnOf('nobody')} is not authorized to perform: ec2:CreateVpc on resource: ${vpcArn}/* because no identity-based policy allows the ec2:CreateVpc action`,
    );
    expect(await refusal(keiro.client(IAMClient, keys).send(new ListUsersCommand()))).toEqual({
      code: 'AccessDenied',
      message: `User: ${arnOf('nobody')} is not authorized to perform: iam:ListUsers on resource: arn:aws:iam::${account}:user/ because no identity-based policy allows the iam:ListUsers action`,
    });
    expect(await refusal(keiro.client(IAMClient, keys).send(new GetUserCommand({ UserName: 'nobody' })))).toEqual({
      code: 'AccessDenied',
      message: `User: ${arnOf('nobody')} is not authorized to perform: iam:GetUser on resource: user nobody because no identity-based policy allows the iam:GetUser action`,
    });
    expect(await refusal(keiro.client(ServiceQuotasClient, keys).send(new ListServicesCommand()))).toEqual({
      code: 'AccessDeniedException',
      message: `User: ${arnOf('nobody')} is not authorized to perform: servicequotas:ListServices because no identity-based policy allows the servicequotas:ListServices action`,
    });
    const raise = new RequestServiceQuotaIncreaseCommand({ ServiceCode: 'vpc', QuotaCode: 'L-F678F1CE', DesiredValue: 9 });
    expect((await refusal(keiro.client(ServiceQuotasClient, keys).send(raise))).message).toContain(
      `servicequotas:RequestServiceQuotaIncrease on resource: arn:aws:servicequotas:eu-west-1:${account}:vpc/L-F678F1CE because`,
    );
  });

  test('may ask who it is', async () => {
    const keys = await keiro.user('who');
    expect(await keiro.client(STSClient, keys).send(new GetCallerIdentityCommand())).toMatchObject({ Arn: arnOf('who') });
  });

  test('learns nothing by a dry run, not even whether its input is right', async () => {
    const keys = await keiro.user('dry');
    expect(await unauthorized(createVpc(keys, { DryRun: true }))).toContain(
      'because no identity-based policy allows the ec2:CreateVpc action',
    );
    expect(await unauthorized(createVpc(keys, { CidrBlock: '10.0.0.0/8' }))).toContain('because no identity-based policy allows');
    expect((await refusal(createVpc(await keiro.user('wet', policy({ Action: 'ec2:CreateVpc' })), { DryRun: true }))).code).toBe(
      'DryRunOperation',
    );
  });
});

describe('policies', () => {
  test('allow by action and resource', async () => {
    const { Vpc } = await createVpc(keiro.rootKeys);
    const keys = await keiro.user('scoped', policy({ Action: 'ec2:Delete*', Resource: `${vpcArn}/${Vpc?.VpcId}` }));
    const ec2 = keiro.client(EC2Client, keys);
    const other = 'vpc-0123456789abcdef0';
    expect(await unauthorized(ec2.send(new DeleteVpcCommand({ VpcId: other })))).toContain(
      `ec2:DeleteVpc on resource: ${vpcArn}/${other} because no`,
    );
    await ec2.send(new DeleteVpcCommand({ VpcId: Vpc?.VpcId }));
  });

  test('deny for good, and the denial names the managed policy', async () => {
    const iam = keiro.client(IAMClient);
    const document = JSON.stringify(policy({ Sid: 'NoVpcs', Effect: 'Deny', Action: 'ec2:CreateVpc' }));
    const { Policy } = await iam.send(new CreatePolicyCommand({ PolicyName: 'no-vpcs', PolicyDocument: document }));
    const keys = await keiro.user('denied', policy({ Action: '*' }));
    await iam.send(new AttachUserPolicyCommand({ UserName: 'denied', PolicyArn: Policy?.Arn }));
    expect(await unauthorized(createVpc(keys))).toBe(
      `You are not authorized to perform this operation. User: ${arnOf('denied')} is not authorized to perform: ec2:CreateVpc on resource: ${vpcArn}/* with an explicit deny in an identity-based policy: arn:aws:iam::${account}:policy/no-vpcs`,
    );
    const inline = await keiro.user('denied-inline', policy({ Action: '*' }, { Effect: 'Deny', Action: 'iam:*' }));
    expect(await refusal(keiro.client(IAMClient, inline).send(new ListUsersCommand()))).toEqual({
      code: 'AccessDenied',
      message: `User: ${arnOf('denied-inline')} is not authorized to perform: iam:ListUsers on resource: arn:aws:iam::${account}:user/ with an explicit deny in an identity-based policy`,
    });
  });

  test('are explained by STS', async () => {
    const keys = await keiro.user(
      'curious',
      policy({ Action: '*' }, { Sid: 'NoVpcs', Effect: 'Deny', Action: ['ec2:CreateVpc', 'ec2:DeleteVpc'] }),
    );
    const { message } = await refusal(createVpc(keys));
    const EncodedMessage = /message: ([\w-]+)$/.exec(message)?.[1];
    const { DecodedMessage } = await keiro.client(STSClient).send(new DecodeAuthorizationMessageCommand({ EncodedMessage }));
    expect(JSON.parse(DecodedMessage ?? '')).toMatchObject({
      allowed: false,
      explicitDeny: true,
      matchedStatements: {
        items: [
          {
            statementId: 'NoVpcs',
            effect: 'DENY',
            actions: { items: [{ value: 'ec2:CreateVpc' }, { value: 'ec2:DeleteVpc' }] },
            policy: { name: 'user_curious_inline', type: 'identity', statement: 2 },
          },
        ],
      },
      context: { principal: { name: 'curious', arn: arnOf('curious') }, action: 'ec2:CreateVpc', resource: `${vpcArn}/*` },
    });
    const invalid = { code: 'InvalidAuthorizationMessageException', message: 'The specified message is not valid.' };
    const decode = (text: string) => keiro.client(STSClient).send(new DecodeAuthorizationMessageCommand({ EncodedMessage: text }));
    expect(await refusal(decode('bm90IGEgbWVzc2FnZSBvZiB0aGlzIEtlaXJvLCBidXQgbG9uZw'))).toEqual(invalid);
    expect(await refusal(decode(`${EncodedMessage?.slice(0, -4)}AAAA`))).toEqual(invalid);
  });

  test('come by groups', async () => {
    const iam = keiro.client(IAMClient);
    const keys = await keiro.user('member');
    await iam.send(new CreateGroupCommand({ GroupName: 'networkers' }));
    await iam.send(
      new PutGroupPolicyCommand({ GroupName: 'networkers', PolicyName: 'p', PolicyDocument: JSON.stringify(policy({ Action: 'ec2:*' })) }),
    );
    await unauthorized(keiro.client(EC2Client, keys).send(new DescribeVpcsCommand()));
    await iam.send(new AddUserToGroupCommand({ GroupName: 'networkers', UserName: 'member' }));
    expect((await keiro.client(EC2Client, keys).send(new DescribeVpcsCommand())).Vpcs).toHaveLength(1);
  });

  test('of AWS work as published', async () => {
    const keys = await keiro.user('reader');
    await keiro
      .client(IAMClient)
      .send(new AttachUserPolicyCommand({ UserName: 'reader', PolicyArn: 'arn:aws:iam::aws:policy/AmazonEC2ReadOnlyAccess' }));
    expect((await keiro.client(EC2Client, keys).send(new DescribeVpcsCommand())).Vpcs).toHaveLength(1);
    await unauthorized(createVpc(keys));
  });

  test('hold conditions against the request', async () => {
    const keys = await keiro.user(
      'conditional',
      policy(
        { Action: 'ec2:CreateVpc', Condition: { StringEquals: { 'aws:RequestedRegion': 'eu-central-1' } } },
        {
          Action: 'ec2:DescribeVpcs',
          Condition: { IpAddress: { 'aws:SourceIp': '127.0.0.0/8' }, Bool: { 'aws:SecureTransport': 'false' } },
        },
        { Action: 'iam:ListUsers', Condition: { IpAddress: { 'aws:SourceIp': '192.0.2.0/24' } } },
      ),
    );
    await unauthorized(createVpc(keys));
    await createVpc(keys, {}, 'eu-central-1');
    expect((await keiro.client(EC2Client, keys).send(new DescribeVpcsCommand())).Vpcs).not.toHaveLength(0);
    expect((await refusal(keiro.client(IAMClient, keys).send(new ListUsersCommand()))).code).toBe('AccessDenied');
  });

  test('have variables', async () => {
    const keys = await keiro.user('self', policy({ Action: 'iam:GetUser', Resource: `arn:aws:iam::${account}:user/\${aws:username}` }));
    const iam = keiro.client(IAMClient, keys);
    expect((await iam.send(new GetUserCommand({ UserName: 'self' }))).User?.UserName).toBe('self');
    expect((await iam.send(new GetUserCommand({}))).User?.UserName).toBe('self');
    expect(await refusal(iam.send(new GetUserCommand({ UserName: 'nobody' })))).toEqual({
      code: 'AccessDenied',
      message: `User: ${arnOf('self')} is not authorized to perform: iam:GetUser on resource: user nobody because no identity-based policy allows the iam:GetUser action`,
    });
  });

  test('can ask for tags, and tagging what is made is a call of its own', async () => {
    const tagged = (value: string) => ({ TagSpecifications: [{ ResourceType: 'vpc' as const, Tags: [{ Key: 'team', Value: value }] }] });
    const statement = { Action: 'ec2:CreateVpc', Condition: { StringEquals: { 'aws:RequestTag/team': 'blue' } } };
    const only = await keiro.user('tagger', policy(statement));
    await unauthorized(createVpc(only));
    await unauthorized(createVpc(only, tagged('red')));
    expect(await unauthorized(createVpc(only, tagged('blue')))).toContain(
      `ec2:CreateTags on resource: ${vpcArn}/* because no identity-based policy`,
    );
    const both = await keiro.user(
      'full-tagger',
      policy(statement, { Action: 'ec2:CreateTags', Condition: { StringEquals: { 'ec2:CreateAction': 'CreateVpc' } } }),
    );
    const { Vpc } = await createVpc(both, tagged('blue'));
    // Later, on a VPC that is there, the same user may not.
    const later = new CreateTagsCommand({ Resources: [Vpc?.VpcId ?? ''], Tags: [{ Key: 'team', Value: 'red' }] });
    expect(await unauthorized(keiro.client(EC2Client, both).send(later))).toContain(
      `ec2:CreateTags on resource: ${vpcArn}/${Vpc?.VpcId} because`,
    );
  });

  test('can ask for the tags of what is there', async () => {
    const root = keiro.client(EC2Client, undefined, { region: 'eu-north-1' });
    const made = async (team: string) => {
      const tags = [{ ResourceType: 'vpc' as const, Tags: [{ Key: 'team', Value: team }] }];
      return (await root.send(new CreateVpcCommand({ CidrBlock: '10.0.0.0/16', TagSpecifications: tags }))).Vpc?.VpcId;
    };
    const keys = await keiro.user(
      'owner',
      policy({ Action: 'ec2:DeleteVpc', Condition: { StringEquals: { 'aws:ResourceTag/team': 'blue' } } }),
    );
    const ec2 = keiro.client(EC2Client, keys, { region: 'eu-north-1' });
    await unauthorized(ec2.send(new DeleteVpcCommand({ VpcId: await made('red') })));
    await ec2.send(new DeleteVpcCommand({ VpcId: await made('blue') }));
    await keiro.client(IAMClient).send(new CreateUserCommand({ UserName: 'colleague', Tags: [{ Key: 'team', Value: 'blue' }] }));
    const reader = await keiro.user('hr', policy({ Action: 'iam:GetUser', Condition: { StringLike: { 'iam:ResourceTag/team': 'bl*' } } }));
    expect((await keiro.client(IAMClient, reader).send(new GetUserCommand({ UserName: 'colleague' }))).User?.UserName).toBe('colleague');
    expect((await refusal(keiro.client(IAMClient, reader).send(new GetUserCommand({ UserName: 'owner' })))).code).toBe('AccessDenied');
  });

  test('see every resource of a call', async () => {
    const group = 'sg-0123456789abcdef0';
    const keys = await keiro.user(
      'ruler',
      policy({ Action: 'ec2:AuthorizeSecurityGroupIngress', Resource: `arn:aws:ec2:eu-west-1:${account}:security-group/${group}` }),
    );
    const call = new AuthorizeSecurityGroupIngressCommand({
      GroupId: group,
      IpPermissions: [{ IpProtocol: '-1', UserIdGroupPairs: [{ GroupId: 'sg-0aaaaaaaaaaaaaaaa' }] }],
    });
    expect(await unauthorized(keiro.client(EC2Client, keys).send(call))).toContain(
      `ec2:AuthorizeSecurityGroupIngress on resource: arn:aws:ec2:eu-west-1:${account}:security-group-rule/* because`,
    );
  });

  test('are bounded by a permissions boundary', async () => {
    const iam = keiro.client(IAMClient);
    const keys = await keiro.user('bounded', policy({ Action: '*' }));
    const document = JSON.stringify(policy({ Action: 'ec2:*' }, { Effect: 'Deny', Action: 'ec2:DeleteVpc' }));
    const { Policy } = await iam.send(new CreatePolicyCommand({ PolicyName: 'bounds', PolicyDocument: document }));
    await iam.send(new PutUserPermissionsBoundaryCommand({ UserName: 'bounded', PermissionsBoundary: Policy?.Arn }));
    await createVpc(keys, {}, 'eu-west-2');
    expect(await refusal(keiro.client(IAMClient, keys).send(new ListUsersCommand()))).toEqual({
      code: 'AccessDenied',
      message: `User: ${arnOf('bounded')} is not authorized to perform: iam:ListUsers on resource: arn:aws:iam::${account}:user/ because no permissions boundary allows the iam:ListUsers action`,
    });
    const erase = new DeleteVpcCommand({ VpcId: 'vpc-0123456789abcdef0' });
    expect(await unauthorized(keiro.client(EC2Client, keys).send(erase))).toBe(
      `You are not authorized to perform this operation. User: ${arnOf('bounded')} is not authorized to perform: ec2:DeleteVpc on resource: ${vpcArn}/vpc-0123456789abcdef0 with an explicit deny in a permissions boundary: arn:aws:iam::${account}:policy/bounds`,
    );
  });

  test('guard which role an instance gets', async () => {
    const iam = keiro.client(IAMClient);
    await iam.send(new CreateRoleCommand({ RoleName: 'web', AssumeRolePolicyDocument: trust({ Service: 'ec2.amazonaws.com' }) }));
    await iam.send(new CreateInstanceProfileCommand({ InstanceProfileName: 'web-profile' }));
    await iam.send(new AddRoleToInstanceProfileCommand({ InstanceProfileName: 'web-profile', RoleName: 'web' }));
    const keys = await keiro.user('launcher', policy({ Action: 'ec2:*' }));
    const launch = new RunInstancesCommand({
      ImageId: 'ami-0123456789abcdef0',
      MinCount: 1,
      MaxCount: 1,
      IamInstanceProfile: { Name: 'web-profile' },
    });
    expect(await unauthorized(keiro.client(EC2Client, keys).send(launch))).toBe(
      `You are not authorized to perform this operation. User: ${arnOf('launcher')} is not authorized to perform: iam:PassRole on resource: arn:aws:iam::${account}:role/web because no identity-based policy allows the iam:PassRole action`,
    );
  });
});

test('root is bound by no policy', async () => {
  await keiro.client(IAMClient).send(new CreateUserCommand({ UserName: 'made-by-root' }));
  expect((await keiro.client(IAMClient).send(new GetUserCommand({ UserName: 'made-by-root' }))).User?.Arn).toBe(arnOf('made-by-root'));
});

test('a reset forgets users, but not how to explain a denial', async () => {
  const before = await keiro.user('forgotten');
  expect((await fetch(`${keiro.endpoint}/_keiro/reset`, { method: 'POST' })).ok).toBe(true);
  expect((await refusal(keiro.client(STSClient, before).send(new GetCallerIdentityCommand()))).code).toBe('InvalidClientTokenId');
  const { message } = await refusal(createVpc(await keiro.user('remembered')));
  const EncodedMessage = /message: ([\w-]+)$/.exec(message)?.[1];
  const { DecodedMessage } = await keiro.client(STSClient).send(new DecodeAuthorizationMessageCommand({ EncodedMessage }));
  expect(JSON.parse(DecodedMessage ?? '')).toMatchObject({ context: { principal: { name: 'remembered' } } });
});
