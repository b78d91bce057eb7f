/** Domains that go from one account to another: offered, accepted, rejected, taken back. The hosted zone stays where it is, as in AWS. */
import type { OperationContext } from '#aws/context.ts';
import { sendMail } from '#services/mail/public.ts';
import { domainNotFound, duplicateRequest, invalidInput } from '#services/route53domains/errors.ts';
import { transferAt } from '#services/route53domains/lifecycle.ts';
import { heldDomain, putDomain, requireDomain, requireRoom } from '#services/route53domains/lookup.ts';
import { readDomainName } from '#services/route53domains/names.ts';
import { beginOperation, endOperation } from '#services/route53domains/operation-status.ts';
import type { DomainsOperations } from '#services/route53domains/sdk.ts';
import { type DomainRecord, domainTable, type PendingTransfer, registryPartition } from '#services/route53domains/tables.ts';

/** "If the other account doesn't accept the transfer within 3 days, we cancel the transfer." */
const ACCEPTANCE_MS = 3 * 86_400_000;

const cancelled = (account: string): string => `Domain Transfer from Aws Account ${account} has been cancelled`;

export const transfers = {
  TransferDomainToAnotherAwsAccount(context, input) {
    const domain = requireDomain(context, input.DomainName);
    const { AccountId: recipient } = input;
    if (recipient === context.account) throw invalidInput(`Domain ${domain.id} is already in account ${recipient}.`);
    const before = transferAt(domain, context.nowMs);
    if (before !== undefined) throw duplicateRequest(before.outId);
    const untilMs = context.nowMs + ACCEPTANCE_MS;
    const waiting = { flag: 'PENDING_ACCEPTANCE', untilMs, failure: cancelled(context.account) } as const;
    const outId = beginOperation(context, 'INTERNAL_TRANSFER_OUT_DOMAIN', domain.id, waiting);
    const inId = beginOperation(of(context, recipient), 'INTERNAL_TRANSFER_IN_DOMAIN', domain.id, waiting);
    const password = context.randomBytes(12).toString('base64url');
    putDomain(context, domain, { transfer: { account: recipient, password, untilMs, outId, inId } });
    sendMail(context, {
      from: 'Amazon Route 53 <no-reply-aws@amazon.com>',
      to: [domain.contacts.registrant.Email ?? ''], // checked when it was given
      subject: `Transfer of ${domain.id} to another AWS account`,
      text: `Dear AWS customer,

AWS account ${context.account} offers the domain ${domain.id} to AWS account ${recipient}, which has 3 days to accept it.

Amazon Route 53
`,
    });
    return { OperationId: outId, Password: password };
  },

  AcceptDomainTransferFromAnotherAwsAccount(context, input) {
    const { domain, transfer } = requireOffer(context, input.DomainName);
    if (input.Password !== transfer.password) throw invalidInput('The password is not valid.');
    requireRoom(context);
    endOperation(context, transfer.inId, 'SUCCESSFUL');
    endOperation(of(context, domain.account), transfer.outId, 'SUCCESSFUL');
    const { transfer: _transfer, ...rest } = putDomain(context, domain, { account: context.account, tags: [] });
    context.tx.in(registryPartition).put(domainTable, rest);
    return { OperationId: transfer.inId };
  },

  RejectDomainTransferFromAnotherAwsAccount(context, input) {
    const { domain, transfer } = requireOffer(context, input.DomainName);
    endTransfer(context, domain, transfer, `Domain Transfer from Aws Account ${domain.account} has been rejected`);
    return { OperationId: transfer.inId };
  },

  CancelDomainTransferToAnotherAwsAccount(context, input) {
    const domain = requireDomain(context, input.DomainName);
    const transfer = transferAt(domain, context.nowMs);
    if (transfer === undefined) throw invalidInput(`Domain ${domain.id} is not being transferred.`);
    endTransfer(context, domain, transfer, cancelled(domain.account));
    return { OperationId: transfer.outId };
  },
} satisfies DomainsOperations;

/** The same moment in another account. */
function of(context: OperationContext, account: string): OperationContext {
  return { ...context, account, tx: context.tx.in({ account, region: 'global' }) };
}

/** @throws AwsError InvalidInput when nobody offers the caller that domain */
function requireOffer(context: OperationContext, given: string): { readonly domain: DomainRecord; readonly transfer: PendingTransfer } {
  const { name } = readDomainName(given);
  const domain = heldDomain(context.tx, name, context.nowMs);
  const transfer = domain && transferAt(domain, context.nowMs);
  if (domain === undefined || transfer?.account !== context.account) throw domainNotFound(name, context.account);
  return { domain, transfer };
}

function endTransfer(context: OperationContext, domain: DomainRecord, { account, inId, outId }: PendingTransfer, words: string): void {
  endOperation(of(context, account), inId, 'FAILED', words);
  endOperation(of(context, domain.account), outId, 'FAILED', words);
  const { transfer: _transfer, ...rest } = putDomain(context, domain, {});
  context.tx.in(registryPartition).put(domainTable, rest);
}
