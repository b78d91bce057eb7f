/** The HTTP message as the protocols see it: plain values, no sockets. */

export interface HttpRequest {
  /** Upper-case method, e.g. `POST`. */
  readonly method: string;
  /** Path as it came, percent-encoded, without the query, at least `/`. */
  readonly path: string;
  /** Query as it came, percent-encoded, without `?`; empty when there is none. */
  readonly query: string;
  /** Header names in lower case; repeated headers joined by `, `. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Buffer;
}

export interface HttpResponse {
  readonly status: number;
  /** Header names in lower case. `content-length` is the server's to add. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
}
