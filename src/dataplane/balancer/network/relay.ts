/** A network load balancer's listener that ends in a process: TLS, targets that want the PROXY header, and all where the kernel passes nothing on. */
import { connect, createServer, type Server, type Socket } from 'node:net';
import { joinSockets } from '#dataplane/process/join-sockets.ts';
import type { Listening, ListenPlace } from '#dataplane/balancer/listen-places.ts';
import { proxyHeader } from './proxy-header.ts';

/** Milliseconds that a target may take to accept. */
const CONNECT_MS = 10_000;
/** Targets that are tried for a connection. */
const TRIES = 3;

/** Where a connection goes to. */
export interface RelayTarget {
  readonly address: string;
  readonly port: number;
  readonly hasProxyHeader: boolean;
  begin(): void;
  end(): void;
}

/** What changes while a relay is open. */
export interface RelaySettings {
  readonly idleSeconds: number;
}

export interface RelayOptions extends RelaySettings {
  readonly place: ListenPlace;
  /** Takes connections of which nothing has been read, and gives them back in clear text, by `take`. */
  readonly secure?: ((socket: Socket) => void) | undefined;
  /** The next target for a client; undefined when there is none: the connection is reset, as AWS does. */
  readonly pick: (clientAddress: string, tried: readonly RelayTarget[]) => RelayTarget | undefined;
}

export interface Relay extends Listening {
  /** Passes a connection on. */
  take(client: Socket): void;
  /** For connections from now on. */
  change(settings: RelaySettings): void;
  /** Ends the connections to a target. */
  cutTarget(address: string, port: number): void;
  /** No new connections; those that are open go on until they end. */
  close(): void;
}

export async function openRelay(options: RelayOptions): Promise<Relay> {
  const relay = new OpenRelay(options);
  await relay.listen(options.place);
  return relay;
}

class OpenRelay implements Relay {
  readonly #options: RelayOptions;
  #settings: RelaySettings;
  #servers: readonly Server[] = [];
  /** Connections to targets, with where they go. */
  readonly #joined = new Map<Socket, RelayTarget>();

  constructor(options: RelayOptions) {
    this.#options = options;
    this.#settings = options;
  }

  get ports(): readonly number[] {
    return this.#servers.map((server) => {
      const address = server.address();
      return address !== null && typeof address === 'object' ? address.port : 0;
    });
  }

  async listen({ port, addresses, reusePort }: ListenPlace): Promise<void> {
    const { secure } = this.#options;
    for (const host of addresses) {
      const settings = { allowHalfOpen: true, noDelay: true, pauseOnConnect: secure !== undefined };
      const server = createServer(settings, secure ?? ((socket) => this.take(socket)));
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject).listen({ host, port, reusePort, ipv6Only: true }, resolve);
      });
      server.on('error', () => undefined); // e.g. no file descriptor left: it goes on
      this.#servers = [...this.#servers, server];
    }
  }

  change(settings: RelaySettings): void {
    this.#settings = settings;
  }

  cutTarget(address: string, port: number): void {
    for (const [far, target] of this.#joined) if (target.address === address && target.port === port) far.resetAndDestroy();
  }

  close(): void {
    for (const server of this.#servers) server.close();
  }

  take(client: Socket): void {
    const { pick } = this.#options;
    const { remoteAddress = '', remotePort = 0, localAddress = '', localPort = 0 } = client;
    const tried: RelayTarget[] = [];
    client.on('error', () => client.destroy());
    client.pause();
    const next = (): void => {
      const target = tried.length < TRIES ? pick(remoteAddress, tried) : undefined;
      if (target === undefined || client.destroyed) return void client.resetAndDestroy();
      tried.push(target);
      const far = connect({ host: target.address, port: target.port, allowHalfOpen: true, noDelay: true });
      const late = setTimeout(() => far.destroy(), CONNECT_MS);
      const leave = (): void => void far.destroy();
      let isOpen = false;
      target.begin();
      far.on('error', () => far.destroy());
      far.once('connect', () => {
        isOpen = true;
        clearTimeout(late);
        this.#joined.set(far, target);
        if (target.hasProxyHeader)
          far.write(proxyHeader({ sourceAddress: remoteAddress, sourcePort: remotePort, destinationAddress: localAddress, destinationPort: localPort })); // prettier-ignore
        joinSockets(client, far);
        const idleMs = this.#settings.idleSeconds * 1_000;
        for (const socket of [client, far]) socket.setTimeout(idleMs, () => [client, far].forEach((one) => one.resetAndDestroy()));
      });
      far.once('close', () => {
        clearTimeout(late);
        client.off('close', leave);
        this.#joined.delete(far);
        target.end();
        if (!isOpen) next();
      });
      client.once('close', leave);
    };
    next();
  }
}
