import { expect, test } from 'vitest';
import { regions } from '#aws/regions.ts';
import { regionPlaces } from '#model/places.ts';

test('every Region is somewhere, and nothing else is called one', () => {
  expect([...regionPlaces.keys()].sort()).toEqual([...regions.keys()].sort());
});
