/** For tests: endpoints that do as they are told, checks of them, and a clock that a test turns. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { HealthCheck } from '#model/health-check.ts';
import type { Clock } from '#dataplane/checker/clock.ts';

export interface Served {
  readonly port: number;
  /** What each connection said first, and from where. */
  readonly heard: { readonly text: string; readonly from: string }[];
  close(): void;
}

/** Listens on the loopback. @param answer called with the first bytes of each connection */
export function serve(answer: (socket: Socket, text: string) => void): Promise<Served> {
  const sockets = new Set<Socket>();
  const heard: Served['heard'] = [];
  const server: Server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined).once('close', () => sockets.delete(socket));
    socket.once('data', (bytes) => {
      const text = bytes.toString('latin1');
      heard.push({ text, from: socket.remoteAddress ?? '' });
      answer(socket, text);
    });
    socket.once('end', () => setImmediate(() => socket.end()));
  });
  return listening(server, heard, () => {
    for (const socket of sockets) socket.destroy();
  });
}

export function listening(server: Server, heard: Served['heard'], close: () => void): Promise<Served> {
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number }; // listens on TCP
      const end = (): void => {
        server.close();
        close();
      };
      resolve({ port, heard, close: end });
    });
  });
}

export function checkOf(parts: Partial<HealthCheck> = {}): HealthCheck {
  return {
    kind: 'healthCheck',
    id: 'hc-1',
    type: 'HTTP',
    address: '127.0.0.1',
    port: 80,
    path: '/',
    intervalSeconds: 10,
    failureThreshold: 3,
    sendsServerName: false,
    regions: [],
    isInverted: false,
    isDisabled: false,
    children: [],
    healthyChildrenMin: 0,
    ...parts,
  };
}

/** A key and a certificate that nobody has reason to trust, and that is over. */
export function makeKeyPair(): { readonly key: string; readonly cert: string } {
  const folder = mkdtempSync(join(tmpdir(), 'keiro-checker-'));
  const [key, cert] = [join(folder, 'key'), join(folder, 'cert')];
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  execFileSync('openssl', ['req', '-x509', ...kind, '-subj', '/CN=nobody.test', '-days', '1', '-keyout', key, '-out', cert], { stdio: 'pipe' }); // prettier-ignore
  const pair = { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') };
  rmSync(folder, { recursive: true });
  return pair;
}

/** Time goes on when a test says so. */
export class TurnedClock implements Clock {
  #nowMs = 1_000_000;
  #order = 0;
  readonly #timers = new Map<number, { readonly atMs: number; readonly run: () => void }>();

  now(): number {
    return this.#nowMs;
  }

  after(delayMs: number, run: () => void): () => void {
    const order = this.#order++;
    this.#timers.set(order, { atMs: this.#nowMs + delayMs, run });
    return () => this.#timers.delete(order);
  }

  /** Runs what is due in these milliseconds, in its order. */
  turn(ms: number): void {
    const endMs = this.#nowMs + ms;
    for (;;) {
      const due = [...this.#timers].filter(([, { atMs }]) => atMs <= endMs);
      const [first] = due.sort(([a, one], [b, other]) => one.atMs - other.atMs || a - b);
      if (first === undefined) break;
      const [order, { atMs, run }] = first;
      this.#timers.delete(order);
      this.#nowMs = Math.max(this.#nowMs, atMs);
      run();
    }
    this.#nowMs = endMs;
  }

  get waiting(): number {
    return this.#timers.size;
  }
}
