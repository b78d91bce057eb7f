/** Connections that begin on Keiro's internet: asked for at the dial socket, then passed on byte for byte. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { Complaint } from '#cli/complaint.ts';
import { formatEndpoint, type Endpoint } from '#cli/endpoint.ts';
import { findSettled, whyNoPackets } from '#cli/fabric-of.ts';
import { absence, type LocateOptions } from '#cli/locate.ts';
import { dialSocket } from '#dataplane/fabric/public.ts';

/** Opens a connection, or rejects with a Complaint that says why not. */
export type Dial = (to: Endpoint) => Promise<Socket>;

/** The longest first line that is an answer: beyond it, whoever speaks is not Keiro. */
const maxAnswerBytes = 1_000;

/** @throws Complaint when no Keiro runs there */
export async function dialerOf(options: LocateOptions): Promise<Dial> {
  const { health, place } = await findSettled(options);
  if (!health) throw new Complaint(absence(place));
  const path = dialSocket(health.data);
  return (to) => dial(path, to, () => new Complaint(whyNoPackets(health)));
}

/** @param absent what to say when nobody listens at the path */
export async function dial(path: string, to: Endpoint, absent: () => Complaint): Promise<Socket> {
  const socket = connect({ path, allowHalfOpen: true });
  try {
    await once(socket, 'connect');
  } catch {
    throw absent();
  }
  socket.write(`connect ${to.host} ${to.port}\n`);
  const answer = await firstLine(socket);
  if (answer === 'ok') return socket;
  socket.destroy();
  throw new Complaint(`${formatEndpoint(to)}: ${answer?.replace(/^error /, '') ?? 'the connection ended before it was open'}`);
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
