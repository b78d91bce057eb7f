import { CreateVpcCommand, DescribeVpcsCommand, EC2Client } from '@aws-sdk/client-ec2';
import {
  CreateAccessKeyCommand,
  CreateRoleCommand,
  CreateUserCommand,
  GetRoleCommand,
  IAMClient,
  UpdateAssumeRolePolicyCommand,
} from '@aws-sdk/client-iam';
import {
  AssumeRoleCommand,
  type AssumeRoleCommandInput,
  GetAccessKeyInfoCommand,
  GetCallerIdentityCommand,
  GetFederationTokenCommand,
  GetSessionTokenCommand,
  STSClient,
} from '@aws-sdk/client-sts';
import { describe, expect, test } from 'vitest';
import { refusal, useKeiro } from '#test/sdk/keiro.ts';
import { type Keys, keysOf, policy, trust } from '#test/sdk/signed-keiro.ts';

const keiro = await useKeiro();
const hourMs = 3_600_000;

function as<C>(Client: new (config: { endpoint: string; region: string; credentials: Keys; maxAttempts: number }) => C, keys: Keys): C {
  return new Client({ endpoint: keiro.endpoint, region: 'eu-west-1', credentials: keys, maxAttempts: 1 });
}

/** An account with a role, by default one that its root may assume. */
async function withRole(trustPolicy?: (account: string) => string, more: object = {}) {
  const account = keiro.freshAccount();
  const iam = keiro.client(IAMClient, { account });
  const document = trustPolicy?.(account) ?? trust({ AWS: `arn:aws:iam::${account}:root` });
  const { Role } = await iam.send(new CreateRoleCommand({ RoleName: 'worker', AssumeRolePolicyDocument: document, ...more }));
  const sts = keiro.client(STSClient, { account });
  const assume = (input: Partial<AssumeRoleCommandInput> = {}, client = sts) =>
    client.send(new AssumeRoleCommand({ RoleArn: Role?.Arn, RoleSessionName: 'session', ...input }));
  const denied = (caller = `arn:aws:iam::${account}:root`, action = 'sts:AssumeRole') => ({
    code: 'AccessDenied',
    message: `User: ${caller} is not authorized to perform: ${action} on resource: ${Role?.Arn}`,
  });
  return { account, iam, sts, role: Role, assume, denied };
}

async function userOf(account: string, name: string): Promise<Keys> {
  const iam = keiro.client(IAMClient, { account });
  await iam.send(new CreateUserCommand({ UserName: name }));
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: name }));
  return { accessKeyId: AccessKey?.AccessKeyId ?? '', secretAccessKey: AccessKey?.SecretAccessKey ?? '' };
}

describe('GetCallerIdentity', () => {
  test('tells root, users and sessions apart', async () => {
    const { account, role, assume, sts } = await withRole();
    expect(await sts.send(new GetCallerIdentityCommand())).toMatchObject({
      Account: account,
      Arn: `arn:aws:iam::${account}:root`,
      UserId: account,
    });
    const user = await userOf(account, 'ann');
    expect(await as(STSClient, user).send(new GetCallerIdentityCommand())).toMatchObject({
      Account: account,
      Arn: `arn:aws:iam::${account}:user/ann`,
      UserId: expect.stringMatching(/^AIDA[A-Z2-7]{17}$/),
    });
    const { Credentials, AssumedRoleUser } = await assume();
    expect(AssumedRoleUser).toEqual({
      AssumedRoleId: `${role?.RoleId}:session`,
      Arn: `arn:aws:sts::${account}:assumed-role/worker/session`,
    });
    expect(await as(STSClient, keysOf(Credentials)).send(new GetCallerIdentityCommand())).toMatchObject({
      Account: account,
      Arn: AssumedRoleUser?.Arn,
      UserId: AssumedRoleUser?.AssumedRoleId,
    });
  });
});

