/** COVERAGE.md says what the code does: it is what `npm run coverage` writes. */
import { expect, it } from 'vitest';
import { coverageMarkdown, readCoverage } from '#server/coverage.ts';
import { read } from '#test/tidy/repository.ts';

it('COVERAGE.md is fresh (if not: npm run coverage)', async () => {
  const coverage = await readCoverage();
  expect(coverage.length).toBeGreaterThan(0);
  expect(read('COVERAGE.md').trimEnd()).toBe(coverageMarkdown(coverage).trimEnd());
});

it('names every service with its operations', async () => {
  for (const { service, done, missing } of await readCoverage()) expect(done.length + missing.length, service).toBeGreaterThan(5);
});
