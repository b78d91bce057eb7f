/** EC2 without a server: operations called straight on a store in memory, with the topology that follows it. */
import { NOTHING_OBSERVED } from '#aws/context.ts';
import { createHash } from 'node:crypto';
import type { Input, OperationName, Output } from '#aws/operation.ts';
import type { Id, Part, PartKind, Topology } from '#model/topology.ts';
import { followTopology } from '#reconcile/topology.ts';
import { ec2 } from '#services/ec2/service.ts';
import { openStore } from '#store/open.ts';
import type { Store } from '#store/store.ts';
import type { Partition } from '#store/table.ts';

type Sdk = typeof import('@aws-sdk/client-ec2');

export const home: Partition = { account: '111111111111', region: 'eu-west-1' };

/** For RunInstances; there is one in every Region. */
export const linuxImage = 'resolve:ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64';

export interface Ec2World {
  readonly store: Store;
  readonly topology: Topology;
  /** Parts that could not be made; none, when all is well. */
  readonly failures: readonly string[];
  /** Calls an operation; each call is a second after the one before. */
  call<N extends OperationName<Sdk>>(name: N, input: Input<Sdk, N>, partition?: Partition): Promise<Output<Sdk, N>>;
}

export interface WorldOptions {
  readonly quotasOn?: boolean;
  /** Off: the topology stays empty. */
  readonly isFollowed?: boolean;
  /** Whether the store checks and freezes every record. */
  readonly hasChecks?: boolean;
}

/** A world of its own, without a default VPC. Ids are the same in every run. */
export async function ec2World(options: WorldOptions = {}): Promise<Ec2World> {
  const store = await openStore({ checks: options.hasChecks ?? true });
  const failures: string[] = [];
  const { topology, stop } = followTopology(store, (error, part) => failures.push(`${part}: ${String(error)}`));
  if (options.isFollowed === false) stop();
  let calls = 0;
  let drawn = 0;
  const randomBytes = (count: number): Buffer => createHash('sha256').update(`${drawn++}`).digest().subarray(0, count);
  return {
    store,
    topology,
    failures,
    call: async (name, input, partition = home) => {
      calls++;
      const run = ec2.operations[name];
      if (!run) throw new Error(`there is no ${name}`);
      const output = await store.transact(partition, (tx) => {
        const { account, region } = partition;
        const principal = { account, arn: `arn:aws:iam::${account}:root`, userId: account, accessKeyId: account };
        const nowMs = 1_700_000_000_000 + calls * 1_000;
        const context = {
          account,
          region,
          principal,
          requestId: `${calls}`,
          nowMs,
          tx,
          randomBytes,
          observed: NOTHING_OBSERVED,
          quotasOn: options.quotasOn ?? true,
        };
        return run(context, input);
      });
      return output as never; // the service's operations are checked against these types
    },
  };
}

/** Parts by kind and id, for comparing. */
export function partsOf(topology: Topology): Map<string, Part> {
  return new Map([...topology.parts()].map((part) => [`${part.kind} ${part.id}`, part]));
}

/** A part that must be there. */
export function part<K extends PartKind>(topology: Topology, kind: K, id: Id | undefined): Extract<Part, { kind: K }> {
  for (const one of topology.parts()) if (one.kind === kind && one.id === id) return one as Extract<Part, { kind: K }>; // just compared
  throw new Error(`there is no ${kind} ${id}`);
}
