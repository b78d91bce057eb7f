/** Who calls, and whether they may: the two questions that the request's life asks. */
import type { Principal } from '#aws/context.ts';
import type { HttpRequest } from '#protocol/http.ts';
import type { Credential } from '#protocol/sigv4.ts';
import type { ServiceEntry } from '#server/services.ts';

export interface Caller {
  readonly principal: Principal;
  /** E.g. `eu-west-1`, from the credential's scope. */
  readonly region: string;
}

/** @throws AwsError where signatures are verified and this one is not true. */
export type Authenticate = (call: {
  readonly request: HttpRequest;
  /** What the request says of its signer; undefined when it is not signed. */
  readonly credential: Credential | undefined;
  readonly entry: ServiceEntry;
  readonly nowMs: number;
}) => Caller;

/** Where a request came from. */
export interface Origin {
  /** IP address, e.g. `127.0.0.1`. */
  readonly remoteAddress: string;
  /** Over TLS. */
  readonly secure: boolean;
}

export interface Authorization {
  readonly entry: ServiceEntry;
  readonly operation: string;
  readonly input: Readonly<Record<string, unknown>>;
  readonly caller: Caller;
  readonly nowMs: number;
  readonly request: HttpRequest;
  /** Undefined for requests that came through no socket. */
  readonly origin: Origin | undefined;
}

/** @throws AwsError when the caller's policies do not allow the call. */
export type Authorize = (call: Authorization) => void;

/** Both answers. */
export interface Access {
  readonly authenticate: Authenticate;
  readonly authorize: Authorize;
}
