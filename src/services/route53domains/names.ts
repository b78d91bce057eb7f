/** Names of domains as callers write them: a label and a top-level domain. */
import { invalidDomainName } from '#services/route53domains/errors.ts';
import { findTld, requireTld, type Tld } from '#services/route53domains/tlds.ts';

export interface DomainName {
  /** Lower case, no dot at the end. */
  readonly name: string;
  readonly label: string;
  readonly tld: Tld;
}

/** "Letters a through z, numbers, hyphen; no hyphen at the beginning or end of a label"; RFC 1035 section 2.3.1 for the length. */
const LABEL = /^(?!-)[a-z0-9-]{1,63}(?<!-)$/;
const NAME_LENGTH = 253;
/** What Keiro's internet itself stands on. */
const infrastructure = /^(?:amazonaws|root-servers|gtld-servers|awsdns-\d\d)$/;

/**
 * Reads a name; everything behind the first label is the top-level domain.
 * @throws AwsError InvalidInput, UnsupportedTLD
 */
export function readDomainName(given: string): DomainName {
  const name = given.toLowerCase().replace(/\.$/, '');
  const [label = '', ...rest] = name.split('.');
  if (name.length > NAME_LENGTH || rest.length === 0 || ![label, ...rest].every((one) => LABEL.test(one))) throw invalidDomainName(given);
  return { name, label, tld: requireTld(rest.join('.')) };
}

/** Whether nobody can register it. `uk` has `co.uk` below it. */
export function isReserved({ name, label }: DomainName): boolean {
  return infrastructure.test(label) || findTld(name) !== undefined;
}
