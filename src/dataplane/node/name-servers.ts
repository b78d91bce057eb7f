/** The name servers of Keiro's internet: each zone's sets, the registries' and the root's, on their own addresses; and one for the host, behind a socket. */
import { createSocket } from 'node:dgram';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { openAuthorityServer, type ListenerOptions } from '#dataplane/dns/authority/public.ts';
import { LENGTH_BYTES } from '#dataplane/dns/respond.ts';
import { messageReader } from '#dataplane/dns/tcp-connection.ts';
import { joinSockets } from '#dataplane/process/join-sockets.ts';
import { listenPrivately } from '#dataplane/process/listen-privately.ts';
import { nameServerSet, registryServer, rootServer, SETS } from '#model/name-servers.ts';
import { OVER_TCP } from './dns-relay.ts';
import type { Names } from './names.ts';

const DNS_PORT = 53;
/** Where the host's questions are answered, inside. */
const FOR_HOST = '127.0.0.1';
const CONNECTIONS_MAX = 200;

function internetListeners(): ListenerOptions[] {
  const port = DNS_PORT;
  const sets = Array.from({ length: SETS }, (_, set) =>
    nameServerSet(set).map((server) => ({ ...server, role: { kind: 'set', set } as const })),
  );
  const all = [
    { ...rootServer, role: { kind: 'root' } as const },
    { ...registryServer, role: { kind: 'registry' } as const },
    ...sets.flat(),
  ];
  return all.flatMap(({ ipv4, ipv6, role }) => [ipv4, ipv6].map((address) => ({ address, port, role })));
}

export interface NameServersOptions {
  readonly names: Names;
  readonly onError: (error: unknown) => void;
}

/** On Keiro's internet. @throws the system's error when an address is not there */
export async function openInternetNameServers(options: NameServersOptions): Promise<void> {
  await openNameServers(options, [...internetListeners(), { address: FOR_HOST, port: DNS_PORT, role: { kind: 'any' } }]);
}

/** Anywhere: a server that answers for every zone, and looks up what is in none. Gives its port. */
export async function openHostNameServer(options: NameServersOptions, address: string, port: number): Promise<number> {
  const [listener] = await openNameServers(options, [{ address, port, role: { kind: 'any' } }]);
  return listener?.port ?? port;
}

async function openNameServers(
  { names, onError }: NameServersOptions,
  listeners: readonly ListenerOptions[],
): Promise<readonly ListenerOptions[]> {
  const server = await openAuthorityServer({
    listeners,
    zones: names.zones,
    ...names.seams,
    fallback: (question, { source }) => names.resolve(question, { networkId: undefined, source }),
    onError,
  });
  return server.listeners;
}

/** The way in from the host's own port: a unix socket that `openDnsRelay` of another process speaks to. */
export async function openNamesSocket(path: string): Promise<Server> {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => socket.destroy());
    socket.once('data', (first: Buffer) => {
      socket.pause();
      if (first.length > 1) socket.unshift(first.subarray(1));
      if (first[0] === OVER_TCP) joinSockets(socket, connect({ host: FOR_HOST, port: DNS_PORT, allowHalfOpen: true, noDelay: true }));
      else relayDatagrams(socket);
      socket.resume();
    });
  });
  server.maxConnections = CONNECTIONS_MAX;
  await listenPrivately(server, path);
  return server;
}

/** Each message of the stream is a datagram here, and each reply a message of the stream. */
function relayDatagrams(socket: Socket): void {
  const udp = createSocket('udp4');
  udp.on('error', () => socket.destroy());
  udp.on('message', (reply) => {
    const head = Buffer.alloc(LENGTH_BYTES);
    head.writeUInt16BE(reply.length);
    socket.write(Buffer.concat([head, reply]));
  });
  udp.connect(DNS_PORT, FOR_HOST, () => {
    socket.on('data', messageReader((message) => udp.send(message))); // prettier-ignore
  });
  socket.on('close', () => udp.close());
}
