/** Tags of user pools. */
import { tagsPerResource } from '#aws/tags.ts';
import type { OperationContext } from '#aws/context.ts';
import { invalidParameter, poolNotFound } from '#services/cognito-idp/errors.ts';
import type { CognitoOperations } from '#services/cognito-idp/sdk.ts';
import { type UserPoolRecord, userPoolTable } from '#services/cognito-idp/tables.ts';
import { AwsError } from '#protocol/aws-error.ts';

export const poolTags = {
  TagResource(context, input) {
    const pool = poolOf(context, input.ResourceArn);
    context.tx.put(userPoolTable, { ...pool, tags: checkedTags({ ...pool.tags, ...input.Tags }) });
    return {};
  },

  UntagResource(context, input) {
    const pool = poolOf(context, input.ResourceArn);
    const gone = new Set(input.TagKeys);
    context.tx.put(userPoolTable, { ...pool, tags: Object.fromEntries(Object.entries(pool.tags).filter(([key]) => !gone.has(key))) });
    return {};
  },

  ListTagsForResource(context, input) {
    return { Tags: { ...poolOf(context, input.ResourceArn).tags } };
  },
} satisfies CognitoOperations;

/** @throws AwsError UserPoolTaggingException, InvalidParameterException */
export function checkedTags(tags: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const all = Object.entries(tags);
  if (all.length > tagsPerResource)
    throw new AwsError('UserPoolTaggingException', `A user pool can have no more than ${tagsPerResource} tags.`);
  if (all.some(([key]) => key.toLowerCase().startsWith('aws:')))
    throw invalidParameter('Tag keys that begin with aws: are reserved for internal use.');
  return Object.fromEntries(all);
}

function poolOf(context: OperationContext, arn: string): UserPoolRecord {
  const id = /^arn:[^:]+:cognito-idp:[^:]+:\d{12}:userpool\/(.+)$/.exec(arn)?.[1];
  if (id === undefined) throw invalidParameter(`Invalid resource ARN: ${arn}`);
  const pool = context.tx.get(userPoolTable, id);
  if (pool === undefined) throw poolNotFound(id);
  return pool;
}
