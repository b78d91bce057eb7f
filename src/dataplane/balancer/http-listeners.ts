/** The listeners of an application load balancer's node. */
import type { Balancer, BalancerListener, BalancerNode } from '#model/balancer.ts';
import type { Id } from '#model/topology.ts';
import type { FrontTls } from './http/front-state.ts';
import { openHttpFront, type HttpFront } from './http/front.ts';
import { doorOf, type Listeners, type NodeOptions } from './listeners.ts';
import type { NodeRouter } from './routing/node-router.ts';
import { listenerTls } from './tls/listener-tls.ts';

interface OpenListener {
  readonly door: string;
  readonly front: HttpFront;
}

/** Milliseconds that requests have to end when their listener is deleted. */
const DELETED_GRACE_MS = 1_000;

export class HttpListeners implements Listeners {
  readonly #router: NodeRouter;
  readonly #options: NodeOptions;
  readonly #open = new Map<Id, OpenListener>();

  constructor(router: NodeRouter, options: NodeOptions) {
    this.#router = router;
    this.#options = options;
  }

  async update(balancer: Balancer, { addresses }: BalancerNode): Promise<void> {
    const wanted = new Map(balancer.listeners.map((listener) => [listener.id, listener]));
    for (const [id, { door, front }] of this.#open) {
      const listener = wanted.get(id);
      if (listener !== undefined && doorOf(listener, addresses) === door) continue;
      this.#open.delete(id);
      void front.close({ graceMs: DELETED_GRACE_MS });
    }
    for (const listener of wanted.values()) {
      try {
        await this.#keep(balancer, listener, addresses);
      } catch (error) {
        this.#options.fault(error); // one that cannot be opened does not keep the others
      }
    }
  }

  async #keep(balancer: Balancer, listener: BalancerListener, addresses: readonly string[]): Promise<void> {
    const { attributes } = balancer;
    const router = this.#router.listener(listener.id);
    if (router === undefined) return;
    const tls: FrontTls | undefined = listener.tls && listenerTls(listener.tls, Buffer.from(balancer.secret, 'base64'));
    const settings = { listener, attributes, router, ...(tls === undefined ? {} : { tls }) };
    const open = this.#open.get(listener.id);
    if (open !== undefined) return open.front.update(settings);
    const { fault, logs } = this.#options;
    const front = await openHttpFront({
      ...settings,
      listen: { port: listener.port, addresses, reusePort: true },
      onFault: fault,
      onAccess: (record) => logs.request(record),
    });
    this.#open.set(listener.id, { door: doorOf(listener, addresses), front });
  }

  noteHealth(): void {
    // The router has heard of it.
  }

  cutTarget(address: string, port: number): void {
    for (const { front } of this.#open.values()) front.cutTarget(address, port);
  }

  async close(graceMs: number): Promise<void> {
    await Promise.all([...this.#open.values()].map(async ({ front }) => front.close({ graceMs })));
  }
}
