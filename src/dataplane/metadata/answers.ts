/** The instance metadata service as a function from a question and the instance that asks to an answer. */
import { createHash } from 'node:crypto';
import type { Metadata, Workload } from '#model/workload.ts';
import { type Refusal, refusalPage, refusals, versions } from './pages.ts';
import type { SessionTokens } from './tokens.ts';
import { findInTree } from './tree.ts';

export interface Question {
  readonly method: string;
  /** As it stands in the request line, or an absolute URL, as a proxy's client writes it. */
  readonly target: string;
  /** A header's value by its name in lower case. */
  readonly header: (name: string) => string | undefined;
  /** Whether it came over IPv6. */
  readonly isIpv6: boolean;
}

export interface Answer {
  readonly status: number;
  readonly reason: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
}

export interface AnswerContext {
  readonly tokens: SessionTokens;
  readonly nowMs: () => number;
}

/** IMDSv2's headers; a session lasts from a second to six hours (EC2 guide, "Use IMDSv2"). */
const tokenHeader = 'x-aws-ec2-metadata-token';
const ttlHeader = 'x-aws-ec2-metadata-token-ttl-seconds';
const ttlAnswerHeader = 'X-Aws-Ec2-Metadata-Token-Ttl-Seconds';
const longestTtlSeconds = 21_600;

interface Place {
  /** Decoded, without empty ones: AWS passes over doubled slashes. */
  readonly segments: readonly string[];
  readonly asFolder: boolean;
}

/** Answers, or says to close the connection without a word. */
export function answer(question: Question, workload: Workload, context: AnswerContext): Answer | 'close' {
  const { metadata } = workload;
  // Over IPv6 there is no service at all until it is switched on.
  if (question.isIpv6 && !metadata.isIpv6Enabled) return 'close';
  if (!metadata.isEnabled) return refuse(403);
  const place = placeOf(question.target);
  if (!place) return refuse(400);
  if (isTokenPlace(place)) return answerToken(question, place, workload, context);
  if (question.method === 'OPTIONS') return words(200, 'OK', '', { Allow: 'OPTIONS, GET, HEAD' });
  if (question.method !== 'GET' && question.method !== 'HEAD') return notAllowed('OPTIONS, GET, HEAD');
  return answerData(question, place, workload, context);
}

/** A refusal as AWS writes it. */
export function refuse(status: Refusal): Answer {
  return { status, reason: refusals[status], headers: { 'Content-Type': 'text/html' }, body: refusalPage(status) };
}

function isTokenPlace({ segments: [version = '', api, token, ...more] }: Place): boolean {
  return versions.includes(version) && api === 'api' && token === 'token' && more.length === 0;
}

function answerToken({ method, header }: Question, { segments }: Place, { id }: Workload, { tokens }: AnswerContext): Answer {
  if (method === 'OPTIONS') return words(200, 'OK', '', { Allow: 'OPTIONS, PUT' });
  if (method !== 'PUT') return notAllowed('OPTIONS, PUT');
  // "Issuing PUT requests to any version-specific path … will result in … 403 Forbidden errors" (Retrieve instance metadata).
  if (segments[0] !== 'latest') return refuse(403);
  // "PUT requests are rejected if they contain an X-Forwarded-For header" (How IMDSv2 works): a proxy may be fooled into asking.
  if (header('x-forwarded-for') !== undefined) return refuse(403);
  const ttlSeconds = ttlOf(header(ttlHeader));
  if (ttlSeconds === undefined) return refuse(400);
  return words(200, 'OK', tokens.issue(id, ttlSeconds), { [ttlAnswerHeader]: `${ttlSeconds}` });
}

function ttlOf(text: string | undefined): number | undefined {
  if (text === undefined || !/^\d{1,9}$/.test(text)) return undefined;
  const seconds = Number(text);
  return seconds >= 1 && seconds <= longestTtlSeconds ? seconds : undefined;
}

function answerData({ header }: Question, place: Place, { id, metadata }: Workload, { tokens, nowMs }: AnswerContext): Answer {
  const token = header(tokenHeader);
  // A token that is given is checked, needed or not: a wrong one never reads what none would.
  const secondsLeft = token === undefined ? undefined : tokens.secondsLeft(id, token);
  if (token === undefined ? metadata.needsToken : secondsLeft === undefined) return refuse(401);
  const found = findData(metadata, place, nowMs());
  if (!found) return refuse(404);
  const { type = 'text/plain', body, sinceMs } = found;
  return words(200, 'OK', body, {
    'Content-Type': type,
    'Last-Modified': new Date(sinceMs).toUTCString(),
    ETag: `"${createHash('sha1').update(body).digest('hex').slice(0, 16)}"`,
    ...(secondsLeft === undefined ? {} : { [ttlAnswerHeader]: `${secondsLeft}` }),
  });
}

interface Data {
  readonly type?: string;
  readonly body: string | Buffer;
  readonly sinceMs: number;
}

function findData(metadata: Metadata, { segments, asFolder }: Place, nowMs: number): Data | undefined {
  const [version, ...rest] = segments;
  const sinceMs = findInTree(metadata.tree, '', true, nowMs)?.sinceMs ?? nowMs;
  if (version === undefined) return { body: versions.join('\n'), sinceMs };
  if (!versions.includes(version)) return undefined;
  if (rest.length === 0) return { body: topListing(metadata, nowMs), sinceMs };
  if (rest.length === 1 && rest[0] === 'user-data') {
    // "A request for user data returns the data as it is (content type application/octet-stream)" (Work with instance user data).
    if (metadata.userData === undefined) return undefined;
    return { type: 'application/octet-stream', body: Buffer.from(metadata.userData, 'base64'), sinceMs };
  }
  const found = findInTree(metadata.tree, rest.join('/'), asFolder, nowMs);
  return found && { body: found.text, sinceMs: found.sinceMs };
}

/** The first level alone is listed without slashes: `dynamic`, `meta-data`, `user-data`. */
function topListing({ tree, userData }: Metadata, nowMs: number): string {
  const folders = findInTree(tree, '', true, nowMs)?.text.split('\n') ?? [];
  const names = folders.map((name) => name.replace(/\/$/, ''));
  return [...names, ...(userData === undefined ? [] : ['user-data'])].sort().join('\n');
}

/** Undefined for what is no path. */
function placeOf(target: string): Place | undefined {
  const path = /^(?:https?:\/\/[^/?#]*)?([^?#]*)/i.exec(target)?.[1] ?? '';
  if (path !== '' && !path.startsWith('/')) return undefined;
  try {
    const segments = path.split('/').filter(Boolean).map(decodeURIComponent);
    return { segments, asFolder: path.endsWith('/') };
  } catch {
    return undefined; // a % that begins no byte
  }
}

/** 405 has AWS's own reason, the methods that are allowed, and no page. */
function notAllowed(allow: string): Answer {
  return words(405, 'Not Allowed', '', { Allow: allow });
}

function words(status: number, reason: string, body: string | Buffer, headers: Answer['headers']): Answer {
  return { status, reason, headers: { 'Content-Type': 'text/plain', 'Accept-Ranges': 'none', ...headers }, body };
}
