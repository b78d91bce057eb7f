/** The entries of managed prefix lists: checked, added, removed. */
import { invalidParameterValue } from '#aws/errors.ts';
import { canonicalCidr, cidrFamily, formatCidr, parseCidr } from '#model/cidr.ts';
import { AwsError } from '#protocol/aws-error.ts';
import type { PrefixListEntry } from '#services/ec2/tables/routing.ts';

interface EntryInput {
  readonly Cidr?: string | undefined;
  readonly Description?: string | undefined;
}

const descriptionLength = 255;

/** AWS: at most 100 entries are changed in one call. */
const changesPerCall = 100;

/** @throws AwsError InvalidParameterValue for no CIDR block, another family's, host bits, or a too long description. */
export function readEntries(addressFamily: string, entries: readonly EntryInput[]): readonly PrefixListEntry[] {
  if (entries.length > changesPerCall) {
    throw invalidParameterValue(`The number of entries (${entries.length}) exceeds the maximum of ${changesPerCall} per request`);
  }
  return entries.map(({ Cidr = '', Description }) => {
    const cidr = readCidr(addressFamily, Cidr);
    if ((Description?.length ?? 0) > descriptionLength) {
      throw invalidParameterValue(`The description of entry ${cidr} exceeds the maximum length of ${descriptionLength} characters`);
    }
    return { cidr, ...(Description === undefined ? {} : { description: Description }) };
  });
}

/** Canonical text of a block of that family; AWS clears host bits here. */
export function readCidr(addressFamily: string, text: string): string {
  const cidr = parseCidr(text);
  if (!cidr) throw invalidParameterValue(`The CIDR '${text}' is invalid. This is not a valid CIDR block.`);
  if (cidrFamily(cidr) !== (addressFamily === 'IPv6' ? 6 : 4)) {
    throw invalidParameterValue(`The CIDR '${text}' does not match the address family ${addressFamily} of the prefix list`);
  }
  return formatCidr(canonicalCidr(cidr));
}

/**
 * Entries after a change; an added entry replaces the description of one that is there.
 * @throws AwsError InvalidParameterValue for duplicates or for removing what is not there; PrefixListMaxEntriesExceeded.
 */
export function changeEntries(
  current: readonly PrefixListEntry[],
  added: readonly PrefixListEntry[],
  removed: readonly string[],
  maxEntries: number,
): readonly PrefixListEntry[] {
  const byCidr = new Map(current.map((entry) => [entry.cidr, entry]));
  const seen = new Set<string>();
  for (const cidr of [...removed, ...added.map((entry) => entry.cidr)]) {
    if (seen.has(cidr)) throw invalidParameterValue(`The CIDR ${cidr} is specified more than once in the request`);
    seen.add(cidr);
  }
  for (const cidr of removed) {
    if (!byCidr.delete(cidr)) throw invalidParameterValue(`The CIDR ${cidr} is not in the prefix list`);
  }
  for (const entry of added) byCidr.set(entry.cidr, entry);
  if (byCidr.size > maxEntries) {
    throw new AwsError('PrefixListMaxEntriesExceeded', `You've reached the maximum number of entries (${maxEntries}) for the prefix list.`);
  }
  return [...byCidr.values()];
}