describe('AssumeRole', () => {
  test('gives credentials that work in the account of the role', async () => {
    const here = keiro.freshAccount();
    const { account, assume } = await withRole(() => trust({ AWS: here }), { Path: '/team/' });
    const { Credentials } = await assume({}, keiro.client(STSClient, { account: here }));
    expect(Credentials?.AccessKeyId).toMatch(/^ASIA[A-Z2-7]{16}$/);
    expect(Math.abs((Credentials?.Expiration?.getTime() ?? 0) - Date.now() - hourMs)).toBeLessThan(60_000);
    const ec2 = as(EC2Client, keysOf(Credentials));
    const { Vpc } = await ec2.send(new CreateVpcCommand({ CidrBlock: '10.9.0.0/16' }));
    const { Vpcs } = await keiro.client(EC2Client, { account }).send(new DescribeVpcsCommand({ VpcIds: [Vpc?.VpcId ?? ''] }));
    expect(Vpcs?.[0]?.OwnerId).toBe(account);
  });

  test('is refused where there is no such role, or its trust policy does not let the caller in', async () => {
    const { assume, denied, iam, role, account } = await withRole(() => trust({ Service: 'ec2.amazonaws.com' }));
    expect(await refusal(assume())).toEqual(denied());
    expect(await refusal(assume({}, keiro.client(STSClient, { account: '111122223333' })))).toEqual(
      denied('arn:aws:iam::111122223333:root'),
    );
    const missing = `arn:aws:iam::${account}:role/missing`;
    expect(await refusal(assume({ RoleArn: missing }))).toEqual({
      code: 'AccessDenied',
      message: `User: arn:aws:iam::${account}:root is not authorized to perform: sts:AssumeRole on resource: ${missing}`,
    });
    await iam.send(new UpdateAssumeRolePolicyCommand({ RoleName: 'worker', PolicyDocument: trust({ AWS: '*' }) }));
    expect((await assume()).AssumedRoleUser?.AssumedRoleId).toBe(`${role?.RoleId}:session`);
  });

  test('can be for one user, and by an external id', async () => {
    const account = keiro.freshAccount();
    const ann = await userOf(account, 'ann');
    const bob = await userOf(account, 'bob');
    const { assume, denied } = await withRole(() =>
      trust({ AWS: `arn:aws:iam::${account}:user/ann` }, { StringEquals: { 'sts:ExternalId': 'secret-of-two' } }),
    );
    const good = { ExternalId: 'secret-of-two' };
    expect((await assume(good, as(STSClient, ann))).Credentials?.SessionToken).toBeTruthy();
    expect(await refusal(assume({}, as(STSClient, ann)))).toEqual(denied(`arn:aws:iam::${account}:user/ann`));
    expect(await refusal(assume({ ExternalId: 'a-guess' }, as(STSClient, ann)))).toEqual(denied(`arn:aws:iam::${account}:user/ann`));
    expect(await refusal(assume(good, as(STSClient, bob)))).toEqual(denied(`arn:aws:iam::${account}:user/bob`));
  });

  test('lasts as long as the role lets it', async () => {
    const { assume } = await withRole(undefined, { MaxSessionDuration: 7200 });
    const { Credentials } = await assume({ DurationSeconds: 7200 });
    expect(Math.abs((Credentials?.Expiration?.getTime() ?? 0) - Date.now() - 2 * hourMs)).toBeLessThan(60_000);
    expect(await refusal(assume({ DurationSeconds: 7201 }))).toEqual({
      code: 'ValidationError',
      message: 'The requested DurationSeconds exceeds the MaxSessionDuration set for this role.',
    });
    expect(await refusal(assume({ DurationSeconds: 899 }))).toEqual({
      code: 'ValidationError',
      message:
        "1 validation error detected: Value '899' at 'durationSeconds' failed to satisfy constraint: Member must have value greater than or equal to 900",
    });
    expect(await refusal(assume({ DurationSeconds: 43_201 }))).toEqual({
      code: 'ValidationError',
      message:
        "1 validation error detected: Value '43201' at 'durationSeconds' failed to satisfy constraint: Member must have value less than or equal to 43200",
    });
  });

  test('of a session lasts an hour at most', async () => {
    const { assume } = await withRole(undefined, { MaxSessionDuration: 7200 });
    const session = as(STSClient, keysOf((await assume()).Credentials));
    const { AssumedRoleUser } = await assume({ RoleSessionName: 'chained' }, session);
    expect(AssumedRoleUser?.Arn).toMatch(/assumed-role\/worker\/chained$/);
    expect(await refusal(assume({ DurationSeconds: 3601 }, session))).toEqual({
      code: 'ValidationError',
      message: 'The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.',
    });
  });

  test.each([
    [
      { RoleSessionName: 'x' },
      "Value 'x' at 'roleSessionName' failed to satisfy constraint: Member must have length greater than or equal to 2",
    ],
    [
      { RoleSessionName: 'with space' },
      "Value 'with space' at 'roleSessionName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w+=,.@-]*",
    ],
    [
      { RoleArn: 'too short' },
      "Value 'too short' at 'roleArn' failed to satisfy constraint: Member must have length greater than or equal to 20",
    ],
    [{ ExternalId: 'x' }, "Value 'x' at 'externalId' failed to satisfy constraint: Member must have length greater than or equal to 2"],
  ])('refuses %j', async (input, fault) => {
    const { assume } = await withRole();
    expect(await refusal(assume(input))).toEqual({ code: 'ValidationError', message: `1 validation error detected: ${fault}` });
  });

  test('takes session policies, if they are policies', async () => {
    const { assume } = await withRole();
    const Policy = JSON.stringify(policy({ Action: 'ec2:*' }));
    const { PackedPolicySize } = await assume({ Policy, PolicyArns: [{ arn: 'arn:aws:iam::aws:policy/AmazonVPCFullAccess' }] });
    expect(PackedPolicySize).toBeGreaterThan(0);
    expect(await refusal(assume({ Policy: '{}' }))).toEqual({
      code: 'MalformedPolicyDocumentException',
      message: 'Syntax errors in policy.',
    });
    expect(await refusal(assume({ PolicyArns: [{ arn: 'arn:aws:iam::aws:policy/NoSuchPolicy' }] }))).toEqual({
      code: 'ValidationError',
      message: 'Policy arn:aws:iam::aws:policy/NoSuchPolicy does not exist or is not attachable.',
    });
  });

  test('takes tags and a source identity only where the trust policy lets it', async () => {
    const { assume, denied, iam, account } = await withRole();
    const Tags = [{ Key: 'team', Value: 'blue' }];
    expect(await refusal(assume({ Tags }))).toEqual(denied(undefined, 'sts:TagSession'));
    expect(await refusal(assume({ SourceIdentity: 'ann' }))).toEqual(denied(undefined, 'sts:SetSourceIdentity'));
    const statement = {
      Effect: 'Allow',
      Principal: { AWS: account },
      Action: ['sts:AssumeRole', 'sts:TagSession', 'sts:SetSourceIdentity'],
    };
    const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement: [statement] });
    await iam.send(new UpdateAssumeRolePolicyCommand({ RoleName: 'worker', PolicyDocument }));
    expect((await assume({ Tags, SourceIdentity: 'ann' })).SourceIdentity).toBe('ann');
    expect(await refusal(assume({ Tags: [...Tags, { Key: 'TEAM', Value: 'red' }] }))).toEqual({
      code: 'InvalidInput',
      message: 'Duplicate tag keys found. Please note that Tag keys are case insensitive.',
    });
  });

  test('has nobody to check a code of a multi-factor device', async () => {
    const { assume, account } = await withRole();
    expect(await refusal(assume({ SerialNumber: `arn:aws:iam::${account}:mfa/ann`, TokenCode: '123456' }))).toEqual({
      code: 'AccessDenied',
      message:
        'MultiFactorAuthentication failed, unable to validate MFA code.  Please verify your MFA serial number is valid and associated with this user.',
    });
  });

  test('gets the management account into any other, as AWS Organizations does', async () => {
    const account = keiro.freshAccount();
    const RoleArn = `arn:aws:iam::${account}:role/OrganizationAccountAccessRole`;
    const enter = (sts: STSClient) => sts.send(new AssumeRoleCommand({ RoleArn, RoleSessionName: 'admin' }));
    expect(await refusal(enter(keiro.client(STSClient)))).toMatchObject({ code: 'AccessDenied' });
    const { Credentials } = await enter(keiro.client(STSClient, { account: '123456789012' }));
    expect(await as(STSClient, keysOf(Credentials)).send(new GetCallerIdentityCommand())).toMatchObject({ Account: account });
    const { Role } = await keiro.client(IAMClient, { account }).send(new GetRoleCommand({ RoleName: 'OrganizationAccountAccessRole' }));
    expect(JSON.parse(decodeURIComponent(Role?.AssumeRolePolicyDocument ?? ''))).toMatchObject({
      Statement: [{ Principal: { AWS: 'arn:aws:iam::123456789012:root' }, Action: 'sts:AssumeRole' }],
    });
  });
});

