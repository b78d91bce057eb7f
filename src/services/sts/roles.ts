/** AssumeRole: a session of a role whose trust policy lets the caller in. */
import type { OperationContext } from '#aws/context.ts';
import { defaultAccount } from '#aws/accounts.ts';
import type { Tag } from '#aws/tags.ts';
import {
  addPrincipalKeys,
  addRequestTags,
  addTimeKeys,
  checkTags,
  createMemberRole,
  findRole,
  type FoundRole,
  isMemberRole,
  isTrusted,
  openSession,
  policiesOf,
  type PrincipalAccess,
} from '#services/iam/public.ts';
import { credentialsView } from '#services/sts/credentials.ts';
import { mfaFailed, notAuthorized, validationError } from '#services/sts/errors.ts';
import type { StsOperations } from '#services/sts/sdk.ts';
import { packedSize, sessionPolicies } from '#services/sts/session-policies.ts';

/** AWS's default, and its limit for sessions that come of sessions; in seconds. */
const hour = 3600;

export const roleSessions = {
  AssumeRole(context, input) {
    const { principal } = context;
    const found = reachableRole(context, input.RoleArn);
    const access = policiesOf(context.tx, principal);
    const tags = [...inheritedTags(access, input.Tags ?? []), ...checkTags(input.Tags)];
    if (!found) throw notAuthorized(principal.arn, 'sts:AssumeRole', input.RoleArn);
    requireTrust(context, found, access, input, tags);
    if (input.SerialNumber !== undefined || input.TokenCode !== undefined) throw mfaFailed();
    const seconds = sessionSeconds(input.DurationSeconds, found, access);
    const policies = sessionPolicies(context, input, found.account);
    const { role } = found;
    const sourceIdentity = access.session?.sourceIdentity ?? input.SourceIdentity;
    const session = openSession(context, {
      seconds,
      account: found.account,
      kind: 'role',
      arn: `arn:aws:sts::${found.account}:assumed-role/${role.name}/${input.RoleSessionName}`,
      userId: `${role.uniqueId}:${input.RoleSessionName}`,
      identity: role.uniqueId,
      tags,
      transitiveTagKeys: [...(access.session?.transitiveTagKeys ?? []), ...(input.TransitiveTagKeys ?? [])],
      ...(policies === undefined ? {} : { policies }),
      ...(sourceIdentity === undefined ? {} : { sourceIdentity }),
    });
    return {
      Credentials: credentialsView(session),
      AssumedRoleUser: { AssumedRoleId: session.userId, Arn: session.arn },
      PackedPolicySize: packedSize(input),
      SourceIdentity: sourceIdentity,
    };
  },
} satisfies StsOperations;

/** The role; the one by which the management account gets into others is made when it is first wanted, as Organizations made it long ago. */
function reachableRole(context: OperationContext, arn: string): FoundRole | undefined {
  const found = findRole(context.tx, arn);
  if (found || context.account !== defaultAccount || !isMemberRole(arn, defaultAccount)) return found;
  return createMemberRole(context, arn, defaultAccount);
}

interface TrustInput {
  readonly RoleArn: string;
  readonly RoleSessionName: string;
  readonly ExternalId?: string | undefined;
  readonly SourceIdentity?: string | undefined;
  readonly Tags?: readonly { readonly Key?: string | undefined; readonly Value?: string | undefined }[] | undefined;
  readonly TransitiveTagKeys?: readonly string[] | undefined;
}

/** @throws AwsError AccessDenied */
function requireTrust(context: OperationContext, found: FoundRole, access: PrincipalAccess, input: TrustInput, tags: readonly Tag[]): void {
  const { principal } = context;
  const keys = new Map<string, readonly string[]>([
    ['sts:rolesessionname', [input.RoleSessionName]],
    ['aws:requestedregion', [context.region]],
  ]);
  addPrincipalKeys(keys, principal, access);
  addTimeKeys(keys, context.nowMs);
  addRequestTags(keys, tags);
  if (input.ExternalId !== undefined) keys.set('sts:externalid', [input.ExternalId]);
  if (input.SourceIdentity !== undefined) keys.set('sts:sourceidentity', [input.SourceIdentity]);
  if (input.TransitiveTagKeys) keys.set('sts:transitivetagkeys', input.TransitiveTagKeys);
  const actions = ['sts:AssumeRole'];
  if (tags.length > 0) actions.push('sts:TagSession');
  if (input.SourceIdentity !== undefined) actions.push('sts:SetSourceIdentity');
  for (const action of actions) {
    if (!isTrusted(found, principal, access, action, keys)) throw notAuthorized(principal.arn, action, input.RoleArn);
  }
}

/** @throws AwsError ValidationError */
function sessionSeconds(asked: number | undefined, { role }: FoundRole, { kind }: PrincipalAccess): number {
  const seconds = asked ?? hour;
  if (kind === 'role' && seconds > hour) {
    throw validationError('The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.');
  }
  if (seconds > role.maxSessionSeconds) {
    throw validationError('The requested DurationSeconds exceeds the MaxSessionDuration set for this role.');
  }
  return seconds;
}

/** Transitive tags of the caller's session go on, unless the call gives them anew. */
function inheritedTags({ session }: PrincipalAccess, given: readonly { readonly Key?: string | undefined }[]): readonly Tag[] {
  const transitive = new Set(session?.transitiveTagKeys);
  const anew = new Set(given.map(({ Key }) => Key));
  return (session?.tags ?? []).filter(({ Key }) => transitive.has(Key) && !anew.has(Key));
}
