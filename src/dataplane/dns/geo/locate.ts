/** Where somebody is, by the address: Keiro's own internet first, then whatever else is known. */
import type { Ip } from '#model/ip.ts';
import { regionPlaces, type Place } from '#model/places.ts';
import { builtInTable } from '#dataplane/dns/geo/built-in-table.ts';

/** Says where an address is; undefined when nobody knows. */
export type Locate = (address: Ip) => Place | undefined;

export interface LocateOptions {
  /** A database for all other addresses: `openMmdb`. */
  readonly mmdb?: { lookup(address: Ip): Place | undefined };
  /** The Region that an address belongs to: an Elastic IP's, or a network's own. */
  readonly regionOf?: (address: Ip) => string | undefined;
}

/** The blocks that stand for places, then Regions' addresses, then the database. */
export function createLocate({ mmdb, regionOf }: LocateOptions = {}): Locate {
  const builtIn = builtInTable();
  return (address) => {
    const place = builtIn(address);
    if (place !== undefined) return place;
    const region = regionOf?.(address);
    return (region === undefined ? undefined : regionPlaces.get(region)) ?? mmdb?.lookup(address);
  };
}
