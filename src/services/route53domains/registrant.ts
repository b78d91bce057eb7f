/** The registrant's word that the mail arrives: asked for by mail, given by a link, and what comes of it. */
import type { OperationContext } from '#aws/context.ts';
import { newConfirmation, sendMail } from '#services/mail/public.ts';
import { createZoneFor } from '#services/route53/public.ts';
import { billOperation } from '#services/route53domains/billing.ts';
import { domainNotFound } from '#services/route53domains/errors.ts';
import { addYears, CONFIRMATION_MS, stateOfDomain } from '#services/route53domains/lifecycle.ts';
import { heldDomain, putDomain, tldOf } from '#services/route53domains/lookup.ts';
import { readDomainName } from '#services/route53domains/names.ts';
import { endOperation } from '#services/route53domains/operation-status.ts';
import type { DomainsOperations } from '#services/route53domains/sdk.ts';
import type { DomainRecord } from '#services/route53domains/tables.ts';

/** Whose links these are. */
export const REGISTRANT_PURPOSE = 'route53domains.registrant';
/** "The email will come from noreply@registrar.amazon." */
const REGISTRAR = 'Amazon Registrar <noreply@registrar.amazon>';
const DAY_MS = 86_400_000;

const emailOf = ({ contacts }: DomainRecord): string => contacts.registrant.Email ?? ''; // checked when it was given

/** Writes to the registrant; the link works as long as it can do something. */
export function askRegistrant(context: OperationContext, domain: DomainRecord): void {
  const { id: name, reachability } = domain;
  const leftMs = reachability.sinceMs + CONFIRMATION_MS - context.nowMs;
  const validMs = leftMs > 0 ? leftMs : CONFIRMATION_MS; // a suspended domain comes back whenever its registrant answers
  const email = emailOf(domain);
  const words = `${email} is the address of the registrant of ${name}`;
  const link = newConfirmation(context, { purpose: REGISTRANT_PURPOSE, subject: `${name} ${email}`, words, validMs });
  const what = domain.registeredMs === undefined ? 'The domain is registered when you have' : 'The domain is suspended unless you have';
  const text = `Dear ${domain.contacts.registrant.FirstName ?? ''} ${domain.contacts.registrant.LastName ?? ''},

You are the registrant of the domain ${name}. Please confirm that this address is yours:

${link.path}

${what} opened this link within ${Math.ceil(validMs / DAY_MS)} days.

Amazon Registrar
`;
  sendMail(context, { from: REGISTRAR, to: [email], subject: `Verify your email address for ${name}`, text, links: [link] });
}

/**
 * The registrant has opened a link.
 * @param context of the account for which the mail was sent
 * @param subject as the link was made with
 * @returns false when it is of no use any more: the domain, its owner or the address is another
 * @throws AwsError of Route 53 when the hosted zone cannot be made: nothing is confirmed then
 */
export function confirmRegistrant(context: OperationContext, subject: string): boolean {
  const [name = '', email = ''] = subject.split(' ');
  const domain = heldDomain(context.tx, name, context.nowMs);
  if (domain === undefined || domain.account !== context.account || emailOf(domain) !== email) return false;
  if (domain.reachability.confirmedMs !== undefined) return true;
  const confirmed = putDomain(context, domain, { reachability: { ...domain.reachability, confirmedMs: context.nowMs } });
  if (domain.registeredMs === undefined) register(context, confirmed);
  return true;
}

function register(context: OperationContext, domain: DomainRecord): void {
  const { id: name, operationId, years } = domain;
  const { nowMs } = context;
  const { nameServers } = createZoneFor(context, name, `RISWorkflow-RD:${operationId}`);
  putDomain(context, domain, {
    registeredMs: nowMs,
    expiresMs: addYears(nowMs, years),
    nameServers: nameServers.map((server) => ({ name: server.toLowerCase().replace(/\.$/, ''), addresses: [] })),
  });
  endOperation(context, operationId, 'SUCCESSFUL');
  const { register: first, renew } = tldOf(domain).prices;
  billOperation(context, operationId, name, 'REGISTER_DOMAIN', first + renew * (years - 1));
  sendMail(context, {
    from: 'Amazon Route 53 <no-reply-aws@amazon.com>',
    to: [emailOf(domain)],
    subject: `Registration of ${name} succeeded`,
    text: `Dear AWS customer,

We successfully registered the domain ${name} for AWS account ${context.account}, and made a hosted zone for it.
Its name servers are ${nameServers.join(', ')}.

Amazon Route 53
`,
  });
}

export const registrant = {
  GetContactReachabilityStatus(context, { domainName }) {
    const domain = requireReachable(context, domainName);
    const isExpired = stateOfDomain(domain, context.nowMs) === 'suspended';
    return { domainName: domain.id, status: domain.reachability.confirmedMs !== undefined ? 'DONE' : isExpired ? 'EXPIRED' : 'PENDING' };
  },

  ResendContactReachabilityEmail(context, { domainName }) {
    const domain = requireReachable(context, domainName);
    const isAlreadyVerified = domain.reachability.confirmedMs !== undefined;
    if (!isAlreadyVerified) askRegistrant(context, domain);
    return { domainName: domain.id, emailAddress: emailOf(domain), isAlreadyVerified };
  },
} satisfies DomainsOperations;

/** Also one that waits for its registrant's first answer. */
function requireReachable(context: OperationContext, given = ''): DomainRecord {
  const { name } = readDomainName(given);
  const domain = heldDomain(context.tx, name, context.nowMs);
  if (domain?.account !== context.account) throw domainNotFound(name, context.account);
  return domain;
}
