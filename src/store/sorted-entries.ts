/** Arrays of entries kept in the order of creation. */
import type { StoreRecord } from '#store/table.ts';

/** A record's place: it stays the same object from the record's creation to its deletion. */
export interface Entry {
  /** `undefined` once deleted. */
  record: StoreRecord | undefined;
  /** Creation number, see `Reader.sequenceOf`. */
  readonly sequence: number;
}

/** Position of the first entry whose sequence number is at least `sequence`; the length when there is none. O(log n). */
export function lowerBound(entries: readonly Entry[], sequence: number): number {
  let low = 0;
  let high = entries.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const entry = entries[middle];
    if (entry !== undefined && entry.sequence < sequence) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Puts an entry in its place: at the end in O(1), which is the common case, else by a search and a shift. */
export function insertSorted(entries: Entry[], entry: Entry): void {
  const last = entries.at(-1);
  if (last === undefined || last.sequence < entry.sequence) entries.push(entry);
  else entries.splice(lowerBound(entries, entry.sequence), 0, entry);
}

/** Takes an entry out; nothing happens when it is not there. */
export function removeSorted(entries: Entry[], entry: Entry): void {
  const position = lowerBound(entries, entry.sequence);
  if (entries[position] === entry) entries.splice(position, 1);
}
