import {
  AttachRolePolicyCommand,
  AttachUserPolicyCommand,
  CreatePolicyCommand,
  CreatePolicyVersionCommand,
  CreateRoleCommand,
  CreateUserCommand,
  DeletePolicyCommand,
  DeletePolicyVersionCommand,
  DeleteUserPolicyCommand,
  DetachUserPolicyCommand,
  GetPolicyCommand,
  GetPolicyVersionCommand,
  GetUserPolicyCommand,
  IAMClient,
  ListAttachedUserPoliciesCommand,
  ListEntitiesForPolicyCommand,
  ListPoliciesCommand,
  ListPolicyTagsCommand,
  ListPolicyVersionsCommand,
  ListUserPoliciesCommand,
  paginateListPolicies,
  PutUserPermissionsBoundaryCommand,
  PutUserPolicyCommand,
  SetDefaultPolicyVersionCommand,
  TagPolicyCommand,
  UntagPolicyCommand,
} from '@aws-sdk/client-iam';
import { describe, expect, test } from 'vitest';
import { refusal, useKeiro } from '#test/sdk/keiro.ts';
import { policy, trust } from '#test/sdk/signed-keiro.ts';

const keiro = await useKeiro();
const PolicyName = 'networking';
const document = (action = 'ec2:*') => JSON.stringify(policy({ Action: action }));

async function withPolicy(more: object = {}) {
  const account = keiro.freshAccount();
  const iam = keiro.client(IAMClient, { account });
  const { Policy } = await iam.send(new CreatePolicyCommand({ PolicyName, PolicyDocument: document(), ...more }));
  await iam.send(new CreateUserCommand({ UserName: 'ann' }));
  return { account, iam, policy: Policy, PolicyArn: Policy?.Arn };
}

