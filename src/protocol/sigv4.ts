/** AWS Signature Version 4: who a request says it is from, and whether that is true. */
import type { HttpRequest } from '#protocol/http.ts';

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

const ALGORITHM = 'AWS4-HMAC-SHA256';
const TERMINATOR = 'aws4_request';

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
