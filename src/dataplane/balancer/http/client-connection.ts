/** One HTTP/1 client: its requests, one after the other, and the answers to them. */
import { http1Account, recordOf, type TlsFacts } from '#dataplane/balancer/http/account.ts';
import type { Block } from '#dataplane/balancer/http/blocks.ts';
import { BodyReader, UNTIL_CLOSE, type BodySink } from '#dataplane/balancer/http/body-reader.ts';
import { verdictOf } from '#dataplane/balancer/http/classification.ts';
import type { ClientFacts } from '#dataplane/balancer/http/client-facts.ts';
import type { ClientSide } from '#dataplane/balancer/http/client-side.ts';
import { Exchange } from '#dataplane/balancer/http/exchange.ts';
import { FIELD } from '#dataplane/balancer/http/fields.ts';
import type { FrontState } from '#dataplane/balancer/http/front-state.ts';
import { answerHead, upgradeHead } from '#dataplane/balancer/http/http1-answer.ts';
import { HeadReader } from '#dataplane/balancer/http/head-reader.ts';
import { ownHead, pageOf, type OwnAnswer } from '#dataplane/balancer/http/own-answers.ts';
import { CHUNKED, HEAD_BYTES, LINE_BYTES, RequestHead } from '#dataplane/balancer/http/request-head.ts';
import { refusalOf } from '#dataplane/balancer/http/refusal.ts';
import type { ResponseHead } from '#dataplane/balancer/http/response-head.ts';
import type { Timed } from '#dataplane/balancer/http/timer-wheel.ts';
import { traceIdAfter } from '#dataplane/balancer/http/trace-id.ts';
import { Tunnel } from '#dataplane/balancer/http/tunnel.ts';
import { factsOf, ForwardedLines } from '#dataplane/balancer/http/upstream-head.ts';
import type { Wire, WireUser } from '#dataplane/balancer/http/wire.ts';

/** How long octets are still read, and thrown away, after the last one is written: closing before would reset the connection under it. */
const FAREWELL_MS = 2_000;
/** A connection that was used just now may have its next request on the way when it is to be closed. */
const LAST_CALL_MS = 1_000;
/** The rest of a request's body that is read and thrown away, so that the connection can be used again. */
const DISCARDED_BYTES = 64 * 1024;
/** A request of this many octets is read into memory that need not be copied. */
const BIG_BYTES = 32 * 1024;

const HEAD = 0;
const BODY = 1;
/** The request has come, its answer has not gone. */
const BUSY = 2;
/** No request is taken any more: what comes is thrown away. */
const DEAF = 3;
const TUNNEL = 4;

/** Reasons for not reading. */
const FOR_TARGET = 1;
const FOR_ANSWER = 2;

export interface ClientHome {
  readonly state: FrontState;
  /** The connection is gone. */
  forget(connection: ClientConnection): void;
}

export class ClientConnection implements WireUser, BodySink, ClientSide, Timed {
  readonly wire: Wire;
  deadlineMs = 0;
  wheelSlot = -1;
  readonly #home: ClientHome;
  readonly #state: FrontState;
  readonly #client: ClientFacts;
  readonly #tls: TlsFacts | undefined;
  readonly #forwarded: ForwardedLines;
  readonly #openedMs: number;
  readonly #heads = new HeadReader();
  #body: BodyReader | undefined;
  #head: RequestHead | undefined;
  #exchange: Exchange | undefined;
  #tunnel: Tunnel | undefined;
  #phase = HEAD;
  #isReading = false;
  /** What came behind a request that is not answered yet. */
  #held: Buffer | undefined;
  /** What was held, while it is read. */
  #taken: Buffer | undefined;
  #keepsAlive = true;
  #isIsolated = false;
  #isChunking = false;
  #traceId = '';
  #receivedBytes = 0;
  #sentBefore = 0;
  #lastUsedMs = 0;

