import {
  AddUserToGroupCommand,
  AttachUserPolicyCommand,
  CreateAccessKeyCommand,
  CreateGroupCommand,
  CreateUserCommand,
  DeleteAccessKeyCommand,
  DeleteUserCommand,
  DeleteUserPermissionsBoundaryCommand,
  DeleteUserPolicyCommand,
  DetachUserPolicyCommand,
  GetUserCommand,
  IAMClient,
  ListAccessKeysCommand,
  ListUsersCommand,
  ListUserTagsCommand,
  paginateListUsers,
  PutUserPermissionsBoundaryCommand,
  PutUserPolicyCommand,
  RemoveUserFromGroupCommand,
  TagUserCommand,
  UntagUserCommand,
  UpdateAccessKeyCommand,
  UpdateUserCommand,
  waitUntilUserExists,
} from '@aws-sdk/client-iam';
import { RequestServiceQuotaIncreaseCommand, ServiceQuotasClient } from '@aws-sdk/client-service-quotas';
import { describe, expect, test } from 'vitest';
import { refusal, useKeiro } from '#test/sdk/keiro.ts';
import { policy } from '#test/sdk/signed-keiro.ts';

const keiro = await useKeiro();
const administrator = 'arn:aws:iam::aws:policy/AdministratorAccess';
const noUser = (name: string) => ({ code: 'NoSuchEntityException', message: `The user with name ${name} cannot be found.` });

async function withUser(name = 'ann', more: object = {}) {
  const account = keiro.freshAccount();
  const iam = keiro.client(IAMClient, { account });
  const { User } = await iam.send(new CreateUserCommand({ UserName: name, ...more }));
  return { account, iam, user: User };
}

