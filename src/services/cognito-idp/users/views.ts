/** Users as the API describes them. */
import type { UserType } from '@aws-sdk/client-cognito-identity-provider';
import { listOf } from '#services/cognito-idp/users/attributes.ts';
import type { UserRecord } from '#services/cognito-idp/users/tables.ts';

/** @param shows the attributes that are told */
export function viewOfUser(user: UserRecord, shows?: (name: string) => boolean): UserType {
  return {
    Username: user.username,
    Attributes: listOf(user, shows),
    UserCreateDate: new Date(user.createdMs),
    UserLastModifiedDate: new Date(user.modifiedMs),
    Enabled: user.isEnabled,
    UserStatus: user.status,
  };
}
