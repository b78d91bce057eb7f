/** The listeners of a network load balancer's node: TCP and UDP in the kernel, TLS and what needs the PROXY header in this process. */
import { isIPv6 } from 'node:net';
import type { Balancer, BalancerListener, BalancerNode } from '#model/balancer.ts';
import type { Id } from '#model/topology.ts';
import type { RequestView } from './decision.ts';
import { OWN_PLACES, type Listening, type ListenPlace } from './listen-places.ts';
import type { Listeners, NodeOptions } from './listeners.ts';
import { cutTargets, flowRules, groupOf, needsProcess, UDP_IDLE_SECONDS } from './network/flow-rules.ts';
import { KernelFlows } from './network/kernel-flows.ts';
import { openRelay, type Relay, type RelayTarget } from './network/relay.ts';
import { OpenListeners } from './open-listeners.ts';
import type { NodeRouter } from './routing/node-router.ts';
import { alpnProtocols } from './tls/alpn.ts';
import { Termination, type TerminationSettings } from './tls/termination.ts';

/** Seconds without packets after which a connection is forgotten (NLB guide, "Connection idle timeout"). */
const TCP_IDLE_SECONDS = 350;

/** Milliseconds in which a client has to finish its handshake. */
const HANDSHAKE_MS = 10_000;

/** A relay, and what takes its connections out of TLS. */
interface OpenRelay extends Listening {
  readonly relay: Relay;
  readonly termination: Termination | undefined;
}

export class NetworkListeners implements Listeners {
  readonly #router: NodeRouter;
  readonly #fault: NodeOptions['fault'];
  /** Undefined where it is everybody's kernel. */
  readonly #flows: KernelFlows | undefined;
  readonly #open: OpenListeners<OpenRelay>;
  /** Listeners that were told to be none here. */
  readonly #refused = new Set<Id>();
  #balancer: Balancer | undefined;
  #node: BalancerNode | undefined;

  constructor(router: NodeRouter, { fault, hostPlaces }: NodeOptions) {
    this.#router = router;
    this.#fault = fault;
    if (hostPlaces === undefined)
      this.#flows = new KernelFlows((words) => fault(new Error(`the kernel refuses a load balancer's rules: ${words}`)));
    this.#open = new OpenListeners<OpenRelay>({
      places: hostPlaces ?? OWN_PLACES,
      fault,
      open: async (listener, place) => this.#openRelay(listener, place),
      change: ({ relay, termination }, listener) => {
        relay.change({ idleSeconds: idleSecondsOf(listener) });
        const settings = this.#tlsOf(listener);
        if (settings !== undefined) termination?.update(settings);
      },
      close: ({ relay }) => relay.close(),
    });
  }

  async update(balancer: Balancer, node: BalancerNode): Promise<void> {
    this.#balancer = balancer;
    this.#node = node;
    this.#flows?.prepare(
      Math.max(TCP_IDLE_SECONDS, ...balancer.listeners.map(({ tcpIdleSeconds = 0 }) => tcpIdleSeconds)),
      UDP_IDLE_SECONDS,
    );
    this.noteHealth();
    await this.#open.hold(
      balancer.listeners.filter((listener) => this.#isRelayed(balancer, listener)),
      node.addresses,
    );
  }

  async #openRelay(listener: BalancerListener, place: ListenPlace): Promise<OpenRelay> {
    const secret = Buffer.from(this.#balancer?.secret ?? '', 'base64');
    const settings = this.#tlsOf(listener);
    const termination =
      settings && new Termination({ ...settings, secret, handshakeMs: HANDSHAKE_MS, opened: (clear) => relay.take(clear) });
    const relay = await openRelay({
      place,
      idleSeconds: idleSecondsOf(listener),
      pick: (client, tried) => this.#pick(listener.id, client, tried),
      secure: termination && ((socket) => termination.accept(socket)),
    });
    return { ports: relay.ports, relay, termination };
  }

  #tlsOf({ tls }: BalancerListener): TerminationSettings | undefined {
    const balancer = this.#balancer;
    return tls && balancer && { tls, alpn: alpnProtocols(balancer, { tls }) };
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

  /** Where the kernel passes nothing on, TCP is relayed as well, and UDP is refused in words. */
  #isRelayed(balancer: Balancer, { id, port, protocol, rules }: BalancerListener): boolean {
    if (this.#flows !== undefined) {
      const group = groupOf(balancer, { rules });
      return protocol === 'TLS' || (protocol !== 'UDP' && group !== undefined && needsProcess(group));
    }
    if (protocol.includes('UDP') && !this.#refused.has(id)) {
      this.#refused.add(id);
      this.#fault(new Error(`listener ${protocol} ${port}: UDP passes through load balancers only where packets move ('keiro doctor')`));
    }
    return protocol !== 'UDP';
  }

  noteHealth(): void {
    const [balancer, node] = [this.#balancer, this.#node];
    if (balancer === undefined || node === undefined) return;
    this.#flows?.want(flowRules(balancer, node.addresses, ({ id }) => this.#router.usableTargets(id), cutTargets(balancer, Date.now())));
  }

  /** Connections outlive the delay, unless the group says otherwise (NLB guide, "Connection termination on deregistration"). */
  cutTarget(address: string, port: number): void {
    const balancer = this.#balancer;
    if (balancer === undefined || !cutTargets(balancer, Date.now()).some((one) => one.address === address && one.port === port)) return;
    this.noteHealth();
    for (const { relay } of this.#open) relay.cutTarget(address, port);
  }

  async close(): Promise<void> {
    for (const { relay } of this.#open) relay.close();
  }
}

const idleSecondsOf = ({ tcpIdleSeconds }: BalancerListener): number => tcpIdleSeconds ?? TCP_IDLE_SECONDS;

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
