/** Connections to targets: those that wait to be used again, and where new ones come from. */
import type { Target } from '#model/balancer.ts';
import { TargetConnection } from '#dataplane/balancer/http/target-connection.ts';
import type { TimerWheel } from '#dataplane/balancer/http/timer-wheel.ts';
import type { Fault } from '#dataplane/balancer/http/wire.ts';

/** More than this wait for no target: each is a socket at the target too. */
const MOST_IDLE = 1024;

export interface PoolContext {
  readonly wheel: TimerWheel;
  readonly fault: Fault;
  readonly localAddress: string | undefined;
  /** How long a connection may wait, in milliseconds. */
  idleMs: number;
}

/** The connections to one address and port, by one protocol. */
export class TargetPool {
  readonly address: string;
  readonly port: number;
  readonly isTls: boolean;
  readonly context: PoolContext;
  /** The one used last is used next: the others get to be closed when fewer are needed. */
  readonly #idle: TargetConnection[] = [];
  readonly #all = new Set<TargetConnection>();

  constructor(address: string, port: number, isTls: boolean, context: PoolContext) {
    this.address = address;
    this.port = port;
    this.isTls = isTls;
    this.context = context;
  }

  get size(): number {
    return this.#all.size;
  }

  get idleCount(): number {
    return this.#idle.length;
  }

  /** One that waits. */
  take(): TargetConnection | undefined {
    for (;;) {
      const connection = this.#idle.pop();
      if (!connection?.isGone) return connection;
    }
  }

  /** A new one, which has yet to be established. */
  open(): TargetConnection {
    const connection = new TargetConnection(this);
    this.#all.add(connection);
    return connection;
  }

  /** Takes one back that can be used again. */
  give(connection: TargetConnection): void {
    if (this.#idle.length >= MOST_IDLE) connection.destroy();
    else this.#idle.push(connection);
  }

  /** One is gone. */
  forget(connection: TargetConnection): void {
    this.#all.delete(connection);
    const at = this.#idle.lastIndexOf(connection);
    if (at >= 0) this.#idle.splice(at, 1);
  }

  closeIdle(): void {
    for (const connection of this.#idle.splice(0)) connection.destroy();
  }

  /** Ends all, whatever is under way on them. */
  cut(): void {
    for (const connection of [...this.#all]) connection.destroy();
  }
}

export class TargetPools {
  readonly context: PoolContext;
  readonly #pools = new Map<string, TargetPool>();
  /** The same, by the object that a request's decision names. */
  readonly #plain = new WeakMap<Target, TargetPool>();
  readonly #tls = new WeakMap<Target, TargetPool>();

  constructor(context: PoolContext) {
    this.context = context;
  }

  of(target: Target, isTls: boolean): TargetPool {
    const known = isTls ? this.#tls : this.#plain;
    let pool = known.get(target);
    if (!pool) {
      const key = `${isTls ? 'tls' : 'tcp'} ${target.address} ${target.port}`;
      pool = this.#pools.get(key);
      if (!pool) {
        pool = new TargetPool(target.address, target.port, isTls, this.context);
        this.#pools.set(key, pool);
      }
      known.set(target, pool);
    }
    return pool;
  }

  /** Ends what is under way with a target, as after its deregistration delay. */
  cut(address: string, port: number): void {
    for (const pool of this.#pools.values()) if (pool.address === address && pool.port === port) pool.cut();
  }

  /** Forgets pools that nothing is in, and whose targets may be no more. */
  sweep(): void {
    for (const [key, pool] of this.#pools) if (pool.size === 0) this.#pools.delete(key);
  }

  closeIdle(): void {
    for (const pool of this.#pools.values()) pool.closeIdle();
  }

  cutAll(): void {
    for (const pool of this.#pools.values()) pool.cut();
  }
}
