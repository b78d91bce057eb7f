/** Addresses that stand for places on Keiro's own internet: whoever asks from one of them is there. */
import { formatIp, isIpv4, type Ip, type Ipv4 } from '#model/ip.ts';
import { continents, countries, regionPlaces, subdivisions, type Place } from '#model/places.ts';

/** A place with an address of its own. */
export interface KnownPlace {
  /** `JP`, `US-CA`, `eu-west-1`; a continent's where no country has it, else the continent's name. */
  readonly code: string;
  readonly name: string;
  readonly kind: 'continent' | 'country' | 'subdivision' | 'region';
  readonly place: Place;
  readonly address: Ipv4;
}

/**
 * The first octet for each kind of place; the third one counts them, and the last one is the place's own to use. RFC 1112
 * section 4 keeps these blocks for the future, so that no network and nobody on the internet has them.
 */
const OCTETS = { country: 241, region: 242, subdivision: 243, continent: 244 } as const;
const BLOCK_HOST = 1;
const PER_KIND = 256;

/** Whoever is only known to be on a continent is taken to be in its middle. */
const middles: Readonly<Record<string, readonly [latitude: number, longitude: number]>> = {
  AF: [5, 20],
  AN: [-80, 0],
  AS: [34, 100],
  EU: [50, 10],
  NA: [45, -100],
  OC: [-25, 135],
  SA: [-15, -60],
};

/** Every place that has an address: Regions, countries with their subdivisions, continents. */
export const knownPlaces: readonly KnownPlace[] = [
  ...numbered('region', [...regionPlaces].map(([code, place]) => ({ code, name: regionName(place), place }))), // prettier-ignore
  ...numbered(
    'country',
    [...countries].map(([code, { name, continent, latitude, longitude }]) => ({
      code,
      name,
      place: { continent, country: code, latitude, longitude },
    })),
  ),
  ...numbered(
    'subdivision',
    [...subdivisions].flatMap(([country, of]) => subdivisionsOf(country, of)),
  ),
  ...numbered(
    'continent',
    [...continents].map(([code, name]) => {
      const [latitude = 0, longitude = 0] = middles[code] ?? [];
      return { code: countries.has(code) ? name : code, name, place: { continent: code, latitude, longitude } };
    }),
  ),
];

type Unnumbered = Pick<KnownPlace, 'code' | 'name' | 'place'>;

function numbered(kind: KnownPlace['kind'], places: readonly Unnumbered[]): KnownPlace[] {
  return places.map((place, index) => ({ ...place, kind, address: blockAddress(kind, index) }));
}

function blockAddress(kind: KnownPlace['kind'], index: number): Ipv4 {
  return (OCTETS[kind] * 2 ** 24 + index * PER_KIND + BLOCK_HOST) as Ipv4; // below 2^32, for fewer than 256 of a kind
}

function regionName({ country, subdivision }: Place): string {
  const within = countries.get(country ?? '')?.name ?? '';
  const state = subdivision === undefined ? undefined : subdivisions.get(country ?? '')?.get(subdivision)?.name;
  return state === undefined ? within : `${state}, ${within}`;
}

function subdivisionsOf(country: string, of: NonNullable<ReturnType<typeof subdivisions.get>>): Unnumbered[] {
  const within = countries.get(country);
  return [...of].map(([subdivision, { name, latitude, longitude }]) => ({
    code: `${country}-${subdivision}`,
    name: `${name}, ${within?.name ?? country}`,
    place: { ...(within === undefined ? {} : { continent: within.continent }), country, subdivision, latitude, longitude },
  }));
}

/** By first octet less the lowest, then by third octet. */
const FIRST_OCTET = Math.min(...Object.values(OCTETS));
const blocks: (Place | undefined)[][] = Object.values(OCTETS).map(() => []);
for (const { address, place } of knownPlaces) blocks[(address >>> 24) - FIRST_OCTET]?.splice((address >>> 8) & 0xff, 1, place);

/** The table: an address of one of the blocks to its place, others to nothing. */
export function builtInTable(): (address: Ip) => Place | undefined {
  return (address) => {
    if (!isIpv4(address) || (address & 0x00ff_0000) !== 0) return undefined;
    return blocks[(address >>> 24) - FIRST_OCTET]?.[(address >>> 8) & 0xff];
  };
}

const byCode = new Map<string, KnownPlace>();
const fromLeast = knownPlaces.toReversed(); // what is set later counts: countries are before continents in the list
for (const known of fromLeast) if (known.kind !== 'region') byCode.set(known.name.toLowerCase(), known);
for (const known of fromLeast) byCode.set(known.code.toLowerCase(), known);

/** The place that a text names, in any case: by its code, else by its name; countries come before continents of the same code. */
export function knownPlace(text: string): KnownPlace | undefined {
  return byCode.get(text.trim().toLowerCase());
}

/** The address that stands for a place, e.g. `241.0.108.1`; undefined for a text that names none. */
export function addressOfPlace(text: string): string | undefined {
  const known = knownPlace(text);
  return known === undefined ? undefined : formatIp(known.address);
}
