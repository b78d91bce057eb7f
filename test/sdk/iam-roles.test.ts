import {
  AddRoleToInstanceProfileCommand,
  AttachRolePolicyCommand,
  CreateInstanceProfileCommand,
  CreateRoleCommand,
  CreateUserCommand,
  DeleteInstanceProfileCommand,
  DeleteRoleCommand,
  DeleteRolePermissionsBoundaryCommand,
  DeleteRolePolicyCommand,
  DetachRolePolicyCommand,
  GetInstanceProfileCommand,
  GetRoleCommand,
  GetRolePolicyCommand,
  IAMClient,
  ListAttachedRolePoliciesCommand,
  ListInstanceProfilesCommand,
  ListInstanceProfilesForRoleCommand,
  ListInstanceProfileTagsCommand,
  ListRolePoliciesCommand,
  ListRolesCommand,
  ListRoleTagsCommand,
  PutRolePermissionsBoundaryCommand,
  PutRolePolicyCommand,
  RemoveRoleFromInstanceProfileCommand,
  TagInstanceProfileCommand,
  TagRoleCommand,
  UntagInstanceProfileCommand,
  UntagRoleCommand,
  UpdateAssumeRolePolicyCommand,
  UpdateRoleCommand,
  UpdateRoleDescriptionCommand,
  waitUntilInstanceProfileExists,
  waitUntilRoleExists,
} from '@aws-sdk/client-iam';
import { describe, expect, test } from 'vitest';
import { refusal, useKeiro } from '#test/sdk/keiro.ts';
import { policy, trust } from '#test/sdk/signed-keiro.ts';

const keiro = await useKeiro();
const administrator = 'arn:aws:iam::aws:policy/AdministratorAccess';
const RoleName = 'worker';
const ofEc2 = trust({ Service: 'ec2.amazonaws.com' });

async function withRole(more: object = {}) {
  const account = keiro.freshAccount();
  const iam = keiro.client(IAMClient, { account });
  const { Role } = await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: ofEc2, ...more }));
  return { account, iam, role: Role };
}

