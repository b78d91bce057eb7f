/** One connection to a target: carries one request at a time, reads the answer to it, and waits for the next. */
import { connect as connectTls } from 'node:tls';
import type { Block } from '#dataplane/balancer/http/blocks.ts';
import { BodyReader, UNTIL_CLOSE, type BodySink } from '#dataplane/balancer/http/body-reader.ts';
import type { Exchange } from '#dataplane/balancer/http/exchange.ts';
import { HeadReader } from '#dataplane/balancer/http/head-reader.ts';
import { CHUNKED } from '#dataplane/balancer/http/request-head.ts';
import { RESPONSE_HEAD_BYTES, ResponseHead } from '#dataplane/balancer/http/response-head.ts';
import type { TargetPool } from '#dataplane/balancer/http/target-pool.ts';
import type { Timed } from '#dataplane/balancer/http/timer-wheel.ts';
import { Wire, type WireUser } from '#dataplane/balancer/http/wire.ts';

/** ALB user guide, "HTTP 504: Gateway timeout"; a TLS handshake has as long again. */
const CONNECT_MS = 10_000;
/** An answer of this many octets is read into memory that need not be copied. */
const BIG_BYTES = 32 * 1024;
/** More interim answers than anybody needs. */
const MOST_INTERIM = 32;

const CONNECTING = 0;
const IDLE = 1;
const HEAD = 2;
const BODY = 3;
const OVER = 4;

/** Read and used up before anything else is read. */
const head = new ResponseHead();

export class TargetConnection implements WireUser, BodySink, Timed {
  readonly pool: TargetPool;
  readonly wire: Wire;
  deadlineMs: number;
  wheelSlot = -1;
  /** It has answered before: its target may have closed it by now. */
  isReused = false;
  #exchange: Exchange | undefined;
  #phase = CONNECTING;
  #isTlsWait = false;
  #hasTimedOut = false;
  #hasAnswered = false;
  #interims = 0;
  #keepsAlive = false;
  #endsByClose = false;
  readonly #heads = new HeadReader();
  readonly #body = new BodyReader();

