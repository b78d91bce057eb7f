/** Records of groups and of who is in them. */
import { defineTable, type StoreRecord } from '#store/table.ts';

/** The id is `POOL/NAME`. */
export interface GroupRecord extends StoreRecord {
  readonly poolId: string;
  readonly name: string;
  readonly description?: string;
  readonly roleArn?: string;
  readonly precedence?: number;
  /** Milliseconds since the epoch. */
  readonly createdMs: number;
  readonly modifiedMs: number;
}

export const groupTable = defineTable<GroupRecord>()('cognito-idp.group', { pool: ({ poolId }) => poolId });

export interface MembershipRecord extends StoreRecord {
  readonly poolId: string;
  readonly groupId: string;
  readonly userId: string;
}

export const membershipTable = defineTable<MembershipRecord>()('cognito-idp.membership', {
  pool: ({ poolId }) => poolId,
  group: ({ groupId }) => groupId,
  user: ({ userId }) => userId,
});
