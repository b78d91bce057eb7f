import {
  AddUserToGroupCommand,
  AttachUserPolicyCommand,
  ChangePasswordCommand,
  CreateAccountAliasCommand,
  CreateGroupCommand,
  CreatePolicyCommand,
  CreateRoleCommand,
  CreateUserCommand,
  DeleteAccountAliasCommand,
  GetAccountAuthorizationDetailsCommand,
  GetAccountSummaryCommand,
  GetContextKeysForCustomPolicyCommand,
  GetContextKeysForPrincipalPolicyCommand,
  IAMClient,
  ListAccountAliasesCommand,
  PutUserPolicyCommand,
  SimulateCustomPolicyCommand,
  SimulatePrincipalPolicyCommand,
} from '@aws-sdk/client-iam';
import { describe, expect, test } from 'vitest';
import { refusal, useKeiro } from '#test/sdk/keiro.ts';
import { policy, trust } from '#test/sdk/signed-keiro.ts';

const keiro = await useKeiro();

describe('the account', () => {
  test('has an alias that nobody else has', async () => {
    const iam = keiro.client(IAMClient);
    const other = keiro.client(IAMClient);
    await iam.send(new CreateAccountAliasCommand({ AccountAlias: 'our-lab' }));
    expect(await refusal(other.send(new CreateAccountAliasCommand({ AccountAlias: 'our-lab' })))).toEqual({
      code: 'EntityAlreadyExistsException',
      message: 'The account alias our-lab already exists.',
    });
    await iam.send(new CreateAccountAliasCommand({ AccountAlias: 'another-lab' }));
    expect((await iam.send(new ListAccountAliasesCommand({}))).AccountAliases).toEqual(['another-lab']);
    await other.send(new CreateAccountAliasCommand({ AccountAlias: 'our-lab' }));
    expect(await refusal(iam.send(new DeleteAccountAliasCommand({ AccountAlias: 'our-lab' })))).toEqual({
      code: 'NoSuchEntityException',
      message: 'The account alias our-lab cannot be found.',
    });
    await iam.send(new DeleteAccountAliasCommand({ AccountAlias: 'another-lab' }));
    expect((await iam.send(new ListAccountAliasesCommand({}))).AccountAliases).toEqual([]);
    expect((await refusal(iam.send(new CreateAccountAliasCommand({ AccountAlias: 'No_Capitals' })))).code).toBe('ValidationError');
  });

  test('sums up what it has and may have', async () => {
    const iam = keiro.client(IAMClient);
    await iam.send(new CreateUserCommand({ UserName: 'ann' }));
    await iam.send(new CreatePolicyCommand({ PolicyName: 'p', PolicyDocument: JSON.stringify(policy({ Action: '*' })) }));
    const { SummaryMap } = await iam.send(new GetAccountSummaryCommand({}));
    expect(SummaryMap).toMatchObject({
      Users: 1,
      Groups: 0,
      Policies: 1,
      UsersQuota: 5000,
      RolesQuota: 1000,
      AccessKeysPerUserQuota: 2,
      PolicySizeQuota: 6144,
    });
  });

  test('tells everything at once', async () => {
    const iam = keiro.client(IAMClient);
    const document = JSON.stringify(policy({ Action: 'ec2:*' }));
    await iam.send(new CreateUserCommand({ UserName: 'ann' }));
    await iam.send(new CreateGroupCommand({ GroupName: 'g' }));
    await iam.send(new AddUserToGroupCommand({ GroupName: 'g', UserName: 'ann' }));
    await iam.send(new CreateRoleCommand({ RoleName: 'r', AssumeRolePolicyDocument: trust({ Service: 'ec2.amazonaws.com' }) }));
    const { Policy } = await iam.send(new CreatePolicyCommand({ PolicyName: 'p', PolicyDocument: document }));
    await iam.send(new AttachUserPolicyCommand({ UserName: 'ann', PolicyArn: Policy?.Arn }));
    await iam.send(new AttachUserPolicyCommand({ UserName: 'ann', PolicyArn: 'arn:aws:iam::aws:policy/PowerUserAccess' }));
    await iam.send(new PutUserPolicyCommand({ UserName: 'ann', PolicyName: 'inline', PolicyDocument: document }));
    const all = await iam.send(new GetAccountAuthorizationDetailsCommand({}));
    expect(all).toMatchObject({
      UserDetailList: [
        {
          UserName: 'ann',
          GroupList: ['g'],
          AttachedManagedPolicies: [{ PolicyName: 'p' }, { PolicyName: 'PowerUserAccess' }],
          UserPolicyList: [{ PolicyName: 'inline', PolicyDocument: encodeURIComponent(document).replaceAll('*', '%2A') }],
        },
      ],
      GroupDetailList: [{ GroupName: 'g' }],
      RoleDetailList: [{ RoleName: 'r', InstanceProfileList: [] }],
      IsTruncated: false,
    });
    expect(all.Policies?.map(({ PolicyName }) => PolicyName)).toEqual(['PowerUserAccess', 'p']);
    expect(await iam.send(new GetAccountAuthorizationDetailsCommand({ Filter: ['Role'] }))).toMatchObject({
      UserDetailList: [],
      RoleDetailList: [{ RoleName: 'r' }],
      Policies: [],
    });
  });

  test('has no passwords yet', async () => {
    const change = new ChangePasswordCommand({ OldPassword: 'a', NewPassword: 'b' });
    expect(await refusal(keiro.client(IAMClient).send(change))).toEqual({
      code: 'NotImplemented',
      message: "Keiro does not implement iam ChangePassword yet. 'keiro coverage' lists what it does implement.",
    });
  });
});

