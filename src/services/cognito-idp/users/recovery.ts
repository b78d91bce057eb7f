/** Forgotten passwords: a code to a verified address, then a new password. */
import { createHmac } from 'node:crypto';
import type { CodeDeliveryDetailsType } from '@aws-sdk/client-cognito-identity-provider';
import { checkSecretHash } from '#services/cognito-idp/auth/secret-hash.ts';
import { hidesUsers } from '#services/cognito-idp/auth/sign-in.ts';
import { codeMismatch, combinationNotFound, invalidParameter, notAuthorized, userDisabled } from '#services/cognito-idp/errors.ts';
import { type AtPool, requireAnyClient } from '#services/cognito-idp/lookup.ts';
import type { CognitoOperations } from '#services/cognito-idp/sdk.ts';
import type { UserPoolRecord } from '#services/cognito-idp/tables.ts';
import { countCall } from '#services/cognito-idp/users/attempts.ts';
import { deliveryOf, type Recipient, sendCode, takeCode } from '#services/cognito-idp/users/codes.ts';
import { claimNames, findUser, putUser } from '#services/cognito-idp/users/directory.ts';
import { checkPassword, setPassword } from '#services/cognito-idp/users/passwords.ts';
import type { UserRecord } from '#services/cognito-idp/users/tables.ts';
import { AwsError } from '#protocol/aws-error.ts';

export const recovery = {
  ForgotPassword(context, input) {
    const at = requireAnyClient(context, input.ClientId);
    checkSecretHash(at.client, [input.Username], input.SecretHash);
    if (mechanismsOf(at.pool).includes('admin_only')) throw notAuthorized('Contact administrator to reset password.');
    const user = findUser(at.context, at.pool, input.Username);
    if (user === undefined) {
      if (!hidesUsers(at)) throw combinationNotFound();
      return { CodeDeliveryDetails: simulatedDelivery(at.pool, input.Username) };
    }
    // "When a user … is deactivated, or doesn't have a verified delivery mechanism", a hiding client says nothing of it.
    if (hidesUsers(at) && (!user.isEnabled || recipientOf(at.pool, user) === undefined))
      return { CodeDeliveryDetails: simulatedDelivery(at.pool, input.Username) };
    countCall(at.context, user, 'recover');
    return { CodeDeliveryDetails: sendResetCode(at, user) };
  },

  ConfirmForgotPassword(context, input) {
    const at = requireAnyClient(context, input.ClientId);
    checkSecretHash(at.client, [input.Username], input.SecretHash);
    const user = findUser(at.context, at.pool, input.Username);
    if (user === undefined) throw hidesUsers(at) ? codeMismatch() : combinationNotFound();
    if (!user.isEnabled) throw hidesUsers(at) ? codeMismatch() : userDisabled();
    countCall(at.context, user, 'recover');
    const taken = takeCode(at, user, 'password', input.ConfirmationCode);
    if (taken instanceof AwsError) return taken;
    checkPassword(at.pool.settings.passwordPolicy, input.Password);
    setPassword(at, user, input.Password);
    const isSame = user.attributes[taken.attribute] === taken.value;
    const attributes = isSame ? { ...user.attributes, [`${taken.attribute}_verified`]: 'true' } : user.attributes;
    claimNames(at, { sub: user.sub, attributes });
    putUser(at, { ...user, attributes, status: 'CONFIRMED' });
    return {};
  },
} satisfies CognitoOperations;

/** @throws AwsError NotAuthorizedException, InvalidParameterException for a user who cannot have one */
export function sendResetCode(at: AtPool, user: UserRecord): CodeDeliveryDetailsType {
  if (!user.isEnabled) throw userDisabled();
  if (user.status === 'FORCE_CHANGE_PASSWORD') throw notAuthorized('User password cannot be reset in the current state.');
  const to = recipientOf(at.pool, user);
  if (to === undefined)
    throw invalidParameter('Cannot reset password for the user as there is no registered/verified email or phone_number');
  return sendCode(at, user, 'password', to);
}

/** "Legacy: Cognito uses a verified phone first. If the verified phone is not found …, falls back to verified email." */
const LEGACY = ['verified_phone_number', 'verified_email'];

/** The best mechanism first. */
function mechanismsOf({ settings }: UserPoolRecord): readonly string[] {
  const mechanisms = settings.AccountRecoverySetting?.RecoveryMechanisms ?? [];
  if (mechanisms.length === 0) return LEGACY;
  return mechanisms.toSorted((a, b) => (a.Priority ?? 0) - (b.Priority ?? 0)).map(({ Name }) => Name ?? '');
}

function recipientOf(pool: UserPoolRecord, { attributes }: UserRecord): Recipient | undefined {
  for (const mechanism of mechanismsOf(pool)) {
    const attribute = mechanism === 'verified_email' ? 'email' : mechanism === 'verified_phone_number' ? 'phone_number' : undefined;
    const value = attribute && attributes[attribute];
    if (attribute && value && attributes[`${attribute}_verified`] === 'true') return { attribute, value };
  }
  return undefined;
}

/** The same for the same name, so that asking twice tells no more. */
function simulatedDelivery(pool: UserPoolRecord, username: string): CodeDeliveryDetailsType {
  const [first = 0, second = 0] = createHmac('sha256', Buffer.from(pool.secret, 'base64')).update(`delivery ${username}`).digest();
  const letter = (byte: number): string => 'abcdefghijklmnopqrstuvwxyz'[byte % 26] ?? 'a';
  const value = username.includes('@') ? username : `${letter(first)}@${letter(second)}`;
  return deliveryOf({ attribute: 'email', value });
}
