/** Ids of Route 53: a letter and twenty digits and capitals, with their kind before it in answers. */
import type { OperationContext } from '#aws/context.ts';

const CAPITALS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ';
const DIGITS = 8;
const LENGTH = 20;

/** E.g. `Z0173938T07WNTVAEPZN`: AWS's begin with digits. @param letter `Z` for a zone, `C` for a change, `N` for a delegation set */
export function newId({ randomBytes }: Pick<OperationContext, 'randomBytes'>, letter: 'Z' | 'C' | 'N'): string {
  const places = Array.from(randomBytes(LENGTH), (byte, at) => CAPITALS[byte % (at < DIGITS ? 10 : CAPITALS.length)]);
  return letter + places.join('');
}

export function newUuid({ randomBytes }: Pick<OperationContext, 'randomBytes'>): string {
  const hex = randomBytes(16).toString('hex');
  const variant = '89ab'[Number.parseInt(hex.charAt(16), 16) % 4] ?? '8';
  return [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`, variant + hex.slice(17, 20), hex.slice(20)].join('-');
}

/** Ids are taken as answers have them, and without `/hostedzone/` before them. */
export function bareId(id: string): string {
  return id.slice(id.lastIndexOf('/') + 1);
}

/** Where a new resource is found: the `Location` of the answer. */
export const locationOf = (path: string): string => `https://route53.amazonaws.com/2013-04-01/${path}`;
