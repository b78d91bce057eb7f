/** Keiro's own pages under `/_keiro/`: health, metrics, events, the CA's certificate, traces, mail, reset. */
import { isIP } from 'node:net';
import type { HttpRequest, HttpResponse } from '#protocol/http.ts';
import type { Answer } from '#server/answer.ts';
import type { EventSource } from '#server/events.ts';
import type { Connection } from '#server/listener.ts';
import { isLoopbackAddress, isLoopbackHost } from '#server/loopback.ts';
import type { Metrics } from '#server/metrics.ts';
import type { PageAnswer } from '#server/trace-page.ts';

export interface AdminOptions {
  /** Keiro's own version. */
  readonly version: string;
  /** Data directory, absolute. */
  readonly data: string;
  /** What works on this machine and what does not, e.g. `{ fabric: false }`. */
  readonly capabilities: () => Readonly<Record<string, boolean | string>>;
  /** Where names are answered on this host, if anywhere. */
  readonly dns?: () => { readonly address: string; readonly port: number } | undefined;
  readonly metrics: Metrics;
  readonly events: EventSource;
  /** The local CA's certificate, PEM. */
  readonly ca: () => Promise<string>;
  /** The answer to a trace's query. */
  readonly trace: (query: string) => Promise<PageAnswer>;
  /** Mails that services have sent. */
  readonly mail: (request: HttpRequest) => Promise<HttpResponse>;
  /** The links in them. */
  readonly confirm: (request: HttpRequest) => Promise<HttpResponse>;
  /** The load balancers, and where they are reached. */
  readonly balancers: () => Promise<readonly unknown[]>;
  /** Forgets every record. */
  readonly reset: () => Promise<void>;
}

/** Answers a request under `/_keiro/`; undefined when it is none. */
export type Admin = (request: HttpRequest, connection: Connection) => Promise<Answer> | undefined;

interface Page {
  readonly methods: readonly string[];
  readonly answer: (request: HttpRequest) => Answer | Promise<Answer>;
}

const PREFIX = '/_keiro/';

const json = (status: number, value: unknown, headers: Readonly<Record<string, string>> = {}): HttpResponse => ({
  status,
  headers: { 'content-type': 'application/json', 'cache-control': 'no-store', ...headers },
  body: `${JSON.stringify(value)}\n`,
});

const text = (type: string, body: string): HttpResponse => ({
  status: 200,
  headers: { 'content-type': type, 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' },
  body,
});

/** `host` of `host:port`; brackets of IPv6 taken off. */
const hostOf = (authority: string): string => authority.replace(/:\d*$/, '').replace(/^\[(.*)\]$/, '$1');

/**
 * Why a request may not pass; undefined when it may. A page of another site can make a browser on this machine send
 * requests: such a request carries that site's origin, or, when the site's name was pointed here (DNS rebinding), its name as the host.
 */
function trespass(request: HttpRequest, connection: Connection): string | undefined {
  if (!isLoopbackAddress(connection.remoteAddress)) return 'This is answered to this machine alone.';
  const authority = request.headers['host'] ?? '';
  const host = hostOf(authority);
  if (isIP(host) === 0 && !isLoopbackHost(host))
    return `The host ${JSON.stringify(host)} is not this machine: use localhost or an address.`;
  const origin = request.headers['origin'];
  if (origin !== undefined && origin !== `${connection.secure ? 'https' : 'http'}://${authority}`) {
    return `This is not answered to pages of ${JSON.stringify(origin)}.`;
  }
  const site = request.headers['sec-fetch-site'];
  return site === 'cross-site' || site === 'same-site' ? 'This is not answered to pages of other sites.' : undefined;
}

/** Keiro's own pages. */
export function createAdmin(options: AdminOptions): Admin {
  const health = (request: HttpRequest, connection: Connection): HttpResponse => {
    const open = { status: 'ok', version: options.version };
    if (trespass(request, connection) !== undefined) return json(200, open);
    return json(200, {
      ...open,
      pid: process.pid,
      uptimeSeconds: Math.round(process.uptime() * 10) / 10,
      data: options.data,
      node: process.versions.node,
      capabilities: options.capabilities(),
      dns: options.dns?.(),
    });
  };
  const events = (): Answer => options.events.open() ?? json(503, { message: 'Too many readers of events.' }, { 'retry-after': '5' });
  const reset = async (): Promise<HttpResponse> => {
    await options.reset();
    return json(200, { status: 'ok' });
  };

  const trace = async (query: string): Promise<HttpResponse> => {
    const { status, value } = await options.trace(query);
    return json(status, value);
  };

  const pages: Readonly<Record<string, Page>> = {
    metrics: { methods: ['GET', 'HEAD'], answer: () => text('text/plain; version=0.0.4; charset=utf-8', options.metrics.render()) },
    events: { methods: ['GET', 'HEAD'], answer: events },
    ca: { methods: ['GET', 'HEAD'], answer: async () => text('application/x-pem-file', await options.ca()) },
    trace: { methods: ['GET', 'HEAD'], answer: ({ query }) => trace(query) },
    balancers: { methods: ['GET', 'HEAD'], answer: async () => json(200, { balancers: await options.balancers() }) },
    mail: { methods: ['GET', 'HEAD'], answer: options.mail },
    confirm: { methods: ['GET', 'HEAD', 'POST'], answer: options.confirm },
    reset: { methods: ['POST'], answer: reset },
  };

  const answer = async (name: string, request: HttpRequest, connection: Connection): Promise<Answer> => {
    const { method } = request;
    const methods = name === 'health' ? ['GET', 'HEAD'] : Object.hasOwn(pages, name) ? pages[name]?.methods : undefined;
    if (name !== 'health') {
      const why = trespass(request, connection);
      if (why !== undefined) return json(403, { message: why });
    }
    if (!methods) return json(404, { message: `There is no ${PREFIX}${name}: there are health, ${Object.keys(pages).join(', ')}.` });
    if (!methods.includes(method))
      return json(405, { message: `${PREFIX}${name} takes ${methods.join(', ')}.` }, { allow: methods.join(', ') });
    return name === 'health' ? health(request, connection) : (pages[name]?.answer(request) ?? json(404, {}));
  };

  return (request, connection) =>
    request.path.startsWith(PREFIX) ? answer(request.path.slice(PREFIX.length), request, connection) : undefined;
}
