/** Refuses AWS calls that a page of another site makes a browser send: they would be the user's own calls. */
import type { HttpRequest, HttpResponse } from '#protocol/http.ts';
import { AwsError } from '#protocol/aws-error.ts';
import { isLoopbackHost } from '#server/loopback.ts';
import { plainError } from '#server/request.ts';

/** The refusal; undefined for a request that no page made, or one of this machine's own pages. */
export function foreignOrigin(request: HttpRequest): Promise<HttpResponse> | undefined {
  const origin = request.headers['origin'];
  if (origin === undefined || isOwn(origin)) return undefined;
  const error = new AwsError('AccessDenied', `Keiro does not answer pages of ${JSON.stringify(origin)}.`, 403);
  return Promise.resolve(plainError(request, error, '-'));
}

function isOwn(origin: string): boolean {
  if (!URL.canParse(origin)) return false;
  return isLoopbackHost(new URL(origin).hostname.replace(/^\[(.*)\]$/, '$1'));
}
