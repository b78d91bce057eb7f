/** A node's process, started by the fabric in the platform's namespace: names, metadata, the way to the API, the way in from the host. Or names alone, on the host. */
import process from 'node:process';
import { openDnsServer } from '#dataplane/dns/server.ts';
import { openMmdb } from '#dataplane/dns/geo/mmdb.ts';
import { checkers } from '#model/health-check.ts';
import { World } from '#model/world.ts';
import { Desks } from './desks.ts';
import { serveHost } from './host.ts';
import { openInternetNameServers, openNamesSocket } from './name-servers.ts';
import { Names } from './names.ts';
import type { HostNamesSettings, NodeMessage, NodeSettings, NodeWord } from './public.ts';
import { openDialSocket, relayToSocket } from './relays.ts';

const DNS_PORT = 53;
const API_PORTS = [80, 443] as const;

const say = (word: NodeWord): void => void process.send?.(word);
const fault = (error: unknown): void => say({ say: 'fault', words: error instanceof Error ? error.message : String(error) });

async function main(settings: NodeSettings): Promise<void> {
  const world = new World();
  const { resolver, geoFile, forwardTo, serviceAddresses: platform } = settings;
  const names = new Names({
    ...{ world, platform, checkers, resolvers: resolver, answersAll: false, forwardTo },
    mmdb: geoFile === undefined ? undefined : openMmdb(geoFile),
    onChecks: (statuses) => say({ say: 'checks', statuses }),
  });
  const desks = new Desks(world, (question, asker) => names.resolve(question, asker));
  process.on('message', (message: NodeMessage) => {
    const { wanted, desks: places, health = [], sequence } = message;
    if (wanted !== undefined) {
      world.take(wanted);
      names.take(wanted);
    }
    if (places !== undefined) desks.set(places);
    names.takeHealth(health);
    say({ say: 'has', sequence });
  });
  process.on('disconnect', () => process.exit(0));
  for (const address of resolver)
    await openDnsServer({
      address,
      port: DNS_PORT,
      answer: (question, { source }) => names.resolve(question, { networkId: undefined, source }),
    });
  const { apiSocket, dialSocket, namesSocket } = settings;
  if (apiSocket !== undefined)
    for (const address of settings.services) for (const port of API_PORTS) await relayToSocket(address, port, apiSocket);
  if (dialSocket !== undefined) await openDialSocket(dialSocket, (question, asker) => names.resolve(question, asker));
  await openInternetNameServers({ names, onError: fault });
  if (namesSocket !== undefined) await openNamesSocket(namesSocket);
  say({ say: 'ready' });
}

const settings = JSON.parse(process.argv[2] ?? '{}') as NodeSettings | HostNamesSettings; // the fabric writes it, or control
if ('hostSocket' in settings) await serveHost(settings);
else await main(settings);
