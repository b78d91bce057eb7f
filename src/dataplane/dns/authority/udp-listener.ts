/** UDP, where nearly all questions come from: as little as Node allows between a datagram and its reply. */
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { isIPv6 } from 'node:net';
import { LATER, type Responder } from '#dataplane/dns/authority/responder.ts';

export interface UdpOptions {
  readonly address: string;
  readonly port: number;
  readonly reusePort: boolean;
  readonly responder: Responder;
  readonly onError: (error: unknown) => void;
}

export interface UdpListener {
  readonly port: number;
  close(): Promise<void>;
}

/** Questions that wait for somebody else's answer at a time; more are dropped, and asked again. */
const WAITING_MAX = 1_000;
/** Bytes that the kernel has not taken yet; with more, replies are dropped. */
const UNSENT_BYTES_MAX = 1024 * 1024;
/** What the kernel keeps of questions that come faster than they are read, and of replies; it may give less. */
const KERNEL_BYTES = 4 * 1024 * 1024;

/** @throws the system's error when the address cannot be listened on */
export async function openUdp({ address, port, reusePort, responder, onError }: UdpOptions): Promise<UdpListener> {
  const isSix = isIPv6(address);
  const socket = createSocket({
    type: isSix ? 'udp6' : 'udp4',
    ipv6Only: isSix,
    reusePort,
    // Addresses of replies are addresses already. Without this Node would look each up, in a later turn.
    lookup: (host, _options, callback) => callback(null, host, isSix ? 6 : 4),
  });
  const listening = once(socket, 'listening'); // before `bind`: with that lookup it may come at once; rejects with what 'error' says
  try {
    socket.bind({ address, port, exclusive: true });
    await listening;
  } catch (error) {
    socket.close();
    throw error;
  }
  widen(socket);
  socket.on('error', onError);
  serve(socket, responder);
  let closed: Promise<unknown> | undefined;
  const close = (): Promise<unknown> => {
    const end = once(socket, 'close');
    socket.close();
    return end;
  };
  return { port: socket.address().port, close: async () => void (await (closed ??= close())) };
}

/** Bursts are to be answered, not dropped. */
function widen(socket: Socket): void {
  try {
    socket.setRecvBufferSize(KERNEL_BYTES);
    socket.setSendBufferSize(KERNEL_BYTES);
  } catch {
    // The kernel's own sizes will do.
  }
}

function serve(socket: Socket, responder: Responder): void {
  let waiting = 0;
  let isOpen = true;
  let isFull = false;
  socket.on('close', () => (isOpen = false));
  const later = async (port: number, address: string): Promise<void> => {
    if (waiting >= WAITING_MAX) return;
    waiting++;
    const reply = await responder.later; // never rejects
    waiting--;
    if (reply !== undefined && isOpen) socket.send(reply, port, address);
  };
  socket.on('message', (message: Buffer, from: RemoteInfo) => {
    if (from.port === 0) return; // nobody can be there
    const length = responder.respond(message, from.address, 'udp');
    if (length === LATER) return void later(from.port, from.address);
    if (length === 0 || (isFull && socket.getSendQueueSize() > UNSENT_BYTES_MAX)) return;
    socket.send(responder.head(length), from.port, from.address);
    isFull = socket.getSendQueueCount() > 0;
    if (isFull) responder.renewBytes(); // the kernel was full, and Node still has these bytes to send
  });
}
