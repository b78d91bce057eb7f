/** AdminCreateUser: a user with a temporary password, and the invitation. */
import type { AdminCreateUserRequest, DeliveryMediumType } from '@aws-sdk/client-cognito-identity-provider';
import { invalidParameter } from '#services/cognito-idp/errors.ts';
import { type AtPool, requirePool } from '#services/cognito-idp/lookup.ts';
import type { CognitoOperations } from '#services/cognito-idp/sdk.ts';
import { attributesOf, checkValues } from '#services/cognito-idp/users/attributes.ts';
import { claimNames, newName, putUser, requireUser, userIdOf } from '#services/cognito-idp/users/directory.ts';
import { sendEmail, sendSms } from '#services/cognito-idp/users/messages.ts';
import { checkPassword, newPassword, setPassword } from '#services/cognito-idp/users/passwords.ts';
import type { UserRecord } from '#services/cognito-idp/users/tables.ts';
import { viewOfUser } from '#services/cognito-idp/users/views.ts';
import { AwsError } from '#protocol/aws-error.ts';

const INVITATION = 'Your username is {username} and temporary password is {####}.';
const SUBJECT = 'Your temporary password';

type NewUser = Pick<AdminCreateUserRequest, 'ForceAliasCreation' | 'UserAttributes'> & { readonly Username: string };

export const userCreation = {
  AdminCreateUser(context, input) {
    const at = requirePool(context, input.UserPoolId);
    const { passwordPolicy } = at.pool.settings;
    const password = input.TemporaryPassword || newPassword(context, passwordPolicy);
    checkPassword(passwordPolicy, password);
    const isAgain = input.MessageAction === 'RESEND';
    const user = isAgain ? invitedUser(at, input.Username) : newUser(at, input);
    setPassword(at, user, password);
    if (input.MessageAction !== 'SUPPRESS') invite(at, user, input.Username, password, input.DesiredDeliveryMediums);
    return { User: viewOfUser(user) };
  },
} satisfies CognitoOperations;

function newUser(at: AtPool, input: NewUser): UserRecord {
  const { context, pool } = at;
  const given = attributesOf(input.UserAttributes);
  checkValues(pool, given);
  const values = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== ''));
  for (const name of ['email', 'phone_number'])
    if (values[`${name}_verified`] === 'true' && values[name] === undefined && !pool.settings.UsernameAttributes?.length)
      throw invalidParameter(`${name} is required to set ${name}_verified.`);
  const named = newName(at, input.Username, values, 'User account already exists');
  if (named.attributes !== values) checkValues(pool, named.attributes);
  claimNames(at, named, { takes: input.ForceAliasCreation === true });
  return putUser(at, {
    ...named,
    id: userIdOf(pool.id, named.sub),
    poolId: pool.id,
    pending: {},
    status: 'FORCE_CHANGE_PASSWORD',
    isEnabled: true,
    createdMs: context.nowMs,
  });
}

/** @throws AwsError UserNotFoundException, UnsupportedUserStateException */
function invitedUser(at: AtPool, username: string): UserRecord {
  const user = requireUser(at, username);
  if (user.status !== 'FORCE_CHANGE_PASSWORD')
    throw new AwsError('UnsupportedUserStateException', 'Resend not possible. status is not FORCE_CHANGE_PASSWORD');
  return user;
}

/** By the media that are asked for; else by text, or by mail to who has no phone. Who has neither gets nothing. */
function invite(at: AtPool, user: UserRecord, username: string, code: string, media: readonly DeliveryMediumType[] = []): void {
  const { email, phone_number: phone } = user.attributes;
  const template = at.pool.settings.AdminCreateUserConfig?.InviteMessageTemplate;
  const wanted = new Set(media.length > 0 ? media : phone ? ['SMS'] : email ? ['EMAIL'] : []);
  if (wanted.has('EMAIL')) {
    if (!email) throw invalidParameter('User has no email attribute for the delivery medium EMAIL.');
    sendEmail(at, email, { subject: template?.EmailSubject ?? SUBJECT, text: template?.EmailMessage ?? INVITATION, username, code });
  }
  if (wanted.has('SMS') && phone) sendSms(at, phone, { text: template?.SMSMessage ?? INVITATION, username, code });
}
