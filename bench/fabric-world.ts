/** A running Keiro with packets, called as anybody calls it, and the way into its fabric's namespaces. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as pause } from 'node:timers/promises';
import { fabricSocket, findFabric } from '../src/dataplane/fabric/public.ts';
import { ec2Request } from './ec2-requests.ts';
import { Rig } from './fabric-rig.ts';
import { LoadConnection } from './http-client.ts';
import { freePort, root, startServer, stopServer, type Server } from './pinned.ts';

const region = 'eu-west-1';
const image = 'resolve:ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64';
/** Milliseconds that a fabric may take to be there after the server is. */
const fabricStartMs = 20_000;

export interface Instance {
  readonly id: string;
  readonly address: string;
}

/** Nanoseconds of the clock that fabric-load.py reads. */
export const monotonicNs = (): number => Number(process.hrtime.bigint());

export class BenchWorld {
  readonly server: Server;
  readonly rig: Rig;
  /** Of the fabric, as the host counts. */
  readonly fabricPid: number;
  readonly #folder: string;
  readonly #connection: LoadConnection;

  private constructor(server: Server, fabricPid: number, folder: string) {
    this.server = server;
    this.fabricPid = fabricPid;
    this.rig = new Rig(fabricPid);
    this.#folder = folder;
    this.#connection = new LoadConnection(server.port);
  }

  static async open(): Promise<BenchWorld> {
    const folder = mkdtempSync(join(tmpdir(), 'keiro-bench-'));
    const port = await freePort();
    const command = [join(root, 'bin', 'keiro'), 'start', '--port', `${port}`, '--data', folder, '--quotas', 'off', '--packets', 'on', '--log-level', 'error']; // prettier-ignore
    const server = await startServer(command, port, '/_keiro/health', true).catch((error: unknown) => {
      rmSync(folder, { recursive: true, force: true });
      throw error;
    });
    try {
      return new BenchWorld(server, await fabricPidOf(folder), folder);
    } catch (error) {
      await stopServer(server);
      rmSync(folder, { recursive: true, force: true });
      throw error;
    }
  }

  async close(): Promise<void> {
    await this.rig.close();
    this.#connection.close();
    await stopServer(this.server);
    await (await findFabric(fabricSocket(this.#folder)))?.stop(); // a server that was killed leaves it
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** Calls an operation and gives the answer's text. @throws Error with the answer when it is no success */
  async call(Action: string, parameters: Readonly<Record<string, string | number>> = {}): Promise<string> {
    const words = Object.fromEntries(Object.entries(parameters).map(([name, value]) => [name, `${value}`]));
    const request = ec2Request(this.server.port, region, { Action, ...words });
    const { status, text } = await this.#connection.send(Buffer.from(request), true);
    if (status !== 200) throw new Error(`${Action}: ${status} ${text.slice(0, 500)}`);
    return text;
  }

  /** Calls an operation that makes something, and gives its id. */
  async make(Action: string, element: string, parameters: Readonly<Record<string, string | number>>): Promise<string> {
    const text = await this.call(Action, parameters);
    const id = new RegExp(`<${element}>([^<]+)<`).exec(text)?.[1];
    if (id === undefined) throw new Error(`${Action} says no ${element}: ${text.slice(0, 500)}`);
    return id;
  }

  /** Starts instances with one interface each, and gives them when the call is answered. */
  async launch(subnetId: string, groupIds: readonly string[], count: number, address?: string): Promise<Instance[]> {
    return this.run(count, 't3.micro', {
      SubnetId: subnetId,
      ...Object.fromEntries(groupIds.map((id, at) => [`SecurityGroupId.${at + 1}`, id])),
      ...(address === undefined ? {} : { PrivateIpAddress: address }),
    });
  }

  /** Starts instances as `parameters` say. */
  async run(count: number, InstanceType: string, parameters: Readonly<Record<string, string | number>>): Promise<Instance[]> {
    const text = await this.call('RunInstances', { ImageId: image, InstanceType, MinCount: count, MaxCount: count, ...parameters });
    const instances = text
      .split('<instanceId>')
      .slice(1)
      .filter((one) => !one.startsWith('<'))
      .map((one): Instance => ({ id: /^[^<]+/.exec(one)?.[0] ?? '', address: /<privateIpAddress>([^<]+)</.exec(one)?.[1] ?? '' }));
    if (instances.length !== count) throw new Error(`RunInstances started ${instances.length} of ${count}`);
    return instances;
  }

  /** All private addresses of a network's interfaces. */
  async addressesIn(vpcId: string): Promise<string[]> {
    const text = await this.call('DescribeNetworkInterfaces', { 'Filter.1.Name': 'vpc-id', 'Filter.1.Value.1': vpcId });
    return [...new Set([...text.matchAll(/<privateIpAddress>([^<]+)</g)].map(([, address = '']) => address))];
  }

  /** A network with subnets of 251 addresses each. */
  async makeNetwork(subnetCount: number): Promise<{ vpcId: string; subnetIds: readonly string[] }> {
    const vpcId = await this.make('CreateVpc', 'vpcId', { CidrBlock: '10.0.0.0/16' });
    const subnetIds: string[] = [];
    for (let at = 0; at < subnetCount; at++)
      subnetIds.push(
        await this.make('CreateSubnet', 'subnetId', { VpcId: vpcId, CidrBlock: `10.0.${at}.0/24`, AvailabilityZone: `${region}a` }),
      );
    return { vpcId, subnetIds };
  }

  /** Waits until the fabric holds an instance's namespace. */
  async untilThere(instance: Instance): Promise<string> {
    const namespace = `host-${instance.id}`;
    for (let tries = 0; tries < 300; tries++) {
      const isThere = await this.rig.run(namespace, undefined, ['true']).then(
        () => true,
        () => false,
      );
      if (isThere) return namespace;
      await pause(100);
    }
    throw new Error(`the fabric has no ${namespace}`);
  }
}

async function fabricPidOf(folder: string): Promise<number> {
  const until = performance.now() + fabricStartMs;
  while (performance.now() < until) {
    const fabric = await findFabric(fabricSocket(folder));
    if (fabric !== undefined) {
      fabric.disconnect();
      return fabric.pid;
    }
    await pause(20);
  }
  throw new Error(`keiro start has no fabric after ${fabricStartMs} ms (keiro doctor says why)`);
}

/** Parameters of one rule, for authorizing and revoking it. */
export function ruleParameters(groupId: string, protocol: string, from: number, to: number, peer: string, nth = 1): Record<string, string | number> {
  const source = peer.startsWith('sg-') ? { [`IpPermissions.${nth}.Groups.1.GroupId`]: peer } : { [`IpPermissions.${nth}.IpRanges.1.CidrIp`]: peer };
  return { GroupId: groupId, [`IpPermissions.${nth}.IpProtocol`]: protocol, [`IpPermissions.${nth}.FromPort`]: from, [`IpPermissions.${nth}.ToPort`]: to, ...source };
} // prettier-ignore
