/** A whole world as data planes are told of it: the topology, and all that stands in it or beside it, each thing whole. */
import type { Balancer } from '#model/balancer.ts';
import type { HealthCheck } from '#model/health-check.ts';
import type { HostedZone, ZoneName } from '#model/hosted-zone.ts';
import { LiveTopology } from '#model/live-topology.ts';
import type { NameService } from '#model/name-service.ts';
import type { RegisteredDomain } from '#model/registered-domain.ts';
import type { Id, Part, PartKind } from '#model/topology.ts';
import type { Workload } from '#model/workload.ts';

/** What is wanted beside the topology. */
export type Holding = Workload | NameService | Balancer | HostedZone | ZoneName | HealthCheck | RegisteredDomain;
export type HoldingKind = Holding['kind'];
export type HoldingOf<K extends HoldingKind> = Extract<Holding, { readonly kind: K }>;
export type HoldingName = readonly [HoldingKind, Id];

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
  readonly holdings: readonly Holding[];
  readonly goneHoldings: readonly HoldingName[];
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
  readonly hostedZones = new Map<Id, HostedZone>();
  readonly zoneNames = new Map<Id, ZoneName>();
  readonly healthChecks = new Map<Id, HealthCheck>();
  readonly registeredDomains = new Map<Id, RegisteredDomain>();
  readonly #held: { readonly [K in HoldingKind]: Map<Id, HoldingOf<K>> } = {
    workload: this.workloads,
    nameService: this.nameServices,
    balancer: this.balancers,
    hostedZone: this.hostedZones,
    zoneName: this.zoneNames,
    healthCheck: this.healthChecks,
    registeredDomain: this.registeredDomains,
  };
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
    if (wanted.isWhole) for (const held of Object.values(this.#held)) held.clear();
    for (const [kind, id] of wanted.goneHoldings) this.#held[kind].delete(id);
    for (const one of wanted.holdings) (this.#held[one.kind] as Map<Id, Holding>).set(one.id, one); // the map of its kind
    this.#version = wanted.version;
    return changes;
  }

  /** All of it, for somebody who knows nothing yet; undefined when nothing was told. */
  whole(): Wanted | undefined {
    const version = this.#version;
    if (version === undefined) return undefined;
    const holdings = Object.values(this.#held).flatMap((held): Holding[] => [...held.values()]);
    return { version, isWhole: true, parts: [...this.topology.parts()], goneParts: [], holdings, goneHoldings: [], instances: [] };
  }

  #unnamed(parts: readonly Part[]): (readonly [PartKind, Id])[] {
    const named = new Set(parts.map(({ kind, id }) => `${kind} ${id}`));
    return [...this.topology.parts()].filter(({ kind, id }) => !named.has(`${kind} ${id}`)).map(({ kind, id }) => [kind, id] as const);
  }
}
