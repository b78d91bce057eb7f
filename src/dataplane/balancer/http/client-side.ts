/** The side of an exchange that the client is on, whatever protocol it speaks. */
import type { RequestView } from '#dataplane/balancer/decision.ts';
import type { Block } from '#dataplane/balancer/http/blocks.ts';
import type { Exchange } from '#dataplane/balancer/http/exchange.ts';
import type { OwnAnswer } from '#dataplane/balancer/http/own-answers.ts';
import type { ResponseHead } from '#dataplane/balancer/http/response-head.ts';
import type { Wire } from '#dataplane/balancer/http/wire.ts';

/** What an exchange asks of the side that the client is on. */
export interface ClientSide {
  /** Something moves: the client's idle time begins anew. */
  touch(): void;
  interim(head: ResponseHead): void;
  /** The answer begins. @param cookies to add */
  answer(head: ResponseHead, cookies: readonly string[]): void;
  answerBytes(bytes: Buffer, from: number, end: number, block: Block | undefined): void;
  answerEnd(): void;
  /** The whole answer, when it is the load balancer's own. */
  own(answer: OwnAnswer, cookies: readonly string[]): void;
  /** The answer that has begun cannot be finished. */
  abort(): void;
  /** The connection becomes the target's. `rest` is what the target has sent already. */
  tunnel(head: ResponseHead, cookies: readonly string[], target: Wire, rest: Buffer): void;
  pauseRequest(): void;
  resumeRequest(): void;
  /** What is written to the client waits. */
  readonly isFull: boolean;
  /** The exchange is over; its account can be given. */
  over(exchange: Exchange): void;
}

/** A request as an exchange needs it. */
export interface RequestFacts {
  readonly view: RequestView;
  readonly method: string;
  /** As it goes to the target, with its blank line. */
  readonly headText: string;
  /** Octets, or CHUNKED. */
  readonly bodyLength: number;
  /** The protocol asked for in an upgrade, else ''. */
  readonly upgrade: string;
  /** Neither connection is used again. */
  readonly isIsolated: boolean;
  /** By HTTP/2: requests of any kind go to groups of any protocol version. */
  readonly isHttp2: boolean;
}
