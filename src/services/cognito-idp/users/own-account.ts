/** Users who change their own account, with their access token. */
import { requireAccess } from '#services/cognito-idp/auth/access.ts';
import { mayRead, mayWrite } from '#services/cognito-idp/clients/settings.ts';
import { codeExpired, invalidParameter, unauthorizedAttribute, wrongPassword } from '#services/cognito-idp/errors.ts';
import { forgetUser } from '#services/cognito-idp/pools/deletion.ts';
import type { CognitoOperations } from '#services/cognito-idp/sdk.ts';
import { countCall } from '#services/cognito-idp/users/attempts.ts';
import { attributesOf, listOf, withoutAttributes } from '#services/cognito-idp/users/attributes.ts';
import { sendCode, takeCode } from '#services/cognito-idp/users/codes.ts';
import { changeAttributes } from '#services/cognito-idp/users/contact.ts';
import { claimNames, putUser } from '#services/cognito-idp/users/directory.ts';
import { checkPassword, isPassword, setPassword } from '#services/cognito-idp/users/passwords.ts';
import { userTable } from '#services/cognito-idp/users/tables.ts';
import { AwsError } from '#protocol/aws-error.ts';

export const ownAccount = {
  GetUser(context, input) {
    const { user, client } = requireAccess(context, input.AccessToken);
    return { Username: user.username, UserAttributes: listOf(user, (name) => mayRead(client, name)) };
  },

  UpdateUserAttributes(context, input) {
    const at = requireAccess(context, input.AccessToken);
    const values = attributesOf(input.UserAttributes);
    if (Object.keys(values).some((name) => isKnown(at.pool.schema, name) && !mayWrite(at.client, name))) throw unauthorizedAttribute();
    return { CodeDeliveryDetailsList: [...changeAttributes(at, at.user, values)] };
  },

  DeleteUserAttributes(context, input) {
    const at = requireAccess(context, input.AccessToken);
    const { pool, client, user } = at;
    if (input.UserAttributeNames.some((name) => isKnown(pool.schema, name) && !mayWrite(client, name))) throw unauthorizedAttribute();
    putUser(at, { ...user, attributes: withoutAttributes(pool, user.attributes, input.UserAttributeNames) });
    return {};
  },

  DeleteUser(context, input) {
    const { context: there, user } = requireAccess(context, input.AccessToken);
    forgetUser(there, user.id);
    return {};
  },

  ChangePassword(context, input) {
    const at = requireAccess(context, input.AccessToken);
    const { user } = at;
    countCall(at.context, user, 'change');
    if (!isPassword(at, user, input.PreviousPassword ?? '')) return wrongPassword();
    checkPassword(at.pool.settings.passwordPolicy, input.ProposedPassword);
    setPassword(at, user, input.ProposedPassword);
    putUser(at, user);
    return {};
  },

  GetUserAttributeVerificationCode(context, input) {
    const at = requireAccess(context, input.AccessToken);
    const attribute = verifiable(input.AttributeName);
    const value = at.user.pending[attribute] ?? at.user.attributes[attribute];
    if (value === undefined) throw invalidParameter(`User does not have ${attribute}.`);
    countCall(at.context, at.user, 'ask');
    return { CodeDeliveryDetails: sendCode(at, at.user, attribute, { attribute, value }) };
  },

  VerifyUserAttribute(context, input) {
    const at = requireAccess(context, input.AccessToken);
    const { user } = at;
    const attribute = verifiable(input.AttributeName);
    countCall(at.context, user, 'verify');
    const taken = takeCode(at, user, attribute, input.Code);
    if (taken instanceof AwsError) return taken;
    const { [attribute]: awaited, ...pending } = user.pending;
    // The address may have changed since the code was sent.
    if ((awaited ?? user.attributes[attribute]) !== taken.value) return codeExpired();
    const attributes = { ...user.attributes, [attribute]: taken.value, [`${attribute}_verified`]: 'true' };
    claimNames(at, { sub: user.sub, attributes });
    putUser(at, { ...user, attributes, pending });
    return {};
  },

  GlobalSignOut(context, input) {
    const { context: there, user } = requireAccess(context, input.AccessToken);
    there.tx.put(userTable, { ...user, signedOutMs: there.nowMs });
    return {};
  },
} satisfies CognitoOperations;

const isKnown = (schema: readonly { readonly Name: string }[], name: string): boolean => schema.some(({ Name }) => Name === name);

/** "Only email and phone can be verified." @throws AwsError InvalidParameterException */
function verifiable(name: string): 'email' | 'phone_number' {
  if (name === 'email' || name === 'phone_number') return name;
  throw invalidParameter(`Attribute ${name} cannot be verified.`);
}
