/** What the front door sends back: whole answers, and answers that go on (server-sent events). */
import type { HttpResponse } from '#protocol/http.ts';

/** Where a streaming answer writes to. Writing after the end does nothing. */
export interface StreamSink {
  /** Sends text. A reader that leaves more than the limit unread is dropped. */
  write(text: string): void;
  end(): void;
}

/** An answer whose body comes over time. */
export interface StreamResponse {
  readonly status: number;
  /** Header names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** Starts the body; what it returns is called once when the answer is over, whoever ended it. */
  readonly stream: (sink: StreamSink) => () => void;
}

export type Answer = HttpResponse | StreamResponse;