describe('managed policies', () => {
  test('are made, read, listed and deleted', async () => {
    const { account, iam, PolicyArn } = await withPolicy({ Path: '/net/', Description: 'for networks', Tags: [{ Key: 'a', Value: '1' }] });
    expect(PolicyArn).toBe(`arn:aws:iam::${account}:policy/net/networking`);
    const { Policy } = await iam.send(new GetPolicyCommand({ PolicyArn }));
    expect(Policy).toMatchObject({
      PolicyName,
      PolicyId: expect.stringMatching(/^ANPA[A-Z2-7]{17}$/),
      Path: '/net/',
      DefaultVersionId: 'v1',
      AttachmentCount: 0,
      PermissionsBoundaryUsageCount: 0,
      IsAttachable: true,
      Description: 'for networks',
      Tags: [{ Key: 'a', Value: '1' }],
    });
    expect((await iam.send(new ListPoliciesCommand({ Scope: 'Local' }))).Policies).toMatchObject([{ Arn: PolicyArn }]);
    expect((await iam.send(new ListPoliciesCommand({ Scope: 'Local', PathPrefix: '/other/' }))).Policies).toEqual([]);
    await iam.send(new TagPolicyCommand({ PolicyArn, Tags: [{ Key: 'b', Value: '2' }] }));
    await iam.send(new UntagPolicyCommand({ PolicyArn, TagKeys: ['a'] }));
    expect((await iam.send(new ListPolicyTagsCommand({ PolicyArn }))).Tags).toEqual([{ Key: 'b', Value: '2' }]);
    await iam.send(new DeletePolicyCommand({ PolicyArn }));
    const gone = { code: 'NoSuchEntityException', message: `Policy ${PolicyArn} was not found.` };
    expect(await refusal(iam.send(new GetPolicyCommand({ PolicyArn })))).toEqual(gone);
    expect(await refusal(iam.send(new DeletePolicyCommand({ PolicyArn })))).toEqual(gone);
  });

  test('have unique names, whatever their paths', async () => {
    const { iam } = await withPolicy();
    expect(await refusal(iam.send(new CreatePolicyCommand({ PolicyName: 'Networking', Path: '/x/', PolicyDocument: document() })))).toEqual(
      {
        code: 'EntityAlreadyExistsException',
        message: 'A policy called Networking already exists. Duplicate names are not allowed.',
      },
    );
  });

  test('of AWS are there, and are nobody else’s to change', async () => {
    const { iam, account } = await withPolicy();
    const PolicyArn = 'arn:aws:iam::aws:policy/AdministratorAccess';
    const { Policy } = await iam.send(new GetPolicyCommand({ PolicyArn }));
    expect(Policy).toMatchObject({ PolicyName: 'AdministratorAccess', DefaultVersionId: 'v1' });
    const { PolicyVersion } = await iam.send(new GetPolicyVersionCommand({ PolicyArn, VersionId: 'v1' }));
    expect(JSON.parse(decodeURIComponent(PolicyVersion?.Document ?? ''))).toEqual({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }],
    });
    expect(await refusal(iam.send(new DeletePolicyCommand({ PolicyArn })))).toEqual({
      code: 'AccessDenied',
      message: `User: arn:aws:iam::${account}:root is not authorized to perform: iam:DeletePolicy on resource: policy ${PolicyArn}`,
    });
    const names: (string | undefined)[] = [];
    for await (const { Policies } of paginateListPolicies({ client: iam, pageSize: 10 }, { Scope: 'AWS' })) {
      names.push(...(Policies ?? []).map(({ PolicyName: name }) => name));
    }
    expect(names).toEqual(
      expect.arrayContaining(['AmazonVPCFullAccess', 'AmazonEC2ReadOnlyAccess', 'IAMFullAccess', 'PowerUserAccess', 'ReadOnlyAccess']),
    );
    expect(new Set(names).size).toBe(names.length);
  });

  test('have up to five versions, of which one holds', async () => {
    const { iam, PolicyArn } = await withPolicy();
    for (let i = 2; i <= 5; i++) {
      const { PolicyVersion } = await iam.send(
        new CreatePolicyVersionCommand({ PolicyArn, PolicyDocument: document(`ec2:Get${i}`), SetAsDefault: i === 3 }),
      );
      expect(PolicyVersion).toMatchObject({ VersionId: `v${i}`, IsDefaultVersion: i === 3 });
    }
    expect(await refusal(iam.send(new CreatePolicyVersionCommand({ PolicyArn, PolicyDocument: document() })))).toEqual({
      code: 'LimitExceededException',
      message: 'A managed policy can have up to 5 versions. Before you create a new version, you must delete an existing version.',
    });
    expect((await iam.send(new GetPolicyCommand({ PolicyArn }))).Policy?.DefaultVersionId).toBe('v3');
    const { Versions } = await iam.send(new ListPolicyVersionsCommand({ PolicyArn }));
    expect(Versions?.map(({ VersionId }) => VersionId)).toEqual(['v5', 'v4', 'v3', 'v2', 'v1']);
    expect(await refusal(iam.send(new DeletePolicyVersionCommand({ PolicyArn, VersionId: 'v3' })))).toEqual({
      code: 'DeleteConflictException',
      message: 'Cannot delete the default version of a policy.',
    });
    await iam.send(new DeletePolicyVersionCommand({ PolicyArn, VersionId: 'v1' }));
    const { PolicyVersion } = await iam.send(new CreatePolicyVersionCommand({ PolicyArn, PolicyDocument: document() }));
    expect(PolicyVersion?.VersionId).toBe('v6');
    await iam.send(new SetDefaultPolicyVersionCommand({ PolicyArn, VersionId: 'v2' }));
    expect((await iam.send(new GetPolicyVersionCommand({ PolicyArn, VersionId: 'v2' }))).PolicyVersion?.IsDefaultVersion).toBe(true);
    expect(await refusal(iam.send(new GetPolicyVersionCommand({ PolicyArn, VersionId: 'v1' })))).toEqual({
      code: 'NoSuchEntityException',
      message: `Policy ${PolicyArn} version v1 does not exist or is not attachable.`,
    });
    expect(await refusal(iam.send(new GetPolicyVersionCommand({ PolicyArn, VersionId: '1' })))).toEqual({
      code: 'ValidationError',
      message:
        "1 validation error detected: Value '1' at 'versionId' failed to satisfy constraint: Member must satisfy regular expression pattern: v[1-9][0-9]*(\\.[A-Za-z0-9-]*)?",
    });
    expect((await refusal(iam.send(new DeletePolicyCommand({ PolicyArn })))).code).toBe('DeleteConflictException');
  });

  test('say what they hang on', async () => {
    const { iam, PolicyArn } = await withPolicy();
    await iam.send(new CreateRoleCommand({ RoleName: 'worker', AssumeRolePolicyDocument: trust({ Service: 'ec2.amazonaws.com' }) }));
    await iam.send(new CreateUserCommand({ UserName: 'bob' }));
    await iam.send(new AttachUserPolicyCommand({ UserName: 'ann', PolicyArn }));
    await iam.send(new AttachRolePolicyCommand({ RoleName: 'worker', PolicyArn }));
    await iam.send(new PutUserPermissionsBoundaryCommand({ UserName: 'bob', PermissionsBoundary: PolicyArn }));
    expect((await iam.send(new GetPolicyCommand({ PolicyArn }))).Policy).toMatchObject({
      AttachmentCount: 2,
      PermissionsBoundaryUsageCount: 1,
    });
    expect(await iam.send(new ListEntitiesForPolicyCommand({ PolicyArn }))).toMatchObject({
      PolicyUsers: [{ UserName: 'ann' }, { UserName: 'bob' }],
      PolicyRoles: [{ RoleName: 'worker' }],
      PolicyGroups: [],
    });
    const bound = await iam.send(new ListEntitiesForPolicyCommand({ PolicyArn, PolicyUsageFilter: 'PermissionsBoundary' }));
    expect(bound).toMatchObject({ PolicyUsers: [{ UserName: 'bob' }], PolicyRoles: [] });
    expect(await iam.send(new ListEntitiesForPolicyCommand({ PolicyArn, EntityFilter: 'Role' }))).toMatchObject({
      PolicyUsers: [],
      PolicyRoles: [{ RoleName: 'worker' }],
    });
    expect((await iam.send(new ListPoliciesCommand({ OnlyAttached: true }))).Policies).toMatchObject([{ Arn: PolicyArn }]);
    expect(await refusal(iam.send(new DeletePolicyCommand({ PolicyArn })))).toEqual({
      code: 'DeleteConflictException',
      message: 'Cannot delete a policy attached to entities.',
    });
    expect((await iam.send(new ListAttachedUserPoliciesCommand({ UserName: 'ann' }))).AttachedPolicies).toEqual([
      { PolicyName, PolicyArn },
    ]);
    await iam.send(new DetachUserPolicyCommand({ UserName: 'ann', PolicyArn }));
    expect(await refusal(iam.send(new DetachUserPolicyCommand({ UserName: 'ann', PolicyArn })))).toEqual({
      code: 'NoSuchEntityException',
      message: `Policy ${PolicyArn} was not found.`,
    });
  });

  test('must exist to be attached', async () => {
    const { iam, account } = await withPolicy();
    for (const PolicyArn of ['arn:aws:iam::aws:policy/NoSuchPolicy', `arn:aws:iam::${account}:policy/path/networking`]) {
      expect(await refusal(iam.send(new AttachUserPolicyCommand({ UserName: 'ann', PolicyArn })))).toEqual({
        code: 'NoSuchEntityException',
        message: `Policy ${PolicyArn} does not exist or is not attachable.`,
      });
    }
  });

  test('are 6,144 characters at most, white space aside', async () => {
    const { iam } = await withPolicy();
    const actions = Array.from({ length: 400 }, (_, i) => `ec2:Describe${i}`);
    const long = JSON.stringify(policy({ Action: actions }));
    expect(await refusal(iam.send(new CreatePolicyCommand({ PolicyName: 'long', PolicyDocument: long })))).toEqual({
      code: 'LimitExceededException',
      message: 'Cannot exceed quota for PolicySize: 6144',
    });
    await iam.send(new CreatePolicyCommand({ PolicyName: 'spaced', PolicyDocument: document() + ' '.repeat(7000) }));
  });
});

