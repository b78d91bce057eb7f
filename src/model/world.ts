/** A whole world as data planes are told of it: the topology, what runs in it, what its hosts are called, and what balances load. */
import type { Balancer } from '#model/balancer.ts';
import { LiveTopology } from '#model/live-topology.ts';
import type { NameService } from '#model/name-service.ts';
import type { Id, Part, PartKind } from '#model/topology.ts';
import type { Workload } from '#model/workload.ts';

/**
 * What is wanted, in whole parts: a part stands for all that was said of it before. `isWhole`: what is not named here is not
 * wanted any more. Else what is not named stays as it is, and `gone…` says what goes.
 */
export interface Wanted {
  /** Of the topology; rises. */
  readonly version: number;
  readonly isWhole: boolean;
  readonly parts: readonly Part[];
  readonly goneParts: readonly (readonly [PartKind, Id])[];
  readonly workloads: readonly Workload[];
  readonly goneWorkloads: readonly Id[];
  readonly nameServices: readonly NameService[];
  readonly goneNameServices: readonly Id[];
  readonly balancers: readonly Balancer[];
  readonly goneBalancers: readonly Id[];
  /** Instances that are no more, with their files; with `isWhole`, those that there still are. */
  readonly instances: readonly Id[];
}

/** A part before and after a change; undefined where there was or is none. */
export interface PartChange {
  readonly before: Part | undefined;
  readonly after: Part | undefined;
}

export class World {
  readonly topology = new LiveTopology();
  readonly workloads = new Map<Id, Workload>();
  readonly nameServices = new Map<Id, NameService>();
  readonly balancers = new Map<Id, Balancer>();
  #version: number | undefined;

  /** Takes what is wanted, and gives the parts that changed. */
  take(wanted: Wanted): PartChange[] {
    const changes: PartChange[] = [];
    const gone = wanted.isWhole ? this.#unnamed(wanted.parts) : wanted.goneParts;
    for (const [kind, id] of gone) {
      const before = this.topology.part(kind, id);
      if (this.topology.remove(kind, id)) changes.push({ before, after: undefined });
    }
    for (const part of wanted.parts) {
      changes.push({ before: this.topology.part(part.kind, part.id), after: part });
      this.topology.put(part);
    }
    replace(this.workloads, wanted.isWhole, wanted.workloads, wanted.goneWorkloads);
    replace(this.nameServices, wanted.isWhole, wanted.nameServices, wanted.goneNameServices);
    replace(this.balancers, wanted.isWhole, wanted.balancers, wanted.goneBalancers);
    this.#version = wanted.version;
    return changes;
  }

  /** All of it, for somebody who knows nothing yet; undefined when nothing was told. */
  whole(): Wanted | undefined {
    const version = this.#version;
    if (version === undefined) return undefined;
    const none = { goneParts: [], goneWorkloads: [], goneNameServices: [], goneBalancers: [], instances: [] };
    return {
      ...none,
      version,
      isWhole: true,
      parts: [...this.topology.parts()],
      workloads: [...this.workloads.values()],
      nameServices: [...this.nameServices.values()],
      balancers: [...this.balancers.values()],
    };
  }

  #unnamed(parts: readonly Part[]): (readonly [PartKind, Id])[] {
    const named = new Set(parts.map(({ kind, id }) => `${kind} ${id}`));
    return [...this.topology.parts()].filter(({ kind, id }) => !named.has(`${kind} ${id}`)).map(({ kind, id }) => [kind, id] as const);
  }
}

function replace<T extends { readonly id: Id }>(held: Map<Id, T>, isWhole: boolean, fresh: readonly T[], gone: readonly Id[]): void {
  if (isWhole) held.clear();
  for (const id of gone) held.delete(id);
  for (const one of fresh) held.set(one.id, one);
}
