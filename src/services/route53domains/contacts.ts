/** The people of a domain: what AWS demands of their details. */
import { checkConstraints, type Constraint } from '#aws/constraints.ts';
import { invalidInput, tldRulesViolation } from '#services/route53domains/errors.ts';
import { checkExtraParams } from '#services/route53domains/extra-params.ts';
import { type Contact, type ContactRole, contactRoles } from '#services/route53domains/tables.ts';
import type { Tld } from '#services/route53domains/tlds.ts';

/** As AWS's messages call them. */
const spoken: Readonly<Record<ContactRole, string>> = { admin: 'ADMIN', registrant: 'OWNER', tech: 'TECH', billing: 'BILL' };
/** As the API's members are called. */
const members: Readonly<Record<ContactRole, string>> = {
  admin: 'adminContact',
  registrant: 'registrantContact',
  tech: 'techContact',
  billing: 'billingContact',
};

type Member = Exclude<keyof Contact, 'ExtraParams'>;

const name: Constraint = { max: 255 };
const phone: Constraint = { max: 30 };
/** The model's own. */
const lengths: Readonly<Record<Member, Constraint>> = {
  FirstName: name,
  LastName: name,
  ContactType: {},
  OrganizationName: name,
  AddressLine1: name,
  AddressLine2: name,
  City: name,
  State: name,
  CountryCode: {},
  ZipCode: name,
  PhoneNumber: phone,
  Email: { max: 254 },
  Fax: phone,
};

const required: readonly Member[] = [
  'FirstName',
  'LastName',
  'ContactType',
  'AddressLine1',
  'City',
  'CountryCode',
  'ZipCode',
  'PhoneNumber',
  'Email',
];

/** "+[country dialing code].[number including any area code]"; E.164 knows codes of three digits at most. */
const PHONE = /^\+[1-9]\d{0,2}\.\d{1,25}$/;
/** One address, without a name around it (RFC 5321 section 4.1.2, as far as people use it). */
const EMAIL = /^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:(?!-)[A-Za-z0-9-]{1,63}(?<!-)\.)+(?!-)[A-Za-z0-9-]{2,63}(?<!-)$/;

export type GivenContacts = Readonly<Partial<Record<ContactRole, Contact>>>;

/**
 * Checks the contacts that are given.
 * @throws AwsError ValidationException for the model's lengths, InvalidInput, TLDRulesViolation
 */
export function checkContacts(tld: Tld, contacts: GivenContacts): void {
  const given = contactRoles.flatMap((role): [ContactRole, Contact][] => (contacts[role] === undefined ? [] : [[role, contacts[role]]]));
  for (const [role, contact] of given) checkLengths(role, contact);
  const faults = given.flatMap(([role, contact]) => faultsOf(contact).map((fault) => `${spoken[role]}.${fault}`));
  if (faults.length > 0) throw invalidInput(`[${faults.join(', ')}]`);
  const { registrant } = contacts;
  if (tld.name === 'jp' && registrant !== undefined && registrant.CountryCode !== 'JP')
    throw tldRulesViolation('[OWNER.COUNTRY_CODE is not valid]'); // "Only individuals or companies in Japan can register a .jp domain name"
  if (tld.name === 'es' && given.some(([, { ContactType }]) => ContactType !== 'PERSON'))
    throw tldRulesViolation(`[${given.flatMap(([role, { ContactType }]) => (ContactType === 'PERSON' ? [] : [`${spoken[role]}.CONTACT_TYPE is not valid`])).join(', ')}]`); // prettier-ignore
  checkExtraParams(
    tld.name,
    given.map(([role, contact]) => [spoken[role], contact]),
  );
}

function checkLengths(role: ContactRole, contact: Contact): void {
  const at = (member: string): string => `${members[role]}.${member.charAt(0).toLowerCase()}${member.slice(1)}`;
  const texts = Object.entries(contact).filter(([, value]) => typeof value === 'string');
  checkConstraints(
    'ValidationException',
    Object.fromEntries(Object.entries(lengths).map(([member, constraint]) => [at(member), constraint])),
    Object.fromEntries(texts.map(([member, value]) => [at(member), value])),
  );
}

function faultsOf(contact: Contact): string[] {
  const faults = required.filter((member) => !contact[member]?.trim()).map((member) => `${shout(member)} is missing`);
  if (contact.ContactType && contact.ContactType !== 'PERSON' && !contact.OrganizationName?.trim())
    faults.push('ORGANIZATION_NAME is missing');
  if (contact.PhoneNumber && !PHONE.test(contact.PhoneNumber)) faults.push('PHONE_NUMBER is not valid');
  if (contact.Fax && !PHONE.test(contact.Fax)) faults.push('FAX is not valid');
  if (contact.Email && !EMAIL.test(contact.Email)) faults.push('EMAIL is not valid');
  return faults;
}

/** `AddressLine1` → `ADDRESS_LINE_1`. */
const shout = (member: string): string => member.replace(/(?<=[a-z])(?=[A-Z\d])/g, '_').toUpperCase();

/** Whether somebody else owns the domain after a change: the registrant's name, organization or e-mail address is another (ICANN, "Transfer Policy" II.A.1). */
export function isOwnerChange(before: Contact, after: Contact): boolean {
  return (['FirstName', 'LastName', 'OrganizationName', 'Email'] as const).some(
    (member) => (before[member] ?? '') !== (after[member] ?? ''),
  );
}
