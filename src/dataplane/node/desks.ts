/** The desks of networks: a resolver and a metadata service for each, opened and closed as networks come and go. */
import { openDnsServer } from '#dataplane/dns/server.ts';
import type { Question } from '#dataplane/dns/codec/message.ts';
import type { Answer, Asker } from '#dataplane/dns/name-source.ts';
import { openMetadataServer } from '#dataplane/metadata/server.ts';
import { parseIp } from '#model/ip.ts';
import type { Id } from '#model/topology.ts';
import type { Workload } from '#model/workload.ts';
import type { World } from '#model/world.ts';
import type { Desk } from './public.ts';

const DNS_PORT = 53;
const METADATA_PORT = 80;
/** The kernel gets a network's addresses a moment after this process hears of it. Milliseconds, and tries. */
const RETRY_MS = 50;
const RETRIES = 200;

export type AnswerNetwork = (question: Question, asker: Asker) => Answer | Promise<Answer>;

interface Closing {
  close(): Promise<void>;
}

interface OpenDesk {
  readonly desk: Desk;
  readonly opened: Promise<readonly Closing[]>;
  isWanted: boolean;
}

export class Desks {
  readonly #world: World;
  readonly #answer: AnswerNetwork;
  readonly #open = new Map<Id, OpenDesk>();

  constructor(world: World, answer: AnswerNetwork) {
    this.#world = world;
    this.#answer = answer;
  }

  /** Opens those that are new and closes those that are gone or have moved. */
  set(desks: readonly Desk[]): void {
    const wanted = new Map(desks.map((desk) => [desk.networkId, desk]));
    for (const [id, open] of this.#open) {
      if (wanted.get(id)?.ipv4 === open.desk.ipv4) continue;
      open.isWanted = false;
      this.#open.delete(id);
      void open.opened.then((servers) => Promise.all(servers.map((server) => server.close())));
    }
    for (const desk of wanted.values()) if (!this.#open.has(desk.networkId)) this.#openDesk(desk);
  }

  #openDesk(desk: Desk): void {
    const { networkId } = desk;
    const workloadOf = (remote: string): Workload | undefined => this.#workloadAt(networkId, remote);
    const open = (address: string): Promise<Closing>[] => [
      openDnsServer({
        address,
        port: DNS_PORT,
        answer: (question, { source }) => this.#answer(question, { networkId, source }),
      }),
      openMetadataServer({ address, port: METADATA_PORT, workloadOf }),
    ];
    const entry = { desk, isWanted: true, opened: Promise.resolve<readonly Closing[]>([]) };
    entry.opened = this.#openAll(entry, open);
    this.#open.set(networkId, entry);
  }

  async #openAll(
    entry: { readonly desk: Desk; isWanted: boolean },
    open: (address: string) => Promise<Closing>[],
  ): Promise<readonly Closing[]> {
    const servers: Closing[] = [];
    for (const address of [entry.desk.ipv4, entry.desk.ipv6]) {
      for (let tries = 0; entry.isWanted && tries < RETRIES; tries++) {
        const results = await Promise.allSettled(open(address));
        const good = results.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
        if (good.length === results.length) {
          servers.push(...good);
          break;
        }
        await Promise.all(good.map((server) => server.close()));
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
    return servers;
  }

  #workloadAt(networkId: Id, remote: string): Workload | undefined {
    const address = parseIp(remote);
    const attachment = address === undefined ? undefined : this.#world.topology.interfaceAt(networkId, address)?.attachment;
    return attachment?.kind === 'instance' ? this.#world.workloads.get(attachment.id) : undefined;
  }
}
