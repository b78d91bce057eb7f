/** For tests: a front on a free port, targets that do as they are told, and a client that speaks in octets. */
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import type { BalancerAttributes } from '#model/balancer.ts';
import type { AccessRecord } from '#dataplane/balancer/http/access.ts';
import type { FrontTls } from '#dataplane/balancer/http/front-state.ts';
import { openHttpFront, type HttpFront } from '#dataplane/balancer/http/front.ts';
import { defaultAttributes, groupOf, listenerAt, TurnRouter } from '#dataplane/balancer/http/front.fixture.ts';

/** What a target does with a connection. Sockets are half open, errors are swallowed. */
export type Behaviour = (socket: Socket, target: RawTarget) => void;

export class RawTarget {
  /** All that came, one text a connection. */
  readonly heard: string[] = [];
  readonly sockets = new Set<Socket>();
  readonly server: Server;

  constructor(behave: Behaviour) {
    this.server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
      const index = this.heard.push('') - 1;
      this.sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => this.sockets.delete(socket));
      socket.on('data', (bytes) => (this.heard[index] += bytes.toString('latin1')));
      behave(socket, this);
    });
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port; // it listens on TCP
  }

  /** Requests that have come, over all connections. */
  get text(): string {
    return this.heard.join('');
  }
}

/** Answers every head that comes with the same octets. */
export const answering =
  (answer: string): Behaviour =>
  (socket) => {
    let text = '';
    socket.on('data', (bytes) => {
      text += bytes.toString('latin1');
      for (let end = text.indexOf('\r\n\r\n'); end >= 0; end = text.indexOf('\r\n\r\n')) {
        text = text.slice(end + 4);
        socket.write(answer, 'latin1');
      }
    });
    socket.on('end', () => socket.end());
  };

export const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';

export interface World {
  readonly front: HttpFront;
  readonly port: number;
  readonly router: TurnRouter;
  readonly records: AccessRecord[];
  readonly faults: unknown[];
}

const cleanups: (() => Promise<void>)[] = [];

/** Ends all that `worldOf` and `targetOf` have begun. For `afterEach`. */
export async function cleanUp(): Promise<void> {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
}

export function atEnd(cleanup: () => Promise<void>): void {
  cleanups.push(cleanup);
}

export async function targetOf(behave: Behaviour): Promise<RawTarget> {
  const target = new RawTarget(behave);
  target.server.listen(0, '127.0.0.1');
  await once(target.server, 'listening');
  atEnd(async () => {
    for (const socket of target.sockets) socket.destroy();
    target.server.close();
    await Promise.resolve();
  });
  return target;
}

export async function worldOf(
  ports: readonly number[],
  attributes: Partial<BalancerAttributes> = {},
  { tls, targetProtocol = 'HTTP', listenerPort = 80 }: { tls?: FrontTls; targetProtocol?: 'HTTP' | 'HTTPS'; listenerPort?: number } = {},
): Promise<World> {
  const router = new TurnRouter(groupOf(ports, targetProtocol));
  const records: AccessRecord[] = [];
  const faults: unknown[] = [];
  const front = await openHttpFront({
    listen: { port: 0, addresses: ['127.0.0.1'] },
    listener: listenerAt(listenerPort, tls ? 'HTTPS' : 'HTTP'),
    attributes: { ...defaultAttributes, ...attributes },
    router,
    onAccess: (record) => records.push(record),
    onFault: (error) => faults.push(error),
    ...(tls ? { tls } : {}),
  });
  atEnd(async () => front.close({ graceMs: 0 }));
  return { front, port: front.ports[0] ?? 0, router, records, faults };
}

/** A client's connection: what has come so far, and waiting for more of it. */
export class RawClient {
  readonly socket: Socket;
  text = '';
  isEnded = false;
  isClosed = false;
  #wake: (() => void)[] = [];

  constructor(port: number) {
    this.socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
    const wake = (): void => {
      for (const one of this.#wake.splice(0)) one();
    };
    this.socket.on('data', (bytes) => {
      this.text += bytes.toString('latin1');
      wake();
    });
    this.socket.on('end', () => {
      this.isEnded = true;
      wake();
    });
    this.socket.on('error', () => undefined);
    this.socket.on('close', () => {
      this.isClosed = true;
      wake();
    });
    atEnd(async () => {
      this.socket.destroy();
      await Promise.resolve();
    });
  }

  send(text: string): this {
    this.socket.write(text, 'latin1');
    return this;
  }

  /** Until something holds, or so much time has passed. */
  async until(holds: (client: this) => boolean, ms = 3_000): Promise<this> {
    const endMs = performance.now() + ms;
    while (!holds(this) && performance.now() < endMs) {
      await new Promise<void>((done) => {
        const timer = setTimeout(done, 20);
        this.#wake.push(() => {
          clearTimeout(timer);
          done();
        });
      });
    }
    return this;
  }

  /** All that comes until the other side closes. */
  async all(): Promise<string> {
    await this.until((client) => client.isEnded || client.isClosed);
    return this.text;
  }

  /** So many status lines. */
  async answers(count: number): Promise<string> {
    await this.until((client) => client.statuses.length >= count || client.isEnded);
    return this.text;
  }

  get statuses(): number[] {
    return [...this.text.matchAll(/HTTP\/1\.1 (\d{3})/g)].map((match) => Number(match[1]));
  }
}

/** Sends octets and takes what comes until the other side closes. */
export async function converse(port: number, text: string): Promise<string> {
  return new RawClient(port).send(text).all();
}

export async function eventually(holds: () => boolean, ms = 2_000): Promise<boolean> {
  const endMs = performance.now() + ms;
  while (!holds() && performance.now() < endMs) await new Promise((done) => setTimeout(done, 5));
  return holds();
}
