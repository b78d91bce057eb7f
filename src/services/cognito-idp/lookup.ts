/** Finds pools and clients: of the caller, or of whoever they belong to. */
import type { OperationContext } from '#aws/context.ts';
import { clientNotFound, poolNotFound } from '#services/cognito-idp/errors.ts';
import {
  type ClientRecord,
  clientTable,
  homePartition,
  homeTable,
  type UserPoolRecord,
  userPoolTable,
} from '#services/cognito-idp/tables.ts';
import type { Reader } from '#store/store.ts';

/** A pool, in the context of the account and Region that have it. */
export interface AtPool {
  readonly context: OperationContext;
  readonly pool: UserPoolRecord;
}

export interface AtClient extends AtPool {
  readonly client: ClientRecord;
}

/** A pool of the caller's. @throws AwsError ResourceNotFoundException */
export function requirePool(context: OperationContext, poolId: string): AtPool {
  const pool = context.tx.get(userPoolTable, poolId);
  if (pool === undefined) throw poolNotFound(poolId);
  return { context, pool };
}

/** A client of one of the caller's pools. @throws AwsError ResourceNotFoundException */
export function requireClient(context: OperationContext, poolId: string, clientId: string): AtClient {
  const at = requirePool(context, poolId);
  const client = context.tx.get(clientTable, clientId);
  if (client === undefined || client.poolId !== poolId) throw clientNotFound(clientId);
  return { ...at, client };
}

/** A client, whoever calls. @throws AwsError ResourceNotFoundException */
export function requireAnyClient(context: OperationContext, clientId: string): AtClient {
  const home = context.tx.in(homePartition).get(homeTable, clientId);
  const there = home && contextAt(context, home.partition);
  const client = there?.tx.get(clientTable, clientId);
  const pool = client && there?.tx.get(userPoolTable, client.poolId);
  if (there === undefined || client === undefined || pool === undefined) throw clientNotFound(clientId);
  return { context: there, pool, client };
}

/** A pool, whoever calls. */
export function findAnyPool(context: OperationContext, poolId: string): AtPool | undefined {
  const home = context.tx.in(homePartition).get(homeTable, poolId);
  const there = home && contextAt(context, home.partition);
  const pool = there?.tx.get(userPoolTable, poolId);
  return there === undefined || pool === undefined ? undefined : { context: there, pool };
}

/** The pool, with a view of the partition that it is in. */
export function findPoolFrom(reader: Reader, poolId: string): { readonly reader: Reader; readonly pool: UserPoolRecord } | undefined {
  const home = reader.in(homePartition).get(homeTable, poolId);
  const there = home && reader.in(home.partition);
  const pool = there?.get(userPoolTable, poolId);
  return there === undefined || pool === undefined ? undefined : { reader: there, pool };
}

function contextAt(context: OperationContext, partition: { readonly account: string; readonly region: string }): OperationContext {
  return { ...context, ...partition, tx: context.tx.in(partition) };
}

/** Everything that AWS lets nobody raise through Service Quotas here: with `--quotas off` there is no limit. */
export function limitOf({ quotasOn }: Pick<OperationContext, 'quotasOn'>, limit: number): number {
  return quotasOn ? limit : Number.POSITIVE_INFINITY;
}
