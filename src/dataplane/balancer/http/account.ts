/** Makes a request's record out of what its exchange and its connection know. */
import { performance } from 'node:perf_hooks';
import type { AccessRecord } from '#dataplane/balancer/http/access.ts';
import { TIER_OF, type Reason } from '#dataplane/balancer/http/classification.ts';
import type { Exchange } from '#dataplane/balancer/http/exchange.ts';
import { FIELD } from '#dataplane/balancer/http/fields.ts';
import type { FrontState } from '#dataplane/balancer/http/front-state.ts';
import type { ClientFacts } from '#dataplane/balancer/http/client-facts.ts';
import type { RequestHead } from '#dataplane/balancer/http/request-head.ts';

/** How the client's connection is secured. */
export interface TlsFacts {
  readonly serverName: string | undefined;
  readonly certificateId: string | undefined;
}

/** A request as its client sent it, as far as it came. */
export interface RequestAccount {
  readonly client: ClientFacts;
  readonly tls: TlsFacts | undefined;
  readonly isHttp2: boolean;
  readonly method: string;
  /** As received; '' where no line was read. */
  readonly target: string;
  readonly authority: string;
  readonly version: string;
  readonly userAgent: string | undefined;
  readonly traceId: string | undefined;
  readonly reason: Reason | undefined;
  readonly beganMs: number;
  readonly receivedBytes: number;
  readonly sentBytes: number;
  readonly status: number;
}

/** "If the string is longer than 8 KB, it is truncated." */
const AGENT_LENGTH = 8 * 1024;

function requestText(state: FrontState, { method, target, authority, version }: RequestAccount): string {
  const { port } = state.listener;
  if (method === '') return `- ${state.protocol}://${authority}:${port}- -`;
  if (/^https?:\/\//i.test(target)) return `${method} ${target} ${version}`;
  const hasPort = authority.lastIndexOf(':') > authority.indexOf(']');
  return `${method} ${state.protocol}://${authority}${hasPort ? '' : `:${port}`}${target} ${version}`;
}

/** What an HTTP/1 request's head tells. @param head undefined where none was read */
export function http1Account(head: RequestHead | undefined, client: ClientFacts, tls: TlsFacts | undefined, traceId: string) {
  const [, target = '', version = ''] = head?.line.split(' ') ?? [];
  return {
    client,
    tls,
    isHttp2: false,
    method: head?.method ?? '',
    target,
    authority: head?.authority ?? '',
    version,
    userAgent: head?.first(FIELD.userAgent),
    traceId: traceId === '' ? undefined : traceId,
    reason: head?.reason,
  };
}

/** @param exchange undefined where the request was refused before anything was decided */
export function recordOf(state: FrontState, account: RequestAccount, exchange: Exchange | undefined): AccessRecord {
  const decision = exchange?.decision;
  const { client, tls, reason } = account;
  const nowMs = performance.now();
  const isSecure = state.protocol === 'https';
  const chosen = decision?.kind === 'forward' ? decision.chosen : undefined;
  const wasSent = exchange !== undefined && exchange.sentMs >= 0;
  const wasAnswered = wasSent && exchange.targetStatus !== 0;
  return {
    type: exchange?.hasTunnel ? (isSecure ? 'wss' : 'ws') : account.isHttp2 ? 'h2' : state.protocol,
    timeMs: Date.now(),
    creationTimeMs: Date.now() - (nowMs - account.beganMs),
    clientAddress: client.address,
    clientPort: client.port,
    target: chosen && exchange?.sentMs !== -1 ? { address: chosen.target.address, port: chosen.target.port } : undefined,
    requestProcessingMs: wasAnswered ? exchange.sentMs - exchange.beganMs : -1,
    targetProcessingMs: wasAnswered ? exchange.answeredMs - exchange.sentMs : -1,
    // The answer's head goes out with the event that it came in.
    responseProcessingMs: wasAnswered ? 0 : -1,
    status: account.status,
    targetStatus: wasAnswered ? exchange.targetStatus : undefined,
    receivedBytes: account.receivedBytes,
    sentBytes: account.sentBytes,
    request: requestText(state, account),
    userAgent: account.userAgent?.slice(0, AGENT_LENGTH),
    tlsCipher: client.tlsCipher,
    tlsProtocol: client.tlsVersion,
    targetGroupId: chosen?.group.id ?? (decision?.kind === 'nobody' ? decision.group?.id : undefined),
    traceId: account.traceId,
    serverName: tls?.serverName,
    certificateId: tls?.certificateId,
    rulePriority: decision?.rule.priority,
    action: decision === undefined ? undefined : ACTIONS[decision.kind],
    redirectUrl: decision?.kind === 'redirect' ? decision.location : undefined,
    errorReason: undefined, // AWS has reasons for authentication, Lambda functions and AWS WAF only
    classification: reason === undefined ? undefined : TIER_OF[reason],
    classificationReason: reason,
  };
}

const ACTIONS = { forward: 'forward', nobody: 'forward', redirect: 'redirect', fixed: 'fixed-response' } as const;
