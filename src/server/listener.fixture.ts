/** Listeners and raw clients for the tests of the front door. */
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { afterEach } from 'vitest';
import type { HttpRequest } from '#protocol/http.ts';
import { createLog } from '#server/log.ts';
import { listen } from '#server/listener.ts';
import type { Connection, Listener, ListenerOptions } from '#server/listener.ts';
import { openLocalCa } from '#server/local-ca.ts';

const opened: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of opened.splice(0).toReversed()) await close();
});

/** Runs after the test, the latest first. */
export const afterwards = (work: () => unknown): void => void opened.push(work);

/** Says back what arrived. */
export const echo = async (request: HttpRequest, connection: Connection) => ({
  status: 200,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ ...request, body: request.body.toString('latin1'), connection: { ...connection, requestsInFlight: undefined } }),
});

/** A listener on a free port, closed after the test; it echoes when not told otherwise. */
export async function open(options: Partial<ListenerOptions> = {}, directory = ''): Promise<Listener> {
  const listener = await listen({
    host: '127.0.0.1',
    port: 0,
    respond: echo,
    tls: async () => (await openLocalCa(directory)).serve(),
    log: createLog('silent'),
    ...options,
    limits: { drainMs: 200, ...options.limits },
  });
  afterwards(() => listener.close());
  return listener;
}

/** Waits until a condition holds. */
export async function until(condition: () => boolean, what: string, deadlineMs = 5_000): Promise<void> {
  const end = Date.now() + deadlineMs;
  while (!condition()) {
    if (Date.now() > end) throw new Error(`${what}: not within ${deadlineMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

export interface RawClient {
  readonly socket: Socket;
  /** Everything that came, as Latin-1. */
  received(): string;
  send(text: string): void;
  /** Resolves when the other side has closed. */
  readonly closed: Promise<void>;
}

/** A client that sends bytes as told. */
export async function rawClient(port: number): Promise<RawClient> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  afterwards(() => socket.destroy());
  let received = '';
  socket.on('data', (chunk: Buffer) => {
    received += chunk.toString('latin1');
  });
  socket.on('error', () => undefined); // a reset is an end too
  const closed = new Promise<void>((resolve) => {
    socket.on('end', resolve);
    socket.on('close', () => resolve());
  });
  await Promise.race([new Promise<void>((resolve) => socket.once('connect', resolve)), closed]);
  return { socket, received: () => received, send: (text) => void socket.write(text, 'latin1'), closed };
}

/** Sends text on a connection of its own and gives back what came, once `enough` says so or the server closes. */
export async function exchange(port: number, text: string, enough: (received: string) => boolean = () => false): Promise<string> {
  const client = await rawClient(port);
  client.send(text);
  await Promise.race([client.closed, until(() => enough(client.received()), `an answer to ${text.slice(0, 40)}`)]);
  return client.received();
}
