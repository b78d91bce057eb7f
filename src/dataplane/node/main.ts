/** A node's process, started by the fabric in the platform's namespace: names, metadata, the way to the API, the way in from the host. */
import process from 'node:process';
import { Rcode, type Question } from '#dataplane/dns/codec/message.ts';
import { createForwarder } from '#dataplane/dns/forward.ts';
import type { Answer, Asker } from '#dataplane/dns/name-source.ts';
import { createResolver } from '#dataplane/dns/resolver.ts';
import { openDnsServer } from '#dataplane/dns/server.ts';
import { nameSources } from '#dataplane/dns/sources.ts';
import { World } from '#model/world.ts';
import { Desks } from './desks.ts';
import type { NodeMessage, NodeSettings } from './public.ts';
import { openDialSocket, relayToSocket } from './relays.ts';

const DNS_PORT = 53;
const API_PORTS = [80, 443] as const;

async function main(settings: NodeSettings): Promise<void> {
  const world = new World();
  const { topology, nameServices: services, balancers } = world;
  const resolve = createResolver(nameSources({ topology, services, balancers, platform: settings.serviceAddresses }));
  const forward =
    settings.forwardTo === undefined ? undefined : createForwarder({ address: settings.forwardTo, port: DNS_PORT, tryMs: 2_000 });
  const answer = (question: Question, asker: Asker): Answer | Promise<Answer> => {
    const own = resolve(question, asker);
    return forward !== undefined && isNobodys(own) ? forward(question) : own;
  };
  const desks = new Desks(world, answer);
  process.on('message', (message: NodeMessage) => {
    world.take(message.wanted);
    desks.set(message.desks);
  });
  process.on('disconnect', () => process.exit(0));
  for (const address of settings.resolver)
    await openDnsServer({ address, port: DNS_PORT, answer: (question, { source }) => answer(question, { networkId: undefined, source }) });
  const { apiSocket, dialSocket } = settings;
  if (apiSocket !== undefined)
    for (const address of settings.services) for (const port of API_PORTS) await relayToSocket(address, port, apiSocket);
  if (dialSocket !== undefined) await openDialSocket(dialSocket, resolve);
  process.send?.('ready');
}

/** Whether no source knew the name: the root itself says that there is none. */
function isNobodys({ rcode, authority }: Answer): boolean {
  return rcode === Rcode.NXDOMAIN && authority[0]?.name === '';
}

await main(JSON.parse(process.argv[2] ?? '{}') as NodeSettings); // the fabric writes it
