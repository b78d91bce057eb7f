/** One client's TCP connection: messages cut out of the stream, any number under way at once, answered as they are ready (RFC 7766). */
import type { Socket } from 'node:net';
import { LENGTH_BYTES } from '#dataplane/dns/respond.ts';

/** How many questions of a connection may wait for their answers, and how many bytes for the client to take them. */
const QUESTIONS_MAX = 100;
const UNSENT_BYTES_MAX = 256 * 1024;

/** The reply to a message with its length before it, at once or later; undefined when it gets none. Never rejects. */
export type RespondToMessage = (message: Buffer) => Buffer | Promise<Buffer | undefined> | undefined;

/**
 * Serves the connection until the client ends it, or for `idleMs` has neither sent a whole question nor taken what it
 * was sent: bytes that trickle in, or an answer that is never read, do not keep it.
 */
export function serveConnection(socket: Socket, respond: RespondToMessage, idleMs: number): void {
  let waiting = 0;
  let hasEnded = false;
  const idle = setTimeout(() => socket.destroy(), idleMs);

  const endIfDone = (): void => {
    if (hasEnded && waiting === 0 && !socket.destroyed) socket.end();
  };
  const send = (reply: Buffer | undefined): void => {
    if (reply !== undefined && !socket.destroyed) socket.write(reply);
  };
  const isBusy = (): boolean => waiting >= QUESTIONS_MAX || socket.writableLength > UNSENT_BYTES_MAX;
  const settle = (reply: Buffer | undefined): void => {
    waiting--;
    send(reply);
    if (!isBusy()) socket.resume();
    endIfDone();
  };
  const take = (message: Buffer): void => {
    idle.refresh();
    const reply = respond(message);
    if (!(reply instanceof Promise)) return send(reply);
    waiting++;
    void reply.then(settle);
  };

  const feed = messageReader(take);
  socket.on('data', (chunk: Buffer) => {
    socket.cork(); // pipelined answers go out together
    feed(chunk);
    socket.uncork();
    if (isBusy()) socket.pause();
  });
  socket.on('drain', () => {
    if (!isBusy()) socket.resume();
  });
  socket.on('end', () => {
    hasEnded = true;
    endIfDone();
  });
  socket.on('error', () => socket.destroy()); // resets are the client's own affair
  socket.on('close', () => clearTimeout(idle));
}

/** Puts chunks of a stream in, takes whole messages out. Messages that lie whole in a chunk are not copied. */
export function messageReader(take: (message: Buffer) => void): (chunk: Buffer) => void {
  let lengthHigh: number | undefined; // the first of two length bytes, when a chunk ended between them
  let part: Buffer | undefined; // a message that is not whole yet, at its full length
  let filled = 0;
  return (chunk) => {
    let at = 0;
    while (at < chunk.length) {
      if (part !== undefined) {
        const copied = chunk.copy(part, filled, at);
        filled += copied;
        at += copied;
        if (filled < part.length) return;
        const whole = part;
        part = undefined;
        take(whole);
        continue;
      }
      if (lengthHigh === undefined && chunk.length - at < LENGTH_BYTES) {
        lengthHigh = chunk[at];
        return;
      }
      const length = lengthHigh === undefined ? chunk.readUInt16BE(at) : (lengthHigh << 8) | (chunk[at] ?? 0); // at is inside
      at += lengthHigh === undefined ? LENGTH_BYTES : 1;
      lengthHigh = undefined;
      if (chunk.length - at >= length) take(chunk.subarray(at, (at += length)));
      else {
        part = Buffer.allocUnsafe(length);
        filled = 0;
      }
    }
  };
}
