/** TLS on accepted connections: certificates by name from the local CA, made when the first client asks for TLS. */
import type { Socket } from 'node:net';
import { createServer, type Server, type TLSSocket } from 'node:tls';
import type { TlsContext } from '#server/local-ca.ts';
import type { Log } from '#server/log.ts';

export interface TlsDoorOptions {
  /** Called at the first connection, and again when its certificates are to be renewed. */
  readonly context: () => Promise<TlsContext>;
  readonly handshakeMs: number;
  readonly log: Log;
  /** A handshake is done. */
  readonly opened: (socket: TLSSocket) => void;
}

/** Takes a connection whose first bytes have been read and found to be TLS. */
export type TlsDoor = (socket: Socket, first: Buffer) => void;

interface Made {
  readonly server: Server;
  readonly renewAtMs: number;
}

export function createTlsDoor({ context, handshakeMs, log, opened }: TlsDoorOptions): TlsDoor {
  const make = async (): Promise<Made> => {
    const { key, certificate, contextFor, renewAtMs } = await context();
    const server = createServer({
      ALPNProtocols: ['http/1.1'],
      handshakeTimeout: handshakeMs,
      allowHalfOpen: true,
      minVersion: 'TLSv1.2',
      key,
      cert: certificate,
      SNICallback: (name, answer) => {
        contextFor(name).then((found) => answer(null, found), answer);
      },
    });
    server.on('secureConnection', (socket) => {
      socket.allowHalfOpen = true; // from here on half a connection is enough for an answer
      opened(socket);
    });
    server.on('tlsClientError', (error: NodeJS.ErrnoException, socket) => {
      log.debug({ code: error.code }, 'a TLS handshake failed');
      socket.destroy();
    });
    return { server, renewAtMs };
  };
  let made: Promise<Made> | undefined;
  const hand = async (socket: Socket): Promise<void> => {
    try {
      made ??= make();
      let current = await made;
      if (Date.now() >= current.renewAtMs) {
        made = make();
        current = await made;
      }
      current.server.emit('connection', socket);
    } catch (error) {
      made = undefined; // the next connection tries again
      log.error({ err: error }, 'TLS could not be started');
      socket.destroy();
    }
  };
  return (socket, first) => {
    socket.allowHalfOpen = false; // the TLS socket takes this over: who ends within the handshake is gone
    socket.pause(); // TLS takes what has been read by itself, and `data` without a listener would lose it
    socket.unshift(first);
    void hand(socket);
  };
}
