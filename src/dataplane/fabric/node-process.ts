/** The process that answers inside the platform's namespace: started when that is there, told what is wanted, started again when it ends. */
import process from 'node:process';
import type { TargetHealth } from '#model/balancer.ts';
import type { CheckStatus } from '#model/health-check.ts';
import type { Id } from '#model/topology.ts';
import type { World, Wanted } from '#model/world.ts';
import type { Desk, NodeHealth, NodeMessage, NodeSettings, NodeWord } from '#dataplane/node/public.ts';
import { SupervisedProgram } from '#dataplane/process/supervised-program.ts';
import { toolEnvironment } from './capability.ts';
import type { ChecksEvent, FaultEvent, HealthEvent } from './messages.ts';
import { desksOf, OUTBOUND_RESOLVER, PLATFORM, RESOLVER, SERVICES } from './platform.ts';
import { programPath } from './programs.ts';
import { NAMESPACES } from './script.ts';
import type { FabricSettings } from './settings.ts';

export interface NodeProcessOptions {
  readonly settings: FabricSettings;
  readonly world: World;
  readonly tell: (event: ChecksEvent | FaultEvent) => void;
}

/** Milliseconds after which nobody waits for it any more: it begins anew, or never will. */
const PATIENCE_MS = 10_000;

export class NodeProcess {
  readonly #world: World;
  readonly #program: SupervisedProgram<NodeMessage, NodeWord> | undefined;
  /** By balancer and zone, as it was told last. */
  readonly #health = new Map<string, NodeHealth>();
  readonly #statuses = new Map<Id, CheckStatus>();
  /** Who waits until it has what was told under a number. */
  readonly #waiting = new Map<number, () => void>();
  #sequence = 0;

  /** Without a way to the API there is nothing to answer for. */
  constructor({ settings, world, tell }: NodeProcessOptions) {
    this.#world = world;
    if (settings.apiSocket === undefined) return;
    this.#program = new SupervisedProgram({
      command: [
        'nsenter',
        `--net=${NAMESPACES}/${PLATFORM}`,
        process.execPath,
        ...programPath('node'),
        JSON.stringify(nodeSettings(settings)),
      ],
      environment: toolEnvironment(),
      greeting: () => {
        const wanted = world.whole();
        return wanted && { sequence: this.#sequence, wanted, desks: this.#desks(), health: [...this.#health.values()] };
      },
      take: (word) => {
        if (word.say === 'has') return this.#has(word.sequence);
        if (word.say === 'fault') return tell({ event: 'fault', where: 'names', words: word.words });
        if (word.say === 'ready') return; // said to whoever supervises it
        for (const status of word.statuses) this.#statuses.set(status.id, status);
        tell({ event: 'checks', statuses: word.statuses });
      },
    });
  }

  start(): void {
    this.#program?.start();
  }

  /** What a newcomer is told. */
  *history(): Generator<ChecksEvent> {
    if (this.#statuses.size > 0) yield { event: 'checks', statuses: [...this.#statuses.values()] };
  }

  /** Resolves when it answers so; also when it does not come to that soon. */
  async tell(wanted: Wanted): Promise<void> {
    for (const [kind, id] of wanted.goneHoldings) if (kind === 'healthCheck') this.#statuses.delete(id);
    await this.#send({ wanted, desks: this.#desks() });
  }

  /** What a load balancer's node sees of its targets. */
  see({ balancer: balancerId, zone, targets }: HealthEvent): void {
    const key = `${balancerId} ${zone}`;
    const isHealthy = isServing(targets);
    if ((this.#health.get(key)?.isHealthy ?? true) === isHealthy) return;
    const health = { balancerId, zone, isHealthy };
    this.#health.set(key, health);
    void this.#send({ health: [health] });
  }

  #desks(): readonly Desk[] {
    return [...desksOf(this.#world.topology).values()];
  }

  async #send(message: Omit<NodeMessage, 'sequence'>): Promise<void> {
    if (this.#program === undefined) return;
    const sequence = ++this.#sequence;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(() => this.#has(sequence), PATIENCE_MS);
      this.#waiting.set(sequence, () => {
        clearTimeout(timer);
        resolve();
      });
      this.#program?.send({ sequence, ...message });
    });
  }

  #has(sequence: number): void {
    for (const [number, done] of this.#waiting) {
      if (number > sequence) break;
      this.#waiting.delete(number);
      done();
    }
  }
}

/** Whether a node has somebody to send to in each group that has targets. */
function isServing(targets: readonly TargetHealth[]): boolean {
  const groups = new Map<Id, boolean>();
  for (const { groupId, state } of targets) groups.set(groupId, groups.get(groupId) === true || state === 'healthy');
  return [...groups.values()].every(Boolean);
}

function nodeSettings({ apiSocket, dialSocket, namesSocket, geoFile, isOutbound }: FabricSettings): NodeSettings {
  return {
    resolver: [RESOLVER.ipv4, RESOLVER.ipv6],
    services: [SERVICES.ipv4, SERVICES.ipv6],
    serviceAddresses: SERVICES,
    ...(apiSocket === undefined ? {} : { apiSocket }),
    ...(dialSocket === undefined ? {} : { dialSocket }),
    ...(namesSocket === undefined ? {} : { namesSocket }),
    ...(geoFile === undefined ? {} : { geoFile }),
    ...(isOutbound === true ? { forwardTo: OUTBOUND_RESOLVER } : {}),
  };
}
