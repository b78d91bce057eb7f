/** Callers of operations that take no signature, such as signing in at a user pool. */
import { regions } from '#aws/regions.ts';
import type { HttpRequest } from '#protocol/http.ts';
import type { Caller } from '#server/authentication.ts';

/** Nobody's account: what such a call is about, it finds by what it brings along. */
const NOBODY = '000000000000';
/** `SERVICE.REGION.amazonaws.com`, `SERVICE.REGION.localhost`. */
const REGIONAL_HOST = /^[a-z0-9-]+\.([a-z0-9-]+)\./;

/** @param defaultRegion where a request's host names none */
export function anonymousCaller({ headers }: Pick<HttpRequest, 'headers'>, defaultRegion: string): Caller {
  const named = REGIONAL_HOST.exec(headers['host'] ?? '')?.[1] ?? '';
  const arn = `arn:aws:iam::${NOBODY}:anonymous`;
  return {
    principal: { account: NOBODY, arn, userId: NOBODY, accessKeyId: '' },
    region: regions.has(named) ? named : defaultRegion,
  };
}
