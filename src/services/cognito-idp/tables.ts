/** Records of user pools, their app clients and their keys. */
import type { CreateUserPoolClientRequest, CreateUserPoolRequest, PasswordPolicyType } from '@aws-sdk/client-cognito-identity-provider';
import { defineTable, type Partition, type StoreRecord } from '#store/table.ts';

/** Where it is noted to whom pools and clients belong: callers without a signature name nothing else. */
export const homePartition: Partition = { account: 'keiro', region: 'cognito-idp' };

/** The id is that of a pool or of a client. */
export interface HomeRecord extends StoreRecord {
  readonly partition: Partition;
  readonly poolId: string;
}

export const homeTable = defineTable<HomeRecord>()('cognito-idp.home');

/** An attribute that users of a pool may have, as AWS describes it. */
export interface SchemaAttribute {
  /** With `custom:` or `dev:` for those that are not standard. */
  readonly Name: string;
  readonly AttributeDataType: 'String' | 'Number' | 'DateTime' | 'Boolean';
  readonly DeveloperOnlyAttribute: boolean;
  readonly Mutable: boolean;
  readonly Required: boolean;
  readonly StringAttributeConstraints?: { readonly MinLength?: string; readonly MaxLength?: string };
  readonly NumberAttributeConstraints?: { readonly MinValue?: string; readonly MaxValue?: string };
}

export type PasswordPolicy = Readonly<Required<Omit<PasswordPolicyType, 'PasswordHistorySize'>>>;

/** What a pool is set to, in AWS's spelling; what was left out is not there. */
export interface PoolSettings extends Pick<
  CreateUserPoolRequest,
  | 'AccountRecoverySetting'
  | 'AliasAttributes'
  | 'AutoVerifiedAttributes'
  | 'EmailConfiguration'
  | 'EmailVerificationMessage'
  | 'EmailVerificationSubject'
  | 'SmsAuthenticationMessage'
  | 'SmsConfiguration'
  | 'SmsVerificationMessage'
  | 'UserAttributeUpdateSettings'
  | 'UsernameAttributes'
  | 'UsernameConfiguration'
  | 'UserPoolTier'
  | 'VerificationMessageTemplate'
  | 'AdminCreateUserConfig'
  | 'DeletionProtection'
> {
  readonly passwordPolicy: PasswordPolicy;
}

export interface UserPoolRecord extends StoreRecord {
  readonly name: string;
  /** Milliseconds since the epoch. */
  readonly createdMs: number;
  readonly modifiedMs: number;
  readonly settings: PoolSettings;
  readonly schema: readonly SchemaAttribute[];
  readonly tags: Readonly<Record<string, string>>;
  /** 32 bytes in base64: seals sessions and refresh tokens. */
  readonly secret: string;
}

export const userPoolTable = defineTable<UserPoolRecord>()('cognito-idp.user-pool');

/** What a client is set to, in AWS's spelling; what was left out is not there. */
export type ClientSettings = Omit<CreateUserPoolClientRequest, 'UserPoolId' | 'ClientName' | 'GenerateSecret' | 'ClientSecret'>;

export interface ClientRecord extends StoreRecord {
  readonly poolId: string;
  readonly name: string;
  readonly secret?: string;
  readonly createdMs: number;
  readonly modifiedMs: number;
  readonly settings: ClientSettings;
}

export const clientTable = defineTable<ClientRecord>()('cognito-idp.client', { pool: ({ poolId }) => poolId });

export interface SigningKey {
  /** The key's thumbprint (RFC 7638) in base64. */
  readonly kid: string;
  /** PEM, PKCS #8. */
  readonly privateKey: string;
  /** Modulus and exponent, base64url. */
  readonly n: string;
  readonly e: string;
}

/** By the pool's id; there when a reconciler has made them. */
export interface PoolKeysRecord extends StoreRecord {
  readonly idToken: SigningKey;
  readonly accessToken: SigningKey;
}

export const poolKeysTable = defineTable<PoolKeysRecord>()('cognito-idp.pool-keys');

/** A refresh token, with all that came of it, that is good for nothing any more; by its `origin_jti`. */
export interface RevocationRecord extends StoreRecord {
  readonly poolId: string;
  /** When the token would have ended by itself. */
  readonly expiresMs: number;
}

export const revocationTable = defineTable<RevocationRecord>()('cognito-idp.revocation', { pool: ({ poolId }) => poolId });
