/** How AWS refuses a call that policies do not allow, in the words of each family of services. */
import type { Principal } from '#aws/context.ts';
import { AwsError } from '#protocol/aws-error.ts';
import type { ServiceEntry } from '#server/services.ts';
import type { AccessVerdict } from '#services/iam/public.ts';

export interface Denied {
  readonly entry: ServiceEntry;
  readonly principal: Principal;
  /** E.g. `ec2:RunInstances`. */
  readonly action: string;
  /** As messages name it; undefined where they leave it out. */
  readonly resource: string | undefined;
  readonly verdict: AccessVerdict;
  /** For STS's DecodeAuthorizationMessage. */
  readonly encoded?: string | undefined;
}

const layerWords = {
  identity: ['an identity-based policy', 'identity-based policy'],
  boundary: ['a permissions boundary', 'permissions boundary'],
  session: ['a session policy', 'session policy'],
  resource: ['a resource-based policy', 'resource-based policy'],
} as const;

/** The refusal (https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html). */
export function denial(denied: Denied): AwsError {
  const { entry, principal, action, resource, encoded } = denied;
  const on = resource === undefined ? '' : ` on resource: ${resource}`;
  const message = `User: ${principal.arn} is not authorized to perform: ${action}${on}${reason(denied)}`;
  if (entry.family === 'ec2') {
    const more = encoded === undefined ? '' : `. Encoded authorization failure message: ${encoded}`;
    return new AwsError('UnauthorizedOperation', `You are not authorized to perform this operation. ${message}${more}`, 403);
  }
  if (entry.family === 'json') return new AwsError('AccessDeniedException', message, 400);
  if (entry.family === 'rest-json') return new AwsError('AccessDeniedException', message, 403);
  return new AwsError('AccessDenied', message, 403);
}

/** Which policy decided. That no trust policy lets the caller in, AWS does not tell. */
function reason({ action, verdict }: Denied): string {
  const [a, plain] = layerWords[verdict.layer];
  if (verdict.decision === 'explicitDeny') {
    const arn = verdict.matched[0]?.policy.arn;
    return ` with an explicit deny in ${a}${arn === undefined ? '' : `: ${arn}`}`;
  }
  return verdict.layer === 'resource' ? '' : ` because no ${plain} allows the ${action} action`;
}
