/** One request by HTTP/2: a stream on the client's side of an exchange. */
import { constants, type OutgoingHttpHeaders, type ServerHttp2Stream } from 'node:http2';
import { recordOf, type TlsFacts } from '#dataplane/balancer/http/account.ts';
import type { Block } from '#dataplane/balancer/http/blocks.ts';
import type { ClientSide } from '#dataplane/balancer/http/client-side.ts';
import { Exchange } from '#dataplane/balancer/http/exchange.ts';
import { FIELD } from '#dataplane/balancer/http/fields.ts';
import type { FrontState } from '#dataplane/balancer/http/front-state.ts';
import type { Http2Head } from '#dataplane/balancer/http/http2-head.ts';
import { httpDate, pageOf, SERVER, type OwnAnswer } from '#dataplane/balancer/http/own-answers.ts';
import type { ResponseHead } from '#dataplane/balancer/http/response-head.ts';
import type { Timed } from '#dataplane/balancer/http/timer-wheel.ts';
import { traceIdAfter } from '#dataplane/balancer/http/trace-id.ts';
import { namesTooMany } from '#dataplane/balancer/http/refusal.ts';
import type { ClientFacts } from '#dataplane/balancer/http/client-facts.ts';
import type { ForwardedLines } from '#dataplane/balancer/http/upstream-head.ts';
import { together } from '#dataplane/balancer/http/wire.ts';

const FULL_BYTES = 64 * 1024;
/** Fields that HTTP/2 says otherwise or not at all. */
const WITHHELD = new Set<number>([FIELD.connection, FIELD.hop, FIELD.upgrade, FIELD.transferEncoding, FIELD.contentLength, FIELD.dropped]);

export interface Http2Context {
  readonly state: FrontState;
  readonly client: ClientFacts;
  readonly tls: TlsFacts;
  readonly forwarded: ForwardedLines;
  /** A request's stream is done with. */
  done(): void;
}

export class Http2Request implements ClientSide, Timed {
  deadlineMs = Number.POSITIVE_INFINITY;
  wheelSlot = -1;
  readonly #context: Http2Context;
  readonly #stream: ServerHttp2Stream;
  readonly #head: Http2Head;
  #exchange: Exchange | undefined;
  #traceId = '';
  #receivedBytes: number;
  #sentBytes = 0;
  #isDone = false;

