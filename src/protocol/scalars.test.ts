import { describe, expect, test } from 'vitest';
import { formatTimestamp, parseBase64, parseBoolean, parseInteger, parseNumber, parseTimestamp } from '#protocol/scalars.ts';

describe('timestamps', () => {
  test.each([
    ['2026-11-23T03:49:46Z', '2026-11-23T03:49:46.000Z'],
    ['2026-11-23T03:49:46.5Z', '2026-11-23T03:49:46.500Z'],
    ['2026-11-23T03:49:46.123456789Z', '2026-11-23T03:49:46.123Z'],
    ['2026-11-23T12:49:46+09:00', '2026-11-23T03:49:46.000Z'],
    ['2026-11-23T03:49:46', '2026-11-23T03:49:46.000Z'],
    ['2026-11-23', '2026-11-23T00:00:00.000Z'],
    ['Mon, 23 Nov 2026 03:49:46 GMT', '2026-11-23T03:49:46.000Z'],
    ['1795405786', '2026-11-23T03:49:46.000Z'],
    ['1795405786.25', '2026-11-23T03:49:46.250Z'],
    ['1.795405786E9', '2026-11-23T03:49:46.000Z'],
    ['-1', '1969-12-31T23:59:59.000Z'],
  ])('%s is read', (text, iso) => {
    expect(parseTimestamp(text)?.toISOString()).toBe(iso);
  });

  test.each(['', 'now', '2026-13-01T00:00:00Z', '2026-11-23T25:00:00Z', '23 Nov 2026', '1e99', '0x10', '2026-11-23T03:49:46Zx'])(
    '%s is not',
    (text) => {
      expect(parseTimestamp(text)).toBeUndefined();
    },
  );

  test('each format', () => {
    const date = new Date('2026-11-23T03:49:46Z');
    expect(formatTimestamp(date, 'date-time')).toBe('2026-11-23T03:49:46Z');
    expect(formatTimestamp(date, 'date-time-millis')).toBe('2026-11-23T03:49:46.000Z');
    expect(formatTimestamp(date, 'http-date')).toBe('Mon, 23 Nov 2026 03:49:46 GMT');
    expect(formatTimestamp(new Date(1_795_405_786_250), 'epoch-seconds')).toBe('1795405786.25');
  });
});

test.each([
  ['0', 0],
  ['-0', 0],
  ['007', 7],
  ['-12', -12],
  ['9007199254740991', Number.MAX_SAFE_INTEGER],
  ['9007199254740992', undefined],
  ['+1', undefined],
  ['1.0', undefined],
  ['1e3', undefined],
  [' 1', undefined],
  ['', undefined],
  ['9'.repeat(400), undefined],
])('integer %s', (text, value) => {
  expect(parseInteger(text)).toBe(value);
});

test.each([
  ['1.5', 1.5],
  ['.5', 0.5],
  ['-2e-3', -0.002],
  ['NaN', undefined],
  ['Infinity', undefined],
  ['1e999', undefined],
  ['1e', undefined],
])('number %s', (text, value) => {
  expect(parseNumber(text)).toBe(value);
});

test.each([
  ['true', true],
  ['True', true],
  ['false', false],
  ['FALSE', false],
  ['1', undefined],
  ['yes', undefined],
  ['', undefined],
])('boolean %s', (text, value) => {
  expect(parseBoolean(text)).toBe(value);
});

test.each([
  ['', []],
  ['aGk=', [104, 105]],
  ['aGk', [104, 105]],
  ['aG\nk=', [104, 105]],
  ['a', undefined],
  ['aGk*', undefined],
  ['aG=k', undefined],
])('base64 %j', (text, bytes) => {
  expect(parseBase64(text)).toEqual(bytes === undefined ? undefined : new Uint8Array(bytes));
});
