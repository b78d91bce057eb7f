/** Roles as others assume them: found by ARN over all accounts, and what their trust policies say of a caller. */
import type { OperationContext, Principal } from '#aws/context.ts';
import type { PrincipalAccess } from '#services/iam/access.ts';
import { type AccessRequest, askResource, type ResourcePolicy } from '#services/iam/evaluation.ts';
import { idOf } from '#services/iam/identities.ts';
import { uniqueId } from '#services/iam/ids.ts';
import { type RoleRecord, roleTable } from '#services/iam/tables.ts';
import type { Reader, Transaction } from '#store/store.ts';

export interface FoundRole {
  readonly account: string;
  readonly arn: string;
  readonly role: RoleRecord;
}

/** The role of an ARN, in whichever account. */
export function findRole(reader: Reader, arn: string): FoundRole | undefined {
  const { account, path, name } = readRoleArn(arn);
  if (account === undefined || path === undefined || name === undefined) return undefined;
  const role = reader.in({ account, region: 'global' }).get(roleTable, idOf(name));
  return role?.path === path && role.name === name ? { account, arn, role } : undefined;
}

function readRoleArn(arn: string): { account?: string | undefined; path?: string | undefined; name?: string | undefined } {
  const [, account, path, name] = /^arn:[a-z-]+:iam::(\d{12}):role(\/(?:.*\/)?)([\w+=,.@-]+)$/.exec(arn) ?? [];
  return { account, path, name };
}

/** The role's trust policy, asked about a caller. */
export function trustOf({ account, role }: FoundRole, principal: Principal, access: PrincipalAccess): ResourcePolicy {
  return {
    policy: { name: role.name, origin: 'resource', document: role.trustPolicy },
    grantee: { account: principal.account, arns: [principal.arn, access.identityArn] },
    sameAccount: account === principal.account,
  };
}

/** Whether a role's trust policy lets a caller do `action` (`sts:AssumeRole`, `sts:TagSession`…). */
export function isTrusted(
  found: FoundRole,
  principal: Principal,
  access: PrincipalAccess,
  action: string,
  context: AccessRequest['context'],
): boolean {
  const { allows, denies } = askResource({ action, resource: found.arn, context }, trustOf(found, principal, access));
  return denies.length === 0 && allows.length > 0;
}

/** The role that AWS Organizations makes in each account that it creates. */
const memberRole = 'OrganizationAccountAccessRole';

/**
 * Whether an ARN is of the role by which the management account gets into another one
 * (https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_accounts_access-cross-account-role.html).
 */
export function isMemberRole(arn: string, managementAccount: string): boolean {
  const { account, path, name } = readRoleArn(arn);
  return name === memberRole && path === '/' && account !== managementAccount;
}

/** Makes that role, as AWS Organizations does: trusted by the management account, an administrator. */
export function createMemberRole(
  context: Pick<OperationContext, 'randomBytes' | 'nowMs'> & { readonly tx: Transaction },
  arn: string,
  managementAccount: string,
): FoundRole {
  const { account = '' } = readRoleArn(arn);
  const role: RoleRecord = {
    id: idOf(memberRole),
    name: memberRole,
    path: '/',
    uniqueId: uniqueId(context, 'AROA'),
    createdMs: context.nowMs,
    attachedPolicies: ['arn:aws:iam::aws:policy/AdministratorAccess'],
    inlinePolicies: [],
    trustPolicy: JSON.stringify({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${managementAccount}:root` }, Action: 'sts:AssumeRole' }],
    }),
    maxSessionSeconds: 3600,
    tags: [],
  };
  context.tx.in({ account, region: 'global' }).put(roleTable, role);
  return { account, arn, role };
}
