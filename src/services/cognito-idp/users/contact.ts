/** Changes of a user's attributes; new addresses are to be verified. */
import type { CodeDeliveryDetailsType } from '@aws-sdk/client-cognito-identity-provider';
import type { AtPool } from '#services/cognito-idp/lookup.ts';
import { changedAttributes } from '#services/cognito-idp/users/attributes.ts';
import { sendCode } from '#services/cognito-idp/users/codes.ts';
import { claimNames, putUser } from '#services/cognito-idp/users/directory.ts';
import type { Attributes, UserRecord } from '#services/cognito-idp/users/tables.ts';

const contacts = ['email', 'phone_number'] as const;

/**
 * Sets attributes. An address that changes is not verified any more; where the pool wants it, it does not even change before it is.
 * @returns where codes were sent
 * @throws AwsError InvalidParameterException, AliasExistsException
 */
export function changeAttributes(at: AtPool, user: UserRecord, values: Attributes): readonly CodeDeliveryDetailsType[] {
  const { settings } = at.pool;
  const attributes: Record<string, string> = { ...changedAttributes(at.pool, user.attributes, values) };
  const pending: Record<string, string> = { ...user.pending };
  const toVerify: (typeof contacts)[number][] = [];
  for (const name of contacts) {
    const value = values[name];
    if (value === undefined || value === user.attributes[name]) continue;
    delete pending[name];
    if (value === '') delete attributes[`${name}_verified`];
    if (value === '' || values[`${name}_verified`] === 'true') continue;
    if (settings.AutoVerifiedAttributes?.includes(name)) toVerify.push(name);
    const before = user.attributes[name];
    if (settings.UserAttributeUpdateSettings?.AttributesRequireVerificationBeforeUpdate?.includes(name) && before !== undefined) {
      pending[name] = value;
      attributes[name] = before;
    } else attributes[`${name}_verified`] = 'false';
  }
  claimNames(at, { sub: user.sub, attributes });
  const changed = putUser(at, { ...user, attributes, pending });
  return toVerify.map((attribute) =>
    sendCode(at, changed, attribute, { attribute, value: pending[attribute] ?? attributes[attribute] ?? '' }),
  );
}
