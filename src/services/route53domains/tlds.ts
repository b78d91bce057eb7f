/** Top-level domains in which Keiro registers names: AWS's prices and rules ("Amazon Route 53 Pricing for Domain Registration"; guide, "Domains that you can register"). */
import { unsupportedTld } from '#services/route53domains/errors.ts';

/** In US dollars. */
export interface Prices {
  readonly register: number;
  readonly transfer: number;
  readonly renew: number;
  readonly changeOwner: number;
  readonly restore: number;
}

export interface Tld {
  /** Without a dot in front, e.g. `co.uk`. */
  readonly name: string;
  readonly prices: Prices;
  /** The longest registration. */
  readonly maxYears: number;
  /** Whether details of contacts can be concealed. */
  readonly hasPrivacy: boolean;
  /** Whether a domain can be locked against transfers. */
  readonly hasLock: boolean;
}

/** Name, prices for a year's registration, transfer, a year's renewal, change of owner, restoration; longest registration; `P` without privacy protection, `L` without transfer lock. */
type Row = readonly [
  name: string,
  register: number,
  transfer: number,
  renew: number,
  changeOwner: number,
  restore: number,
  maxYears?: number,
  lacks?: string,
];

const rows: readonly Row[] = [
  ['ac', 48, 48, 48, 0, 140],
  ['academy', 37, 37, 37, 0, 114],
  ['agency', 26, 26, 26, 0, 114],
  ['be', 9, 9, 9, 0, 85, 1, 'PL'],
  ['biz', 22, 22, 22, 0, 93],
  ['blue', 23, 23, 23, 0, 83],
  ['business', 16, 16, 16, 0, 114],
  ['ca', 15, 15, 15, 0, 65, 10, 'P'],
  ['cafe', 42, 42, 42, 0, 114],
  ['cc', 12, 12, 12, 0, 57],
  ['ch', 12, 12, 12, 0, 77, 1, 'PL'],
  ['click', 13, 13, 13, 0, 40],
  ['cloud', 27, 27, 27, 0, 110],
  ['club', 17, 17, 17, 0, 92],
  ['co', 31, 31, 31, 0, 102, 5],
  ['co.nz', 24, 0, 24, 0, 0, 10, 'P'],
  ['co.uk', 9, 0, 9, 0, 0, 10, 'PL'],
  ['co.za', 13, 0, 13, 0, 0, 1, 'PL'],
  ['com', 15, 15, 15, 0, 57],
  ['com.au', 18, 0, 18, 18, 0, 5, 'PL'],
  ['com.br', 30, 30, 30, 0, 0, 1, 'PL'],
  ['com.mx', 34, 34, 34, 0, 0, 10, 'P'],
  ['com.sg', 47, 47, 47, 0, 82, 2, 'P'],
  ['company', 17, 17, 17, 0, 114],
  ['cool', 37, 37, 37, 0, 114],
  ['de', 9, 9, 9, 0, 65, 1, 'PL'],
  ['digital', 37, 37, 37, 0, 114],
  ['education', 27, 27, 27, 0, 114],
  ['email', 29, 29, 29, 0, 114],
  ['es', 10, 10, 10, 0, 0, 5, 'PL'],
  ['eu', 13, 13, 13, 0, 65, 10, 'PL'],
  ['fi', 24, 24, 24, 0, 0, 5, 'PL'],
  ['fm', 92, 92, 92, 0, 0, 5],
  ['fr', 12, 12, 12, 12, 65, 10, 'P'],
  ['global', 71, 71, 71, 0, 149],
  ['group', 20, 20, 20, 0, 114],
  ['im', 19, 19, 19, 0, 0, 2],
  ['in', 15, 15, 15, 0, 104, 10, 'P'],
  ['info', 25, 25, 25, 0, 83],
  ['io', 71, 71, 71, 0, 140],
  ['it', 15, 15, 15, 15, 52, 1, 'PL'],
  ['jp', 90, 90, 90, 0, 0, 1, 'PL'],
  ['life', 37, 37, 37, 0, 114],
  ['link', 13, 13, 13, 0, 40],
  ['live', 29, 29, 29, 0, 114],
  ['me', 17, 17, 17, 0, 103],
  ['me.uk', 9, 0, 9, 0, 0, 10, 'PL'],
  ['mobi', 28, 28, 28, 0, 83],
  ['mx', 34, 34, 34, 0, 0, 10, 'P'],
  ['name', 10, 10, 10, 0, 57],
  ['net', 17, 17, 17, 0, 57],
  ['net.au', 18, 0, 18, 18, 0, 5, 'PL'],
  ['network', 26, 26, 26, 0, 114],
  ['news', 29, 29, 29, 0, 114],
  ['ninja', 22, 22, 22, 0, 114],
  ['nl', 10, 10, 10, 0, 26, 1, 'PL'],
  ['online', 39, 39, 39, 0, 110],
  ['org', 15, 15, 15, 0, 83],
  ['org.uk', 9, 0, 9, 0, 0, 10, 'PL'],
  ['pro', 18, 18, 18, 0, 83],
  ['rocks', 15, 15, 15, 0, 114],
  ['run', 25, 25, 25, 0, 114],
  ['se', 23, 23, 23, 0, 65, 10, 'PL'],
  ['services', 33, 33, 33, 0, 114],
  ['sg', 47, 47, 47, 0, 82, 2, 'P'],
  ['site', 35, 35, 35, 0, 110],
  ['solutions', 26, 26, 26, 0, 114],
  ['space', 25, 25, 25, 0, 110],
  ['store', 55, 55, 55, 0, 110],
  ['studio', 26, 26, 26, 0, 114],
  ['systems', 26, 26, 26, 0, 114],
  ['team', 37, 37, 37, 0, 114],
  ['tech', 53, 53, 53, 0, 110],
  ['technology', 26, 26, 26, 0, 114],
  ['today', 25, 25, 25, 0, 114],
  ['tools', 33, 33, 33, 0, 114],
  ['tv', 34, 34, 34, 0, 57],
  ['uk', 9, 0, 9, 0, 0, 10, 'PL'],
  ['us', 15, 15, 15, 0, 72, 10, 'P'],
  ['website', 25, 25, 25, 0, 110],
  ['wiki', 30, 30, 30, 0, 110],
  ['world', 37, 37, 37, 0, 114],
  ['xyz', 14, 14, 14, 0, 90],
  ['zone', 37, 37, 37, 0, 114],
];

const DEFAULT_MAX_YEARS = 10;

/** In the order of their names. */
export const tlds: readonly Tld[] = rows.map(
  ([name, register, transfer, renew, changeOwner, restore, maxYears = DEFAULT_MAX_YEARS, lacks = '']) => ({
    name,
    prices: { register, transfer, renew, changeOwner, restore },
    maxYears,
    hasPrivacy: !lacks.includes('P'),
    hasLock: !lacks.includes('L'),
  }),
);

const byName = new Map(tlds.map((tld) => [tld.name, tld]));

export function findTld(name: string): Tld | undefined {
  return byName.get(name);
}

/** @throws AwsError UnsupportedTLD */
export function requireTld(name: string): Tld {
  const tld = byName.get(name);
  if (tld === undefined) throw unsupportedTld(name);
  return tld;
}
