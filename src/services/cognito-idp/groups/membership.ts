/** Which groups a user is in. */
import type { OperationContext } from '#aws/context.ts';
import { type GroupRecord, groupTable, membershipTable } from '#services/cognito-idp/groups/tables.ts';
import type { UserRecord } from '#services/cognito-idp/users/tables.ts';

/** "Zero is the top precedence value"; groups without one come last. */
const rank = ({ precedence }: GroupRecord): number => precedence ?? Number.POSITIVE_INFINITY;

/** Those with the better precedence first, then by name. */
export function groupsOf({ tx }: Pick<OperationContext, 'tx'>, user: Pick<UserRecord, 'id'>): readonly GroupRecord[] {
  const groups = tx.find(membershipTable, 'user', user.id).flatMap(({ groupId }) => tx.get(groupTable, groupId) ?? []);
  return groups.toSorted((a, b) => (rank(a) === rank(b) ? (a.name < b.name ? -1 : 1) : rank(a) < rank(b) ? -1 : 1));
}
