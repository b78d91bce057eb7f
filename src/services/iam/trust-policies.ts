/** Trust policies: who may assume a role, and whether those exist. */
import type { OperationContext } from '#aws/context.ts';
import { malformedPolicy } from '#services/iam/errors.ts';
import { idOf } from '#services/iam/identities.ts';
import { checkTrustPolicy } from '#services/iam/policy-grammar.ts';
import { readPolicy } from '#services/iam/policy-document.ts';
import { checkTrustPolicySize } from '#services/iam/policy-sizes.ts';
import { type NamedRecord, roleTable, userTable } from '#services/iam/tables.ts';
import { quota } from '#services/service-quotas/public.ts';
import type { Transaction } from '#store/store.ts';

/**
 * The document, when a role can have it.
 * @throws AwsError MalformedPolicyDocument, also for principals that do not exist; LimitExceeded
 */
export function requireTrustPolicy(context: OperationContext, document: string): string {
  checkTrustPolicy(document);
  checkTrustPolicySize(document, quota(context, 'iam', 'L-C07B4B0D'));
  for (const statement of readPolicy(document).statements) {
    for (const { kind, values } of statement.principals ?? []) {
      if (kind !== 'AWS') continue;
      for (const value of values) {
        if (!existsPrincipal(context.tx, value)) throw malformedPolicy(`Invalid principal in policy: "AWS":"${value}"`);
      }
    }
  }
  return document;
}

/** Accounts all exist in Keiro; users and roles must; what a session is called is not looked up. */
function existsPrincipal(tx: Transaction, value: string): boolean {
  if (value === '*' || /^\d{12}$/.test(value)) return true;
  const [, account = '', resource = ''] = /^arn:[a-z-]+:(?:iam|sts)::(\d{12}):(.+)$/.exec(value) ?? [];
  const there = tx.in({ account, region: 'global' });
  const name = idOf(resource.slice(resource.lastIndexOf('/') + 1));
  const isAt = (kind: string, record: NamedRecord | undefined) =>
    record !== undefined && resource === `${kind}${record.path}${record.name}`;
  if (resource.startsWith('user/')) return isAt('user', there.get(userTable, name));
  if (resource.startsWith('role/')) return isAt('role', there.get(roleTable, name));
  return resource === 'root' || /^(?:assumed-role\/[\w+=,.@-]+|federated-user)\/[\w+=,.@-]+$/.test(resource);
}