describe('users', () => {
  test('are made, read, listed and deleted', async () => {
    const { account, iam, user } = await withUser('ann', { Path: '/eng/', Tags: [{ Key: 'team', Value: 'blue' }] });
    expect(user).toMatchObject({
      UserName: 'ann',
      Path: '/eng/',
      Arn: `arn:aws:iam::${account}:user/eng/ann`,
      UserId: expect.stringMatching(/^AIDA[A-Z2-7]{17}$/),
      Tags: [{ Key: 'team', Value: 'blue' }],
    });
    await waitUntilUserExists({ client: iam, maxWaitTime: 10 }, { UserName: 'ann' });
    expect((await iam.send(new GetUserCommand({ UserName: 'ann' }))).User).toEqual(user);
    await iam.send(new CreateUserCommand({ UserName: 'bob' }));
    const { Tags: _tags, ...listed } = user ?? {};
    const { Users, IsTruncated } = await iam.send(new ListUsersCommand({}));
    expect(Users?.map(({ UserName }) => UserName)).toEqual(['ann', 'bob']);
    expect(Users?.[0]).toEqual(listed);
    expect(IsTruncated).toBe(false);
    expect((await iam.send(new ListUsersCommand({ PathPrefix: '/eng/' }))).Users).toHaveLength(1);
    await iam.send(new DeleteUserCommand({ UserName: 'ann' }));
    expect(await refusal(iam.send(new GetUserCommand({ UserName: 'ann' })))).toEqual(noUser('ann'));
    expect(await refusal(iam.send(new DeleteUserCommand({ UserName: 'ann' })))).toEqual(noUser('ann'));
  });

  test('are the account of one caller only', async () => {
    const { iam } = await withUser('ann');
    expect((await keiro.client(IAMClient).send(new ListUsersCommand({}))).Users).toEqual([]);
    expect((await iam.send(new ListUsersCommand({}))).Users).toHaveLength(1);
  });

  test('have names that do not differ by case alone', async () => {
    const { iam, user } = await withUser('Ann');
    expect(await refusal(iam.send(new CreateUserCommand({ UserName: 'aNN' })))).toEqual({
      code: 'EntityAlreadyExistsException',
      message: 'User with name Ann already exists.',
    });
    expect((await iam.send(new GetUserCommand({ UserName: 'ann' }))).User).toEqual(user);
  });

  test.each([
    [
      { UserName: 'a b' },
      'The specified value for userName is invalid. It must contain only alphanumeric characters and/or the following: +=,.@_-',
    ],
    [
      { UserName: 'x'.repeat(65) },
      `1 validation error detected: Value '${'x'.repeat(65)}' at 'userName' failed to satisfy constraint: Member must have length less than or equal to 64`,
    ],
    [
      { UserName: 'ann', Path: 'eng' },
      'The specified value for path is invalid. It must begin and end with / and contain only alphanumeric characters and/or / characters.',
    ],
    [
      { UserName: 'ann', Tags: [{ Key: 'a*b', Value: '' }] },
      "1 validation error detected: Value 'a*b' at 'tags.1.member.key' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]+",
    ],
    [
      { UserName: 'ann', Tags: Array.from({ length: 51 }, (_, i) => ({ Key: `k${i}`, Value: '' })) },
      expect.stringMatching(/at 'tags' failed to satisfy constraint: Member must have length less than or equal to 50$/),
    ],
  ])('refuse %j', async (input, message) => {
    expect(await refusal(keiro.client(IAMClient).send(new CreateUserCommand(input)))).toEqual({ code: 'ValidationError', message });
  });

  test('are renamed with all that is theirs', async () => {
    const { account, iam, user } = await withUser('ann');
    const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: 'ann' }));
    await iam.send(new CreateUserCommand({ UserName: 'bob' }));
    expect(await refusal(iam.send(new UpdateUserCommand({ UserName: 'ann', NewUserName: 'BOB' })))).toEqual({
      code: 'EntityAlreadyExistsException',
      message: 'User with name bob already exists.',
    });
    await iam.send(new UpdateUserCommand({ UserName: 'ann', NewUserName: 'anna', NewPath: '/new/' }));
    expect((await iam.send(new GetUserCommand({ UserName: 'anna' }))).User).toMatchObject({
      UserId: user?.UserId,
      Arn: `arn:aws:iam::${account}:user/new/anna`,
    });
    expect((await iam.send(new ListAccessKeysCommand({ UserName: 'anna' }))).AccessKeyMetadata).toMatchObject([
      { UserName: 'anna', AccessKeyId: AccessKey?.AccessKeyId, Status: 'Active' },
    ]);
    expect(await refusal(iam.send(new GetUserCommand({ UserName: 'ann' })))).toEqual(noUser('ann'));
    await iam.send(new UpdateUserCommand({ UserName: 'anna', NewUserName: 'Anna' }));
    expect((await iam.send(new GetUserCommand({ UserName: 'anna' }))).User?.UserName).toBe('Anna');
  });

  test('are not deleted while something is theirs', async () => {
    const { iam } = await withUser('ann');
    const UserName = 'ann';
    const attempt = () => refusal(iam.send(new DeleteUserCommand({ UserName })));
    const conflict = (what: string) => ({ code: 'DeleteConflictException', message: `Cannot delete entity, must ${what} first.` });
    await iam.send(new AttachUserPolicyCommand({ UserName, PolicyArn: administrator }));
    expect(await attempt()).toEqual(conflict('detach all policies'));
    await iam.send(new DetachUserPolicyCommand({ UserName, PolicyArn: administrator }));
    await iam.send(new PutUserPolicyCommand({ UserName, PolicyName: 'p', PolicyDocument: JSON.stringify(policy({ Action: '*' })) }));
    expect(await attempt()).toEqual(conflict('delete policies'));
    await iam.send(new DeleteUserPolicyCommand({ UserName, PolicyName: 'p' }));
    const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName }));
    expect(await attempt()).toEqual(conflict('delete access keys'));
    await iam.send(new DeleteAccessKeyCommand({ UserName, AccessKeyId: AccessKey?.AccessKeyId }));
    await iam.send(new CreateGroupCommand({ GroupName: 'g' }));
    await iam.send(new AddUserToGroupCommand({ GroupName: 'g', UserName }));
    expect(await attempt()).toEqual(conflict('remove users from group'));
    await iam.send(new RemoveUserFromGroupCommand({ GroupName: 'g', UserName }));
    await iam.send(new DeleteUserCommand({ UserName }));
  });

  test('are tagged', async () => {
    const { iam } = await withUser('ann', { Tags: [{ Key: 'Team', Value: 'blue' }] });
    await iam.send(
      new TagUserCommand({
        UserName: 'ann',
        Tags: [
          { Key: 'team', Value: 'red' },
          { Key: 'zone', Value: '' },
        ],
      }),
    );
    expect((await iam.send(new ListUserTagsCommand({ UserName: 'ann' }))).Tags).toEqual([
      { Key: 'team', Value: 'red' },
      { Key: 'zone', Value: '' },
    ]);
    await iam.send(new UntagUserCommand({ UserName: 'ann', TagKeys: ['TEAM', 'absent'] }));
    expect((await iam.send(new ListUserTagsCommand({ UserName: 'ann' }))).Tags).toEqual([{ Key: 'zone', Value: '' }]);
    const many = Array.from({ length: 50 }, (_, i) => ({ Key: `k${i}`, Value: '' }));
    expect(await refusal(iam.send(new TagUserCommand({ UserName: 'ann', Tags: many })))).toEqual({
      code: 'LimitExceededException',
      message: 'Cannot exceed quota for TagsPerResource: 50',
    });
    expect(await refusal(iam.send(new TagUserCommand({ UserName: 'ann', Tags: [{ Key: 'aws:x', Value: '' }] })))).toEqual({
      code: 'InvalidInputException',
      message: "Tag keys starting with 'aws:' are reserved for internal use",
    });
  });

  test('come in pages', async () => {
    const { iam } = await withUser('u0');
    for (let i = 1; i < 7; i++) await iam.send(new CreateUserCommand({ UserName: `u${i}` }));
    const names: (string | undefined)[][] = [];
    for await (const { Users } of paginateListUsers({ client: iam, pageSize: 3 }, {}))
      names.push((Users ?? []).map(({ UserName }) => UserName));
    expect(names).toEqual([['u0', 'u1', 'u2'], ['u3', 'u4', 'u5'], ['u6']]);
    const { Marker } = await iam.send(new ListUsersCommand({ MaxItems: 3 }));
    // Deleting what was read shifts nothing.
    await iam.send(new DeleteUserCommand({ UserName: 'u1' }));
    expect((await iam.send(new ListUsersCommand({ MaxItems: 1, Marker }))).Users?.[0]?.UserName).toBe('u3');
    const invalid = { code: 'ValidationError', message: 'Invalid Marker.' };
    expect(await refusal(iam.send(new ListUsersCommand({ Marker: 'nonsense' })))).toEqual(invalid);
    expect(await refusal(iam.send(new ListUsersCommand({ Marker, PathPrefix: '/x/' })))).toEqual(invalid);
    expect(await refusal(iam.send(new ListUsersCommand({ MaxItems: 1001 })))).toEqual({
      code: 'ValidationError',
      message:
        "1 validation error detected: Value '1001' at 'maxItems' failed to satisfy constraint: Member must have value less than or equal to 1000",
    });
  });

  test('have permissions boundaries', async () => {
    const { iam } = await withUser('ann', { PermissionsBoundary: administrator });
    const boundary = async () => (await iam.send(new GetUserCommand({ UserName: 'ann' }))).User?.PermissionsBoundary;
    expect(await boundary()).toEqual({ PermissionsBoundaryType: 'Policy', PermissionsBoundaryArn: administrator });
    await iam.send(new DeleteUserPermissionsBoundaryCommand({ UserName: 'ann' }));
    expect(await boundary()).toBeUndefined();
    expect(await refusal(iam.send(new DeleteUserPermissionsBoundaryCommand({ UserName: 'ann' })))).toMatchObject({
      code: 'NoSuchEntityException',
    });
    const missing = 'arn:aws:iam::aws:policy/NoSuchPolicy';
    expect(await refusal(iam.send(new PutUserPermissionsBoundaryCommand({ UserName: 'ann', PermissionsBoundary: missing })))).toEqual({
      code: 'NoSuchEntityException',
      message: `Scope ARN: ${missing} does not exist or is not attachable.`,
    });
  });
});

