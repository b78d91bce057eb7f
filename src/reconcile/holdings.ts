/** What data planes are to hold beside the topology: where each kind stands in the records, which ones commits have touched, and each whole. */
import type { Id } from '#model/topology.ts';
import type { Holding, HoldingKind, HoldingName } from '#model/world.ts';
import { instanceIds, nameServiceIds, nameServiceOf, touchedInstances, touchedNameServices, workloadOf } from '#services/ec2/public.ts';
import { balancerIds, balancerOf, touchedBalancers } from '#services/elbv2/public.ts';
import {
  healthCheckIds,
  healthCheckOf,
  hostedZoneIds,
  hostedZoneOf,
  touchedPart,
  type TouchedPart,
  zoneNameIds,
  zoneNameOf,
} from '#services/route53/public.ts';
import { isRegistry, registeredDomainNames, registeredDomainOf, touchedDomains } from '#services/route53domains/public.ts';
import type { Change, Commit, Reader, Store } from '#store/store.ts';
import type { Partition } from '#store/table.ts';

/** One kind of holding in the records of a partition. */
interface Source {
  /** Ids whose holding a change may alter. */
  touched(change: Change, reader: Reader): Iterable<Id>;
  /** Undefined when there is none, or none any more. */
  of(reader: Reader, id: Id): Holding | undefined;
  ids(reader: Reader): Iterable<Id>;
  /** Whether it is often touched without being altered: then what was told last is kept, to tell it only when it is another. */
  readonly isOftenSame: boolean;
}

const sources: { readonly [K in HoldingKind]?: Source } = {
  workload: {
    touched: touchedInstances,
    of: (reader, id) => workloadOf(reader, id, reader.partition.region),
    ids: (reader) => instanceIds(reader).map(({ id }) => id),
    isOftenSame: false,
  },
  nameService: {
    touched: (change) => touchedNameServices(change),
    of: (reader, id) => nameServiceOf(reader, id, reader.partition.region),
    ids: nameServiceIds,
    isOftenSame: true,
  },
  balancer: { touched: touchedBalancers, of: balancerOf, ids: balancerIds, isOftenSame: true },
  hostedZone: { touched: touchedAs('hostedZone'), of: hostedZoneOf, ids: hostedZoneIds, isOftenSame: false },
  zoneName: { touched: touchedAs('zoneName'), of: zoneNameOf, ids: zoneNameIds, isOftenSame: false },
  healthCheck: { touched: touchedAs('healthCheck'), of: healthCheckOf, ids: healthCheckIds, isOftenSame: false },
  registeredDomain: {
    touched: touchedDomains,
    of: (reader, id) => registeredDomainOf(reader, id, Date.now()),
    ids: (reader) => (isRegistry(reader.partition) ? registeredDomainNames(reader, Date.now()) : []),
    isOftenSame: true,
  },
};

/** Of Route 53's records: each is of one kind. */
function touchedAs(kind: TouchedPart['kind']): Source['touched'] {
  return (change) => {
    const part = touchedPart(change);
    return part?.kind === kind ? [part.id] : [];
  };
}

/** Those kinds that a data plane wants, as commits touch them. */
export class TouchedHoldings {
  readonly #store: Pick<Store, 'reader'>;
  readonly #sources: readonly (readonly [HoldingKind, Source])[];
  readonly #touched = new Map<string, { readonly name: HoldingName; readonly partition: Partition }>();
  /** As they were told last, where that is kept. */
  readonly #told = new Map<string, string>();

  constructor(store: Pick<Store, 'reader'>, kinds: readonly HoldingKind[]) {
    this.#store = store;
    this.#sources = sourcesOf(kinds);
  }

  add({ changes }: Commit): void {
    for (const change of changes) {
      const { partition } = change;
      for (const [kind, { touched }] of this.#sources)
        for (const id of touched(change, this.#store.reader(partition)))
          this.#touched.set(`${kind} ${id}`, { name: [kind, id], partition });
    }
  }

  /** As if a commit had touched it: what time alone alters. */
  touch(name: HoldingName, partition: Partition): void {
    this.#touched.set(name.join(' '), { name, partition });
  }

  /** Each that was touched since it was last taken, as it is now. */
  take(): { readonly holdings: Holding[]; readonly goneHoldings: HoldingName[] } {
    const holdings: Holding[] = [];
    const goneHoldings: HoldingName[] = [];
    for (const [key, { name, partition }] of this.#touched) {
      const [kind, id] = name;
      const source = sources[kind];
      const holding = source?.of(this.#store.reader(partition), id);
      const text = source?.isOftenSame === true && holding !== undefined ? JSON.stringify(holding) : undefined;
      if (holding === undefined) goneHoldings.push(name);
      else if (text === undefined || this.#told.get(key) !== text) holdings.push(holding);
      if (text === undefined) this.#told.delete(key);
      else this.#told.set(key, text);
    }
    this.#touched.clear();
    return { holdings, goneHoldings };
  }
}

/** All of these kinds, out of all partitions. */
export function allHoldings(store: Pick<Store, 'reader'>, kinds: readonly HoldingKind[]): Holding[] {
  const holdings: Holding[] = [];
  for (const partition of store.reader({ account: '', region: '' }).partitions()) {
    const reader = store.reader(partition);
    for (const [, { ids, of }] of sourcesOf(kinds))
      for (const id of ids(reader)) {
        const holding = of(reader, id);
        if (holding !== undefined) holdings.push(holding);
      }
  }
  return holdings;
}

function sourcesOf(kinds: readonly HoldingKind[]): (readonly [HoldingKind, Source])[] {
  return kinds.flatMap((kind) => {
    const source = sources[kind];
    return source === undefined ? [] : [[kind, source] as const];
  });
}
