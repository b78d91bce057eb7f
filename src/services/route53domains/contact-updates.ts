/** Contacts and their privacy, changed. */
import { checkContacts, isOwnerChange } from '#services/route53domains/contacts.ts';
import { billOperation } from '#services/route53domains/billing.ts';
import { invalidInput, ownerChangeWithoutConsent } from '#services/route53domains/errors.ts';
import { putDomain, requireDomain, tldOf } from '#services/route53domains/lookup.ts';
import { beginOperation } from '#services/route53domains/operation-status.ts';
import { readPrivacy } from '#services/route53domains/privacy.ts';
import { askRegistrant } from '#services/route53domains/registrant.ts';
import type { DomainsOperations } from '#services/route53domains/sdk.ts';

export const contactUpdates = {
  UpdateDomainContact(context, input) {
    const domain = requireDomain(context, input.DomainName);
    const { AdminContact: admin, RegistrantContact: registrant, TechContact: tech, BillingContact: billing, Consent } = input;
    const given = {
      ...(admin && { admin }),
      ...(registrant && { registrant }),
      ...(tech && { tech }),
      ...(billing && { billing }),
    };
    if (Object.keys(given).length === 0) throw invalidInput('You must specify information for at least one contact.');
    const tld = tldOf(domain);
    checkContacts(tld, given);
    const isNewOwner = registrant !== undefined && isOwnerChange(domain.contacts.registrant, registrant);
    const price = tld.prices.changeOwner;
    if (isNewOwner && price > 0 && !(Consent?.Currency === 'USD' && (Consent.MaxPrice ?? 0) >= price))
      throw ownerChangeWithoutConsent(tld.name, price);
    const type = isNewOwner ? 'CHANGE_DOMAIN_OWNER' : 'UPDATE_DOMAIN_CONTACT';
    const operationId = beginOperation(context, type, domain.id);
    if (isNewOwner && price > 0) billOperation(context, operationId, domain.id, type, price);
    const isNewAddress = registrant !== undefined && registrant.Email !== domain.contacts.registrant.Email;
    const changed = putDomain(context, domain, {
      contacts: { ...domain.contacts, ...given },
      ...(isNewAddress ? { reachability: { sinceMs: context.nowMs } } : {}),
    });
    if (isNewAddress) askRegistrant(context, changed);
    return { OperationId: operationId };
  },

  UpdateDomainContactPrivacy(context, input) {
    const domain = requireDomain(context, input.DomainName);
    const asked = {
      admin: input.AdminPrivacy,
      registrant: input.RegistrantPrivacy,
      tech: input.TechPrivacy,
      billing: input.BillingPrivacy,
    };
    if (Object.values(asked).every((one) => one === undefined)) throw invalidInput('You must specify privacy for at least one contact.');
    putDomain(context, domain, { privacy: readPrivacy(tldOf(domain), asked, domain.privacy) });
    return { OperationId: beginOperation(context, 'CHANGE_PRIVACY_PROTECTION', domain.id) };
  },
} satisfies DomainsOperations;
