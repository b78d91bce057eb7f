/** Users, groups, roles and instance profiles by name: found, named by ARN, kept unique. */
import { globalArn } from '#aws/arns.ts';
import type { OperationContext } from '#aws/context.ts';
import { alreadyExists, notFound, type Noun } from '#services/iam/errors.ts';
import {
  type GroupRecord,
  groupTable,
  type InstanceProfileRecord,
  instanceProfileTable,
  type NamedRecord,
  type RoleRecord,
  roleTable,
  type UserRecord,
  userTable,
} from '#services/iam/tables.ts';
import type { Table } from '#store/table.ts';

/** The id of the record with a name. */
export const idOf = (name: string): string => name.toLowerCase();

export function requireUser(context: Pick<OperationContext, 'tx'>, name: string): UserRecord {
  return requireNamed(context, userTable, 'user', name);
}

export function requireGroup(context: Pick<OperationContext, 'tx'>, name: string): GroupRecord {
  return requireNamed(context, groupTable, 'group', name);
}

export function requireRole(context: Pick<OperationContext, 'tx'>, name: string): RoleRecord {
  return requireNamed(context, roleTable, 'role', name);
}

export function requireInstanceProfile(context: Pick<OperationContext, 'tx'>, name: string): InstanceProfileRecord {
  return requireNamed(context, instanceProfileTable, 'instance profile', name);
}

/** @throws AwsError NoSuchEntity */
function requireNamed<R extends NamedRecord>({ tx }: Pick<OperationContext, 'tx'>, table: Table<R, string>, noun: Noun, name: string): R {
  const record = tx.get(table, idOf(name));
  if (!record) throw notFound(noun, name);
  return record;
}

/** @throws AwsError EntityAlreadyExists when the name is taken, also in other letters. */
export function requireFree<R extends NamedRecord>(
  { tx }: Pick<OperationContext, 'tx'>,
  table: Table<R, string>,
  noun: Noun,
  name: string,
): void {
  const taken = tx.get(table, idOf(name));
  if (taken) throw alreadyExists(noun, taken.name);
}

type Place = Pick<OperationContext, 'account' | 'region'>;

export const userArn = (place: Place, { path, name }: Pick<NamedRecord, 'path' | 'name'>): string =>
  globalArn(place, 'iam', `user${path}${name}`);
export const groupArn = (place: Place, { path, name }: Pick<NamedRecord, 'path' | 'name'>): string =>
  globalArn(place, 'iam', `group${path}${name}`);
export const roleArn = (place: Place, { path, name }: Pick<NamedRecord, 'path' | 'name'>): string =>
  globalArn(place, 'iam', `role${path}${name}`);
export const instanceProfileArn = (place: Place, { path, name }: Pick<NamedRecord, 'path' | 'name'>): string =>
  globalArn(place, 'iam', `instance-profile${path}${name}`);

/** Documents go out percent-encoded, as RFC 3986 says. */
export function encodeDocument(document: string): string {
  return encodeURIComponent(document).replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
}

/** Whether a path lies under a prefix; every path does when there is none. */
export const isUnder = (prefix: string | undefined, { path }: Pick<NamedRecord, 'path'>): boolean => path.startsWith(prefix ?? '/');

/** The user that a call means that names none: the caller, if it is one. */
export function callingUser(context: OperationContext): UserRecord | undefined {
  const [uniqueId = ''] = context.principal.userId.split(':');
  return context.tx.find(userTable, 'uniqueId', uniqueId)[0];
}
