/** The way into an HTTPS listener: a handshake, then HTTP/2 or HTTP/1.1 as the two sides agreed. */
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { TlsFacts } from '#dataplane/balancer/http/account.ts';
import type { ChosenContext, FrontState } from '#dataplane/balancer/http/front-state.ts';
import type { Timed } from '#dataplane/balancer/http/timer-wheel.ts';
import { awaitHello } from '#dataplane/balancer/tls/await-hello.ts';

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

/**
 * A handshake under way. The certificate is chosen before TLS begins: what Node's own choice by name (`SNICallback`) gives lies beside the
 * server's certificates, and only one of a pair of ECDSA and RSA would ever be shown.
 */
export class Handshake implements Timed {
  deadlineMs: number;
  wheelSlot = -1;
  readonly #state: FrontState;
  readonly #raw: Socket;
  readonly #over: (handshake: Handshake, secured: Secured | undefined) => void;
  #socket: TLSSocket | undefined;

  /** @param over called once: with the secured socket, or undefined when none came about */
  constructor(state: FrontState, raw: Socket, over: (handshake: Handshake, secured: Secured | undefined) => void) {
    this.#state = state;
    this.#raw = raw;
    this.#over = over;
    this.deadlineMs = state.wheel.nowMs + HANDSHAKE_MS;
    state.wheel.add(this);
    raw.on('error', this.#fail);
    raw.once('close', this.#fail);
    awaitHello(raw, HANDSHAKE_MS, (name) => this.#shake(name));
  }

  expire(): void {
    this.destroy();
  }

  destroy(): void {
    this.#socket?.destroy();
    this.#raw.destroy();
  }

  readonly #fail = (): void => {
    if (this.#isSettled) return;
    this.#settle();
    this.destroy();
    this.#over(this, undefined);
  };

  #shake(name: string | undefined): void {
    const { tls, attributes, fault } = this.#state;
    try {
      const chosen = tls?.contextFor(name);
      const socket = new TLSSocket(this.#raw, {
        isServer: true,
        ...(chosen ? { secureContext: chosen.context } : {}),
        ALPNProtocols: attributes.isHttp2Enabled ? WITH_HTTP2 : WITHOUT_HTTP2,
      });
      this.#socket = socket;
      socket.on('error', this.#fail);
      socket.once('close', this.#fail);
      socket.once('secure', () => {
        if (this.#isSettled) return;
        this.#settle();
        this.#over(this, securedBy(socket, name, chosen));
      });
    } catch (error) {
      fault(error);
      this.#fail();
    }
  }

  get #isSettled(): boolean {
    return this.deadlineMs === Number.POSITIVE_INFINITY;
  }

  #settle(): void {
    this.deadlineMs = Number.POSITIVE_INFINITY;
    this.#state.wheel.remove(this);
  }
}

function securedBy(socket: TLSSocket, name: string | undefined, chosen: ChosenContext | undefined): Secured {
  const plain = socket as unknown as { secureConnecting: boolean }; // not in Node's types
  // A TLS server sets this; an HTTP/2 session would wait for it for ever.
  plain.secureConnecting = false;
  return {
    socket,
    isHttp2: socket.alpnProtocol === 'h2',
    facts: {
      serverName: chosen?.isMatch === true ? name : undefined,
      // ALB user guide, "chosen_cert_arn".
      certificateId: socket.isSessionReused() ? 'session-reused' : chosen?.certificateId,
    },
  };
}
