/** Domains as they are found in the registry. */
import type { OperationContext } from '#aws/context.ts';
import { domainLimitExceeded, domainNotFound } from '#services/route53domains/errors.ts';
import { expiryAt, stateOfDomain } from '#services/route53domains/lifecycle.ts';
import { readDomainName } from '#services/route53domains/names.ts';
import { type DomainRecord, domainTable, registryPartition } from '#services/route53domains/tables.ts';
import { findTld, type Tld } from '#services/route53domains/tlds.ts';
import type { Reader } from '#store/store.ts';

/** "The default maximum number of domains per AWS account is 20." */
const DOMAINS = 20;

/** Whoever has the name, or has it reserved; undefined when anybody may register it. */
export function heldDomain(reader: Reader, name: string, nowMs: number): DomainRecord | undefined {
  const domain = reader.in(registryPartition).get(domainTable, name);
  if (domain === undefined) return undefined;
  const state = stateOfDomain(domain, nowMs);
  return state === 'lapsed' || state === 'gone' ? undefined : domain;
}

/** Those of the caller that are registered: in the order of registration. */
export function ownDomains({ tx, account, nowMs }: Pick<OperationContext, 'tx' | 'account' | 'nowMs'>): readonly DomainRecord[] {
  return tx
    .in(registryPartition)
    .find(domainTable, 'account', account)
    .filter((domain) => isRegistered(domain, nowMs));
}

export function isRegistered(domain: DomainRecord, nowMs: number): boolean {
  const state = stateOfDomain(domain, nowMs);
  return state === 'registered' || state === 'suspended' || state === 'expired';
}

/**
 * The caller's domain of that name.
 * @throws AwsError InvalidInput, UnsupportedTLD
 */
export function requireDomain(context: Pick<OperationContext, 'tx' | 'account' | 'nowMs'>, given: string): DomainRecord {
  const { name } = readDomainName(given);
  const domain = heldDomain(context.tx, name, context.nowMs);
  if (domain?.account !== context.account || !isRegistered(domain, context.nowMs)) throw domainNotFound(name, context.account);
  return domain;
}

export function tldOf({ id }: Pick<DomainRecord, 'id'>): Tld {
  const tld = findTld(id.slice(id.indexOf('.') + 1));
  if (tld === undefined) throw new Error(`${id} has a top-level domain that nobody knows`); // no record is made without
  return tld;
}

/** Writes a changed domain. What automatic renewal has done to its expiry is written with it, so that switching it off takes nothing back. */
export function putDomain(
  { tx, nowMs }: Pick<OperationContext, 'tx' | 'nowMs'>,
  before: DomainRecord,
  change: Partial<DomainRecord>,
): DomainRecord {
  const domain = { ...before, expiresMs: expiryAt(before, nowMs), updatedMs: nowMs, ...change };
  tx.in(registryPartition).put(domainTable, domain);
  return domain;
}

/**
 * Room for one more. Also those count that wait for their registrants.
 * @throws AwsError DomainLimitExceeded
 */
export function requireRoom({ tx, account, nowMs, quotasOn }: OperationContext): void {
  if (!quotasOn) return;
  const held = tx
    .in(registryPartition)
    .find(domainTable, 'account', account)
    .filter(({ id }) => heldDomain(tx, id, nowMs) !== undefined);
  if (held.length >= DOMAINS) throw domainLimitExceeded();
}
