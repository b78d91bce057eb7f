/** Pages of Service Quotas: as everywhere, but with tokens and errors in this service's form. */
import { type PageInput, paginate } from '#aws/pagination.ts';
import { AwsError } from '#protocol/aws-error.ts';
import { invalidPaginationToken } from '#services/service-quotas/errors.ts';

/** AWS's limits on `MaxResults`, and what it takes when none is given. */
const limits = { min: 1, max: 100 };

/** One page. Tokens are plain Base64, as the model's pattern for them says. */
export function page<T>(
  input: PageInput,
  items: readonly T[],
  parameters: unknown,
): { readonly items: readonly T[]; readonly nextToken: string | undefined } {
  const token = input.NextToken === undefined ? undefined : Buffer.from(input.NextToken, 'base64').toString('latin1');
  try {
    const found = paginate({ MaxResults: input.MaxResults ?? limits.max, NextToken: token }, items, limits, parameters);
    return { items: found.items, nextToken: found.nextToken && Buffer.from(found.nextToken, 'latin1').toString('base64') };
  } catch (error) {
    throw error instanceof AwsError && error.code === 'InvalidPaginationToken' ? invalidPaginationToken() : error;
  }
}