describe('access keys', () => {
  test('are made, switched off, listed and deleted', async () => {
    const { iam } = await withUser('ann');
    const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: 'ann' }));
    expect(AccessKey).toMatchObject({
      UserName: 'ann',
      AccessKeyId: expect.stringMatching(/^AKIA[A-Z2-7]{16}$/),
      SecretAccessKey: expect.stringMatching(/^[A-Za-z0-9+/]{40}$/),
      Status: 'Active',
    });
    const AccessKeyId = AccessKey?.AccessKeyId;
    await iam.send(new UpdateAccessKeyCommand({ UserName: 'ann', AccessKeyId, Status: 'Inactive' }));
    const { AccessKeyMetadata } = await iam.send(new ListAccessKeysCommand({ UserName: 'ann' }));
    expect(AccessKeyMetadata).toEqual([{ UserName: 'ann', AccessKeyId, Status: 'Inactive', CreateDate: AccessKey?.CreateDate }]);
    await iam.send(new DeleteAccessKeyCommand({ UserName: 'ann', AccessKeyId }));
    expect(await refusal(iam.send(new DeleteAccessKeyCommand({ UserName: 'ann', AccessKeyId })))).toEqual({
      code: 'NoSuchEntityException',
      message: `The Access Key with id ${AccessKeyId} cannot be found.`,
    });
  });

  test('are two at most', async () => {
    const { iam } = await withUser('ann');
    for (let i = 0; i < 2; i++) await iam.send(new CreateAccessKeyCommand({ UserName: 'ann' }));
    expect(await refusal(iam.send(new CreateAccessKeyCommand({ UserName: 'ann' })))).toEqual({
      code: 'LimitExceededException',
      message: 'Cannot exceed quota for AccessKeysPerUser: 2',
    });
  });

  test("are the caller's own when no user is named", async () => {
    const { iam } = await withUser('ann');
    const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: 'ann' }));
    const ann = new IAMClient({
      endpoint: keiro.endpoint,
      region: 'us-east-1',
      credentials: { accessKeyId: AccessKey?.AccessKeyId ?? '', secretAccessKey: 'is not looked at' },
    });
    expect((await ann.send(new ListAccessKeysCommand({}))).AccessKeyMetadata).toMatchObject([{ UserName: 'ann' }]);
    expect((await ann.send(new GetUserCommand({}))).User?.UserName).toBe('ann');
    expect(await refusal(iam.send(new CreateAccessKeyCommand({})))).toEqual({
      code: 'ValidationError',
      message: 'Must specify userName when calling with non-User credentials',
    });
  });

  test("of others are not one's own", async () => {
    const { iam } = await withUser('ann');
    await iam.send(new CreateUserCommand({ UserName: 'bob' }));
    const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: 'bob' }));
    const AccessKeyId = AccessKey?.AccessKeyId;
    expect(await refusal(iam.send(new UpdateAccessKeyCommand({ UserName: 'ann', AccessKeyId, Status: 'Inactive' })))).toEqual({
      code: 'NoSuchEntityException',
      message: `The Access Key with id ${AccessKeyId} cannot be found.`,
    });
    expect(await refusal(iam.send(new UpdateAccessKeyCommand({ UserName: 'bob', AccessKeyId, Status: 'Off' as 'Active' })))).toEqual({
      code: 'ValidationError',
      message:
        "1 validation error detected: Value 'Off' at 'status' failed to satisfy constraint: Member must satisfy enum value set: [Active, Expired, Inactive]",
    });
  });
});