  constructor(pool: TargetPool) {
    this.pool = pool;
    const { wheel, fault, localAddress } = pool.context;
    const to = { host: pool.address, port: pool.port, ...(localAddress === undefined ? {} : { localAddress }) };
    if (pool.isTls) {
      // As AWS does, the load balancer does not look into targets' certificates.
      const socket = connectTls({ ...to, rejectUnauthorized: false, ALPNProtocols: ['http/1.1'] });
      socket.setNoDelay(true);
      socket.once('connect', () => (this.#isTlsWait = true));
      socket.once('secureConnect', () => this.#established());
      this.wire = Wire.over(socket, this, fault);
    } else {
      this.wire = Wire.open(to, this, fault);
      this.wire.socket.once('connect', () => this.#established());
    }
    this.deadlineMs = wheel.nowMs + CONNECT_MS;
    wheel.add(this);
  }

  get isEstablished(): boolean {
    return this.#phase !== CONNECTING && this.#phase !== OVER;
  }

  /** It has been ended, if not told so yet. */
  get isGone(): boolean {
    return this.wire.socket.destroyed;
  }

  /** Something of an answer has come. */
  get hasAnswered(): boolean {
    return this.#hasAnswered;
  }

  /** The next request is this one's. */
  begin(exchange: Exchange): void {
    this.#exchange = exchange;
    this.#hasAnswered = false;
    this.#interims = 0;
    if (this.#phase === CONNECTING) return;
    this.deadlineMs = Number.POSITIVE_INFINITY;
    this.#phase = HEAD;
  }

  /** The request is over and so is its answer: the connection waits for another, where it can. */
  release(canReuse: boolean): void {
    this.#exchange = undefined;
    if (!canReuse || !this.#keepsAlive || this.wire.isOver || this.wire.isFull) {
      this.destroy();
      return;
    }
    this.isReused = true;
    this.#phase = IDLE;
    this.wire.readsBlocks = false;
    const { context } = this.pool;
    this.deadlineMs = context.wheel.nowMs + context.idleMs;
    if (this.wheelSlot < 0) context.wheel.add(this);
    this.pool.give(this);
  }

  /** It has been somebody else's, and is gone. */
  retire(): void {
    this.#phase = OVER;
    this.pool.context.wheel.remove(this);
    this.pool.forget(this);
  }

  /** Ends it; whoever used it is not told. */
  drop(): void {
    this.#exchange = undefined;
    this.destroy();
  }

  destroy(): void {
    this.wire.destroy();
  }

  expire(): void {
    this.#hasTimedOut = true;
    if (this.#phase === CONNECTING || this.#phase === IDLE) this.destroy();
  }

  #established(): void {
    if (this.#phase !== CONNECTING) return;
    this.#phase = HEAD;
    this.deadlineMs = Number.POSITIVE_INFINITY;
    if (this.#exchange) this.#exchange.targetReady();
    else this.destroy(); // the client went away meanwhile
  }

  received(bytes: Buffer, end: number, block: Block | undefined): void {
    const exchange = this.#exchange;
    if (!exchange || this.#phase === IDLE) {
      this.destroy(); // nobody has asked for this
      return;
    }
    this.#hasAnswered = true;
    exchange.touch();
    let at = 0;
    while (at < end && this.#exchange === exchange) {
      if (this.#phase === HEAD) {
        const next = this.#readHead(exchange, bytes, at, end);
        if (next < 0) return;
        at = next;
      } else if (this.#phase === BODY) {
        at = this.#body.read(bytes, at, end, block, this);
        if (this.#body.isBroken) this.#fail(exchange);
        else if (this.#body.isDone) this.#finish(exchange, at < end);
      } else return;
    }
  }

  bodyBytes(bytes: Buffer, from: number, end: number, block: Block | undefined): void {
    this.#exchange?.answerBytes(bytes, from, end, block);
  }

  ended(): void {
    if (this.#phase === BODY && this.#endsByClose && this.#exchange) this.#finish(this.#exchange, true);
    else this.destroy();
  }

  drained(): void {
    this.#exchange?.targetDrained();
  }

  closed(): void {
    const exchange = this.#exchange;
    const wasConnecting = this.#phase === CONNECTING;
    this.#exchange = undefined;
    this.retire();
    if (!exchange) return;
    if (wasConnecting) exchange.targetRefused(this.#hasTimedOut && !this.#isTlsWait);
    else exchange.targetLost(this);
  }

  /** @returns where the head ended; −1 when there is no more to read */
  #readHead(exchange: Exchange, bytes: Buffer, at: number, end: number): number {
    const heads = this.#heads;
    if (!heads.find(bytes, at, end)) {
      if (heads.size > RESPONSE_HEAD_BYTES || heads.isHopeless) this.#fail(exchange);
      return -1;
    }
    const size = heads.end - heads.start;
    if (size > RESPONSE_HEAD_BYTES || !head.parse(heads.bytes, heads.start, heads.end, exchange.isHead)) {
      this.#fail(exchange);
      return -1;
    }
    const { next } = heads;
    if (head.status < 200) {
      this.#interims += 1;
      if (this.#interims > MOST_INTERIM) this.#fail(exchange);
      else if (head.status !== 101) exchange.interim(head);
      else if (!exchange.upgrades(head)) this.#fail(exchange);
      else {
        this.#exchange = undefined;
        exchange.tunnel(this, head, bytes, next, end);
      }
      return next;
    }
    const { bodyLength } = head;
    this.#keepsAlive = head.keepsAlive;
    this.#endsByClose = bodyLength === UNTIL_CLOSE;
    if (bodyLength > BIG_BYTES || bodyLength === CHUNKED || bodyLength === UNTIL_CLOSE) this.wire.readsBlocks = true;
    this.#body.begin(bodyLength);
    this.#phase = BODY;
    exchange.answered(head);
    if (this.#body.isDone && this.#exchange === exchange) this.#finish(exchange, next < end);
    return next;
  }

  #finish(exchange: Exchange, hasMore: boolean): void {
    if (hasMore) this.#keepsAlive = false; // what follows is nothing that was asked for
    exchange.answerComplete(this);
  }

  /** The target does not speak HTTP. */
  #fail(exchange: Exchange): void {
    this.#exchange = undefined;
    this.destroy();
    exchange.targetLost(undefined);
  }
}
