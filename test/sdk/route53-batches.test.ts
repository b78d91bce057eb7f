/** Random batches: applied whole or not at all, as a plain model of the rules says. */
import { CreateHealthCheckCommand, GetHostedZoneCommand, type ResourceRecordSet, Route53Client } from '@aws-sdk/client-route-53';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readRecordValue } from '#model/record-values.ts';
import { batch, change, records, reference, setsOf, zoneCalled } from '#test/sdk/route53.ts';
import { useKeiro } from '#test/sdk/keiro.ts';

const keiro = await useKeiro({ logLevel: 'error' });
const client = keiro.client(Route53Client);
const { HealthCheck } = await client.send(
  new CreateHealthCheckCommand({ CallerReference: reference(), HealthCheckConfig: { Type: 'TCP', IPAddress: '192.0.2.1', Port: 1 } }),
);

const names = ['p.example', 'a.p.example', 'b.p.example', '*.p.example', 'outside.example'];
const values = { A: ['192.0.2.1', '192.0.2.2', '192.0.2'], TXT: ['"x"', '"y"', 'z'], CNAME: ['t.example', 'u.example', 'a..b'] } as const;

const setOf = (zone: string): fc.Arbitrary<ResourceRecordSet> => {
  const plain = fc.constantFrom('A' as const, 'TXT' as const, 'CNAME' as const).chain((Type) =>
    fc.record({
      Type: fc.constant(Type),
      TTL: fc.constantFrom(60, 300),
      ResourceRecords: fc
        .uniqueArray(fc.constantFrom(...values[Type].slice(0, 2)), { minLength: 1, maxLength: 2 })
        .map((all) => records(...all)),
    }),
  );
  const faulty = fc
    .constantFrom('A' as const, 'TXT' as const)
    .map((Type) => ({ Type, TTL: 60, ResourceRecords: records(values[Type][2]) }));
  const alias = fc
    .constantFrom(...names)
    .map((DNSName) => ({ Type: 'A' as const, AliasTarget: { HostedZoneId: zone, DNSName, EvaluateTargetHealth: true } }));
  const routing = fc.oneof(
    { weight: 3, arbitrary: fc.constant({}) },
    fc.record({ SetIdentifier: fc.constantFrom('1', '2'), Weight: fc.nat(3), HealthCheckId: fc.constantFrom(HealthCheck?.Id, undefined) }),
    fc.record({ SetIdentifier: fc.constantFrom('1', '2'), Failover: fc.constantFrom('PRIMARY' as const, 'SECONDARY' as const) }),
  );
  const data = fc.oneof({ weight: 8, arbitrary: plain }, { weight: 1, arbitrary: faulty }, { weight: 2, arbitrary: alias });
  const name = fc.oneof({ weight: 12, arbitrary: fc.constantFrom(...names.slice(0, 4)) }, fc.constantFrom(...names.slice(4)));
  return fc.tuple(name, data, routing).map(([Name, one, policy]) => ({ Name, ...one, ...policy }));
};

const keyOf = ({ Name = '', Type, SetIdentifier = '' }: ResourceRecordSet): string =>
  `${Name.replace('*', String.raw`\052`).replace(/\.?$/, '.')} ${Type} ${SetIdentifier}`;

/** What must hold of a zone whatever was asked. */
function check(sets: readonly ResourceRecordSet[]): void {
  const keys = sets.map(keyOf);
  expect(new Set(keys).size).toBe(keys.length);
  for (const set of sets) {
    const others = sets.filter((each) => each !== set && each.Name === set.Name);
    const same = others.filter((each) => each.Type === set.Type);
    expect(set.Name).toMatch(/(?:^|\.)p\.example\.$/);
    if (set.Type === 'CNAME') {
      expect(set.Name).not.toBe('p.example.');
      expect(others.length).toBe(same.length);
      expect(set.ResourceRecords).toHaveLength(1);
    }
    if (set.SetIdentifier === undefined) expect(same).toEqual([]);
    for (const other of same) expect(other.Weight === undefined).toBe(set.Weight === undefined);
    if (set.Failover !== undefined) expect(same.filter((each) => each.Failover === set.Failover)).toEqual([]);
    if (set.Weight !== undefined) for (const { TTL } of same) if (TTL !== undefined && set.TTL !== undefined) expect(TTL).toBe(set.TTL);
    const bytes = (set.ResourceRecords ?? []).map(({ Value = '' }) => readRecordValue(set.Type ?? 'A', Value));
    for (const read of bytes) expect(read).toHaveProperty('bytes');
  }
}

test('batches keep the rules, and a refused one changes nothing', async () => {
  const zone = await zoneCalled(client, 'p.example');
  const steps = fc.array(
    fc.tuple(fc.constantFrom('CREATE' as const, 'UPSERT' as const, 'UPSERT' as const, 'DELETE' as const), setOf(zone), fc.nat()),
    { minLength: 1, maxLength: 5 },
  );
  let taken = 0;
  let refused = 0;
  await fc.assert(
    fc.asyncProperty(steps, async (drawn) => {
      const before = await setsOf(client, zone);
      // Half of the deletions are of what is there: of anything else they are refused.
      const changes = drawn.map(([action, set, pick]) =>
        change(action, action === 'DELETE' && pick % 2 === 0 && before.length > 0 ? (before[pick % before.length] ?? set) : set),
      );
      const failure = await batch(client, zone, ...changes).then(
        () => undefined,
        (error: unknown) => error,
      );
      const after = await setsOf(client, zone);
      check(after);
      const counted = await client.send(new GetHostedZoneCommand({ Id: zone }));
      expect(counted.HostedZone?.ResourceRecordSetCount).toBe(after.length + 2);
      if (failure !== undefined) {
        refused += 1;
        expect(failure).toMatchObject({ name: 'InvalidChangeBatch' });
        expect(after).toEqual(before);
        return;
      }
      taken += 1;
      const there = new Set(after.map(keyOf));
      for (const { Action, ResourceRecordSet: set } of changes) {
        const key = keyOf(set ?? { Name: '', Type: 'A' });
        const isMadeAgain = changes.some(
          (each) => each.Action !== 'DELETE' && each.ResourceRecordSet && keyOf(each.ResourceRecordSet) === key,
        );
        expect(there.has(key)).toBe(Action !== 'DELETE' || isMadeAgain);
      }
    }),
    { numRuns: 300, seed: Number(process.env['KEIRO_FUZZ_SEED'] ?? 53) },
  );
  // Else the test says nothing.
  expect(Math.min(taken, refused)).toBeGreaterThan(10);
}, 120_000);
