/** Ports of the host's loopback for listeners that have no network of their own: free ones, which they keep and find again. */
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import process from 'node:process';
import type { BalancerListener } from '#model/balancer.ts';
import type { Id } from '#model/topology.ts';
import type { Listening, ListenPlace, ListenPlaces } from '#dataplane/balancer/listen-places.ts';
import type { HostPortList } from './messages.ts';

const PORT_MAX = 65_535;

export class HostPorts implements ListenPlaces {
  readonly #file: string;
  readonly #fault: (error: unknown) => void;
  /** By listener; of some that are not open any more, until `keep`. */
  readonly #ports: Map<Id, number>;
  readonly #open = new Set<Id>();

  /** @param file where ports are remembered */
  constructor(file: string, fault: (error: unknown) => void) {
    this.#file = file;
    this.#fault = fault;
    this.#ports = new Map(Object.entries(read(file)));
  }

  /** At the port that it had last, else at one that is free. */
  async open<T extends Listening>(
    listener: BalancerListener,
    addresses: readonly string[],
    open: (place: ListenPlace) => Promise<T>,
  ): Promise<T> {
    const { id } = listener;
    const listenAt = async (port: number): Promise<T> => open({ port, addresses, reusePort: false });
    const last = this.#ports.get(id);
    // Whatever is wrong with the last one: if it is wrong with all, the free one says so.
    const opened = last === undefined ? await listenAt(0) : await listenAt(last).catch(async () => listenAt(0));
    this.#open.add(id);
    const [port] = opened.ports;
    if (port !== undefined && port !== last) {
      this.#ports.set(id, port);
      this.#write();
    }
    return opened;
  }

  /** Forgets all listeners but these. */
  keep(listeners: ReadonlySet<Id>): void {
    const before = this.#ports.size;
    for (const id of this.#ports.keys()) if (!listeners.has(id)) this.#ports.delete(id);
    for (const id of this.#open) if (!listeners.has(id)) this.#open.delete(id);
    if (this.#ports.size !== before) this.#write();
  }

  list(): HostPortList {
    return [...this.#ports].filter(([id]) => this.#open.has(id));
  }

  #write(): void {
    try {
      const fresh = `${this.#file}.${process.pid}`;
      writeFileSync(fresh, `${JSON.stringify(Object.fromEntries(this.#ports), undefined, 2)}\n`, { mode: 0o600 });
      renameSync(fresh, this.#file); // whole or not at all
    } catch (error) {
      this.#fault(error); // they have other ports next time
    }
  }
}

function read(file: string): Record<Id, number> {
  try {
    const found = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>; // or it throws below
    const isPort = (port: unknown): boolean => Number.isInteger(port) && Number(port) > 0 && Number(port) <= PORT_MAX;
    return Object.fromEntries(Object.entries(found).filter(([, port]) => isPort(port))) as Record<Id, number>; // as was just looked at
  } catch {
    return {}; // none is there yet, or nobody can read it
  }
}
