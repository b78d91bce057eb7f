/** The sending side of a connection: answers leave in the order of their requests, however long each takes (RFC 9112 section 9.3.2). */
import type { Socket } from 'node:net';
import type { Answer } from '#server/answer.ts';
import { CLOSE_LINE, keepAliveLines } from '#server/http1/answer-head.ts';
import { startStream, writeWhole, type Framing, type RunningStream } from '#server/http1/answer-writer.ts';
import type { Exchange } from '#server/http1/exchange.ts';
import type { HttpResponse } from '#protocol/http.ts';

export interface AnswerQueueOptions {
  readonly limits: {
    readonly idleMs: number;
    /** How long the client may leave what is written unread. */
    readonly stalledMs: number;
    /** What a stream may hold for a reader who does not keep up, bytes. */
    readonly streamBytes: number;
  };
  /** This is to be the last answer, if nothing waits behind it. */
  closing(): boolean;
  /** An answer that cannot be sent: what is sent instead, if nothing of it has left. */
  unsendable(error: unknown, exchange: Exchange): HttpResponse;
  /** Every answer has been written; `last` when none may follow. */
  settled(last: boolean): void;
}

const CONTINUE = 'HTTP/1.1 100 Continue\r\n\r\n';

export class AnswerQueue {
  readonly #socket: Socket;
  readonly #options: AnswerQueueOptions;
  readonly #keepAlive: string;
  readonly #waiting: Exchange[] = [];
  #stream: RunningStream | undefined;

  constructor(socket: Socket, options: AnswerQueueOptions) {
    this.#socket = socket;
    this.#options = options;
    this.#keepAlive = keepAliveLines(options.limits.idleMs);
  }

  /** Requests without an answer, or with one that has not left. */
  get length(): number {
    return this.#waiting.length;
  }

  get streaming(): boolean {
    return this.#stream !== undefined;
  }

  add(exchange: Exchange): void {
    this.#waiting.push(exchange);
  }

  /** An exchange is the oldest and wants to go on with its body, or has its answer. */
  progress(exchange: Exchange): void {
    if (this.#waiting[0] === exchange) this.#flush();
  }

  answer(exchange: Exchange, answer: Answer): void {
    exchange.answer = answer;
    this.progress(exchange);
  }

  endStream(): void {
    this.#stream?.end();
  }

  /** The socket is gone: nothing leaves any more. */
  abandon(): void {
    this.#waiting.length = 0;
    this.#stream?.abandon();
    this.#stream = undefined;
  }

  #flush(): void {
    const corked = this.#waiting[1]?.answer !== undefined;
    if (corked) this.#socket.cork();
    const last = this.#writeReady();
    if (corked) this.#socket.uncork();
    if (last || this.#waiting.length === 0) this.#options.settled(last);
  }

  /** @returns whether one said to be the last has been written */
  #writeReady(): boolean {
    for (let exchange = this.#waiting[0]; exchange !== undefined && this.#stream === undefined; exchange = this.#waiting[0]) {
      const { answer } = exchange;
      if (answer === undefined) {
        if (exchange.awaitsContinue) this.#socket.write(CONTINUE, 'latin1');
        exchange.awaitsContinue = false;
        return false;
      }
      // A stream has no end but the connection's in HTTP/1.0.
      if ('stream' in answer && exchange.head?.minorVersion === 0) exchange.keepAlive = false;
      if (this.#waiting.length === 1 && this.#options.closing()) exchange.keepAlive = false;
      const last = !exchange.keepAlive;
      try {
        if (this.#write(exchange, answer, last)) return false;
      } catch (error) {
        this.#write(exchange, this.#options.unsendable(error, exchange), last);
      }
      this.#waiting.shift();
      if (last) {
        this.#waiting.length = 0;
        return true;
      }
    }
    return false;
  }

  /** @returns whether the answer goes on */
  #write(exchange: Exchange, answer: Answer, last: boolean): boolean {
    const framing: Framing = {
      headOnly: exchange.head?.method === 'HEAD',
      minorVersion: exchange.head?.minorVersion ?? 1,
      connection: last ? CLOSE_LINE : this.#keepAlive,
    };
    if (!('stream' in answer)) {
      if (!writeWhole(this.#socket, answer, framing)) this.#full();
      return false;
    }
    let ended = false;
    let started = false;
    const stream = startStream(this.#socket, answer, framing, this.#options.limits.streamBytes, {
      dropped: () => void this.#socket.destroy(),
      failed: (error) => {
        this.#options.unsendable(error, exchange);
        this.#socket.destroy();
      },
      full: () => this.#full(),
      ended: () => {
        ended = true;
        if (started) this.#streamEnded(exchange, last);
      },
    });
    started = true;
    if (!ended) this.#stream = stream;
    return !ended;
  }

  #streamEnded(exchange: Exchange, last: boolean): void {
    this.#stream = undefined;
    this.#waiting.shift();
    if (last || !exchange.keepAlive) {
      this.#waiting.length = 0;
      return this.#options.settled(true);
    }
    this.#flush();
  }

  /** The client has not read what there is: it gets so long to read on. Node counts from its last progress. */
  #full(): void {
    if (this.#socket.writableNeedDrain) this.#socket.setTimeout(this.#options.limits.stalledMs);
  }
}
