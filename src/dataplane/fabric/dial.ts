/** Connections that begin on Keiro's internet: asked for at the dial socket, then passed on byte for byte. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { FabricError } from './conversation.ts';

/** The longest first line that is an answer: beyond it, whoever speaks is not Keiro. */
const maxAnswerBytes = 1_000;

/**
 * Opens a connection to an address or name there; undefined when nobody listens at the socket.
 * @throws FabricError why it could not be opened
 */
export async function dialInternet(path: string, host: string, port: number): Promise<Socket | undefined> {
  const socket = connect({ path, allowHalfOpen: true });
  try {
    await once(socket, 'connect');
  } catch {
    return undefined;
  }
  socket.write(`connect ${host} ${port}\n`);
  const answer = await firstLine(socket);
  if (answer === 'ok') return socket;
  socket.destroy();
  throw new FabricError(answer?.replace(/^error /, '') ?? 'the connection ended before it was open');
}

/** Reads one line and leaves what follows it unread; undefined when there is none. */
function firstLine(socket: Socket): Promise<string | undefined> {
  let read = Buffer.alloc(0);
  return new Promise((resolve) => {
    const finish = (line: string | undefined): void => {
      socket.off('readable', look).off('end', none).off('close', none).off('error', none);
      resolve(line);
    };
    const none = (): void => finish(undefined);
    const look = (): void => {
      for (;;) {
        const piece = socket.read() as Buffer | null; // no encoding is set
        if (piece === null) return;
        read = Buffer.concat([read, piece]);
        const end = read.indexOf(0x0a);
        if (end < 0 && read.length > maxAnswerBytes) return none();
        if (end < 0) continue;
        if (end + 1 < read.length) socket.unshift(read.subarray(end + 1));
        return finish(read.subarray(0, end).toString());
      }
    };
    socket.on('readable', look).on('end', none).on('close', none).on('error', none);
  });
}
