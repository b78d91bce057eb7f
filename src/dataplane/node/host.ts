/** Names for people on the host: a port on the loopback, in a process that outlives control. With a fabric questions are passed on into it, else they are answered here. */
import process from 'node:process';
import { openMmdb } from '#dataplane/dns/geo/mmdb.ts';
import { serveSocket } from '#dataplane/process/serve.ts';
import { checkers, type CheckStatus } from '#model/health-check.ts';
import type { Id } from '#model/topology.ts';
import { World } from '#model/world.ts';
import { openDnsRelay } from './dns-relay.ts';
import { HOST_NAMES_PROTOCOL, type HostNamesAnswer, type HostNamesEvent, type HostNamesRequest } from './host-messages.ts';
import { openHostNameServer } from './name-servers.ts';
import { Names } from './names.ts';
import type { HostNamesSettings } from './public.ts';

/** Where the platform answers for people on the host. */
const PLATFORM = { ipv4: '127.0.0.1', ipv6: '::1' } as const;

export async function serveHost(settings: HostNamesSettings): Promise<void> {
  const { hostSocket, address, ports, namesSocket, geoFile } = settings;
  let tell: (event: HostNamesEvent) => void = () => undefined;
  const fault = (error: unknown): void =>
    tell({ event: 'fault', words: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  process.on('uncaughtException', fault); // bytes of strangers end no one else's questions
  process.on('unhandledRejection', fault);
  const statuses = new Map<Id, CheckStatus>();
  const world = new World();
  const names =
    namesSocket === undefined
      ? new Names({
          ...{ world, platform: PLATFORM, resolvers: [], answersAll: true },
          checkers: checkers.map(({ region }) => ({ region })), // from whatever address the system chooses
          mmdb: geoFile === undefined ? undefined : openMmdb(geoFile),
          onChecks: (fresh) => {
            for (const status of fresh) statuses.set(status.id, status);
            tell({ event: 'checks', statuses: fresh });
          },
        })
      : undefined;
  const port = await firstFree(ports, async (one) =>
    names === undefined
      ? (await openDnsRelay({ address, port: one, path: namesSocket ?? '' })).port
      : openHostNameServer({ names, onError: fault }, address, one),
  );
  const answer = async (request: HostNamesRequest): Promise<HostNamesAnswer> => {
    const { id } = request;
    if (request.do === 'want') {
      world.take(request.wanted);
      names?.take(request.wanted);
      for (const [kind, gone] of request.wanted.goneHoldings) if (kind === 'healthCheck') statuses.delete(gone);
    }
    if (request.do === 'stop') setTimeout(() => process.exit(0), 20); // the answer leaves first
    return { id, status: { protocol: HOST_NAMES_PROTOCOL, pid: process.pid, settings: JSON.stringify(settings), address, port } };
  };
  const served = await serveSocket(
    hostSocket,
    async (request) => answer(request as HostNamesRequest), // what control asks
    (say) => void (statuses.size > 0 && say({ event: 'checks', statuses: [...statuses.values()] } satisfies HostNamesEvent)),
  );
  tell = (event) => served.tell(event);
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined); // whoever started it goes away
  process.stdout.write('ready\n');
}

/** @throws the last port's error, when none can be had */
async function firstFree(ports: readonly number[], open: (port: number) => Promise<number>): Promise<number> {
  let last: unknown;
  for (const port of ports) {
    try {
      return await open(port);
    } catch (error) {
      last = error;
    }
  }
  throw last;
}
