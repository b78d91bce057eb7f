/** Whether a name is shown to be whose certificate it is for: by its record in DNS, or by mail. */
import type { WantedValidation } from '#services/acm/public.ts';
import { isBelowPublicZone, publicZoneHolds } from '#services/route53/public.ts';
import { isBelowRegisteredDomain } from '#services/route53domains/public.ts';
import type { Store } from '#store/store.ts';

export interface ValidationOptions {
  readonly store: Pick<Store, 'reader'>;
  /** Names that Keiro's internet does not have: `auto` takes them as validated, `strict` waits for them as AWS does. */
  readonly mode: 'auto' | 'strict';
  /** Milliseconds since the epoch. */
  readonly nowMs: () => number;
}

/** Any partition does: zones and domains are looked for in all. */
const anywhere = { account: 'keiro', region: 'global' };

/**
 * Answers for the follower of certificates. A name that lies in somebody's public zone, or in a registered domain, waits for its
 * record or for the answer to its mail. Another one can have neither, so that with `auto` it is validated at once.
 */
export function answerValidations({ store, mode, nowMs }: ValidationOptions): (validation: WantedValidation) => Promise<boolean> {
  return async ({ domainName, method, isDone, record }) => {
    if (isDone) return true;
    const reader = store.reader(anywhere);
    const name = domainName.replace(/^\*\./, '');
    const isOurs = isBelowPublicZone(reader, name) || isBelowRegisteredDomain(reader, name, nowMs());
    if (!isOurs && mode === 'auto') return true;
    return method === 'DNS' && publicZoneHolds(reader, record.name, 'CNAME', record.value);
  };
}
