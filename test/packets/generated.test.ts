/** The engine and the kernel agree on random worlds. KEIRO_PACKET_SEED and KEIRO_PACKET_WORLDS choose which and how many. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { count, experiment } from './experiment.ts';
import { Laboratory } from './laboratory.ts';
import { readWorld, worldsOf, writeWorld } from './worlds.ts';

const seed = Number(process.env['KEIRO_PACKET_SEED'] ?? Date.now() % 1_000_000_000);
const worlds = Number(process.env['KEIRO_PACKET_WORLDS'] ?? 15);
const folder = fileURLToPath(new URL('regressions/', import.meta.url));

let laboratory: Laboratory;
beforeAll(async () => {
  laboratory = await Laboratory.open();
});
afterAll(async () => laboratory.close());

describe('past failures', () => {
  const files = readdirSync(folder).filter((name) => name.endsWith('.json'));
  it.each(files)('%s', async (name) => {
    const world = readWorld(readFileSync(`${folder}${name}`, 'utf8'));
    const { differences, probes } = await experiment(laboratory, world.parts, world.starts);
    expect(differences.map(({ words }) => words)).toEqual([]);
    expect(probes).toBeGreaterThan(0);
  });
});

describe('random worlds', () => {
  it(`seed ${seed}: every packet goes where the engine says`, async () => {
    const outcomes = new Map<string, number>();
    let probes = 0;
    let lost = 0;
    for (const world of worldsOf(seed, worlds)) {
      const finding = await experiment(laboratory, world.parts, world.starts);
      for (const [outcome, times] of finding.outcomes) count(outcomes, outcome, times);
      probes += finding.probes;
      lost += finding.lost;
      const [first] = finding.differences;
      if (first === undefined) continue;
      const text = writeWorld({ parts: world.parts, starts: [first.start] }, first.words);
      const name = `${createHash('sha256').update(text).digest('hex').slice(0, 12)}.json`;
      writeFileSync(`${folder}${name}`, text);
      expect.fail(`seed ${seed}: ${first.words} (kept as test/packets/regressions/${name})`);
    }
    process.stdout.write(
      `packets: seed ${seed}, ${worlds} worlds, ${probes} probes (${lost} sent twice): ${JSON.stringify(Object.fromEntries(outcomes))}\n`,
    );
    for (const outcome of [
      'delivered',
      'groupDeniedIn',
      'groupDeniedOut',
      'aclDeniedIn',
      'aclDeniedOut',
      'blackhole',
      'sourceDestinationCheck',
      'noPublicAddress',
    ]) {
      if ((outcomes.get(outcome) ?? 0) === 0) expect.fail(`the worlds reach no ${outcome}`);
    }
    expect(probes).toBeGreaterThan(worlds * 50);
    expect(lost).toBeLessThan(Math.max(5, probes / 200)); // losses are rare, or they are no losses
  });
});
