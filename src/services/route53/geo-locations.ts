/** The places by which geolocation routing tells. */
import type { GeoLocationDetails } from '@aws-sdk/client-route-53';
import { continents, countries, subdivisions } from '#model/places.ts';
import { invalidInput, noSuchGeoLocation } from '#services/route53/errors.ts';
import { pageSize } from '#services/route53/pages.ts';
import type { Route53Operations } from '#services/route53/sdk.ts';

const MOST = 100;

export const geoLocations = {
  GetGeoLocation(_context, { ContinentCode: continent, CountryCode: country, SubdivisionCode: subdivision }) {
    if (continent !== undefined && (country !== undefined || subdivision !== undefined)) {
      throw invalidInput('You cannot specify continentcode with either countrycode or subdivisioncode.');
    }
    if (subdivision !== undefined && country === undefined)
      throw invalidInput('If you specify subdivisioncode, you must also specify countrycode.');
    const wanted = keyOf({ ContinentCode: continent, CountryCode: country ?? (continent === undefined ? '*' : undefined), SubdivisionCode: subdivision }); // prettier-ignore
    const found = places.find((place) => keyOf(place) === wanted);
    if (!found) throw noSuchGeoLocation();
    return { GeoLocationDetails: found };
  },

  ListGeoLocations(_context, input) {
    const size = pageSize(input.MaxItems, MOST);
    const start = keyOf({ ContinentCode: input.StartContinentCode, CountryCode: input.StartCountryCode, SubdivisionCode: input.StartSubdivisionCode }); // prettier-ignore
    const from = start === keyOf({}) ? 0 : places.findIndex((place) => keyOf(place) === start);
    if (from < 0) throw invalidInput('There is no geolocation to start from.');
    const next = places[from + size];
    return {
      GeoLocationDetailsList: places.slice(from, from + size),
      IsTruncated: next !== undefined,
      NextContinentCode: next?.ContinentCode,
      NextCountryCode: next?.CountryCode,
      NextSubdivisionCode: next?.SubdivisionCode,
      MaxItems: size,
    };
  },
} satisfies Route53Operations;

/** Continents and countries have some codes in common. */
const keyOf = ({ ContinentCode = '', CountryCode = '', SubdivisionCode = '' }: GeoLocationDetails): string =>
  `${ContinentCode} ${CountryCode} ${SubdivisionCode}`;

/** In the order of ListGeoLocations: continents, then the default, then countries, each with its subdivisions. */
const places: readonly GeoLocationDetails[] = [
  ...Array.from(continents, ([ContinentCode, ContinentName]) => ({ ContinentCode, ContinentName })),
  { CountryCode: '*', CountryName: 'Default' },
  ...Array.from(countries).flatMap(([CountryCode, { name: CountryName }]) => [
    { CountryCode, CountryName },
    ...Array.from(subdivisions.get(CountryCode) ?? [], ([SubdivisionCode, { name: SubdivisionName }]) => ({
      CountryCode,
      CountryName,
      SubdivisionCode,
      SubdivisionName,
    })),
  ]),
];