describe('roles', () => {
  test('are made, read, changed and deleted', async () => {
    const { account, iam, role } = await withRole({
      Path: '/team/',
      Description: 'works',
      MaxSessionDuration: 7200,
      Tags: [{ Key: 'a', Value: 'b' }],
    });
    expect(role).toMatchObject({
      RoleName,
      Path: '/team/',
      Arn: `arn:aws:iam::${account}:role/team/worker`,
      RoleId: expect.stringMatching(/^AROA[A-Z2-7]{17}$/),
    });
    await waitUntilRoleExists({ client: iam, maxWaitTime: 10 }, { RoleName });
    const { Role } = await iam.send(new GetRoleCommand({ RoleName }));
    expect(Role).toMatchObject({ Description: 'works', MaxSessionDuration: 7200, Tags: [{ Key: 'a', Value: 'b' }] });
    expect(decodeURIComponent(Role?.AssumeRolePolicyDocument ?? '')).toBe(ofEc2);
    await iam.send(new UpdateRoleCommand({ RoleName, Description: 'rests', MaxSessionDuration: 3600 }));
    const { Roles } = await iam.send(new ListRolesCommand({ PathPrefix: '/team/' }));
    expect(Roles).toMatchObject([{ Description: 'rests', MaxSessionDuration: 3600 }]);
    expect(Roles?.[0]?.Tags).toBeUndefined();
    expect((await iam.send(new UpdateRoleDescriptionCommand({ RoleName, Description: 'sleeps' }))).Role?.Description).toBe('sleeps');
    await iam.send(new DeleteRoleCommand({ RoleName }));
    expect(await refusal(iam.send(new GetRoleCommand({ RoleName })))).toEqual({
      code: 'NoSuchEntityException',
      message: 'The role with name worker cannot be found.',
    });
  });

  test('have unique names and limits', async () => {
    const { iam } = await withRole();
    expect(await refusal(iam.send(new CreateRoleCommand({ RoleName: 'WORKER', AssumeRolePolicyDocument: ofEc2 })))).toEqual({
      code: 'EntityAlreadyExistsException',
      message: 'Role with name worker already exists.',
    });
    expect(
      await refusal(iam.send(new CreateRoleCommand({ RoleName: 'r', AssumeRolePolicyDocument: ofEc2, MaxSessionDuration: 3599 }))),
    ).toEqual({
      code: 'ValidationError',
      message:
        "1 validation error detected: Value '3599' at 'maxSessionDuration' failed to satisfy constraint: Member must have value greater than or equal to 3600",
    });
    const long = trust({ Service: Array.from({ length: 60 }, (_, i) => `service-number-${i}.with.a.long.name.amazonaws.com`) });
    expect(await refusal(iam.send(new CreateRoleCommand({ RoleName: 'r', AssumeRolePolicyDocument: long })))).toEqual({
      code: 'LimitExceededException',
      message: 'Cannot exceed quota for ACLSizePerRole: 2048',
    });
  });

  test.each([
    ['not JSON', 'This policy contains invalid Json'],
    [
      JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole' }] }),
      'Missing required field Principal',
    ],
    [
      JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Principal: '*', Action: 'sts:AssumeRole', Resource: '*' }] }),
      'Has prohibited field Resource',
    ],
    [
      JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Principal: '*', Action: 's3:GetObject' }] }),
      'AssumeRole policy may only specify STS AssumeRole actions.',
    ],
    [trust({ AWS: 'arn:aws:iam::111122223333:user/nobody' }), 'Invalid principal in policy: "AWS":"arn:aws:iam::111122223333:user/nobody"'],
    [trust({ AWS: 'ann' }), 'Invalid principal in policy: "AWS":"ann"'],
    [trust({ Nobody: 'x' }), 'Syntax errors in policy.'],
    [trust('*').replace('2012-10-17', '2013-01-01'), 'Syntax errors in policy.'],
  ])('refuse the trust policy %s', async (document, message) => {
    const malformed = { code: 'MalformedPolicyDocumentException', message };
    const { iam } = await withRole();
    expect(await refusal(iam.send(new CreateRoleCommand({ RoleName: 'r', AssumeRolePolicyDocument: document })))).toEqual(malformed);
    expect(await refusal(iam.send(new UpdateAssumeRolePolicyCommand({ RoleName, PolicyDocument: document })))).toEqual(malformed);
  });

  test('trust users and roles that exist', async () => {
    const { account, iam } = await withRole();
    await iam.send(new CreateUserCommand({ UserName: 'ann', Path: '/x/' }));
    const to = (AWS: string) => iam.send(new UpdateAssumeRolePolicyCommand({ RoleName, PolicyDocument: trust({ AWS }) }));
    for (const arn of ['user/x/ann', 'role/worker', 'root']) await to(`arn:aws:iam::${account}:${arn}`);
    await to(`arn:aws:sts::${account}:assumed-role/worker/session`);
    expect((await refusal(to(`arn:aws:iam::${account}:user/ann`))).code).toBe('MalformedPolicyDocumentException');
  });

  test('have policies, tags and a boundary', async () => {
    const { iam } = await withRole();
    const document = JSON.stringify(policy({ Action: 'ec2:*' }));
    await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: 'inline', PolicyDocument: document }));
    expect(decodeURIComponent((await iam.send(new GetRolePolicyCommand({ RoleName, PolicyName: 'inline' }))).PolicyDocument ?? '')).toBe(
      document,
    );
    expect((await iam.send(new ListRolePoliciesCommand({ RoleName }))).PolicyNames).toEqual(['inline']);
    expect(await refusal(iam.send(new DeleteRoleCommand({ RoleName })))).toEqual({
      code: 'DeleteConflictException',
      message: 'Cannot delete entity, must delete policies first.',
    });
    await iam.send(new DeleteRolePolicyCommand({ RoleName, PolicyName: 'inline' }));
    await iam.send(new AttachRolePolicyCommand({ RoleName, PolicyArn: administrator }));
    await iam.send(new AttachRolePolicyCommand({ RoleName, PolicyArn: administrator }));
    expect((await iam.send(new ListAttachedRolePoliciesCommand({ RoleName }))).AttachedPolicies).toHaveLength(1);
    expect((await refusal(iam.send(new DeleteRoleCommand({ RoleName })))).message).toBe(
      'Cannot delete entity, must detach all policies first.',
    );
    await iam.send(new DetachRolePolicyCommand({ RoleName, PolicyArn: administrator }));
    await iam.send(
      new TagRoleCommand({
        RoleName,
        Tags: [
          { Key: 'a', Value: '1' },
          { Key: 'b', Value: '2' },
        ],
      }),
    );
    await iam.send(new UntagRoleCommand({ RoleName, TagKeys: ['a'] }));
    expect((await iam.send(new ListRoleTagsCommand({ RoleName }))).Tags).toEqual([{ Key: 'b', Value: '2' }]);
    await iam.send(new PutRolePermissionsBoundaryCommand({ RoleName, PermissionsBoundary: administrator }));
    expect((await iam.send(new GetRoleCommand({ RoleName }))).Role?.PermissionsBoundary?.PermissionsBoundaryArn).toBe(administrator);
    await iam.send(new DeleteRolePermissionsBoundaryCommand({ RoleName }));
    expect((await iam.send(new GetRoleCommand({ RoleName }))).Role?.PermissionsBoundary).toBeUndefined();
  });
});