describe('a policy document is refused', () => {
  const statement = (more: object) =>
    JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 'ec2:*', Resource: '*', ...more }] });

  test.each([
    ['{', 'Syntax errors in policy.'],
    ['[]', 'Syntax errors in policy.'],
    [JSON.stringify({ Version: '2012-10-17' }), 'Syntax errors in policy.'],
    [JSON.stringify({ Version: '2012-10-17', Statement: [], Other: 1 }), 'Syntax errors in policy.'],
    [
      JSON.stringify({ Statement: [{ Effect: 'Allow', Action: 'ec2:*', Resource: '*' }] }),
      'Policy document must be version 2012-10-17 or greater.',
    ],
    [statement({ Effect: 'allow' }), 'The policy failed legacy parsing'],
    [statement({ Effect: undefined }), 'Syntax errors in policy.'],
    [statement({ Efect: 'Allow' }), 'Syntax errors in policy.'],
    [statement({ NotAction: 'ec2:*' }), 'Syntax errors in policy.'],
    [statement({ Action: undefined }), 'Policy statement must contain actions.'],
    [statement({ Action: 'DescribeVpcs' }), 'Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.'],
    [statement({ Action: 'ec2:a:b' }), 'Actions/Condition can contain only one colon.'],
    [statement({ Action: 'e c2:*' }), 'Vendor e c2 is not valid'],
    [statement({ Resource: undefined }), 'Policy statement must contain resources.'],
    [statement({ Resource: [] }), 'Policy statement must contain resources.'],
    [statement({ Resource: 'vpc-1' }), 'Resource vpc-1 must be in ARN format or "*".'],
    [statement({ Resource: 'arn:aws2:ec2:::x' }), 'Partition "aws2" is not valid for resource "arn:aws2:ec2:*:*:x".'],
    [
      statement({ Resource: 'arn:aws:iam:us-east-1::user/x' }),
      'IAM resource arn:aws:iam:us-east-1::user/x cannot contain region information.',
    ],
    [statement({ Principal: '*' }), 'Policy document should not specify a principal.'],
    [statement({ Condition: { StringMatches: { a: 'b' } } }), 'Syntax errors in policy.'],
    [statement({ Condition: { StringEquals: 'b' } }), 'Syntax errors in policy.'],
    [
      statement({ Sid: 'with space' }),
      'Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression [0-9A-Za-z]*',
    ],
    [
      JSON.stringify(policy({ Sid: 'A', Action: 'ec2:*' }, { Sid: 'A', Action: 'ec2:*' })),
      'Statement IDs (SID) in a single policy must be unique.',
    ],
  ])('%s', async (PolicyDocument, message) => {
    const iam = keiro.client(IAMClient);
    expect(await refusal(iam.send(new CreatePolicyCommand({ PolicyName, PolicyDocument })))).toEqual({
      code: 'MalformedPolicyDocumentException',
      message,
    });
  });
});

