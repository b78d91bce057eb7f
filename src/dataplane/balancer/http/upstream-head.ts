/** The head that a target gets: the client's fields, with AWS's added, and framed anew. */
import type { BalancerAttributes } from '#model/balancer.ts';
import type { ClientFacts } from '#dataplane/balancer/http/client-facts.ts';
import type { RequestFacts } from '#dataplane/balancer/http/client-side.ts';
import { bit, FIELD } from '#dataplane/balancer/http/fields.ts';
import { isDefaultPort, type FrontState } from '#dataplane/balancer/http/front-state.ts';
import { CHUNKED, type RequestHead } from '#dataplane/balancer/http/request-head.ts';

/** Never passed on as they came. */
const OWN =
  bit(FIELD.host) |
  bit(FIELD.connection) |
  bit(FIELD.hop) |
  bit(FIELD.upgrade) |
  bit(FIELD.contentLength) |
  bit(FIELD.transferEncoding) |
  bit(FIELD.expect) |
  bit(FIELD.forwarded) |
  bit(FIELD.traceId) |
  bit(FIELD.dropped);

/** AWS: "valid HTTP header names conform to the regular expression [-A-Za-z0-9]+". */
const PLAIN_NAME = /^[-A-Za-z0-9]+$/;

/** The client's address as `X-Forwarded-For` has it. @param isAppended behind others, where IPv6 is in brackets */
function clientText(client: ClientFacts, attributes: BalancerAttributes, isAppended: boolean): string {
  const { address, port } = client;
  const isIpv6 = address.includes(':');
  if (attributes.forwardsClientPort) return isIpv6 ? `[${address}]:${port}` : `${address}:${port}`;
  return isIpv6 && isAppended ? `[${address}]` : address;
}

/** The value of `X-Forwarded-For`; undefined: none. */
export function forwardedFor(before: readonly string[], client: ClientFacts, attributes: BalancerAttributes): string | undefined {
  if (attributes.forwardedFor === 'remove') return undefined;
  const joined = before.join(', ');
  if (attributes.forwardedFor === 'preserve') return before.length === 0 ? undefined : joined;
  return before.length === 0 || joined === ''
    ? clientText(client, attributes, false)
    : `${joined}, ${clientText(client, attributes, true)}`;
}

/** ALB user guide, "Host header preservation". @param authority that the client named */
export function hostFor(authority: string, state: FrontState): string {
  if (state.attributes.preservesHostHeader) return authority;
  const { port } = state.listener;
  const colon = authority.lastIndexOf(':');
  const hasPort = colon > authority.indexOf(']');
  if (isDefaultPort(port)) return hasPort ? authority.slice(0, colon) : authority;
  return hasPort ? authority : `${authority}:${port}`;
}

/** The lines that are the same for each request of a connection that brings none of its own, as long as the settings are the same. */
export class ForwardedLines {
  #attributes: BalancerAttributes | undefined;
  #text = '';
  readonly #client: ClientFacts;

  constructor(client: ClientFacts) {
    this.#client = client;
  }

  /** @param before values of `X-Forwarded-For` that came */
  lines(before: readonly string[], state: FrontState): string {
    const { attributes } = state;
    if (before.length > 0) return this.#compose(before, state);
    if (this.#attributes !== attributes) {
      this.#text = this.#compose(before, state);
      this.#attributes = attributes;
    }
    return this.#text;
  }

  #compose(before: readonly string[], state: FrontState): string {
    const { attributes } = state;
    const addresses = forwardedFor(before, this.#client, attributes);
    const { tlsVersion, tlsCipher } = this.#client;
    return (
      (addresses === undefined ? '' : `X-Forwarded-For: ${addresses}\r\n`) +
      `X-Forwarded-Proto: ${state.protocol}\r\nX-Forwarded-Port: ${state.listener.port}\r\n` +
      (attributes.forwardsTlsVersion && tlsVersion !== undefined
        ? `X-Amzn-Tls-Version: ${tlsVersion}\r\nX-Amzn-Tls-Cipher-Suite: ${tlsCipher ?? ''}\r\n`
        : '')
    );
  }
}

const NONE: readonly string[] = [];

/**
 * @param host the value of `Host` that goes on
 * @param upgrade the protocol to ask for, or ''
 */
function headForTarget(
  head: RequestHead,
  state: FrontState,
  forwarded: ForwardedLines,
  { host, traceId, upgrade, isIsolated }: { host: string; traceId: string; upgrade: string; isIsolated: boolean },
): string {
  const { attributes } = state;
  const { seen, bodyLength } = head;
  const before = (seen & bit(FIELD.forwardedFor)) === 0 ? NONE : head.all(FIELD.forwardedFor);
  if (attributes.dropsInvalidHeaderFields) dropInvalid(head);
  const without = OWN | bit(FIELD.forwardedFor) | (attributes.forwardsTlsVersion ? bit(FIELD.tlsVersion) : 0);
  let text = `${head.plainLine}${forwarded.lines(before, state)}Host: ${host}\r\nX-Amzn-Trace-Id: ${traceId}\r\n${head.lines(without)}`;
  if (bodyLength === CHUNKED) text += 'Transfer-Encoding: chunked\r\n';
  else if (bodyLength > 0 || takesBody(head.method)) text += `Content-Length: ${bodyLength}\r\n`;
  if (upgrade !== '') text += `Connection: Upgrade\r\nUpgrade: ${upgrade}\r\n`;
  else if (isIsolated) text += 'Connection: close\r\n';
  return `${text}\r\n`;
}

/** An HTTP/1 request, ready to be decided about. Only WebSocket is an upgrade that AWS passes on. */
export function factsOf(
  head: RequestHead,
  state: FrontState,
  client: ClientFacts,
  forwarded: ForwardedLines,
  { traceId, isIsolated }: { traceId: string; isIsolated: boolean },
): RequestFacts {
  const upgrade = head.upgrade.toLowerCase() === 'websocket' ? head.upgrade : '';
  const host = head.authority === '' ? client.localAddress : hostFor(head.authority, state);
  head.sourceAddress = client.address;
  const headText = headForTarget(head, state, forwarded, { host, traceId, upgrade, isIsolated });
  return { view: head, method: head.method, headText, bodyLength: head.bodyLength, upgrade, isIsolated, isHttp2: false };
}

/** RFC 9110 section 8.6: a user agent says a length of 0 where the method anticipates content. */
export function takesBody(method: string): boolean {
  return method === 'POST' || method === 'PUT' || method === 'PATCH';
}

function dropInvalid(head: RequestHead): void {
  for (let index = 0; index < head.count; index += 1) {
    if (head.kind(index) === FIELD.other && !PLAIN_NAME.test(head.name(index))) head.setKind(index, FIELD.dropped);
  }
}
