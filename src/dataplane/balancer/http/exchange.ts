/** One request under way: from its head to the last octet of its answer, whatever happens to either side. */
import type { ChosenTarget, Decision } from '#dataplane/balancer/decision.ts';
import type { Block } from '#dataplane/balancer/http/blocks.ts';
import type { ClientSide, RequestFacts } from '#dataplane/balancer/http/client-side.ts';
import type { FrontState } from '#dataplane/balancer/http/front-state.ts';
import { FIELD } from '#dataplane/balancer/http/fields.ts';
import { pageOf, redirectTo, type OwnAnswer } from '#dataplane/balancer/http/own-answers.ts';
import { CHUNKED } from '#dataplane/balancer/http/request-head.ts';
import type { ResponseHead } from '#dataplane/balancer/http/response-head.ts';
import type { TargetConnection } from '#dataplane/balancer/http/target-connection.ts';

type Forward = Extract<Decision, { kind: 'forward' }>;

/** A body up to this size is kept until its answer begins: it can be sent again. */
const REPLAY_BYTES = 64 * 1024;
/** Targets that are tried for one request. */
const MOST_TARGETS = 3;
const NOBODY: readonly string[] = [];

export class Exchange {
  readonly client: ClientSide;
  readonly state: FrontState;
  readonly request: RequestFacts;
  readonly isHead: boolean;
  decision: Decision | undefined;
  /** Of the load balancer's answer, and of the target's; 0: none yet. */
  status = 0;
  targetStatus = 0;
  /** On the monotonic clock. */
  readonly beganMs = performance.now();
  sentMs = -1;
  answeredMs = -1;
  hasTunnel = false;
  isOver = false;
  #chosen: ChosenTarget | undefined;
  #target: TargetConnection | undefined;
  #upgraded: TargetConnection | undefined;
  /** What of the body has been taken, as long as it may be sent again. */
  #kept: Buffer[] | undefined;
  #keptBytes = 0;
  #hasWholeRequest: boolean;
  #isAnswering = false;
  #triedTargets = 1;
  #hasReplayed = false;
  #holdsClient = false;
  #holdsTarget = false;

  constructor(client: ClientSide, state: FrontState, request: RequestFacts) {
    this.client = client;
    this.state = state;
    this.request = request;
    this.isHead = request.method === 'HEAD';
    this.#hasWholeRequest = request.bodyLength === 0;
  }

  /** The client has sent everything. */
  get hasWholeRequest(): boolean {
    return this.#hasWholeRequest;
  }

  /** The target's answer, or part of it, is on its way to the client. */
  get isAnswering(): boolean {
    return this.#isAnswering;
  }

  /** The target that has the request, where a decision named one. */
  get chosen(): ChosenTarget | undefined {
    return this.#chosen;
  }

  begin(): void {
    const { state, request } = this;
    let decision: Decision;
    try {
      decision = state.router.decide(request.view, state.protocol, Date.now());
    } catch (error) {
      state.fault(error);
      this.refuse(500);
      return;
    }
    this.decision = decision;
    switch (decision.kind) {
      case 'forward': {
        const { protocolVersion } = decision.chosen.group;
        if (protocolVersion !== 'HTTP1' && !request.isHttp2) return this.refuse(464);
        return this.#forward(decision);
      }
      case 'redirect':
        return this.#own(redirectTo(decision.status, decision.location), NOBODY);
      case 'fixed':
        return this.#own({ status: decision.status, contentType: decision.contentType, body: decision.body }, NOBODY);
      case 'nobody':
        return this.refuse(503);
    }
  }

  /** Answers with a page of the load balancer's own. */
  refuse(status: number): void {
    const cookies = this.decision?.kind === 'forward' ? this.decision.cookies : NOBODY;
    this.#own(pageOf(status), cookies);
  }

  // What the client's side tells.