describe('GetSessionToken', () => {
  test('gives its caller credentials that end', async () => {
    const account = keiro.freshAccount();
    const sts = as(STSClient, await userOf(account, 'ann'));
    const { Credentials } = await sts.send(new GetSessionTokenCommand({}));
    expect(Math.abs((Credentials?.Expiration?.getTime() ?? 0) - Date.now() - 12 * hourMs)).toBeLessThan(60_000);
    const session = as(STSClient, keysOf(Credentials));
    expect(await session.send(new GetCallerIdentityCommand())).toMatchObject({ Arn: `arn:aws:iam::${account}:user/ann` });
    expect(await refusal(session.send(new GetSessionTokenCommand({})))).toEqual({
      code: 'AccessDenied',
      message: 'Cannot call GetSessionToken with session credentials',
    });
  });

  test('of root ends after an hour, whatever was asked', async () => {
    const { Credentials } = await keiro.client(STSClient).send(new GetSessionTokenCommand({ DurationSeconds: 129_600 }));
    expect(Math.abs((Credentials?.Expiration?.getTime() ?? 0) - Date.now() - hourMs)).toBeLessThan(60_000);
  });

  test('knows its limits', async () => {
    expect(await refusal(keiro.client(STSClient).send(new GetSessionTokenCommand({ DurationSeconds: 129_601 })))).toEqual({
      code: 'ValidationError',
      message:
        "1 validation error detected: Value '129601' at 'durationSeconds' failed to satisfy constraint: Member must have value less than or equal to 129600",
    });
  });
});

