/** Who a client is, and how it came. */
import type { Socket } from 'node:net';

/** The client, as fields tell of it. Made once a connection. */
export interface ClientFacts {
  readonly address: string;
  readonly port: number;
  readonly tlsVersion: string | undefined;
  readonly tlsCipher: string | undefined;
  /** The load balancer's own address that the client came to: for HTTP/1.0 without `Host`. */
  readonly localAddress: string;
}

export function clientFacts(socket: Socket, tlsVersion: string | undefined, tlsCipher: string | undefined): ClientFacts {
  const plain = (address: string | undefined): string => (address ?? '').replace(/^::ffff:(?=\d+\.)/, '');
  return {
    address: plain(socket.remoteAddress),
    port: socket.remotePort ?? 0,
    localAddress: plain(socket.localAddress),
    tlsVersion,
    tlsCipher,
  };
}
