/** Parameters of contacts that some top-level domains demand: ExtraParam in the API reference. */
import { tldRulesViolation } from '#services/route53domains/errors.ts';
import type { Contact } from '#services/route53domains/tables.ts';

interface ExtraParam {
  readonly name: string;
  /** What it may be; absent for anything. */
  readonly values?: ReadonlySet<string>;
}

const anything = (name: string): ExtraParam => ({ name });
const oneOf = (name: string, values: string): ExtraParam => ({ name, values: new Set(values.split(' ')) });

const uk = [oneOf('UK_CONTACT_TYPE', 'CRC FCORP FIND FOTHER GOV IND IP LLP LTD OTHER PLC PTNR RCHAR SCH STAT STRA')];
const au = [anything('AU_ID_NUMBER'), oneOf('AU_ID_TYPE', 'ABN ACN TM')];
const sg = [anything('SG_ID_NUMBER')];

const demanded: Readonly<Record<string, readonly ExtraParam[]>> = {
  uk,
  'co.uk': uk,
  'me.uk': uk,
  'org.uk': uk,
  'com.au': au,
  'net.au': au,
  ca: [oneOf('CA_LEGAL_TYPE', 'ABO CCT LGR RES ASS CCO EDU GOV HOP INB LAM MAJ OMK PLT PRT TDM TRD TRS')],
  es: [anything('ES_IDENTIFICATION'), oneOf('ES_IDENTIFICATION_TYPE', 'DNI_AND_NIF NIE OTHER'), anything('ES_LEGAL_FORM')],
  fi: [oneOf('FI_NATIONALITY', 'FINNISH NOT_FINNISH')],
  it: [
    anything('IT_PIN'),
    oneOf(
      'IT_REGISTRANT_ENTITY_TYPE',
      'FOREIGNERS FREELANCE_WORKERS ITALIAN_COMPANIES NON_PROFIT_ORGANIZATIONS OTHER_SUBJECTS PUBLIC_ORGANIZATIONS',
    ),
  ],
  se: [anything('SE_ID_NUMBER')],
  sg,
  'com.sg': sg,
};

/** By AWS's names of contacts in these messages: ADMIN, OWNER, TECH, BILL. */
type NamedContacts = readonly (readonly [who: string, contact: Contact])[];

/** @throws AwsError TLDRulesViolation, all that is amiss in one message */
export function checkExtraParams(tld: string, contacts: NamedContacts): void {
  const faults: string[] = [];
  for (const { name, values } of demanded[tld] ?? []) {
    for (const [who, { ExtraParams: given = [] }] of contacts) {
      const value = given.find((one) => one.Name === name)?.Value;
      if (value === undefined || value === '') faults.push(`${who}.${name} is missing`);
      else if (values?.has(value) === false) faults.push(`${who}.${name} is not valid`);
    }
  }
  if (faults.length > 0) throw tldRulesViolation(`[${faults.join(', ')}]`);
}
