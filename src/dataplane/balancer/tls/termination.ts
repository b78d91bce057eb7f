/** TLS of a listener: takes a client's connection, and gives it back in clear text. */
import type { Socket } from 'node:net';
import { createServer, type Server, type TLSSocket } from 'node:tls';
import type { BalancerCertificate, BalancerListener } from '#model/balancer.ts';
import { CertificateChoice } from '#dataplane/balancer/tls/certificate-choice.ts';
import { awaitHello } from '#dataplane/balancer/tls/await-hello.ts';
import { contextOptions } from '#dataplane/balancer/tls/secure-contexts.ts';
import { ticketOptions } from '#dataplane/balancer/tls/tickets.ts';

/** What changes while a listener lives. */
export interface TerminationSettings {
  readonly tls: NonNullable<BalancerListener['tls']>;
  /** From `alpnProtocols`. */
  readonly alpn: readonly string[];
}

export interface TerminationOptions extends TerminationSettings {
  /** The load balancer's secret: all its workers open each other's session tickets, also after they began anew. 16 bytes and more. */
  readonly secret: Uint8Array;
  /** Milliseconds in which a client has to send its first message, and then again to finish its handshake. */
  readonly handshakeMs: number;
  /** A handshake is done: `getProtocol()`, `getCipher()`, `servername` and `alpnProtocol` say with what. */
  readonly opened: (socket: TLSSocket) => void;
  /** One failed; the connection is gone already. */
  readonly failed?: (error: NodeJS.ErrnoException) => void;
}

/** What serves a set of certificates. It never listens: connections are handed to it. */
interface Door {
  readonly server: Server;
  readonly certificates: readonly BalancerCertificate[];
}

/**
 * Reads which name a client asks for before TLS begins, and hands the connection to a server that has the certificates of that name: of
 * what Node's own choice by name (`SNICallback`) is given, it takes one certificate alone, so that a client could not be shown the kind that
 * it can use.
 */
export class Termination {
  readonly #options: TerminationOptions;
  readonly #tickets: ReturnType<typeof ticketOptions>;
  #settings: TerminationSettings;
  #choice: CertificateChoice;
  /** By policy, protocols of ALPN and certificates' ids; made when the first client needs them. */
  #doors = new Map<string, Door>();

  /** @throws for a listener without a certificate, for certificates that cannot be used, and for a policy that there is not */
  constructor(options: TerminationOptions) {
    this.#options = options;
    this.#tickets = ticketOptions(options.secret);
    this.#settings = options;
    this.#choice = new CertificateChoice(options.tls.certificates);
    this.update(options);
  }

  /** Takes a connection of which nothing has been read. */
  accept(socket: Socket): void {
    awaitHello(socket, this.#options.handshakeMs, (serverName) => this.#hand(socket, serverName));
  }

  /** From now on; connections that are open, or in their handshake, keep what they began with. @throws as the constructor; then all stays */
  update(settings: TerminationSettings): void {
    const { certificates } = settings.tls;
    if (certificates.length === 0) throw new Error('a listener with TLS needs a certificate');
    const choice = new CertificateChoice(certificates);
    const door = this.#doorOf(settings, choice.for(undefined)); // throws while nothing is changed yet
    const current = new Map(certificates.map((certificate) => [certificate.id, certificate]));
    const kept = [...this.#doors].filter(([key, made]) => {
      return key === keyOf(settings, made.certificates) && made.certificates.every((one) => isSame(one, current.get(one.id)));
    });
    this.#doors = new Map([...kept, [keyOf(settings, door.certificates), door]]);
    this.#choice = choice;
    this.#settings = settings;
  }

  #hand(socket: Socket, serverName: string | undefined): void {
    try {
      this.#doorOf(this.#settings, this.#choice.for(serverName)).server.emit('connection', socket);
    } catch (error) {
      socket.destroy();
      this.#options.failed?.(error instanceof Error ? error : new Error(String(error)));
    }
  }

  #doorOf(settings: TerminationSettings, certificates: readonly BalancerCertificate[]): Door {
    const key = keyOf(settings, certificates);
    const known = this.#doors.get(key);
    if (known?.certificates.every((one, index) => isSame(one, certificates[index]))) return known;
    const made = { server: this.#open(settings, certificates), certificates };
    if (settings === this.#settings) this.#doors.set(key, made);
    return made;
  }

  #open({ tls, alpn }: TerminationSettings, certificates: readonly BalancerCertificate[]): Server {
    const { handshakeMs, opened, failed } = this.#options;
    const server = createServer({
      ...contextOptions(tls.policy, certificates),
      ...this.#tickets,
      handshakeTimeout: handshakeMs,
      allowHalfOpen: true,
      ...(alpn.length === 0 ? {} : { ALPNProtocols: [...alpn] }),
    });
    server.on('secureConnection', (socket) => {
      socket.allowHalfOpen = true; // from here on half a connection is enough for an answer
      opened(socket);
    });
    server.on('tlsClientError', (error: NodeJS.ErrnoException, socket) => {
      socket.destroy();
      failed?.(error);
    });
    return server;
  }
}

const keyOf = ({ tls, alpn }: TerminationSettings, certificates: readonly BalancerCertificate[]): string =>
  [tls.policy, alpn.join(','), ...certificates.map(({ id }) => id)].join(' ');

const isSame = (one: BalancerCertificate, other: BalancerCertificate | undefined): boolean =>
  one === other || (one.chain === other?.chain && one.privateKey === other.privateKey);