describe('instance profiles', () => {
  const InstanceProfileName = 'profile';

  test('hold one role', async () => {
    const { account, iam, role } = await withRole();
    const { InstanceProfile } = await iam.send(new CreateInstanceProfileCommand({ InstanceProfileName, Path: '/p/' }));
    expect(InstanceProfile).toMatchObject({
      InstanceProfileName,
      Arn: `arn:aws:iam::${account}:instance-profile/p/profile`,
      InstanceProfileId: expect.stringMatching(/^AIPA[A-Z2-7]{17}$/),
      Roles: [],
    });
    await waitUntilInstanceProfileExists({ client: iam, maxWaitTime: 10 }, { InstanceProfileName });
    await iam.send(new AddRoleToInstanceProfileCommand({ InstanceProfileName, RoleName }));
    expect((await iam.send(new GetInstanceProfileCommand({ InstanceProfileName }))).InstanceProfile?.Roles).toMatchObject([
      { RoleId: role?.RoleId },
    ]);
    expect(await refusal(iam.send(new AddRoleToInstanceProfileCommand({ InstanceProfileName, RoleName })))).toEqual({
      code: 'LimitExceededException',
      message: 'Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1',
    });
    expect((await iam.send(new ListInstanceProfilesForRoleCommand({ RoleName }))).InstanceProfiles).toMatchObject([
      { InstanceProfileName },
    ]);
    expect((await iam.send(new ListInstanceProfilesCommand({}))).InstanceProfiles).toHaveLength(1);
    const conflict = { code: 'DeleteConflictException', message: 'Cannot delete entity, must remove roles from instance profile first.' };
    expect(await refusal(iam.send(new DeleteRoleCommand({ RoleName })))).toEqual(conflict);
    expect(await refusal(iam.send(new DeleteInstanceProfileCommand({ InstanceProfileName })))).toEqual(conflict);
    await iam.send(new RemoveRoleFromInstanceProfileCommand({ InstanceProfileName, RoleName }));
    expect((await refusal(iam.send(new RemoveRoleFromInstanceProfileCommand({ InstanceProfileName, RoleName })))).code).toBe(
      'NoSuchEntityException',
    );
    await iam.send(new DeleteInstanceProfileCommand({ InstanceProfileName }));
    expect(await refusal(iam.send(new GetInstanceProfileCommand({ InstanceProfileName })))).toEqual({
      code: 'NoSuchEntityException',
      message: 'Instance Profile profile cannot be found.',
    });
  });

  test('have unique names and tags', async () => {
    const iam = keiro.client(IAMClient);
    await iam.send(new CreateInstanceProfileCommand({ InstanceProfileName, Tags: [{ Key: 'a', Value: '1' }] }));
    expect(await refusal(iam.send(new CreateInstanceProfileCommand({ InstanceProfileName })))).toEqual({
      code: 'EntityAlreadyExistsException',
      message: 'Instance Profile profile already exists.',
    });
    await iam.send(new TagInstanceProfileCommand({ InstanceProfileName, Tags: [{ Key: 'b', Value: '2' }] }));
    await iam.send(new UntagInstanceProfileCommand({ InstanceProfileName, TagKeys: ['a'] }));
    expect((await iam.send(new ListInstanceProfileTagsCommand({ InstanceProfileName }))).Tags).toEqual([{ Key: 'b', Value: '2' }]);
  });
});
