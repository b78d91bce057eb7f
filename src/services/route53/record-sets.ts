/** Record sets: changed in batches, all or nothing, and listed. */
import type { OperationContext } from '#aws/context.ts';
import { nameOrder, readDomainName, shownDomainName } from '#model/domain-name.ts';
import { faultsOfAliases } from '#services/route53/alias-rules.ts';
import { applyChanges, type Batch } from '#services/route53/batch.ts';
import { submitChange } from '#services/route53/changes.ts';
import { invalidChangeBatch, invalidInput, noSuchHealthCheck } from '#services/route53/errors.ts';
import { requireZone } from '#services/route53/lookup.ts';
import { pageSize } from '#services/route53/pages.ts';
import { CHARACTERS_PER_BATCH, limitOf, limits, RECORDS_PER_BATCH } from '#services/route53/quotas.ts';
import type { Route53Operations } from '#services/route53/sdk.ts';
import { readChange, setView, type WantedChange } from '#services/route53/set-input.ts';
import { faultsOfSets } from '#services/route53/set-rules.ts';
import { healthCheckTable, nameId, type NameRecord, nameTable, setCountTable, type SetRecord } from '#services/route53/tables.ts';

const MOST = 300;

export const recordSets = {
  ChangeResourceRecordSets(context, input) {
    const zone = requireZone(context, input.HostedZoneId);
    const { Changes = [], Comment: comment } = input.ChangeBatch;
    const wanted = Changes.map(readChange);
    checkSize(context, wanted);
    checkHealthChecks(context, wanted);
    const batch = applyChanges(context.tx, zone, wanted);
    const before = context.tx.get(setCountTable, zone.id)?.sets ?? 0;
    const sets = before + batch.added;
    const faults = [...batch.faults, ...faultsOfSets(batch, context.quotasOn), ...faultsOfAliases(context, batch)];
    if (batch.added > 0 && sets > limitOf(context, limits.MAX_RRSETS_BY_ZONE)) {
      faults.push(
        `Limits Exceeded: MAX_RRSETS_BY_ZONE - Cannot have more than ${limits.MAX_RRSETS_BY_ZONE} resource record sets in a hosted zone.`,
      );
    }
    if (faults.length > 0) throw invalidChangeBatch([...new Set(faults)]);
    write(context, batch);
    if (sets !== before) context.tx.put(setCountTable, { id: zone.id, sets });
    return { ChangeInfo: submitChange(context, zone.id, comment) };
  },

  ListResourceRecordSets({ tx }, input) {
    const zone = requireZone({ tx }, input.HostedZoneId);
    const size = pageSize(input.MaxItems, MOST);
    const start = startOf(input);
    const found: { name: string; set: SetRecord }[] = [];
    for (const { name, order, sets } of inOrder(tx.find(nameTable, 'zone', zone.id), start.order)) {
      for (const set of sets) {
        if (order !== start.order || isFrom(set, start)) found.push({ name, set });
      }
      if (found.length > size) break;
    }
    const next = found[size];
    return {
      ResourceRecordSets: found.slice(0, size).map(({ name, set }) => setView(name, set)),
      IsTruncated: next !== undefined,
      NextRecordName: next && shownDomainName(next.name),
      NextRecordType: next?.set.type,
      NextRecordIdentifier: next?.set.setIdentifier,
      MaxItems: size,
    };
  },
} satisfies Route53Operations;

/** "A request cannot contain more than 1,000 ResourceRecord elements (including alias records)." @throws AwsError InvalidChangeBatch */
function checkSize({ quotasOn }: OperationContext, wanted: readonly WantedChange[]): void {
  let records = 0;
  let characters = 0;
  for (const { action, set } of wanted) {
    const times = action === 'UPSERT' ? 2 : 1;
    records += times * (set.alias ? 1 : set.values.length);
    for (const value of set.values) characters += times * value.length;
  }
  if (!quotasOn) return;
  if (records > RECORDS_PER_BATCH) throw invalidChangeBatch([`Number of records limit of ${RECORDS_PER_BATCH} exceeded.`]);
  if (characters > CHARACTERS_PER_BATCH) throw invalidChangeBatch([`Number of characters limit of ${CHARACTERS_PER_BATCH} exceeded.`]);
}

/** @throws AwsError NoSuchHealthCheck */
function checkHealthChecks({ tx }: OperationContext, wanted: readonly WantedChange[]): void {
  for (const { action, set } of wanted) {
    if (action === 'DELETE' || set.healthCheckId === undefined) continue;
    if (!tx.get(healthCheckTable, set.healthCheckId)) throw noSuchHealthCheck(set.healthCheckId);
  }
}

function write({ tx }: OperationContext, { zone, names }: Batch): void {
  for (const [name, sets] of names) {
    const id = nameId(zone.id, name);
    if (sets.length === 0) tx.delete(nameTable, id);
    else tx.put(nameTable, { id, zoneId: zone.id, name, order: nameOrder(name), sets });
  }
}

interface Start {
  readonly order: string;
  readonly type: string;
  readonly identifier: string;
}

/** @throws AwsError InvalidInput */
function startOf(input: {
  readonly StartRecordName?: string | undefined;
  readonly StartRecordType?: string | undefined;
  readonly StartRecordIdentifier?: string | undefined;
}): Start {
  const { StartRecordName: name, StartRecordType: type = '', StartRecordIdentifier: identifier = '' } = input;
  if (!name) {
    if (type !== '' || identifier !== '') throw invalidInput('The parameter type or identifier is not valid without the parameter name.');
    return { order: '', type, identifier };
  }
  if (identifier !== '' && type === '') throw invalidInput('The parameter identifier is not valid without the parameter type.');
  const read = readDomainName(name);
  if ('fault' in read) throw invalidInput(`FATAL problem: ${read.fault}`);
  return { order: nameOrder(read.name), type, identifier };
}

const isFrom = ({ type, setIdentifier = '' }: SetRecord, start: Start): boolean =>
  type > start.type || (type === start.type && setIdentifier >= start.identifier);

const inOrder = (all: readonly NameRecord[], from: string): NameRecord[] =>
  all.filter(({ order }) => order >= from).sort((a, b) => (a.order < b.order ? -1 : 1));
