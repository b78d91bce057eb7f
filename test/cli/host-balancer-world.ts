/** A Keiro without packets, its load balancers on this host, and targets for them: what the tests of both kinds stand on. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { EC2 } from '@aws-sdk/client-ec2';
import { ElasticLoadBalancingV2, type TargetHealth } from '@aws-sdk/client-elastic-load-balancing-v2';
import { afterAll, vi } from 'vitest';
import { findBalancerHost } from '#dataplane/balancer/public.ts';
import { socketFolder } from '#dataplane/fabric/public.ts';
import type { ShownBalancer } from '#server/balancers-page.ts';
import { keiro, type KeiroProcess, run } from '#test/cli/keiro-process.ts';

export const region = 'eu-west-1';
export const account = '123456789012';

/** A busy machine takes its time, and a target is unhealthy after two checks in ten seconds. */
export const patience = { timeout: 30_000, interval: 100 };

/** A target on the loopback address, which answers with its name, the request's target and fields. */
export interface WebTarget {
  readonly name: string;
  readonly port: number;
  /** Refuses from now on, connections that are open too. */
  kill(): Promise<void>;
}

const servers = new Set<Server>();
afterAll(() => servers.forEach((server) => server.close().closeAllConnections()));

export async function openTarget(name: string): Promise<WebTarget> {
  const server = createServer((request, response) => {
    response.end(JSON.stringify({ name, url: request.url, headers: request.headers }));
  });
  servers.add(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const kill = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { name, port: (server.address() as AddressInfo).port, kill }; // it listens on a port
}

/** What a target answers. */
export interface Seen {
  readonly name: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

export interface HostWorld {
  readonly server: KeiroProcess;
  readonly ec2: EC2;
  readonly elb: ElasticLoadBalancingV2;
  readonly vpcId: string;
  readonly subnetIds: string[];
}

export async function hostWorld(server: KeiroProcess): Promise<HostWorld> {
  const access = { endpoint: server.endpoint, region, credentials: { accessKeyId: account, secretAccessKey: 'secret' } };
  const ec2 = new EC2(access);
  const { Subnets = [] } = await ec2.describeSubnets({});
  return {
    server,
    ec2,
    elb: new ElasticLoadBalancingV2(access),
    vpcId: Subnets[0]?.VpcId ?? '',
    subnetIds: Subnets.flatMap(({ SubnetId }) => SubnetId ?? []),
  };
}

/** What `keiro balancers` says of one. */
export async function shown({ server }: Pick<HostWorld, 'server'>, name: string): Promise<ShownBalancer> {
  const { stdout } = await keiro(['balancers', '--data', server.data, '--json']);
  const { balancers } = JSON.parse(stdout) as { balancers: ShownBalancer[] }; // as it prints
  const found = balancers.find((one) => one.name === name);
  if (found === undefined) throw new Error(`there is no ${name} in ${stdout}`);
  return found;
}

/** Where a listener is on the loopback address, as `keiro balancers` says. */
export async function addressOf(world: Pick<HostWorld, 'server'>, name: string, port: number): Promise<string> {
  const { listeners } = await shown(world, name);
  const address = listeners.find((one) => one.port === port)?.address;
  if (address === undefined) throw new Error(`${name} has no listener ${port} that is open`);
  return address;
}

/** Runs curl; gives what it prints, or why it failed. */
export async function curl(...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await run('curl', ['-sS', '-m', '5', ...args]);
  return code === 0 ? stdout : `curl failed: ${stderr.trim()}`;
}

/** curl's words for a name under `localhost` at Keiro's own port. */
export const atLocalName = ({ server }: Pick<HostWorld, 'server'>, name: string, path = '/', scheme = 'http'): string[] => [
  '--resolve',
  `${name}:${server.port}:127.0.0.1`,
  `${scheme}://${name}:${server.port}${path}`,
];

/** The states of a group's targets, by port. */
export async function statesOf({ elb }: HostWorld, group: string): Promise<Record<number, TargetHealth['State']>> {
  const { TargetHealthDescriptions = [] } = await elb.describeTargetHealth({ TargetGroupArn: group });
  return Object.fromEntries(TargetHealthDescriptions.map(({ Target, TargetHealth }) => [Target?.Port ?? 0, TargetHealth?.State]));
}

/** The process of the load balancers. */
export async function hostPid(data: string): Promise<number | undefined> {
  const host = await findBalancerHost(join(socketFolder(data), 'hosted.sock'));
  host?.disconnect();
  return host?.pid;
}

export const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

export async function eventually<T>(ask: () => T | Promise<T>, isSo: (value: Awaited<T>) => void): Promise<void> {
  await vi.waitFor(async () => isSo(await ask()), patience);
}