describe('the policy simulator', () => {
  const spaced =
    '{\n  "Version": "2012-10-17",\n  "Statement": [\n    { "Effect": "Allow", "Action": "ec2:*", "Resource": "*" },\n    { "Effect": "Deny", "Action": "ec2:DeleteVpc", "Resource": "*" }\n  ]\n}';

  test('says what policies allow, and which statement decides', async () => {
    const iam = keiro.client(IAMClient);
    const { EvaluationResults } = await iam.send(
      new SimulateCustomPolicyCommand({ PolicyInputList: [spaced], ActionNames: ['ec2:CreateVpc', 'ec2:DeleteVpc', 'iam:ListUsers'] }),
    );
    expect(EvaluationResults).toMatchObject([
      {
        EvalActionName: 'ec2:CreateVpc',
        EvalResourceName: '*',
        EvalDecision: 'allowed',
        MatchedStatements: [{ SourcePolicyId: 'PolicyInputList.1' }],
      },
      {
        EvalActionName: 'ec2:DeleteVpc',
        EvalDecision: 'explicitDeny',
        MatchedStatements: [
          { SourcePolicyId: 'PolicyInputList.1', StartPosition: { Line: 5, Column: 5 }, EndPosition: { Line: 5, Column: 69 } },
        ],
      },
      { EvalActionName: 'iam:ListUsers', EvalDecision: 'implicitDeny', MatchedStatements: [] },
    ]);
  });

  test('asks a user’s own policies', async () => {
    const account = keiro.freshAccount();
    const iam = keiro.client(IAMClient, { account });
    await iam.send(new CreateUserCommand({ UserName: 'ann' }));
    const document = policy({
      Action: 'iam:*',
      Resource: `arn:aws:iam::${account}:user/\${aws:username}`,
      Condition: { StringEquals: { 'aws:RequestedRegion': 'us-east-1' } },
    });
    await iam.send(new PutUserPolicyCommand({ UserName: 'ann', PolicyName: 'self', PolicyDocument: JSON.stringify(document) }));
    const PolicySourceArn = `arn:aws:iam::${account}:user/ann`;
    const ContextEntries = [{ ContextKeyName: 'aws:RequestedRegion', ContextKeyType: 'string' as const, ContextKeyValues: ['us-east-1'] }];
    const ResourceArns = ['ann', 'bob'].map((name) => `arn:aws:iam::${account}:user/${name}`);
    const call = { PolicySourceArn, ActionNames: ['iam:GetUser'], ResourceArns };
    const { EvaluationResults } = await iam.send(new SimulatePrincipalPolicyCommand({ ...call, ContextEntries }));
    expect(EvaluationResults).toMatchObject([
      {
        EvalResourceName: ResourceArns[0],
        EvalDecision: 'allowed',
        MatchedStatements: [{ SourcePolicyId: 'user_ann_self' }],
        MissingContextValues: [],
      },
      { EvalResourceName: ResourceArns[1], EvalDecision: 'implicitDeny' },
    ]);
    const without = await iam.send(new SimulatePrincipalPolicyCommand(call));
    expect(without.EvaluationResults?.[0]).toMatchObject({ EvalDecision: 'implicitDeny', MissingContextValues: ['aws:RequestedRegion'] });
    const bounded = await iam.send(
      new SimulatePrincipalPolicyCommand({
        ...call,
        ContextEntries,
        PermissionsBoundaryPolicyInputList: [JSON.stringify(policy({ Action: 'ec2:*' }))],
      }),
    );
    expect(bounded.EvaluationResults?.[0]).toMatchObject({
      EvalDecision: 'implicitDeny',
      PermissionsBoundaryDecisionDetail: { AllowedByPermissionsBoundary: false },
    });
    const { ContextKeyNames } = await iam.send(new GetContextKeysForPrincipalPolicyCommand({ PolicySourceArn }));
    expect(ContextKeyNames).toEqual(['aws:RequestedRegion', 'aws:username']);
    expect(await refusal(iam.send(new SimulatePrincipalPolicyCommand({ ...call, PolicySourceArn: `${PolicySourceArn}x` })))).toEqual({
      code: 'NoSuchEntityException',
      message: 'The user with name annx cannot be found.',
    });
  });

  test('refuses what it cannot ask', async () => {
    const iam = keiro.client(IAMClient);
    const custom = { PolicyInputList: [spaced], ActionNames: ['ec2:CreateVpc'] };
    expect(await refusal(iam.send(new SimulateCustomPolicyCommand({ ...custom, ActionNames: ['CreateVpc'] })))).toEqual({
      code: 'InvalidInputException',
      message: 'Invalid Action Name: CreateVpc',
    });
    expect((await refusal(iam.send(new SimulateCustomPolicyCommand({ ...custom, ResourcePolicy: spaced })))).code).toBe(
      'InvalidInputException',
    );
    expect((await refusal(iam.send(new SimulateCustomPolicyCommand({ ...custom, PolicyInputList: ['{'] })))).code).toBe(
      'InvalidInputException',
    );
    const { ContextKeyNames } = await iam.send(new GetContextKeysForCustomPolicyCommand({ PolicyInputList: [spaced] }));
    expect(ContextKeyNames).toEqual([]);
  });
});
