/** The name servers on real sockets: UDP and TCP on any number of addresses, each in its role. */
import { once } from 'node:events';
import { isIPv6, createServer, type Server, type Socket } from 'node:net';
import { LENGTH_BYTES } from '#dataplane/dns/respond.ts';
import { TCP_CONNECTIONS_MAX, TCP_IDLE_MS } from '#dataplane/dns/server.ts';
import { serveConnection } from '#dataplane/dns/tcp-connection.ts';
import type { Seams } from '#dataplane/dns/authority/client.ts';
import { LATER, Responder, type Fallback, type View } from '#dataplane/dns/authority/responder.ts';
import { openUdp, type UdpListener } from '#dataplane/dns/authority/udp-listener.ts';
import { ANY_SLOT } from '#dataplane/dns/authority/zone-index.ts';
import type { Zones } from '#dataplane/dns/authority/zones.ts';

/** What a server is: one of a set of four, the root's, the registries', or whoever is asked on the host's own port. */
export type Role =
  | { readonly kind: 'set'; readonly set: number }
  | { readonly kind: 'root' }
  | { readonly kind: 'registry' }
  | { readonly kind: 'any' };

export interface ListenerOptions {
  readonly address: string;
  /** 0 takes one that is free for both UDP and TCP. */
  readonly port: number;
  readonly role: Role;
}

export interface AuthorityServerOptions extends Omit<Seams, 'random'> {
  readonly listeners: readonly ListenerOptions[];
  readonly zones: Zones;
  /** 0 to 1, without 1; `Math.random` unless it is told. */
  readonly random?: () => number;
  /** Answers for role `any` about names in no zone, which are refused without it. */
  readonly fallback?: Fallback;
  /** Told of what goes wrong here and in the seams; the server goes on. */
  readonly onError?: (error: unknown) => void;
  /** Whether other processes may listen on the same addresses and ports; the kernel then shares clients out among them. */
  readonly reusePort?: boolean;
  /** As `DnsServerOptions.tcpIdleMs`. */
  readonly tcpIdleMs?: number;
}

export interface AuthorityServer {
  /** In the order of the options, with the ports that were taken. */
  readonly listeners: readonly ListenerOptions[];
  /** Stops at once, with the connections that are open; done when the ports are free. May be called again. */
  close(): Promise<void>;
}

/** How often a port that is free for UDP may turn out to be taken for TCP, when any port will do. */
const PORT_TRIES = 10;

/** Opens the name servers; all of them, or none. @throws the system's error when an address cannot be listened on, e.g. `EADDRINUSE` */
export async function openAuthorityServer(options: AuthorityServerOptions): Promise<AuthorityServer> {
  const opened: Opened[] = [];
  const close = async (): Promise<void> => void (await Promise.all(opened.map((one) => one.close())));
  try {
    for (const listener of options.listeners) opened.push(await openListener(listener, options));
  } catch (error) {
    await close();
    throw error;
  }
  return { listeners: opened.map(({ listener }) => listener), close };
}

interface Opened {
  readonly listener: ListenerOptions;
  close(): Promise<void>;
}

async function openListener(listener: ListenerOptions, options: AuthorityServerOptions): Promise<Opened> {
  const { random = Math.random, onError = () => {}, locate, resolveAlias, zones, reusePort = false, tcpIdleMs = TCP_IDLE_MS } = options;
  const { address, role } = listener;
  const fallback = role.kind === 'any' ? options.fallback : undefined;
  const responder = new Responder({ view: viewOf(zones, role), fallback, onError, random, locate, resolveAlias });
  for (let attempt = 1; ; attempt++) {
    const udp = await openUdp({ address, port: listener.port, reusePort, responder, onError });
    try {
      const tcp = await openTcp({ address, port: udp.port, reusePort, responder, idleMs: tcpIdleMs, onError });
      return { listener: { address, port: udp.port, role }, close: closing(udp, tcp) };
    } catch (error) {
      await udp.close();
      const isTaken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
      if (listener.port !== 0 || !isTaken || attempt === PORT_TRIES) throw error;
    }
  }
}

function viewOf(zones: Zones, role: Role): View {
  switch (role.kind) {
    case 'set':
      return { index: zones.publicIndex, slot: role.set };
    case 'root':
      return zones.registry.rootView;
    case 'registry':
      return zones.registry.view;
    case 'any':
      return { index: zones.publicIndex, slot: ANY_SLOT };
  }
}

interface Tcp {
  readonly server: Server;
  readonly connections: Set<Socket>;
}

interface TcpOptions {
  readonly address: string;
  readonly port: number;
  readonly reusePort: boolean;
  readonly responder: Responder;
  readonly idleMs: number;
  readonly onError: (error: unknown) => void;
}

async function openTcp({ address, port, reusePort, responder, idleMs, onError }: TcpOptions): Promise<Tcp> {
  const connections = new Set<Socket>();
  // Half-open: a client may end its side and still wait for answers.
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    connections.add(socket);
    socket.on('close', () => connections.delete(socket));
    const source = socket.remoteAddress;
    if (source === undefined) socket.destroy(); // gone already
    else serveConnection(socket, (message) => framedReply(responder, message, source), idleMs);
  });
  server.maxConnections = TCP_CONNECTIONS_MAX;
  server.listen({ host: address, port, ipv6Only: isIPv6(address), exclusive: true, reusePort });
  await once(server, 'listening');
  server.on('error', onError);
  return { server, connections };
}

/** A reply with its length before it (RFC 1035 section 4.2.2). */
function framedReply(responder: Responder, message: Buffer, source: string): Buffer | Promise<Buffer | undefined> | undefined {
  const length = responder.respond(message, source, 'tcp');
  if (length === LATER) return responder.later.then((later) => later && framed(later, later.length));
  return length > 0 ? framed(responder.bytes, length) : undefined;
}

function framed(bytes: Buffer, length: number): Buffer {
  const message = Buffer.allocUnsafe(LENGTH_BYTES + length);
  message.writeUInt16BE(length);
  bytes.copy(message, LENGTH_BYTES, 0, length);
  return message;
}

function closing(udp: UdpListener, { server, connections }: Tcp): () => Promise<void> {
  let closed: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    const ends = Promise.all([udp.close(), once(server, 'close')]);
    server.close();
    for (const socket of connections) socket.destroy();
    await ends;
  };
  return () => (closed ??= close());
}
