/** What a run of Vitest came to, read from its JSON report. */
import { readFileSync } from 'node:fs';

export interface TestResults {
  readonly passed: number;
  /** Failed tests, and files that could not be loaded at all. */
  readonly failed: number;
  /** One line each: file, name, reason where the test gave one. */
  readonly skipped: readonly string[];
  /** Absolute paths of the test files that were run. */
  readonly files: readonly string[];
}

interface Assertion {
  readonly fullName: string;
  readonly status: string;
  readonly meta?: { readonly skipReason?: string };
}

/** The part of Vitest's report that is used here. */
interface Report {
  readonly testResults: readonly { readonly name: string; readonly status: string; readonly assertionResults: readonly Assertion[] }[];
}

export function countResults(report: Report): TestResults {
  const tests = report.testResults.flatMap((file) => file.assertionResults.map((test) => ({ ...test, file: file.name })));
  const failedTests = tests.filter((test) => test.status === 'failed').length;
  const brokenFiles = report.testResults.filter(
    (file) => file.status === 'failed' && file.assertionResults.every((test) => test.status !== 'failed'),
  ).length;
  return {
    passed: tests.filter((test) => test.status === 'passed').length,
    failed: failedTests + brokenFiles,
    skipped: tests
      .filter((test) => test.status !== 'passed' && test.status !== 'failed')
      .map((test) => `${test.file}: ${test.fullName}${test.meta?.skipReason ? ` (${test.meta.skipReason})` : ''}`),
    files: report.testResults.map((file) => file.name),
  };
}

/** Reads the report; undefined when Vitest left none. */
export function readResults(path: string): TestResults | undefined {
  let text;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
  return countResults(JSON.parse(text) as Report); // Vitest's documented format
}
