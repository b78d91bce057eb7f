/** One request and its answer on a connection. */
import type { Answer } from '#server/answer.ts';
import type { RequestHead } from '#server/http1/request-head.ts';

export interface Exchange {
  /** Undefined when it could not be read. */
  readonly head: RequestHead | undefined;
  /** More requests may follow. */
  keepAlive: boolean;
  /** The client waits to be told that it may send the body. */
  awaitsContinue: boolean;
  answer: Answer | undefined;
}
