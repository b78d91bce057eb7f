/** Users who sign up, recover a password, and look after their own account. */
import {
  AdminConfirmSignUpCommand,
  AdminCreateUserCommand,
  AdminGetUserCommand,
  AdminResetUserPasswordCommand,
  AdminUpdateUserAttributesCommand,
  ChangePasswordCommand,
  ConfirmForgotPasswordCommand,
  ConfirmSignUpCommand,
  DeleteUserAttributesCommand,
  DeleteUserCommand,
  ForgotPasswordCommand,
  GetUserAttributeVerificationCodeCommand,
  GetUserCommand,
  InitiateAuthCommand,
  ResendConfirmationCodeCommand,
  SignUpCommand,
  type SignUpCommandInput,
  UpdateUserAttributesCommand,
  VerifyUserAttributeCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { expect, test } from 'vitest';
import { codeIn, newPool, newUser, PASSWORD, type Pool, tokensOf, useCognito } from '#test/sdk/cognito.ts';
import { refusal } from '#test/sdk/keiro.ts';

const keiro = await useCognito();
const HOUR_MS = 3_600_000;
let people = 0;
const freshEmail = (): string => `person${(people += 1)}@example.com`;

const signUp = (
  { cognito, ClientId }: Pool,
  Username: string,
  attributes: Record<string, string> = {},
  more: Partial<SignUpCommandInput> = {},
) =>
  // prettier-ignore
  cognito.send(new SignUpCommand({ ClientId, Username, Password: PASSWORD, UserAttributes: listOf(attributes), ...more }));
const confirm = ({ cognito, ClientId }: Pool, Username: string, ConfirmationCode: string, ForceAliasCreation?: boolean) =>
  cognito.send(new ConfirmSignUpCommand({ ClientId, Username, ConfirmationCode, ForceAliasCreation }));
const withPassword = ({ cognito, ClientId }: Pool, USERNAME: string, password = PASSWORD) =>
  cognito.send(new InitiateAuthCommand({ ClientId, AuthFlow: 'USER_PASSWORD_AUTH', AuthParameters: { USERNAME, PASSWORD: password } }));
const listOf = (attributes: Record<string, string>) => Object.entries(attributes).map(([Name, Value]) => ({ Name, Value }));

async function userOf({ cognito, UserPoolId }: Pool, Username: string): Promise<Readonly<Record<string, string | undefined>>> {
  const { UserStatus, UserAttributes = [] } = await cognito.send(new AdminGetUserCommand({ UserPoolId, Username }));
  return { status: UserStatus, ...Object.fromEntries(UserAttributes.map(({ Name = '', Value }) => [Name, Value])) };
}

const mismatch = { code: 'CodeMismatchException', message: 'Invalid verification code provided, please try again.' };
const expired = { code: 'ExpiredCodeException', message: 'Invalid code provided, please request a code again.' };
const noCombination = { code: 'UserNotFoundException', message: 'Username/client id combination not found.' };
const emailPool = () => newPool(keiro.client(), { AutoVerifiedAttributes: ['email'] });

test('a user signs up, gets a code by mail, confirms with it and signs in', async () => {
  const pool = await emailPool();
  const email = freshEmail();
  const made = await signUp(pool, 'ann', { email });
  expect(made).toMatchObject({
    UserConfirmed: false,
    UserSub: expect.stringMatching(/^[0-9a-f-]{36}$/),
    CodeDeliveryDetails: { AttributeName: 'email', DeliveryMedium: 'EMAIL', Destination: 'p***@e***' },
  });
  expect(await userOf(pool, 'ann')).toEqual({ status: 'UNCONFIRMED', sub: made.UserSub, email, email_verified: 'false' });
  expect(await refusal(withPassword(pool, 'ann'))).toEqual({ code: 'UserNotConfirmedException', message: 'User is not confirmed.' });
  expect((await refusal(withPassword(pool, 'ann', 'Wrong-1234'))).code).toBe('NotAuthorizedException');
  expect(await refusal(signUp(pool, 'ann'))).toEqual({ code: 'UsernameExistsException', message: 'User already exists' });

  const [text = ''] = keiro.textsTo(email);
  const code = codeIn(text);
  expect(text).toBe(`Your confirmation code is ${code}`);
  const other = code === '000000' ? '000001' : '000000';
  expect(await refusal(confirm(pool, 'ann', other))).toEqual(mismatch);
  expect(await refusal(confirm(pool, 'ann', 'no code'))).toMatchObject({ code: 'InvalidParameterException' });
  expect(await refusal(confirm(pool, 'bob', code))).toEqual(noCombination);
  expect(await keiro.later(24 * HOUR_MS, () => refusal(confirm(pool, 'ann', code)))).toEqual(expired);
  await confirm(pool, 'ann', code);
  expect(await userOf(pool, 'ann')).toMatchObject({ status: 'CONFIRMED', email_verified: 'true' });
  expect(await refusal(confirm(pool, 'ann', code))).toEqual({ code: 'NotAuthorizedException', message: 'User cannot be confirmed. Current status is CONFIRMED' }); // prettier-ignore
  expect((await withPassword(pool, 'ann')).AuthenticationResult).toBeDefined();
});

test('a new code takes the place of the one before; both are counted', async () => {
  const pool = await emailPool();
  const { cognito, ClientId } = pool;
  const email = freshEmail();
  const resend = (Username: string) => cognito.send(new ResendConfirmationCodeCommand({ ClientId, Username }));
  await signUp(pool, 'ann', { email });
  for (let n = 0; n < 5; n += 1) await resend('ann');
  expect(await refusal(resend('ann'))).toEqual({
    code: 'LimitExceededException',
    message: 'Attempt limit exceeded, please try after some time.',
  });
  const codes = keiro.textsTo(email).map(codeIn);
  expect(codes).toHaveLength(6);
  const [latest = '', ...older] = codes;
  for (const code of older) if (code !== latest) expect(await refusal(confirm(pool, 'ann', code))).toEqual(mismatch);
  for (let n = older.length; n < 15; n += 1) await refusal(confirm(pool, 'ann', '1'));
  expect((await refusal(confirm(pool, 'ann', latest))).code).toBe('LimitExceededException'); // fifteen in an hour
  await keiro.later(HOUR_MS, () => confirm(pool, 'ann', latest));
  expect(await refusal(resend('ann'))).toEqual({ code: 'InvalidParameterException', message: 'User is already confirmed.' });
  expect(await refusal(resend('bob'))).toEqual(noCombination);
});

test('what a sign-up must have, and may not', async () => {
  const pool = await newPool(
    keiro.client(),
    { Schema: [{ Name: 'name', Required: true }, { Name: 'level', AttributeDataType: 'Number', NumberAttributeConstraints: { MinValue: '1', MaxValue: '9' } }] }, // prettier-ignore
    { WriteAttributes: ['name', 'email', 'custom:level', 'phone_number'] },
  );
  const name = 'Ann';
  const wrong: [Record<string, string>, Partial<SignUpCommandInput>, string, string][] = [
    [{}, {}, 'InvalidParameterException', 'Attributes did not conform to the schema: name.formatted: The attribute is required\n'],
    [{ name, 'custom:no': '1' }, {}, 'InvalidParameterException', 'Attributes did not conform to the schema: custom:no: Attribute does not exist in the schema.\n'], // prettier-ignore
    [{ name, 'custom:level': '10' }, {}, 'InvalidParameterException', 'Attributes did not conform to the schema: custom:level: Number must be no more than 9\n'], // prettier-ignore
    [{ name, email: 'nobody' }, {}, 'InvalidParameterException', 'Invalid email address format.'],
    [{ name, phone_number: '0123' }, {}, 'InvalidParameterException', 'Invalid phone number format.'],
    [{ name, email_verified: 'true' }, {}, 'NotAuthorizedException', 'A client attempted to write unauthorized attribute'],
    [{ name, nickname: 'A' }, {}, 'NotAuthorizedException', 'A client attempted to write unauthorized attribute'],
    [{ name, sub: 'x' }, {}, 'NotAuthorizedException', 'A client attempted to write unauthorized attribute'],
    [{ name }, { Password: 'Short-1' }, 'InvalidPasswordException', 'Password did not conform with policy: Password not long enough'],
    [{ name }, { Password: 'lower-case-1' }, 'InvalidPasswordException', 'Password did not conform with policy: Password must have uppercase characters'], // prettier-ignore
    [{ name }, { Password: 'UPPER-CASE-1' }, 'InvalidPasswordException', 'Password did not conform with policy: Password must have lowercase characters'], // prettier-ignore
    [{ name }, { Password: 'No-Digits-' }, 'InvalidPasswordException', 'Password did not conform with policy: Password must have numeric characters'], // prettier-ignore
    [{ name }, { Password: 'NoSymbols1' }, 'InvalidPasswordException', 'Password did not conform with policy: Password must have symbol characters'], // prettier-ignore
    [{ name }, { Password: 'with space-1A' }, 'InvalidParameterException', "1 validation error detected: Value at 'password' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\S]+"], // prettier-ignore
    [{ name }, { Password: undefined }, 'InvalidPasswordException', 'Password did not conform with policy: Password not long enough'],
  ];
  for (const [attributes, more, code, message] of wrong)
    expect(await refusal(signUp(pool, 'ann', attributes, more))).toEqual({ code, message });
  const { CodeDeliveryDetails } = await signUp(pool, 'ann', { name, 'custom:level': '9' });
  expect(CodeDeliveryDetails).toBeUndefined(); // nothing is verified by itself
  expect(await refusal(pool.cognito.send(new ResendConfirmationCodeCommand({ ClientId: pool.ClientId, Username: 'ann' })))).toEqual({ code: 'InvalidParameterException', message: 'Cannot resend codes. Auto verification not turned on.' }); // prettier-ignore
  await pool.cognito.send(new AdminConfirmSignUpCommand({ UserPoolId: pool.UserPoolId, Username: 'ann' }));
  expect((await withPassword(pool, 'ann')).AuthenticationResult).toBeDefined();
  const closed = await newPool(keiro.client(), { AdminCreateUserConfig: { AllowAdminCreateUserOnly: true } });
  expect(await refusal(signUp(closed, 'ann'))).toEqual({
    code: 'NotAuthorizedException',
    message: 'SignUp is not permitted for this user pool',
  });
});

test('an alias belongs to whoever has verified it last, and is moved by force alone', async () => {
  const pool = await newPool(keiro.client(), { AliasAttributes: ['email'], AutoVerifiedAttributes: ['email'] });
  const email = freshEmail();
  expect(await refusal(signUp(pool, email))).toEqual({ code: 'InvalidParameterException', message: 'Username cannot be of email format, since user pool is configured for email alias.' }); // prettier-ignore
  await signUp(pool, 'jie', { email });
  expect((await refusal(withPassword(pool, email))).code).toBe('UserNotFoundException'); // not verified yet
  await confirm(pool, 'jie', codeIn(keiro.textsTo(email)[0]));
  expect((await withPassword(pool, email)).AuthenticationResult).toBeDefined();
  await signUp(pool, 'shirley', { email }); // which tells nothing
  const code = codeIn(keiro.textsTo(email)[0]);
  expect(await refusal(confirm(pool, 'shirley', code))).toEqual({ code: 'AliasExistsException', message: 'An account with the email already exists.' }); // prettier-ignore
  await confirm(pool, 'shirley', code, true);
  expect(await userOf(pool, email)).toMatchObject({ email_verified: 'true', sub: (await userOf(pool, 'shirley'))['sub'] });
  expect(await userOf(pool, 'jie')).toMatchObject({ status: 'CONFIRMED', email, email_verified: 'false' });
});

test('a mail address in place of a username', async () => {
  const pool = await newPool(keiro.client(), { UsernameAttributes: ['email'], AutoVerifiedAttributes: ['email'] });
  const email = freshEmail();
  expect(await refusal(signUp(pool, 'ann'))).toEqual({ code: 'InvalidParameterException', message: 'Username should be an email.' });
  const { UserSub } = await signUp(pool, email);
  expect(await userOf(pool, email)).toEqual({ status: 'UNCONFIRMED', sub: UserSub, email, email_verified: 'false' });
  expect(await refusal(signUp(pool, email))).toEqual({ code: 'UsernameExistsException', message: 'An account with the given email already exists.' }); // prettier-ignore
  const { Username } = await pool.cognito.send(new AdminGetUserCommand({ UserPoolId: pool.UserPoolId, Username: email }));
  expect(Username).toBe(UserSub);
});

test('a forgotten password is replaced with a code that lives an hour', async () => {
  const pool = await emailPool();
  const { cognito, UserPoolId, ClientId } = pool;
  const email = freshEmail();
  const forgot = (Username: string, of = ClientId) => cognito.send(new ForgotPasswordCommand({ ClientId: of, Username }));
  const renew = (Username: string, ConfirmationCode: string, Password = 'Brand-New-1') =>
    cognito.send(new ConfirmForgotPasswordCommand({ ClientId, Username, ConfirmationCode, Password }));
  await newUser(pool, 'ann', { UserAttributes: listOf({ email, email_verified: 'true' }) });
  await newUser(pool, 'bob');
  await cognito.send(new AdminCreateUserCommand({ UserPoolId, Username: 'carl', MessageAction: 'SUPPRESS' }));
  expect(await refusal(forgot('nobody'))).toEqual(noCombination);
  expect(await refusal(forgot('bob'))).toEqual({ code: 'InvalidParameterException', message: 'Cannot reset password for the user as there is no registered/verified email or phone_number' }); // prettier-ignore
  expect(await refusal(forgot('carl'))).toEqual({ code: 'NotAuthorizedException', message: 'User password cannot be reset in the current state.' }); // prettier-ignore
  expect(await refusal(renew('ann', '123456'))).toEqual(expired);
  const details = { AttributeName: 'email', DeliveryMedium: 'EMAIL', Destination: 'p***@e***' };
  expect((await forgot('ann')).CodeDeliveryDetails).toEqual(details);
  const code = codeIn(keiro.textsTo(email)[0]);
  expect((await withPassword(pool, 'ann')).AuthenticationResult).toBeDefined(); // the old one holds until there is a new one
  expect((await refusal(renew('ann', code, 'short'))).code).toBe('InvalidPasswordException');
  expect(await keiro.later(HOUR_MS, () => refusal(renew('ann', code)))).toEqual(expired);
  await renew('ann', code);
  expect(await refusal(renew('ann', code))).toEqual(expired);
  expect((await refusal(withPassword(pool, 'ann'))).code).toBe('NotAuthorizedException');
  expect((await withPassword(pool, 'ann', 'Brand-New-1')).AuthenticationResult).toBeDefined();

  await cognito.send(new AdminResetUserPasswordCommand({ UserPoolId, Username: 'ann' }));
  expect((await userOf(pool, 'ann'))['status']).toBe('RESET_REQUIRED');
  await renew('ann', codeIn(keiro.textsTo(email)[0]), 'Third-One-1');
  expect((await userOf(pool, 'ann'))['status']).toBe('CONFIRMED');
  expect((await withPassword(pool, 'ann', 'Third-One-1')).AuthenticationResult).toBeDefined();
  const adminOnly = await newPool(keiro.client(), {
    AccountRecoverySetting: { RecoveryMechanisms: [{ Name: 'admin_only', Priority: 1 }] },
  });
  expect(await refusal(forgot('ann', adminOnly.ClientId))).toEqual({ code: 'NotAuthorizedException', message: 'Contact administrator to reset password.' }); // prettier-ignore
});

test('a client that hides users recovers nobody’s password in the same words', async () => {
  const pool = await newPool(keiro.client(), {}, { PreventUserExistenceErrors: 'ENABLED' });
  const { cognito, ClientId } = pool;
  const forgot = async () => (await cognito.send(new ForgotPasswordCommand({ ClientId, Username: 'nobody' }))).CodeDeliveryDetails;
  const once = await forgot();
  expect(once).toEqual({
    AttributeName: 'email',
    DeliveryMedium: 'EMAIL',
    Destination: expect.stringMatching(/^[a-z]\*\*\*@[a-z]\*\*\*$/),
  });
  expect(await forgot()).toEqual(once);
  expect(await refusal(cognito.send(new ConfirmForgotPasswordCommand({ ClientId, Username: 'nobody', ConfirmationCode: '1', Password: PASSWORD })))).toEqual(mismatch); // prettier-ignore
  expect(await refusal(confirm(pool, 'nobody', '1'))).toEqual(mismatch);
});

test('the phone is asked before the mail, and texts are kept with the mails', async () => {
  const pool = await newPool(keiro.client(), { AutoVerifiedAttributes: ['email', 'phone_number'], VerificationMessageTemplate: { SmsMessage: 'Say {####} please' } }); // prettier-ignore
  const phone = `+8190${String(process.pid).padStart(8, '0')}`;
  const { CodeDeliveryDetails } = await signUp(pool, 'ann', { email: freshEmail(), phone_number: phone });
  expect(CodeDeliveryDetails).toEqual({ AttributeName: 'phone_number', DeliveryMedium: 'SMS', Destination: `+*******${phone.slice(-4)}` });
  const [text = ''] = keiro.textsTo(phone);
  expect(text).toMatch(/^Say \d{6} please$/);
  await confirm(pool, 'ann', codeIn(text));
  expect(await userOf(pool, 'ann')).toMatchObject({ phone_number_verified: 'true', email_verified: 'false' });
});

test('users change their attributes; a new address is verified again', async () => {
  const pool = await newPool(
    keiro.client(),
    { AutoVerifiedAttributes: ['email'], Schema: [{ Name: 'once', AttributeDataType: 'String', Mutable: false }] },
    { ReadAttributes: ['email', 'email_verified', 'name'] },
  );
  const { cognito } = pool;
  const [old, email] = [freshEmail(), freshEmail()];
  await newUser(pool, 'ann', { UserAttributes: listOf({ email: old, email_verified: 'true', 'custom:once': 'a', nickname: 'A' }) });
  const { AccessToken } = await tokensOf(pool, 'ann');
  const own = async () => (await cognito.send(new GetUserCommand({ AccessToken }))).UserAttributes?.map(({ Name, Value }) => `${Name}=${Value}`).toSorted(); // prettier-ignore
  const update = (attributes: Record<string, string>) => cognito.send(new UpdateUserAttributesCommand({ AccessToken, UserAttributes: listOf(attributes) })); // prettier-ignore
  const verify = (Code: string, AttributeName = 'email') =>
    cognito.send(new VerifyUserAttributeCommand({ AccessToken, AttributeName, Code }));
  const { sub } = await userOf(pool, 'ann');
  expect(await own()).toEqual([`email=${old}`, 'email_verified=true', `sub=${sub}`]); // no more than the client may read
  expect((await update({ name: 'Ann', nickname: 'B' })).CodeDeliveryDetailsList).toEqual([]);
  expect((await update({ email })).CodeDeliveryDetailsList).toEqual([{ AttributeName: 'email', DeliveryMedium: 'EMAIL', Destination: 'p***@e***' }]); // prettier-ignore
  expect(await own()).toEqual([`email=${email}`, 'email_verified=false', 'name=Ann', `sub=${sub}`]);
  const code = codeIn(keiro.textsTo(email)[0]);
  expect(await refusal(verify(code === '000000' ? '1' : '000000'))).toEqual(mismatch);
  expect((await refusal(verify(code, 'name'))).code).toBe('InvalidParameterException');
  await verify(code);
  expect(await userOf(pool, 'ann')).toMatchObject({ email, email_verified: 'true', nickname: 'B' });
  await cognito.send(new GetUserAttributeVerificationCodeCommand({ AccessToken, AttributeName: 'email' }));
  expect(keiro.textsTo(email)).toHaveLength(2);
  expect(await refusal(update({ 'custom:once': 'b' }))).toEqual({ code: 'InvalidParameterException', message: 'Invalid user attributes: user.custom:once: Attribute cannot be updated.\n' }); // prettier-ignore
  expect((await refusal(update({ email_verified: 'true' }))).code).toBe('NotAuthorizedException');
  await cognito.send(new DeleteUserAttributesCommand({ AccessToken, UserAttributeNames: ['nickname', 'email'] }));
  expect(await userOf(pool, 'ann')).toEqual({ status: 'CONFIRMED', sub, name: 'Ann', 'custom:once': 'a' });
  await cognito.send(new DeleteUserCommand({ AccessToken }));
  expect((await refusal(userOf(pool, 'ann'))).code).toBe('UserNotFoundException');
});

test('an address that is to be verified first stays as it was until then', async () => {
  const UserAttributeUpdateSettings = { AttributesRequireVerificationBeforeUpdate: ['email' as const] };
  const pool = await newPool(keiro.client(), {
    AliasAttributes: ['email'],
    AutoVerifiedAttributes: ['email'],
    UserAttributeUpdateSettings,
  });
  const { cognito, UserPoolId } = pool;
  const [old, email] = [freshEmail(), freshEmail()];
  await newUser(pool, 'ann', { UserAttributes: listOf({ email: old, email_verified: 'true' }) });
  const { AccessToken } = await tokensOf(pool, old);
  await cognito.send(new UpdateUserAttributesCommand({ AccessToken, UserAttributes: listOf({ email }) }));
  expect(await userOf(pool, old)).toMatchObject({ email: old, email_verified: 'true' });
  expect((await refusal(userOf(pool, email))).code).toBe('UserNotFoundException');
  await cognito.send(new VerifyUserAttributeCommand({ AccessToken, AttributeName: 'email', Code: codeIn(keiro.textsTo(email)[0]) }));
  expect(await userOf(pool, email)).toMatchObject({ email, email_verified: 'true' });
  expect((await refusal(userOf(pool, old))).code).toBe('UserNotFoundException');
  const third = freshEmail();
  await cognito.send(new AdminUpdateUserAttributesCommand({ UserPoolId, Username: 'ann', UserAttributes: listOf({ email: third, email_verified: 'true' }) })); // prettier-ignore
  expect(await userOf(pool, third)).toMatchObject({ email: third, email_verified: 'true' });
});

test('a password is changed by who knows it, five times an hour', async () => {
  const pool = await newPool(keiro.client());
  await newUser(pool, 'ann');
  const { AccessToken } = await tokensOf(pool, 'ann');
  const change = (PreviousPassword: string, ProposedPassword: string) =>
    pool.cognito.send(new ChangePasswordCommand({ AccessToken, PreviousPassword, ProposedPassword }));
  expect(await refusal(change('Wrong-1234', 'Second-One-1'))).toEqual({ code: 'NotAuthorizedException', message: 'Incorrect username or password.' }); // prettier-ignore
  await change(PASSWORD, 'Second-One-1');
  expect((await refusal(withPassword(pool, 'ann'))).code).toBe('NotAuthorizedException');
  expect((await withPassword(pool, 'ann', 'Second-One-1')).AuthenticationResult).toBeDefined();
  for (let n = 0; n < 3; n += 1) await refusal(change('Wrong-1234', 'Third-One-1'));
  expect((await refusal(change('Second-One-1', 'Third-One-1'))).code).toBe('LimitExceededException');
});
