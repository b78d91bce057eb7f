/** The way into an HTTPS listener: a handshake, then HTTP/2 or HTTP/1.1 as the two sides agreed. */
import type { Socket } from 'node:net';
import { TLSSocket, type SecureContext } from 'node:tls';
import type { TlsFacts } from '#dataplane/balancer/http/account.ts';
import type { ChosenContext, FrontState } from '#dataplane/balancer/http/front-state.ts';
import type { Timed } from '#dataplane/balancer/http/timer-wheel.ts';

/** A handshake that takes longer is given up. */
const HANDSHAKE_MS = 10_000;

/** Protocols as RFC 7301 writes them: each behind its length. */
const WITHOUT_HTTP2 = Buffer.from('\x08http/1.1');
const WITH_HTTP2 = Buffer.from('\x02h2\x08http/1.1');

export interface Secured {
  readonly socket: TLSSocket;
  readonly isHttp2: boolean;
  readonly facts: TlsFacts;
}

/** A handshake under way. */
export class Handshake implements Timed {
  deadlineMs: number;
  wheelSlot = -1;
  readonly #state: FrontState;
  readonly #socket: TLSSocket;
  #chosen: ChosenContext | undefined;

  /** @param over called once: with the secured socket, or undefined when none came about */
  constructor(state: FrontState, raw: Socket, over: (handshake: Handshake, secured: Secured | undefined) => void) {
    this.#state = state;
    this.deadlineMs = state.wheel.nowMs + HANDSHAKE_MS;
    state.wheel.add(this);
    const fallback = state.tls?.contextFor(undefined);
    this.#socket = new TLSSocket(raw, {
      isServer: true,
      ...(fallback ? { secureContext: fallback.context } : {}),
      SNICallback: (name, answer) => this.#choose(name, answer),
      ALPNProtocols: state.attributes.isHttp2Enabled ? WITH_HTTP2 : WITHOUT_HTTP2,
    });
    const fail = (): void => {
      if (this.deadlineMs === Number.POSITIVE_INFINITY) return;
      this.#settle();
      this.#socket.destroy();
      over(this, undefined);
    };
    raw.on('error', fail);
    this.#socket.on('error', fail);
    this.#socket.once('close', fail);
    this.#socket.once('secure', () => {
      if (this.deadlineMs === Number.POSITIVE_INFINITY) return;
      this.#settle();
      over(this, this.#secured());
    });
  }

  expire(): void {
    this.#socket.destroy();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #settle(): void {
    this.deadlineMs = Number.POSITIVE_INFINITY;
    this.#state.wheel.remove(this);
  }

  #choose(name: string, answer: (error: Error | null, context?: SecureContext) => void): void {
    try {
      this.#chosen = this.#state.tls?.contextFor(name.toLowerCase());
      answer(null, this.#chosen?.context);
    } catch (error) {
      this.#state.fault(error);
      answer(error instanceof Error ? error : new Error('no certificate'));
    }
  }

  #secured(): Secured {
    const socket = this.#socket;
    const chosen = this.#chosen ?? this.#state.tls?.contextFor(undefined);
    const plain = socket as unknown as { secureConnecting: boolean; readonly servername?: string | false | null }; // not in Node's types
    // A TLS server sets this; an HTTP/2 session would wait for it for ever.
    plain.secureConnecting = false;
    const named = plain.servername;
    return {
      socket,
      isHttp2: socket.alpnProtocol === 'h2',
      facts: {
        serverName: chosen?.isMatch && typeof named === 'string' ? named : undefined,
        // ALB user guide, "chosen_cert_arn".
        certificateId: socket.isSessionReused() ? 'session-reused' : chosen?.certificateId,
      },
    };
  }
}
