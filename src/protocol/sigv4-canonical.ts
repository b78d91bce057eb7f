/** The canonical request of Signature Version 4: one text for every way of writing the same HTTP request. */
import type { HttpRequest } from '#protocol/http.ts';

const UNRESERVED = /^[A-Za-z0-9\-._~]*$/;
const PATH_PLAIN = /^[A-Za-z0-9\-._~/]*$/;
const HEX = Array.from({ length: 256 }, (_, byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`);

/** Percent-encodes every byte (the text is bytes as Latin-1) but RFC 3986's unreserved characters and those of `keep`. */
function encodeBytes(text: string, keep: string): string {
  let out = '';
  for (let i = 0; i < text.length; i += 1) {
    const char = text.charAt(i);
    out += UNRESERVED.test(char) || keep.includes(char) ? char : (HEX[text.charCodeAt(i) & 0xff] ?? '');
  }
  return out;
}

/** Bytes as Latin-1; `+` is a space, as form encoders write it; a `%` that begins no escape stands for itself. */
const decodeBytes = (text: string): string =>
  text.replaceAll('+', ' ').replace(/%([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));

/** RFC 3986 section 5.2.4, and runs of slashes become one. */
function removeDotSegments(path: string): string {
  const kept: string[] = [];
  for (const segment of path.split('/')) {
    if (segment === '' || segment === '.') continue;
    if (segment === '..') kept.pop();
    else kept.push(segment);
  }
  return `/${kept.join('/')}${kept.length > 0 && path.endsWith('/') ? '/' : ''}`;
}

/**
 * S3 signs the path as it is on the wire. Every other service normalizes it and encodes it once more, so that `%20` on the wire is `%2520`.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
export function canonicalPath(path: string, service: string): string {
  if (service === 's3' || path === '/') return path;
  const normal = removeDotSegments(path);
  return PATH_PLAIN.test(normal) ? normal : encodeBytes(normal, '/');
}

/** Pairs sorted by name, then by value, both encoded in the one canonical way; `X-Amz-Signature` is no part of what is signed. */
export function canonicalQuery(query: string): string {
  if (query === '') return '';
  const pairs: [name: string, value: string][] = [];
  for (const pair of query.split('&')) {
    if (pair === '') continue;
    const equals = pair.indexOf('=');
    const rawName = equals < 0 ? pair : pair.slice(0, equals);
    const name = encodeBytes(decodeBytes(rawName), '');
    if (name === 'X-Amz-Signature') continue;
    pairs.push([name, equals < 0 ? '' : encodeBytes(decodeBytes(pair.slice(equals + 1)), '')]);
  }
  // Not the joined text: `=` sorts behind `-`, so `a-b=1` would come before `a=1`.
  pairs.sort(([a, x], [b, y]) => (a < b ? -1 : a > b ? 1 : x < y ? -1 : x > y ? 1 : 0));
  return pairs.map(([name, value]) => `${name}=${value}`).join('&');
}

/** A header's value; a name that is only a property of every object (`constructor`) is no header. */
export const headerOf = (request: HttpRequest, name: string): string =>
  Object.hasOwn(request.headers, name) ? (request.headers[name] ?? '') : '';

const trimAll = (value: string): string => value.replace(/[ \t\r\n]+/g, ' ').replace(/^ | $/g, '');

/**
 * @param signedHeaders lower-case names in the order in which they were signed
 * @param payloadHash hex SHA-256 of the body, or the word that stands for it
 * @param split writes headers that hold a list as if each item had come in its own line, which signers join by `,` alone
 */
export function canonicalRequest(
  request: HttpRequest,
  service: string,
  signedHeaders: readonly string[],
  payloadHash: string,
  split: boolean,
): string {
  let headers = '';
  for (const name of signedHeaders) {
    const value = trimAll(headerOf(request, name));
    headers += `${name}:${split ? value.replaceAll(', ', ',') : value}\n`;
  }
  return `${request.method}\n${canonicalPath(request.path, service)}\n${canonicalQuery(request.query)}\n${headers}\n${signedHeaders.join(';')}\n${payloadHash}`;
}
