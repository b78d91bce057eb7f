/** A batch of changes on its way: the names that it touches as they will be, and what is wrong with it. */
import { isWithin, shownDomainName } from '#model/domain-name.ts';
import type { WantedChange } from '#services/route53/set-input.ts';
import { findName } from '#services/route53/lookup.ts';
import type { HostedZoneRecord, SetRecord } from '#services/route53/tables.ts';
import type { Reader } from '#store/store.ts';

export interface Batch {
  readonly zone: HostedZoneRecord;
  /** Each touched name's sets, as they are when the whole batch is done. */
  readonly names: ReadonlyMap<string, readonly SetRecord[]>;
  /** What all names together have more of. */
  readonly added: number;
  /** AWS's words, in the order of the changes. */
  readonly faults: readonly string[];
  /** Changes that leave a set: those that can break a rule. */
  readonly left: readonly WantedChange[];
}

export const isSame = (a: Pick<SetRecord, 'type' | 'setIdentifier'>, b: Pick<SetRecord, 'type' | 'setIdentifier'>): boolean =>
  a.type === b.type && a.setIdentifier === b.setIdentifier;

/** As AWS's messages name a set. */
export function setName(name: string, { type, setIdentifier }: SetRecord): string {
  const identifier = setIdentifier === undefined ? '' : `, set-identifier='${setIdentifier}'`;
  return `[name='${shownDomainName(name)}', type='${type}'${identifier}]`;
}

/** Applies all changes to a copy of what is there; the first fault of a change is its only one. */
export function applyChanges(reader: Reader, zone: HostedZoneRecord, changes: readonly WantedChange[]): Batch {
  const names = new Map<string, readonly SetRecord[]>();
  const faults: string[] = [];
  const left: WantedChange[] = [];
  let added = 0;
  const setsOf = (name: string): readonly SetRecord[] => names.get(name) ?? findName(reader, zone.id, name)?.sets ?? [];
  const impossible = impossibleTogether(changes);
  for (const change of changes) {
    const { name, set, action } = change;
    if (change.fault !== undefined) faults.push(`FATAL problem: ${change.fault}`);
    else if (!isWithin(name, zone.name))
      faults.push(`RRSet with DNS name ${shownDomainName(name)} is not permitted in zone ${shownDomainName(zone.name)}`);
    else if (impossible.has(keyOf(change))) continue;
    else {
      const sets = setsOf(name);
      const there = sets.find((each) => isSame(each, set));
      const fault = faultOf(change, there);
      if (fault !== undefined) faults.push(fault);
      else {
        const others = sets.filter((each) => each !== there);
        names.set(name, action === 'DELETE' ? others : sorted([...withTtl(others, set), set]));
        added += (action === 'DELETE' ? 0 : 1) - (there ? 1 : 0);
      }
      if (action !== 'DELETE') left.push(change);
    }
  }
  return { zone, names, added, faults: [...faults, ...impossible.values()], left };
}

function faultOf({ action, name, set }: WantedChange, there: SetRecord | undefined): string | undefined {
  if (action === 'CREATE' && there) return `Tried to create resource record set ${setName(name, set)} but it already exists`;
  if (action !== 'DELETE') return undefined;
  if (!there) return `Tried to delete resource record set ${setName(name, set)} but it was not found`;
  if (isEqual(there, set)) return undefined;
  return `Tried to delete resource record set ${setName(name, set)} but the values provided do not match the current values`;
}

/** "You must specify all the same values that you specified when you created it"; the order of records is of no matter. */
function isEqual(a: SetRecord, b: SetRecord): boolean {
  const comparable = ({ values, alias, routing, ttl, healthCheckId }: SetRecord): string =>
    JSON.stringify([
      values.toSorted(),
      alias && [alias.zoneId, alias.name, alias.evaluatesTargetHealth],
      Object.entries(routing).toSorted(([x], [y]) => (x < y ? -1 : 1)),
      ttl,
      healthCheckId,
    ]);
  return comparable(a) === comparable(b);
}

/**
 * "If you create two or more weighted records that have the same name and type, and you specify different values for TTL, Route 53
 * changes the value of TTL for all of the records to the last value that you specified."
 */
function withTtl(others: readonly SetRecord[], { type, ttl, routing }: SetRecord): readonly SetRecord[] {
  if (ttl === undefined || routing.policy !== 'weighted') return others;
  return others.map((each) =>
    each.type === type && each.routing.policy === 'weighted' && each.ttl !== undefined ? { ...each, ttl } : each,
  );
}

const orderOf = ({ type, setIdentifier = '' }: SetRecord): string => `${type} ${setIdentifier}`;
const sorted = (sets: SetRecord[]): SetRecord[] => sets.sort((a, b) => (orderOf(a) < orderOf(b) ? -1 : 1));

const keyOf = ({ name, set }: WantedChange): string => `${name} ${set.type} ${set.setIdentifier ?? ''}`;

/** A set may be changed once in a batch, or deleted and then created: the others, with AWS's words. */
function impossibleTogether(changes: readonly WantedChange[]): ReadonlyMap<string, string> {
  const actions = new Map<string, string>();
  for (const change of changes) {
    if (change.fault === undefined) actions.set(keyOf(change), `${actions.get(keyOf(change)) ?? ''}${change.action} `);
  }
  const found = new Map<string, string>();
  for (const change of changes) {
    const key = keyOf(change);
    const all = actions.get(key) ?? '';
    if (all === `${change.action} ` || all === 'DELETE CREATE ' || change.fault !== undefined) continue;
    const identifier = change.set.setIdentifier === undefined ? '' : ` ${change.set.setIdentifier}`;
    found.set(key, `The request contains an invalid set of changes for a resource record set '${change.set.type} ${shownDomainName(change.name)}${identifier}'`); // prettier-ignore
  }
  return found;
}
