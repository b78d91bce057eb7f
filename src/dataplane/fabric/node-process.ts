/** The process that answers inside the platform's namespace: started when that is there, told what is wanted, started again when it ends. */
import { spawn, type ChildProcess } from 'node:child_process';
import process from 'node:process';
import type { World, Wanted } from '#model/world.ts';
import type { NodeMessage, NodeSettings } from '#dataplane/node/public.ts';
import { toolEnvironment } from './capability.ts';
import { desksOf, OUTBOUND_RESOLVER, PLATFORM, RESOLVER, SERVICES } from './platform.ts';
import { programPath } from './programs.ts';
import { NAMESPACES } from './script.ts';
import type { FabricSettings } from './settings.ts';

/** Milliseconds between its end and its next start, at first and at most. */
const RESTART_MS = { first: 100, most: 5_000 } as const;

export class NodeProcess {
  readonly #settings: FabricSettings;
  readonly #world: World;
  #child: ChildProcess | undefined;
  #isStarted = false;
  #delayMs: number = RESTART_MS.first;

  constructor(settings: FabricSettings, world: World) {
    this.#settings = settings;
    this.#world = world;
  }

  start(): void {
    if (this.#isStarted || this.#settings.apiSocket === undefined) return;
    this.#isStarted = true;
    this.#spawn();
  }

  tell(wanted: Wanted): void {
    this.#send(wanted);
  }

  #spawn(): void {
    const { apiSocket, dialSocket } = this.#settings;
    const settings: NodeSettings = {
      resolver: [RESOLVER.ipv4, RESOLVER.ipv6],
      services: [SERVICES.ipv4, SERVICES.ipv6],
      serviceAddresses: SERVICES,
      ...(apiSocket === undefined ? {} : { apiSocket }),
      ...(dialSocket === undefined ? {} : { dialSocket }),
      ...(this.#settings.isOutbound === true ? { forwardTo: OUTBOUND_RESOLVER } : {}),
    };
    const args = [`--net=${NAMESPACES}/${PLATFORM}`, process.execPath, ...programPath('node'), JSON.stringify(settings)];
    const child = spawn('nsenter', args, {
      env: toolEnvironment(),
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      serialization: 'advanced',
    });
    this.#child = child;
    child.on('message', () => (this.#delayMs = RESTART_MS.first)); // it says when it is ready
    child.on('error', () => undefined);
    child.once('close', () => {
      this.#child = undefined;
      setTimeout(() => this.#spawn(), this.#delayMs);
      this.#delayMs = Math.min(this.#delayMs * 2, RESTART_MS.most);
    });
    const whole = this.#world.whole();
    if (whole !== undefined) this.#send(whole);
  }

  #send(wanted: Wanted): void {
    if (this.#child?.connected !== true) return;
    const message: NodeMessage = { wanted, desks: [...desksOf(this.#world.topology).values()] };
    this.#child.send(message, (error) => void error); // it may be ending: the next one is told all
  }
}
