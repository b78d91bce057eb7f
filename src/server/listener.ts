/** The front door: one port that speaks HTTP/1.1 in the clear and over TLS, and lets no client harm another. */
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import type { HttpRequest } from '#protocol/http.ts';
import type { Answer } from '#server/answer.ts';
import { Http1Connection } from '#server/http1/connection.ts';
import type { Peer, Traffic } from '#server/http1/traffic.ts';
import type { TlsContext } from '#server/local-ca.ts';
import { DEFAULT_LIMITS } from '#server/limits.ts';
import type { Limits } from '#server/limits.ts';
import type { Log } from '#server/log.ts';
import { refusal } from '#server/refusal.ts';
import type { RefusalKind } from '#server/refusal.ts';
import { createTlsDoor } from '#server/tls-door.ts';

/** Who is at the other end. */
export type Connection = Peer;

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
  /** Takes connections that are for somebody else, by their first bytes. */
  readonly take?: (socket: Socket, first: Buffer) => boolean;
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
  /** Takes a connection that was accepted elsewhere, at a socket of another kind. */
  accept(socket: Socket): void;
  /** Takes no more connections, waits for the answers under way up to `drainMs`, then closes what is left. */
  close(): Promise<void>;
}

/** First byte of a TLS record that holds a handshake: RFC 8446 section 5.1. No HTTP method begins with it. */
const TLS_HANDSHAKE = 0x16;
/** How often connections past their time are looked for, at least. */
const CHECK_MS = 1_000;

/** Opens the port. @throws the system's error when the address cannot be listened on, e.g. `EADDRINUSE` */
export async function listen(options: ListenerOptions): Promise<Listener> {
  const { log } = options;
  const limits: Limits = { ...DEFAULT_LIMITS, ...options.limits };
  const sockets = new Set<Socket>();
  const connections = new Set<Http1Connection>();
  const traffic: Traffic = {
    limits,
    budget: { limit: limits.bufferedBytes, used: 0 },
    requestsInFlight: 0,
    closing: false,
    respond: options.respond,
    refuse(kind, request) {
      options.onRefusal?.(kind);
      return refusal(kind, request);
    },
    failed: (error, request) =>
      log.error({ err: error, method: request?.method, path: request?.path }, 'a request failed without an answer'),
  };

  const admit = (socket: Socket, secure: boolean): Http1Connection => {
    const connection = new Http1Connection(socket, { remoteAddress: socket.remoteAddress ?? '', secure }, traffic);
    connections.add(connection);
    socket.on('data', (bytes: Buffer) => connection.receive(bytes));
    socket.on('close', () => connections.delete(connection));
    return connection;
  };
  const onError = (error: NodeJS.ErrnoException): void => log.debug({ code: error.code }, 'a connection broke');

  const toTls = createTlsDoor({
    context: options.tls,
    handshakeMs: limits.headersMs,
    log,
    opened: (socket) => {
      socket.on('error', onError);
      admit(socket, true);
    },
  });

  /** Hands a connection on by its first byte. */
  const sniff = (socket: Socket): void => {
    const drop = (): void => void socket.destroy();
    socket.setTimeout(limits.headersMs);
    socket.once('timeout', drop);
    socket.once('end', drop);
    socket.once('data', (first: Buffer) => {
      socket.setTimeout(0);
      socket.off('timeout', drop);
      socket.off('end', drop);
      if (options.take?.(socket, first) === true) return;
      if (first[0] === TLS_HANDSHAKE) toTls(socket, first);
      else admit(socket, false).receive(first);
    });
  };

  const accept = (socket: Socket): void => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', onError);
    sniff(socket);
  };
  const server = createServer({ allowHalfOpen: true, noDelay: true }, accept);
  server.maxConnections = limits.connections;
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

  // One look at all connections now and then costs less than timers that every request starts and stops.
  const checkMs = Math.min(CHECK_MS, limits.headersMs, limits.requestMs, limits.idleMs);
  const checks = setInterval(() => {
    const nowMs = performance.now();
    for (const connection of connections) connection.checkTime(nowMs);
  }, checkMs).unref();

  const close = async (): Promise<void> => {
    if (traffic.closing) return;
    traffic.closing = true;
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    for (const connection of connections) connection.drain();
    // Those that have not said anything yet are known to nobody else.
    for (const socket of sockets) if (socket.bytesRead === 0) socket.destroy();
    const timer = setTimeout(() => {
      for (const socket of sockets) socket.destroy();
    }, limits.drainMs);
    await closed;
    clearTimeout(timer);
    clearInterval(checks);
  };

  const load = (): Load => ({ connections: sockets.size, requestsInFlight: traffic.requestsInFlight, buffered: traffic.budget.used });
  return { address, port, load, accept, close };
}
