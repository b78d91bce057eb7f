/** Packets: the fabric started beside control where the machine allows it, kept equal to the records, reached from the host. */
import { mkdirSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import process from 'node:process';
import { join } from 'node:path';
import { NOTHING_OBSERVED, type Observations } from '#aws/context.ts';
import {
  apiSocket,
  detectCapability,
  dialSocket,
  fabricSocket,
  findFabric,
  joinHost,
  namesSocket,
  socketFolder,
  startFabric,
  startOutbound,
  type Capability,
} from '#dataplane/fabric/public.ts';
import { listenPrivately } from '#dataplane/process/listen-privately.ts';
import type { Id } from '#model/topology.ts';
import { FabricFollower, settleInstances } from '#reconcile/fabric.ts';
import type { HostNames } from '#reconcile/host-names.ts';
import type { HostBalancers } from '#reconcile/host-balancers.ts';
import { ObservedInstances } from '#reconcile/observed-instances.ts';
import { endBalancersOnHost, openBalancersOnHost } from '#server/balancers-on-host.ts';
import type { Log } from '#server/log.ts';
import { openNamesOnHost } from '#server/names-on-host.ts';
import type { ServerOptions } from '#server/options.ts';
import { pooledRandomBytes } from '#server/random-pool.ts';
import type { Store } from '#store/store.ts';

export interface PacketsOptions {
  /** `auto`: where the machine allows it; `on`: or the start fails; `off`: load balancers listen on the host; `none`: nothing but records. */
  readonly mode: 'auto' | 'on' | 'off' | 'none';
  /** Whether Keiro's internet leads on to the real one. */
  readonly isOutbound: boolean;
  readonly store: Store;
  /** Data directory. */
  readonly directory: string;
  readonly log: Log;
  /** The port for names on the host. */
  readonly dns: ServerOptions['dns'];
  readonly geo?: string | undefined;
  /** Makes sure that the local CA's certificate is in the data directory. */
  readonly prepareTrust: () => Promise<unknown>;
}

/** A start with `--packets on` on a machine that does not allow it. */
export class PacketsError extends Error {
  override readonly name = 'PacketsError';
}

export interface Packets {
  readonly observed: Observations;
  /** For health: `on`, `starting`, `off`, or why not. */
  state(): string;
  /** The port of the loopback address at which a load balancer's listener is reached, where `observed.balancesOnHost`. */
  hostPort(listenerId: Id): Promise<number | undefined>;
  /** Where names are answered on the host; undefined: nowhere, or not yet. */
  dnsPlace(): { readonly address: string; readonly port: number } | undefined;
  /** Starts the fabric, and whatever takes calls from within. @param accept takes a connection to the front door */
  start(accept: (socket: Socket) => void): Promise<void>;
  close(): Promise<void>;
}

/** @throws PacketsError with `on`, where the machine does not allow it */
export async function openPackets(options: PacketsOptions): Promise<Packets> {
  if (options.mode === 'none') return { ...nothing('off'), start: async () => settle(options) };
  if (options.mode === 'off') return new PacketsOff(options);
  if (options.mode === 'auto') return new RealPackets(options);
  const capability = await detectCapability();
  if (!capability.isAvailable) throw new PacketsError(`packets cannot move here: ${wordsOf(capability)}`);
  return new RealPackets(options);
}

const nothing = (state: string) => ({ observed: NOTHING_OBSERVED, state: () => state, hostPort: async () => undefined, dnsPlace: () => undefined, close: async () => undefined }); // prettier-ignore

async function settle({ store }: PacketsOptions): Promise<void> {
  await settleInstances({ store, nowMs: Date.now, randomBytes: pooledRandomBytes }, NOTHING_OBSERVED);
}

const wordsOf = (capability: Extract<Capability, { isAvailable: false }>): string => `${capability.reason}; ${capability.advice}`;

/** What can be without packets: load balancers on the host. */
class PacketsOff implements Packets {
  readonly observed = new ObservedInstances();
  readonly #options: PacketsOptions;
  readonly #balancers: HostBalancers;
  #names: HostNames | undefined;

  constructor(options: PacketsOptions) {
    this.#options = options;
    this.#balancers = openBalancersOnHost(options, this.observed);
  }

  state = (): string => 'off';

  hostPort = async (listenerId: Id): Promise<number | undefined> => this.#balancers.portOf(listenerId);

  dnsPlace = () => this.#names?.place;

  async start(): Promise<void> {
    await (await findFabric(fabricSocket(this.#options.directory)))?.stop(); // of an earlier start, with packets
    await settle(this.#options);
    await this.#balancers.start();
    this.#names = await openNamesOnHost(this.#options, this.observed, false);
  }

  async close(): Promise<void> {
    await this.#names?.close();
    await this.#balancers.close();
    await endBalancersOnHost(this.#options.directory);
    rmSync(socketFolder(this.#options.directory), { recursive: true, force: true });
  }
}

class RealPackets implements Packets {
  readonly #options: PacketsOptions;
  readonly #follower: FabricFollower;
  #door: Server | undefined;
  #whyNot: string | undefined;
  #starting: Promise<void> | undefined;
  /** Where packets turn out not to move. */
  #balancers: HostBalancers | undefined;
  #names: HostNames | undefined;
  readonly observed: ObservedInstances;

  constructor(options: PacketsOptions) {
    this.#options = options;
    const { store, log, directory } = options;
    this.#follower = new FabricFollower({
      store,
      open: async () =>
        startFabric(fabricSocket(directory), {
          apiSocket: apiSocket(directory),
          dialSocket: dialSocket(directory),
          namesSocket: namesSocket(directory),
          ...(options.geo === undefined ? {} : { geoFile: options.geo }),
          trustFile: join(directory, 'ca.pem'),
          isOutbound: options.isOutbound,
          bucketFolder: join(directory, 'buckets'),
        }),
      onFailure: (error, part) => log.error({ err: error }, `no network of ${part}`),
      onTrouble: (error, doing) => log.warn({ err: error }, doing),
      onReady: (fabric) => {
        if (options.isOutbound)
          startOutbound(fabric.pid).then(
            () => log.info("Keiro's internet leads on to the real one"),
            (error: unknown) => log.warn({ err: error }, "Keiro's internet does not lead on to the real one"),
          );
        if (process.getuid?.() === 0)
          joinHost(fabric.pid).then(
            (device) => device !== undefined && log.info({ device }, 'public addresses are reached from this host'),
            (error: unknown) => log.info({ err: error }, 'public addresses are not reached from this host'),
          );
      },
      nowMs: Date.now,
      randomBytes: pooledRandomBytes,
    });
    this.#follower.observed.begin(); // until it is known that it cannot be, instances wait
    this.observed = this.#follower.observed;
  }

  state(): string {
    return this.#whyNot ?? (this.#follower.isOpen ? 'on' : 'starting');
  }

  async hostPort(listenerId: Id): Promise<number | undefined> {
    return this.#balancers?.portOf(listenerId);
  }

  dnsPlace() {
    return this.#names?.place;
  }

  start(accept: (socket: Socket) => void): Promise<void> {
    this.#starting = this.#start(accept);
    return this.#starting;
  }

  async #start(accept: (socket: Socket) => void): Promise<void> {
    const { directory, log, prepareTrust } = this.#options;
    const adopted = await findFabric(fabricSocket(directory));
    adopted?.disconnect();
    const capability: Capability = adopted === undefined ? await detectCapability() : { isAvailable: true };
    if (!capability.isAvailable) {
      this.#whyNot = wordsOf(capability);
      this.#follower.observed.end();
      log.warn(`packets do not move here: ${this.#whyNot}`);
      await settle(this.#options);
      this.#balancers = openBalancersOnHost(this.#options, this.#follower.observed);
      await this.#balancers.start();
      this.#names = await openNamesOnHost(this.#options, this.observed, false);
      return;
    }
    await endBalancersOnHost(directory); // of an earlier start, without packets
    mkdirSync(socketFolder(directory), { recursive: true, mode: 0o700 });
    this.#door = await openDoor(apiSocket(directory), accept);
    await prepareTrust();
    this.#names = await openNamesOnHost(this.#options, this.observed, true);
    await this.#follower.start();
  }

  async close(): Promise<void> {
    this.#door?.close();
    await this.#follower.close();
    await this.#starting?.catch(() => undefined);
    await this.#names?.close();
    await this.#balancers?.close();
    await (await findFabric(fabricSocket(this.#options.directory)))?.stop(); // one that was left from before, and not followed yet
    if (this.#door !== undefined) rmSync(socketFolder(this.#options.directory), { recursive: true, force: true });
  }
}

/** The front door for calls from within: a socket of its owner's alone. */
async function openDoor(path: string, accept: (socket: Socket) => void): Promise<Server> {
  const server = createServer({ allowHalfOpen: true }, accept);
  await listenPrivately(server, path);
  return server;
}
