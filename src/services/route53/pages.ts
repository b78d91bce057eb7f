/** Pages of Route 53: `MaxItems`, and a marker that names the first of the next page. */
import { decodeToken } from '#aws/pagination.ts';
import { invalidInput, invalidPaginationToken } from '#services/route53/errors.ts';

/** The most that a page has, which is also what it has unless less is asked for. @throws AwsError InvalidInput */
export function pageSize(asked: number | undefined, most: number): number {
  if (asked === undefined) return most;
  if (asked < 1) throw invalidInput(`Invalid parameter : maxItems must be greater than 0, but was ${asked}.`);
  return Math.min(asked, most);
}

export interface MarkedPage<T> {
  readonly items: readonly T[];
  /** The first item of the next page. */
  readonly next: T | undefined;
}

/** In the order of ids, from the marker on: so what was deleted meanwhile shifts nothing. */
export function pageById<T extends { readonly id: string }>(all: Iterable<T>, marker: string | undefined, size: number): MarkedPage<T> {
  const sorted = [...all].filter(({ id }) => marker === undefined || id >= marker).sort((a, b) => (a.id < b.id ? -1 : 1));
  return { items: sorted.slice(0, size), next: sorted[size] };
}

/** Where a token's page begins. @throws AwsError InvalidPaginationToken */
export function positionIn(token: string, parameters: unknown): string {
  try {
    return decodeToken(token, parameters);
  } catch {
    throw invalidPaginationToken();
  }
}