  constructor(home: ClientHome, open: (user: WireUser) => Wire, client: ClientFacts, tls: TlsFacts | undefined) {
    this.#home = home;
    this.#state = home.state;
    this.#client = client;
    this.#tls = tls;
    this.#forwarded = new ForwardedLines(client);
    this.#openedMs = home.state.wheel.nowMs;
    this.#lastUsedMs = this.#openedMs;
    this.touch();
    home.state.wheel.add(this);
    this.wire = open(this);
  }

  get isFull(): boolean {
    return this.wire.isFull;
  }

  /** A request is under way, or has begun to come. */
  get isBusy(): boolean {
    return this.#exchange !== undefined || this.#tunnel !== undefined || this.#heads.hasBegun;
  }

  /** Closes an idle connection; one whose client may be about to ask again gets to, once. */
  leave(): void {
    if (this.isBusy || this.#phase !== HEAD) return;
    this.deadlineMs = this.#lastUsedMs + LAST_CALL_MS;
    if (this.deadlineMs <= this.#state.wheel.nowMs) this.#sayFarewell();
    else this.#state.wheel.add(this);
  }

  destroy(): void {
    this.#tunnel?.destroy();
    this.wire.destroy();
  }

  touch(): void {
    this.deadlineMs = this.#state.wheel.nowMs + this.#state.attributes.idleSeconds * 1000;
  }

  expire(): void {
    const exchange = this.#exchange;
    if (exchange) exchange.timedOut();
    else if (this.#phase === HEAD && this.#heads.hasBegun) this.#refuse(408, '');
    else if (this.#phase === HEAD) this.#sayFarewell();
    else this.wire.destroy();
  }

  // What the wire tells.

  received(bytes: Buffer, end: number, block: Block | undefined): void {
    if (this.#phase !== HEAD) this.touch();
    this.#isReading = true;
    let at = 0;
    while (at < end) {
      if (this.#phase === HEAD) at = this.#readHead(bytes, at, end);
      else if (this.#phase === BODY) at = this.#readBody(bytes, at, end, block);
      else {
        if (this.#phase === BUSY) this.#hold(bytes, at, end);
        break;
      }
    }
    this.#isReading = false;
  }

  bodyBytes(bytes: Buffer, from: number, end: number, block: Block | undefined): void {
    this.#exchange?.requestBytes(bytes, from, end, block);
  }

  ended(): void {
    const exchange = this.#exchange;
    this.#keepsAlive = false;
    if (this.#phase === BODY && exchange) exchange.requestBroken();
    else if (this.#phase === HEAD && this.#heads.hasBegun) this.#refuse(400, '');
    else if (exchange && exchange.isAnswering) return;
    else if (exchange) {
      exchange.clientGone();
      this.wire.destroy();
    } else if (this.#phase === HEAD) this.#sayFarewell();
    if (this.wire.isDry && this.#phase === DEAF) this.wire.destroy();
  }

  drained(): void {
    this.touch();
    this.#exchange?.clientDrained();
  }

  closed(): void {
    this.#phase = DEAF;
    this.#held = undefined;
    this.#state.wheel.remove(this);
    this.#exchange?.clientGone();
    this.#home.forget(this);
  }

  // What the exchange asks.

  interim(head: ResponseHead): void {
    if (this.#head?.minorVersion === 1) this.wire.text(`${head.statusLine}${head.passedOn}\r\n`);
  }

  answer(head: ResponseHead, cookies: readonly string[]): void {
    const { wire } = this;
    const isOpenEnded = head.bodyLength === CHUNKED || head.bodyLength === UNTIL_CLOSE;
    this.#isChunking = isOpenEnded && this.#head?.minorVersion === 1;
    if (isOpenEnded && !this.#isChunking) this.#keepsAlive = false;
    this.#decideKeeping(false);
    wire.text(answerHead(head, cookies, this.#isChunking, this.#keepsAlive));
  }

  answerBytes(bytes: Buffer, from: number, end: number, block: Block | undefined): void {
    if (!this.#isChunking) this.wire.bytes(bytes, from, end, block);
    else {
      this.wire.text(`${(end - from).toString(16)}\r\n`);
      this.wire.bytes(bytes, from, end, block, '\r\n');
    }
  }

  answerEnd(): void {
    if (this.#isChunking) this.wire.text('0\r\n\r\n');
  }

  own(answer: OwnAnswer, cookies: readonly string[]): void {
    this.#decideKeeping(true);
    this.wire.text(ownHead(answer, this.#keepsAlive, cookies));
    const isBodyless = this.#head?.method === 'HEAD' || answer.status === 204 || answer.status === 304;
    if (!isBodyless) this.wire.bytes(answer.body, 0, answer.body.length, undefined);
  }

  abort(): void {
    this.#keepsAlive = false;
    this.#phase = DEAF;
    this.wire.destroy();
  }

  tunnel(head: ResponseHead, cookies: readonly string[], target: Wire, rest: Buffer): void {
    const { wire } = this;
    wire.text(upgradeHead(head, cookies));
    wire.bytes(rest, 0, rest.length, undefined);
    this.#phase = TUNNEL;
    const held = this.#held;
    this.#held = undefined;
    this.deadlineMs = Number.POSITIVE_INFINITY;
    this.#state.wheel.remove(this);
    const exchange = this.#exchange;
    this.#tunnel = new Tunnel(this.#state, wire, target, () => {
      exchange?.tunnelOver();
      this.#home.forget(this);
    });
    if (held) target.bytes(held, 0, held.length, undefined);
  }

  pauseRequest(): void {
    this.wire.hold(FOR_TARGET);
  }

  resumeRequest(): void {
    this.wire.release(FOR_TARGET);
  }

  over(exchange: Exchange): void {
    if (this.#exchange !== exchange) return;
    this.#exchange = undefined;
    this.#lastUsedMs = this.#state.wheel.nowMs;
    this.#record(exchange, exchange.status);
    if (this.wire.isOver || this.#phase >= DEAF) return;
    if (!this.#keepsAlive) {
      this.#sayFarewell();
      return;
    }
    this.touch();
    this.wire.release(FOR_TARGET);
    if (this.#phase === BODY) return; // the rest of it is read and thrown away
    this.#phase = HEAD;
    if (!this.#isReading) this.#goOn();
  }

  // Reading.

  #readHead(bytes: Buffer, at: number, end: number): number {
    const heads = this.#heads;
    const wasBegun = heads.hasBegun;
    if (!heads.find(bytes, at, end)) {
      if (heads.size > LINE_BYTES && heads.isInFirstLine) this.#refuse(414, '');
      else if (heads.size > HEAD_BYTES || heads.isHopeless) this.#refuse(400, '');
      // All of a head has to come within the idle time, however steadily it trickles.
      else if (!wasBegun && heads.hasBegun) this.touch();
      return end;
    }
    this.#head ??= new RequestHead();
    this.#begin(this.#head.parse(heads.bytes, heads.start, heads.end), heads.next < end);
    return heads.next;
  }

  /** @param hasMore something follows the head already */
  #begin(head: RequestHead, hasMore: boolean): void {
    const state = this.#state;
    this.#receivedBytes = head.text.length;
    this.#sentBefore = this.wire.queued;
    this.#traceId = '';
    const status = refusalOf(head, state.attributes);
    if (status !== 0) return this.#refuse(status, head.line);
    this.touch();
    this.#isIsolated = head.reason !== undefined && verdictOf(state.attributes.desyncMode, head.reason) === 'isolate';
    this.#keepsAlive = head.keepsAlive && !this.#isIsolated;
    this.#traceId = traceIdAfter(head.first(FIELD.traceId), head.text.length);
    const facts = factsOf(head, state, this.#client, this.#forwarded, { traceId: this.#traceId, isIsolated: this.#isIsolated });
    const exchange = new Exchange(this, state, facts);
    this.#exchange = exchange;
    this.#phase = BUSY;
    if (head.bodyLength !== 0) {
      this.#phase = BODY;
      this.#body ??= new BodyReader();
      this.#body.begin(head.bodyLength);
      if (head.bodyLength > BIG_BYTES || head.bodyLength === CHUNKED) this.wire.readsBlocks = true;
    }
    exchange.begin();
    // AWS: "the load balancer immediately responds with an HTTP/1.1 100 Continue", and the target does not get to see the header.
    if (this.#exchange === exchange && this.#phase === BODY && !hasMore && this.#expectsContinue)
      this.wire.text('HTTP/1.1 100 Continue\r\n\r\n');
    return undefined;
  }

  get #expectsContinue(): boolean {
    const head = this.#head;
    return head !== undefined && head.minorVersion === 1 && head.first(FIELD.expect)?.toLowerCase() === '100-continue';
  }

  #readBody(bytes: Buffer, from: number, end: number, block: Block | undefined): number {
    const body = this.#body;
    if (!body) return end;
    const at = body.read(bytes, from, end, block, this);
    this.#receivedBytes += at - from;
    if (this.#phase !== BODY) return at;
    if (body.isBroken) {
      this.#keepsAlive = false;
      if (this.#exchange) this.#exchange.requestBroken();
      else this.#sayFarewell();
    } else if (body.isDone) {
      this.wire.readsBlocks = false;
      this.#phase = this.#exchange ? BUSY : HEAD;
      this.#exchange?.requestEnd();
    }
    return at;
  }

  #hold(bytes: Buffer, from: number, end: number): void {
    const more = bytes.subarray(from, end);
    // What was held before is the connection's own memory; what has just come is not.
    this.#held = bytes === this.#taken ? more : this.#held ? Buffer.concat([this.#held, more]) : Buffer.from(more);
    this.wire.hold(FOR_ANSWER);
  }

  /** Takes up what has come meanwhile. */
  #goOn(): void {
    const held = this.#held;
    if (!held) return;
    this.#held = undefined;
    this.#taken = held;
    this.received(held, held.length, undefined);
    this.#taken = undefined;
    if (!this.#held) this.wire.release(FOR_ANSWER);
  }

  // Answering.

  /** Settles whether another request may follow. @param isOwn the answer is the load balancer's own, and short */
  #decideKeeping(isOwn: boolean): void {
    if (!this.#keepsAlive) return;
    const { wheel, attributes, isClosing } = this.#state;
    const ageMs = wheel.nowMs - this.#openedMs;
    if (isClosing || ageMs > attributes.clientKeepAliveSeconds * 1000) this.#keepsAlive = false;
    else if (this.#phase === BODY) {
      const left = this.#body?.left ?? 0;
      this.#keepsAlive = isOwn && this.#head?.bodyLength !== CHUNKED && left <= DISCARDED_BYTES && !this.#expectsContinue;
    }
  }

  /** Answers what will not become an exchange, and closes. @param line the request line, as far as one was read */
  #refuse(status: number, line: string): void {
    this.#keepsAlive = false;
    if (line === '') {
      this.#receivedBytes = this.#heads.size;
      this.#sentBefore = this.wire.queued;
      this.#head = undefined;
    }
    this.own(pageOf(status), []);
    this.#record(undefined, status);
    this.#sayFarewell();
  }

  /** Sends what is written, then closes; what still comes is thrown away meanwhile. */
  #sayFarewell(): void {
    this.#phase = DEAF;
    this.#heads.forget();
    this.#held = undefined;
    this.wire.readsBlocks = false;
    this.wire.end();
    this.wire.resume();
    this.deadlineMs = this.#state.wheel.nowMs + FAREWELL_MS;
    this.#state.wheel.add(this);
  }

  #record(exchange: Exchange | undefined, status: number): void {
    const { onAccess } = this.#state;
    if (!onAccess) return;
    const account = http1Account(this.#head, this.#client, this.#tls, this.#traceId);
    onAccess(
      recordOf(
        this.#state,
        {
          ...account,
          beganMs: exchange?.beganMs ?? performance.now(),
          receivedBytes: exchange?.hasTunnel ? this.wire.received : this.#receivedBytes,
          sentBytes: this.wire.queued - this.#sentBefore,
          status,
        },
        exchange,
      ),
    );
  }
}
