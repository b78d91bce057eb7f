import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseCidr, type Cidr } from '#model/cidr.ts';
import { parseIp, type Ip } from '#model/ip.ts';
import { openMmdb, type Mmdb } from '#dataplane/dns/geo/mmdb.ts';
import { MmdbError } from '#dataplane/dns/geo/mmdb-error.ts';
import { encodeMmdb, encodeValue, Pointer, Uint16, type FixtureValue } from '#dataplane/dns/geo/mmdb.fixture.ts';

let folder = '';
beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), 'keiro-mmdb-'))));
afterAll(() => rmSync(folder, { recursive: true }));

function open(bytes: Uint8Array): Mmdb {
  const path = join(folder, 'a.mmdb');
  writeFileSync(path, bytes);
  return openMmdb(path);
}

const ip = (text: string): Ip => parseIp(text) ?? expect.fail(text);
const cidr = (text: string): Cidr => parseCidr(text) ?? expect.fail(text);

const names = { de: 'Japan', en: 'Japan', 'pt-BR': 'Japão'.repeat(12) };
const tokyo: FixtureValue = {
  city: { geoname_id: new Uint16(1_850_147), names },
  continent: { code: 'AS', names },
  country: { iso_code: 'JP', names },
  location: { accuracy_radius: new Uint16(20), latitude: 35.69, longitude: 139.69, time_zone: 'Asia/Tokyo' },
  subdivisions: [{ iso_code: '13', names }, { iso_code: 'x' }],
  traits: { is_anycast: true },
};
const blocks = [
  [cidr('203.0.113.0/25'), tokyo],
  [cidr('198.51.100.7/32'), { country: { iso_code: 'TR' }, continent: { code: 'AS' } }],
  [cidr('192.0.2.0/24'), { registered_country: { iso_code: 'US' }, subdivisions: [{ iso_code: 'CA' }] }],
  [cidr('192.0.0.0/24'), { traits: { is_anonymous_proxy: true } }],
  [cidr('198.18.0.0/15'), { continent: { code: 'EU' } }],
] as const;

describe.each([24, 28, 32] as const)('a database with records of %d bits', (recordBits) => {
  test.each([4, 6] as const)('of IP version %d', (ipVersion) => {
    const opened = open(encodeMmdb(blocks, { recordBits, ipVersion }));
    expect(opened.type).toBe('Test-City');
    const japan = { continent: 'AS', country: 'JP', subdivision: '13', latitude: 35.69, longitude: 139.69 };
    for (const inside of ['203.0.113.0', '203.0.113.127']) expect(opened.lookup(ip(inside))).toEqual(japan);
    for (const outside of ['203.0.113.128', '203.0.112.255', '0.0.0.0', '255.255.255.255', '2001:db8::1'])
      expect(opened.lookup(ip(outside))).toBeUndefined();
    expect(opened.lookup(ip('198.51.100.7'))).toEqual({ continent: 'EU', country: 'TR', latitude: 41.02, longitude: 28.97 });
    expect(opened.lookup(ip('192.0.2.9'))).toMatchObject({ country: 'US', subdivision: 'CA', continent: 'NA', latitude: 34.05 });
    expect(opened.lookup(ip('192.0.0.9'))).toBeUndefined();
    expect(opened.lookup(ip('198.19.255.255'))).toEqual({ continent: 'EU' });
  });
});

test('IPv6 has its own blocks', () => {
  const opened = open(encodeMmdb([...blocks, [cidr('2001:db8:8000::/33'), tokyo]]));
  expect(opened.lookup(ip('2001:db8:8000::5'))?.country).toBe('JP');
  expect(opened.lookup(ip('2001:db8:7fff::5'))).toBeUndefined();
  expect(opened.lookup(ip('203.0.113.1'))?.country).toBe('JP');
});

