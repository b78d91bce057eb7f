/** The processes of load balancers' nodes: one in each node's namespace, started when that is there, told what is wanted, started again when one ends. */
import process from 'node:process';
import type { Balancer, TargetHealth } from '#model/balancer.ts';
import type { Id } from '#model/topology.ts';
import type { World } from '#model/world.ts';
import type { BalancerMessage, BalancerSettings, BalancerWord } from '#dataplane/balancer/public.ts';
import { SupervisedProgram } from '#dataplane/process/supervised-program.ts';
import { toolEnvironment } from './capability.ts';
import type { KernelState } from './kernel-state.ts';
import type { FaultEvent, HealthEvent } from './messages.ts';
import { holderOf } from './presence.ts';
import { programPath } from './programs.ts';
import { NAMESPACES } from './script.ts';

/** A node's process lives on young objects: with this many MB for them they die before they are moved. */
const YOUNG_MB = 16;

interface NodeOfBalancer {
  readonly interfaceId: Id;
  readonly balancerId: Id;
  readonly zone: string;
  readonly namespace: string;
  balancer: Balancer;
  targets: readonly TargetHealth[];
}

interface RunningNode extends NodeOfBalancer {
  readonly program: SupervisedProgram<BalancerMessage, BalancerWord>;
}

export interface BalancerProcessesOptions {
  readonly world: World;
  readonly bucketFolder: string | undefined;
  readonly tell: (event: HealthEvent | FaultEvent) => void;
}

export class BalancerProcesses {
  readonly #options: BalancerProcessesOptions;
  /** By interface. */
  readonly #nodes = new Map<Id, RunningNode>();

  constructor(options: BalancerProcessesOptions) {
    this.#options = options;
  }

  /** What a newcomer is told. */
  *history(): Generator<HealthEvent> {
    for (const node of this.#nodes.values()) yield healthOf(node);
  }

  /** Ends the processes of nodes that are not wanted any more, before their namespaces go. */
  retire(): void {
    const wanted = this.#wanted();
    for (const [id, node] of this.#nodes) {
      if (wanted.get(id)?.namespace === node.namespace) continue;
      this.#nodes.delete(id);
      node.targets = [];
      node.program.end();
      this.#options.tell(healthOf(node));
    }
  }

  /** Starts what is new where its namespace is there, and tells each whose balancer has changed. */
  follow({ namespaces }: KernelState): void {
    for (const [id, { balancer, zone, namespace }] of this.#wanted()) {
      const node = this.#nodes.get(id);
      if (node !== undefined) {
        if (node.balancer !== balancer) node.program.send({ balancer: (node.balancer = balancer) });
      } else if (namespaces.some(({ name }) => name === namespace)) {
        const fresh: NodeOfBalancer = { interfaceId: id, balancerId: balancer.id, zone, namespace, balancer, targets: [] };
        const running: RunningNode = Object.assign(fresh, { program: this.#programOf(fresh) });
        this.#nodes.set(id, running);
        running.program.start();
      }
    }
  }

  #wanted(): Map<Id, { readonly balancer: Balancer; readonly zone: string; readonly namespace: string }> {
    const { balancers, topology } = this.#options.world;
    const wanted = new Map<Id, { balancer: Balancer; zone: string; namespace: string }>();
    for (const balancer of balancers.values())
      for (const { interfaceId, zone } of balancer.nodes) {
        const part = topology.interfaces.get(interfaceId);
        if (part !== undefined) wanted.set(interfaceId, { balancer, zone, namespace: holderOf(topology, part) });
      }
    return wanted;
  }

  #programOf(node: NodeOfBalancer): SupervisedProgram<BalancerMessage, BalancerWord> {
    const { bucketFolder, tell } = this.#options;
    const settings: BalancerSettings = { interfaceId: node.interfaceId, ...(bucketFolder === undefined ? {} : { bucketFolder }) };
    const program = [process.execPath, `--max-semi-space-size=${YOUNG_MB}`, ...programPath('balancer'), JSON.stringify(settings)];
    const fault = (words: string): void => tell({ event: 'fault', where: `load balancer ${node.balancerId} in ${node.zone}`, words });
    return new SupervisedProgram({
      command: ['nsenter', `--net=${NAMESPACES}/${node.namespace}`, ...program],
      environment: toolEnvironment(),
      greeting: () => ({ balancer: node.balancer }),
      take: (word, isCurrent) => {
        if (word.say === 'fault') return fault(word.words);
        if (!isCurrent || word.say !== 'health') return;
        node.targets = word.targets;
        tell(healthOf(node));
      },
      failed: fault,
    });
  }
}

const healthOf = ({ balancerId: balancer, zone, targets }: NodeOfBalancer): HealthEvent => ({ event: 'health', balancer, zone, targets });
