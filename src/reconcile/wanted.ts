/** What the fabric is to hold, out of the records: all of it once, then what each commit touched, in whole parts. */
import type { Id, Part, PartKind, Topology } from '#model/topology.ts';
import type { HoldingKind, Wanted } from '#model/world.ts';
import { instanceIds, isInstance, touchedInstances, type PartName } from '#services/ec2/public.ts';
import { allHoldings, TouchedHoldings } from '#reconcile/holdings.ts';
import type { Commit, Store } from '#store/store.ts';
import type { Partition } from '#store/table.ts';

/** The fabric holds everything. */
const KINDS: readonly HoldingKind[] = ['workload', 'nameService', 'balancer', 'hostedZone', 'zoneName', 'healthCheck', 'registeredDomain'];

/** What commits have touched since it was last taken. */
export class Touched {
  readonly #store: Pick<Store, 'reader'>;
  readonly #topology: Topology;
  readonly #parts = new Map<string, PartName>();
  readonly #instances = new Map<Id, Partition>();
  readonly #holdings: TouchedHoldings;

  constructor(store: Pick<Store, 'reader'>, topology: Topology) {
    this.#store = store;
    this.#topology = topology;
    this.#holdings = new TouchedHoldings(store, KINDS);
  }

  add(commit: Commit, parts: readonly PartName[]): void {
    this.#holdings.add(commit);
    for (const name of parts) this.#parts.set(name.join(' '), name);
    for (const change of commit.changes) {
      const { partition } = change;
      for (const id of touchedInstances(change, this.#store.reader(partition))) this.#instances.set(id, partition);
    }
  }

  /** What is wanted of all that was touched; undefined when that is nothing. */
  take(): Wanted | undefined {
    const parts: Part[] = [];
    const goneParts: (readonly [PartKind, Id])[] = [];
    for (const [kind, id] of this.#parts.values()) {
      const part = this.#topology.part(kind, id);
      if (part === undefined) goneParts.push([kind, id]);
      else parts.push(part);
    }
    const instances = [...this.#instances].filter(([id, partition]) => !isInstance(this.#store.reader(partition), id)).map(([id]) => id);
    this.#parts.clear();
    this.#instances.clear();
    const lists = { parts, goneParts, ...this.#holdings.take(), instances };
    const isNothing = Object.values(lists).every(({ length }) => length === 0);
    return isNothing ? undefined : { version: this.#topology.version, isWhole: false, ...lists };
  }
}

/** Everything, out of all partitions. */
export function wholeWanted(store: Pick<Store, 'reader'>, topology: Topology): Wanted {
  const root = store.reader({ account: '', region: '' });
  const all = root.partitions().flatMap((partition) => instanceIds(store.reader(partition)));
  return {
    version: topology.version,
    isWhole: true,
    parts: [...topology.parts()],
    goneParts: [],
    holdings: allHoldings(store, KINDS),
    goneHoldings: [],
    instances: all.filter(({ isEnded }) => !isEnded).map(({ id }) => id),
  };
}
