/** The life of instances over records alone, with a clock that the test turns. */
import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { NOTHING_OBSERVED, type OperationContext } from '#aws/context.ts';
import { transitionMs } from '#aws/eventual.ts';
import { AwsError } from '#protocol/aws-error.ts';
import { ensureDefaultVpc } from '#services/ec2/vpcs/default-vpc.ts';
import { publicImages } from '#services/ec2/instances/image-catalog.ts';
import { instances } from '#services/ec2/instances/instances.ts';
import { instanceStates } from '#services/ec2/instances/instance-states.ts';
import { terminatedShownMs } from '#services/ec2/instances/instance-lookup.ts';
import { instanceTable, terminatedInstanceTable, vcpuUsageTable } from '#services/ec2/tables/instances.ts';
import { networkInterfaceTable, publicAddressTable } from '#services/ec2/tables/interfaces.ts';
import { openStore } from '#store/open.ts';
import type { Store } from '#store/store.ts';

const partition = { account: '111111111111', region: 'eu-west-1' };
const startMs = 1_000_000;
const [imageId] = publicImages(partition.region).keys();

let store: Store;
beforeEach(async () => {
  store = await openStore();
});
afterEach(() => store.close());

function at<T>(nowMs: number, work: (context: OperationContext) => T): Promise<T> {
  const principal = { account: partition.account, arn: '', userId: '', accessKeyId: '' };
  return store.transact(partition, (tx) => {
    const context = { ...partition, principal, requestId: '', nowMs, tx, randomBytes, observed: NOTHING_OBSERVED, quotasOn: true };
    ensureDefaultVpc(context);
    return work(context);
  });
}

const run = (nowMs: number, count = 1) =>
  at(nowMs, (context) =>
    instances
      .RunInstances(context, { ImageId: imageId, InstanceType: 't2.nano', MinCount: count, MaxCount: count })
      .Instances.map((instance) => instance.InstanceId ?? ''),
  );
const stateAt = (nowMs: number, id: string) =>
  at(nowMs, (context) => instances.DescribeInstances(context, { InstanceIds: [id] }).Reservations[0]?.Instances?.[0]?.State?.Name);
const terminate = (nowMs: number, ...InstanceIds: string[]) =>
  at(nowMs, (context) => instanceStates.TerminateInstances(context, { InstanceIds }));

async function refused(work: Promise<unknown>): Promise<string> {
  const error: unknown = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  return error instanceof AwsError ? `${error.code}: ${error.message}` : `no refusal: ${String(error)}`;
}

describe('an instance', () => {
  test('is in each transition for a moment', async () => {
    const [id = ''] = await run(startMs);
    expect(await stateAt(startMs, id)).toBe('pending');
    expect(await refused(at(startMs, (context) => instanceStates.StopInstances(context, { InstanceIds: [id] })))).toBe(
      `IncorrectInstanceState: Instance '${id}' cannot be stopped as it has never reached the 'running' state.`,
    );
    const stopMs = startMs + transitionMs;
    expect(await stateAt(stopMs, id)).toBe('running');
    await at(stopMs, (context) => instanceStates.StopInstances(context, { InstanceIds: [id] }));
    expect(await stateAt(stopMs, id)).toBe('stopping');
    expect(await refused(at(stopMs, (context) => instanceStates.StartInstances(context, { InstanceIds: [id] })))).toBe(
      `IncorrectInstanceState: The instance '${id}' is not in a state from which it can be started.`,
    );
    expect(await stateAt(stopMs + transitionMs, id)).toBe('stopped');
    await terminate(stopMs + transitionMs, id);
    expect(await stateAt(stopMs + transitionMs, id)).toBe('shutting-down');
    expect(await stateAt(stopMs + 2 * transitionMs, id)).toBe('terminated');
  });

  test('is shown for an hour after its end, then unknown, and its record goes with the next launch or end', async () => {
    const [first = '', second = ''] = await run(startMs, 2);
    const endMs = startMs + 1000;
    await terminate(endMs, first);
    await terminate(endMs + 1000, second);
    expect(await stateAt(endMs + terminatedShownMs - 1, first)).toBe('terminated');
    expect(await refused(stateAt(endMs + terminatedShownMs, first))).toBe(
      `InvalidInstanceID.NotFound: The instance ID '${first}' does not exist`,
    );
    const shown = await at(endMs + terminatedShownMs, (context) => instances.DescribeInstances(context, {}).Reservations);
    expect(shown.flatMap((one) => one.Instances ?? []).map((one) => one.InstanceId)).toEqual([second]);
    await run(endMs + terminatedShownMs);
    await at(endMs + terminatedShownMs, ({ tx }) => {
      expect(tx.get(instanceTable, first)).toBeUndefined();
      expect(tx.get(instanceTable, second)).toBeDefined();
      expect(tx.count(terminatedInstanceTable)).toBe(1);
    });
  });

  test('leaves nothing behind: no interface, no public address, no counted vCPU', async () => {
    const ids = await run(startMs, 3);
    const pool = (tx: OperationContext['tx']) => tx.in({ account: 'keiro', region: 'global' });
    await at(startMs, ({ tx }) => {
      expect(tx.count(networkInterfaceTable)).toBe(3);
      expect(pool(tx).count(publicAddressTable)).toBe(3);
      expect([...tx.list(vcpuUsageTable)].map((usage) => usage.vcpus)).toEqual([3]);
    });
    await at(startMs + transitionMs, (context) => instanceStates.StopInstances(context, { InstanceIds: ids.slice(0, 1) }));
    await at(startMs + transitionMs, ({ tx }) => expect([...tx.list(vcpuUsageTable)].map((usage) => usage.vcpus)).toEqual([2]));
    await terminate(startMs + 2 * transitionMs, ...ids);
    await at(startMs + 2 * transitionMs, ({ tx }) => {
      expect(tx.count(networkInterfaceTable)).toBe(0);
      expect(pool(tx).count(publicAddressTable)).toBe(0);
      expect([...tx.list(vcpuUsageTable)].map((usage) => usage.vcpus)).toEqual([0]);
    });
  });
});
