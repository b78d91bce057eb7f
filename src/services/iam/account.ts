/** The account itself: its alias, and the summary of what it has and may have. */
import type { SummaryKeyType } from '@aws-sdk/client-iam';
import type { OperationContext } from '#aws/context.ts';
import { aliasAlreadyExists, aliasNotFound } from '#services/iam/errors.ts';
import { pageByName } from '#services/iam/paging.ts';
import type { IamOperations } from '#services/iam/sdk.ts';
import {
  accountAliasTable,
  groupTable,
  instanceProfileTable,
  keyPartition,
  managedPolicyTable,
  roleTable,
  takenAliasTable,
  userTable,
} from '#services/iam/tables.ts';
import { quota } from '#services/service-quotas/public.ts';

/** The id of an account's one record. */
const aliasId = 'alias';

export const account = {
  CreateAccountAlias(context, input) {
    const all = context.tx.in(keyPartition);
    const taken = all.get(takenAliasTable, input.AccountAlias);
    const present = context.tx.get(accountAliasTable, aliasId);
    if (taken) throw aliasAlreadyExists(input.AccountAlias);
    // One alias an account: a new one takes the place of the old.
    if (present) all.delete(takenAliasTable, present.alias);
    all.put(takenAliasTable, { id: input.AccountAlias, account: context.account });
    context.tx.put(accountAliasTable, { id: aliasId, alias: input.AccountAlias });
    return {};
  },

  ListAccountAliases(context, input) {
    const present = context.tx.get(accountAliasTable, aliasId);
    const { items, more } = pageByName(input, present ? [present.alias] : [], (alias) => alias, ['account-aliases']);
    return { AccountAliases: items, ...more };
  },

  DeleteAccountAlias(context, input) {
    if (context.tx.get(accountAliasTable, aliasId)?.alias !== input.AccountAlias) throw aliasNotFound(input.AccountAlias);
    context.tx.delete(accountAliasTable, aliasId);
    context.tx.in(keyPartition).delete(takenAliasTable, input.AccountAlias);
    return {};
  },

  GetAccountSummary(context) {
    return { SummaryMap: { ...usage(context), ...fixedQuotas, ...adjustableQuotas(context) } };
  },
} satisfies IamOperations;

type Summary = Partial<Record<SummaryKeyType, number>>;

function usage({ tx }: OperationContext): Summary {
  const policies = [...tx.list(managedPolicyTable)];
  return {
    Users: tx.count(userTable),
    Groups: tx.count(groupTable),
    Roles: tx.count(roleTable),
    Policies: policies.length,
    PolicyVersionsInUse: policies.reduce((sum, { versions }) => sum + versions.length, 0),
    InstanceProfiles: tx.count(instanceProfileTable),
    // Keiro has none of these.
    ServerCertificates: 0,
    MFADevices: 0,
    MFADevicesInUse: 0,
    AccountMFAEnabled: 0,
    AccountSigningCertificatesPresent: 0,
    AccountPasswordPresent: 0,
    Providers: 0,
  };
}

/** With Service Quotas' codes. */
const quotaCodes: Readonly<Record<string, string>> = {
  UsersQuota: 'L-F55AF5E4',
  GroupsQuota: 'L-F4A5425F',
  PoliciesQuota: 'L-E95E4862',
  RolesQuota: 'L-FE177D64',
  InstanceProfilesQuota: 'L-6E65F664',
  AttachedPoliciesPerUserQuota: 'L-4019AD8B',
  AttachedPoliciesPerGroupQuota: 'L-384571C4',
  AttachedPoliciesPerRoleQuota: 'L-0DA4ABF3',
  AssumeRolePolicySizeQuota: 'L-C07B4B0D',
};

function adjustableQuotas(context: OperationContext): Summary {
  // The map's numbers are 32 bits long, so quotas that are off show as they would be on.
  const asOn = { ...context, quotasOn: true };
  return Object.fromEntries(Object.entries(quotaCodes).map(([name, code]) => [name, quota(asOn, 'iam', code)]));
}

/** AWS's own numbers (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html). */
const fixedQuotas: Summary = {
  AccessKeysPerUserQuota: 2,
  GroupsPerUserQuota: 10,
  UserPolicySizeQuota: 2048,
  GroupPolicySizeQuota: 5120,
  PolicySizeQuota: 6144,
  VersionsPerPolicyQuota: 5,
  PolicyVersionsInUseQuota: 10_000,
  GlobalEndpointTokenVersion: 1,
};
