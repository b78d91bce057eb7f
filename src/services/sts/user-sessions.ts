/** Sessions of users: GetSessionToken for oneself, GetFederationToken for somebody who is no user. */
import type { OperationContext } from '#aws/context.ts';
import { checkTags, openSession, policiesOf, type PrincipalAccess } from '#services/iam/public.ts';
import { credentialsView } from '#services/sts/credentials.ts';
import { mfaFailed, sessionCredentialsRefused } from '#services/sts/errors.ts';
import type { StsOperations } from '#services/sts/sdk.ts';
import { packedSize, sessionPolicies } from '#services/sts/session-policies.ts';

/** AWS's default, and the longest session that root gets whatever it asks for; in seconds. */
const defaultSeconds = 43_200;
const rootSeconds = 3600;

export const userSessions = {
  GetSessionToken(context, input) {
    const access = longTermAccess(context, 'GetSessionToken');
    if (input.SerialNumber !== undefined || input.TokenCode !== undefined) throw mfaFailed();
    const { account, arn, userId } = context.principal;
    const session = openSession(context, {
      seconds: sessionSeconds(input.DurationSeconds, access),
      account,
      arn,
      userId,
      kind: access.kind === 'root' ? 'root' : 'user',
      ...(access.identity ? { identity: access.identity.uniqueId } : {}),
      tags: [],
      transitiveTagKeys: [],
    });
    return { Credentials: credentialsView(session) };
  },

  GetFederationToken(context, input) {
    const access = longTermAccess(context, 'GetFederationToken');
    const { account } = context.principal;
    const session = openSession(context, {
      seconds: sessionSeconds(input.DurationSeconds, access),
      account,
      kind: 'federated-user',
      arn: `arn:aws:sts::${account}:federated-user/${input.Name}`,
      userId: `${account}:${input.Name}`,
      ...(access.identity ? { identity: access.identity.uniqueId } : {}),
      policies: sessionPolicies(context, input, account) ?? [],
      tags: checkTags(input.Tags),
      transitiveTagKeys: [],
    });
    return {
      Credentials: credentialsView(session),
      FederatedUser: { FederatedUserId: session.userId, Arn: session.arn },
      PackedPolicySize: packedSize(input),
    };
  },
} satisfies StsOperations;

/** @throws AwsError AccessDenied for callers with temporary credentials. */
function longTermAccess(context: OperationContext, operation: string): PrincipalAccess {
  const access = policiesOf(context.tx, context.principal);
  if (access.session) throw sessionCredentialsRefused(operation);
  return access;
}

function sessionSeconds(asked: number | undefined, { kind }: PrincipalAccess): number {
  const seconds = asked ?? defaultSeconds;
  return kind === 'root' ? Math.min(seconds, rootSeconds) : seconds;
}
