/** A network load balancer's listener that ends in a process: TLS, and targets that want the PROXY header. */
import { connect, createServer, type Socket } from 'node:net';
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

export interface RelayOptions {
  readonly address: string;
  readonly port: number;
  /** Gives a function that takes connections of which nothing has been read, and hands them on in clear text. */
  readonly secure?: (take: (clear: Socket) => void) => (socket: Socket) => void;
  readonly idleSeconds: number;
  /** The next target for a client; undefined when there is none: the connection is reset, as AWS does. */
  readonly pick: (clientAddress: string, tried: readonly RelayTarget[]) => RelayTarget | undefined;
}

export interface Relay {
  /** No new connections; those that are open go on until they end. */
  close(): void;
}

export async function openRelay(options: RelayOptions): Promise<Relay> {
  const take = (client: Socket): void => join(client, options);
  const settings = { allowHalfOpen: true, noDelay: true, pauseOnConnect: options.secure !== undefined };
  const server = createServer(settings, options.secure?.(take) ?? take);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen({ host: options.address, port: options.port, reusePort: true, ipv6Only: true }, resolve);
  });
  server.on('error', () => undefined); // e.g. no file descriptor left: it goes on
  return { close: () => void server.close() };
}

function join(client: Socket, { pick, idleSeconds }: Pick<RelayOptions, 'pick' | 'idleSeconds'>): void {
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
    let isOpen = false;
    target.begin();
    far.on('error', () => far.destroy());
    far.once('connect', () => {
      isOpen = true;
      clearTimeout(late);
      if (target.hasProxyHeader)
        far.write(proxyHeader({ sourceAddress: remoteAddress, sourcePort: remotePort, destinationAddress: localAddress, destinationPort: localPort })); // prettier-ignore
      client.pipe(far);
      far.pipe(client);
      for (const socket of [client, far])
        socket.setTimeout(idleSeconds * 1_000, () => [client, far].forEach((one) => one.resetAndDestroy()));
    });
    far.once('close', () => {
      clearTimeout(late);
      target.end();
      if (isOpen) client.destroy();
      else next();
    });
    client.once('close', () => far.destroy());
  };
  next();
}
