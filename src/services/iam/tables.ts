/** Records of IAM. Names do not differ by case alone, so the ids of records are names in lower case. */
import type { Tagged } from '#aws/tags.ts';
import { defineTable, type Partition, type StoreRecord } from '#store/table.ts';

/** Where access keys of all accounts are found, as nothing but their ids says whose they are. */
export const keyPartition: Partition = { account: 'keiro', region: 'global' };

export interface InlinePolicy {
  readonly name: string;
  /** JSON as it was written. */
  readonly document: string;
}

/** What users, groups, roles and instance profiles have in common. */
export interface NamedRecord extends StoreRecord {
  readonly name: string;
  /** `/`, or e.g. `/division/team/`. */
  readonly path: string;
  /** E.g. `AIDA…`; another one for another thing of the same name later. */
  readonly uniqueId: string;
  readonly createdMs: number;
}

/** What policies hang on. */
export interface IdentityRecord extends NamedRecord {
  /** ARNs, in the order of attachment. */
  readonly attachedPolicies: readonly string[];
  readonly inlinePolicies: readonly InlinePolicy[];
}

export interface UserRecord extends IdentityRecord, Tagged {
  /** Ids of its groups. */
  readonly groups: readonly string[];
  /** ARN of the permissions boundary. */
  readonly boundary?: string;
}

export const userTable = defineTable<UserRecord>()('iam.user', {
  group: (user) => user.groups,
  policy: (user) => user.attachedPolicies,
  boundary: (user) => user.boundary,
  uniqueId: (user) => user.uniqueId,
});

export type GroupRecord = IdentityRecord;

export const groupTable = defineTable<GroupRecord>()('iam.group', {
  policy: (group) => group.attachedPolicies,
});

export interface RoleRecord extends IdentityRecord, Tagged {
  /** JSON as it was written. */
  readonly trustPolicy: string;
  readonly description?: string;
  readonly maxSessionSeconds: number;
  readonly boundary?: string;
}

export const roleTable = defineTable<RoleRecord>()('iam.role', {
  policy: (role) => role.attachedPolicies,
  boundary: (role) => role.boundary,
  uniqueId: (role) => role.uniqueId,
});

export interface PolicyVersion {
  /** `v1`, `v2`, … */
  readonly versionId: string;
  readonly document: string;
  readonly createdMs: number;
}

export interface ManagedPolicyRecord extends NamedRecord, Tagged {
  readonly arn: string;
  readonly description?: string;
  /** The oldest first, up to five. */
  readonly versions: readonly PolicyVersion[];
  readonly defaultVersionId: string;
  readonly nextVersion: number;
  readonly updatedMs: number;
}

export const managedPolicyTable = defineTable<ManagedPolicyRecord>()('iam.policy');

export interface InstanceProfileRecord extends NamedRecord, Tagged {
  /** Id of its role. */
  readonly role?: string;
}

export const instanceProfileTable = defineTable<InstanceProfileRecord>()('iam.instance-profile', {
  role: (profile) => profile.role,
});

/** In `keyPartition`; the id is the access key's. */
export interface AccessKeyRecord extends StoreRecord {
  readonly account: string;
  /** The user's unique id, which stays when the user is renamed. */
  readonly userUniqueId: string;
  readonly secret: string;
  readonly active: boolean;
  readonly createdMs: number;
}

export const accessKeyTable = defineTable<AccessKeyRecord>()('iam.access-key', {
  user: (key) => key.userUniqueId,
});

/** In `keyPartition`: temporary credentials; the id is the access key's, `ASIA…`. */
export interface SessionRecord extends StoreRecord {
  readonly account: string;
  readonly secret: string;
  readonly sessionToken: string;
  readonly issuedMs: number;
  readonly expiresAtMs: number;
  /** Of what the session is: a role, a user (GetSessionToken), a federated user, or an account's root. */
  readonly kind: 'role' | 'user' | 'federated-user' | 'root';
  /** As GetCallerIdentity tells it. */
  readonly arn: string;
  readonly userId: string;
  /** Unique id of the role or user whose policies hold; undefined for root. */
  readonly identity?: string;
  /** Session policies; undefined when none were given. */
  readonly policies?: readonly InlinePolicy[];
  readonly tags: readonly { readonly Key: string; readonly Value: string }[];
  /** Keys of the tags that go on to further sessions. */
  readonly transitiveTagKeys: readonly string[];
  readonly sourceIdentity?: string;
}

export const sessionTable = defineTable<SessionRecord>()('iam.session');

/** One record an account, with the id `alias`. */
export interface AccountAliasRecord extends StoreRecord {
  readonly alias: string;
}

export const accountAliasTable = defineTable<AccountAliasRecord>()('iam.account-alias');

/** In `keyPartition`: aliases are unique over all accounts; the id is the alias. */
export interface TakenAliasRecord extends StoreRecord {
  readonly account: string;
}

export const takenAliasTable = defineTable<TakenAliasRecord>()('iam.taken-alias');
