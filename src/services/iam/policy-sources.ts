/** Whose policies a simulation asks: a user, a group or a role, by ARN. */
import type { OperationContext } from '#aws/context.ts';
import { heldPolicies, managedPolicies, policiesOf } from '#services/iam/access.ts';
import { invalidInput, notFound } from '#services/iam/errors.ts';
import type { PolicySet } from '#services/iam/evaluation.ts';
import { groupArn, idOf, roleArn, userArn } from '#services/iam/identities.ts';
import { addPrincipalKeys } from '#services/iam/request-context.ts';
import { groupTable, roleTable, userTable } from '#services/iam/tables.ts';

export interface PolicySource {
  readonly policies: PolicySet;
  /** The condition keys that a request of this principal would have. */
  readonly context: Map<string, readonly string[]>;
}

/** @throws AwsError NoSuchEntity; InvalidInput for what is no user, group or role. */
export function sourceOf(context: OperationContext, arn: string): PolicySource {
  const [, account, kind, name = ''] = /^arn:[a-z-]+:iam::(\d{12}):(user|group|role)\/(?:.*\/)?([\w+=,.@-]+)$/.exec(arn) ?? [];
  if (account !== context.account) throw invalidInput(`Invalid Entity Arn: ${arn} does not clearly define entity type and name.`);
  if (kind === 'user') return userSource(context, arn, name);
  if (kind === 'role') return roleSource(context, arn, name);
  const group = context.tx.get(groupTable, idOf(name));
  if (!group || groupArn(context, group) !== arn) throw notFound('group', name);
  return { policies: { identity: heldPolicies(context.tx, group, 'group') }, context: new Map() };
}

function userSource(context: OperationContext, arn: string, name: string): PolicySource {
  const user = context.tx.get(userTable, idOf(name));
  if (!user || userArn(context, user) !== arn) throw notFound('user', name);
  const principal = { account: context.account, arn, userId: user.uniqueId, accessKeyId: '' };
  const access = policiesOf(context.tx, principal);
  const keys = new Map<string, readonly string[]>();
  addPrincipalKeys(keys, principal, access);
  return { policies: access.policies ?? { identity: [] }, context: keys };
}

function roleSource(context: OperationContext, arn: string, name: string): PolicySource {
  const role = context.tx.get(roleTable, idOf(name));
  if (!role || roleArn(context, role) !== arn) throw notFound('role', name);
  const { boundary } = role;
  const keys = new Map<string, readonly string[]>([
    ['aws:principalarn', [arn]],
    ['aws:principalaccount', [context.account]],
    ['aws:principaltype', ['AssumedRole']],
  ]);
  for (const { Key, Value } of role.tags) keys.set(`aws:principaltag/${Key.toLowerCase()}`, [Value]);
  return {
    policies: {
      identity: heldPolicies(context.tx, role, 'role'),
      ...(boundary === undefined ? {} : { boundary: managedPolicies(context.tx, [boundary]) }),
    },
    context: keys,
  };
}
