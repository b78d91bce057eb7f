/** Records → zones, names and health checks as data planes are told of them; and what they tell. */
import type { HealthCheck } from '#model/health-check.ts';
import { checkerRegions } from '#model/health-check.ts';
import type { HostedZone, RecordSet, ZoneName } from '#model/hosted-zone.ts';
import { changeTable, healthCheckTable, isPrivate, nameTable, type SetRecord, zoneTable } from '#services/route53/tables.ts';
import type { Change, Reader, Transaction } from '#store/store.ts';

/** What one of a store's changes is about. */
export interface TouchedPart {
  readonly kind: 'hostedZone' | 'zoneName' | 'healthCheck' | 'zoneChange';
  readonly id: string;
}

const kinds: Readonly<Record<string, TouchedPart['kind']>> = {
  [zoneTable.name]: 'hostedZone',
  [nameTable.name]: 'zoneName',
  [healthCheckTable.name]: 'healthCheck',
  [changeTable.name]: 'zoneChange',
};

/** Undefined for what no data plane is told of. */
export function touchedPart({ table, id }: Pick<Change, 'table' | 'id'>): TouchedPart | undefined {
  const kind = kinds[table];
  return kind && { kind, id };
}

/** @param reader of an account's global partition; so everywhere here */
export function hostedZoneIds(reader: Reader): readonly string[] {
  return Array.from(reader.list(zoneTable), ({ id }) => id);
}

/** Lazily, because they may be many. */
export function* zoneNameIds(reader: Reader): Generator<string> {
  for (const { id } of reader.list(nameTable)) yield id;
}

export function healthCheckIds(reader: Reader): readonly string[] {
  return Array.from(reader.list(healthCheckTable), ({ id }) => id);
}

/** Undefined when it is gone; so for the others here. */
export function hostedZoneOf(reader: Reader, id: string): HostedZone | undefined {
  const zone = reader.get(zoneTable, id);
  return (
    zone && {
      kind: 'hostedZone',
      id,
      name: zone.name,
      isPrivate: isPrivate(zone),
      networkIds: zone.vpcs.map((vpc) => vpc.id),
      ...(zone.serverSet === undefined ? {} : { serverSet: zone.serverSet }),
      createdMs: zone.createdMs,
    }
  );
}

export function zoneNameOf(reader: Reader, id: string): ZoneName | undefined {
  const found = reader.get(nameTable, id);
  if (!found) return undefined;
  const { zoneId, name, sets } = found;
  return { kind: 'zoneName', id, zoneId, name, sets: sets.map((set) => setOf(zoneId, set)) };
}

function setOf(zoneId: string, { alias, ...set }: SetRecord): RecordSet {
  if (alias === undefined) return set;
  const { name, evaluatesTargetHealth } = alias;
  return { ...set, alias: { name, isInZone: alias.zoneId === zoneId, evaluatesTargetHealth } };
}

export function healthCheckOf(reader: Reader, id: string): HealthCheck | undefined {
  const check = reader.get(healthCheckTable, id);
  if (!check) return undefined;
  const { type, address, hostName, port, path, searchString, isInverted, isDisabled } = check;
  return {
    kind: 'healthCheck',
    id,
    type,
    ...(address === undefined ? {} : { address }),
    ...(hostName === undefined ? {} : { hostName: hostName.replace(/\.$/, '') }),
    ...(port === undefined ? {} : { port }),
    ...(type === 'TCP' || type === 'CALCULATED' ? {} : { path: withSlash(path ?? '') }),
    ...(searchString === undefined ? {} : { searchString }),
    intervalSeconds: check.intervalSeconds === 10 ? 10 : 30,
    failureThreshold: check.failureThreshold ?? 1,
    sendsServerName: check.sendsServerName ?? false,
    regions: check.regions ?? checkerRegions,
    isInverted,
    isDisabled,
    children: check.children ?? [],
    healthyChildrenMin: check.healthThreshold ?? 0,
  };
}

const withSlash = (path: string): string => (path.startsWith('/') ? path : `/${path}`);

/** A change that name servers do not have yet. */
export interface PendingChange {
  readonly id: string;
  readonly zoneId: string;
  /** Milliseconds since the epoch. */
  readonly submittedMs: number;
}

/** The oldest first. */
export function pendingChanges(reader: Reader): readonly PendingChange[] {
  return reader.find(changeTable, 'state', 'pending').map(({ id, zoneId, submittedMs }) => ({ id, zoneId, submittedMs }));
}

/** Whether name servers do not have a change yet. */
export function isPendingChange(reader: Reader, id: string): boolean {
  return reader.get(changeTable, id)?.isInSync === false;
}

/** Told in a transaction of the account's global partition. */
export const changeReports = {
  /** Every name server has these changes. One that is gone, or was in sync before, is passed over. */
  inSync(tx: Transaction, ids: Iterable<string>): void {
    for (const id of ids) {
      const change = tx.get(changeTable, id);
      if (change && !change.isInSync) tx.put(changeTable, { ...change, isInSync: true });
    }
  },
};
