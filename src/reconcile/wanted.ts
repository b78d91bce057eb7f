/** What the fabric is to hold, out of the records: all of it once, then what each commit touched, in whole parts. */
import type { NameService } from '#model/name-service.ts';
import type { Id, Part, PartKind, Topology } from '#model/topology.ts';
import type { Workload } from '#model/workload.ts';
import type { Wanted } from '#model/world.ts';
import {
  instanceIds,
  isInstance,
  nameServiceOf,
  touchedInstances,
  touchedNameServices,
  workloadOf,
  type PartName,
} from '#services/ec2/public.ts';
import { allBalancers, TouchedBalancers } from '#reconcile/wanted-balancers.ts';
import type { Commit, Store } from '#store/store.ts';
import type { Partition } from '#store/table.ts';

/** What commits have touched since it was last taken. */
export class Touched {
  readonly #store: Pick<Store, 'reader'>;
  readonly #topology: Topology;
  readonly #parts = new Map<string, PartName>();
  readonly #workloads = new Map<Id, Partition>();
  readonly #nameServices = new Map<Id, Partition>();
  readonly #balancers: TouchedBalancers;
  /** As they were told last, so that what has not changed is not told again. */
  readonly #told = new Map<Id, string>();

  constructor(store: Pick<Store, 'reader'>, topology: Topology) {
    this.#store = store;
    this.#topology = topology;
    this.#balancers = new TouchedBalancers(store);
  }

  add(commit: Commit, parts: readonly PartName[]): void {
    const { changes } = commit;
    this.#balancers.add(commit);
    for (const name of parts) this.#parts.set(name.join(' '), name);
    for (const change of changes) {
      const { partition } = change;
      for (const id of touchedInstances(change, this.#store.reader(partition))) this.#workloads.set(id, partition);
      for (const id of touchedNameServices(change)) this.#nameServices.set(id, partition);
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
    const workloads: Workload[] = [];
    const goneWorkloads: Id[] = [];
    const instances: Id[] = [];
    for (const [id, partition] of this.#workloads) {
      const reader = this.#store.reader(partition);
      const workload = workloadOf(reader, id, partition.region);
      if (workload === undefined) goneWorkloads.push(id);
      else workloads.push(workload);
      if (!isInstance(reader, id)) instances.push(id);
    }
    const { nameServices, goneNameServices } = this.#takeNameServices();
    const { balancers, goneBalancers } = this.#balancers.take();
    this.#parts.clear();
    this.#workloads.clear();
    const lists = { parts, goneParts, workloads, goneWorkloads, nameServices, goneNameServices, balancers, goneBalancers, instances };
    const isNothing = Object.values(lists).every(({ length }) => length === 0);
    return isNothing ? undefined : { version: this.#topology.version, isWhole: false, ...lists };
  }

  #takeNameServices() {
    const nameServices: NameService[] = [];
    const goneNameServices: Id[] = [];
    for (const [id, partition] of this.#nameServices) {
      const service = nameServiceOf(this.#store.reader(partition), id, partition.region);
      const text = JSON.stringify(service);
      if (service === undefined) {
        goneNameServices.push(id);
        this.#told.delete(id);
      } else if (this.#told.get(id) !== text) {
        nameServices.push(service);
        this.#told.set(id, text);
      }
    }
    this.#nameServices.clear();
    return { nameServices, goneNameServices };
  }
}

/** Everything, out of all partitions. */
export function wholeWanted(store: Pick<Store, 'reader'>, topology: Topology): Wanted {
  const workloads: Workload[] = [];
  const nameServices: NameService[] = [];
  const instances: Id[] = [];
  for (const partition of store.reader({ account: '', region: '' }).partitions()) {
    const reader = store.reader(partition);
    for (const { id, isEnded } of instanceIds(reader)) {
      const workload = workloadOf(reader, id, partition.region);
      if (workload !== undefined) workloads.push(workload);
      if (!isEnded) instances.push(id);
    }
  }
  for (const { id } of topology.networks.values()) {
    const service = store
      .reader({ account: '', region: '' })
      .partitions()
      .map((partition) => nameServiceOf(store.reader(partition), id, partition.region))
      .find((found) => found !== undefined);
    if (service !== undefined) nameServices.push(service);
  }
  return {
    version: topology.version,
    isWhole: true,
    parts: [...topology.parts()],
    goneParts: [],
    workloads,
    goneWorkloads: [],
    nameServices,
    goneNameServices: [],
    balancers: allBalancers(store),
    goneBalancers: [],
    instances,
  };
}
