/** One HTTP/2 client: its streams are requests, up to so many at once and so many in all. */
import { performServerHandshake, type IncomingHttpHeaders, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2';
import type { TLSSocket } from 'node:tls';
import type { TlsFacts } from '#dataplane/balancer/http/account.ts';
import type { FrontState } from '#dataplane/balancer/http/front-state.ts';
import { Http2Head } from '#dataplane/balancer/http/http2-head.ts';
import { Http2Request, type Http2Context } from '#dataplane/balancer/http/http2-request.ts';
import { HEAD_BYTES } from '#dataplane/balancer/http/request-head.ts';
import type { Timed } from '#dataplane/balancer/http/timer-wheel.ts';
import type { ClientFacts } from '#dataplane/balancer/http/client-facts.ts';
import { ForwardedLines } from '#dataplane/balancer/http/upstream-head.ts';
import { together } from '#dataplane/balancer/http/wire.ts';

/** ALB user guide: "up to 128 requests in parallel using one HTTP/2 connection". */
const MOST_STREAMS = 128;
/** After so many the client is told, gracefully, to open another connection. */
const MOST_REQUESTS = 10_000;
/** Fields of a head. Node's own limit would be 128. */
const MOST_FIELDS = 1_000;
const END_STREAM = 0x1;

export interface Http2Home {
  readonly state: FrontState;
  forget(connection: Http2Connection): void;
}

export class Http2Connection implements Http2Context, Timed {
  deadlineMs = 0;
  wheelSlot = -1;
  readonly state: FrontState;
  readonly client: ClientFacts;
  readonly tls: TlsFacts;
  readonly forwarded: ForwardedLines;
  readonly #session: ServerHttp2Session;
  readonly #openedMs: number;
  #requests = 0;
  #open = 0;
  #isLeaving = false;

  constructor(home: Http2Home, socket: TLSSocket, client: ClientFacts, tls: TlsFacts) {
    this.state = home.state;
    this.client = client;
    this.tls = tls;
    this.forwarded = new ForwardedLines(client);
    this.#openedMs = home.state.wheel.nowMs;
    const session = performServerHandshake(socket, {
      settings: { maxConcurrentStreams: MOST_STREAMS, maxHeaderListSize: HEAD_BYTES, enablePush: false },
      maxHeaderListPairs: MOST_FIELDS,
    });
    this.#session = session;
    session.on('stream', (stream: ServerHttp2Stream, headers: IncomingHttpHeaders, flags: number, raw: readonly string[]) =>
      this.#begin(stream, headers, flags, raw),
    );
    session.on('error', () => undefined); // `close` follows
    session.once('close', () => {
      this.state.wheel.remove(this);
      home.forget(this);
    });
    this.#touch();
    this.state.wheel.add(this);
  }

  /** Takes no more requests, and finishes those that are under way. */
  leave(): void {
    if (this.#isLeaving) return;
    this.#isLeaving = true;
    this.#session.close();
  }

  destroy(): void {
    this.#session.destroy();
  }

  expire(): void {
    if (this.#open > 0) this.#touch();
    else if (this.#isLeaving) this.destroy();
    else {
      this.leave();
      this.#touch();
    }
  }

  done(): void {
    this.#open -= 1;
    this.#touch();
  }

  #begin(stream: ServerHttp2Stream, headers: IncomingHttpHeaders, flags: number, raw: readonly string[]): void {
    const { state } = this;
    this.#requests += 1;
    this.#open += 1;
    this.#touch();
    const isOld = state.wheel.nowMs - this.#openedMs > state.attributes.clientKeepAliveSeconds * 1000;
    if (this.#requests >= MOST_REQUESTS || isOld || state.isClosing) this.leave();
    try {
      const head = new Http2Head(headers, raw, (flags & END_STREAM) !== 0, this.client.address);
      const request = new Http2Request(this, stream, head);
      together(() => request.begin());
    } catch (error) {
      state.fault(error);
      stream.destroy();
    }
  }

  #touch(): void {
    this.deadlineMs = this.state.wheel.nowMs + this.state.attributes.idleSeconds * 1000;
  }
}
