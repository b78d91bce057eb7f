/** Zones, names and accounts as they are found. */
import type { OperationContext } from '#aws/context.ts';
import { noSuchHostedZone } from '#services/route53/errors.ts';
import { bareId } from '#services/route53/ids.ts';
import { type HostedZoneRecord, nameId, nameTable, type NameRecord, zoneTable } from '#services/route53/tables.ts';
import type { Reader } from '#store/store.ts';

/** One of the caller's. @throws AwsError NoSuchHostedZone */
export function requireZone({ tx }: Pick<OperationContext, 'tx'>, id: string): HostedZoneRecord {
  const zone = tx.get(zoneTable, bareId(id));
  if (!zone) throw noSuchHostedZone(bareId(id));
  return zone;
}

export function findName(reader: Reader, zoneId: string, name: string): NameRecord | undefined {
  return reader.get(nameTable, nameId(zoneId, name));
}

/** Of every account, where Route 53 keeps what it has. */
export function globalPartitions(reader: Reader): readonly Reader[] {
  return reader
    .partitions()
    .filter(({ region }) => region === 'global')
    .map((partition) => reader.in(partition));
}

/** A zone of whichever account, with where it is kept. */
export function findZoneAnywhere(reader: Reader, id: string): { readonly account: string; readonly zone: HostedZoneRecord } | undefined {
  for (const partition of globalPartitions(reader)) {
    const zone = partition.get(zoneTable, bareId(id));
    if (zone) return { account: partition.partition.account, zone };
  }
  return undefined;
}
