/** A listener of an application load balancer: what comes in by its port becomes requests, and goes to whom its router names. */
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import type { BalancerAttributes, BalancerListener } from '#model/balancer.ts';
import type { ListenerRouter } from '#dataplane/balancer/decision.ts';
import type { OnAccess } from '#dataplane/balancer/http/access.ts';
import { ClientConnection, type ClientHome } from '#dataplane/balancer/http/client-connection.ts';
import { clientFacts } from '#dataplane/balancer/http/client-facts.ts';
import type { FrontState, FrontTls } from '#dataplane/balancer/http/front-state.ts';
import { Http2Connection, type Http2Home } from '#dataplane/balancer/http/http2-connection.ts';
import { Handshake, type Secured } from '#dataplane/balancer/http/tls-front.ts';
import { TargetPools } from '#dataplane/balancer/http/target-pool.ts';
import { TimerWheel } from '#dataplane/balancer/http/timer-wheel.ts';
import { Wire } from '#dataplane/balancer/http/wire.ts';

export interface FrontSettings {
  readonly listener: BalancerListener;
  readonly attributes: BalancerAttributes;
  readonly router: ListenerRouter;
  /** For an HTTPS listener. */
  readonly tls?: FrontTls;
}

export interface FrontOptions extends FrontSettings {
  /** Where to listen. Several processes can with `reusePort`: the kernel shares connections out. */
  readonly listen: { readonly port: number; readonly addresses: readonly string[]; readonly reusePort?: boolean } | Server;
  /** Where connections to targets come from. */
  readonly localAddress?: string;
  /** Once a request, when it is over. */
  readonly onAccess?: OnAccess;
  /** Told of errors of the engine's own or of the router's; the request or connection that met one is ended. */
  readonly onFault?: (error: unknown) => void;
}

export interface HttpFront {
  /** The ports that it listens at, one for each address. */
  readonly ports: readonly number[];
  /** Connections of clients. */
  readonly connections: number;
  /** What is under way goes on; requests from now on go by this. */
  update(settings: Partial<FrontSettings>): void;
  /** Ends what is under way with a target: its deregistration delay is over. */
  cutTarget(address: string, port: number): void;
  /** Takes no more connections, finishes what is under way for so long at most, then ends the rest. */
  close(options: { readonly graceMs: number }): Promise<void>;
}

const BACKLOG = 4096;
/** How often it is looked whether all connections have gone, while closing. */
const CLOSING_MS = 20;

/** Opens a listener. Throws what listening throws, e.g. EADDRINUSE. */
export async function openHttpFront(options: FrontOptions): Promise<HttpFront> {
  const front = new Front(options);
  await front.listen(options.listen);
  return front;
}

/** What is ended when the front is. */
type Connection = ClientConnection | Http2Connection;

class Front implements HttpFront, ClientHome, Http2Home {
  readonly state: FrontState;
  readonly #connections = new Set<Connection>();
  readonly #handshakes = new Set<Handshake>();
  #servers: Server[] = [];

  constructor(options: FrontOptions) {
    const { listener, attributes, router, tls, localAddress, onAccess } = options;
    const fault = options.onFault ?? (() => undefined);
    const wheel = new TimerWheel();
    this.state = {
      listener,
      attributes,
      router,
      tls,
      isClosing: false,
      protocol: listener.protocol === 'HTTPS' ? 'https' : 'http',
      wheel,
      pools: new TargetPools({ wheel, fault, localAddress, idleMs: attributes.idleSeconds * 1000 }),
      onAccess,
      fault,
    };
  }

  get ports(): readonly number[] {
    return this.#servers.map((server) => {
      const address = server.address();
      return address !== null && typeof address === 'object' ? address.port : 0;
    });
  }

  get connections(): number {
    return this.#connections.size + this.#handshakes.size;
  }

  async listen(where: FrontOptions['listen']): Promise<void> {
    if (!('addresses' in where)) {
      this.#servers = [where];
      where.on('connection', (socket: Socket) => this.#accept(socket));
      return;
    }
    const { port, addresses, reusePort = false } = where;
    for (const host of addresses) {
      const server = createServer({ noDelay: true, allowHalfOpen: true, pauseOnConnect: true }, (socket) => this.#accept(socket));
      this.#servers.push(server);
      server.listen({ port, host, reusePort, backlog: BACKLOG });
      await once(server, 'listening');
      server.on('error', this.state.fault);
    }
  }

  update(settings: Partial<FrontSettings>): void {
    const { state } = this;
    Object.assign(state, settings);
    state.pools.context.idleMs = state.attributes.idleSeconds * 1000;
    state.pools.sweep();
  }

  cutTarget(address: string, port: number): void {
    this.state.pools.cut(address, port);
  }

  forget(connection: Connection): void {
    this.#connections.delete(connection);
  }

  async close({ graceMs }: { readonly graceMs: number }): Promise<void> {
    const { state } = this;
    state.isClosing = true;
    for (const server of this.#servers) server.close();
    for (const connection of this.#connections) connection.leave();
    const endMs = performance.now() + graceMs;
    while (this.connections > 0 && performance.now() < endMs) await new Promise((done) => setTimeout(done, CLOSING_MS));
    for (const connection of [...this.#connections, ...this.#handshakes]) connection.destroy();
    state.pools.cutAll();
    while (this.#connections.size > 0) await new Promise((done) => setTimeout(done, 1));
    state.wheel.stop();
  }

  #accept(socket: Socket): void {
    if (this.state.protocol === 'https') {
      this.#handshakes.add(new Handshake(this.state, socket, (handshake, secured) => this.#secured(handshake, secured)));
      return;
    }
    const client = clientFacts(socket, undefined, undefined);
    this.#add(new ClientConnection(this, (user) => Wire.accepted(socket, user, this.state.fault), client, undefined));
  }

  #secured(handshake: Handshake, secured: Secured | undefined): void {
    this.#handshakes.delete(handshake);
    if (!secured) return;
    const { socket, isHttp2, facts } = secured;
    const client = clientFacts(socket, socket.getProtocol() ?? undefined, socket.getCipher().name);
    this.#add(
      isHttp2
        ? new Http2Connection(this, socket, client, facts)
        : new ClientConnection(this, (user) => Wire.over(socket, user, this.state.fault), client, facts),
    );
  }

  #add(connection: Connection): void {
    this.#connections.add(connection);
    // Its handshake was under way when the others were told.
    if (this.state.isClosing) connection.leave();
  }
}
