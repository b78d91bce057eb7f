/** The listeners of an application load balancer's node. */
import type { Balancer, BalancerListener, BalancerNode } from '#model/balancer.ts';
import type { FrontTls } from './http/front-state.ts';
import { openHttpFront, type FrontSettings, type HttpFront } from './http/front.ts';
import { OWN_PLACES } from './listen-places.ts';
import type { Listeners, NodeOptions } from './listeners.ts';
import { OpenListeners } from './open-listeners.ts';
import type { NodeRouter } from './routing/node-router.ts';
import { listenerTls } from './tls/listener-tls.ts';

/** Milliseconds that requests have to end when their listener is deleted. */
const DELETED_GRACE_MS = 1_000;

export class HttpListeners implements Listeners {
  readonly #router: NodeRouter;
  readonly #open: OpenListeners<HttpFront>;
  #balancer: Balancer | undefined;

  constructor(router: NodeRouter, { fault, logs, hostPlaces }: NodeOptions) {
    this.#router = router;
    this.#open = new OpenListeners<HttpFront>({
      places: hostPlaces ?? OWN_PLACES,
      fault,
      open: async (listener, listen) =>
        openHttpFront({ ...this.#settingsOf(listener), listen, onFault: fault, onAccess: (record) => logs.request(record) }),
      change: (front, listener) => front.update(this.#settingsOf(listener)),
      close: (front) => void front.close({ graceMs: DELETED_GRACE_MS }),
    });
  }

  async update(balancer: Balancer, { addresses }: BalancerNode): Promise<void> {
    this.#balancer = balancer;
    await this.#open.hold(balancer.listeners, addresses);
  }

  #settingsOf(listener: BalancerListener): FrontSettings {
    const balancer = this.#balancer;
    const router = this.#router.listener(listener.id);
    if (balancer === undefined || router === undefined) throw new Error(`nothing is known of listener ${listener.id}`); // never: both were told of it
    const tls: FrontTls | undefined = listener.tls && listenerTls(listener.tls, Buffer.from(balancer.secret, 'base64'));
    return { listener, attributes: balancer.attributes, router, ...(tls === undefined ? {} : { tls }) };
  }

  noteHealth(): void {
    // The router has heard of it.
  }

  cutTarget(address: string, port: number): void {
    for (const front of this.#open) front.cutTarget(address, port);
  }

  async close(graceMs: number): Promise<void> {
    await Promise.all([...this.#open].map(async (front) => front.close({ graceMs })));
  }
}
