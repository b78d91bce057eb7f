/** The process of all load balancers on the host, where no packets move: it outlives control, which finds it again at its socket. */
import process from 'node:process';
import type { Balancer, TargetHealth } from '#model/balancer.ts';
import type { Id } from '#model/topology.ts';
import { AccessLogs } from '#dataplane/balancer/access-logs.ts';
import { LoadBalancerNode } from '#dataplane/balancer/node.ts';
import { serveSocket } from '#dataplane/process/serve.ts';
import { HostPorts } from './host-ports.ts';
import {
  HOST_PROTOCOL,
  type BalancerHostEvent,
  type BalancerHostSettings,
  type HostAnswer,
  type HostRequest,
  type WantedBalancers,
} from './messages.ts';
import { HOST_NODE, onHost } from './on-host.ts';

/** Milliseconds that requests have to end when their load balancer is deleted, or the process is told to end. */
const GRACE_MS = 1_000;

interface Hosted {
  balancer: Balancer;
  readonly node: LoadBalancerNode;
  targets: readonly TargetHealth[];
}

export async function hostBalancers({ socketPath, portsFile, bucketFolder }: BalancerHostSettings): Promise<void> {
  const told: ((event: BalancerHostEvent) => void)[] = [];
  const tell = (event: BalancerHostEvent): void => told.forEach((one) => one(event));
  const host = new BalancerHost(portsFile, bucketFolder, tell);
  const fault = (error: unknown): void => host.fault('load balancers on the host', error);
  process.on('uncaughtException', fault); // bytes of strangers end no one else's connection
  process.on('unhandledRejection', fault);
  const end = async (): Promise<void> => host.close().finally(() => setTimeout(() => process.exit(0), 20)); // an answer leaves first
  const answer = async (request: HostRequest): Promise<HostAnswer> => {
    const { id } = request;
    if (request.do === 'want') return { id, ports: await host.want(request.wanted) };
    if (request.do === 'stop') await end();
    return { id, status: { protocol: HOST_PROTOCOL, pid: process.pid } };
  };
  const served = await serveSocket(
    socketPath,
    async (request) => answer(request as HostRequest), // what control asks
    (say) => {
      for (const event of host.history()) say(event);
    },
  );
  told.push((event) => served.tell(event));
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void end());
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined); // whoever started it goes away
  process.stdout.write('ready\n');
}

class BalancerHost {
  readonly #ports: HostPorts;
  readonly #bucketFolder: string | undefined;
  readonly #tell: (event: BalancerHostEvent) => void;
  readonly #hosted = new Map<Id, Hosted>();

  constructor(portsFile: string, bucketFolder: string | undefined, tell: (event: BalancerHostEvent) => void) {
    this.#bucketFolder = bucketFolder;
    this.#tell = tell;
    this.#ports = new HostPorts(portsFile, (error) => this.fault('ports of load balancers', error));
  }

  fault(where: string, error: unknown): void {
    this.#tell({ event: 'fault', where, words: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  }

  /** What a newcomer is told. */
  *history(): Generator<BalancerHostEvent> {
    for (const [id, { targets }] of this.#hosted) yield healthOf(id, targets);
  }

  async want({ isWhole, balancers, gone }: WantedBalancers) {
    const named = new Set(balancers.map(({ id }) => id));
    await Promise.all((isWhole ? [...this.#hosted.keys()].filter((id) => !named.has(id)) : gone).map(async (id) => this.#end(id)));
    await Promise.all(balancers.map(async (balancer) => this.#hold(balancer)));
    this.#ports.keep(new Set([...this.#hosted.values()].flatMap(({ balancer }) => balancer.listeners.map(({ id }) => id))));
    return this.#ports.list();
  }

  async close(): Promise<void> {
    await Promise.all([...this.#hosted.values()].map(async ({ node }) => node.close(GRACE_MS)));
  }

  async #hold(balancer: Balancer): Promise<void> {
    const { id } = balancer;
    const known = this.#hosted.get(id);
    const hosted = known ?? { balancer, node: this.#nodeOf(id), targets: [] };
    hosted.balancer = balancer;
    this.#hosted.set(id, hosted);
    await hosted.node.update(onHost(balancer));
  }

  async #end(id: Id): Promise<void> {
    const hosted = this.#hosted.get(id);
    this.#hosted.delete(id);
    if (hosted === undefined) return;
    void hosted.node.close(GRACE_MS); // its listeners are closed at once
    this.#tell(healthOf(id, []));
  }

  #nodeOf(id: Id): LoadBalancerNode {
    const fault = (error: unknown): void => this.fault(`load balancer ${id}`, error);
    return new LoadBalancerNode({
      interfaceId: HOST_NODE.interfaceId,
      fault,
      logs: new AccessLogs(this.#bucketFolder, fault),
      hostPlaces: this.#ports,
      tellHealth: (targets) => {
        const hosted = this.#hosted.get(id);
        if (hosted === undefined) return;
        hosted.targets = targets;
        this.#tell(healthOf(id, targets));
      },
    });
  }
}

const healthOf = (balancer: Id, targets: readonly TargetHealth[]): BalancerHostEvent => ({ event: 'health', balancer, zone: HOST_NODE.zone, targets }); // prettier-ignore
