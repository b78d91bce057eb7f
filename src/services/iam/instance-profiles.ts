/** Instance profiles: how a role comes to an instance. */
import type { InstanceProfile } from '@aws-sdk/client-iam';
import type { OperationContext } from '#aws/context.ts';
import { deleteConflict, noSuchEntity, quotaExceeded } from '#services/iam/errors.ts';
import { idOf, instanceProfileArn, isUnder, requireFree, requireInstanceProfile, requireRole } from '#services/iam/identities.ts';
import { uniqueId } from '#services/iam/ids.ts';
import { pageByName } from '#services/iam/paging.ts';
import { listView as roleView } from '#services/iam/roles.ts';
import type { IamOperations } from '#services/iam/sdk.ts';
import { type InstanceProfileRecord, instanceProfileTable, roleTable } from '#services/iam/tables.ts';
import { checkTags, withoutTags, withTags } from '#services/iam/tags.ts';
import { quota } from '#services/service-quotas/public.ts';

/** AWS's limit. */
const rolesPerProfile = 1;

export const instanceProfiles = {
  CreateInstanceProfile(context, input) {
    requireFree(context, instanceProfileTable, 'instance profile', input.InstanceProfileName);
    const limit = quota(context, 'iam', 'L-6E65F664');
    if (context.tx.count(instanceProfileTable) >= limit) throw quotaExceeded('InstanceProfilesPerAccount', limit);
    const profile: InstanceProfileRecord = {
      id: idOf(input.InstanceProfileName),
      name: input.InstanceProfileName,
      path: input.Path ?? '/',
      uniqueId: uniqueId(context, 'AIPA'),
      createdMs: context.nowMs,
      tags: checkTags(input.Tags),
    };
    context.tx.put(instanceProfileTable, profile);
    return { InstanceProfile: fullView(profile, context) };
  },

  GetInstanceProfile(context, input) {
    return { InstanceProfile: fullView(requireInstanceProfile(context, input.InstanceProfileName), context) };
  },

  ListInstanceProfiles(context, input) {
    const found = [...context.tx.list(instanceProfileTable)].filter((profile) => isUnder(input.PathPrefix, profile));
    const { items, more } = pageByName(input, found, ({ name }) => name, ['instance-profiles', input.PathPrefix]);
    return { InstanceProfiles: items.map((profile) => listView(profile, context)), ...more };
  },

  ListInstanceProfilesForRole(context, input) {
    const role = requireRole(context, input.RoleName);
    const found = context.tx.find(instanceProfileTable, 'role', role.id);
    const { items, more } = pageByName(input, found, ({ name }) => name, ['instance-profiles-for-role', input.RoleName]);
    return { InstanceProfiles: items.map((profile) => listView(profile, context)), ...more };
  },

  AddRoleToInstanceProfile(context, input) {
    const profile = requireInstanceProfile(context, input.InstanceProfileName);
    const role = requireRole(context, input.RoleName);
    if (profile.role !== undefined) throw quotaExceeded('InstanceSessionsPerInstanceProfile', rolesPerProfile);
    context.tx.put(instanceProfileTable, { ...profile, role: role.id });
    return {};
  },

  RemoveRoleFromInstanceProfile(context, input) {
    const { role: held, ...profile } = requireInstanceProfile(context, input.InstanceProfileName);
    const role = requireRole(context, input.RoleName);
    if (held !== role.id) throw noSuchEntity(`Role ${role.name} is not in instance profile ${profile.name}.`);
    context.tx.put(instanceProfileTable, profile);
    return {};
  },

  DeleteInstanceProfile(context, input) {
    const profile = requireInstanceProfile(context, input.InstanceProfileName);
    if (profile.role !== undefined) throw deleteConflict('Cannot delete entity, must remove roles from instance profile first.');
    context.tx.delete(instanceProfileTable, profile.id);
    return {};
  },

  TagInstanceProfile(context, input) {
    const profile = requireInstanceProfile(context, input.InstanceProfileName);
    context.tx.put(instanceProfileTable, { ...profile, tags: withTags(profile.tags, input.Tags) });
    return {};
  },

  UntagInstanceProfile(context, input) {
    const profile = requireInstanceProfile(context, input.InstanceProfileName);
    context.tx.put(instanceProfileTable, { ...profile, tags: withoutTags(profile.tags, input.TagKeys) });
    return {};
  },

  ListInstanceProfileTags(context, input) {
    const { tags } = requireInstanceProfile(context, input.InstanceProfileName);
    const { items, more } = pageByName(input, tags, ({ Key }) => Key, ['instance-profile-tags', input.InstanceProfileName]);
    return { Tags: items, ...more };
  },
} satisfies IamOperations;

/** As lists show a profile: without tags. */
export function listView(profile: InstanceProfileRecord, context: OperationContext): InstanceProfile {
  const role = profile.role === undefined ? undefined : context.tx.get(roleTable, profile.role);
  return {
    Path: profile.path,
    InstanceProfileName: profile.name,
    InstanceProfileId: profile.uniqueId,
    Arn: instanceProfileArn(context, profile),
    CreateDate: new Date(profile.createdMs),
    Roles: role ? [roleView(role, context)] : [],
  };
}

function fullView(profile: InstanceProfileRecord, context: OperationContext): InstanceProfile {
  return { ...listView(profile, context), ...(profile.tags.length > 0 ? { Tags: [...profile.tags] } : {}) };
}
