/** Reads databases of places in MaxMind's format, such as GeoLite2 Country and City (MaxMind DB File Format Specification 2.0). */
import { readFileSync } from 'node:fs';
import { isIpv4, type Ip } from '#model/ip.ts';
import { countries, subdivisions, type Place } from '#model/places.ts';
import { MmdbData } from '#dataplane/dns/geo/mmdb-data.ts';
import { MmdbError } from '#dataplane/dns/geo/mmdb-error.ts';

const METADATA_MARK = Buffer.from('\xab\xcd\xefMaxMind.com', 'latin1');
/** The metadata is in the last 128 KiB. */
const METADATA_REACH = 128 * 1024;
/** Zero bytes between the tree and the data. */
const SEPARATOR_BYTES = 16;
/** Records that are remembered; then all are forgotten. */
const REMEMBERED_MAX = 20_000;

const metadataPaths = [['node_count'], ['record_size'], ['ip_version'], ['binary_format_major_version'], ['database_type']] as const;
const placePaths = [
  ['country', 'iso_code'],
  ['registered_country', 'iso_code'],
  ['continent', 'code'],
  ['subdivisions', 0, 'iso_code'],
  ['location', 'latitude'],
  ['location', 'longitude'],
] as const;

/** An open database, whole in memory. */
export interface Mmdb {
  /** As the file calls it: `GeoLite2-City`. */
  readonly type: string;
  /** Undefined where the file has nothing, or nothing that can be read. */
  lookup(address: Ip): Place | undefined;
}

/**
 * Opens a database: reads the file and looks over its whole tree.
 * @throws MmdbError when it cannot be read, is none, or is damaged
 */
export function openMmdb(path: string): Mmdb {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    throw new MmdbError(`${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
  try {
    return new Database(bytes);
  } catch (error) {
    if (error instanceof MmdbError) throw new MmdbError(`${path} is no sound database in MaxMind's format: ${error.message}`);
    throw error;
  }
}

class Database implements Mmdb {
  readonly type: string;
  readonly #tree: Buffer;
  readonly #data: MmdbData;
  readonly #nodes: number;
  readonly #recordBits: 24 | 28 | 32;
  readonly #isSix: boolean;
  /** The node behind 96 zero bits, where IPv4 begins in a tree of IPv6. */
  readonly #startOfFour: number;
  readonly #places = new Map<number, Place | undefined>();

