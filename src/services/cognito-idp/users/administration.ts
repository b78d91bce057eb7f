/** Users as administrators change them: attributes, passwords, states, sign-out. */
import { notAuthorized } from '#services/cognito-idp/errors.ts';
import { requirePool } from '#services/cognito-idp/lookup.ts';
import { forgetUser } from '#services/cognito-idp/pools/deletion.ts';
import type { CognitoOperations } from '#services/cognito-idp/sdk.ts';
import { attributesOf, listOf, withoutAttributes } from '#services/cognito-idp/users/attributes.ts';
import { changeAttributes } from '#services/cognito-idp/users/contact.ts';
import { putUser, requireUser } from '#services/cognito-idp/users/directory.ts';
import { checkPassword, setPassword } from '#services/cognito-idp/users/passwords.ts';
import { sendResetCode } from '#services/cognito-idp/users/recovery.ts';
import { type UserRecord, userTable } from '#services/cognito-idp/users/tables.ts';
import type { OperationContext } from '#aws/context.ts';

export const administration = {
  AdminGetUser(context, input) {
    const user = requireUser(requirePool(context, input.UserPoolId), input.Username);
    return {
      Username: user.username,
      UserAttributes: listOf(user),
      UserCreateDate: new Date(user.createdMs),
      UserLastModifiedDate: new Date(user.modifiedMs),
      Enabled: user.isEnabled,
      UserStatus: user.status,
    };
  },

  AdminSetUserPassword(context, input) {
    const at = requirePool(context, input.UserPoolId);
    const user = requireUser(at, input.Username);
    checkPassword(at.pool.settings.passwordPolicy, input.Password);
    setPassword(at, user, input.Password);
    putUser(at, { ...user, status: input.Permanent === true ? 'CONFIRMED' : 'FORCE_CHANGE_PASSWORD' });
    return {};
  },

  AdminUpdateUserAttributes(context, input) {
    const at = requirePool(context, input.UserPoolId);
    changeAttributes(at, requireUser(at, input.Username), attributesOf(input.UserAttributes));
    return {};
  },

  AdminDeleteUserAttributes(context, input) {
    const at = requirePool(context, input.UserPoolId);
    const user = requireUser(at, input.Username);
    putUser(at, { ...user, attributes: withoutAttributes(at.pool, user.attributes, input.UserAttributeNames) });
    return {};
  },

  AdminDeleteUser(context, input) {
    forgetUser(context, requireUser(requirePool(context, input.UserPoolId), input.Username).id);
    return {};
  },

  /** "Deactivates a user profile and revokes all access tokens for the user." */
  AdminDisableUser(context, input) {
    const user = requireUser(requirePool(context, input.UserPoolId), input.Username);
    change(context, user, { isEnabled: false, signedOutMs: context.nowMs });
    return {};
  },

  AdminEnableUser(context, input) {
    change(context, requireUser(requirePool(context, input.UserPoolId), input.Username), { isEnabled: true });
    return {};
  },

  AdminConfirmSignUp(context, input) {
    const user = requireUser(requirePool(context, input.UserPoolId), input.Username);
    if (user.status !== 'UNCONFIRMED') throw notAuthorized(`User cannot be confirmed. Current status is ${user.status}`);
    change(context, user, { status: 'CONFIRMED' });
    return {};
  },

  AdminResetUserPassword(context, input) {
    const at = requirePool(context, input.UserPoolId);
    const user = requireUser(at, input.Username);
    sendResetCode(at, user);
    change(context, user, { status: 'RESET_REQUIRED' });
    return {};
  },

  AdminUserGlobalSignOut(context, input) {
    const user = requireUser(requirePool(context, input.UserPoolId), input.Username);
    change(context, user, { signedOutMs: context.nowMs });
    return {};
  },
} satisfies CognitoOperations;

/** Changes nothing by which a user is found. */
function change(
  { tx, nowMs }: OperationContext,
  user: UserRecord,
  to: Partial<Pick<UserRecord, 'isEnabled' | 'signedOutMs' | 'status'>>,
): void {
  tx.put(userTable, { ...user, ...to, modifiedMs: nowMs });
}
