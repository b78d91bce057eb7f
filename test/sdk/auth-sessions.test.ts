import { CreateVpcCommand, DescribeVpcsCommand, EC2Client } from '@aws-sdk/client-ec2';
import {
  AttachRolePolicyCommand,
  CreateRoleCommand,
  DeleteRolePolicyCommand,
  DeleteRoleCommand,
  GetUserCommand,
  IAMClient,
  ListUsersCommand,
  PutRolePolicyCommand,
} from '@aws-sdk/client-iam';
import {
  AssumeRoleCommand,
  type AssumeRoleCommandInput,
  GetCallerIdentityCommand,
  GetFederationTokenCommand,
  GetSessionTokenCommand,
  STSClient,
} from '@aws-sdk/client-sts';
import { describe, expect, test } from 'vitest';
import { refusal } from '#test/sdk/keiro.ts';
import { account, type Keys, keysOf, policy, trust, useSignedKeiro } from '#test/sdk/signed-keiro.ts';

const keiro = await useSignedKeiro();
const iam = keiro.client(IAMClient);
const roleArn = (name: string, owner = account) => `arn:aws:iam::${owner}:role/${name}`;

async function role(name: string, trustPolicy: string, document?: object): Promise<void> {
  await iam.send(new CreateRoleCommand({ RoleName: name, AssumeRolePolicyDocument: trustPolicy }));
  if (document)
    await iam.send(new PutRolePolicyCommand({ RoleName: name, PolicyName: 'inline', PolicyDocument: JSON.stringify(document) }));
}

async function assume(name: string, keys?: Keys, more: Partial<AssumeRoleCommandInput> = {}): Promise<Keys> {
  const call = new AssumeRoleCommand({ RoleArn: roleArn(name), RoleSessionName: 'session', ...more });
  return keysOf((await keiro.client(STSClient, keys).send(call)).Credentials);
}

const describeVpcs = (keys: Keys) => keiro.client(EC2Client, keys).send(new DescribeVpcsCommand());
const createVpc = (keys: Keys) => keiro.client(EC2Client, keys).send(new CreateVpcCommand({ CidrBlock: '10.0.0.0/16', DryRun: true }));

describe('who may assume a role', () => {
  test('in its own account: whom its trust policy names, or whom the account lets', async () => {
    await role('by-account', trust({ AWS: account }));
    const may = await keiro.user('may', policy({ Action: 'sts:AssumeRole', Resource: roleArn('by-account') }));
    const mayNot = await keiro.user('may-not');
    const never = await keiro.user('never', policy({ Effect: 'Deny', Action: 'sts:*' }));
    await role('by-name', trust({ AWS: ['may-not', 'never'].map((name) => `arn:aws:iam::${account}:user/${name}`) }));
    expect((await assume('by-account', may)).sessionToken).toBeTruthy();
    expect(await refusal(assume('by-account', mayNot))).toEqual({
      code: 'AccessDenied',
      message: `User: arn:aws:iam::${account}:user/may-not is not authorized to perform: sts:AssumeRole on resource: ${roleArn('by-account')} because no identity-based policy allows the sts:AssumeRole action`,
    });
    expect((await assume('by-name', mayNot)).sessionToken).toBeTruthy();
    expect(await refusal(assume('by-name', may))).toEqual({
      code: 'AccessDenied',
      message: `User: arn:aws:iam::${account}:user/may is not authorized to perform: sts:AssumeRole on resource: ${roleArn('by-name')}`,
    });
    expect(await refusal(assume('by-name', never))).toEqual({
      code: 'AccessDenied',
      message: `User: arn:aws:iam::${account}:user/never is not authorized to perform: sts:AssumeRole on resource: ${roleArn('by-name')} with an explicit deny in an identity-based policy`,
    });
  });

  test('in another account: both sides must let it', async () => {
    const there = '210987654321';
    const admin = await assume('', undefined, { RoleArn: roleArn('OrganizationAccountAccessRole', there) });
    expect(await keiro.client(STSClient, admin).send(new GetCallerIdentityCommand())).toMatchObject({ Account: there });
    const guest = await keiro.user('guest', policy({ Action: 'sts:AssumeRole' }));
    const stranger = await keiro.user('stranger');
    const thereIam = keiro.client(IAMClient, admin);
    await thereIam.send(
      new CreateRoleCommand({ RoleName: 'shared', AssumeRolePolicyDocument: trust({ AWS: `arn:aws:iam::${account}:user/guest` }) }),
    );
    await thereIam.send(new AttachRolePolicyCommand({ RoleName: 'shared', PolicyArn: 'arn:aws:iam::aws:policy/AmazonEC2ReadOnlyAccess' }));
    const RoleArn = roleArn('shared', there);
    const session = await assume('', guest, { RoleArn });
    expect((await describeVpcs(session)).Vpcs?.[0]?.OwnerId).toBe(there);
    await thereIam.send(
      new CreateRoleCommand({
        RoleName: 'for-stranger',
        AssumeRolePolicyDocument: trust({ AWS: `arn:aws:iam::${account}:user/stranger` }),
      }),
    );
    expect((await refusal(assume('', stranger, { RoleArn: roleArn('for-stranger', there) }))).message).toMatch(
      /because no identity-based policy allows the sts:AssumeRole action$/,
    );
  });
});

