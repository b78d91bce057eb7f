/** A signature as a request brings it, in its header or in its query, taken apart but not believed. */
import { createHash } from 'node:crypto';
import type { HttpRequest } from '#protocol/http.ts';
import type { Refusal } from '#protocol/sigv4-refusal.ts';

export const ALGORITHM = 'AWS4-HMAC-SHA256';

/** Longest life of a presigned URL, in seconds: a week. */
const MAX_EXPIRES_SECONDS = 604_800;

export interface Claim {
  readonly presigned: boolean;
  readonly algorithm: string;
  /** `id/date/region/service/aws4_request`, unchecked. */
  readonly credential: string;
  /** Lower-case names in the order signed. */
  readonly signedHeaders: readonly string[];
  readonly signature: string;
  /** `YYYYMMDDTHHMMSSZ`, unchecked. */
  readonly timestamp: string;
  /** Of presigned requests. */
  readonly expiresSeconds?: number;
  readonly sessionToken?: string;
  /** The hash of the body that a presigned query states. */
  readonly payloadHash?: string;
}

/** The value of a query parameter, percent-decoded; undefined when it is absent or its encoding is broken. Names are compared as they are. */
export function queryValue(query: string, name: string): string | undefined {
  let from = 0;
  for (;;) {
    const at = query.indexOf(name, from);
    if (at < 0) return undefined;
    const end = at + name.length;
    if ((at === 0 || query.charCodeAt(at - 1) === 38) /* & */ && query.charCodeAt(end) === 61 /* = */) {
      const stop = query.indexOf('&', end);
      try {
        return decodeURIComponent(query.slice(end + 1, stop < 0 ? undefined : stop));
      } catch {
        return undefined;
      }
    }
    from = end;
  }
}

const hashed = (text: string): string => createHash('sha256').update(text, 'latin1').digest('base64');

/** `Date: Mon, 09 Sep 2011 23:36:00 GMT` as `20110909T233600Z`; a basic ISO 8601 date stays as it is. */
function timestampOf(headers: HttpRequest['headers']): string | undefined {
  const amzDate = headers['x-amz-date'];
  if (amzDate !== undefined) return amzDate;
  const date = headers['date'];
  if (date === undefined) return undefined;
  const ms = Date.parse(date);
  return Number.isNaN(ms) ? date : new Date(ms).toISOString().replace(/[-:]|\.\d{3}/g, '');
}

/** AWS names each part that is absent, and shows the header only as a hash. */
function readHeader(authorization: string, headers: HttpRequest['headers']): Claim | Refusal {
  const space = authorization.indexOf(' ');
  const algorithm = space < 0 ? authorization : authorization.slice(0, space);
  const parts = new Map<string, string>();
  for (const part of space < 0 ? [] : authorization.slice(space + 1).split(',')) {
    const text = part.trim();
    if (text === '') continue;
    const equals = text.indexOf('=');
    if (equals < 0) {
      const detail = `Invalid key=value pair (missing equal-sign) in Authorization header (hashed with SHA-256 and encoded with Base64): '${hashed(text)}'.`;
      return { kind: 'incomplete', detail };
    }
    parts.set(text.slice(0, equals), text.slice(equals + 1));
  }
  const timestamp = timestampOf(headers);
  const credential = parts.get('Credential');
  const signature = parts.get('Signature');
  const signedHeaders = parts.get('SignedHeaders');
  if (!credential || !signature || !signedHeaders || !timestamp) {
    let detail = '';
    if (!credential) detail += "Authorization header requires 'Credential' parameter. ";
    if (!signature) detail += "Authorization header requires 'Signature' parameter. ";
    if (!signedHeaders) detail += "Authorization header requires 'SignedHeaders' parameter. ";
    if (!timestamp) detail += "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. ";
    return { kind: 'incomplete', detail: `${detail}(Hashed with SHA-256 and encoded with Base64) Authorization=${hashed(authorization)}` };
  }
  const sessionToken = headers['x-amz-security-token'];
  return {
    presigned: false,
    algorithm,
    credential,
    signature,
    signedHeaders: signedHeaders.toLowerCase().split(';'),
    timestamp,
    ...(sessionToken === undefined ? {} : { sessionToken }),
  };
}

function readQuery(query: string): Claim | Refusal {
  const algorithm = queryValue(query, 'X-Amz-Algorithm');
  const credential = queryValue(query, 'X-Amz-Credential');
  const signature = queryValue(query, 'X-Amz-Signature');
  const signedHeaders = queryValue(query, 'X-Amz-SignedHeaders');
  const timestamp = queryValue(query, 'X-Amz-Date');
  if (!algorithm || !credential || !signature || !signedHeaders || !timestamp) {
    let detail = '';
    if (!algorithm) detail += "AWS query-string parameters must include 'X-Amz-Algorithm'. ";
    if (!credential) detail += "AWS query-string parameters must include 'X-Amz-Credential'. ";
    if (!signature) detail += "AWS query-string parameters must include 'X-Amz-Signature'. ";
    if (!signedHeaders) detail += "AWS query-string parameters must include 'X-Amz-SignedHeaders'. ";
    if (!timestamp) detail += "AWS query-string parameters must include 'X-Amz-Date'. ";
    return { kind: 'incomplete', detail: `${detail}Re-examine the query-string parameters.` };
  }
  const expires = queryValue(query, 'X-Amz-Expires');
  if (expires !== undefined && !/^\d{1,15}$/.test(expires)) return { kind: 'incomplete', detail: 'X-Amz-Expires should be a number' };
  const expiresSeconds = expires === undefined ? undefined : Number(expires);
  if (expiresSeconds !== undefined && expiresSeconds > MAX_EXPIRES_SECONDS) {
    const detail = `X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than ${MAX_EXPIRES_SECONDS} seconds`;
    return { kind: 'incomplete', detail };
  }
  const sessionToken = queryValue(query, 'X-Amz-Security-Token');
  const payloadHash = queryValue(query, 'X-Amz-Content-Sha256');
  return {
    presigned: true,
    algorithm,
    credential,
    signature,
    signedHeaders: signedHeaders.toLowerCase().split(';'),
    timestamp,
    ...(expiresSeconds === undefined ? {} : { expiresSeconds }),
    ...(sessionToken === undefined ? {} : { sessionToken }),
    ...(payloadHash === undefined ? {} : { payloadHash }),
  };
}

const PRESIGNED = /(?:^|&)X-Amz-(?:Algorithm|Credential|Signature)(?:=|&|$)/;

/** The signature that a request brings, or why it brings none. */
export function readClaim(request: HttpRequest): Claim | Refusal {
  const authorization = request.headers['authorization']?.trim();
  const inHeader = authorization?.startsWith('AWS4-') === true;
  const inQuery = request.query !== '' && PRESIGNED.test(request.query);
  if (inHeader && inQuery) {
    return { kind: 'mismatch', detail: "Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header." };
  }
  if (inHeader) return readHeader(authorization, request.headers);
  return inQuery ? readQuery(request.query) : { kind: 'missing' };
}
