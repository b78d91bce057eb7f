/** From a Topology to the kernel state that makes it real. The same topology gives the same state, whatever was compiled before. */
import type { Id, Network, Part, Topology } from '#model/topology.ts';
import type { Workload } from '#model/workload.ts';
import { HolderCompiler } from './holders.ts';
import { compileInternet, joinNetwork, type InternetShare } from './internet.ts';
import { compileInternetGateway } from './internet-gateway.ts';
import type { KernelState, Link, Namespace } from './kernel-state.ts';
import { compilePlatform, type HopLimit } from './platform.ts';
import { presentInterfaces, type PresentInterface } from './presence.ts';
import { compileRouter, type CompiledRouter } from './router.ts';

/** What one network comes to. */
interface CompiledNetwork {
  readonly present: readonly PresentInterface[];
  readonly router: CompiledRouter;
  readonly gateway: readonly Namespace[];
  /** Groups and lists that its ruleset is made of, and route tables that its routes are. */
  readonly filters: ReadonlySet<Id>;
  readonly tables: ReadonlySet<Id>;
  /** The router with its ruleset, until a rule changes. */
  complete: Namespace | undefined;
  readonly links: readonly Link[];
  readonly internet: InternetShare;
}

export interface CompilerOptions {
  /** Whether the kernel can look into packets: hop limits of metadata need it. */
  readonly looksIntoPackets?: boolean;
  /** Whether the internet leads on to the real one. */
  readonly isOutbound?: boolean;
}

const NO_WORKLOADS: ReadonlyMap<Id, Workload> = new Map();

/** Everything that the kernel is to hold for a topology; nothing throws, whatever dangles. */
export function compile(topology: Topology, workloads: ReadonlyMap<Id, Workload> = NO_WORKLOADS): KernelState {
  return new Compiler(topology, workloads).compile();
}

/**
 * Compiles the same topology again and again as it changes: a network that no change touched is not compiled anew, and
 * its namespaces and links are the very objects of last time, so that comparing them costs nothing.
 */
export class Compiler {
  readonly #topology: Topology;
  readonly #workloads: ReadonlyMap<Id, Workload>;
  readonly #networks = new Map<Id, CompiledNetwork>();
  readonly #holders = new HolderCompiler();
  readonly #options: CompilerOptions;
  #order: Network[] | undefined;
  #platform: Namespace | undefined;

  constructor(topology: Topology, workloads: ReadonlyMap<Id, Workload>, options: CompilerOptions = {}) {
    this.#topology = topology;
    this.#workloads = workloads;
    this.#options = options;
  }

  /** Says that what runs has changed. */
  touchWorkloads(): void {
    this.#platform = undefined;
  }

  /** Says that a part was put in place of another, or taken away (`after` undefined), before it is compiled next. */
  touch(before: Part | undefined, after: Part | undefined): void {
    for (const part of [before, after]) if (part !== undefined) this.#touchPart(part);
  }

  /** A namespace for each network's router, its internet gateway, each instance and NAT gateway; the internet; the platform. */
  compile(): KernelState {
    const topology = this.#topology;
    this.#order ??= [...topology.networks.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
    const compiled = this.#order.map((network) => this.#networkOf(network));
    const present = compiled.flatMap((one) => one.present);
    const internet = compileInternet(topology, compiled.map((one) => one.internet), this.#options.isOutbound === true); // prettier-ignore
    return {
      version: topology.version,
      namespaces: [
        ...compiled.flatMap((one) => [this.#completed(one), ...one.gateway]),
        ...this.#holders.compile(topology, present, this.#workloads),
        internet.namespace,
        (this.#platform ??= compilePlatform(topology, this.#options.looksIntoPackets === true ? this.#hopLimits() : undefined)),
      ],
      links: [...compiled.flatMap((one) => one.links), ...internet.links],
    };
  }

  #networkOf(network: Network): CompiledNetwork {
    const known = this.#networks.get(network.id);
    if (known !== undefined) return known;
    const fresh = compileNetwork(this.#topology, network);
    this.#networks.set(network.id, fresh);
    return fresh;
  }

  #hopLimits(): HopLimit[] {
    const limits: HopLimit[] = [];
    for (const { attachment, networkId, addresses } of this.#topology.interfaces.values()) {
      const workload = attachment?.kind === 'instance' ? this.#workloads.get(attachment.id) : undefined;
      if (workload !== undefined) for (const address of addresses) limits.push({ networkId, address, hops: workload.metadata.hopLimit });
    }
    return limits;
  }

  #completed(one: CompiledNetwork): Namespace {
    return (one.complete ??= { ...one.router.namespace, ruleset: one.router.ruleset.compile(this.#topology) });
  }

  #touchPart(part: Part): void {
    switch (part.kind) {
      case 'network':
        this.#order = undefined;
        this.#platform = undefined;
        this.#networks.delete(part.id);
        return;
      case 'natGateway': {
        const networkId = this.#topology.interfaces.get(part.interfaceId)?.networkId;
        if (networkId !== undefined) this.#networks.delete(networkId);
        return;
      }
      case 'prefixSet': // rules and routes of any network may name it
        return this.#networks.clear();
      case 'publicPool':
        return;
      case 'internetGateway':
      case 'egressOnlyGateway':
        if (part.networkId !== undefined) this.#networks.delete(part.networkId);
        return;
      case 'group':
      case 'accessList':
        for (const one of this.#networks.values()) if (one.filters.has(part.id)) one.complete = undefined;
        return;
      case 'routeTable':
        for (const [id, one] of this.#networks) if (one.tables.has(part.id)) this.#networks.delete(id);
        return;
      case 'interface':
        this.#platform = undefined;
        this.#networks.delete(part.networkId);
        return;
      case 'segment':
        this.#networks.delete(part.networkId);
    }
  }
}

function compileNetwork(topology: Topology, network: Network): CompiledNetwork {
  const present = presentInterfaces(topology, network);
  const router = compileRouter(topology, network, present);
  const gateway = compileInternetGateway(topology, network);
  const internet = joinNetwork(topology, network);
  const segments = topology.segmentsOf(network.id).flatMap((id) => topology.segments.get(id) ?? []);
  return {
    filters: new Set([...present.flatMap(({ part }) => part.groupIds), ...segments.map(({ accessListId }) => accessListId)]),
    tables: new Set([...segments.map(({ routeTableId }) => routeTableId), topology.internetGatewayOf(network.id)?.routeTableId ?? '']),
    present,
    router,
    gateway: gateway === undefined ? [] : [gateway.namespace],
    complete: undefined,
    links: [...router.links, ...(gateway === undefined ? [] : [gateway.link]), ...internet.links],
    internet,
  };
}
