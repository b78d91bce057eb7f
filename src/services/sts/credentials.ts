/** Temporary credentials as STS hands them out. */
import type { Credentials } from '@aws-sdk/client-sts';
import type { SessionRecord } from '#services/iam/public.ts';

export function credentialsView({ id, secret, sessionToken, expiresAtMs }: SessionRecord): Credentials {
  return { AccessKeyId: id, SecretAccessKey: secret, SessionToken: sessionToken, Expiration: new Date(expiresAtMs) };
}
