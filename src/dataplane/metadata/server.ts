/** The metadata service on a socket: who asks is known by the connection's addresses; limits on everything a client can send. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Workload } from '#model/workload.ts';
import { answer, type Answer, type AnswerContext, refuse } from './answers.ts';
import { sessionTokens } from './tokens.ts';

export interface MetadataServerOptions {
  readonly address: string;
  /** 0: one that is free. */
  readonly port: number;
  /**
   * The instance at the other end of a connection, by where it comes from and which local address it came in on; IPv4
   * addresses are written as such also on a socket of both families. Undefined: the connection is closed without a word.
   */
  readonly workloadOf: (remoteAddress: string, localAddress: string) => Workload | undefined;
  /** Told of mistakes of ours; the client is answered 500. */
  readonly onFailure?: (error: unknown) => void;
  /** Milliseconds since the epoch. */
  readonly nowMs?: () => number;
  readonly limits?: Partial<MetadataLimits>;
}

export interface MetadataLimits {
  readonly headerBytes: number;
  readonly bodyBytes: number;
  /** From the connection to the end of the question; then it is closed. */
  readonly requestMs: number;
  readonly connections: number;
  /** AWS too limits how many connections an instance has open to the service at once. */
  readonly connectionsPerAsker: number;
}

export interface MetadataServer {
  readonly port: number;
  /** Ends every connection. */
  close(): Promise<void>;
}

const defaultLimits: MetadataLimits = {
  headerBytes: 16 * 1024,
  bodyBytes: 64 * 1024,
  requestMs: 10_000,
  connections: 2048,
  connectionsPerAsker: 128,
};

interface Room extends AnswerContext {
  readonly options: MetadataServerOptions;
  readonly limits: MetadataLimits;
  /** Open connections by the two addresses. */
  readonly open: Map<string, number>;
}

/** Listens; rejects with the socket's error when it cannot. */
export async function openMetadataServer(options: MetadataServerOptions): Promise<MetadataServer> {
  const nowMs = options.nowMs ?? Date.now;
  const limits = { ...defaultLimits, ...options.limits };
  const room: Room = { options, limits, nowMs, tokens: sessionTokens(nowMs), open: new Map() };
  const server = createServer({
    maxHeaderSize: limits.headerBytes,
    headersTimeout: limits.requestMs,
    requestTimeout: limits.requestMs,
    connectionsCheckingInterval: Math.min(1000, limits.requestMs),
  });
  server.maxConnections = limits.connections;
  server.on('connection', (socket) => admit(room, socket));
  server.on('request', (request, response) => take(room, request, response));
  server.on('clientError', (error, socket) => turnAway(error, socket as Socket)); // a server on TCP has no other
  await listen(server, options);
  server.on('error', (error) => options.onFailure?.(error)); // e.g. no file descriptor left: it goes on
  const { port } = server.address() as AddressInfo; // it listens on TCP
  return {
    port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function listen(server: Server, { address, port }: MetadataServerOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, address, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

/** Closes the connections of those that are nobody, and those that are too many. */
function admit(room: Room, socket: Socket): void {
  const { remote, local } = addressesOf(socket);
  const asker = `${remote} ${local}`;
  const count = (room.open.get(asker) ?? 0) + 1;
  if (count > room.limits.connectionsPerAsker || !whoAsks(room, socket)) {
    socket.destroy();
    return;
  }
  room.open.set(asker, count);
  socket.once('close', () => {
    const left = (room.open.get(asker) ?? 1) - 1;
    if (left > 0) room.open.set(asker, left);
    else room.open.delete(asker);
  });
}

/** A failure to find out is nobody: what cannot be told is told to no one. */
function whoAsks({ options }: Room, socket: Socket): Workload | undefined {
  const { remote, local } = addressesOf(socket);
  try {
    return options.workloadOf(remote, local);
  } catch (error) {
    options.onFailure?.(error);
    return undefined;
  }
}

/** Answers when the whole question is in: what is left unread would reset the connection before the answer arrives. */
function take(room: Room, request: IncomingMessage, response: ServerResponse): void {
  let received = 0;
  const ignore = (): void => undefined;
  request.on('error', ignore);
  response.on('error', ignore);
  request.on('data', (bytes: Buffer) => {
    received += bytes.length;
    if (received > room.limits.bodyBytes) request.destroy(); // no question to this service has a body at all
  });
  request.on('end', () => respond(room, request, response));
}

function respond(room: Room, request: IncomingMessage, response: ServerResponse): void {
  const { socket } = request;
  // Asked again: an instance may have changed or ended since the connection began.
  const workload = whoAsks(room, socket);
  if (!workload) {
    socket.destroy();
    return;
  }
  let said: Answer | 'close';
  try {
    const header = (name: string): string | undefined => request.headers[name]?.toString();
    const isIpv6 = addressesOf(socket).local.includes(':');
    said = answer({ method: request.method ?? '', target: request.url ?? '', header, isIpv6 }, workload, room);
  } catch (error) {
    room.options.onFailure?.(error);
    said = refuse(500);
  }
  if (said === 'close') socket.destroy();
  else send(response, said);
}

function send(response: ServerResponse, { status, reason, headers, body }: Answer): void {
  response.writeHead(status, reason, {
    ...headers,
    'Content-Length': Buffer.byteLength(body),
    Server: 'EC2ws',
    Connection: 'close', // as AWS, after each answer
  });
  response.end(body);
}

/** What is not HTTP is told so, if there is still somebody to tell; what is too slow is not. */
function turnAway(error: Error & { readonly code?: string }, socket: Socket): void {
  if (!socket.writable || socket.bytesWritten > 0 || error.code === 'ERR_HTTP_REQUEST_TIMEOUT') {
    socket.destroy();
    return;
  }
  const { body } = refuse(400);
  const head = ['HTTP/1.1 400 Bad Request', 'Server: EC2ws', 'Content-Type: text/html', `Content-Length: ${body.length}`];
  socket.end(`${head.join('\r\n')}\r\nConnection: close\r\n\r\n${body.toString()}`, () => socket.destroy());
}

function addressesOf(socket: Socket): { readonly remote: string; readonly local: string } {
  return { remote: plain(socket.remoteAddress), local: plain(socket.localAddress) };
}

/** A socket of both families writes `::ffff:10.0.0.4`. */
function plain(address = ''): string {
  return address.replace(/^::ffff:(?=\d+\.)/i, '');
}
