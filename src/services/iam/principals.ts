/** The Principal element of resource-based policies: whom a statement means (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html). */
import type { Principals, Statement } from '#services/iam/policy-document.ts';

/** A caller as a resource's policy sees it. */
export interface Grantee {
  /** 12 digits. */
  readonly account: string;
  /** Everything that the caller is called: its ARN, for a session its role's ARN too. */
  readonly arns: readonly string[];
}

/** How far a statement grants: to the caller itself, or to its account, which then decides by its own policies. */
export type Grant = 'principal' | 'account';

/** Whether the statement means the caller, and how; undefined when it does not. */
export function grantOf(statement: Statement, grantee: Grantee): Grant | undefined {
  if (statement.notPrincipals) return meant(statement.notPrincipals, grantee) === undefined ? 'account' : undefined;
  return statement.principals && meant(statement.principals, grantee);
}

function meant(principals: readonly Principals[], { account, arns }: Grantee): Grant | undefined {
  let grant: Grant | undefined;
  for (const { kind, values } of principals) {
    if (kind !== 'AWS' && kind !== '*') continue;
    for (const value of values) {
      if (value === '*' || arns.includes(value)) return 'principal';
      if (value === account || isRootOf(value, account)) grant = 'account';
    }
  }
  return grant;
}

function isRootOf(arn: string, account: string): boolean {
  return /^arn:[a-z-]+:iam::(\d{12}):root$/.exec(arn)?.[1] === account;
}
