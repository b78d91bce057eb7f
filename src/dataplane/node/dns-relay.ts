/** A port for names on the host whose questions are answered elsewhere: passed on over a unix socket, byte for byte, and back. */
import { createSocket, type RemoteInfo, type Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect, createServer, isIPv6, type Server, type Socket } from 'node:net';
import { LENGTH_BYTES } from '#dataplane/dns/respond.ts';
import { messageReader } from '#dataplane/dns/tcp-connection.ts';
import { HEADER_BYTES } from '#dataplane/dns/codec/message.ts';
import { joinSockets } from '#dataplane/process/join-sockets.ts';

/** The first byte on the unix socket: how the questions that follow were asked. */
export const OVER_UDP = 0x75;
export const OVER_TCP = 0x74;

export interface DnsRelayOptions {
  readonly address: string;
  readonly port: number;
  /** Of the unix socket at which they are answered. */
  readonly path: string;
}

export interface DnsRelay {
  readonly port: number;
  close(): void;
}

/** Questions over UDP that wait for their answers; the oldest are forgotten first. */
const WAITING_MAX = 4_096;
const CONNECTIONS_MAX = 100;
/** Milliseconds before the unix socket is tried again. */
const RETRY_MS = 200;

/** @throws the system's error when the port cannot be listened on */
export async function openDnsRelay({ address, port, path }: DnsRelayOptions): Promise<DnsRelay> {
  const udp = createSocket(isIPv6(address) ? { type: 'udp6', ipv6Only: true } : { type: 'udp4' });
  udp.bind({ address, port, exclusive: true });
  await once(udp, 'listening');
  const bound = udp.address().port;
  const tcp = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    const far = connect({ path, allowHalfOpen: true });
    far.write(Uint8Array.of(OVER_TCP));
    joinSockets(client, far);
  });
  tcp.maxConnections = CONNECTIONS_MAX;
  try {
    await listening(tcp, bound, address);
  } catch (error) {
    udp.close();
    throw error;
  }
  const relay = new UdpRelay(udp, path);
  return {
    port: bound,
    close: () => {
      relay.close();
      tcp.close();
      udp.close();
    },
  };
}

async function listening(server: Server, port: number, host: string): Promise<void> {
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen({ port, host, ipv6Only: true }, resolve));
  server.on('error', () => undefined);
}

interface Waiting {
  readonly id: number;
  readonly remote: RemoteInfo;
}

/** All questions over UDP go over one stream, each under a number of its own, which its answer brings back. */
class UdpRelay {
  readonly #udp: UdpSocket;
  readonly #path: string;
  readonly #waiting = new Map<number, Waiting>();
  #next = 0;
  #stream: Socket | undefined;
  #notBefore = 0;

  constructor(udp: UdpSocket, path: string) {
    this.#udp = udp;
    this.#path = path;
    udp.on('message', (bytes, remote) => this.#ask(bytes, remote)).on('error', () => undefined);
  }

  close(): void {
    this.#stream?.destroy();
  }

  #ask(bytes: Buffer, remote: RemoteInfo): void {
    if (bytes.length < HEADER_BYTES || remote.port === 0) return;
    const stream = this.#open();
    if (stream === undefined) return; // asked again by whoever asks
    const key = (this.#next = (this.#next + 1) & 0xff_ff);
    this.#waiting.delete(key);
    this.#waiting.set(key, { id: bytes.readUInt16BE(0), remote });
    if (this.#waiting.size > WAITING_MAX) for (const oldest of this.#waiting.keys()) { this.#waiting.delete(oldest); break; } // prettier-ignore
    const framed = Buffer.allocUnsafe(bytes.length + LENGTH_BYTES);
    framed.writeUInt16BE(bytes.length, 0);
    bytes.copy(framed, LENGTH_BYTES);
    framed.writeUInt16BE(key, LENGTH_BYTES);
    stream.write(framed);
  }

  #answer(bytes: Buffer): void {
    if (bytes.length < HEADER_BYTES) return;
    const key = bytes.readUInt16BE(0);
    const waiting = this.#waiting.get(key);
    if (waiting === undefined) return;
    this.#waiting.delete(key);
    const reply = Buffer.from(bytes); // the piece it lies in may be used again before it is sent
    reply.writeUInt16BE(waiting.id, 0);
    this.#udp.send(reply, waiting.remote.port, waiting.remote.address, () => undefined);
  }

  #open(): Socket | undefined {
    if (this.#stream !== undefined && !this.#stream.destroyed) return this.#stream;
    if (Date.now() < this.#notBefore) return undefined;
    this.#notBefore = Date.now() + RETRY_MS;
    const stream = connect({ path: this.#path });
    stream.write(Uint8Array.of(OVER_UDP));
    stream.on('data', messageReader((bytes) => this.#answer(bytes))).on('error', () => stream.destroy()).on('close', () => this.#waiting.clear()); // prettier-ignore
    this.#stream = stream;
    return stream;
  }
}