  requestBytes(bytes: Buffer, from: number, end: number, block: Block | undefined): void {
    if (this.isOver) return;
    const target = this.#target;
    if (!target) return;
    if (this.#kept) this.#keep(bytes, from, end);
    if (!target.isEstablished) {
      this.#holdClient();
      return;
    }
    this.#send(target, bytes, from, end, block);
    if (target.wire.isFull) this.#holdClient();
  }

  requestEnd(): void {
    if (this.#hasWholeRequest || this.isOver) return;
    this.#hasWholeRequest = true;
    if (this.request.bodyLength === CHUNKED && this.#target?.isEstablished) this.#target.wire.text('0\r\n\r\n');
  }

  /** What was written to the client has gone. */
  clientDrained(): void {
    if (!this.#holdsTarget || this.client.isFull) return;
    this.#holdsTarget = false;
    this.#target?.wire.resume();
  }

  /** The client went away. */
  clientGone(): void {
    if (this.isOver) return;
    if (!this.#isAnswering) this.status = 460;
    this.#dropTarget();
    this.#finish();
  }

  /** The client sent what is no body. */
  requestBroken(): void {
    if (this.isOver) return;
    this.#dropTarget();
    if (this.#isAnswering) this.#abort();
    else this.refuse(400);
  }

  /** Nothing has moved for as long as the idle time-out says. */
  timedOut(): void {
    if (this.isOver) return;
    this.#dropTarget();
    if (this.#isAnswering) this.#abort();
    else this.refuse(this.#hasWholeRequest || this.#holdsClient ? 504 : 408);
  }

  // What the target's side tells.

  touch(): void {
    this.client.touch();
  }

  /** The connection stands: the request goes out. */
  targetReady(): void {
    if (this.#target) this.#sendHead(this.#target);
  }

  /** No connection came about. */
  targetRefused(hasTimedOut: boolean): void {
    const { decision } = this;
    this.#target = undefined;
    this.#chosen?.note('failed');
    const other = hasTimedOut || decision?.kind !== 'forward' || this.#triedTargets >= MOST_TARGETS ? undefined : this.#again(decision);
    if (!other) {
      this.#end();
      this.refuse(hasTimedOut ? 504 : 502);
      return;
    }
    this.#triedTargets += 1;
    this.#end();
    this.decision = other;
    this.#forward(other);
  }

  /** @param connection that ended; undefined when it was the answer that was no good */
  targetLost(connection: TargetConnection | undefined): void {
    this.#target = undefined;
    if (this.#isAnswering) {
      this.#end();
      this.#abort();
      return;
    }
    if (connection?.isReused && !connection.hasAnswered && !this.#hasReplayed && this.#kept && this.#chosen) {
      // It had waited for its next request, and its target closed it just then.
      this.#hasReplayed = true;
      this.#dispatch(this.#chosen, false);
      return;
    }
    this.#end();
    this.refuse(502);
  }

  targetDrained(): void {
    this.client.touch();
    if (this.#target && !this.#target.wire.isFull) this.#letClientGo();
  }

  interim(head: ResponseHead): void {
    if (head.status !== 100) this.client.interim(head); // `Expect` was answered long ago
  }

  answered(head: ResponseHead): void {
    this.answeredMs = performance.now();
    this.targetStatus = head.status;
    this.status = head.status;
    this.#isAnswering = true;
    this.#kept = undefined;
    this.#chosen?.note('answered');
    this.client.answer(head, this.#cookies(head));
  }

  answerBytes(bytes: Buffer, from: number, end: number, block: Block | undefined): void {
    this.client.answerBytes(bytes, from, end, block);
    if (!this.client.isFull) return;
    this.#holdsTarget = true;
    this.#target?.wire.pause();
  }

  answerComplete(connection: TargetConnection): void {
    this.#target = undefined;
    if (this.#holdsTarget) connection.wire.resume();
    connection.release(this.#hasWholeRequest && !this.request.isIsolated);
    this.#end();
    this.#letClientGo();
    this.isOver = true;
    this.client.answerEnd();
    this.client.over(this);
  }

  upgrades(head: ResponseHead): boolean {
    const { upgrade } = this.request;
    return upgrade !== '' && head.upgrade.toLowerCase() === upgrade.toLowerCase();
  }

  tunnel(connection: TargetConnection, head: ResponseHead, bytes: Buffer, from: number, end: number): void {
    this.answeredMs = performance.now();
    this.targetStatus = 101;
    this.status = 101;
    this.#isAnswering = true;
    this.hasTunnel = true;
    this.#chosen?.note('answered');
    this.#target = undefined;
    this.#upgraded = connection;
    this.client.tunnel(head, this.#cookies(head), connection.wire, Buffer.from(bytes.subarray(from, end)));
  }

  /** An upgraded connection has closed. */
  tunnelOver(): void {
    this.#upgraded?.retire();
    this.#upgraded = undefined;
    this.#finish();
  }

  #forward(decision: Forward): void {
    const { chosen } = decision;
    this.#chosen = chosen;
    chosen.begin();
    this.#dispatch(chosen, true);
  }

  #dispatch(chosen: ChosenTarget, mayReuse: boolean): void {
    const pool = this.state.pools.of(chosen.target, chosen.group.protocol === 'HTTPS');
    const waiting = mayReuse ? pool.take() : undefined;
    const target = waiting ?? pool.open();
    this.#target = target;
    // On a connection that is new from the start nothing need be sent again, but what comes before it stands has to be kept.
    this.#kept ??= [];
    target.begin(this);
    if (target.isEstablished) this.#sendHead(target);
  }

  #sendHead(target: TargetConnection): void {
    const { headText, bodyLength } = this.request;
    this.sentMs = performance.now();
    target.wire.text(headText);
    for (const piece of this.#kept ?? []) this.#send(target, piece, 0, piece.length, undefined);
    if (this.#hasWholeRequest && bodyLength === CHUNKED) target.wire.text('0\r\n\r\n');
    if (!target.isReused) this.#kept = undefined;
    if (!target.wire.isFull) this.#letClientGo();
  }

  #send(target: TargetConnection, bytes: Buffer, from: number, end: number, block: Block | undefined): void {
    if (this.request.bodyLength !== CHUNKED) target.wire.bytes(bytes, from, end, block);
    else {
      target.wire.text(`${(end - from).toString(16)}\r\n`);
      target.wire.bytes(bytes, from, end, block, '\r\n');
    }
  }

  #keep(bytes: Buffer, from: number, end: number): void {
    this.#keptBytes += end - from;
    // What the connection that is being made has not got yet has to be kept, however large: the client waits meanwhile.
    if (this.#keptBytes > REPLAY_BYTES && this.#target?.isEstablished) this.#kept = undefined;
    else this.#kept?.push(Buffer.from(bytes.subarray(from, end)));
  }

  #again(decision: Forward): Forward | undefined {
    try {
      return this.state.router.again(decision, Date.now());
    } catch (error) {
      this.state.fault(error);
      return undefined;
    }
  }

  #cookies(head: ResponseHead): readonly string[] {
    const { decision } = this;
    if (decision?.kind !== 'forward') return NOBODY;
    const { cookies, answerCookies } = decision;
    if (!answerCookies) return cookies;
    return [...cookies, ...answerCookies(head.all(FIELD.setCookie))];
  }

  #own(answer: OwnAnswer, cookies: readonly string[]): void {
    this.status = answer.status;
    this.isOver = true;
    this.client.own(answer, cookies);
    this.client.over(this);
  }

  #abort(): void {
    this.isOver = true;
    this.client.abort();
    this.client.over(this);
  }

  #finish(): void {
    this.#end();
    this.isOver = true;
    this.client.over(this);
  }

  #dropTarget(): void {
    const target = this.#target;
    this.#target = undefined;
    target?.drop();
    this.#end();
  }

  /** The chosen target is free of this request. */
  #end(): void {
    const chosen = this.#chosen;
    this.#chosen = undefined;
    chosen?.end();
  }

  #holdClient(): void {
    if (this.#holdsClient) return;
    this.#holdsClient = true;
    this.client.pauseRequest();
  }

  #letClientGo(): void {
    if (!this.#holdsClient) return;
    this.#holdsClient = false;
    this.client.resumeRequest();
  }
}
