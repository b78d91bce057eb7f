/** Places on earth, as names are answered by them: continents, countries, subdivisions, the vendor's Regions, and how far they are apart. */
import { countryRows } from '#model/country-rows.ts';
import { regionRows } from '#model/region-rows.ts';
import { subdivisionRows } from '#model/subdivision-rows.ts';

/** Where somebody is, as far as that is known. */
export interface Place {
  /** `AF`, `AN`, `AS`, `EU`, `NA`, `OC` or `SA`. */
  readonly continent?: string;
  /** Two letters, ISO 3166-1 (and `XK`). */
  readonly country?: string;
  /** Without its country: `CA`, `30`. */
  readonly subdivision?: string;
  /** One of the vendor's: `eu-west-1`. */
  readonly region?: string;
  /** Degrees, −90 to 90; north is positive. Both are there, or none. */
  readonly latitude?: number;
  /** Degrees, −180 to 180; east is positive. */
  readonly longitude?: number;
}

export interface Country {
  readonly name: string;
  readonly continent: string;
  readonly latitude: number;
  readonly longitude: number;
}

export interface Subdivision {
  readonly name: string;
  readonly latitude: number;
  readonly longitude: number;
}

/** Code and name, in Route 53's words and order (`ListGeoLocations`). */
export const continents: ReadonlyMap<string, string> = new Map([
  ['AF', 'Africa'],
  ['AN', 'Antarctica'],
  ['AS', 'Asia'],
  ['EU', 'Europe'],
  ['NA', 'North America'],
  ['OC', 'Oceania'],
  ['SA', 'South America'],
]);

/** Every country that Route 53 lists, by code and in its order; without `*`, which stands for all others. */
export const countries: ReadonlyMap<string, Country> = new Map(
  countryRows.map(([code, name, continent, latitude, longitude]) => [code, { name, continent, latitude, longitude }]),
);

/** By country, then by code and in Route 53's order: of `UA` and `US` only. */
export const subdivisions: ReadonlyMap<string, ReadonlyMap<string, Subdivision>> = new Map(
  [...new Set(subdivisionRows.map(([country]) => country))].map((country) => [
    country,
    new Map(
      subdivisionRows
        .filter(([of]) => of === country)
        .map(([, code, name, latitude, longitude]) => [code, { name, latitude, longitude }] as const),
    ),
  ]),
);

/** Where each of the vendor's Regions is; with a subdivision in the United States. */
export const regionPlaces: ReadonlyMap<string, Place> = new Map(
  regionRows.map(([region, code, latitude, longitude]) => {
    const [country = code, subdivision] = code.split('-');
    const continent = countries.get(country)?.continent;
    return [
      region,
      {
        region,
        country,
        latitude,
        longitude,
        ...(continent === undefined ? {} : { continent }),
        ...(subdivision === undefined ? {} : { subdivision }),
      },
    ];
  }),
);

/** Mean radius (IUGG). */
const EARTH_RADIUS_KM = 6_371.009;
const radians = (degrees: number): number => (degrees * Math.PI) / 180;

/** Kilometres along the great circle (haversine); undefined when one of the two is not known to be anywhere. */
export function distance(a: Place, b: Place): number | undefined {
  if (a.latitude === undefined || a.longitude === undefined || b.latitude === undefined || b.longitude === undefined) return undefined;
  const [from, to] = [radians(a.latitude), radians(b.latitude)];
  const half =
    Math.sin((to - from) / 2) ** 2 + Math.cos(from) * Math.cos(to) * Math.sin((radians(b.longitude) - radians(a.longitude)) / 2) ** 2;
  return 2 * EARTH_RADIUS_KM * Math.asin(Math.min(1, Math.sqrt(half)));
}
