/** What a user pool says of itself to whoever verifies its tokens: OpenID Connect Discovery 1.0 and the keys (RFC 7517). */
import type { HttpRequest, HttpResponse } from '#protocol/http.ts';
import { untilReady } from '#server/readiness.ts';
import { jwksOf, type PublicUserPool, userPoolOf } from '#services/cognito-idp/public.ts';
import type { Store } from '#store/store.ts';

const PATH = /^\/([a-z0-9-]{1,40}_[0-9A-Za-z]{1,55})\/\.well-known\/(openid-configuration|jwks\.json)$/;
/** A Region's own name serves the pools of that Region. */
const REGIONAL_HOST = /^cognito-idp\.([a-z0-9-]+)\.(?:amazonaws\.com(?:\.cn)?|localhost)(?::\d+)?$/;
const AWS_HOST = /\.amazonaws\.com(?:\.cn)?(?::\d+)?$/;

const anywhere = { account: 'keiro', region: 'global' };

/** Answers `/POOL_ID/.well-known/…`, on every host and to every page; undefined for other paths. */
export function userPoolPages(
  store: Pick<Store, 'reader' | 'subscribe'>,
): (request: HttpRequest, connection: { readonly secure: boolean }) => Promise<HttpResponse> | undefined {
  return (request, { secure }) => {
    const [, poolId, page] = PATH.exec(request.path) ?? [];
    if (poolId === undefined || page === undefined) return undefined;
    if (request.method !== 'GET' && request.method !== 'HEAD')
      return Promise.resolve(json(405, { message: 'Method not allowed' }, { allow: 'GET, HEAD' }));
    const pool = userPoolOf(store.reader(anywhere), poolId);
    const region = REGIONAL_HOST.exec(request.headers['host'] ?? '')?.[1];
    if (pool === undefined || (region !== undefined && region !== pool.region))
      return Promise.resolve(json(404, { code: 'ResourceNotFoundException', message: `User pool ${poolId} does not exist.` }));
    return page === 'jwks.json' ? keys(store, poolId) : Promise.resolve(json(200, discovery(pool, request, secure), cached));
  };
}

const cached = { 'cache-control': 'public, max-age=86400, must-revalidate' };

async function keys(store: Pick<Store, 'reader' | 'subscribe'>, poolId: string): Promise<HttpResponse> {
  await untilReady(store, (reader) => jwksOf(reader, poolId) !== undefined || userPoolOf(reader, poolId) === undefined);
  const found = jwksOf(store.reader(anywhere), poolId);
  return found === undefined
    ? json(503, { message: `The keys of user pool ${poolId} are not made yet.` }, { 'retry-after': '1' })
    : json(200, found, cached);
}

/** The issuer is the same everywhere; the keys are told to be where they were asked from. There is no hosted login, so nothing is said of one. */
function discovery({ id, issuer }: PublicUserPool, { headers }: HttpRequest, secure: boolean): unknown {
  const host = headers['host'] ?? '';
  const base = host === '' || AWS_HOST.test(host) ? issuer : `${secure ? 'https' : 'http'}://${host}/${id}`;
  return {
    id_token_signing_alg_values_supported: ['RS256'],
    issuer,
    jwks_uri: `${base}/.well-known/jwks.json`,
    response_types_supported: ['code', 'token'],
    scopes_supported: ['openid', 'email', 'phone', 'profile'],
    subject_types_supported: ['public'],
  };
}

function json(status: number, value: unknown, headers: Readonly<Record<string, string>> = {}): HttpResponse {
  return {
    status,
    headers: { 'content-type': 'application/json', 'access-control-allow-origin': '*', ...headers },
    body: JSON.stringify(value),
  };
}
