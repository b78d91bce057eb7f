/** Waits for a client's first message, to choose its certificate before TLS begins. */
import type { Socket } from 'node:net';
import { readHello } from '#dataplane/balancer/tls/client-hello.ts';

/**
 * Calls `done` with the name that the client asks for, once its ClientHello is there or what it sends is none. All that was read is
 * put back, and the socket is paused: it is to be given to TLS in the same turn. A client that ends, fails or takes longer is cut off.
 */
export function awaitHello(socket: Socket, timeoutMs: number, done: (serverName: string | undefined) => void): void {
  const read: Buffer[] = [];
  const onData = (bytes: Buffer): void => {
    read.push(bytes);
    const all = read.length === 1 ? bytes : Buffer.concat(read);
    const hello = readHello(all);
    if (hello === 'more') return;
    forget();
    socket.allowHalfOpen = false; // the TLS socket takes this over: who ends within the handshake is gone
    socket.pause(); // TLS takes what has been read by itself, and `data` without a listener would lose it
    socket.unshift(all);
    done(hello.serverName);
  };
  const onGone = (): void => {
    forget();
    socket.destroy();
  };
  const timer = setTimeout(onGone, timeoutMs);
  const forget = (): void => {
    clearTimeout(timer);
    socket.off('data', onData).off('end', onGone).off('error', onGone).off('close', onGone);
  };
  socket.on('data', onData).on('end', onGone).on('error', onGone).on('close', onGone);
  socket.resume();
}