describe('inline policies', () => {
  test('are put, replaced, read, listed and deleted', async () => {
    const { iam } = await withPolicy();
    const put = (PolicyName: string, PolicyDocument = document()) =>
      iam.send(new PutUserPolicyCommand({ UserName: 'ann', PolicyName, PolicyDocument }));
    await put('b');
    await put('a');
    await put('a', document('iam:*'));
    expect((await iam.send(new ListUserPoliciesCommand({ UserName: 'ann' }))).PolicyNames).toEqual(['a', 'b']);
    const { PolicyDocument } = await iam.send(new GetUserPolicyCommand({ UserName: 'ann', PolicyName: 'a' }));
    expect(decodeURIComponent(PolicyDocument ?? '')).toBe(document('iam:*'));
    await iam.send(new DeleteUserPolicyCommand({ UserName: 'ann', PolicyName: 'a' }));
    expect(await refusal(iam.send(new DeleteUserPolicyCommand({ UserName: 'ann', PolicyName: 'a' })))).toEqual({
      code: 'NoSuchEntityException',
      message: 'The user policy with name a cannot be found.',
    });
  });

  test('of a user are 2,048 characters together at most', async () => {
    const { iam } = await withPolicy();
    const long = JSON.stringify(policy({ Action: Array.from({ length: 80 }, (_, i) => `ec2:Describe${i}`) }));
    await iam.send(new PutUserPolicyCommand({ UserName: 'ann', PolicyName: 'a', PolicyDocument: long }));
    expect(await refusal(iam.send(new PutUserPolicyCommand({ UserName: 'ann', PolicyName: 'b', PolicyDocument: long })))).toEqual({
      code: 'LimitExceededException',
      message: 'Maximum policy size of 2048 bytes exceeded for user ann',
    });
  });
});
