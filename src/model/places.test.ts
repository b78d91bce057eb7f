import { describe, expect, test } from 'vitest';
import { continents, countries, distance, regionPlaces, subdivisions } from '#model/places.ts';

const region = (name: string) => regionPlaces.get(name) ?? {};

describe('places', () => {
  test.each([...regionPlaces])('%s is in a country that is known, in the United States in a state', (_, { country = '', ...place }) => {
    expect(place.continent).toBe(countries.get(country)?.continent ?? 'nowhere');
    expect(place.subdivision !== undefined).toBe(country === 'US');
    if (country === 'US') expect(subdivisions.get(country)?.has(place.subdivision ?? '')).toBe(true);
  });

  test('are as many as Route 53 lists, in its order and words', () => {
    expect(countries.size).toBe(246);
    expect([...countries.keys()]).toEqual([...countries.keys()].sort());
    expect([...subdivisions].map(([country, of]) => [country, of.size])).toEqual([['UA', 27], ['US', 51]]); // prettier-ignore
    expect(countries.get('KR')?.name).toBe('Republic of Korea');
    expect(subdivisions.get('UA')?.get('30')?.name).toBe('Kyiv');
    for (const unsupported of ['BV', 'CX', 'EH', 'HM', '*']) expect(countries.has(unsupported)).toBe(false);
  });

  test('are on the earth, and every continent has some', () => {
    const all = [...countries.values(), ...[...subdivisions.values()].flatMap((of) => [...of.values()])];
    expect(all.filter(({ latitude, longitude }) => Math.abs(latitude) > 90 || Math.abs(longitude) > 180)).toEqual([]);
    expect(new Set([...countries.values()].map(({ continent }) => continent))).toEqual(new Set(continents.keys()));
  });
});

describe('distance', () => {
  test('is that of the great circle', () => {
    expect(distance(region('eu-west-1'), region('us-east-1'))).toBeCloseTo(5_463, -2);
    expect(distance(region('ap-northeast-1'), region('ap-northeast-3'))).toBeCloseTo(398, -1);
    expect(distance({ latitude: 0, longitude: 179 }, { latitude: 0, longitude: -179 })).toBeCloseTo(222.4, 0);
    expect(distance({ latitude: 90, longitude: 0 }, { latitude: -90, longitude: 77 })).toBeCloseTo(20_015, 0);
  });

  test('is none to somewhere unknown, and nothing to itself', () => {
    expect(distance(region('eu-west-1'), { country: 'IE' })).toBeUndefined();
    expect(distance(region('eu-west-1'), region('eu-west-1'))).toBe(0);
  });
});
