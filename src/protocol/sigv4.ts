/** AWS Signature Version 4: who a request says it is from, and whether that is true. */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { HttpRequest } from '#protocol/http.ts';
import { canonicalRequest, headerOf } from '#protocol/sigv4-canonical.ts';
import { ALGORITHM, queryValue, readClaim } from '#protocol/sigv4-claim.ts';
import type { Claim } from '#protocol/sigv4-claim.ts';
import { signatureOf, signingKey } from '#protocol/sigv4-key.ts';
import { refuse } from '#protocol/sigv4-refusal.ts';
import type { Refusal, SignatureFamily } from '#protocol/sigv4-refusal.ts';

/** The claim of a signed request, not yet verified. */
export interface Credential {
  readonly accessKeyId: string;
  /** UTC day of the signing key, `YYYYMMDD`. */
  readonly date: string;
  /** E.g. `eu-west-1`. */
  readonly region: string;
  /** The signing name, e.g. `ec2`, `elasticloadbalancing`. */
  readonly service: string;
  /** Of temporary credentials. */
  readonly sessionToken?: string;
}

/** A credential whose signature was found true. */
export interface SignatureIdentity extends Credential {
  readonly presigned: boolean;
}

export interface Secret {
  readonly secret: string;
  /** Of temporary credentials: the request must bring the same one. */
  readonly sessionToken?: string;
  /** When temporary credentials end, milliseconds since the epoch. */
  readonly expiresAtMs?: number;
}

export interface VerifyOptions {
  /** The secret of an access key; undefined when there is no such active key. */
  readonly secretOf: (accessKeyId: string) => Secret | undefined;
  readonly now: Date;
  /** The signing name that the credential must be scoped to, e.g. `ec2`. */
  readonly service?: string;
  readonly region?: string;
  /** Whose words to refuse in; `query` when not told. */
  readonly family?: SignatureFamily;
}

const TERMINATOR = 'aws4_request';
const MINUTE_MS = 60_000;
/** How far a client's clock may be off: 5 minutes as the services' own words say, 15 minutes at S3. */
const SKEW_MS = 5 * MINUTE_MS;
const S3_SKEW_MS = 15 * MINUTE_MS;
/** Life of a presigned query that states none. */
const PRESIGNED_DEFAULT_MS = 15 * MINUTE_MS;
const HASH = /^[0-9a-f]{64}$/;

/** Splits `id/date/region/service/aws4_request`; undefined unless it has exactly these five parts. */
function parseScope(scope: string, sessionToken: string | undefined): Credential | undefined {
  const parts = scope.split('/');
  if (parts.length !== 5) return undefined;
  const [accessKeyId, date, region, service, terminator] = parts;
  if (!accessKeyId || !date || !region || !service || terminator !== TERMINATOR) return undefined;
  return sessionToken === undefined ? { accessKeyId, date, region, service } : { accessKeyId, date, region, service, sessionToken };
}

/**
 * What a request says of its signer: from the `Authorization` header, else from a presigned query. It only parses and
 * never throws: undefined stands for an unsigned request and for a malformed claim alike.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-signing-elements.html
 */
export function readCredential(request: HttpRequest): Credential | undefined {
  const authorization = request.headers['authorization'];
  if (authorization !== undefined && authorization.startsWith(ALGORITHM)) {
    const at = authorization.indexOf('Credential=');
    if (at < 0) return undefined;
    const start = at + 11;
    let end = start;
    for (; end < authorization.length; end += 1) {
      const code = authorization.charCodeAt(end);
      if (code === 44 || code === 32) break; // a comma or a space ends the value
    }
    return parseScope(authorization.slice(start, end), request.headers['x-amz-security-token']);
  }
  if (request.query === '') return undefined;
  const scope = queryValue(request.query, 'X-Amz-Credential');
  return scope === undefined ? undefined : parseScope(scope, queryValue(request.query, 'X-Amz-Security-Token'));
}

/** Milliseconds since the epoch of `YYYYMMDDTHHMMSSZ`; undefined when it is no such date. */
function parseTimestamp(timestamp: string): number | undefined {
  const found = /^(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})Z$/.exec(timestamp);
  if (!found) return undefined;
  const [, year, month, day, hour, minute, second] = found;
  const ms = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  return Number.isNaN(ms) ? undefined : ms;
}

const basic = (ms: number): string => new Date(ms).toISOString().replace(/[-:]|\.\d{3}/g, '');

/** Whether the date of the claim lets it be used now. */
function checkTime(claim: Claim, signedMs: number, nowMs: number, skewMs: number): Refusal | undefined {
  const { presigned, timestamp } = claim;
  if (signedMs > nowMs + skewMs) {
    const detail = `Signature not yet current: ${timestamp} is still later than ${basic(nowMs + skewMs)} (${basic(nowMs)} + ${skewMs / MINUTE_MS} min.)`;
    return { kind: 'early', detail, presigned };
  }
  const lifeMs = !presigned ? skewMs : claim.expiresSeconds === undefined ? PRESIGNED_DEFAULT_MS : claim.expiresSeconds * 1000;
  if (signedMs < nowMs - lifeMs) {
    const detail = `Signature expired: ${timestamp} is now earlier than ${basic(nowMs - lifeMs)} (${basic(nowMs)} - ${lifeMs / MINUTE_MS} min.)`;
    return { kind: 'late', detail, presigned };
  }
  return undefined;
}

