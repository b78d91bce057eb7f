import { describe, expect, test } from 'vitest';
import { formatIp, parseIp, type Ip } from '#model/ip.ts';
import { continents, countries, regionPlaces, subdivisions } from '#model/places.ts';
import { addressOfPlace, builtInTable, knownPlace, knownPlaces } from '#dataplane/dns/geo/built-in-table.ts';
import { createLocate } from '#dataplane/dns/geo/locate.ts';

const ip = (text: string): Ip => parseIp(text) ?? expect.fail(text);
const builtIn = builtInTable();

describe('places with addresses', () => {
  test('are all that there are, each with a block of its own, there and back', () => {
    const states = [...subdivisions.values()].reduce((sum, { size }) => sum + size, 0);
    expect(knownPlaces).toHaveLength(regionPlaces.size + countries.size + states + continents.size);
    expect(new Set(knownPlaces.map(({ address }) => address)).size).toBe(knownPlaces.length);
    for (const { code, address, place } of knownPlaces) {
      expect(addressOfPlace(code)).toBe(formatIp(address));
      expect(builtIn(address)).toBe(place);
      expect(builtIn(ip(formatIp(address).replace(/1$/, '254')))).toBe(place);
      expect(place.latitude).toBeTypeOf('number');
    }
  });

  test.each([
    ['JP', { country: 'JP', continent: 'AS' }],
    ['jp', { country: 'JP' }],
    ['Japan', { country: 'JP' }],
    ['eu-west-1', { region: 'eu-west-1', country: 'IE', continent: 'EU' }],
    ['us-gov-west-1', { region: 'us-gov-west-1', subdivision: 'OR' }],
    ['US-CA', { country: 'US', subdivision: 'CA', continent: 'NA' }],
    ['UA-30', { country: 'UA', subdivision: '30' }],
    ['EU', { continent: 'EU' }],
    ['AF', { country: 'AF', continent: 'AS' }],
    ['africa', { continent: 'AF' }],
    ['North America', { continent: 'NA' }],
    ['NA', { country: 'NA', continent: 'AF' }],
  ])('%s', (text, place) => {
    expect(builtIn(ip(addressOfPlace(text) ?? ''))).toMatchObject(place);
  });

  test("a name is the country's, not that of a Region in it", () => {
    for (const name of ['Japan', 'Ireland', 'georgia']) expect(knownPlace(name)?.kind).toBe('country');
  });

  test.each(['', 'XX', 'US-ZZ', 'eu-west-9', '*', 'constructor'])('none is called %j', (text) => {
    expect(addressOfPlace(text)).toBeUndefined();
    expect(knownPlace(text)).toBeUndefined();
  });

  test.each([
    '240.0.0.1',
    '241.1.0.1',
    '241.0.255.1',
    '242.0.200.1',
    '245.0.0.1',
    '255.255.255.255',
    '0.0.0.0',
    '198.18.0.1',
    '2001:db8::1',
  ])('none is at %s', (text) => expect(builtIn(ip(text))).toBeUndefined());
});

describe('somebody', () => {
  const mmdb = { lookup: (address: Ip) => (address === ip('203.0.113.1') || address === ip('198.18.4.4') ? { country: 'BR' } : undefined) };
  const regionOf = (address: Ip) => (address === ip('198.18.4.4') ? 'ap-south-1' : address === ip('198.18.4.5') ? 'mars-1' : undefined);
  const locate = createLocate({ mmdb, regionOf });

  test('is where a block says, else in the Region of the address, else where the database says', () => {
    expect(locate(ip(addressOfPlace('FR') ?? ''))?.country).toBe('FR');
    expect(locate(ip('198.18.4.4'))).toMatchObject({ region: 'ap-south-1', country: 'IN' });
    expect(locate(ip('203.0.113.1'))).toEqual({ country: 'BR' });
    expect(locate(ip('198.18.4.5'))).toBeUndefined();
    expect(locate(ip('203.0.113.2'))).toBeUndefined();
    expect(createLocate()(ip('203.0.113.1'))).toBeUndefined();
  });
});
