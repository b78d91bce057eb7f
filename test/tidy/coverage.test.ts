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
  const counts = (await readCoverage()).map(({ service, done, missing }) => ({ service, operations: done.length + missing.length }));
  expect(counts.filter(({ operations }) => operations <= 5)).toEqual([]);
});