describe('GetFederationToken', () => {
  test('gives somebody who is no user credentials', async () => {
    const account = keiro.freshAccount();
    const sts = as(STSClient, await userOf(account, 'ann'));
    const { Credentials, FederatedUser } = await sts.send(new GetFederationTokenCommand({ Name: 'guest' }));
    expect(FederatedUser).toEqual({ FederatedUserId: `${account}:guest`, Arn: `arn:aws:sts::${account}:federated-user/guest` });
    const guest = as(STSClient, keysOf(Credentials));
    expect(await guest.send(new GetCallerIdentityCommand())).toMatchObject({
      Arn: FederatedUser?.Arn,
      UserId: FederatedUser?.FederatedUserId,
    });
    expect(await refusal(guest.send(new GetFederationTokenCommand({ Name: 'guest' })))).toEqual({
      code: 'AccessDenied',
      message: 'Cannot call GetFederationToken with session credentials',
    });
    expect(await refusal(sts.send(new GetFederationTokenCommand({ Name: 'x'.repeat(33) })))).toEqual({
      code: 'ValidationError',
      message: `1 validation error detected: Value '${'x'.repeat(33)}' at 'name' failed to satisfy constraint: Member must have length less than or equal to 32`,
    });
  });
});

describe('GetAccessKeyInfo', () => {
  test('tells the account of a key, of one that is gone too', async () => {
    const account = keiro.freshAccount();
    const { accessKeyId } = await userOf(account, 'ann');
    const sts = keiro.client(STSClient);
    expect((await sts.send(new GetAccessKeyInfoCommand({ AccessKeyId: accessKeyId }))).Account).toBe(account);
    const gone = `AKIA${accessKeyId.slice(4, -3)}AAA`;
    expect((await sts.send(new GetAccessKeyInfoCommand({ AccessKeyId: gone }))).Account).toBe(account);
    expect(await refusal(sts.send(new GetAccessKeyInfoCommand({ AccessKeyId: 'not-an-access-key' })))).toEqual({
      code: 'ValidationError',
      message:
        "1 validation error detected: Value 'not-an-access-key' at 'accessKeyId' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w]*",
    });
    expect(await refusal(sts.send(new GetAccessKeyInfoCommand({ AccessKeyId: 'not_an_access_key' })))).toEqual({
      code: 'ValidationError',
      message: "The access key ID 'not_an_access_key' is not valid.",
    });
  });
});
