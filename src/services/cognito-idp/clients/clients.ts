/** App clients of user pools. */
import type { UserPoolClientType } from '@aws-sdk/client-cognito-identity-provider';
import { sequenceKey } from '#aws/pagination.ts';
import { newClientSettings } from '#services/cognito-idp/clients/settings.ts';
import { invalidParameter, limitExceeded } from '#services/cognito-idp/errors.ts';
import { newClientId, newClientSecret } from '#services/cognito-idp/ids.ts';
import { limitOf, requireClient, requirePool } from '#services/cognito-idp/lookup.ts';
import { pageOf } from '#services/cognito-idp/paging.ts';
import type { CognitoOperations } from '#services/cognito-idp/sdk.ts';
import { type ClientRecord, clientTable, homePartition, homeTable } from '#services/cognito-idp/tables.ts';

/** "App clients per user pool." */
const CLIENTS = 1000;

export const clients = {
  CreateUserPoolClient(context, input) {
    const { pool } = requirePool(context, input.UserPoolId);
    const { tx, nowMs } = context;
    if (input.GenerateSecret === true && input.ClientSecret !== undefined)
      throw invalidParameter('You cannot specify both GenerateSecret and ClientSecret.');
    const settings = newClientSettings(pool, input);
    if (tx.find(clientTable, 'pool', pool.id).length >= limitOf(context, CLIENTS))
      throw limitExceeded(`Maximum number of clients exceeded for user pool ${pool.id}.`);
    const secret = input.ClientSecret ?? (input.GenerateSecret === true ? newClientSecret(context) : undefined);
    const client: ClientRecord = {
      id: newClientId(context),
      poolId: pool.id,
      name: input.ClientName,
      ...(secret === undefined ? {} : { secret }),
      createdMs: nowMs,
      modifiedMs: nowMs,
      settings,
    };
    tx.put(clientTable, client);
    tx.in(homePartition).put(homeTable, { id: client.id, partition: tx.partition, poolId: pool.id });
    return { UserPoolClient: viewOf(client) };
  },

  DescribeUserPoolClient(context, input) {
    return { UserPoolClient: viewOf(requireClient(context, input.UserPoolId, input.ClientId).client) };
  },

  /** What the input leaves out is set to its default. */
  UpdateUserPoolClient(context, input) {
    const { pool, client } = requireClient(context, input.UserPoolId, input.ClientId);
    const changed = {
      ...client,
      name: input.ClientName ?? client.name,
      settings: newClientSettings(pool, input),
      modifiedMs: context.nowMs,
    };
    context.tx.put(clientTable, changed);
    return { UserPoolClient: viewOf(changed) };
  },

  DeleteUserPoolClient(context, input) {
    const { client } = requireClient(context, input.UserPoolId, input.ClientId);
    context.tx.delete(clientTable, client.id);
    context.tx.in(homePartition).delete(homeTable, client.id);
    return {};
  },

  ListUserPoolClients(context, input) {
    const { tx } = context;
    const { pool } = requirePool(context, input.UserPoolId);
    const keyOf = ({ id }: ClientRecord): string => sequenceKey(tx.sequenceOf(clientTable, id));
    const found = tx.find(clientTable, 'pool', pool.id);
    const { items, nextToken } = pageOf(input.MaxResults, input.NextToken, found, keyOf, ['ListUserPoolClients', pool.id]);
    return {
      NextToken: nextToken,
      UserPoolClients: items.map(({ id, name }) => ({ ClientId: id, UserPoolId: pool.id, ClientName: name })),
    };
  },
} satisfies CognitoOperations;

function viewOf({ id, poolId, name, secret, createdMs, modifiedMs, settings }: ClientRecord): UserPoolClientType {
  return {
    UserPoolId: poolId,
    ClientName: name,
    ClientId: id,
    ClientSecret: secret,
    ...settings,
    LastModifiedDate: new Date(modifiedMs),
    CreationDate: new Date(createdMs),
  };
}
