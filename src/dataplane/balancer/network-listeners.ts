/** The listeners of a network load balancer's node: TCP and UDP in the kernel, TLS and what needs the PROXY header in this process. */
import { isIPv6, type Socket } from 'node:net';
import type { Balancer, BalancerListener, BalancerNode, Target, TargetGroup } from '#model/balancer.ts';
import type { Id } from '#model/topology.ts';
import type { RequestView } from './decision.ts';
import type { HealthChecker } from './health/health-checker.ts';
import { flowRules, groupOf, needsProcess, UDP_IDLE_SECONDS } from './network/flow-rules.ts';
import { KernelFlows } from './network/kernel-flows.ts';
import { openRelay, type Relay, type RelayTarget } from './network/relay.ts';
import { doorOf, type Listeners, type NodeOptions } from './listeners.ts';
import type { NodeRouter } from './routing/node-router.ts';
import { alpnProtocols } from './tls/alpn.ts';
import { Termination } from './tls/termination.ts';

/** Seconds without packets after which a connection is forgotten (NLB guide, "Connection idle timeout"). */
const TCP_IDLE_SECONDS = 350;

/** Milliseconds in which a client has to finish its handshake. */
const HANDSHAKE_MS = 10_000;

interface OpenRelay {
  readonly door: string;
  readonly relays: readonly Relay[];
}

export class NetworkListeners implements Listeners {
  readonly #router: NodeRouter;
  readonly #health: HealthChecker;
  readonly #options: NodeOptions;
  readonly #flows: KernelFlows;
  readonly #open = new Map<Id, OpenRelay>();
  #balancer: Balancer | undefined;
  #node: BalancerNode | undefined;

  constructor(router: NodeRouter, health: HealthChecker, options: NodeOptions) {
    this.#router = router;
    this.#health = health;
    this.#options = options;
    this.#flows = new KernelFlows((words) => options.fault(new Error(`the kernel refuses a load balancer's rules: ${words}`)));
  }

  async update(balancer: Balancer, node: BalancerNode): Promise<void> {
    this.#balancer = balancer;
    this.#node = node;
    this.#flows.prepare(
      Math.max(TCP_IDLE_SECONDS, ...balancer.listeners.map(({ tcpIdleSeconds = 0 }) => tcpIdleSeconds)),
      UDP_IDLE_SECONDS,
    );
    this.noteHealth();
    const wanted = new Map(
      balancer.listeners.filter((listener) => isRelayed(balancer, listener)).map((listener) => [listener.id, listener]),
    );
    for (const [id, { door, relays }] of this.#open) {
      const listener = wanted.get(id);
      if (listener !== undefined && relayDoor(listener, node) === door) continue;
      this.#open.delete(id);
      for (const relay of relays) relay.close();
    }
    for (const listener of wanted.values()) {
      try {
        await this.#keep(balancer, listener, node);
      } catch (error) {
        this.#options.fault(error); // one that cannot be opened does not keep the others
      }
    }
  }

  async #keep(balancer: Balancer, listener: BalancerListener, node: BalancerNode): Promise<void> {
    if (this.#open.has(listener.id)) return;
    const pick = (client: string, tried: readonly RelayTarget[]): RelayTarget | undefined => this.#pick(listener.id, client, tried);
    const relays: Relay[] = [];
    for (const address of node.addresses)
      relays.push(
        await openRelay({
          address,
          port: listener.port,
          idleSeconds: listener.tcpIdleSeconds ?? TCP_IDLE_SECONDS,
          pick,
          ...(listener.tls === undefined ? {} : { secure: securing(balancer, listener.tls) }),
        }),
      );
    this.#open.set(listener.id, { door: relayDoor(listener, node), relays });
  }

  #pick(listenerId: Id, client: string, tried: readonly RelayTarget[]): RelayTarget | undefined {
    const router = this.#router.listener(listenerId);
    let decision = router?.decide(flowView(client), 'http', Date.now());
    for (let again = tried.length; again > 0 && decision?.kind === 'forward'; again--) decision = router?.again(decision, Date.now());
    if (decision?.kind !== 'forward') return undefined;
    const { target, group } = decision.chosen;
    const { chosen } = decision;
    return {
      address: target.address,
      port: target.port,
      hasProxyHeader: group.attributes.proxyProtocolV2,
      begin: () => chosen.begin(),
      end: () => chosen.end(),
    };
  }

  noteHealth(): void {
    const [balancer, node] = [this.#balancer, this.#node];
    if (balancer !== undefined && node !== undefined)
      this.#flows.want(flowRules(balancer, node.addresses, (group) => this.#usable(group, node.zone)));
  }

  /** Healthy ones of this zone, or of all with cross-zone balancing; where none is healthy, all (NLB guide, "Target group health"). */
  #usable({ id, targets, attributes, healthCheck }: TargetGroup, zone: string): readonly Target[] {
    const here = targets.filter((target) => target.drainsUntilMs === undefined && (attributes.isCrossZone || target.zone === zone || target.zone === 'all')); // prettier-ignore
    const healthy = healthCheck.isEnabled ? here.filter((target) => this.#health.stateOf(id, target.id, target.port)?.state === 'healthy') : here; // prettier-ignore
    return healthy.length > 0 ? healthy : here;
  }

  cutTarget(): void {
    // Flows in the kernel end by themselves.
  }

  async close(): Promise<void> {
    for (const { relays } of this.#open.values()) for (const relay of relays) relay.close();
  }
}

/** Takes connections out of TLS. */
const securing =
  (balancer: Balancer, tls: NonNullable<BalancerListener['tls']>) =>
  (opened: (clear: Socket) => void): ((socket: Socket) => void) => {
    const secret = Buffer.from(balancer.secret, 'base64');
    const termination = new Termination({ tls, alpn: alpnProtocols(balancer, { tls }), secret, handshakeMs: HANDSHAKE_MS, opened });
    return (socket) => termination.accept(socket);
  };

function isRelayed(balancer: Balancer, listener: BalancerListener): boolean {
  const group = groupOf(balancer, listener);
  return listener.protocol === 'TLS' || (listener.protocol !== 'UDP' && group !== undefined && needsProcess(group));
}

/** A listener whose certificates change is opened anew beside the old one, which finishes what it has. */
const relayDoor = (listener: BalancerListener, { addresses }: BalancerNode): string =>
  `${doorOf(listener, addresses)} ${JSON.stringify(listener.tls)}`;

/** A flow has nothing that rules could ask for but its source. */
const flowView = (client: string): RequestView => ({
  method: '',
  host: '',
  hostPort: '',
  path: '/',
  query: '',
  header: () => [],
  sourceAddress: isIPv6(client) ? client.replace(/^::ffff:(?=\d+\.)/, '') : client,
});