  constructor(bytes: Buffer) {
    const mark = bytes.lastIndexOf(METADATA_MARK);
    if (mark < 0 || bytes.length - mark > METADATA_REACH) throw new MmdbError('its metadata is not there');
    const metadata = new MmdbData(bytes.subarray(mark + METADATA_MARK.length));
    const [nodes, recordBits, version, format, type] = metadata.find(0, metadataPaths);
    if (format !== 2) throw new MmdbError(`its format has version ${format ?? 'none'}, not 2`);
    if (recordBits !== 24 && recordBits !== 28 && recordBits !== 32) throw new MmdbError(`its records have ${recordBits ?? 'no'} bits`);
    if (version !== 4 && version !== 6) throw new MmdbError(`it is of IP version ${version ?? 'none'}`);
    if (typeof nodes !== 'number') throw new MmdbError('its number of nodes is not there');
    const treeBytes = (nodes * recordBits * 2) / 8;
    if (treeBytes + SEPARATOR_BYTES > mark) throw new MmdbError(`its tree of ${nodes} nodes goes beyond the end of the file`);
    this.type = typeof type === 'string' ? type : '';
    this.#nodes = nodes;
    this.#recordBits = recordBits;
    this.#isSix = version === 6;
    this.#tree = bytes.subarray(0, treeBytes);
    this.#data = new MmdbData(bytes.subarray(treeBytes + SEPARATOR_BYTES, mark));
    this.#lookOver(mark - treeBytes - SEPARATOR_BYTES);
    let node = 0;
    for (let bit = 0; this.#isSix && bit < 96 && node < nodes; bit++) node = this.#record(node, 0);
    this.#startOfFour = node;
  }

  lookup(address: Ip): Place | undefined {
    const record = isIpv4(address) ? this.#walkFour(address) : this.#walkSix(address);
    if (record <= this.#nodes) return undefined;
    if (this.#places.has(record)) return this.#places.get(record);
    if (this.#places.size >= REMEMBERED_MAX) this.#places.clear();
    const place = this.#read(record - this.#nodes - SEPARATOR_BYTES);
    this.#places.set(record, place);
    return place;
  }

  #walkFour(address: number): number {
    let node = this.#startOfFour;
    for (let bit = 31; bit >= 0 && node < this.#nodes; bit--) node = this.#record(node, (address >>> bit) & 1);
    return node;
  }

  #walkSix(address: bigint): number {
    if (!this.#isSix) return this.#nodes;
    let node = 0;
    for (let word = 3n; word >= 0n && node < this.#nodes; word--) {
      const bits = Number(BigInt.asUintN(32, address >> (word * 32n)));
      for (let bit = 31; bit >= 0 && node < this.#nodes; bit--) node = this.#record(node, (bits >>> bit) & 1);
    }
    return node;
  }

  /** A node's left or right record: another node, as many as there are nodes for nothing, more for a place in the data. */
  #record(node: number, side: number): number {
    const tree = this.#tree;
    if (this.#recordBits === 24) return tree.readUIntBE(node * 6 + side * 3, 3);
    if (this.#recordBits === 32) return tree.readUInt32BE(node * 8 + side * 4);
    const at = node * 7;
    const middle = tree.readUInt8(at + 3);
    const high = side === 0 ? middle >>> 4 : middle & 0xf;
    return high * 2 ** 24 + tree.readUIntBE(at + side * 4, 3);
  }

  #lookOver(dataBytes: number): void {
    const end = this.#nodes + SEPARATOR_BYTES + dataBytes;
    for (let node = 0; node < this.#nodes; node++) {
      for (let side = 0; side < 2; side++) {
        const record = this.#record(node, side);
        const isNone = record > this.#nodes && (record < this.#nodes + SEPARATOR_BYTES || record >= end);
        if (isNone) throw new MmdbError(`node ${node} of its tree points outside of the file`);
      }
    }
  }

  #read(at: number): Place | undefined {
    try {
      const [here, registered, continent, subdivision, latitude, longitude] = this.#data.find(at, placePaths);
      return placeOf(textOf(here) ?? textOf(registered), textOf(continent), textOf(subdivision), latitude, longitude);
    } catch (error) {
      if (error instanceof MmdbError) return undefined; // the record's bytes are no values: nobody knows where it is
      throw error;
    }
  }
}

const textOf = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);
const isWithin = (value: unknown, limit: number): value is number => typeof value === 'number' && Math.abs(value) <= limit;

/** Continents are those that Route 53 associates with a country, whatever the file says. */
function placeOf(
  country: string | undefined,
  statedContinent: string | undefined,
  subdivision: string | undefined,
  latitude: unknown,
  longitude: unknown,
): Place | undefined {
  const known = country === undefined ? undefined : countries.get(country);
  const continent = known?.continent ?? statedContinent;
  const spot = isWithin(latitude, 90) && isWithin(longitude, 180) ? { latitude, longitude } : spotOf(country, subdivision);
  if (country === undefined && continent === undefined && spot === undefined) return undefined;
  return {
    ...(continent === undefined ? {} : { continent }),
    ...(country === undefined ? {} : { country }),
    ...(subdivision === undefined ? {} : { subdivision }),
    ...spot,
  };
}

/** A database of countries has no coordinates. */
function spotOf(country = '', subdivision = ''): { latitude: number; longitude: number } | undefined {
  const found = subdivisions.get(country)?.get(subdivision) ?? countries.get(country);
  return found === undefined ? undefined : { latitude: found.latitude, longitude: found.longitude };
}
