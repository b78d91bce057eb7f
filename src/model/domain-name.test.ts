import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { domainNameBytes, isWithin, nameOrder, parentName, readDomainName, shownDomainName } from '#model/domain-name.ts';

const name = (text: string): string => {
  const read = readDomainName(text);
  return 'name' in read ? read.name : read.fault;
};

describe('a name', () => {
  test.each([
    ['www.Example.com.', 'www.example.com'],
    ['_sip._tcp.example.com', '_sip._tcp.example.com'],
    ['*.example.com', '*.example.com'],
    [String.raw`\052.example.com`, '*.example.com'],
    ['*a.*.example.com', String.raw`\052a.\052.example.com`],
    [String.raw`0/25.2.0.192.in-addr.arpa`, String.raw`0\05725.2.0.192.in-addr.arpa`],
    [String.raw`a\056b.com`, String.raw`a\056b.com`],
    [String.raw`\101.com`, 'a.com'],
    [String.raw`\377.com`, String.raw`\377.com`],
    ['.', ''],
    ['', "DomainLabelEmpty (Domain label is empty) encountered with ''"],
    ['a..com', "DomainLabelEmpty (Domain label is empty) encountered with 'a..com'"],
    ['a b.com', "UnsupportedCharacter (Value contains unsupported characters) encountered with ' '"],
    [String.raw`a\ b.com`, String.raw`UnsupportedCharacter (Value contains unsupported characters) encountered with '\'`],
    [`${'a'.repeat(64)}.com`, `DomainLabelTooLong (Domain label is too long) encountered with '${'a'.repeat(64)}'`],
  ])('%s', (text, expected) => expect(name(text)).toBe(expected));

  test('is read the same when it is shown', () => {
    const label = fc
      .uint8Array({ minLength: 1, maxLength: 20 })
      .map((bytes) => Array.from(bytes, (byte) => `\\${byte.toString(8).padStart(3, '0')}`).join(''));
    fc.assert(
      fc.property(fc.array(label, { minLength: 1, maxLength: 8 }), (labels) => {
        const read = name(labels.join('.'));
        expect(name(shownDomainName(read))).toBe(read);
        expect(domainNameBytes(read).length).toBe(labels.reduce((sum, each) => sum + each.length / 4 + 1, 1));
      }),
    );
  });

  test('is ordered from its end, and lies in zones', () => {
    const names = ['b.example.com', 'example.com', '*.example.com', 'a.b.example.com', 'www.example.com', '0.example.com'];
    expect(names.toSorted((a, b) => (nameOrder(a) < nameOrder(b) ? -1 : 1))).toEqual([
      'example.com',
      '0.example.com',
      '*.example.com',
      'b.example.com',
      'a.b.example.com',
      'www.example.com',
    ]);
    expect(isWithin('a.example.com', 'example.com')).toBe(true);
    expect(isWithin('example.com', 'example.com')).toBe(true);
    expect(isWithin('anexample.com', 'example.com')).toBe(false);
    expect(isWithin('com', 'example.com')).toBe(false);
    expect([parentName('a.b'), parentName('b'), parentName('')]).toEqual(['b', '', undefined]);
  });
});
