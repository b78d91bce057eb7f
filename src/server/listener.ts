/** The front door: one port that speaks HTTP/1.1 in the clear and over TLS, and lets no client harm another. */
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { createServer as createTlsServer } from 'node:tls';
import type { Server as TlsServer } from 'node:tls';
import type { HttpRequest } from '#protocol/http.ts';
import { sendStream, sendWhole } from '#server/answer.ts';
import type { Answer } from '#server/answer.ts';
import { EMPTY_BODY, announcedLength, collectBody, hasNoBody } from '#server/body.ts';
import type { BodyBudget } from '#server/body.ts';
import { toHttpRequest } from '#server/http-request.ts';
import type { TlsContext } from '#server/local-ca.ts';
import { DEFAULT_LIMITS } from '#server/limits.ts';
import type { Limits } from '#server/limits.ts';
import type { Log } from '#server/log.ts';
import { refusal } from '#server/refusal.ts';
import type { RefusalKind } from '#server/refusal.ts';

/** Who is at the other end. */
export interface Connection {
  /** IP address, e.g. `127.0.0.1`, `::1`. */
  readonly remoteAddress: string;
  /** Over TLS. */
  readonly secure: boolean;
}

/** Answers a request; what it throws is answered with 500 and logged. */
export type Respond = (request: HttpRequest, connection: Connection) => Promise<Answer>;

export interface ListenerOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly limits?: Partial<Limits>;
  readonly respond: Respond;
  /** Called at the first TLS connection, not before. */
  readonly tls: () => Promise<TlsContext>;
  readonly log: Log;
  /** Told of every request that was refused here, for the metrics. */
  readonly onRefusal?: (kind: RefusalKind) => void;
}

export interface Load {
  readonly connections: number;
  readonly requestsInFlight: number;
  /** Bytes of request bodies. */
  readonly buffered: number;
}

export interface Listener {
  readonly address: string;
  readonly port: number;
  load(): Load;
  /** Takes no more connections, waits for the answers under way up to `drainMs`, then closes what is left. */
  close(): Promise<void>;
}

/** First byte of a TLS record that holds a handshake: RFC 8446 section 5.1. No HTTP method begins with it. */
const TLS_HANDSHAKE = 0x16;
/** How often Node looks for connections past their time. */
const CHECK_MS = 1_000;

interface Peer extends Connection {
  requestsInFlight: number;
}

type OnConnection = (socket: Duplex) => void;

/** Hands a connection to `http` or to `tls` by its first byte. */
function sniff(socket: Socket, waitMs: number, http: () => void, tls: () => void): void {
  const onData = (first: Buffer): void => {
    stop();
    socket.pause(); // TLS takes what has been read by itself, and `data` without a listener would lose it
    socket.unshift(first);
    (first[0] === TLS_HANDSHAKE ? tls : http)();
  };
  const drop = (): void => {
    stop();
    socket.destroy();
  };
  const stop = (): void => {
    socket.setTimeout(0);
    socket.off('data', onData);
    socket.off('end', drop);
    socket.off('timeout', drop);
  };
  socket.setTimeout(waitMs);
  socket.on('data', onData);
  socket.on('end', drop);
  socket.on('timeout', drop);
}

/** What Node says of a message that it cannot read. */
function kindOf(error: NodeJS.ErrnoException): RefusalKind {
  if (error.code === 'HPE_HEADER_OVERFLOW') return 'headers-too-large';
  return error.code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 'timed-out' : 'bad-request';
}

/** A whole answer as text, for connections whose HTTP has already failed. */
function rawAnswer(kind: RefusalKind): string {
  const { status, headers, body } = refusal(kind);
  const lines = Object.entries({ ...headers, connection: 'close', 'content-length': String(Buffer.byteLength(body)) });
  return `HTTP/1.1 ${status} \r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n${body.toString()}`;
}

