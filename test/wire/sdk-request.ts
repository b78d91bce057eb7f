/** The SDK's request as the server hands it to a protocol. */
import type { HttpRequest } from '#protocol/http.ts';

export interface SdkRequest {
  readonly method: string;
  readonly path: string;
  readonly query?: Readonly<Record<string, string | readonly string[] | null>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

export function requestOf(request: SdkRequest): HttpRequest {
  const query = Object.entries(request.query ?? {}).flatMap(([name, values]) =>
    [values]
      .flat()
      .map((value) => (value === null ? encodeURIComponent(name) : `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)),
  );
  const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name.toLowerCase(), value]));
  const body = Buffer.from(typeof request.body === 'string' ? request.body : new Uint8Array(request.body ?? []));
  return { method: request.method, path: request.path, query: query.join('&'), headers, body };
}
