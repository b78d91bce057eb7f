/** Users in their pool: by which names they are found, and which names they may have. */
import type { OperationContext } from '#aws/context.ts';
import { aliasExists, invalidParameter, limitExceeded, userNotFound, usernameExists } from '#services/cognito-idp/errors.ts';
import { newUuid } from '#services/cognito-idp/ids.ts';
import { type AtPool, limitOf } from '#services/cognito-idp/lookup.ts';
import type { UserPoolRecord } from '#services/cognito-idp/tables.ts';
import { isEmail, isPhone } from '#services/cognito-idp/users/attributes.ts';
import { type Attributes, loginKey, type UserRecord, userTable } from '#services/cognito-idp/users/tables.ts';

/** "Users per user pool." */
const USERS = 40_000_000;

/** A name as it is looked up: in small letters where case does not count. AWS's default is that it does. */
function foldOf({ settings }: UserPoolRecord, name: string): string {
  return settings.UsernameConfiguration?.CaseSensitive === false ? name.toLowerCase() : name;
}

/** By any name: the username, the `sub`, an alias. */
export function findUser({ tx }: Pick<OperationContext, 'tx'>, pool: UserPoolRecord, name: string): UserRecord | undefined {
  return tx.find(userTable, 'login', loginKey(pool.id, foldOf(pool, name)))[0];
}

/** @throws AwsError UserNotFoundException */
export function requireUser({ context, pool }: AtPool, name: string): UserRecord {
  const user = findUser(context, pool, name);
  if (user === undefined) throw userNotFound();
  return user;
}

/** Keeps a user, findable by the names that the user now has. */
export function putUser({ context, pool }: AtPool, user: Omit<UserRecord, 'logins' | 'modifiedMs'>): UserRecord {
  const kept: UserRecord = { ...user, logins: loginsOf(pool, user), modifiedMs: context.nowMs };
  context.tx.put(userTable, kept);
  return kept;
}

type Named = Pick<UserRecord, 'username' | 'sub' | 'attributes'>;

function loginsOf(pool: UserPoolRecord, user: Named): readonly string[] {
  const aliases = signInNamesOf(pool, user.attributes).map(({ value }) => foldOf(pool, value));
  return [...new Set([foldOf(pool, user.username), user.sub, ...aliases])];
}

interface SignInName {
  readonly attribute: string;
  readonly value: string;
}

/** Attributes by which one signs in: "phone numbers and email addresses only become active aliases after your user verifies" them. */
function signInNamesOf({ settings }: UserPoolRecord, attributes: Attributes): readonly SignInName[] {
  const inPlaceOfName = settings.UsernameAttributes ?? [];
  const aliases = (settings.AliasAttributes ?? []).filter(
    (name) => name === 'preferred_username' || attributes[`${name}_verified`] === 'true',
  );
  return [...inPlaceOfName, ...aliases].flatMap((attribute) => {
    const value = attributes[attribute];
    return value ? [{ attribute, value }] : [];
  });
}

/**
 * Makes sure that no other user signs in by the names that a user is to have.
 * @param takes whether they are taken from others instead (`ForceAliasCreation`)
 * @throws AwsError AliasExistsException
 */
export function claimNames(
  at: AtPool,
  user: Pick<UserRecord, 'sub' | 'attributes'>,
  { takes = false, words = (attribute: string) => `An account with the given ${attribute} already exists.` } = {},
): void {
  for (const { attribute, value } of signInNamesOf(at.pool, user.attributes)) {
    const other = findUser(at.context, at.pool, value);
    if (other === undefined || other.sub === user.sub) continue;
    const isAlias =
      at.pool.settings.AliasAttributes?.some((alias) => alias === attribute) === true && other.attributes[attribute] === value;
    if (!takes || !isAlias || attribute === 'preferred_username')
      throw aliasExists(words(attribute === 'phone_number' ? 'phone_number' : attribute));
    // "moves the alias from the previous account …, and marks the attribute unverified in the previous account"
    putUser(at, { ...other, attributes: { ...other.attributes, [`${attribute}_verified`]: 'false' } });
  }
}

/** What a new user is to be called, and what that says of the user's attributes. */
export interface NewName {
  readonly sub: string;
  readonly username: string;
  readonly attributes: Attributes;
}

/**
 * Checks the name of a new user.
 * @throws AwsError InvalidParameterException, UsernameExistsException, LimitExceededException
 */
export function newName(at: AtPool, given: string, attributes: Attributes, existsWords?: string): NewName {
  const { context, pool } = at;
  const sub = newUuid(context);
  if (context.tx.find(userTable, 'pool', pool.id).length >= limitOf(context, USERS))
    throw limitExceeded(`Maximum number of users exceeded for user pool ${pool.id}.`);
  const inPlaceOfName = pool.settings.UsernameAttributes ?? [];
  if (inPlaceOfName.length > 0) {
    const attribute = kindOf(inPlaceOfName, given);
    if (attributes[attribute] !== undefined && attributes[attribute] !== given)
      throw invalidParameter(`User ${attribute} does not match the username.`);
    const named = { ...attributes, [attribute]: given };
    for (const { attribute: name, value } of signInNamesOf(pool, named))
      if (findUser(context, pool, value)) throw usernameExists(existsWords ?? `An account with the given ${name} already exists.`);
    return { sub, username: sub, attributes: named };
  }
  const aliases: readonly string[] = pool.settings.AliasAttributes ?? [];
  if (aliases.includes('email') && isEmail(given))
    throw invalidParameter('Username cannot be of email format, since user pool is configured for email alias.');
  if (aliases.includes('phone_number') && isPhone(given))
    throw invalidParameter('Username cannot be of phone number format, since user pool is configured for phone number alias.');
  if (findUser(context, pool, given)) throw usernameExists(existsWords);
  return { sub, username: foldOf(pool, given), attributes };
}

/** @throws AwsError InvalidParameterException */
function kindOf(allowed: readonly string[], name: string): 'email' | 'phone_number' {
  if (allowed.includes('email') && isEmail(name)) return 'email';
  if (allowed.includes('phone_number') && isPhone(name)) return 'phone_number';
  if (allowed.length > 1) throw invalidParameter('Username should be either an email or a phone number.');
  throw invalidParameter(allowed[0] === 'email' ? 'Username should be an email.' : 'Username should be a phone number.');
}

export const userIdOf = (poolId: string, sub: string): string => `${poolId}/${sub}`;