test('IAM quotas are asked for in us-east-1 and hold everywhere', async () => {
  const account = keiro.freshAccount();
  const raise = new RequestServiceQuotaIncreaseCommand({ ServiceCode: 'iam', QuotaCode: 'L-4019AD8B', DesiredValue: 11 });
  expect(await refusal(keiro.client(ServiceQuotasClient, { account, region: 'eu-west-1' }).send(raise))).toEqual({
    code: 'NoSuchResourceException',
    message: 'This service is not available in the current Region. Choose a different Region or a different service.',
  });
  const iam = keiro.client(IAMClient, { account });
  await iam.send(new CreateUserCommand({ UserName: 'ann' }));
  const names = ['AdministratorAccess', 'PowerUserAccess', 'ReadOnlyAccess', 'IAMFullAccess', 'IAMReadOnlyAccess', 'AmazonEC2FullAccess'];
  names.push('AmazonEC2ReadOnlyAccess', 'AmazonVPCFullAccess', 'AmazonVPCReadOnlyAccess', 'AmazonRoute53FullAccess', 'AmazonS3FullAccess');
  const attach = (name: string) => iam.send(new AttachUserPolicyCommand({ UserName: 'ann', PolicyArn: `arn:aws:iam::aws:policy/${name}` }));
  for (const name of names.slice(0, 10)) await attach(name);
  expect(await refusal(attach(names[10] ?? ''))).toEqual({
    code: 'LimitExceededException',
    message: 'Cannot exceed quota for PoliciesPerUser: 10',
  });
  await keiro.client(ServiceQuotasClient, { account, region: 'us-east-1' }).send(raise);
  await attach(names[10] ?? '');
});