/** Opens the port. @throws the system's error when the address cannot be listened on, e.g. `EADDRINUSE` */
export async function listen(options: ListenerOptions): Promise<Listener> {
  const { log, respond } = options;
  const limits: Limits = { ...DEFAULT_LIMITS, ...options.limits };
  const budget: BodyBudget = { limit: limits.bufferedBytes, used: 0 };
  const peers = new WeakMap<Duplex, Peer>();
  const sockets = new Set<Socket>();
  const streams = new Set<() => void>();
  let requestsInFlight = 0;
  let closing = false;

  const server: Server = createServer({
    maxHeaderSize: limits.headerBytes,
    headersTimeout: Math.min(limits.headersMs, limits.requestMs),
    requestTimeout: limits.requestMs,
    keepAliveTimeout: limits.idleMs,
    connectionsCheckingInterval: Math.min(CHECK_MS, limits.headersMs, limits.requestMs),
    noDelay: true,
  });
  server.maxHeadersCount = 0; // Node would cut the list short in silence; we count and refuse
  // Whoever closes the sending side still gets the answer; Node has this switch without documenting it.
  Object.assign(server, { httpAllowHalfOpen: true });
  server.maxConnections = limits.connections;
  server.setTimeout(limits.stalledMs, (socket) => {
    // A slow answer is no fault of the client's; one that it does not read is.
    if ((peers.get(socket)?.requestsInFlight ?? 0) > 0 && socket.writableLength === 0) socket.setTimeout(limits.stalledMs);
    else socket.destroy();
  });

  const refuse = (kind: RefusalKind, request: IncomingMessage, response: ServerResponse): void => {
    options.onRefusal?.(kind);
    const { socket } = request;
    const target = request.url ?? '';
    const mark = target.indexOf('?');
    const headers = request.headers as HttpRequest['headers']; // as in toHttpRequest
    const answer = refusal(kind, { headers, query: mark < 0 ? '' : target.slice(mark + 1) });
    if (!request.complete && !hasNoBody(request)) {
      // Closing with unread bytes would reset the connection and take the answer with it: read on, for a while.
      const closes = !response.shouldKeepAlive;
      response.shouldKeepAlive = true;
      const timer = setTimeout(() => socket.destroy(), limits.lingerMs);
      let open = 2; // the rest of the body, and the answer, which waits for those before it
      const over = (): void => {
        open -= 1;
        if (open > 0) return;
        clearTimeout(timer);
        if (closes) socket.end();
      };
      request.on('close', over);
      response.on('close', over);
      request.resume();
    }
    sendWhole(response, answer);
  };

  const send = (response: ServerResponse, answer: Answer): void => {
    if (response.destroyed || response.socket?.destroyed) return;
    if (closing) response.shouldKeepAlive = false;
    if (!('stream' in answer)) return sendWhole(response, answer);
    const end = sendStream(response, answer, limits.streamBytes);
    streams.add(end);
    response.on('close', () => streams.delete(end));
    if (closing) end();
  };

  const handle = (message: IncomingMessage, response: ServerResponse, peer: Peer, body: Buffer): void => {
    const release = (): void => {
      requestsInFlight -= 1;
      peer.requestsInFlight -= 1;
      budget.used -= body.length;
    };
    const request = toHttpRequest(message, body);
    if (!request) {
      release();
      return refuse('bad-request', message, response);
    }
    const fail = (error: unknown): void => {
      log.error({ err: error, method: request.method, path: request.path }, 'a request failed without an answer');
      if (response.headersSent) response.destroy();
      else refuse('failed', message, response);
    };
    let answered: Promise<Answer>;
    try {
      answered = respond(request, peer);
    } catch (error) {
      answered = Promise.reject(error);
    }
    answered
      .then((answer) => send(response, answer))
      .catch(fail)
      .finally(release);
  };

  const onRequest = (message: IncomingMessage, response: ServerResponse, beforeBody?: () => void): void => {
    const peer = peers.get(message.socket);
    if (!peer) return void message.socket.destroy(); // every connection comes through `accept`
    if (message.rawHeaders.length > 2 * limits.headerCount) return refuse('headers-too-large', message, response);
    if (requestsInFlight >= limits.requestsInFlight || peer.requestsInFlight >= limits.requestsPerConnection) {
      return refuse('too-many', message, response);
    }
    if (announcedLength(message) > limits.bodyBytes) return refuse('too-large', message, response);
    beforeBody?.();
    requestsInFlight += 1;
    peer.requestsInFlight += 1;
    if (hasNoBody(message)) return handle(message, response, peer, EMPTY_BODY);
    collectBody(message, limits.bodyBytes, budget, (body) => {
      if (typeof body !== 'string') return handle(message, response, peer, body);
      requestsInFlight -= 1;
      peer.requestsInFlight -= 1;
      if (body !== 'gone') refuse(body === 'too-large' ? 'too-large' : 'too-many', message, response);
    });
  };
  server.on('request', (message, response) => onRequest(message, response));
  // The client waits to be told before it sends the body: refuse before, not after.
  server.on('checkContinue', (message, response) => onRequest(message, response, () => response.writeContinue()));

  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    const kind = kindOf(error);
    log.debug({ code: error.code, kind }, 'a connection failed');
    // With requests under way this would be taken for the answer to the first of them.
    const silent = error.code === 'ECONNRESET' || !socket.writable || (peers.get(socket)?.requestsInFlight ?? 0) > 0;
    if (silent) return void socket.destroy();
    options.onRefusal?.(kind);
    socket.end(rawAnswer(kind), () => socket.destroy());
  });

  // Node's own way in, to which connections are handed once it is known what they speak.
  const [enter] = server.listeners('connection') as [OnConnection]; // http.Server has just this listener
  server.removeAllListeners('connection');

  const admit = (socket: Duplex, from: Socket, secure: boolean): void => {
    peers.set(socket, { remoteAddress: from.remoteAddress ?? '', secure, requestsInFlight: 0 });
    enter.call(server, socket);
  };

  let tlsServer: Promise<{ readonly server: TlsServer; readonly renewAtMs: number }> | undefined;
  const openTls = async (): Promise<{ readonly server: TlsServer; readonly renewAtMs: number }> => {
    const context = await options.tls();
    const made = createTlsServer({
      ALPNProtocols: ['http/1.1'],
      handshakeTimeout: limits.headersMs,
      minVersion: 'TLSv1.2',
      key: context.key,
      cert: context.certificate,
      SNICallback: (name, answer) => {
        context.contextFor(name).then((found) => answer(null, found), answer);
      },
    });
    made.on('secureConnection', (socket) => admit(socket, socket, true));
    made.on('tlsClientError', (error: NodeJS.ErrnoException, socket) => {
      log.debug({ code: error.code }, 'a TLS handshake failed');
      socket.destroy();
    });
    return { server: made, renewAtMs: context.renewAtMs };
  };
  const startTls = async (socket: Socket): Promise<void> => {
    try {
      tlsServer ??= openTls();
      let current = await tlsServer;
      if (Date.now() >= current.renewAtMs) {
        tlsServer = openTls();
        current = await tlsServer;
      }
      current.server.emit('connection', socket);
    } catch (error) {
      tlsServer = undefined; // the next connection tries again
      log.error({ err: error }, 'TLS could not be started');
      socket.destroy();
    }
  };

  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', (error: NodeJS.ErrnoException) => log.debug({ code: error.code }, 'a connection broke'));
    const http = (): void => {
      admit(socket, socket, false);
      socket.resume();
    };
    sniff(socket, limits.headersMs, http, () => void startTls(socket));
  });
  server.on('drop', () => log.warn({ limit: limits.connections }, 'a connection was dropped: too many'));

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host, () => {
      server.off('error', reject);
      resolve();
    });
  });
  server.on('error', (error) => log.error({ err: error }, 'the listener failed'));
  const { address, port } = server.address() as AddressInfo; // a TCP server that listens has one

  const close = async (): Promise<void> => {
    if (closing) return;
    closing = true;
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    for (const end of streams) end();
    server.closeIdleConnections();
    const timer = setTimeout(() => {
      for (const socket of sockets) socket.destroy();
    }, limits.drainMs);
    // Those that have not said anything yet are known to nobody else.
    for (const socket of sockets) if (!peers.has(socket) && socket.bytesRead === 0) socket.destroy();
    await closed;
    clearTimeout(timer);
  };

  return { address, port, load: () => ({ connections: sockets.size, requestsInFlight, buffered: budget.used }), close };
}
