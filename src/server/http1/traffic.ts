/** What the connections of a listener share. */
import type { HttpRequest, HttpResponse } from '#protocol/http.ts';
import type { Answer } from '#server/answer.ts';
import type { BodyBudget } from '#server/http1/collected-body.ts';
import type { RequestHead } from '#server/http1/request-head.ts';
import type { Limits } from '#server/limits.ts';
import type { RefusalKind } from '#server/refusal.ts';

/** Who is at the other end. */
export interface Peer {
  /** IP address, e.g. `127.0.0.1`, `::1`. */
  readonly remoteAddress: string;
  /** Over TLS. */
  readonly secure: boolean;
}

export interface Traffic {
  readonly limits: Limits;
  readonly budget: BodyBudget;
  requestsInFlight: number;
  /** No new requests are wanted. */
  closing: boolean;
  respond(request: HttpRequest, peer: Peer): Promise<Answer>;
  /** The answer to what never reaches a service. */
  refuse(kind: RefusalKind, request?: RequestHead): HttpResponse;
  /** A request has failed without an answer of its own. */
  failed(error: unknown, request: RequestHead | undefined): void;
}
