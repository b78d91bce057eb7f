/** A DNS server on one address: UDP and TCP, both of either family, that no client can stop or fill. */
import { once } from 'node:events';
import { createSocket, type RemoteInfo, type Socket as UdpSocket } from 'node:dgram';
import { createServer, isIPv6, type Server, type Socket } from 'node:net';
import { parseIp, type Ip } from '#model/ip.ts';
import { respond, type AnswerQuestion, type Responder } from '#dataplane/dns/respond.ts';
import { serveConnection } from '#dataplane/dns/tcp-connection.ts';

export interface DnsServerOptions {
  /** An IPv4 or IPv6 address of this machine. */
  readonly address: string;
  /** 0 takes one that is free for both UDP and TCP. */
  readonly port: number;
  readonly answer: AnswerQuestion;
  /** Whether replies say that this is a resolver (the RA flag); true unless it is told. */
  readonly recursionAvailable?: boolean;
  /** Told of what `answer` threw, of answers that cannot be written and of troubles of the sockets; the server goes on. */
  readonly onError?: (error: unknown) => void;
  /** Milliseconds after which a TCP connection without a whole question is closed; 10,000 unless it is told. */
  readonly tcpIdleMs?: number;
}

export interface DnsServer {
  readonly address: string;
  readonly port: number;
  /** Stops at once, with the connections that are open; done when the port is free. May be called again. */
  close(): Promise<void>;
}

/** Connections at a time; more are closed as they come. */
export const TCP_CONNECTIONS_MAX = 100;
export const TCP_IDLE_MS = 10_000;
/** Questions over UDP that wait for later answers at a time; more are dropped, and asked again. */
const UDP_WAITING_MAX = 1_000;
/** How often a port that is free for UDP may turn out to be taken for TCP, when any port will do. */
const PORT_TRIES = 10;

/** Opens a server. @throws the system's error when the address cannot be listened on, e.g. `EADDRINUSE` */
export async function openDnsServer(options: DnsServerOptions): Promise<DnsServer> {
  const { answer, recursionAvailable = true, onError = () => {}, tcpIdleMs = TCP_IDLE_MS } = options;
  const responder: Responder = { answer, recursionAvailable, onError };
  for (let attempt = 1; ; attempt++) {
    const udp = await openUdp(options.address, options.port);
    const { port } = udp.address();
    try {
      const { tcp, connections } = await openTcp(options.address, port, responder, tcpIdleMs);
      serveUdp(udp, responder);
      return { address: options.address, port, close: closing(udp, tcp, connections) };
    } catch (error) {
      udp.close();
      await once(udp, 'close');
      const isTaken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
      if (options.port !== 0 || !isTaken || attempt === PORT_TRIES) throw error;
    }
  }
}

async function openUdp(address: string, port: number): Promise<UdpSocket> {
  const udp = createSocket(isIPv6(address) ? { type: 'udp6', ipv6Only: true } : { type: 'udp4' });
  udp.bind({ address, port, exclusive: true });
  try {
    await once(udp, 'listening'); // rejects with what 'error' says
    return udp;
  } catch (error) {
    udp.close();
    throw error;
  }
}

function serveUdp(udp: UdpSocket, responder: Responder): void {
  let waiting = 0;
  const send = (reply: Buffer | undefined, { port, address }: RemoteInfo): void => {
    if (reply === undefined || port === 0) return;
    try {
      udp.send(reply, port, address, (error) => {
        if (error) responder.onError(error);
      });
    } catch (error) {
      responder.onError(error); // the socket was closed meanwhile
    }
  };
  udp.on('error', responder.onError);
  udp.on('message', (message, from) => {
    const source = sourceOf(from.address);
    if (source === undefined || waiting >= UDP_WAITING_MAX) return;
    const reply = respond(responder, message, { source, transport: 'udp' });
    if (!(reply instanceof Promise)) return send(reply, from);
    waiting++;
    void reply.then((later) => {
      waiting--;
      send(later, from);
    });
  });
}

interface Tcp {
  readonly tcp: Server;
  readonly connections: Set<Socket>;
}

async function openTcp(address: string, port: number, responder: Responder, idleMs: number): Promise<Tcp> {
  const connections = new Set<Socket>();
  // Half-open: a client may end its side and still wait for answers.
  const tcp = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    connections.add(socket);
    socket.on('close', () => connections.delete(socket));
    const source = sourceOf(socket.remoteAddress ?? '');
    if (source === undefined) socket.destroy(); // gone already
    else serveConnection(socket, (message) => respond(responder, message, { source, transport: 'tcp' }), idleMs);
  });
  tcp.maxConnections = TCP_CONNECTIONS_MAX;
  tcp.listen({ host: address, port, ipv6Only: isIPv6(address), exclusive: true });
  await once(tcp, 'listening');
  tcp.on('error', responder.onError);
  return { tcp, connections };
}

function closing(udp: UdpSocket, tcp: Server, connections: Set<Socket>): () => Promise<void> {
  let closed: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    const ends = Promise.all([once(udp, 'close'), once(tcp, 'close')]);
    udp.close();
    tcp.close();
    for (const socket of connections) socket.destroy();
    await ends;
  };
  return () => (closed ??= close());
}

/** The address of a client; IPv6 ones may have a zone behind them. */
function sourceOf(address: string): Ip | undefined {
  const zone = address.indexOf('%');
  return parseIp(zone < 0 ? address : address.slice(0, zone));
}
