/** User pools: created, described, changed, deleted. Their keys are made behind the call. */
import type { UserPoolType } from '@aws-sdk/client-cognito-identity-provider';
import { regionalArn } from '#aws/arns.ts';
import type { OperationContext } from '#aws/context.ts';
import { sequenceKey } from '#aws/pagination.ts';
import { invalidParameter, limitExceeded } from '#services/cognito-idp/errors.ts';
import { newPoolId } from '#services/cognito-idp/ids.ts';
import { limitOf, requirePool } from '#services/cognito-idp/lookup.ts';
import { pageOf } from '#services/cognito-idp/paging.ts';
import { forgetPool } from '#services/cognito-idp/pools/deletion.ts';
import { newSchema, withCustom } from '#services/cognito-idp/pools/schema.ts';
import { newSettings, updatedSettings } from '#services/cognito-idp/pools/settings.ts';
import { checkedTags } from '#services/cognito-idp/pools/tags.ts';
import type { CognitoOperations } from '#services/cognito-idp/sdk.ts';
import { homePartition, homeTable, type UserPoolRecord, userPoolTable } from '#services/cognito-idp/tables.ts';
import { userTable } from '#services/cognito-idp/users/tables.ts';

/** "User pools per account", in each Region. */
const POOLS = 1000;
const SECRET_BYTES = 32;

export const userPools = {
  CreateUserPool(context, input) {
    const { tx, nowMs } = context;
    const settings = newSettings(input);
    const schema = newSchema(input.Schema);
    if (
      input.AliasAttributes?.includes('preferred_username') &&
      schema.some(({ Name, Required }) => Name === 'preferred_username' && Required)
    )
      throw invalidParameter('preferred_username cannot be both an alias and a required attribute.');
    const tags = checkedTags(input.UserPoolTags ?? {});
    if (tx.count(userPoolTable) >= limitOf(context, POOLS)) throw limitExceeded('Account limit exceeded for user pools.');
    const id = newPoolId(context);
    const secret = context.randomBytes(SECRET_BYTES).toString('base64');
    const pool: UserPoolRecord = { id, name: input.PoolName, createdMs: nowMs, modifiedMs: nowMs, settings, schema, tags, secret };
    tx.put(userPoolTable, pool);
    tx.in(homePartition).put(homeTable, { id, partition: tx.partition, poolId: id });
    return { UserPool: viewOf(context, pool) };
  },

  DescribeUserPool(context, input) {
    return { UserPool: viewOf(context, requirePool(context, input.UserPoolId).pool) };
  },

  UpdateUserPool(context, input) {
    const { pool } = requirePool(context, input.UserPoolId);
    context.tx.put(userPoolTable, {
      ...pool,
      name: input.PoolName ?? pool.name,
      settings: updatedSettings(pool, input),
      tags: input.UserPoolTags === undefined ? pool.tags : checkedTags(input.UserPoolTags),
      modifiedMs: context.nowMs,
    });
    return {};
  },

  DeleteUserPool(context, input) {
    const { pool } = requirePool(context, input.UserPoolId);
    if (pool.settings.DeletionProtection === 'ACTIVE')
      throw invalidParameter('The user pool cannot be deleted because deletion protection is activated. Deletion protection must be inactivated first.'); // prettier-ignore
    forgetPool(context, pool.id);
    return {};
  },

  ListUserPools(context, input) {
    const { tx } = context;
    const keyOf = ({ id }: UserPoolRecord): string => sequenceKey(tx.sequenceOf(userPoolTable, id));
    const { items, nextToken } = pageOf(input.MaxResults, input.NextToken, tx.list(userPoolTable), keyOf, 'ListUserPools');
    return {
      NextToken: nextToken,
      UserPools: items.map(({ id, name, createdMs, modifiedMs }) => ({
        Id: id,
        Name: name,
        LambdaConfig: {},
        LastModifiedDate: new Date(modifiedMs),
        CreationDate: new Date(createdMs),
      })),
    };
  },

  AddCustomAttributes(context, input) {
    const { pool } = requirePool(context, input.UserPoolId);
    const schema = withCustom(pool.schema, input.CustomAttributes);
    context.tx.put(userPoolTable, { ...pool, schema, modifiedMs: context.nowMs });
    return {};
  },
} satisfies CognitoOperations;

export const arnOf = (context: Pick<OperationContext, 'account' | 'region'>, poolId: string): string =>
  regionalArn(context, 'cognito-idp', `userpool/${poolId}`);

function viewOf(context: OperationContext, pool: UserPoolRecord): UserPoolType {
  const { passwordPolicy, VerificationMessageTemplate: template, ...settings } = pool.settings;
  return {
    Id: pool.id,
    Name: pool.name,
    Arn: arnOf(context, pool.id),
    Policies: { PasswordPolicy: passwordPolicy, SignInPolicy: { AllowedFirstAuthFactors: ['PASSWORD'] } },
    LambdaConfig: {},
    MfaConfiguration: 'OFF',
    ...settings,
    VerificationMessageTemplate: template,
    SmsVerificationMessage: template?.SmsMessage,
    EmailVerificationMessage: template?.EmailMessage,
    EmailVerificationSubject: template?.EmailSubject,
    SchemaAttributes: [...pool.schema],
    UserPoolTags: { ...pool.tags },
    EstimatedNumberOfUsers: context.tx.find(userTable, 'pool', pool.id).length,
    CreationDate: new Date(pool.createdMs),
    LastModifiedDate: new Date(pool.modifiedMs),
  };
}
