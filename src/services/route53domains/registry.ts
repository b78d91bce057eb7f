/** What the servers of top-level domains say: which domains there are, and where they are delegated to. */
import type { RegisteredDomain } from '#model/registered-domain.ts';
import { stateOfDomain } from '#services/route53domains/lifecycle.ts';
import { domainTable, registryPartition } from '#services/route53domains/tables.ts';
import type { Change, Reader } from '#store/store.ts';
import type { Partition } from '#store/table.ts';

/**
 * A domain as it is delegated; undefined while it is not: nobody has it, its registrant has not confirmed, it is suspended or has expired.
 * @param reader of any partition
 * @param name lower case, no dot at the end
 * @param nowMs milliseconds since the epoch; left out, what time alone brings about (suspension, expiry) is not looked at
 */
export function registeredDomainOf(reader: Reader, name: string, nowMs?: number): RegisteredDomain | undefined {
  const domain = reader.in(registryPartition).get(domainTable, name);
  if (domain?.registeredMs === undefined || domain.nameServers.length === 0) return undefined;
  if (nowMs !== undefined && stateOfDomain(domain, nowMs) !== 'registered') return undefined;
  return { kind: 'registeredDomain', id: domain.id, nameServers: domain.nameServers };
}

/** The names that `registeredDomainOf` knows, in no order. */
export function registeredDomainNames(reader: Reader, nowMs?: number): readonly string[] {
  return [...reader.in(registryPartition).list(domainTable)]
    .filter(({ id }) => registeredDomainOf(reader, id, nowMs) !== undefined)
    .map(({ id }) => id);
}

/** Whether a partition is the one in which all domains are. */
export function isRegistry({ account, region }: Partition): boolean {
  return account === registryPartition.account && region === registryPartition.region;
}

/** The names of the domains that a committed change of a record concerns. */
export function touchedDomains({ table, id }: Change): readonly string[] {
  return table === domainTable.name ? [id] : [];
}

/** Whether somebody has a domain, registered or reserved, at or above a name (lower case, no dot at the end). */
export function isBelowRegisteredDomain(reader: Reader, name: string, nowMs: number): boolean {
  const registry = reader.in(registryPartition);
  const labels = name.split('.');
  return labels.some((_, index) => {
    const domain = registry.get(domainTable, labels.slice(index).join('.'));
    const state = domain && stateOfDomain(domain, nowMs);
    return state !== undefined && state !== 'lapsed' && state !== 'gone';
  });
}
