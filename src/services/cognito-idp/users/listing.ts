/** ListUsers: a pool's users, filtered, in pages. */
import { sequenceKey } from '#aws/pagination.ts';
import { invalidParameter } from '#services/cognito-idp/errors.ts';
import { requirePool } from '#services/cognito-idp/lookup.ts';
import { pageOf } from '#services/cognito-idp/paging.ts';
import type { CognitoOperations } from '#services/cognito-idp/sdk.ts';
import { parseFilter } from '#services/cognito-idp/users/filter.ts';
import { type UserRecord, userTable } from '#services/cognito-idp/users/tables.ts';
import { viewOfUser } from '#services/cognito-idp/users/views.ts';

export const userListing = {
  ListUsers(context, input) {
    const { tx } = context;
    const { pool } = requirePool(context, input.UserPoolId);
    const { Filter: text, AttributesToGet: names } = input;
    const filter = text === undefined || text.trim() === '' ? undefined : parseFilter(text);
    if (names?.some((name) => !pool.schema.some(({ Name }) => Name === name)))
      throw invalidParameter('One or more requested attributes do not exist.');
    const all = tx.find(userTable, 'pool', pool.id);
    const found = filter === undefined ? all : all.filter(filter.matches);
    const sequenceOf = ({ id }: UserRecord): string => sequenceKey(tx.sequenceOf(userTable, id));
    // "Search results are sorted by the attribute named …, in ascending order."
    const keyOf = (user: UserRecord): string => (filter === undefined ? sequenceOf(user) : `${filter.valueOf(user)}\n${sequenceOf(user)}`);
    const parameters = ['ListUsers', pool.id, text ?? ''];
    const { items, nextToken } = pageOf(input.Limit, input.PaginationToken, found, keyOf, parameters);
    const shows = names?.length ? (name: string): boolean => names.includes(name) : undefined;
    return { Users: items.map((user) => viewOfUser(user, shows)), PaginationToken: nextToken };
  },
} satisfies CognitoOperations;
