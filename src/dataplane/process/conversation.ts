/** Control's end of a socket that another process of Keiro serves: questions with their answers, and events. */
import { connect, type Socket } from 'node:net';
import { frameOf, frameReader } from './frames.ts';

/** Makes the error of what was refused; without words, of the other end being gone. */
export type Failure = (words?: string) => Error;

export interface Conversation {
  /** Rejects with what was refused, or with the other end being gone. */
  ask(question: object): Promise<Readonly<Record<string, unknown>>>;
  /** Only one listener; what came before it was there is told it first. */
  listen(listener: (event: Readonly<Record<string, unknown>>) => void): void;
  /** Settles when the other end is gone. */
  readonly closed: Promise<void>;
  end(): void;
}

interface Waiting {
  readonly resolve: (answer: Readonly<Record<string, unknown>>) => void;
  readonly reject: (error: Error) => void;
}

/** Undefined when nobody answers there. */
export async function converse(socketPath: string, failure: Failure): Promise<Conversation | undefined> {
  const socket = await open(socketPath);
  return socket === undefined ? undefined : converseOver(socket, failure);
}

async function open(socketPath: string): Promise<Socket | undefined> {
  return new Promise((resolve) => {
    const socket = connect(socketPath);
    socket.once('connect', () => resolve(socket.removeAllListeners('error'))).once('error', () => resolve(undefined));
  });
}

function converseOver(socket: Socket, failure: Failure): Conversation {
  const waiting = new Map<number, Waiting>();
  const early: Readonly<Record<string, unknown>>[] = [];
  let listener: ((event: Readonly<Record<string, unknown>>) => void) | undefined;
  let lastId = 0;
  const read = frameReader((value) => {
    const told = value as Readonly<Record<string, unknown>>; // a process of ours speaks
    if (typeof told['id'] !== 'number') {
      if (listener === undefined) early.push(told);
      else listener(told);
      return;
    }
    const asker = waiting.get(told['id']);
    waiting.delete(told['id']);
    if (typeof told['error'] === 'string') asker?.reject(failure(told['error']));
    else asker?.resolve(told);
  });
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  void closed.then(() => {
    for (const { reject } of waiting.values()) reject(failure());
    waiting.clear();
  });
  socket
    .on('data', (piece: Buffer) => {
      try {
        read(piece);
      } catch {
        socket.destroy();
      }
    })
    .on('error', () => socket.destroy());
  return {
    ask: async (question) =>
      new Promise((resolve, reject) => {
        if (socket.destroyed || !socket.writable) return reject(failure());
        const id = ++lastId;
        waiting.set(id, { resolve, reject });
        socket.write(frameOf({ ...question, id }));
      }),
    listen: (wanted) => {
      listener = wanted;
      for (const event of early.splice(0)) wanted(event);
    },
    closed,
    end: () => socket.end(),
  };
}