test('pointers lead to keys and values that are shared', () => {
  const shared: FixtureValue[] = ['iso_code', { iso_code: 'JP' }];
  const record = Buffer.concat([Buffer.from([0xe1]), encodeValue('country'), encodeValue(new Pointer(encodeValue('iso_code').length))]);
  const bytes = encodeMmdb([[cidr('203.0.113.0/24'), 'x'.repeat(record.length - 1)]], { shared });
  record.copy(bytes, bytes.indexOf('xxxx') - 1);
  expect(open(bytes).lookup(ip('203.0.113.1'))).toMatchObject({ country: 'JP' });
});

describe('what is no sound database is refused in words', () => {
  const sound = encodeMmdb(blocks);
  const refusal = (bytes: Uint8Array): string => {
    try {
      open(bytes);
    } catch (error) {
      if (error instanceof MmdbError) return error.message;
      throw error;
    }
    return 'taken';
  };

  test.each<[string, Buffer, string]>([
    ['nothing', Buffer.alloc(0), 'its metadata is not there'],
    ['text', Buffer.from('country,code\n'), 'its metadata is not there'],
    ['cut off', sound.subarray(0, sound.length - 40), 'a value goes beyond the end of the file'],
    ['without its tree', sound.subarray(sound.length - 300), 'goes beyond the end of the file'],
    ['another format', encodeMmdb(blocks, { metadata: { binary_format_major_version: new Uint16(3) } }), 'its format has version 3, not 2'],
    ['records of 20 bits', encodeMmdb(blocks, { metadata: { record_size: new Uint16(20) } }), 'its records have 20 bits'],
    ['IP version 5', encodeMmdb(blocks, { metadata: { ip_version: new Uint16(5) } }), 'it is of IP version 5'],
    ['no nodes', encodeMmdb(blocks, { metadata: { node_count: 'many' } }), 'its number of nodes is not there'],
    ['a wild pointer in the tree', Buffer.concat([Buffer.alloc(6, 0xff), sound.subarray(6)]), 'points outside of the file'],
  ])('%s', (_, bytes, words) => {
    expect(refusal(bytes)).toContain(words);
    expect(refusal(bytes)).toMatch(/a\.mmdb is no sound database in MaxMind's format: /);
  });

  test('a file that is not there', () => {
    expect(() => openMmdb(join(folder, 'none.mmdb'))).toThrow(/none\.mmdb cannot be read: ENOENT/);
  });
});

test('a record that leads round and round is none', () => {
  const bytes = encodeMmdb([[cidr('203.0.113.0/24'), { country: ['x', 'x', 'x', 'x', 'x', 'x'] }]]);
  const list = bytes.indexOf(encodeValue(['x', 'x', 'x', 'x', 'x', 'x']));
  bytes.set([0x3f, 0xff, 0x20, 0x00, 0x20], list); // pointers: out of the data, and to the record itself
  expect(open(bytes).lookup(ip('203.0.113.1'))).toBeUndefined();
});

test('whatever bytes change, opening ends and nothing but MmdbError is thrown', () => {
  const sound = encodeMmdb([...blocks, [cidr('2001:db8::/32'), tokyo]], { recordBits: 28 });
  const addresses = ['203.0.113.1', '198.51.100.7', '192.0.2.1', '198.18.0.1', '2001:db8::1', '9.9.9.9'].map(ip);
  const edits = fc.array(fc.tuple(fc.nat(sound.length - 1), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 8 });
  const endsAtMs = Date.now() + 1_000;
  let runs = 0;
  fc.assert(
    fc.property(edits, (changes) => {
      if (Date.now() > endsAtMs) return;
      runs++;
      const bytes = Buffer.from(sound);
      for (const [at, value] of changes) bytes[at] = value;
      try {
        const opened = open(bytes);
        for (const address of addresses) opened.lookup(address);
      } catch (error) {
        if (!(error instanceof MmdbError)) throw error;
      }
    }),
    { numRuns: 5_000 },
  );
  expect(runs).toBeGreaterThan(50);
});
