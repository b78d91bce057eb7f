/** The load balancers that the fabric is to hold: which ones commits have touched, and each whole. */
import type { Balancer } from '#model/balancer.ts';
import type { Id } from '#model/topology.ts';
import { balancerIds, balancerOf, touchedBalancers } from '#services/elbv2/public.ts';
import type { Commit, Store } from '#store/store.ts';
import type { Partition } from '#store/table.ts';

export class TouchedBalancers {
  readonly #store: Pick<Store, 'reader'>;
  readonly #touched = new Map<Id, Partition>();
  /** As they were told last, so that what has not changed is not told again. */
  readonly #told = new Map<Id, string>();

  constructor(store: Pick<Store, 'reader'>) {
    this.#store = store;
  }

  add({ changes }: Commit): void {
    for (const change of changes)
      for (const id of touchedBalancers(change, this.#store.reader(change.partition))) this.#touched.set(id, change.partition);
  }

  take(): { readonly balancers: Balancer[]; readonly goneBalancers: Id[] } {
    const balancers: Balancer[] = [];
    const goneBalancers: Id[] = [];
    for (const [id, partition] of this.#touched) {
      const balancer = balancerOf(this.#store.reader(partition), id);
      const text = JSON.stringify(balancer);
      if (balancer === undefined) {
        goneBalancers.push(id);
        this.#told.delete(id);
      } else if (this.#told.get(id) !== text) {
        balancers.push(balancer);
        this.#told.set(id, text);
      }
    }
    this.#touched.clear();
    return { balancers, goneBalancers };
  }
}

/** All of all partitions. */
export function allBalancers(store: Pick<Store, 'reader'>): Balancer[] {
  return store
    .reader({ account: '', region: '' })
    .partitions()
    .flatMap((partition) => {
      const reader = store.reader(partition);
      return balancerIds(reader).flatMap((id) => balancerOf(reader, id) ?? []);
    });
}
