/** Listeners held open as they are wanted: those that stay are changed in place, others are opened and closed. */
import type { BalancerListener } from '#model/balancer.ts';
import type { Id } from '#model/topology.ts';
import type { Listening, ListenPlace, ListenPlaces } from './listen-places.ts';

export interface OpenListenersOptions<T> {
  readonly places: ListenPlaces;
  /** Told of one that cannot be opened or changed: it does not keep the others. */
  readonly fault: (error: unknown) => void;
  readonly open: (listener: BalancerListener, place: ListenPlace) => Promise<T>;
  /** The listener has changed, but not its place or its protocol. */
  readonly change: (opened: T, listener: BalancerListener) => void;
  /** It takes no more connections from now on. */
  readonly close: (opened: T) => void;
}

/** What tells whether a listener that is open is the one that is wanted: another place, or another kind of door. */
const doorOf = ({ port, protocol }: BalancerListener, addresses: readonly string[]): string => `${port} ${protocol} ${addresses.join(' ')}`;

export class OpenListeners<T extends Listening> {
  readonly #options: OpenListenersOptions<T>;
  readonly #held = new Map<Id, { readonly door: string; readonly opened: T }>();

  constructor(options: OpenListenersOptions<T>) {
    this.#options = options;
  }

  async hold(listeners: readonly BalancerListener[], addresses: readonly string[]): Promise<void> {
    const wanted = new Map(listeners.map((listener) => [listener.id, listener]));
    for (const [id, { door, opened }] of this.#held) {
      const listener = wanted.get(id);
      if (listener !== undefined && doorOf(listener, addresses) === door) continue;
      this.#held.delete(id);
      this.#options.close(opened);
    }
    for (const listener of wanted.values()) {
      try {
        await this.#keep(listener, addresses);
      } catch (error) {
        this.#options.fault(error);
      }
    }
  }

  /** Those that are open. */
  *[Symbol.iterator](): Generator<T> {
    for (const { opened } of this.#held.values()) yield opened;
  }

  async #keep(listener: BalancerListener, addresses: readonly string[]): Promise<void> {
    const { places, open, change } = this.#options;
    const held = this.#held.get(listener.id);
    if (held !== undefined) return change(held.opened, listener);
    const opened = await places.open(listener, addresses, async (place) => open(listener, place));
    this.#held.set(listener.id, { door: doorOf(listener, addresses), opened });
  }
}
