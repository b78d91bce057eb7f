/** Users and groups as administrators see them: invitations, attributes, states, lists, filters. */
import {
  AdminAddUserToGroupCommand,
  AdminCreateUserCommand,
  type AdminCreateUserCommandInput,
  AdminDeleteUserAttributesCommand,
  AdminDeleteUserCommand,
  AdminDisableUserCommand,
  AdminEnableUserCommand,
  AdminGetUserCommand,
  AdminListGroupsForUserCommand,
  AdminRemoveUserFromGroupCommand,
  AdminSetUserPasswordCommand,
  AdminUpdateUserAttributesCommand,
  CreateGroupCommand,
  DeleteGroupCommand,
  GetGroupCommand,
  ListGroupsCommand,
  ListUsersCommand,
  type ListUsersCommandInput,
  ListUsersInGroupCommand,
  UpdateGroupCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { beforeAll, describe, expect, test } from 'vitest';
import { newPool, newUser, PASSWORD, type Pool, tokensOf, useCognito } from '#test/sdk/cognito.ts';
import { refusal } from '#test/sdk/keiro.ts';

const keiro = await useCognito();
const create = ({ cognito, UserPoolId }: Pool, Username: string, more: Partial<AdminCreateUserCommandInput> = {}) =>
  cognito.send(new AdminCreateUserCommand({ UserPoolId, Username, ...more }));
const get = ({ cognito, UserPoolId }: Pool, Username: string) => cognito.send(new AdminGetUserCommand({ UserPoolId, Username }));
const valuesOf = async (pool: Pool, name: string) =>
  Object.fromEntries(((await get(pool, name)).UserAttributes ?? []).map(({ Name = '', Value }) => [Name, Value]));
const listOf = (attributes: Record<string, string>) => Object.entries(attributes).map(([Name, Value]) => ({ Name, Value }));
const noUser = { code: 'UserNotFoundException', message: 'User does not exist.' };

test('an invited user gets a made password that satisfies the policy, and another one when asked again', async () => {
  const pool = await newPool(keiro.client(), { Policies: { PasswordPolicy: { MinimumLength: 20, RequireSymbols: true, RequireNumbers: true, RequireUppercase: true, RequireLowercase: true } } }); // prettier-ignore
  const email = 'invited@example.com';
  const { User } = await create(pool, 'ann', { UserAttributes: listOf({ email }), DesiredDeliveryMediums: ['EMAIL'] });
  const sub = User?.Attributes?.find(({ Name }) => Name === 'sub')?.Value;
  expect(User).toEqual({
    Username: 'ann',
    Attributes: [{ Name: 'email', Value: email }, { Name: 'sub', Value: expect.stringMatching(/^[0-9a-f-]{36}$/) }],
    Enabled: true,
    UserStatus: 'FORCE_CHANGE_PASSWORD',
    UserCreateDate: expect.any(Date),
    UserLastModifiedDate: expect.any(Date),
  }); // prettier-ignore
  const passwordIn = (text = '') => /^Your username is ann and temporary password is (\S{20,})\.$/.exec(text)?.[1] ?? '';
  const first = passwordIn(keiro.textsTo(email)[0]);
  for (const kind of [/[a-z]/, /[A-Z]/, /\d/, /[^A-Za-z\d]/]) expect(first).toMatch(kind);
  expect(await refusal(create(pool, 'ann'))).toEqual({ code: 'UsernameExistsException', message: 'User account already exists' });
  await create(pool, 'ann', { MessageAction: 'RESEND' });
  const [second = '', , ...none] = keiro.textsTo(email);
  expect([passwordIn(second) === first, none.length]).toEqual([false, 0]);
  expect(await valuesOf(pool, 'ann')).toEqual({ sub, email });
  expect(await refusal(create(pool, 'bob', { MessageAction: 'RESEND' }))).toEqual(noUser);
  await pool.cognito.send(new AdminSetUserPasswordCommand({ UserPoolId: pool.UserPoolId, Username: 'ann', Password: `${PASSWORD}-and-longer`, Permanent: true })); // prettier-ignore
  expect((await refusal(create(pool, 'ann', { MessageAction: 'RESEND' }))).code).toBe('UnsupportedUserStateException');
  expect((await refusal(create(pool, 'carl', { TemporaryPassword: 'short' }))).code).toBe('InvalidPasswordException');
  expect(await refusal(get(pool, 'carl'))).toEqual(noUser);
});

test('no password is in a record, and none in what is sent but the temporary one', async () => {
  const pool = await newPool(keiro.client());
  const TemporaryPassword = 'Easily-Found-1';
  await create(pool, 'ann', { TemporaryPassword, MessageAction: 'SUPPRESS', UserAttributes: listOf({ email: 'silent@example.com' }) });
  await newUser(pool, 'bob');
  const seen: string[] = [];
  const stop = keiro.store.subscribe((commit) => seen.push(JSON.stringify(commit)));
  await pool.cognito.send(new AdminSetUserPasswordCommand({ UserPoolId: pool.UserPoolId, Username: 'ann', Password: TemporaryPassword }));
  await tokensOf(pool, 'bob');
  stop();
  expect(seen.length).toBeGreaterThan(0);
  for (const commit of seen) expect(commit).not.toMatch(/Easily-Found-1|Correct-Horse-7/);
  expect(keiro.textsTo('silent@example.com')).toEqual([]);
});

test('the template of the pool is used, by the medium that is asked for', async () => {
  const InviteMessageTemplate = {
    SMSMessage: 'sms {username} {####}',
    EmailMessage: 'mail {username} {####}',
    EmailSubject: 'Hello {username}',
  };
  const pool = await newPool(keiro.client(), {
    AdminCreateUserConfig: { InviteMessageTemplate },
    UsernameAttributes: ['email', 'phone_number'],
  });
  const [email, phone] = ['template@example.com', '+81901234567'];
  const TemporaryPassword = 'Dollar-$&-1';
  await create(pool, email, {
    TemporaryPassword,
    UserAttributes: listOf({ phone_number: phone }),
    DesiredDeliveryMediums: ['EMAIL', 'SMS'],
  });
  expect(keiro.textsTo(email)).toEqual([`mail ${email} ${TemporaryPassword}`]);
  expect(keiro.textsTo(phone)).toEqual([`sms ${email} ${TemporaryPassword}`]);
  expect(await valuesOf(pool, email)).toMatchObject({ email, phone_number: phone });
  expect((await get(pool, phone)).Username).toMatch(/^[0-9a-f-]{36}$/); // by either
  expect(await refusal(create(pool, 'ann'))).toEqual({ code: 'InvalidParameterException', message: 'Username should be either an email or a phone number.' }); // prettier-ignore
  expect((await refusal(create(pool, '+81901234568', { DesiredDeliveryMediums: ['EMAIL'] }))).code).toBe('InvalidParameterException');
});

test('attributes are set and taken away by administrators', async () => {
  const pool = await newPool(keiro.client(), { Schema: [{ Name: 'fixed', AttributeDataType: 'String', Mutable: false }, { Name: 'secret', AttributeDataType: 'String', DeveloperOnlyAttribute: true }, { Name: 'name', Required: true }] }); // prettier-ignore
  const { cognito, UserPoolId } = pool;
  const update = (attributes: Record<string, string>, Username = 'ann') =>
    cognito.send(new AdminUpdateUserAttributesCommand({ UserPoolId, Username, UserAttributes: listOf(attributes) }));
  const remove = (...UserAttributeNames: string[]) =>
    cognito.send(new AdminDeleteUserAttributesCommand({ UserPoolId, Username: 'ann', UserAttributeNames }));
  const sub = await newUser(pool, 'ann', { UserAttributes: listOf({ 'custom:fixed': '1' }) }); // without the required name
  await update({ name: 'Ann', nickname: 'A', email: 'ann@example.com', email_verified: 'true', 'dev:custom:secret': 's' });
  expect(await valuesOf(pool, sub)).toEqual({ sub, name: 'Ann', nickname: 'A', email: 'ann@example.com', email_verified: 'true', 'custom:fixed': '1', 'dev:custom:secret': 's' }); // prettier-ignore
  await update({ email: 'new@example.com', nickname: '' });
  expect(await valuesOf(pool, 'ann')).toMatchObject({ email: 'new@example.com', email_verified: 'false' });
  expect(await valuesOf(pool, 'ann')).not.toHaveProperty('nickname');
  const invalid = (message: string) => ({ code: 'InvalidParameterException', message });
  expect(await refusal(update({ 'custom:fixed': '2' }))).toEqual(invalid('Invalid user attributes: user.custom:fixed: Attribute cannot be updated.\n')); // prettier-ignore
  expect(await refusal(update({ 'custom:a': '2' }))).toEqual(invalid('Attributes did not conform to the schema: custom:a: Attribute does not exist in the schema.\n')); // prettier-ignore
  expect(await refusal(update({ name: '' }))).toEqual(
    invalid('Invalid user attributes: user.name: Required attribute cannot be deleted.\n'),
  );
  expect(await refusal(update({ birthdate: '1' }))).toMatchObject({ code: 'InvalidParameterException' });
  expect((await refusal(update({ nickname: 'x'.repeat(2049) }))).message).toBe("1 validation error detected: Value at 'userAttributes.1.member.value' failed to satisfy constraint: Member must have length less than or equal to 2048"); // prettier-ignore
  expect(await refusal(update({}, 'bob'))).toEqual(noUser);
  expect(await refusal(remove('nickname', 'custom:foo', 'custom:bar'))).toEqual(invalid('Invalid user attributes: user.custom:foo: Attribute does not exist in the schema.\nuser.custom:bar: Attribute does not exist in the schema.\n')); // prettier-ignore
  await remove('email');
  expect(Object.keys(await valuesOf(pool, 'ann')).toSorted()).toEqual(['custom:fixed', 'dev:custom:secret', 'name', 'sub']);
});

test('names are told apart by case, unless the pool says otherwise', async () => {
  const [strict, loose] = [
    await newPool(keiro.client()),
    await newPool(keiro.client(), { UsernameConfiguration: { CaseSensitive: false } }),
  ];
  await newUser(strict, 'Ann');
  await newUser(strict, 'ann');
  expect(await refusal(get(strict, 'ANN'))).toEqual(noUser);
  await newUser(loose, 'Ann');
  expect((await get(loose, 'ANN')).Username).toBe('ann');
  expect((await refusal(create(loose, 'aNN'))).code).toBe('UsernameExistsException');
  for (const name of ['ユーザー', '💻', 'constructor', '__proto__', 'x'.repeat(128)])
    expect((await create(strict, name, { MessageAction: 'SUPPRESS' })).User?.Username).toBe(name);
  expect((await refusal(create(strict, 'a b'))).code).toBe('InvalidParameterException');
  expect((await refusal(create(strict, 'x'.repeat(129)))).code).toBe('InvalidParameterException');
});

test('an alias that is verified belongs to one user', async () => {
  const pool = await newPool(keiro.client(), { AliasAttributes: ['email', 'preferred_username'] });
  const UserAttributes = listOf({ email: 'alias@example.com', email_verified: 'true' });
  await create(pool, 'ann', { MessageAction: 'SUPPRESS', UserAttributes });
  expect(await refusal(create(pool, 'bob', { MessageAction: 'SUPPRESS', UserAttributes }))).toEqual({ code: 'AliasExistsException', message: 'An account with the given email already exists.' }); // prettier-ignore
  await create(pool, 'bob', { MessageAction: 'SUPPRESS', UserAttributes, ForceAliasCreation: true });
  expect((await get(pool, 'alias@example.com')).Username).toBe('bob');
  expect(await valuesOf(pool, 'ann')).toMatchObject({ email: 'alias@example.com', email_verified: 'false' });
  const prefer = (Username: string, name: string) =>
    pool.cognito.send(new AdminUpdateUserAttributesCommand({ UserPoolId: pool.UserPoolId, Username, UserAttributes: listOf({ preferred_username: name }) })); // prettier-ignore
  await prefer('ann', 'queen');
  expect((await get(pool, 'queen')).Username).toBe('ann');
  for (const taken of ['queen', 'ann']) expect((await refusal(prefer('bob', taken))).code).toBe('AliasExistsException');
});

test('users are disabled, enabled and deleted', async () => {
  const pool = await newPool(keiro.client());
  const { cognito, UserPoolId } = pool;
  await newUser(pool, 'ann');
  await cognito.send(new AdminDisableUserCommand({ UserPoolId, Username: 'ann' }));
  expect((await get(pool, 'ann')).Enabled).toBe(false);
  await cognito.send(new AdminEnableUserCommand({ UserPoolId, Username: 'ann' }));
  await tokensOf(pool, 'ann');
  await cognito.send(new AdminDeleteUserCommand({ UserPoolId, Username: 'ann' }));
  expect(await refusal(get(pool, 'ann'))).toEqual(noUser);
  expect(await newUser(pool, 'ann')).toMatch(/^[0-9a-f-]{36}$/); // "a username can be reused, but only after you delete it"
});

describe('ListUsers', () => {
  let pool: Pool;
  beforeAll(async () => {
    pool = await newPool(keiro.client());
    const people = [['zoe', 'Zoe', 'Li'], ['Adam', 'Adam', 'Lee'], ['ann', 'Ann "A" Lee', 'Lee'], ['bob', 'Bob', 'Lind']] as const; // prettier-ignore
    for (const [Username, name, family_name] of people)
      await create(pool, Username, { MessageAction: 'SUPPRESS', UserAttributes: listOf({ name, family_name, email: `${Username}@example.com` }) }); // prettier-ignore
    await pool.cognito.send(new AdminSetUserPasswordCommand({ UserPoolId: pool.UserPoolId, Username: 'bob', Password: PASSWORD, Permanent: true })); // prettier-ignore
    await pool.cognito.send(new AdminDisableUserCommand({ UserPoolId: pool.UserPoolId, Username: 'zoe' }));
  });
  const list = (input: Partial<ListUsersCommandInput>) =>
    pool.cognito.send(new ListUsersCommand({ UserPoolId: pool.UserPoolId, ...input }));
  const names = async (Filter?: string) => ((await list({ Filter })).Users ?? []).map(({ Username }) => Username);

  test.each([
    [undefined, ['zoe', 'Adam', 'ann', 'bob']],
    ['', ['zoe', 'Adam', 'ann', 'bob']],
    ['family_name = "Lee"', ['Adam', 'ann']],
    ['family_name ^= "Li"', ['zoe', 'bob']],
    ['family_name="lee"', ['Adam', 'ann']],
    [String.raw`name = "Ann \"A\" Lee"`, ['ann']],
    ['email ^= "ADAM@"', ['Adam']],
    ['username = "adam"', []],
    ['username = "Adam"', ['Adam']],
    ['username ^= "a"', ['ann']],
    ['cognito:user_status = "confirmed"', ['bob']],
    ['cognito:user_status ^= "FORCE"', ['zoe', 'Adam', 'ann']],
    ['status = "Disabled"', ['zoe']],
    ['status = "disabled"', []],
    ['phone_number ^= ""', []],
    ['email ^= ""', ['Adam', 'ann', 'bob', 'zoe']],
  ])('filters by %j', async (filter, expected) => {
    expect(await names(filter)).toEqual(expected);
  });

  test.each([
    ['family_name', 'Error while parsing filter.'],
    ['family_name = Lee', 'Error while parsing filter.'],
    ['family_name == "Lee"', 'Error while parsing filter.'],
    ['family_name = "Lee" and name = "x"', 'Error while parsing filter.'],
    ['custom:foo = "x"', 'Invalid search attribute: custom:foo'],
    ['constructor = "x"', 'Invalid search attribute: constructor'],
    ['birthdate = "x"', 'Invalid search attribute: birthdate'],
  ])('refuses %j', async (Filter, message) => {
    expect(await refusal(list({ Filter }))).toEqual({ code: 'InvalidParameterException', message });
  });

  test('gives pages, and the attributes that are asked for', async () => {
    const AttributesToGet = ['email', 'sub'];
    const first = await list({ Limit: 3, AttributesToGet });
    const second = await list({ Limit: 3, AttributesToGet, PaginationToken: first.PaginationToken });
    expect([first, second].map(({ Users = [] }) => Users.map(({ Username }) => Username))).toEqual([['zoe', 'Adam', 'ann'], ['bob']]);
    expect(second.PaginationToken).toBeUndefined();
    expect(second.Users?.[0]?.Attributes).toEqual([{ Name: 'email', Value: 'bob@example.com' }, { Name: 'sub', Value: expect.any(String) }]); // prettier-ignore
    expect((await refusal(list({ Filter: 'email ^= ""', PaginationToken: first.PaginationToken }))).message).toBe(
      'Invalid pagination token.',
    );
    expect((await refusal(list({ AttributesToGet: ['nothing'] }))).message).toBe('One or more requested attributes do not exist.');
    expect((await refusal(list({ Limit: 61 }))).code).toBe('InvalidParameterException');
  });
});

test('groups hold users', async () => {
  const pool = await newPool(keiro.client());
  const { cognito, UserPoolId } = pool;
  const send = { UserPoolId };
  for (const [GroupName, Precedence] of [['staff', 2], ['admins', 1], ['none', undefined]] as const)
    expect((await cognito.send(new CreateGroupCommand({ ...send, GroupName, Precedence, Description: `d ${GroupName}` }))).Group).toEqual({
      ...send, GroupName, Description: `d ${GroupName}`, ...(Precedence && { Precedence }), CreationDate: expect.any(Date), LastModifiedDate: expect.any(Date),
    }); // prettier-ignore
  const again = cognito.send(new CreateGroupCommand({ ...send, GroupName: 'staff' }));
  expect(await refusal(again)).toEqual({ code: 'GroupExistsException', message: 'A group with the name already exists.' });
  const update = await cognito.send(new UpdateGroupCommand({ ...send, GroupName: 'staff', Precedence: 0 }));
  expect(update.Group).toMatchObject({ Precedence: 0, Description: 'd staff' });
  expect((await refusal(cognito.send(new UpdateGroupCommand({ ...send, GroupName: 'staff', Precedence: -1 })))).code).toBe('InvalidParameterException'); // prettier-ignore
  for (const Username of ['ann', 'bob']) {
    await newUser(pool, Username);
    for (const GroupName of ['none', 'admins', 'staff', 'staff']) await cognito.send(new AdminAddUserToGroupCommand({ ...send, GroupName, Username })); // prettier-ignore
  }
  const groupsOfAnn = async () => ((await cognito.send(new AdminListGroupsForUserCommand({ ...send, Username: 'ann' }))).Groups ?? []).map(({ GroupName = '' }) => GroupName).toSorted(); // prettier-ignore
  const usersOf = async (GroupName: string, Limit?: number, NextToken?: string) => cognito.send(new ListUsersInGroupCommand({ ...send, GroupName, Limit, NextToken })); // prettier-ignore
  expect(await groupsOfAnn()).toEqual(['admins', 'none', 'staff']);
  const page = await usersOf('staff', 1);
  const rest = await usersOf('staff', 1, page.NextToken);
  expect([page, rest].map(({ Users = [] }) => Users.map(({ Username }) => Username))).toEqual([['ann'], ['bob']]);
  expect((await cognito.send(new ListGroupsCommand(send))).Groups?.map(({ GroupName }) => GroupName)).toEqual(['admins', 'none', 'staff']);
  await cognito.send(new AdminRemoveUserFromGroupCommand({ ...send, GroupName: 'staff', Username: 'ann' }));
  await cognito.send(new DeleteGroupCommand({ ...send, GroupName: 'admins' }));
  expect(await groupsOfAnn()).toEqual(['none']);
  await cognito.send(new AdminDeleteUserCommand({ ...send, Username: 'bob' }));
  expect((await usersOf('staff')).Users).toEqual([]);
  for (const GroupName of ['admins', '__proto__'])
    expect(await refusal(cognito.send(new GetGroupCommand({ ...send, GroupName })))).toEqual({ code: 'ResourceNotFoundException', message: 'Group not found.' }); // prettier-ignore
});
