/** What goes with a pool, and with a user. */
import type { OperationContext } from '#aws/context.ts';
import { groupTable, membershipTable } from '#services/cognito-idp/groups/tables.ts';
import { clientTable, homePartition, homeTable, poolKeysTable, revocationTable, userPoolTable } from '#services/cognito-idp/tables.ts';
import { attemptsTable, codeTable, passwordTable, usedSessionTable, userTable } from '#services/cognito-idp/users/tables.ts';
import type { Transaction } from '#store/store.ts';
import type { StoreRecord, Table } from '#store/table.ts';

type Writer = Pick<OperationContext, 'tx'>;

export function forgetPool({ tx }: Writer, poolId: string): void {
  const homes = tx.in(homePartition);
  for (const { id } of tx.find(clientTable, 'pool', poolId)) homes.delete(homeTable, id);
  forgetAll(tx, clientTable, poolId);
  forgetAll(tx, userTable, poolId);
  forgetAll(tx, passwordTable, poolId);
  forgetAll(tx, codeTable, poolId);
  forgetAll(tx, attemptsTable, poolId);
  forgetAll(tx, usedSessionTable, poolId);
  forgetAll(tx, revocationTable, poolId);
  forgetAll(tx, groupTable, poolId);
  forgetAll(tx, membershipTable, poolId);
  tx.delete(poolKeysTable, poolId);
  tx.delete(userPoolTable, poolId);
  homes.delete(homeTable, poolId);
}

function forgetAll<R extends StoreRecord>(tx: Transaction, table: Table<R, 'pool'>, poolId: string): void {
  for (const { id } of tx.find(table, 'pool', poolId)) tx.delete(table, id);
}

/** Kinds of codes and of attempts are few, and their ids begin with the user's. */
const kinds = ['sign-up', 'password', 'email', 'phone_number', 'sign-in', 'confirm', 'resend', 'recover', 'change', 'ask', 'verify'];

export function forgetUser({ tx }: Writer, userId: string): void {
  for (const { id } of tx.find(membershipTable, 'user', userId)) tx.delete(membershipTable, id);
  for (const kind of kinds) {
    tx.delete(codeTable, `${userId}/${kind}`);
    tx.delete(attemptsTable, `${userId}/${kind}`);
  }
  tx.delete(passwordTable, userId);
  tx.delete(userTable, userId);
}
