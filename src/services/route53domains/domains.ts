/** Domains as the API tells of them: the list and the details. */
import type { ListDomainsCommandInput } from '@aws-sdk/client-route-53-domains';
import type { OperationContext } from '#aws/context.ts';
import { invalidInput } from '#services/route53domains/errors.ts';
import { ADD_PERIOD_MS, expiryAt, stateOfDomain } from '#services/route53domains/lifecycle.ts';
import { ownDomains, requireDomain } from '#services/route53domains/lookup.ts';
import { pageOf, timeKey } from '#services/route53domains/pages.ts';
import type { DomainsOperations } from '#services/route53domains/sdk.ts';
import type { DomainRecord } from '#services/route53domains/tables.ts';

/** Who answers for domains here, as AWS's registrar does. */
const registrar = {
  RegistrarName: 'Amazon Registrar, Inc.',
  WhoIsServer: 'whois.registrar.amazon',
  RegistrarUrl: 'http://registrar.amazon.com',
  AbuseContactEmail: 'trustandsafety@support.aws.com',
  AbuseContactPhone: '+1.2024422253',
};

type Condition = NonNullable<ListDomainsCommandInput['FilterConditions']>[number];

export const domains = {
  ListDomains(context, input) {
    const { FilterConditions: conditions = [], SortCondition: sort } = input;
    const fields = new Set([...conditions.map(({ Name }) => Name), ...(sort === undefined ? [] : [sort.Name])]);
    if (fields.size > 1) throw invalidInput('The field used for sorting has to be the same as the field used for filtering.');
    const passes = conditions.map((condition) => testOf(context, condition));
    const isDescending = sort?.SortOrder === 'DESC';
    const byExpiry = sort?.Name === 'Expiry';
    const found = ownDomains(context).filter((domain) => passes.every((pass) => pass(domain)));
    const keyOf = (domain: DomainRecord): string =>
      byExpiry ? timeKey(expiryAt(domain, context.nowMs), isDescending, domain.id) : isDescending ? reversed(domain.id) : domain.id;
    const { items, NextPageMarker } = pageOf(input, found, keyOf, ['ListDomains', conditions, sort]);
    return {
      Domains: items.map((domain) => ({
        DomainName: domain.id,
        AutoRenew: domain.isAutoRenewed,
        TransferLock: domain.isLocked,
        Expiry: new Date(expiryAt(domain, context.nowMs)),
      })),
      NextPageMarker,
    };
  },

  GetDomainDetail(context, input) {
    const domain = requireDomain(context, input.DomainName);
    const { contacts, privacy } = domain;
    return {
      DomainName: domain.id,
      Nameservers: domain.nameServers.map(({ name, addresses }) => ({ Name: name, GlueIps: [...addresses] })),
      AutoRenew: domain.isAutoRenewed,
      AdminContact: { ...contacts.admin },
      RegistrantContact: { ...contacts.registrant },
      TechContact: { ...contacts.tech },
      BillingContact: { ...contacts.billing },
      AdminPrivacy: privacy.admin,
      RegistrantPrivacy: privacy.registrant,
      TechPrivacy: privacy.tech,
      BillingPrivacy: privacy.billing,
      ...registrar,
      CreationDate: new Date(domain.registeredMs ?? domain.askedMs),
      UpdatedDate: new Date(domain.updatedMs),
      ExpirationDate: new Date(expiryAt(domain, context.nowMs)),
      StatusList: statusListOf(domain, context.nowMs),
      DnssecKeys: [],
    };
  },
} satisfies DomainsOperations;

/** EPP's status codes (ICANN, "EPP Status Codes"). */
function statusListOf(domain: DomainRecord, nowMs: number): string[] {
  const isNew = nowMs < (domain.registeredMs ?? 0) + ADD_PERIOD_MS;
  const isHeld = stateOfDomain(domain, nowMs) !== 'registered';
  const found = [
    ...(isNew ? ['addPeriod'] : []),
    ...(isHeld ? ['clientHold'] : []),
    ...(domain.isLocked ? ['clientTransferProhibited'] : []),
  ];
  return found.length === 0 ? ['ok'] : found;
}

/** @throws AwsError InvalidInput for an operator that the field does not have, and for what is no time */
function testOf({ nowMs }: OperationContext, { Name, Operator, Values }: Condition): (domain: DomainRecord) => boolean {
  const value = Values?.[0] ?? '';
  if (Name === 'DomainName') {
    if (Operator !== 'BEGINS_WITH') throw invalidInput('DomainName can be filtered by BEGINS_WITH only.');
    const prefix = value.toLowerCase();
    return ({ id }) => id.startsWith(prefix);
  }
  if (Operator === 'BEGINS_WITH') throw invalidInput('Expiry can be filtered by LE and GE only.');
  const limitMs = timeOf(value);
  return (domain) => (Operator === 'LE' ? expiryAt(domain, nowMs) <= limitMs : expiryAt(domain, nowMs) >= limitMs);
}

/** Unix time in seconds, or a date of ISO 8601. */
function timeOf(text: string): number {
  const ms = /^\d+(\.\d+)?$/.test(text) ? Number(text) * 1000 : Date.parse(text);
  if (Number.isNaN(ms)) throw invalidInput(`${text} is not a valid time.`);
  return ms;
}

/** Sorts the other way round: the last character of names first. A shorter name comes behind those that it begins. */
const reversed = (name: string): string =>
  `${[...name].map((one) => String.fromCodePoint(0x7f - (one.codePointAt(0) ?? 0))).join('')}\u{7f}`;
