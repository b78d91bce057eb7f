import {
  AddUserToGroupCommand,
  AttachGroupPolicyCommand,
  CreateGroupCommand,
  CreateUserCommand,
  DeleteGroupCommand,
  DeleteGroupPolicyCommand,
  DetachGroupPolicyCommand,
  GetGroupCommand,
  GetGroupPolicyCommand,
  IAMClient,
  ListAttachedGroupPoliciesCommand,
  ListGroupPoliciesCommand,
  ListGroupsCommand,
  ListGroupsForUserCommand,
  PutGroupPolicyCommand,
  RemoveUserFromGroupCommand,
  UpdateGroupCommand,
} from '@aws-sdk/client-iam';
import { describe, expect, test } from 'vitest';
import { refusal, useKeiro } from '#test/sdk/keiro.ts';
import { policy } from '#test/sdk/signed-keiro.ts';

const keiro = await useKeiro();
const administrator = 'arn:aws:iam::aws:policy/AdministratorAccess';
const GroupName = 'networkers';

async function withGroup() {
  const account = keiro.freshAccount();
  const iam = keiro.client(IAMClient, { account });
  const { Group } = await iam.send(new CreateGroupCommand({ GroupName }));
  return { account, iam, group: Group };
}

describe('groups', () => {
  test('are made, listed, renamed and deleted', async () => {
    const { account, iam, group } = await withGroup();
    expect(group).toMatchObject({
      GroupName,
      Path: '/',
      Arn: `arn:aws:iam::${account}:group/${GroupName}`,
      GroupId: expect.stringMatching(/^AGPA[A-Z2-7]{17}$/),
    });
    expect((await iam.send(new ListGroupsCommand({}))).Groups).toEqual([group]);
    expect(await refusal(iam.send(new CreateGroupCommand({ GroupName: 'Networkers' })))).toEqual({
      code: 'EntityAlreadyExistsException',
      message: 'Group with name networkers already exists.',
    });
    await iam.send(new CreateUserCommand({ UserName: 'ann' }));
    await iam.send(new AddUserToGroupCommand({ GroupName, UserName: 'ann' }));
    await iam.send(new UpdateGroupCommand({ GroupName, NewGroupName: 'renamed', NewPath: '/x/' }));
    expect((await iam.send(new ListGroupsForUserCommand({ UserName: 'ann' }))).Groups).toMatchObject([
      { GroupName: 'renamed', Path: '/x/', GroupId: group?.GroupId },
    ]);
    await iam.send(new RemoveUserFromGroupCommand({ GroupName: 'renamed', UserName: 'ann' }));
    await iam.send(new DeleteGroupCommand({ GroupName: 'renamed' }));
    expect(await refusal(iam.send(new GetGroupCommand({ GroupName: 'renamed' })))).toEqual({
      code: 'NoSuchEntityException',
      message: 'The group with name renamed cannot be found.',
    });
  });

  test('have members', async () => {
    const { iam } = await withGroup();
    for (const UserName of ['bob', 'ann']) {
      await iam.send(new CreateUserCommand({ UserName }));
      await iam.send(new AddUserToGroupCommand({ GroupName, UserName }));
      await iam.send(new AddUserToGroupCommand({ GroupName, UserName }));
    }
    expect((await iam.send(new GetGroupCommand({ GroupName }))).Users?.map(({ UserName }) => UserName)).toEqual(['ann', 'bob']);
    const first = await iam.send(new GetGroupCommand({ GroupName, MaxItems: 1 }));
    expect(first).toMatchObject({ IsTruncated: true, Users: [{ UserName: 'ann' }] });
    expect((await iam.send(new GetGroupCommand({ GroupName, Marker: first.Marker }))).Users).toMatchObject([{ UserName: 'bob' }]);
    await iam.send(new RemoveUserFromGroupCommand({ GroupName, UserName: 'bob' }));
    expect((await iam.send(new ListGroupsForUserCommand({ UserName: 'bob' }))).Groups).toEqual([]);
    expect(await refusal(iam.send(new AddUserToGroupCommand({ GroupName, UserName: 'nobody' })))).toEqual({
      code: 'NoSuchEntityException',
      message: 'The user with name nobody cannot be found.',
    });
  });

  test('are ten a user at most', async () => {
    const { iam } = await withGroup();
    await iam.send(new CreateUserCommand({ UserName: 'ann' }));
    for (let i = 0; i < 10; i++) {
      await iam.send(new CreateGroupCommand({ GroupName: `g${i}` }));
      await iam.send(new AddUserToGroupCommand({ GroupName: `g${i}`, UserName: 'ann' }));
    }
    expect(await refusal(iam.send(new AddUserToGroupCommand({ GroupName, UserName: 'ann' })))).toEqual({
      code: 'LimitExceededException',
      message: 'Cannot exceed quota for GroupsPerUser: 10',
    });
  });

  test('have policies, and are not deleted while they have something', async () => {
    const { iam } = await withGroup();
    const attempt = () => refusal(iam.send(new DeleteGroupCommand({ GroupName })));
    const conflict = (what: string) => ({ code: 'DeleteConflictException', message: `Cannot delete entity, must ${what} first.` });
    const document = JSON.stringify(policy({ Action: 'ec2:*' }));
    await iam.send(new PutGroupPolicyCommand({ GroupName, PolicyName: 'inline', PolicyDocument: document }));
    const read = await iam.send(new GetGroupPolicyCommand({ GroupName, PolicyName: 'inline' }));
    expect(read).toMatchObject({ GroupName, PolicyName: 'inline' });
    expect(decodeURIComponent(read.PolicyDocument ?? '')).toBe(document);
    expect((await iam.send(new ListGroupPoliciesCommand({ GroupName }))).PolicyNames).toEqual(['inline']);
    expect(await attempt()).toEqual(conflict('delete policies'));
    await iam.send(new DeleteGroupPolicyCommand({ GroupName, PolicyName: 'inline' }));
    expect(await refusal(iam.send(new GetGroupPolicyCommand({ GroupName, PolicyName: 'inline' })))).toEqual({
      code: 'NoSuchEntityException',
      message: 'The group policy with name inline cannot be found.',
    });
    await iam.send(new AttachGroupPolicyCommand({ GroupName, PolicyArn: administrator }));
    expect((await iam.send(new ListAttachedGroupPoliciesCommand({ GroupName }))).AttachedPolicies).toEqual([
      { PolicyName: 'AdministratorAccess', PolicyArn: administrator },
    ]);
    expect(await attempt()).toEqual(conflict('detach all policies'));
    await iam.send(new DetachGroupPolicyCommand({ GroupName, PolicyArn: administrator }));
    await iam.send(new CreateUserCommand({ UserName: 'ann' }));
    await iam.send(new AddUserToGroupCommand({ GroupName, UserName: 'ann' }));
    expect(await attempt()).toEqual(conflict('remove users from group'));
  });
});