describe('a session of a role', () => {
  test('does what the role may, as it stands now', async () => {
    await role('changing', trust({ AWS: account }), policy({ Action: 'ec2:DescribeVpcs' }));
    const session = await assume('changing');
    expect((await describeVpcs(session)).Vpcs).toHaveLength(1);
    const denied = await refusal(keiro.client(IAMClient, session).send(new ListUsersCommand()));
    expect(denied).toEqual({
      code: 'AccessDenied',
      message: `User: arn:aws:sts::${account}:assumed-role/changing/session is not authorized to perform: iam:ListUsers on resource: arn:aws:iam::${account}:user/ because no identity-based policy allows the iam:ListUsers action`,
    });
    await iam.send(new DeleteRolePolicyCommand({ RoleName: 'changing', PolicyName: 'inline' }));
    expect((await refusal(describeVpcs(session))).code).toBe('UnauthorizedOperation');
    await iam.send(new DeleteRoleCommand({ RoleName: 'changing' }));
    expect((await refusal(describeVpcs(session))).code).toBe('UnauthorizedOperation');
    // Another role of the same name is another role.
    await role('changing', trust({ AWS: account }), policy({ Action: '*' }));
    expect((await refusal(describeVpcs(session))).code).toBe('UnauthorizedOperation');
  });

  test('does no more than its session policies', async () => {
    await role('wide', trust({ AWS: account }), policy({ Action: '*' }));
    const Policy = JSON.stringify(policy({ Action: 'ec2:Describe*' }));
    const narrow = await assume('wide', undefined, { Policy });
    expect((await describeVpcs(narrow)).Vpcs).toHaveLength(1);
    expect((await refusal(createVpc(narrow))).message).toMatch(/ because no session policy allows the ec2:CreateVpc action\. Encoded/);
    const managed = await assume('wide', undefined, { PolicyArns: [{ arn: 'arn:aws:iam::aws:policy/AmazonVPCFullAccess' }] });
    expect((await refusal(createVpc(managed))).code).toBe('DryRunOperation');
    expect((await refusal(keiro.client(IAMClient, managed).send(new ListUsersCommand()))).message).toMatch(
      /because no session policy allows the iam:ListUsers action$/,
    );
    const denying = await assume('wide', undefined, {
      Policy: JSON.stringify(policy({ Action: '*' }, { Effect: 'Deny', Action: 'ec2:CreateVpc' })),
    });
    expect((await refusal(createVpc(denying))).message).toMatch(/ with an explicit deny in a session policy\. Encoded/);
  });

  test('a session policy gives nothing', async () => {
    await role('weak', trust({ AWS: account }));
    const session = await assume('weak', undefined, { Policy: JSON.stringify(policy({ Action: '*' })) });
    expect((await refusal(describeVpcs(session))).message).toMatch(/because no identity-based policy allows the ec2:DescribeVpcs action$/);
  });

  test('carries tags to conditions', async () => {
    const statement = { Effect: 'Allow', Principal: { AWS: account }, Action: ['sts:AssumeRole', 'sts:TagSession'] };
    await role(
      'tagged',
      JSON.stringify({ Version: '2012-10-17', Statement: [statement] }),
      policy({ Action: 'ec2:DescribeVpcs', Condition: { StringEquals: { 'aws:PrincipalTag/team': 'blue' } } }),
    );
    expect((await describeVpcs(await assume('tagged', undefined, { Tags: [{ Key: 'team', Value: 'blue' }] }))).Vpcs).toHaveLength(1);
    expect((await refusal(describeVpcs(await assume('tagged', undefined, { Tags: [{ Key: 'team', Value: 'red' }] })))).code).toBe(
      'UnauthorizedOperation',
    );
    expect((await refusal(describeVpcs(await assume('tagged')))).code).toBe('UnauthorizedOperation');
  });
});

describe('a session of a user', () => {
  test('does what the user may, but nothing in IAM', async () => {
    const keys = await keiro.user('ann', policy({ Action: ['ec2:*', 'iam:*', 'sts:*'] }));
    const { Credentials } = await keiro.client(STSClient, keys).send(new GetSessionTokenCommand({}));
    const session = keysOf(Credentials);
    expect((await describeVpcs(session)).Vpcs).toHaveLength(1);
    expect(await refusal(keiro.client(IAMClient, session).send(new GetUserCommand({})))).toEqual({
      code: 'InvalidClientTokenId',
      message: 'The security token included in the request is invalid',
    });
    expect(await refusal(keiro.client(STSClient, session).send(new GetFederationTokenCommand({ Name: 'guest' })))).toEqual({
      code: 'AccessDenied',
      message: 'Cannot call GetFederationToken with session credentials',
    });
    await role('from-session', trust({ AWS: account }));
    expect((await assume('from-session', session)).sessionToken).toBeTruthy();
  });

  test('of somebody federated does what both the user and the policy allow', async () => {
    const keys = await keiro.user('host', policy({ Action: ['ec2:DescribeVpcs', 'sts:GetFederationToken'] }));
    const federate = async (Policy?: string) =>
      keysOf(
        (await keiro.client(STSClient, keys).send(new GetFederationTokenCommand({ Name: 'guest', ...(Policy ? { Policy } : {}) })))
          .Credentials,
      );
    const allowed = await federate(JSON.stringify(policy({ Action: 'ec2:*' })));
    expect((await describeVpcs(allowed)).Vpcs).toHaveLength(1);
    expect((await refusal(createVpc(allowed))).message).toMatch(/because no identity-based policy allows the ec2:CreateVpc action/);
    expect((await refusal(describeVpcs(await federate()))).message).toMatch(
      /because no session policy allows the ec2:DescribeVpcs action$/,
    );
    expect((await refusal(assume('from-session', allowed))).message).toBe('Cannot call AssumeRole with session credentials');
  });
});
