/** Users who sign up by themselves, and confirm that with a code. */
import type { CodeDeliveryDetailsType } from '@aws-sdk/client-cognito-identity-provider';
import { checkSecretHash } from '#services/cognito-idp/auth/secret-hash.ts';
import { hidesUsers } from '#services/cognito-idp/auth/sign-in.ts';
import { mayWrite } from '#services/cognito-idp/clients/settings.ts';
import { codeMismatch, combinationNotFound, invalidParameter, invalidPassword, notAuthorized, unauthorizedAttribute } from '#services/cognito-idp/errors.ts'; // prettier-ignore
import { requireAnyClient } from '#services/cognito-idp/lookup.ts';
import type { CognitoOperations } from '#services/cognito-idp/sdk.ts';
import type { UserPoolRecord } from '#services/cognito-idp/tables.ts';
import { countCall } from '#services/cognito-idp/users/attempts.ts';
import { attributesOf, checkRequired, checkValues } from '#services/cognito-idp/users/attributes.ts';
import { type Recipient, sendCode, takeCode } from '#services/cognito-idp/users/codes.ts';
import { claimNames, findUser, newName, putUser, userIdOf } from '#services/cognito-idp/users/directory.ts';
import { checkPassword, setPassword } from '#services/cognito-idp/users/passwords.ts';
import type { Attributes } from '#services/cognito-idp/users/tables.ts';
import { AwsError } from '#protocol/aws-error.ts';

export const signUp = {
  SignUp(context, input) {
    const at = requireAnyClient(context, input.ClientId);
    const { pool, client } = at;
    checkSecretHash(client, [input.Username], input.SecretHash);
    if (pool.settings.AdminCreateUserConfig?.AllowAdminCreateUserOnly === true)
      throw notAuthorized('SignUp is not permitted for this user pool');
    const given = attributesOf(input.UserAttributes);
    if (Object.keys(given).some((name) => pool.schema.some(({ Name }) => Name === name) && !mayWrite(client, name)))
      throw unauthorizedAttribute();
    checkValues(pool, given);
    if (input.Password === undefined || input.Password === '') throw invalidPassword('Password not long enough');
    checkPassword(pool.settings.passwordPolicy, input.Password);
    const values = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== ''));
    const named = newName(at, input.Username, values);
    checkRequired(pool, named.attributes);
    checkPreferredName(pool, named.attributes);
    const user = putUser(at, {
      ...named,
      attributes: unverified(named.attributes),
      id: userIdOf(pool.id, named.sub),
      poolId: pool.id,
      pending: {},
      status: 'UNCONFIRMED',
      isEnabled: true,
      createdMs: at.context.nowMs,
    });
    setPassword(at, user, input.Password);
    const to = recipientOf(pool, user.attributes);
    return { UserConfirmed: false, UserSub: user.sub, ...(to && { CodeDeliveryDetails: sendCode(at, user, 'sign-up', to) }) };
  },

  ConfirmSignUp(context, input) {
    const at = requireAnyClient(context, input.ClientId);
    checkSecretHash(at.client, [input.Username], input.SecretHash);
    const user = findUser(at.context, at.pool, input.Username);
    if (user === undefined) throw hidesUsers(at) ? codeMismatch() : combinationNotFound();
    if (user.status !== 'UNCONFIRMED') throw notAuthorized(`User cannot be confirmed. Current status is ${user.status}`);
    countCall(at.context, user, 'confirm');
    const taken = takeCode(at, user, 'sign-up', input.ConfirmationCode);
    if (taken instanceof AwsError) return taken;
    const isSame = user.attributes[taken.attribute] === taken.value;
    const attributes = isSame ? { ...user.attributes, [`${taken.attribute}_verified`]: 'true' } : user.attributes;
    const words = (attribute: string): string => `An account with the ${attribute} already exists.`;
    claimNames(at, { sub: user.sub, attributes }, { takes: input.ForceAliasCreation === true, words });
    putUser(at, { ...user, attributes, status: 'CONFIRMED' });
    return {};
  },

  ResendConfirmationCode(context, input): { CodeDeliveryDetails?: CodeDeliveryDetailsType } {
    const at = requireAnyClient(context, input.ClientId);
    checkSecretHash(at.client, [input.Username], input.SecretHash);
    const user = findUser(at.context, at.pool, input.Username);
    if (user === undefined) throw combinationNotFound();
    if (user.status !== 'UNCONFIRMED') throw invalidParameter('User is already confirmed.');
    const to = recipientOf(at.pool, user.attributes);
    if (to === undefined) throw invalidParameter('Cannot resend codes. Auto verification not turned on.');
    countCall(at.context, user, 'resend');
    return { CodeDeliveryDetails: sendCode(at, user, 'sign-up', to) };
  },
} satisfies CognitoOperations;

/** "Amazon Cognito verifies only one contact method when a user signs up", the phone before the mail. */
function recipientOf({ settings }: UserPoolRecord, attributes: Attributes): Recipient | undefined {
  for (const attribute of ['phone_number', 'email'] as const) {
    const value = attributes[attribute];
    if (value && settings.AutoVerifiedAttributes?.includes(attribute)) return { attribute, value };
  }
  return undefined;
}

/** "If you select preferred_username as an alias, your user … can't provide the value during registration." */
function checkPreferredName({ settings }: UserPoolRecord, attributes: Attributes): void {
  if (attributes['preferred_username'] !== undefined && settings.AliasAttributes?.includes('preferred_username'))
    throw invalidParameter('The preferred_username cannot be set before the user is confirmed.');
}

function unverified(attributes: Attributes): Attributes {
  const flags = ['email', 'phone_number'].filter((name) => attributes[name] !== undefined).map((name) => [`${name}_verified`, 'false']);
  return { ...attributes, ...Object.fromEntries(flags) };
}
