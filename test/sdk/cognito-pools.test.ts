/** User pools and their app clients: defaults, settings, schema, tags, limits, deletion. */
import {
  AddCustomAttributesCommand,
  CreateUserPoolClientCommand,
  type CreateUserPoolClientCommandInput,
  CreateUserPoolCommand,
  type CreateUserPoolCommandInput,
  DeleteUserPoolClientCommand,
  DeleteUserPoolCommand,
  DescribeUserPoolClientCommand,
  DescribeUserPoolCommand,
  InitiateAuthCommand,
  ListTagsForResourceCommand,
  ListUserPoolClientsCommand,
  ListUserPoolsCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateUserPoolClientCommand,
  UpdateUserPoolCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { expect, test } from 'vitest';
import { newPool, newUser, tokensOf, useCognito } from '#test/sdk/cognito.ts';
import { refusal } from '#test/sdk/keiro.ts';

const keiro = await useCognito();
const create = (input: Partial<CreateUserPoolCommandInput>, cognito = keiro.client()) =>
  cognito.send(new CreateUserPoolCommand({ PoolName: 'people', ...input }));

test('a pool has AWS’s defaults', async () => {
  const account = '700000000001';
  const cognito = keiro.client({ account, region: 'ap-northeast-1' });
  const { UserPool } = await create({ UserPoolTags: { team: 'red' } }, cognito);
  const Id = UserPool?.Id ?? '';
  expect(Id).toMatch(/^ap-northeast-1_[0-9A-Za-z]{9}$/);
  const described = (await cognito.send(new DescribeUserPoolCommand({ UserPoolId: Id }))).UserPool;
  expect(described).toEqual(UserPool);
  const { SchemaAttributes = [], ...rest } = described ?? {};
  expect(rest).toEqual({
    Id,
    Name: 'people',
    Arn: `arn:aws:cognito-idp:ap-northeast-1:${account}:userpool/${Id}`,
    Policies: {
      PasswordPolicy: { MinimumLength: 8, RequireUppercase: true, RequireLowercase: true, RequireNumbers: true, RequireSymbols: true, TemporaryPasswordValidityDays: 7 }, // prettier-ignore
      SignInPolicy: { AllowedFirstAuthFactors: ['PASSWORD'] },
    },
    DeletionProtection: 'INACTIVE',
    LambdaConfig: {},
    MfaConfiguration: 'OFF',
    EstimatedNumberOfUsers: 0,
    EmailConfiguration: { EmailSendingAccount: 'COGNITO_DEFAULT' },
    AdminCreateUserConfig: { AllowAdminCreateUserOnly: false, UnusedAccountValidityDays: 7 },
    VerificationMessageTemplate: { DefaultEmailOption: 'CONFIRM_WITH_CODE' },
    UserPoolTags: { team: 'red' },
    UserPoolTier: 'ESSENTIALS',
    CreationDate: expect.any(Date),
    LastModifiedDate: expect.any(Date),
  });
  expect(SchemaAttributes.map(({ Name }) => Name)).toEqual(['sub', 'name', 'given_name', 'family_name', 'middle_name', 'nickname', 'preferred_username', 'profile', 'picture', 'website', 'email', 'email_verified', 'gender', 'birthdate', 'zoneinfo', 'locale', 'phone_number', 'phone_number_verified', 'address', 'updated_at']); // prettier-ignore
  const byName = new Map(SchemaAttributes.map((attribute) => [attribute.Name, attribute]));
  expect(byName.get('sub')).toEqual({ Name: 'sub', AttributeDataType: 'String', DeveloperOnlyAttribute: false, Mutable: false, Required: true, StringAttributeConstraints: { MinLength: '1', MaxLength: '2048' } }); // prettier-ignore
  expect(byName.get('birthdate')?.StringAttributeConstraints).toEqual({ MinLength: '10', MaxLength: '10' });
  expect(byName.get('email_verified')).toEqual({ Name: 'email_verified', AttributeDataType: 'Boolean', DeveloperOnlyAttribute: false, Mutable: true, Required: false }); // prettier-ignore
  expect(byName.get('updated_at')?.NumberAttributeConstraints).toEqual({ MinValue: '0' });
});

test('an update sets what it leaves out to its default, and keeps what cannot change', async () => {
  const cognito = keiro.client();
  const input = { AutoVerifiedAttributes: ['email' as const], AliasAttributes: ['email' as const], UserPoolTier: 'LITE' as const };
  const { UserPool } = await create({ ...input, UsernameConfiguration: { CaseSensitive: false }, UserPoolTags: { a: '1' } }, cognito);
  const UserPoolId = UserPool?.Id ?? '';
  const change = { DeletionProtection: 'ACTIVE' as const, Policies: { PasswordPolicy: { MinimumLength: 12 } }, PoolName: 'folk', EmailVerificationMessage: 'code {####}' }; // prettier-ignore
  await cognito.send(new UpdateUserPoolCommand({ UserPoolId, ...change }));
  const described = (await cognito.send(new DescribeUserPoolCommand({ UserPoolId }))).UserPool;
  expect(described).toMatchObject({
    Name: 'folk',
    DeletionProtection: 'ACTIVE',
    AliasAttributes: ['email'],
    UsernameConfiguration: { CaseSensitive: false },
    UserPoolTier: 'LITE',
    UserPoolTags: { a: '1' },
    EmailVerificationMessage: 'code {####}',
    VerificationMessageTemplate: { EmailMessage: 'code {####}', DefaultEmailOption: 'CONFIRM_WITH_CODE' },
    Policies: { PasswordPolicy: { MinimumLength: 12, RequireUppercase: false, RequireSymbols: false, TemporaryPasswordValidityDays: 7 } },
  });
  expect(described).not.toHaveProperty('AutoVerifiedAttributes');
  expect(await refusal(cognito.send(new DeleteUserPoolCommand({ UserPoolId })))).toEqual({
    code: 'InvalidParameterException',
    message: 'The user pool cannot be deleted because deletion protection is activated. Deletion protection must be inactivated first.',
  });
  await cognito.send(new UpdateUserPoolCommand({ UserPoolId, DeletionProtection: 'INACTIVE' }));
  await cognito.send(new DeleteUserPoolCommand({ UserPoolId }));
  expect(await refusal(cognito.send(new DescribeUserPoolCommand({ UserPoolId })))).toEqual({ code: 'ResourceNotFoundException', message: `User pool ${UserPoolId} does not exist.` }); // prettier-ignore
});

test('a deleted pool leaves nothing behind', async () => {
  const pool = await newPool(keiro.client());
  await newUser(pool, 'ann');
  const { RefreshToken } = await tokensOf(pool, 'ann');
  await pool.cognito.send(new DeleteUserPoolCommand({ UserPoolId: pool.UserPoolId }));
  const refresh = new InitiateAuthCommand({ ClientId: pool.ClientId, AuthFlow: 'REFRESH_TOKEN', AuthParameters: { REFRESH_TOKEN: RefreshToken } }); // prettier-ignore
  expect((await refusal(pool.cognito.send(refresh))).code).toBe('ResourceNotFoundException');
  expect((await fetch(`${keiro.endpoint}/${pool.UserPoolId}/.well-known/jwks.json`)).status).toBe(404);
  const records = keiro.store.reader({ account: '', region: '' }).partitions().map(({ account, region }) => `${account} ${region}`); // prettier-ignore
  const account = await pool.cognito.config.credentials();
  expect(records).not.toContain(`${account.accessKeyId} eu-west-1`);
});

test.each<[Partial<CreateUserPoolCommandInput>, string, string | RegExp]>([
  [
    { PoolName: 'a/b' },
    'InvalidParameterException',
    /^1 validation error detected: Value 'a\/b' at 'poolName' failed to satisfy constraint/,
  ],
  [{ Policies: { PasswordPolicy: { MinimumLength: 5 } } }, 'InvalidParameterException', "1 validation error detected: Value '5' at 'policies.passwordPolicy.minimumLength' failed to satisfy constraint: Member must have value greater than or equal to 6"], // prettier-ignore
  [{ AliasAttributes: ['email'], UsernameAttributes: ['email'] }, 'InvalidParameterException', 'Only one of the aliasAttributes or usernameAttributes can be set in a user pool.'], // prettier-ignore
  [{ Schema: [{ Name: 'x', AttributeDataType: 'String', Required: true }] }, 'InvalidParameterException', 'Required custom attributes are not supported currently.'], // prettier-ignore
  [{ Schema: [{ Name: 'email', AttributeDataType: 'Number' }] }, 'InvalidParameterException', 'You can not change AttributeDataType or set developerOnlyAttribute for standard schema attribute email'], // prettier-ignore
  [{ Schema: [{ Name: 'email', StringAttributeConstraints: { MinLength: '-1' } }] }, 'InvalidParameterException', 'Invalid StringAttributeConstraints for schema attribute email'], // prettier-ignore
  [{ Schema: [{ Name: 'email', StringAttributeConstraints: { MaxLength: '2049' } }] }, 'InvalidParameterException', 'user.email: String attributes cannot have a length of more than 2048'], // prettier-ignore
  [{ Schema: [{ Name: 'email', StringAttributeConstraints: { MinLength: '2', MaxLength: '1' } }] }, 'InvalidParameterException', 'user.email: Max length cannot be less than min length.'], // prettier-ignore
  [{ Schema: [{ Name: 'updated_at', NumberAttributeConstraints: { MinValue: '2', MaxValue: '1' } }] }, 'InvalidParameterException', 'user.updated_at: Max value cannot be less than min value.'], // prettier-ignore
  [{ EmailVerificationMessage: 'no code' }, 'InvalidParameterException', /at 'emailVerificationMessage' failed to satisfy constraint/],
  [{ DeletionProtection: 'MAYBE' as 'ACTIVE' }, 'InvalidParameterException', "1 validation error detected: Value 'MAYBE' at 'deletionProtection' failed to satisfy constraint: Member must satisfy enum value set: [ACTIVE, INACTIVE]"], // prettier-ignore
  [
    { MfaConfiguration: 'OPTIONAL' },
    'NotImplemented',
    'Keiro does not implement multi-factor authentication (MfaConfiguration) of user pools yet.',
  ],
  [{ LambdaConfig: { PreSignUp: 'arn:aws:lambda:eu-west-1:123456789012:function:f' } }, 'NotImplemented', /LambdaConfig/],
  [{ DeviceConfiguration: { ChallengeRequiredOnNewDevice: true } }, 'NotImplemented', /DeviceConfiguration/],
  [{ UserPoolAddOns: { AdvancedSecurityMode: 'AUDIT' } }, 'NotImplemented', /UserPoolAddOns/],
  [{ Policies: { PasswordPolicy: { PasswordHistorySize: 3 } } }, 'NotImplemented', /PasswordHistorySize/],
  [{ Policies: { SignInPolicy: { AllowedFirstAuthFactors: ['PASSWORD', 'EMAIL_OTP'] } } }, 'NotImplemented', /SignInPolicy/],
  [{ VerificationMessageTemplate: { DefaultEmailOption: 'CONFIRM_WITH_LINK' } }, 'NotImplemented', /CONFIRM_WITH_LINK/],
])('a pool of %j is refused', async (input, code, message) => {
  expect(await refusal(create(input))).toEqual({ code, message: typeof message === 'string' ? message : expect.stringMatching(message) });
});

test('a required member that is missing is told in Cognito’s own code', async () => {
  expect(await refusal(create({ PoolName: undefined }))).toEqual({ code: 'InvalidParameterException', message: "1 validation error detected: Value null at 'poolName' failed to satisfy constraint: Member must not be null" }); // prettier-ignore
});

test('custom attributes are added, each name once, fifty in all', async () => {
  const cognito = keiro.client();
  const { UserPool } = await create({ Schema: [{ Name: 'a', AttributeDataType: 'String' }] }, cognito);
  const UserPoolId = UserPool?.Id ?? '';
  const add = (...names: string[]) =>
    cognito.send(new AddCustomAttributesCommand({ UserPoolId, CustomAttributes: names.map((Name) => ({ Name, AttributeDataType: 'Number', NumberAttributeConstraints: { MinValue: '-5' } })) })); // prettier-ignore
  await add('b');
  expect(await refusal(add('a'))).toEqual({ code: 'InvalidParameterException', message: 'custom:a: Existing attribute already has name custom:a.' }); // prettier-ignore
  expect((await refusal(add('x'.repeat(21)))).code).toBe('InvalidParameterException');
  await add(...Array.from({ length: 25 }, (_, n) => `c${n}`));
  await add(...Array.from({ length: 23 }, (_, n) => `d${n}`));
  expect((await refusal(add('e'))).code).toBe('InvalidParameterException');
  const { SchemaAttributes = [] } = (await cognito.send(new DescribeUserPoolCommand({ UserPoolId }))).UserPool ?? {};
  expect(SchemaAttributes.slice(20, 22)).toEqual([
    {
      Name: 'custom:a',
      AttributeDataType: 'String',
      DeveloperOnlyAttribute: false,
      Mutable: true,
      Required: false,
      StringAttributeConstraints: {},
    },
    { Name: 'custom:b', AttributeDataType: 'Number', DeveloperOnlyAttribute: false, Mutable: true, Required: false, NumberAttributeConstraints: { MinValue: '-5' } }, // prettier-ignore
  ]);
  expect(SchemaAttributes).toHaveLength(70);
});

test('pools and clients are listed in pages, each to its account and Region', async () => {
  const cognito = keiro.client();
  const ids: (string | undefined)[] = [];
  for (const PoolName of ['one', 'two', 'three']) ids.push((await create({ PoolName }, cognito)).UserPool?.Id);
  const first = await cognito.send(new ListUserPoolsCommand({ MaxResults: 2 }));
  const second = await cognito.send(new ListUserPoolsCommand({ MaxResults: 2, NextToken: first.NextToken }));
  expect([...(first.UserPools ?? []), ...(second.UserPools ?? [])].map(({ Id }) => Id)).toEqual(ids);
  expect(second.NextToken).toBeUndefined();
  expect((await refusal(cognito.send(new ListUserPoolsCommand({ MaxResults: 61 })))).code).toBe('InvalidParameterException');
  expect(await refusal(cognito.send(new ListUserPoolsCommand({ MaxResults: 2, NextToken: 'x' })))).toEqual({ code: 'InvalidParameterException', message: 'Invalid pagination token.' }); // prettier-ignore
  expect((await keiro.client().send(new ListUserPoolsCommand({ MaxResults: 2 }))).UserPools).toEqual([]);
  const UserPoolId = ids[0] ?? '';
  for (const ClientName of ['a', 'b']) await cognito.send(new CreateUserPoolClientCommand({ UserPoolId, ClientName }));
  const { UserPoolClients } = await cognito.send(new ListUserPoolClientsCommand({ UserPoolId }));
  expect(UserPoolClients).toEqual(['a', 'b'].map((ClientName) => ({ ClientName, UserPoolId, ClientId: expect.stringMatching(/^[a-z0-9]{26}$/) }))); // prettier-ignore
});

test('pools are tagged', async () => {
  const cognito = keiro.client();
  const { UserPool } = await create({ UserPoolTags: { a: '1', b: '2' } }, cognito);
  const ResourceArn = UserPool?.Arn ?? '';
  await cognito.send(new TagResourceCommand({ ResourceArn, Tags: { b: '3', c: '' } }));
  await cognito.send(new UntagResourceCommand({ ResourceArn, TagKeys: ['a'] }));
  expect((await cognito.send(new ListTagsForResourceCommand({ ResourceArn }))).Tags).toEqual({ b: '3', c: '' });
  const many = Object.fromEntries(Array.from({ length: 49 }, (_, n) => [`t${n}`, '']));
  expect((await refusal(cognito.send(new TagResourceCommand({ ResourceArn, Tags: many })))).code).toBe('UserPoolTaggingException');
});

test('a client has AWS’s defaults, is changed as a whole, and goes', async () => {
  const cognito = keiro.client();
  const UserPoolId = (await create({}, cognito)).UserPool?.Id ?? '';
  const { UserPoolClient } = await cognito.send(new CreateUserPoolClientCommand({ UserPoolId, ClientName: 'app' }));
  const ClientId = UserPoolClient?.ClientId ?? '';
  const defaults = {
    UserPoolId,
    ClientName: 'app',
    ClientId,
    RefreshTokenValidity: 30,
    TokenValidityUnits: {},
    AllowedOAuthFlowsUserPoolClient: false,
    EnableTokenRevocation: true,
    EnablePropagateAdditionalUserContextData: false,
    AuthSessionValidity: 3,
    CreationDate: expect.any(Date),
    LastModifiedDate: expect.any(Date),
  };
  expect(UserPoolClient).toEqual(defaults);
  const set = { ExplicitAuthFlows: ['ALLOW_USER_SRP_AUTH' as const], AccessTokenValidity: 10, TokenValidityUnits: { AccessToken: 'minutes' as const }, ReadAttributes: ['email'], AuthSessionValidity: 15 }; // prettier-ignore
  await cognito.send(new UpdateUserPoolClientCommand({ UserPoolId, ClientId, ...set }));
  const describe = async () => (await cognito.send(new DescribeUserPoolClientCommand({ UserPoolId, ClientId }))).UserPoolClient;
  expect(await describe()).toEqual({ ...defaults, ...set });
  await cognito.send(new UpdateUserPoolClientCommand({ UserPoolId, ClientId }));
  expect(await describe()).toEqual(defaults);
  await cognito.send(new DeleteUserPoolClientCommand({ UserPoolId, ClientId }));
  expect(await refusal(describe())).toEqual({ code: 'ResourceNotFoundException', message: `User pool client ${ClientId} does not exist.` });
  const given = await cognito.send(new CreateUserPoolClientCommand({ UserPoolId, ClientName: 'app', ClientSecret: 'a'.repeat(24) }));
  expect(given.UserPoolClient?.ClientSecret).toBe('a'.repeat(24));
});

test.each<[Partial<CreateUserPoolClientCommandInput>, string, string | RegExp]>([
  [
    { AccessTokenValidity: 4, TokenValidityUnits: { AccessToken: 'minutes' } },
    'InvalidParameterException',
    'Invalid range for token validity.',
  ],
  [{ IdTokenValidity: 25 }, 'InvalidParameterException', 'Invalid range for token validity.'],
  [{ RefreshTokenValidity: 3651 }, 'InvalidParameterException', 'Invalid range for token validity.'],
  [{ RefreshTokenValidity: 1, AccessTokenValidity: 2, TokenValidityUnits: { RefreshToken: 'hours' } }, 'InvalidParameterException', /Refresh token/], // prettier-ignore
  [{ AuthSessionValidity: 16 }, 'InvalidParameterException', /at 'authSessionValidity' failed to satisfy constraint/],
  [{ ExplicitAuthFlows: ['ADMIN_NO_SRP_AUTH', 'ALLOW_USER_SRP_AUTH'] }, 'InvalidParameterException', /cannot be used together/],
  [{ ReadAttributes: ['custom:nothing'] }, 'InvalidParameterException', 'Invalid attribute specified: custom:nothing'],
  [{ WriteAttributes: ['email_verified'] }, 'InvalidParameterException', 'Invalid write attributes specified while creating a client'],
  [{ WriteAttributes: ['nickname'] }, 'InvalidParameterException', 'Invalid write attributes specified while creating a client'], // without the required one
  [{ GenerateSecret: true, ClientSecret: 'a'.repeat(24) }, 'InvalidParameterException', /GenerateSecret/],
  [{ ClientSecret: 'short' }, 'InvalidParameterException', "1 validation error detected: Value at 'clientSecret' failed to satisfy constraint: Member must have length greater than or equal to 24"], // prettier-ignore
  [{ RefreshTokenRotation: { Feature: 'ENABLED' } }, 'NotImplemented', /RefreshTokenRotation/],
])('a client of %j is refused', async (input, code, message) => {
  const cognito = keiro.client();
  const UserPoolId = (await create({ Schema: [{ Name: 'email', Required: true }] }, cognito)).UserPool?.Id ?? '';
  const made = cognito.send(new CreateUserPoolClientCommand({ UserPoolId, ClientName: 'app', ...input }));
  expect(await refusal(made)).toEqual({ code, message: typeof message === 'string' ? message : expect.stringMatching(message) });
});
