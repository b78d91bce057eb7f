/** What a domain is at a moment: a pure function of its record and the time. */
import type { DomainRecord, PendingTransfer } from '#services/route53domains/tables.ts';

const DAY_MS = 86_400_000;
/** "If you don't click the link … we suspend the domain": 3 to 15 days, ICANN's rule for generic ones is 15. */
export const CONFIRMATION_MS = 15 * DAY_MS;
/** Guide, e.g. ".com": "Late renewal with Route 53 is possible: Up to 44 days after expiration". */
const LATE_RENEWAL_MS = 44 * DAY_MS;
/** EPP's status `addPeriod` (RFC 3915): five days after registration. */
export const ADD_PERIOD_MS = 5 * DAY_MS;

/**
 * `pending`: reserved until the registrant has confirmed. `lapsed`: the registrant did not. `suspended`: registered, and a new
 * address of the registrant's was not confirmed. `expired`: may still be renewed. `gone`: anybody may register it.
 */
export type DomainState = 'pending' | 'lapsed' | 'registered' | 'suspended' | 'expired' | 'gone';

export function stateOfDomain(domain: DomainRecord, nowMs: number): DomainState {
  const { registeredMs, reachability } = domain;
  const isLate = reachability.confirmedMs === undefined && nowMs >= reachability.sinceMs + CONFIRMATION_MS;
  if (registeredMs === undefined) return isLate ? 'lapsed' : 'pending';
  const expiresMs = expiryAt(domain, nowMs);
  if (nowMs >= expiresMs + LATE_RENEWAL_MS) return 'gone';
  if (nowMs >= expiresMs) return 'expired';
  return isLate ? 'suspended' : 'registered';
}

/** When it expires, with the automatic renewals that there have been until now: a year each, at the end. */
export function expiryAt({ expiresMs, isAutoRenewed }: DomainRecord, nowMs: number): number {
  if (!isAutoRenewed || nowMs < expiresMs) return expiresMs;
  let years = new Date(nowMs).getUTCFullYear() - new Date(expiresMs).getUTCFullYear();
  if (addYears(expiresMs, years) <= nowMs) years += 1;
  return addYears(expiresMs, years);
}

/** The same day of a later year; 29 February becomes 1 March. */
export function addYears(ms: number, years: number): number {
  const date = new Date(ms);
  return date.setUTCFullYear(date.getUTCFullYear() + years);
}

/** A transfer to another account that can still be accepted. */
export function transferAt({ transfer }: DomainRecord, nowMs: number): PendingTransfer | undefined {
  return transfer !== undefined && nowMs < transfer.untilMs ? transfer : undefined;
}
