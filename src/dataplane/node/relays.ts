/** Connections passed on byte for byte: from the internet to the API's front door, and from the host into the internet. */
import { createServer, connect, isIP, type Server, type Socket } from 'node:net';
import { RecordClass, RecordType } from '#dataplane/dns/codec/message.ts';
import type { Resolve } from '#dataplane/dns/resolver.ts';
import { joinSockets } from '#dataplane/process/join-sockets.ts';
import { listenPrivately } from '#dataplane/process/listen-privately.ts';
import { formatIp, parseIp } from '#model/ip.ts';

/** Milliseconds that a connection to be relayed may take to open. */
const CONNECT_MS = 10_000;
/** Connections relayed at once. */
const RELAYED_MAX = 4_096;
/** Bytes of the line that says where to. */
const LINE_MAX = 512;

/** Listens at a port of the services and passes what comes on to a unix socket. */
export async function relayToSocket(address: string, port: number, path: string): Promise<Server> {
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    const inner = connect({ path, allowHalfOpen: true });
    joinSockets(client, inner);
  });
  server.maxConnections = RELAYED_MAX;
  await listening(server, () => server.listen({ host: address, port, ipv6Only: true }));
  return server;
}

/** Takes `connect HOST PORT` and a line end at a unix socket of its owner's alone, answers `ok` or `error WORDS`, then relays. */
export async function openDialSocket(path: string, resolve: Resolve): Promise<Server> {
  const server = createServer({ allowHalfOpen: true }, (client) => {
    let read = Buffer.alloc(0);
    client.on('error', () => client.destroy());
    const onData = (piece: Buffer): void => {
      read = Buffer.concat([read, piece]);
      const end = read.indexOf(0x0a);
      if (end < 0 && read.length <= LINE_MAX) return;
      client.off('data', onData);
      client.pause();
      const line = read.subarray(0, Math.max(end, 0)).toString();
      if (read.length > end + 1) client.unshift(read.subarray(end + 1));
      dial(line, resolve, client).catch(() => client.destroy());
    };
    client.on('data', onData);
  });
  server.maxConnections = RELAYED_MAX;
  await listenPrivately(server, path);
  server.on('error', () => undefined); // e.g. no file descriptor left: it goes on
  return server;
}

async function dial(line: string, resolve: Resolve, client: Socket): Promise<void> {
  const [, host, portText] = /^connect (\S+) (\d{1,5})$/.exec(line.trim()) ?? [];
  const port = Number(portText);
  const refuse = (words: string): void => void client.end(`error ${words}\n`);
  if (host === undefined || port < 1 || port > 65_535) return refuse('say: connect HOST PORT');
  const address = isIP(host) === 0 ? await addressOf(host, resolve) : host;
  if (address === undefined) return refuse(`nobody on Keiro's internet is called ${host}`);
  if (client.destroyed) return;
  const far = connect({ host: address, port, allowHalfOpen: true, noDelay: true });
  far.setTimeout(CONNECT_MS, () => far.destroy(Object.assign(new Error('no answer'), { code: 'ETIMEDOUT' })));
  const failed = (error: NodeJS.ErrnoException): void => refuse(wordsOf(error));
  far.once('error', failed);
  client.once('close', () => far.destroy());
  far.once('connect', () => {
    far.setTimeout(0).off('error', failed);
    client.write('ok\n');
    joinSockets(client, far);
    client.resume();
  });
}

function wordsOf({ code, message }: NodeJS.ErrnoException): string {
  switch (code) {
    case 'ECONNREFUSED':
      return 'connection refused: nothing listens there';
    case 'ETIMEDOUT':
      return `no answer within ${CONNECT_MS / 1000} s ('keiro trace' says what stops the packets)`;
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return 'no route to host: nobody has this address';
    default:
      return code ?? message;
  }
}

/** By Keiro's own internet's names; IPv4 first. */
async function addressOf(host: string, resolve: Resolve): Promise<string | undefined> {
  const name = host.toLowerCase().replace(/\.$/, '');
  const source = parseIp('127.0.0.1')!; // a literal
  for (const type of [RecordType.A, RecordType.AAAA]) {
    const { records } = await resolve({ name, type, class: RecordClass.IN }, { networkId: undefined, source });
    for (const { data } of records) if (data.kind === 'A' || data.kind === 'AAAA') return formatIp(data.address);
  }
  return undefined;
}

async function listening(server: Server, listen: () => void): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).once('listening', resolve);
    listen();
  });
  server.on('error', () => undefined); // e.g. no file descriptor left: it goes on
}
