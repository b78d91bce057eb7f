/** Names as bytes: what is read, what is refused, how they are compressed. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hex, names } from '#dataplane/dns/codec/message.fixture.ts';
import { readName, skipName, writeName, type Writer } from '#dataplane/dns/codec/names.ts';

const header = '00'.repeat(12);
/** Reads the name at an offset behind a header. */
function read(bytes: string, at = 12) {
  const cursor = { bytes: hex(header + bytes), at };
  const name = readName(cursor);
  return name === undefined ? undefined : [name, cursor.at];
}
const writer = (): Writer => ({ bytes: Buffer.alloc(70_000), at: 12, limit: 65_535, places: [] });
function written(...all: readonly string[]): string {
  const to = writer();
  for (const name of all) writeName(to, name, true);
  return to.bytes.toString('hex', 12, to.at);
}

describe('reading', () => {
  test.each([
    ['the root', '00', 12, ['', 13]],
    ['labels, in lower case', '03 575757 02 4161 00', 12, ['www.aa', 20]],
    ['a pointer back', '01 61 00 01 62 c00c', 15, ['b.a', 19]],
    ['a pointer to a pointer', '01 61 00 01 62 c00c 01 63 c00f', 19, ['c.b.a', 23]],
    ['a dot, a backslash, a space and a byte in a label', '05 612e5c20ff 00', 12, ['a\\.\\\\\\032\\255', 19]],
    ['an underscore, a star and a dash as they are', '03 5f2a2d 00', 12, ['_*-', 17]],
    ['a label of 63 bytes', `3f${'61'.repeat(63)}00`, 12, ['a'.repeat(63), 77]],
  ])('%s', (_, bytes, at, expected) => {
    expect(read(bytes, at)).toEqual(expected);
  });

  const long = (last: number): string => `${`3f${'61'.repeat(63)}`.repeat(3)}${last.toString(16)}${'61'.repeat(last)}00`;
  test('255 bytes are the most', () => {
    expect(read(long(61))?.[1]).toBe(12 + 255);
    expect(read(long(62))).toBeUndefined();
  });

  test.each([
    ['nothing', ''],
    ['a label that is cut off', '03 6161'],
    ['no end', '01 61'],
    ['half a pointer', '01 61 c0'],
    ['a pointer to itself', 'c00c'],
    ['a pointer to the start of its own name', '01 61 c00c'],
    ['a pointer forward', 'c00e 00'],
    ['a pointer into the header', 'c00b'],
    ['a pointer beyond the message', 'ffff'],
    ['a label of type 01', '41 61 00'],
    ['a label of type 10', '81 61 00'],
  ])('refused: %s', (_, bytes) => {
    expect(read(bytes)).toBeUndefined();
  });

  test('refused: two pointers at each other', () => {
    expect(read('c00e c00c', 14)).toBeUndefined();
    expect(read('c00e c00c')).toBeUndefined();
  });

  test('refused: a name that pointers make too long', () => {
    const parts = [`3f${'61'.repeat(63)}00`];
    let at = 12;
    let next = at + 65;
    for (let more = 0; more < 3; more++) {
      parts.push(`3f${'61'.repeat(63)}${(0xc000 | at).toString(16)}`);
      at = next;
      next += 66;
    }
    expect(read(parts.slice(0, 3).join(''), 12 + 65 + 66)?.[0]).toHaveLength(191);
    expect(read(parts.join(''), at)).toBeUndefined();
  });
});

describe('writing', () => {
  test.each([
    [['example.com'], '076578616d706c6503636f6d00'],
    [['example.com', 'example.com'], '076578616d706c6503636f6d00c00c'],
    [['example.com', 'www.example.com'], '076578616d706c6503636f6d0003777777c00c'],
    [['example.com', 'com'], '076578616d706c6503636f6d00c014'],
    [['ab.com', 'b.com'], '02616203636f6d000162c00f'],
    [['b.com', 'ab.com'], '016203636f6d00026162c00e'],
    [['a.b.c', 'x.b.c', 'x.b.c', 'y.x.b.c'], '016101620163000178c00ec0130179c013'],
    [['', ''], '0000'],
    [['a\\.b', 'b'], '03612e6200016200'],
    [['\\032\\255\\\\'], '0320ff5c00'],
  ])('%j', (all, expected) => {
    expect(written(...all)).toBe(expected);
  });

  test.each(['a..b', '.a', 'a.', '.', 'x'.repeat(64), 'é\u{100}', 'a\\', '\\999', `${'abc.'.repeat(63)}abcd`])('no name: %s', (name) => {
    expect(() => written(name)).toThrow('no domain name');
  });

  test('places further than a pointer reaches are not pointed at', () => {
    const to = writer();
    to.at = 0x4000;
    writeName(to, 'example.com', true);
    writeName(to, 'example.com', true);
    expect(to.at).toBe(0x4000 + 26);
  });
});

test('any names come back as they were, and skipping goes as far as reading', () => {
  fc.assert(
    fc.property(fc.array(names, { maxLength: 30 }), (all) => {
      const to = writer();
      for (const name of all) writeName(to, name, true);
      const cursor = { bytes: to.bytes.subarray(0, to.at), at: 12 };
      for (const name of all) {
        const skipped = { ...cursor };
        expect(readName(cursor)).toBe(name);
        expect(skipName(skipped)).toBe(true);
        expect(skipped.at).toBe(cursor.at);
      }
    }),
  );
});
