/** ARNs of IAM's things by the names that calls give them, with their paths where they exist. */
import type { Tag } from '#aws/tags.ts';
import { groupArn, idOf, instanceProfileArn, roleArn, userArn } from '#services/iam/identities.ts';
import { groupTable, instanceProfileTable, roleTable, userTable } from '#services/iam/tables.ts';
import type { Reader } from '#store/store.ts';

const place = (account: string) => ({ account, region: 'us-east-1' });

/** What an IAM call can be about, by the member of its input that names it. */
export const namedBy = {
  UserName: 'user',
  GroupName: 'group',
  RoleName: 'role',
  InstanceProfileName: 'instance-profile',
} as const;

/**
 * E.g. `arn:aws:iam::123456789012:user/division/ann`.
 * @param path of a thing that is being made
 */
export function identityArnOf(reader: Reader, account: string, member: keyof typeof namedBy, name: string, path?: string): string {
  const there = reader.in({ account, region: 'global' });
  const id = idOf(name);
  const fresh = { path: path ?? '/', name };
  switch (member) {
    case 'UserName':
      return userArn(place(account), there.get(userTable, id) ?? fresh);
    case 'GroupName':
      return groupArn(place(account), there.get(groupTable, id) ?? fresh);
    case 'RoleName':
      return roleArn(place(account), there.get(roleTable, id) ?? fresh);
    case 'InstanceProfileName':
      return instanceProfileArn(place(account), there.get(instanceProfileTable, id) ?? fresh);
  }
}

/** Tags of a user, role or instance profile that is there; groups have none. */
export function identityTagsOf(reader: Reader, account: string, member: keyof typeof namedBy, name: string): readonly Tag[] {
  const there = reader.in({ account, region: 'global' });
  const id = idOf(name);
  if (member === 'UserName') return there.get(userTable, id)?.tags ?? [];
  if (member === 'RoleName') return there.get(roleTable, id)?.tags ?? [];
  return member === 'InstanceProfileName' ? (there.get(instanceProfileTable, id)?.tags ?? []) : [];
}

/** ARN of the role that a call hands to an instance with its `IamInstanceProfile`; undefined when it hands over none. */
export function passedRoleOf(reader: Reader, account: string, input: Readonly<Record<string, unknown>>): string | undefined {
  const profile = input['IamInstanceProfile'];
  if (typeof profile !== 'object' || profile === null) return undefined;
  const { Arn, Name } = profile as { readonly Arn?: string; readonly Name?: string }; // as every call that has it spells it
  const name = Name ?? Arn?.slice(Arn.lastIndexOf('/') + 1);
  const there = reader.in({ account, region: 'global' });
  const roleId = name === undefined ? undefined : there.get(instanceProfileTable, idOf(name))?.role;
  const role = roleId === undefined ? undefined : there.get(roleTable, roleId);
  return role && roleArn(place(account), role);
}
