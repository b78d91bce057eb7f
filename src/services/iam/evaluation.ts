/** The one evaluator of policies: what they say of a request, and which statement said so (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html). */
import { holds } from '#services/iam/conditions.ts';
import { matchesPattern, type Pattern, type RequestContext } from '#services/iam/patterns.ts';
import { readPolicy, type Statement } from '#services/iam/policy-document.ts';
import { type Grant, type Grantee, grantOf } from '#services/iam/principals.ts';

/** In which role a policy takes part. */
export type PolicyLayer = 'identity' | 'boundary' | 'session' | 'resource';

export interface Policy {
  /** Of a managed policy; undefined for inline ones. */
  readonly arn?: string;
  /** E.g. `AdministratorAccess`; an inline policy's name. */
  readonly name: string;
  /** Where it hangs, e.g. `user`, `group`, `role`, `aws-managed`, `user-managed`, `none`. */
  readonly origin: 'user' | 'group' | 'role' | 'aws-managed' | 'user-managed' | 'resource' | 'none';
  /** JSON. */
  readonly document: string;
}

/** Every policy that has a say about a principal. */
export interface PolicySet {
  readonly identity: readonly Policy[];
  /** A permissions boundary; undefined where none is set. */
  readonly boundary?: readonly Policy[];
  /** Session policies; undefined where the session has none, empty where it may do nothing. */
  readonly session?: readonly Policy[];
}

export interface AccessRequest {
  /** E.g. `ec2:RunInstances`. */
  readonly action: string;
  /** ARN, or `*` for actions that are on no resource. */
  readonly resource: string;
  readonly context: RequestContext;
}

export interface MatchedStatement {
  readonly layer: PolicyLayer;
  readonly policy: Policy;
  readonly statement: Statement;
}

export interface AccessVerdict {
  readonly decision: 'allowed' | 'explicitDeny' | 'implicitDeny';
  /** The layer that decided: which denied, or which failed to allow. */
  readonly layer: PolicyLayer;
  /** The statements that decided: those that deny, or those that allow. */
  readonly matched: readonly MatchedStatement[];
}

/** A policy on the resource, and whom it is asked about. */
export interface ResourcePolicy {
  readonly policy: Policy;
  readonly grantee: Grantee;
  /** Whether the resource's account is the caller's. */
  readonly sameAccount: boolean;
}

/**
 * What policies say: an explicit deny anywhere wins; else every layer that is there must allow. A resource's policy
 * that names the caller itself is enough within its account; one that names the account only lets the identity's policies decide.
 */
export function evaluate(request: AccessRequest, policies: PolicySet, onResource?: ResourcePolicy): AccessVerdict {
  const layers: readonly (readonly [PolicyLayer, readonly Policy[] | undefined])[] = [
    ['identity', policies.identity],
    ['boundary', policies.boundary],
    ['session', policies.session],
  ];
  const found = layers.map(([layer, held]) => ({ layer, held, ...statementsOf(layer, held ?? [], request) }));
  const resource = onResource && askResource(request, onResource);
  const denying = [...found.map(({ denies }) => denies), resource?.denies ?? []].find((denies) => denies.length > 0);
  if (denying?.[0]) return { decision: 'explicitDeny', layer: denying[0].layer, matched: denying };
  const isGrantedThere = onResource !== undefined && onResource.sameAccount && resource?.grant === 'principal';
  if (onResource && resource?.allows.length === 0) return { decision: 'implicitDeny', layer: 'resource', matched: [] };
  for (const { layer, held, allows } of found) {
    if (held === undefined || allows.length > 0) continue;
    // Same account: a grant to the principal itself needs no identity policy (but boundaries and session policies bind).
    if (layer === 'identity' && isGrantedThere) continue;
    return { decision: 'implicitDeny', layer, matched: [] };
  }
  const matched = [...(resource?.allows ?? []), ...found.flatMap(({ allows }) => allows)];
  return { decision: 'allowed', layer: matched[0]?.layer ?? 'identity', matched };
}

export interface Found {
  readonly allows: readonly MatchedStatement[];
  readonly denies: readonly MatchedStatement[];
}

function statementsOf(layer: PolicyLayer, policies: readonly Policy[], request: AccessRequest): Found {
  const allows: MatchedStatement[] = [];
  const denies: MatchedStatement[] = [];
  for (const policy of policies) {
    for (const statement of readPolicy(policy.document).statements) {
      if (!applies(statement, request)) continue;
      (statement.effect === 'Deny' ? denies : allows).push({ layer, policy, statement });
    }
  }
  return { allows, denies };
}

/** What the policy on a resource says by itself: its statements about the caller, and how far they grant. */
export function askResource(request: AccessRequest, { policy, grantee }: ResourcePolicy): Found & { readonly grant: Grant | undefined } {
  const found = statementsOf('resource', [policy], request);
  const allows = found.allows.filter(({ statement }) => grantOf(statement, grantee) !== undefined);
  const denies = found.denies.filter(({ statement }) => grantOf(statement, grantee) !== undefined);
  const grants = allows.map(({ statement }) => grantOf(statement, grantee));
  return { allows, denies, grant: grants.includes('principal') ? 'principal' : grants[0] };
}

/** Whether a statement is about the request at all. */
function applies(statement: Statement, { action, resource, context }: AccessRequest): boolean {
  return (
    names(statement.actions, statement.notActions, action.toLowerCase(), context) &&
    names(statement.resources, statement.notResources, resource, context) &&
    statement.conditions.every((condition) => holds(condition, context))
  );
}

/** A trust policy names no resource: it is about the role that it is on. */
function names(
  wanted: readonly Pattern[] | undefined,
  unwanted: readonly Pattern[] | undefined,
  value: string,
  context: RequestContext,
): boolean {
  if (wanted) return wanted.some((pattern) => matchesPattern(pattern, value, context));
  return !unwanted?.some((pattern) => matchesPattern(pattern, value, context));
}
