/** Pages of lists: Cognito's members and words around the common ones. */
import { decodeToken, type ListPage, paginateByKey } from '#aws/pagination.ts';
import { AwsError } from '#protocol/aws-error.ts';
import { invalidParameter } from '#services/cognito-idp/errors.ts';

/** AWS's greatest, and what one gets who asks for no number. */
const MOST = 60;

/**
 * One page of a list in the order of its keys.
 * @param size 0 and undefined stand for 60  @param parameters what the token is bound to
 * @throws AwsError InvalidParameterException for a token that the call did not give
 */
export function pageOf<T>(
  size: number | undefined,
  token: string | undefined,
  items: Iterable<T>,
  keyOf: (item: T) => string,
  parameters: unknown,
): ListPage<T> {
  if (token !== undefined) checkToken(token, parameters);
  return paginateByKey({ MaxResults: size || MOST, NextToken: token }, items, keyOf, parameters, { min: 1, max: MOST });
}

function checkToken(token: string, parameters: unknown): void {
  try {
    decodeToken(token, parameters);
  } catch (error) {
    throw error instanceof AwsError ? invalidParameter('Invalid pagination token.') : error;
  }
}
