import { describe, expect, it } from 'vitest';
import { countResults, readResults } from './test-results.ts';

const file = (name: string, status: string, ...tests: readonly string[]) => ({
  name,
  status,
  assertionResults: tests.map((test, at) => ({ fullName: `test ${at}`, status: test })),
});

describe('countResults', () => {
  it('counts tests', () => {
    const report = { testResults: [file('/a.test.ts', 'failed', 'passed', 'failed', 'passed'), file('/b.test.ts', 'passed', 'passed')] };
    expect(countResults(report)).toEqual({ passed: 3, failed: 1, skipped: [], files: ['/a.test.ts', '/b.test.ts'] });
  });

  it('counts a file that could not be loaded as a failure', () => {
    expect(countResults({ testResults: [file('/a.test.ts', 'failed')] })).toMatchObject({ passed: 0, failed: 1 });
  });

  it.each(['skipped', 'pending', 'todo', 'disabled'])('lists a test that is %s', (status) => {
    expect(countResults({ testResults: [file('/a.test.ts', 'passed', status)] })).toMatchObject({
      passed: 0,
      skipped: ['/a.test.ts: test 0'],
    });
  });
});

it('readResults says when there are none', () => {
  expect(readResults('/nowhere/results.json')).toBeUndefined();
});
