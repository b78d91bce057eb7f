/** The receiving side of one client's connection: bytes become requests, each gets its answer, none may take too long. */
import type { Socket } from 'node:net';
import type { Answer } from '#server/answer.ts';
import { AnswerQueue } from '#server/http1/answer-queue.ts';
import { BodyFraming } from '#server/http1/body-framing.ts';
import { CollectedBody, EMPTY_BODY } from '#server/http1/collected-body.ts';
import type { Exchange } from '#server/http1/exchange.ts';
import { HeadReader } from '#server/http1/head-reader.ts';
import { CHUNKED, type RequestHead } from '#server/http1/request-head.ts';
import type { Peer, Traffic } from '#server/http1/traffic.ts';
import type { RefusalKind } from '#server/refusal.ts';

/** How long bytes are still read, and thrown away, after the last one is written: closing before would reset the connection under it. */
const FAREWELL_MS = 250;
const NEVER = Number.POSITIVE_INFINITY;

/** The body of the newest request is on its way. */
interface Receiving {
  readonly exchange: Exchange;
  readonly framing: BodyFraming;
  /** Undefined when the request has been refused and the rest is thrown away. */
  body: CollectedBody | undefined;
}

export class Http1Connection {
  readonly peer: Peer;
  readonly #socket: Socket;
  readonly #traffic: Traffic;
  readonly #answers: AnswerQueue;
  #receiving: Receiving | undefined;
  readonly #head: HeadReader;
  /** What came while the client did not read its answers. */
  #held: Buffer | undefined;
  /** No request is taken any more: what comes is thrown away. */
  #deaf = false;
  #ended = false;
  /** A head has come. */
  #hasAsked = false;
  /** When the request that is being received began. */
  #begunMs: number;
  #deadlineMs: number;
  #farewellMs = FAREWELL_MS;
  #timer: NodeJS.Timeout | undefined;