  constructor(context: Http2Context, stream: ServerHttp2Stream, head: Http2Head) {
    this.#context = context;
    this.#stream = stream;
    this.#head = head;
    this.#receivedBytes = head.size;
    stream.on('error', () => undefined);
    stream.on('close', () => this.#closed());
    stream.on('drain', () => this.#exchange?.clientDrained());
  }

  begin(): void {
    const { state, forwarded } = this.#context;
    const head = this.#head;
    const hasTooMany = namesTooMany(head.header('x-forwarded-for'));
    if (head.status !== 0 || hasTooMany) return this.#refuse(head.status === 0 ? 463 : head.status);
    this.#traceId = traceIdAfter(head.header('x-amzn-trace-id')[0], head.size);
    this.touch();
    state.wheel.add(this);
    const exchange = new Exchange(this, state, {
      view: head,
      method: head.method,
      headText: head.text(state, forwarded, this.#traceId),
      bodyLength: head.bodyLength,
      upgrade: '',
      isIsolated: false,
      isHttp2: true,
    });
    this.#exchange = exchange;
    const stream = this.#stream;
    exchange.begin();
    if (head.bodyLength === 0) stream.resume();
    else {
      stream.on('data', (bytes: Buffer) => {
        this.#receivedBytes += bytes.length;
        this.touch();
        together(() => this.#exchange?.requestBytes(bytes, 0, bytes.length, undefined));
      });
      stream.on('end', () => together(() => this.#exchange?.requestEnd()));
    }
    return undefined;
  }

  get isFull(): boolean {
    return this.#stream.writableLength >= FULL_BYTES && this.#stream.writableNeedDrain;
  }

  touch(): void {
    const { wheel, attributes } = this.#context.state;
    this.deadlineMs = wheel.nowMs + attributes.idleSeconds * 1000;
  }

  expire(): void {
    this.#exchange?.timedOut();
  }

  interim(head: ResponseHead): void {
    this.#guard(() => this.#stream.additionalHeaders(headersOf(head, [])));
  }

  answer(head: ResponseHead, cookies: readonly string[]): void {
    this.#sentBytes += head.text.length;
    this.#guard(() => this.#stream.respond(headersOf(head, cookies), { endStream: false }));
  }

  answerBytes(bytes: Buffer, from: number, end: number, block: Block | undefined): void {
    if (this.#isDone || this.#stream.destroyed) return;
    this.#sentBytes += end - from;
    if (block) {
      block.lend();
      this.#stream.write(bytes.subarray(from, end), block.done);
    } else this.#stream.write(Buffer.from(bytes.subarray(from, end)));
  }

  answerEnd(): void {
    this.#stream.end();
    this.#forgiveRest();
  }

  own(answer: OwnAnswer, cookies: readonly string[]): void {
    const { status, contentType, body, location } = answer;
    const isBodyless = this.#head.method === 'HEAD' || status === 204 || status === 304;
    this.#guard(() => {
      this.#stream.respond({
        ':status': status,
        server: SERVER,
        date: httpDate(),
        ...(contentType === '' ? {} : { 'content-type': contentType }),
        ...(status === 204 ? {} : { 'content-length': body.length }),
        ...(location === undefined ? {} : { location }),
        ...(cookies.length === 0 ? {} : { 'set-cookie': [...cookies] }),
      });
      this.#stream.end(isBodyless ? undefined : body);
    });
    if (!isBodyless) this.#sentBytes += body.length;
    this.#forgiveRest();
  }

  abort(): void {
    this.#stream.close(constants.NGHTTP2_INTERNAL_ERROR);
  }

  tunnel(): void {
    throw new Error('nothing is upgraded over HTTP/2');
  }

  pauseRequest(): void {
    this.#stream.pause();
  }

  resumeRequest(): void {
    this.#stream.resume();
  }

  over(exchange: Exchange): void {
    if (this.#exchange !== exchange) return;
    this.#exchange = undefined;
    this.#context.state.wheel.remove(this);
    this.#record(exchange, exchange.status);
  }

  #refuse(status: number): void {
    this.own(pageOf(status), []);
    this.#stream.resume();
    this.#record(undefined, status);
  }

  /** RFC 9113 section 8.1: an answer may come before the request is whole; the client need not send the rest. */
  #forgiveRest(): void {
    const stream = this.#stream;
    if (stream.readableEnded || this.#exchange?.hasWholeRequest !== false) return;
    stream.once('finish', () => stream.close(constants.NGHTTP2_NO_ERROR));
  }

  #closed(): void {
    if (this.#isDone) return;
    this.#isDone = true;
    this.#context.state.wheel.remove(this);
    this.#exchange?.clientGone();
    this.#context.done();
  }

  /** What Node's HTTP/2 throws is of a stream that is gone, or of a field that it does not let pass. */
  #guard(act: () => void): void {
    if (this.#isDone || this.#stream.destroyed) return;
    try {
      act();
    } catch (error) {
      this.#context.state.fault(error);
      this.abort();
    }
  }

  #record(exchange: Exchange | undefined, status: number): void {
    const { state, client, tls } = this.#context;
    const head = this.#head;
    state.onAccess?.(
      recordOf(
        state,
        {
          client,
          tls,
          isHttp2: true,
          method: head.method,
          target: head.target,
          authority: head.authority,
          version: 'HTTP/2.0',
          userAgent: head.header('user-agent')[0],
          traceId: this.#traceId === '' ? undefined : this.#traceId,
          reason: undefined,
          beganMs: exchange?.beganMs ?? performance.now(),
          receivedBytes: this.#receivedBytes,
          sentBytes: this.#sentBytes,
          status,
        },
        exchange,
      ),
    );
  }
}

/** Fields that may come once only in Node's HTTP/2: the first counts. Others are put together. */
function headersOf(head: ResponseHead, cookies: readonly string[]): OutgoingHttpHeaders {
  const headers: Record<string, string | string[] | number> = {};
  headers[':status'] = head.status;
  const setCookies = [...head.all(FIELD.setCookie), ...cookies];
  for (let index = 0; index < head.count; index += 1) {
    const kind = head.kind(index);
    if (WITHHELD.has(kind) || kind === FIELD.setCookie) continue;
    const name = head.name(index).toLowerCase();
    const before = Object.hasOwn(headers, name) ? headers[name] : undefined;
    if (before === undefined) headers[name] = head.value(index);
    else if (!ONCE.has(name)) headers[name] = `${String(before)}, ${head.value(index)}`;
  }
  if (setCookies.length > 0) headers['set-cookie'] = setCookies;
  if (head.toldLength >= 0) headers['content-length'] = head.toldLength;
  return headers;
}

const ONCE = new Set(['content-type', 'location', 'date', 'etag', 'expires', 'last-modified', 'server', 'age', 'retry-after']);
