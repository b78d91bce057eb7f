/** Whose details are concealed from WHOIS. */
import { tldRulesViolation } from '#services/route53domains/errors.ts';
import { type ContactRole, contactRoles } from '#services/route53domains/tables.ts';
import type { Tld } from '#services/route53domains/tlds.ts';

/**
 * What is asked for, over what there is.
 * @param before AWS's default when left out: concealed wherever that can be
 * @throws AwsError TLDRulesViolation
 */
export function readPrivacy(
  tld: Tld,
  asked: Readonly<Record<ContactRole, boolean | undefined>>,
  before?: Readonly<Record<ContactRole, boolean>>,
): Record<ContactRole, boolean> {
  if (!tld.hasPrivacy && contactRoles.some((role) => asked[role] === true))
    throw tldRulesViolation(`Privacy protection is not supported for .${tld.name} domains.`);
  const of = (role: ContactRole): boolean => asked[role] ?? before?.[role] ?? tld.hasPrivacy;
  return { admin: of('admin'), registrant: of('registrant'), tech: of('tech'), billing: of('billing') };
}
