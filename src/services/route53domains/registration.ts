/** Domains that are registered, renewed and given up. A registration waits for its registrant: `registrant.ts`. */
import { billOperation } from '#services/route53domains/billing.ts';
import { checkContacts } from '#services/route53domains/contacts.ts';
import { domainNotAvailable, duplicateRequest, invalidInput, tldRulesViolation } from '#services/route53domains/errors.ts';
import { addYears, CONFIRMATION_MS, expiryAt, stateOfDomain, transferAt } from '#services/route53domains/lifecycle.ts';
import { heldDomain, putDomain, requireDomain, requireRoom, tldOf } from '#services/route53domains/lookup.ts';
import { isReserved, readDomainName } from '#services/route53domains/names.ts';
import { beginOperation } from '#services/route53domains/operation-status.ts';
import { readPrivacy } from '#services/route53domains/privacy.ts';
import { askRegistrant } from '#services/route53domains/registrant.ts';
import type { DomainsOperations } from '#services/route53domains/sdk.ts';
import { type DomainRecord, domainTable, registryPartition } from '#services/route53domains/tables.ts';
import type { Tld } from '#services/route53domains/tlds.ts';

/** Registries' rule: nobody has a domain for longer, renewals counted in. */
const MOST_YEARS = 10;

export const registration = {
  RegisterDomain(context, input) {
    const asked = readDomainName(input.DomainName);
    const { name, tld } = asked;
    checkYears(tld, input.DurationInYears);
    const { AdminContact: admin, RegistrantContact: registrant, TechContact: tech, BillingContact: billing } = input;
    checkContacts(tld, { admin, registrant, tech, ...(billing === undefined ? {} : { billing }) });
    const privacy = readPrivacy(tld, {
      admin: input.PrivacyProtectAdminContact,
      registrant: input.PrivacyProtectRegistrantContact,
      tech: input.PrivacyProtectTechContact,
      billing: input.PrivacyProtectBillingContact ?? input.PrivacyProtectAdminContact,
    });
    const holder = heldDomain(context.tx, name, context.nowMs);
    if (holder?.account === context.account && stateOfDomain(holder, context.nowMs) === 'pending')
      throw duplicateRequest(holder.operationId);
    if (holder !== undefined || isReserved(asked)) throw domainNotAvailable(name);
    requireRoom(context);

    const operationId = beginOperation(context, 'REGISTER_DOMAIN', name, {
      flag: 'PENDING_CUSTOMER_ACTION',
      untilMs: context.nowMs + CONFIRMATION_MS,
      failure: 'The registrant contact did not confirm the email address in time.',
    });
    const registry = context.tx.in(registryPartition);
    registry.delete(domainTable, name); // what is left of one that nobody has any more
    const domain: DomainRecord = {
      id: name,
      account: context.account,
      askedMs: context.nowMs,
      updatedMs: context.nowMs,
      years: input.DurationInYears,
      expiresMs: addYears(context.nowMs, input.DurationInYears),
      isAutoRenewed: input.AutoRenew ?? true,
      isLocked: tld.hasLock,
      contacts: { admin, registrant, tech, billing: billing ?? admin },
      privacy,
      nameServers: [],
      reachability: { sinceMs: context.nowMs },
      authCode: context.randomBytes(12).toString('base64url'),
      operationId,
      tags: [],
    };
    registry.put(domainTable, domain);
    askRegistrant(context, domain);
    return { OperationId: operationId };
  },

  RenewDomain(context, input) {
    const domain = requireDomain(context, input.DomainName);
    const { DurationInYears: years = 1 } = input;
    const tld = tldOf(domain);
    checkYears(tld, years);
    const expiresMs = expiryAt(domain, context.nowMs);
    const year = new Date(expiresMs).getUTCFullYear();
    if (year !== input.CurrentExpiryYear)
      throw invalidInput(`The current expiry year of ${domain.id} is ${year}, not ${input.CurrentExpiryYear}.`);
    const renewedMs = addYears(expiresMs, years);
    if (renewedMs > addYears(context.nowMs, MOST_YEARS))
      throw tldRulesViolation(`Domain ${domain.id} cannot be registered for more than ${MOST_YEARS} years from now.`);
    const operationId = beginOperation(context, 'RENEW_DOMAIN', domain.id);
    billOperation(context, operationId, domain.id, 'RENEW_DOMAIN', tld.prices.renew * years);
    putDomain(context, domain, { expiresMs: renewedMs });
    return { OperationId: operationId };
  },

  DeleteDomain(context, input) {
    const domain = requireDomain(context, input.DomainName);
    const transfer = transferAt(domain, context.nowMs);
    if (transfer !== undefined) throw duplicateRequest(transfer.outId);
    context.tx.in(registryPartition).delete(domainTable, domain.id);
    return { OperationId: beginOperation(context, 'DELETE_DOMAIN', domain.id) };
  },
} satisfies DomainsOperations;

/** @throws AwsError TLDRulesViolation */
function checkYears({ name, maxYears }: Tld, years: number): void {
  if (years > maxYears)
    throw tldRulesViolation(`The registration period for .${name} is ${maxYears === 1 ? '1 year' : `1 to ${maxYears} years`}.`);
}