/** Whether the credential is scoped to this service, Region and day; AWS lists every fault at once. */
function checkScope(claim: Claim, options: VerifyOptions): Credential | Refusal {
  const parts = claim.credential.split('/');
  const [accessKeyId = '', date = '', region = '', service = '', terminator = ''] = parts;
  if (parts.length !== 5 || accessKeyId === '') {
    const detail = `Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got '${claim.credential}'`;
    return { kind: 'incomplete', detail };
  }
  let detail = '';
  if (region === '' || (options.region !== undefined && region !== options.region)) {
    detail += `Credential should be scoped to a valid region, not '${region}'. `;
  }
  if (service === '' || (options.service !== undefined && service !== options.service)) {
    detail += `Credential should be scoped to correct service: '${options.service ?? ''}'. `;
  }
  if (terminator !== TERMINATOR) detail += `Credential should be scoped with a valid terminator: '${TERMINATOR}', not '${terminator}'. `;
  const day = claim.timestamp.slice(0, 8);
  if (date !== day) {
    detail += `Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '${date}' != '${day}', from '${claim.timestamp}'. `;
  }
  if (detail !== '') return { kind: 'mismatch', detail };
  const { sessionToken } = claim;
  return sessionToken === undefined ? { accessKeyId, date, region, service } : { accessKeyId, date, region, service, sessionToken };
}

const sha256 = (body: Buffer): string => createHash('sha256').update(body).digest('hex');

/** Equal in a time that does not tell where they differ. */
function sameText(a: string, b: string): boolean {
  const x = Buffer.from(a, 'utf8');
  const y = Buffer.from(b, 'utf8');
  return x.length === y.length && timingSafeEqual(x, y);
}

/**
 * The hash that stands in the canonical request: of the body itself, unless the client left the body out of the
 * signature. Chunk signatures (`STREAMING-AWS4-…`) are not taken for verified: they do not match.
 */
function payloadHashOf(request: HttpRequest, claim: Claim, service: string): string {
  const stated = claim.payloadHash ?? request.headers['x-amz-content-sha256'];
  if (stated === 'UNSIGNED-PAYLOAD' || stated === 'STREAMING-UNSIGNED-PAYLOAD-TRAILER') return stated;
  if (claim.presigned && service === 's3' && stated === undefined) return 'UNSIGNED-PAYLOAD';
  return sha256(request.body);
}

function signatureMatches(request: HttpRequest, claim: Claim, credential: Credential, secret: string): boolean {
  if (!HASH.test(claim.signature)) return false;
  const { accessKeyId, date, region, service } = credential;
  const key = signingKey(accessKeyId, secret, date, region, service);
  const payloadHash = payloadHashOf(request, claim, service);
  const matches = (split: boolean): boolean => {
    const text = canonicalRequest(request, service, claim.signedHeaders, payloadHash, split);
    // Header values hold one byte per character, so Latin-1 gives back the bytes that came.
    const hash = createHash('sha256').update(text, 'latin1').digest('hex');
    return sameText(signatureOf(key, claim.timestamp, `${date}/${region}/${service}/${TERMINATOR}`, hash), claim.signature);
  };
  if (matches(false)) return true;
  // A header sent in several lines arrives here joined by `, ` while its signer joined it by `,`: RFC 9110 section 5.3 calls them equal.
  return claim.signedHeaders.some((name) => headerOf(request, name).includes(', ')) && matches(true);
}

function verify(request: HttpRequest, options: VerifyOptions): SignatureIdentity | Refusal {
  const claim = readClaim(request);
  if ('kind' in claim) return claim;
  const signedMs = parseTimestamp(claim.timestamp);
  if (signedMs === undefined) {
    const detail = `Date must be in ISO-8601 'basic format'. Got '${claim.timestamp}'. See http://en.wikipedia.org/wiki/ISO_8601`;
    return { kind: 'incomplete', detail };
  }
  const nowMs = options.now.getTime();
  const late = checkTime(claim, signedMs, nowMs, options.family === 's3' ? S3_SKEW_MS : SKEW_MS);
  if (late) return late;
  if (!claim.signedHeaders.includes('host')) {
    return { kind: 'mismatch', detail: "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization." };
  }
  if (claim.algorithm !== ALGORITHM) {
    return { kind: 'incomplete', detail: `Unsupported AWS 'algorithm': '${claim.algorithm}' (only ${ALGORITHM} for now). ` };
  }
  const credential = checkScope(claim, options);
  if ('kind' in credential) return credential;
  const known = options.secretOf(credential.accessKeyId);
  if (!known) return { kind: 'unknown-key' };
  if ((known.sessionToken === undefined) !== (credential.sessionToken === undefined)) return { kind: 'bad-token' };
  if (!sameText(known.sessionToken ?? '', credential.sessionToken ?? '')) return { kind: 'bad-token' };
  if (!signatureMatches(request, claim, credential, known.secret)) return { kind: 'mismatch' };
  // Only who has the secret learns that the credentials have ended.
  if (known.expiresAtMs !== undefined && known.expiresAtMs <= nowMs) return { kind: 'expired-token' };
  return { ...credential, presigned: claim.presigned };
}

/**
 * Verifies the signature of a request, in its header or presigned in its query. A presigned request may be used any
 * number of times until it expires, as in AWS.
 * @throws AwsError in the words of `options.family`, e.g. `SignatureDoesNotMatch`, `InvalidClientTokenId`, EC2's `AuthFailure`
 */
export function verifySignature(request: HttpRequest, options: VerifyOptions): SignatureIdentity {
  const result = verify(request, options);
  if ('kind' in result) throw refuse(options.family ?? 'query', result);
  return result;
}
