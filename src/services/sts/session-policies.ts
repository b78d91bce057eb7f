/** Session policies: what a caller takes away from the session that it asks for. */
import type { PolicyDescriptorType } from '@aws-sdk/client-sts';
import type { OperationContext } from '#aws/context.ts';
import { checkIdentityPolicy, defaultDocument, findPolicy, type InlinePolicy } from '#services/iam/public.ts';
import { validationError } from '#services/sts/errors.ts';

interface SessionPolicyInput {
  readonly Policy?: string | undefined;
  readonly PolicyArns?: readonly PolicyDescriptorType[] | undefined;
}

/** AWS's limits: managed policies of a session, and characters of all its policies together. */
const policyArnsPerSession = 10;
const plaintextLength = 2048;

/**
 * The policies that a call gives to the session; undefined when it gives none.
 * @param account whose managed policies can be named
 * @throws AwsError MalformedPolicyDocument, ValidationError
 */
export function sessionPolicies({ tx }: OperationContext, input: SessionPolicyInput, account: string): readonly InlinePolicy[] | undefined {
  const arns = input.PolicyArns ?? [];
  if (input.Policy === undefined && arns.length === 0) return undefined;
  if (arns.length > policyArnsPerSession) {
    throw validationError(
      `1 validation error detected: Value '${JSON.stringify(arns)}' at 'policyArns' failed to satisfy constraint: Member must have length less than or equal to ${policyArnsPerSession}`,
    );
  }
  const there = tx.in({ account, region: 'global' });
  const managed = arns.map(({ arn = '' }) => {
    const policy = findPolicy(there, arn);
    if (!policy) throw validationError(`Policy ${arn} does not exist or is not attachable.`);
    return { name: policy.name, document: defaultDocument(policy) };
  });
  if (input.Policy === undefined) return managed;
  checkIdentityPolicy(input.Policy);
  return [...managed, { name: 'session', document: input.Policy }];
}

interface PackedInput extends SessionPolicyInput {
  readonly Tags?: readonly { readonly Key?: string | undefined; readonly Value?: string | undefined }[] | undefined;
}

/** How much of what a session may hold its policies and tags take, in percent; undefined when it has none. */
export function packedSize({ Policy = '', PolicyArns = [], Tags = [] }: PackedInput): number | undefined {
  const length =
    Policy.length +
    PolicyArns.reduce((sum, { arn = '' }) => sum + arn.length, 0) +
    Tags.reduce((sum, { Key = '', Value = '' }) => sum + Key.length + Value.length, 0);
  return length === 0 ? undefined : Math.min(100, Math.ceil((length / plaintextLength) * 100));
}
