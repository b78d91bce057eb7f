/** The processes of load balancers' nodes: one in each node's namespace, started when that is there, told what is wanted, started again when one ends. */
import { spawn, type ChildProcess } from 'node:child_process';
import process from 'node:process';
import type { Balancer, TargetHealth } from '#model/balancer.ts';
import type { Id } from '#model/topology.ts';
import type { World } from '#model/world.ts';
import type { BalancerMessage, BalancerSettings, BalancerWord } from '#dataplane/balancer/public.ts';
import { toolEnvironment } from './capability.ts';
import type { KernelState } from './kernel-state.ts';
import type { FaultEvent, HealthEvent } from './messages.ts';
import { holderOf } from './presence.ts';
import { programPath } from './programs.ts';
import { NAMESPACES } from './script.ts';

/** Milliseconds between a process's end and the next start, at first and at most. */
const RESTART_MS = { first: 50, most: 5_000 } as const;
/** A node's process lives on young objects: with this many MB for them they die before they are moved. */
const YOUNG_MB = 16;

/** Characters of what an ending process said that are told. */
const LAST_WORDS = 2_000;

interface NodeOfBalancer {
  readonly interfaceId: Id;
  readonly balancerId: Id;
  readonly zone: string;
  readonly namespace: string;
  balancer: Balancer;
  child: ChildProcess | undefined;
  /** Those that go on until another one is ready. */
  readonly leaving: ChildProcess[];
  delayMs: number;
  isWanted: boolean;
  targets: readonly TargetHealth[];
}

export interface BalancerProcessesOptions {
  readonly world: World;
  readonly bucketFolder: string | undefined;
  readonly tell: (event: HealthEvent | FaultEvent) => void;
}

export class BalancerProcesses {
  readonly #options: BalancerProcessesOptions;
  /** By interface. */
  readonly #nodes = new Map<Id, NodeOfBalancer>();

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
      node.isWanted = false;
      node.targets = [];
      for (const child of [node.child, ...node.leaving]) child?.kill('SIGKILL');
      this.#options.tell(healthOf(node));
    }
  }

  /** Starts what is new where its namespace is there, and tells each whose balancer has changed. */
  follow({ namespaces }: KernelState): void {
    for (const [id, { balancer, zone, namespace }] of this.#wanted()) {
      const node = this.#nodes.get(id);
      if (node !== undefined) {
        if (node.balancer !== balancer) this.#send((node.balancer = balancer), node);
      } else if (namespaces.some(({ name }) => name === namespace)) {
        const fresh: NodeOfBalancer = { interfaceId: id, balancerId: balancer.id, zone, namespace, balancer, child: undefined, leaving: [], delayMs: RESTART_MS.first, isWanted: true, targets: [] }; // prettier-ignore
        this.#nodes.set(id, fresh);
        this.#spawn(fresh);
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

  #spawn(node: NodeOfBalancer): void {
    const { bucketFolder } = this.#options;
    const settings: BalancerSettings = { interfaceId: node.interfaceId, ...(bucketFolder === undefined ? {} : { bucketFolder }) };
    const program = [process.execPath, `--max-semi-space-size=${YOUNG_MB}`, ...programPath('balancer'), JSON.stringify(settings)];
    const child = spawn('nsenter', [`--net=${NAMESPACES}/${node.namespace}`, ...program], {
      env: toolEnvironment(),
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      serialization: 'advanced',
    });
    node.child = child;
    let isLeaving = false;
    let said = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (said = `${said}${text}`.slice(-LAST_WORDS)));
    const next = (code: number | null = 0): void => {
      if (isLeaving) return;
      isLeaving = true;
      if (code !== 0 && node.isWanted) this.#fault(node, said.trim() || 'its process ended');
      if (node.child === child) node.child = undefined;
      if (!node.isWanted) return;
      setTimeout(() => node.isWanted && this.#spawn(node), node.delayMs);
      node.delayMs = Math.min(node.delayMs * 2, RESTART_MS.most);
    };
    child.on('message', (word: BalancerWord) => {
      switch (word.say) {
        case 'leaving':
          node.leaving.push(child);
          node.delayMs = 0;
          return next();
        case 'fault':
          return this.#fault(node, word.words);
        case 'ready':
          node.delayMs = RESTART_MS.first;
          for (const old of node.leaving.splice(0)) send(old, { isReplaced: true });
          return;
        case 'health':
          if (node.child !== child) return;
          node.targets = word.targets;
          this.#options.tell(healthOf(node));
      }
    });
    child.on('error', () => undefined);
    child.once('close', next);
    this.#send(node.balancer, node);
  }

  #fault({ balancerId, zone }: NodeOfBalancer, words: string): void {
    this.#options.tell({ event: 'fault', where: `load balancer ${balancerId} in ${zone}`, words });
  }

  #send(balancer: Balancer, { child }: NodeOfBalancer): void {
    if (child !== undefined) send(child, { balancer });
  }
}

function send(child: ChildProcess, message: BalancerMessage): void {
  if (child.connected) child.send(message, (error) => void error); // it may be ending: the next one is told
}

const healthOf = ({ balancerId: balancer, zone, targets }: NodeOfBalancer): HealthEvent => ({ event: 'health', balancer, zone, targets });
