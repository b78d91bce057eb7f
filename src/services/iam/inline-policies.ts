/** Inline policies of users, groups and roles. */
import { type Noun, inlinePolicyNotFound } from '#services/iam/errors.ts';
import { encodeDocument, requireGroup, requireRole, requireUser } from '#services/iam/identities.ts';
import { type ListInput, pageByName } from '#services/iam/paging.ts';
import { checkIdentityPolicy } from '#services/iam/policy-grammar.ts';
import { checkInlinePolicySizes } from '#services/iam/policy-sizes.ts';
import type { IamOperations } from '#services/iam/sdk.ts';
import { groupTable, type IdentityRecord, type InlinePolicy, roleTable, userTable } from '#services/iam/tables.ts';

export const inlinePolicies = {
  PutUserPolicy(context, input) {
    const user = requireUser(context, input.UserName);
    context.tx.put(userTable, { ...user, inlinePolicies: withPolicy('user', user, input) });
    return {};
  },

  PutGroupPolicy(context, input) {
    const group = requireGroup(context, input.GroupName);
    context.tx.put(groupTable, { ...group, inlinePolicies: withPolicy('group', group, input) });
    return {};
  },

  PutRolePolicy(context, input) {
    const role = requireRole(context, input.RoleName);
    context.tx.put(roleTable, { ...role, inlinePolicies: withPolicy('role', role, input) });
    return {};
  },

  GetUserPolicy(context, input) {
    const user = requireUser(context, input.UserName);
    return { UserName: user.name, ...view(requirePolicy('user', user, input.PolicyName)) };
  },

  GetGroupPolicy(context, input) {
    const group = requireGroup(context, input.GroupName);
    return { GroupName: group.name, ...view(requirePolicy('group', group, input.PolicyName)) };
  },

  GetRolePolicy(context, input) {
    const role = requireRole(context, input.RoleName);
    return { RoleName: role.name, ...view(requirePolicy('role', role, input.PolicyName)) };
  },

  ListUserPolicies: (context, input) => list(input, requireUser(context, input.UserName)),
  ListGroupPolicies: (context, input) => list(input, requireGroup(context, input.GroupName)),
  ListRolePolicies: (context, input) => list(input, requireRole(context, input.RoleName)),

  DeleteUserPolicy(context, input) {
    const user = requireUser(context, input.UserName);
    context.tx.put(userTable, { ...user, inlinePolicies: withoutPolicy('user', user, input.PolicyName) });
    return {};
  },

  DeleteGroupPolicy(context, input) {
    const group = requireGroup(context, input.GroupName);
    context.tx.put(groupTable, { ...group, inlinePolicies: withoutPolicy('group', group, input.PolicyName) });
    return {};
  },

  DeleteRolePolicy(context, input) {
    const role = requireRole(context, input.RoleName);
    context.tx.put(roleTable, { ...role, inlinePolicies: withoutPolicy('role', role, input.PolicyName) });
    return {};
  },
} satisfies IamOperations;

type Holder = Exclude<Noun, 'instance profile'>;

const isCalled =
  (name: string) =>
  (policy: InlinePolicy): boolean =>
    policy.name.toLowerCase() === name.toLowerCase();

/** @throws AwsError MalformedPolicyDocument, LimitExceeded */
function withPolicy(
  noun: Holder,
  entity: IdentityRecord,
  { PolicyName, PolicyDocument }: { readonly PolicyName: string; readonly PolicyDocument: string },
): readonly InlinePolicy[] {
  checkIdentityPolicy(PolicyDocument);
  const others = entity.inlinePolicies.filter((policy) => !isCalled(PolicyName)(policy));
  const policies = [...others, { name: PolicyName, document: PolicyDocument }];
  checkInlinePolicySizes(noun, entity.name, policies);
  return policies;
}

function withoutPolicy(noun: Holder, entity: IdentityRecord, name: string): readonly InlinePolicy[] {
  const gone = requirePolicy(noun, entity, name);
  return entity.inlinePolicies.filter((policy) => policy !== gone);
}

function requirePolicy(noun: Holder, entity: IdentityRecord, name: string): InlinePolicy {
  const policy = entity.inlinePolicies.find(isCalled(name));
  if (!policy) throw inlinePolicyNotFound(noun, name);
  return policy;
}

function view({ name, document }: InlinePolicy) {
  return { PolicyName: name, PolicyDocument: encodeDocument(document) };
}

function list(input: ListInput, entity: IdentityRecord) {
  const { items, more } = pageByName(input, entity.inlinePolicies, ({ name }) => name, ['inline', entity.uniqueId]);
  return { PolicyNames: items.map(({ name }) => name), ...more };
}
