/** Names under `localhost` that are load balancers: connections for them are passed on, byte for byte, to their public addresses, or where they listen on the host. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { readHello } from '#dataplane/balancer/tls/client-hello.ts';
import { dialInternet } from '#dataplane/fabric/public.ts';
import { joinSockets } from '#dataplane/process/join-sockets.ts';
import type { Balancer, BalancerListener } from '#model/balancer.ts';
import type { Packets } from '#server/packets.ts';
import { balancerIds, balancerOf } from '#services/elbv2/public.ts';
import type { Store } from '#store/store.ts';

/** Takes a connection by its first bytes, or leaves it to others. */
export type TakeConnection = (socket: Socket, first: Buffer) => boolean;

const NAME = /^(.+)\.elb\.([a-z0-9-]+)\.localhost$/;
/** RFC 9112 section 3.2; the first line that says it counts. */
const HOST_LINE = /\r\n[Hh][Oo][Ss][Tt]:[ \t]*([^\r\n: \t]+)/;
/** Bytes of a first piece in which the line is looked for. */
const LOOKED_AT = 16_384;

export interface VirtualHostsOptions {
  readonly store: Pick<Store, 'reader'>;
  /** The unix socket that relays to Keiro's internet. */
  readonly dialSocket: string;
  /** Says where listeners are when no packets move. */
  readonly packets: Pick<Packets, 'observed' | 'hostPort'>;
}

/** `NAME-ID.elb.REGION.localhost`: in the clear to the first HTTP or TCP listener, over TLS to the first HTTPS or TLS one. */
export function createVirtualHosts(options: VirtualHostsOptions): TakeConnection {
  const { store, packets } = options;
  return (socket, first) => {
    const isTls = first[0] === 0x16;
    const name = isTls ? serverNameOf(first) : HOST_LINE.exec(first.toString('latin1', 0, LOOKED_AT))?.[1]?.toLowerCase();
    const [, label = '', region = ''] = NAME.exec(name ?? '') ?? [];
    if (label === '') return false;
    socket.pause();
    socket.on('error', () => socket.destroy());
    const refuse = (status: string, words: string): void => void (isTls ? socket.destroy() : socket.end(answer(status, words)));
    const balancer = find(store, label, region);
    if (balancer === undefined) refuse('404 Not Found', `there is no load balancer ${label} in ${region}`);
    else if (!balancer.isInternetFacing && packets.observed.balancesOnHost !== true) refuse('404 Not Found', `${balancer.dnsName} is internal: it is reached from its VPC (keiro exec INSTANCE -- curl …)`);
    else void pass(socket, first, balancer, isTls, options).catch((error: unknown) => refuse('503 Service Unavailable', error instanceof Error ? error.message : String(error))); // prettier-ignore
    return true;
  };
}

/** The name under `localhost` that leads to a load balancer. */
export function localNameOf({ dnsName, region }: Pick<Balancer, 'dnsName' | 'region'>): string {
  return `${dnsName.split('.', 1)[0]}.elb.${region}.localhost`;
}

/** Undefined also when the name is not in the first piece. */
function serverNameOf(first: Buffer): string | undefined {
  const hello = readHello(first);
  return hello === 'more' ? undefined : hello.serverName?.toLowerCase();
}

async function pass(socket: Socket, first: Buffer, balancer: Balancer, isTls: boolean, options: VirtualHostsOptions): Promise<void> {
  const kinds = isTls ? ['HTTPS', 'TLS'] : ['HTTP', 'TCP'];
  const listener = balancer.listeners.filter(({ protocol }) => kinds.includes(protocol)).toSorted((a, b) => a.port - b.port)[0];
  if (listener === undefined) throw new Error(`${balancer.dnsName} has no ${kinds.join(' or ')} listener`);
  const { packets, dialSocket } = options;
  const far = packets.observed.balancesOnHost === true ? await toHost(listener, packets) : await toInternet(balancer, listener, dialSocket);
  if (socket.destroyed) return void far.destroy();
  far.write(first);
  joinSockets(socket, far);
}

async function toInternet(balancer: Balancer, { port }: BalancerListener, path: string): Promise<Socket> {
  const host = balancer.nodes.flatMap(({ publicAddress }) => publicAddress ?? [])[0];
  if (host === undefined) throw new Error(`${balancer.dnsName} has no public address`);
  const far = await dialInternet(path, host, port);
  if (far === undefined) throw new Error('packets do not move yet, so no load balancer answers: `keiro status` says more');
  return far;
}

async function toHost({ id, protocol, port }: BalancerListener, packets: VirtualHostsOptions['packets']): Promise<Socket> {
  const hostPort = await packets.hostPort(id);
  if (hostPort === undefined) throw new Error(`the listener ${protocol} ${port} is not open: Keiro's log says why`);
  const far = connect({ host: '127.0.0.1', port: hostPort, allowHalfOpen: true, noDelay: true });
  await once(far, 'connect');
  return far;
}

function find(store: Pick<Store, 'reader'>, label: string, region: string): Balancer | undefined {
  const names = new Set([`${label}.${region}.elb.amazonaws.com`, `${label}.elb.${region}.amazonaws.com`]);
  for (const partition of store.reader({ account: '', region: '' }).partitions()) {
    if (partition.region !== region) continue;
    const reader = store.reader(partition);
    for (const id of balancerIds(reader)) {
      const balancer = balancerOf(reader, id);
      if (balancer !== undefined && names.has(balancer.dnsName)) return balancer;
    }
  }
  return undefined;
}

function answer(status: string, words: string): string {
  const body = `${words}\n`;
  return `HTTP/1.1 ${status}\r\ncontent-type: text/plain; charset=utf-8\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`;
}
