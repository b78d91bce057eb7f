/** Names of hosted zones, and which four servers a public one gets. */
import type { OperationContext } from '#aws/context.ts';
import { readDomainName, shownDomainName } from '#model/domain-name.ts';
import { SETS } from '#model/name-servers.ts';
import { delegationSetNotAvailable, invalidDomainName } from '#services/route53/errors.ts';
import { globalPartitions } from '#services/route53/lookup.ts';
import { isPrivate, namesAbove, zoneTable } from '#services/route53/tables.ts';
import type { Reader } from '#store/store.ts';

/** @throws AwsError InvalidDomainName */
export function checkZoneName(text: string, isOfPrivateZone: boolean): string {
  const read = readDomainName(text);
  if ('fault' in read) throw invalidDomainName(`FATAL problem: ${read.fault}`);
  const { name } = read;
  // "You can't include an * in the leftmost label", guide, "DNS domain name format".
  if (/^(?:\*|[^.]*\\052)/.test(name)) {
    throw invalidDomainName(`FATAL problem: UnsupportedCharacter (Value contains unsupported characters) encountered with '*'`);
  }
  // "You can't create a hosted zone for a top-level domain (TLD) such as .com" (API reference, CreateHostedZone).
  if (name === '' || (!isOfPrivateZone && !name.includes('.'))) throw invalidDomainName(`${shownDomainName(name)} is reserved by AWS!`);
  return name;
}

/** The sets that public zones of that name have, of whichever account; and those of names above it and below. */
function takenSets(reader: Reader, name: string): { readonly ofName: ReadonlySet<number>; readonly ofKin: ReadonlySet<number> } {
  const ofName = new Set<number>();
  const ofKin = new Set<number>();
  for (const partition of globalPartitions(reader)) {
    const note = (sets: Set<number>, found: readonly { readonly serverSet?: number }[]): void => {
      for (const { serverSet } of found) if (serverSet !== undefined) sets.add(serverSet);
    };
    note(ofName, partition.find(zoneTable, 'name', name));
    for (const above of namesAbove(name)) note(ofKin, partition.find(zoneTable, 'name', above));
    note(ofKin, partition.find(zoneTable, 'below', name));
  }
  return { ofName, ofKin };
}

/** "Two hosted zones that have the same name or that have a parent/child relationship can't have any common name servers." */
export function conflictsWith(reader: Reader, name: string, serverSet: number): boolean {
  const { ofName, ofKin } = takenSets(reader, name);
  return ofName.has(serverSet) || ofKin.has(serverSet);
}

/**
 * A set that no zone of the name has, and no zone above or below it where that can be: AWS has hundreds of servers, Keiro eight sets.
 * @throws AwsError DelegationSetNotAvailable
 */
export function chooseServerSet(context: OperationContext, name: string): number {
  const { ofName, ofKin } = takenSets(context.tx, name);
  const free = Array.from({ length: SETS }, (_, set) => set).filter((set) => !ofName.has(set));
  const apart = free.filter((set) => !ofKin.has(set));
  const choices = apart.length > 0 ? apart : free;
  const chosen = choices[context.randomBytes(2).readUInt16BE() % Math.max(choices.length, 1)];
  if (chosen === undefined) throw delegationSetNotAvailable(shownDomainName(name));
  return chosen;
}

/** The oldest first: of two of a name, that is the one that the internet's servers answer from where both are on one set. */
export function publicZonesOf(reader: Reader, name: string): readonly { readonly reader: Reader; readonly zoneId: string }[] {
  return globalPartitions(reader)
    .flatMap((partition) => partition.find(zoneTable, 'name', name).map((zone) => ({ reader: partition, zone })))
    .filter(({ zone }) => !isPrivate(zone))
    .sort((a, b) => a.zone.createdMs - b.zone.createdMs)
    .map(({ reader: found, zone }) => ({ reader: found, zoneId: zone.id }));
}
