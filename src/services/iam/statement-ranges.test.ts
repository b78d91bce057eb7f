import { expect, it } from 'vitest';
import { statementRange } from '#services/iam/statement-ranges.ts';

it.each([
  ['{"Statement":[{"a":1},{"b":{"c":"}"}}]}', 1, '{"a":1}'],
  ['{"Statement":[{"a":1},{"b":{"c":"}"}}]}', 2, '{"b":{"c":"}"}}'],
  ['{"Statement": {"a":"\\"{"}}', 1, '{"a":"\\"{"}'],
  ['{\n "Statement" : [\n  { "a": 1 }\n ]\n}', 1, '{ "a": 1 }'],
])('%s: statement %i', (document, number, expected) => {
  const range = statementRange(document, number);
  const offset = ({ Line, Column }: { Line: number; Column: number }) =>
    document
      .split('\n')
      .slice(0, Line - 1)
      .reduce((sum, line) => sum + line.length + 1, 0) +
    Column -
    1;
  expect(range && document.slice(offset(range.start), offset(range.end))).toBe(expected);
});

it('has no place for a statement that is not there', () => {
  expect(statementRange('{"Statement":[{}]}', 2)).toBeUndefined();
  expect(statementRange('{}', 1)).toBeUndefined();
});