  /** @param socket with `allowHalfOpen`; it is the connection's from now on, but for its data: `receive` takes them */
  constructor(socket: Socket, peer: Peer, traffic: Traffic) {
    this.#socket = socket;
    this.peer = peer;
    this.#traffic = traffic;
    this.#head = new HeadReader(traffic.limits);
    this.#begunMs = performance.now();
    this.#deadlineMs = this.#begunMs + this.#headMs();
    this.#answers = new AnswerQueue(socket, {
      limits: traffic.limits,
      closing: () => traffic.closing,
      unsendable: (error, { head }) => {
        traffic.failed(error, head);
        return traffic.refuse('failed', head);
      },
      settled: (last) => this.#settled(last),
    });
    socket.on('end', () => this.#end());
    socket.on('close', () => this.#gone());
    socket.on('timeout', () => socket.destroy());
    socket.on('drain', () => this.#drained());
  }

  /** Takes bytes of the client's. */
  receive(bytes: Buffer): void {
    if (this.#held) this.#held = Buffer.concat([this.#held, bytes]);
    else if (!this.#deaf) this.#consume(bytes);
  }

  /** Drops whoever has taken too long. To be called now and then. */
  checkTime(nowMs: number): void {
    if (nowMs < this.#deadlineMs) return;
    this.#deadlineMs = NEVER;
    if (this.#receiving) this.#giveUp(this.#receiving, 'timed-out');
    else if (this.#head.begun) this.#refuseConnection('timed-out');
    else this.#socket.destroy();
  }

  /** Ends what would go on for ever; idle connections at once. */
  drain(): void {
    this.#answers.endStream();
    if (this.#answers.length === 0 && !this.#head.begun && !this.#receiving) this.#socket.destroy();
  }

  #headMs(): number {
    return Math.min(this.#traffic.limits.headersMs, this.#traffic.limits.requestMs);
  }

  #consume(bytes: Buffer): void {
    let at = 0;
    while (at < bytes.length && !this.#deaf) {
      if (this.#receiving) {
        at = this.#receiveBody(this.#receiving, bytes, at);
      } else if (this.#isBehind()) {
        this.#held = bytes.subarray(at);
        this.#socket.pause();
        return;
      } else {
        const next = this.#receiveHead(bytes, at);
        if (next === undefined) return;
        at = next;
      }
    }
  }

  /** The client sends more than it reads. Up to here requests above the limit get their refusal. */
  #isBehind(): boolean {
    return this.#socket.writableNeedDrain || this.#answers.length >= 2 * this.#traffic.limits.requestsPerConnection;
  }

  /** @returns where the head, and what has come of its body, ended; undefined when the rest of the piece is used up */
  #receiveHead(bytes: Buffer, from: number): number | undefined {
    const isFresh = !this.#head.begun;
    const head = this.#head.read(bytes, from);
    if (head === undefined) {
      // The time of a connection's first head counts from its opening.
      if (isFresh && this.#hasAsked && this.#head.begun) {
        this.#begunMs = performance.now();
        this.#deadlineMs = this.#begunMs + this.#headMs();
      }
      return undefined;
    }
    this.#deadlineMs = NEVER;
    if (typeof head !== 'string') return this.#begin(head, bytes, this.#head.end, isFresh);
    this.#refuseConnection(head);
    return undefined;
  }

  /** A head is complete. @returns where the body ended, as far as it has come */
  #begin(head: RequestHead, bytes: Buffer, at: number, isFresh: boolean): number {
    const traffic = this.#traffic;
    const { limits } = traffic;
    const exchange: Exchange = { head, keepAlive: head.keepAlive, awaitsContinue: false, answer: undefined };
    const pending = this.#answers.length;
    this.#answers.add(exchange);
    this.#hasAsked = true;
    const expect = head.minorVersion === 1 ? head.headers['expect'] : undefined;
    const has = bytes.length - at;
    const isWhole = head.bodyLength !== CHUNKED && has >= head.bodyLength;
    const kind = this.#refusalOf(head, pending, expect);
    if (kind === undefined) {
      traffic.requestsInFlight += 1;
      if (head.bodyLength === 0) return this.#dispatch(exchange, head, EMPTY_BODY, at);
      if (isWhole && traffic.budget.used + head.bodyLength <= traffic.budget.limit) {
        const end = at + head.bodyLength;
        traffic.budget.used += head.bodyLength;
        return this.#dispatch(exchange, head, bytes.subarray(at, end), end);
      }
    }
    if (kind !== undefined && head.bodyLength === 0) {
      if (!exchange.keepAlive) this.#deaf = true;
      this.#answers.answer(exchange, traffic.refuse(kind, head));
      return at;
    }
    const body = kind === undefined ? new CollectedBody(limits.bodyBytes, traffic.budget) : undefined;
    const receiving: Receiving = { exchange, framing: new BodyFraming(head.bodyLength), body };
    this.#receiving = receiving;
    if (isFresh) this.#begunMs = performance.now();
    this.#deadlineMs = this.#begunMs + limits.requestMs;
    if (kind !== undefined) {
      // Whoever waits to be told to go on never sends this body, or does: there is no telling what comes next.
      if (expect !== undefined) this.#stopListening(exchange, limits.lingerMs);
      this.#refuse(receiving, kind, isWhole);
    } else if (expect !== undefined && has === 0) {
      exchange.awaitsContinue = true;
      this.#answers.progress(exchange);
    }
    return at;
  }

  #refusalOf(head: RequestHead, pending: number, expect: string | undefined): RefusalKind | undefined {
    const { limits, requestsInFlight } = this.#traffic;
    if (requestsInFlight >= limits.requestsInFlight || pending >= limits.requestsPerConnection) return 'too-many';
    if (head.bodyLength > limits.bodyBytes) return 'too-large';
    return expect === undefined || expect.toLowerCase() === '100-continue' ? undefined : 'expectation-failed';
  }

  #receiveBody(receiving: Receiving, bytes: Buffer, from: number): number {
    const { framing, exchange } = receiving;
    exchange.awaitsContinue = false;
    const at = framing.read(bytes, from, (piece) => {
      const failure = receiving.body?.append(piece);
      if (failure === undefined) return;
      receiving.body = undefined;
      this.#traffic.requestsInFlight -= 1;
      this.#refuse(receiving, failure === 'too-large' ? 'too-large' : 'too-many', false);
    });
    if (this.#deaf) return at;
    if (framing.broken) this.#giveUp(receiving, 'bad-request');
    else if (framing.done) {
      this.#receiving = undefined;
      this.#deadlineMs = NEVER;
      if (receiving.body && exchange.head) return this.#dispatch(exchange, exchange.head, receiving.body.take(), at);
      this.#discarded(exchange);
    }
    return at;
  }

  /** Hands a whole request over. */
  #dispatch(exchange: Exchange, head: RequestHead, body: Buffer, at: number): number {
    if (!exchange.keepAlive) this.#deaf = true;
    void this.#respond(exchange, head, body);
    return at;
  }

  async #respond(exchange: Exchange, head: RequestHead, body: Buffer): Promise<void> {
    const traffic = this.#traffic;
    const { method, path, query, headers } = head;
    let answer: Answer;
    try {
      answer = await traffic.respond({ method, path, query, headers, body }, this.peer);
      if (typeof answer !== 'object') throw new TypeError('there is no answer');
    } catch (error) {
      traffic.failed(error, head);
      answer = traffic.refuse('failed', head);
    }
    traffic.requestsInFlight -= 1;
    traffic.budget.used -= body.length;
    this.#answers.answer(exchange, answer);
  }

  /** Refuses a request; the rest of its body is thrown away, for a while, so that the client gets to read why. */
  #refuse(receiving: Receiving, kind: RefusalKind, isWhole: boolean): void {
    const { exchange } = receiving;
    this.#deadlineMs = NEVER;
    // Closing our side tells the client early that it may save itself the rest of a long body.
    if (kind === 'too-large') this.#stopListening(exchange, this.#traffic.limits.lingerMs);
    if (!isWhole && !this.#deaf) this.#destroyIn(this.#traffic.limits.lingerMs);
    this.#answers.answer(exchange, this.#traffic.refuse(kind, exchange.head));
  }

  /** The rest of a refused body has come. */
  #discarded(exchange: Exchange): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (!exchange.keepAlive) this.#deaf = true;
    if (this.#answers.length === 0) this.#settled(!exchange.keepAlive);
  }

  /** The request that is being received will not be: it is answered, and the connection with it. */
  #giveUp(receiving: Receiving, kind: RefusalKind): void {
    const { exchange, body } = receiving;
    this.#stopListening(exchange);
    if (!body) {
      // Refused before, and that answer may have left already.
      if (this.#answers.length === 0) this.#settled(true);
      return;
    }
    body.drop();
    this.#traffic.requestsInFlight -= 1;
    this.#answers.answer(exchange, this.#traffic.refuse(kind, exchange.head));
  }

  /** What has come is no request. */
  #refuseConnection(kind: RefusalKind): void {
    const exchange: Exchange = { head: undefined, keepAlive: false, awaitsContinue: false, answer: undefined };
    this.#stopListening(exchange);
    this.#answers.add(exchange);
    this.#answers.answer(exchange, this.#traffic.refuse(kind));
  }

  /** No more requests are read: what comes is thrown away until the client has closed, or for so long after the last answer. */
  #stopListening(last: Exchange, farewellMs = FAREWELL_MS): void {
    last.keepAlive = false;
    this.#farewellMs = farewellMs;
    this.#deaf = true;
    this.#deadlineMs = NEVER;
    this.#receiving = undefined;
    this.#head.forget();
  }

  /** Every answer has been written. */
  #settled(last: boolean): void {
    if (this.#receiving && !this.#ended) return; // the rest of a refused body comes first
    if (last || (this.#ended && !this.#held) || (this.#traffic.closing && !this.#head.begun && !this.#held)) return this.#finish();
    if (!this.#head.begun) this.#deadlineMs = performance.now() + this.#traffic.limits.idleMs;
    this.#goOn();
  }

  #drained(): void {
    this.#socket.setTimeout(0);
    this.#goOn();
  }

  #goOn(): void {
    const held = this.#held;
    if (!held || this.#isBehind()) return;
    this.#held = undefined;
    this.#consume(held);
    if (this.#held) return;
    if (this.#ended) this.#inputOver();
    else this.#socket.resume();
  }

  /** The client sends no more. */
  #end(): void {
    this.#ended = true;
    if (this.#held) this.#answers.endStream();
    else this.#inputOver();
  }

  #inputOver(): void {
    if (this.#receiving) this.#giveUp(this.#receiving, 'bad-request');
    else if (this.#head.begun) this.#refuseConnection('bad-request');
    this.#deaf = true;
    this.#answers.endStream(); // half a connection is enough for an answer, but nobody waits for events on one
    if (this.#answers.length === 0) this.#finish();
  }

  /** Sends what is written, then closes; what still comes is thrown away meanwhile. */
  #finish(): void {
    this.#deaf = true;
    this.#held = undefined;
    this.#deadlineMs = NEVER;
    const socket = this.#socket;
    if (socket.writableEnded) return;
    if (socket.writableLength > 0) {
      socket.setTimeout(this.#traffic.limits.stalledMs);
      socket.pause(); // what it sends would count as progress
    }
    socket.end(() => {
      socket.resume();
      if (this.#ended || this.#traffic.closing) socket.destroy();
      else this.#destroyIn(this.#farewellMs);
    });
  }

  #destroyIn(ms: number): void {
    clearTimeout(this.#timer);
    if (this.#socket.destroyed) return;
    this.#timer = setTimeout(() => this.#socket.destroy(), ms);
  }

  #gone(): void {
    clearTimeout(this.#timer);
    this.#deaf = true;
    this.#deadlineMs = NEVER;
    this.#held = undefined;
    if (this.#receiving?.body) {
      this.#receiving.body.drop();
      this.#traffic.requestsInFlight -= 1;
    }
    this.#receiving = undefined;
    this.#answers.abandon();
  }
}
