/** The end of a socket in the process that serves it: requests of whoever owns it are answered, events told to all. */
import { createServer, type Socket } from 'node:net';
import { frameOf, frameReader } from './frames.ts';
import { listenPrivately } from './listen-privately.ts';

export interface Served {
  tell(event: object): void;
}

/** Listens at a socket that is its owner's alone. `join` is told of each newcomer before anything it asks is answered. */
export async function serveSocket(
  socketPath: string,
  answer: (request: { readonly id: number }) => Promise<object>,
  join: (tell: (event: object) => void) => void = () => undefined,
): Promise<Served> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    const say = (value: object): void => void (socket.writable && socket.write(frameOf(value)));
    const read = frameReader((value) => {
      if (typeof value !== 'object' || value === null) throw new Error('no request');
      const request = value as { readonly id: number }; // only who owns the socket speaks here
      answer(request).then(say, (error: unknown) => say({ id: request.id, error: error instanceof Error ? error.message : String(error) }));
    });
    socket
      .on('data', (piece: Buffer) => {
        try {
          read(piece);
        } catch {
          socket.destroy(); // it does not speak our language
        }
      })
      .on('error', () => socket.destroy()) // control has gone; what is in force stays so
      .on('close', () => sockets.delete(socket));
    join(say);
  });
  await listenPrivately(server, socketPath);
  return {
    tell: (event) => {
      const frame = frameOf(event);
      for (const socket of sockets) if (socket.writable) socket.write(frame);
    },
  };
}
