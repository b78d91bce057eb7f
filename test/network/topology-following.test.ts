/** The topology that follows commit by commit is the one that the records give from scratch, whatever was called. */
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { OperationName } from '#aws/operation.ts';
import { AwsError } from '#protocol/aws-error.ts';
import { followTopology } from '#reconcile/topology.ts';
import { commands } from '#test/network/ec2-commands.ts';
import { picks } from '#test/network/ec2-picks.ts';
import { type Ec2World, ec2World, home, linuxImage, partsOf } from '#test/network/ec2-world.ts';

const runs = 120;
const away = { account: '222222222222', region: 'ap-northeast-1' };

/** Less is taken away than made, or else little ever comes about. */
const removal = /^(Delete|Release|Terminate|Detach|Dis|Un)/;
const weighted = commands.map(([name], at) => ({ weight: removal.test(name) ? 1 : 3, arbitrary: fc.constant(at) }));

const call = fc.record({
  command: fc.oneof(...weighted),
  draws: fc.array(fc.nat(1_000), { minLength: 6, maxLength: 6 }),
  isAway: fc.nat(5).map((dice) => dice === 0),
});

/** One call; false when AWS's rules refuse it. */
async function make(world: Ec2World, { command, draws, isAway }: { command: number; draws: number[]; isAway: boolean }): Promise<boolean> {
  const [operation, input] = commands[command]!; // drawn from the list
  const partition = isAway ? away : home;
  const given = input(picks(world.store.reader(partition), draws, linuxImage));
  try {
    await world.call(operation as OperationName<typeof import('@aws-sdk/client-ec2')>, given, partition);
    return true;
  } catch (error) {
    if (error instanceof AwsError) return false;
    throw error;
  }
}

function compare(world: Ec2World, after: string): void {
  const fresh = followTopology(world.store, (error, part) => expect.fail(`${part}: ${String(error)}`));
  const [followed, expected] = [partsOf(world.topology), partsOf(fresh.topology)];
  fresh.stop();
  if (!isDeepStrictEqual(followed, expected)) expect({ after, parts: followed }).toEqual({ after, parts: expected });
  expect(world.failures).toEqual([]);
}

test(`${runs} sequences of any calls`, async () => {
  const made = new Map<string, number>();
  await fc.assert(
    fc.asyncProperty(fc.array(call, { maxLength: 300, size: 'max' }), async (calls) => {
      const world = await ec2World({ quotasOn: false });
      // Something that no call takes away, so that both Regions stay known.
      for (const partition of [home, away])
        await world.call('CreateDhcpOptions', { DhcpConfigurations: [{ Key: 'domain-name', Values: ['example.net'] }] }, partition);
      for (const start of [0, 1, 2])
        await make(world, { command: commands.findIndex(([name]) => name === 'CreateVpc'), draws: [start], isAway: false });
      for (const one of calls) {
        const before = world.topology.version;
        const [operation] = commands[one.command]!; // drawn from the list
        if (!(await make(world, one))) continue;
        made.set(operation, (made.get(operation) ?? 0) + 1);
        if (world.topology.version !== before || /Delete|Dis|Replace|Stop|Terminate/.test(operation)) compare(world, operation);
      }
      compare(world, 'all');
      await world.store.close();
    }),
    { numRuns: runs, seed: 20_260_727 },
  );
  // A sequence that never gets through shows nothing.
  expect(commands.map(([name]) => name).filter((name) => !made.has(name))).toEqual([]);
});
