/** What happens once a user has shown a password: tokens, or the demand for a new one. */
import type { InitiateAuthResponse } from '@aws-sdk/client-cognito-identity-provider';
import { newSession, readSession, useSession } from '#services/cognito-idp/auth/sessions.ts';
import { signIn } from '#services/cognito-idp/auth/tokens.ts';
import { mayWrite } from '#services/cognito-idp/clients/settings.ts';
import {
  invalidParameter,
  notAuthorized,
  passwordResetRequired,
  unauthorizedAttribute,
  userDisabled,
  userNotConfirmed,
  userNotFound,
  wrongPassword,
} from '#services/cognito-idp/errors.ts';
import type { AtClient } from '#services/cognito-idp/lookup.ts';
import { forgetFailures } from '#services/cognito-idp/users/attempts.ts';
import { changedAttributes, missingOf } from '#services/cognito-idp/users/attributes.ts';
import { claimNames, findUser, putUser, userIdOf } from '#services/cognito-idp/users/directory.ts';
import { checkPassword, setPassword } from '#services/cognito-idp/users/passwords.ts';
import { type Attributes, passwordTable, type UserRecord, userTable } from '#services/cognito-idp/users/tables.ts';

const DAY_MS = 86_400_000;
const PREFIX = 'userAttributes.';

export type Parameters = Readonly<Record<string, string>>;

/** @throws AwsError InvalidParameterException */
export function requireParameter(parameters: Parameters | undefined, name: string): string {
  const value = parameters?.[name];
  if (value === undefined || value === '') throw invalidParameter(`Missing required parameter ${name}`);
  return value;
}

/** Whether a client tells who is not there. */
export const hidesUsers = ({ client }: AtClient): boolean => client.settings.PreventUserExistenceErrors === 'ENABLED';

/** What to say of a user who is not there. */
export const noSuchUser = (at: AtClient) => (hidesUsers(at) ? wrongPassword() : userNotFound());

/** A user whose password counts for nothing any more. @throws AwsError PasswordResetRequiredException */
export function refuseReset(at: AtClient, user: UserRecord): void {
  if (user.status === 'RESET_REQUIRED') throw hidesUsers(at) ? wrongPassword() : passwordResetRequired();
}

/** The answer to whoever has shown the right password. @throws AwsError for a user who may not sign in */
export function admit(at: AtClient, user: UserRecord): InitiateAuthResponse {
  const { context, pool } = at;
  forgetFailures(context, user);
  if (!user.isEnabled) throw userDisabled();
  if (user.status === 'UNCONFIRMED') throw userNotConfirmed();
  if (user.status !== 'FORCE_CHANGE_PASSWORD') return { ChallengeParameters: {}, AuthenticationResult: signIn(at, user) };
  const setMs = passwordSetMs(at, user);
  if (context.nowMs >= setMs + pool.settings.passwordPolicy.TemporaryPasswordValidityDays * DAY_MS)
    throw notAuthorized('Temporary password has expired and must be reset by an administrator.');
  return {
    ChallengeName: 'NEW_PASSWORD_REQUIRED',
    Session: newSession(at, 'NEW_PASSWORD_REQUIRED', { sub: user.sub, setMs: String(setMs) }).toString('base64url'),
    ChallengeParameters: {
      USER_ID_FOR_SRP: user.username,
      requiredAttributes: JSON.stringify(missingOf(pool, user.attributes).map((name) => PREFIX + name)),
      userAttributes: JSON.stringify(user.attributes),
    },
  };
}

const passwordSetMs = ({ context }: AtClient, user: UserRecord): number => context.tx.get(passwordTable, user.id)?.setMs ?? 0;

/** The answer to NEW_PASSWORD_REQUIRED: a password, and the required attributes that were not there, as `userAttributes.NAME`. */
export function takeNewPassword(at: AtClient, session: string | undefined, responses: Parameters): InitiateAuthResponse {
  const { context, pool } = at;
  const username = requireParameter(responses, 'USERNAME');
  if (session === undefined) throw invalidParameter('Missing required parameter Session');
  const bytes = Buffer.from(session, 'base64url');
  const { sub = '', setMs } = readSession(at, 'NEW_PASSWORD_REQUIRED', bytes);
  const user = context.tx.get(userTable, userIdOf(pool.id, sub));
  if (user === undefined || findUser(context, pool, username)?.sub !== sub) throw notAuthorized('Invalid session for the user.');
  if (!user.isEnabled) throw userDisabled();
  if (user.status !== 'FORCE_CHANGE_PASSWORD' || String(passwordSetMs(at, user)) !== setMs)
    throw notAuthorized('Invalid session for the user, session can only be used once.');
  const password = requireParameter(responses, 'NEW_PASSWORD');
  const attributes = withGiven(at, user, responses);
  checkPassword(pool.settings.passwordPolicy, password);
  claimNames(at, { sub, attributes });
  useSession(at, bytes);
  setPassword(at, user, password);
  const changed = putUser(at, { ...user, attributes, status: 'CONFIRMED' });
  return { ChallengeParameters: {}, AuthenticationResult: signIn(at, changed) };
}

/** @throws AwsError InvalidParameterException, NotAuthorizedException */
function withGiven({ pool, client }: AtClient, user: UserRecord, responses: Parameters): Attributes {
  const given: Record<string, string> = {};
  for (const [key, value] of Object.entries(responses)) if (key.startsWith(PREFIX)) given[key.slice(PREFIX.length)] = value;
  for (const name of Object.keys(given)) {
    if (user.attributes[name] !== undefined) throw notAuthorized(`Cannot modify an already provided ${name}`);
    if (!mayWrite(client, name)) throw unauthorizedAttribute();
  }
  const missing = missingOf(pool, { ...user.attributes, ...given });
  if (missing.length > 0)
    throw invalidParameter(`Invalid attributes given, ${missing.join(' and ')} ${missing.length === 1 ? 'is' : 'are'} missing`);
  // An attribute that has no value may be given one, even if it cannot be changed later.
  const settable = {
    ...pool,
    schema: pool.schema.map((attribute) => (attribute.Name === 'sub' ? attribute : { ...attribute, Mutable: true })),
  };
  return changedAttributes(settable, user.attributes, given);
}
