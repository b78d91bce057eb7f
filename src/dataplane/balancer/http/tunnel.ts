/** An upgraded connection: octets both ways, until one side ends or nothing moves for the idle time-out. */
import type { Block } from '#dataplane/balancer/http/blocks.ts';
import type { FrontState } from '#dataplane/balancer/http/front-state.ts';
import type { Timed } from '#dataplane/balancer/http/timer-wheel.ts';
import type { Wire, WireUser } from '#dataplane/balancer/http/wire.ts';

class TunnelEnd implements WireUser {
  readonly #tunnel: Tunnel;
  readonly #own: Wire;
  readonly #other: Wire;

  constructor(tunnel: Tunnel, own: Wire, other: Wire) {
    this.#tunnel = tunnel;
    this.#own = own;
    this.#other = other;
    own.readsBlocks = true;
  }

  received(bytes: Buffer, end: number, block: Block | undefined): void {
    this.#tunnel.touch();
    this.#other.bytes(bytes, 0, end, block);
    if (this.#other.isFull) this.#own.pause();
  }

  drained(): void {
    this.#tunnel.touch();
    this.#other.resume();
  }

  ended(): void {
    this.#other.end();
  }

  closed(): void {
    if (!this.#other.isOver && !this.#other.socket.writableEnded) this.#other.destroy();
    this.#tunnel.sideClosed();
  }
}

export class Tunnel implements Timed {
  deadlineMs: number;
  wheelSlot = -1;
  readonly #state: FrontState;
  readonly #client: Wire;
  readonly #target: Wire;
  readonly #over: () => void;
  #openSides = 2;

  /** @param over called once, when both sides are closed */
  constructor(state: FrontState, client: Wire, target: Wire, over: () => void) {
    this.#state = state;
    this.#client = client;
    this.#target = target;
    this.#over = over;
    this.deadlineMs = state.wheel.nowMs + state.attributes.idleSeconds * 1000;
    state.wheel.add(this);
    client.user = new TunnelEnd(this, client, target);
    target.user = new TunnelEnd(this, target, client);
    for (const wire of [client, target]) {
      wire.resume();
      if (wire.isOver) this.sideClosed(); // it closed before it changed hands
    }
    if (this.#openSides < 2) this.destroy();
  }

  touch(): void {
    this.deadlineMs = this.#state.wheel.nowMs + this.#state.attributes.idleSeconds * 1000;
  }

  expire(): void {
    this.destroy();
  }

  destroy(): void {
    this.#client.destroy();
    this.#target.destroy();
  }

  sideClosed(): void {
    this.#openSides -= 1;
    if (this.#openSides !== 0) return;
    this.#state.wheel.remove(this);
    this.#over();
  }
}
