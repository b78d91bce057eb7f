/** What domains cost: prices, and what an account was billed. */
import type { DomainPrice } from '@aws-sdk/client-route-53-domains';
import type { OperationContext } from '#aws/context.ts';
import { invalidInput } from '#services/route53domains/errors.ts';
import { pageOf, priceLimits, timeKey } from '#services/route53domains/pages.ts';
import type { DomainsOperations } from '#services/route53domains/sdk.ts';
import { billTable, type OperationType } from '#services/route53domains/tables.ts';
import { requireTld, type Tld, tlds } from '#services/route53domains/tlds.ts';

/** Notes what an operation of the caller costs. @param price in US dollars */
export function billOperation(
  { tx, nowMs }: Pick<OperationContext, 'tx' | 'nowMs'>,
  operationId: string,
  domainName: string,
  type: OperationType,
  price: number,
): void {
  tx.put(billTable, { id: operationId, domainName, type, billedMs: nowMs, price });
}

export const billing = {
  ListPrices(_context, input) {
    if (input.Tld !== undefined) return { Prices: [viewOfPrices(requireTld(input.Tld.toLowerCase().replace(/^\./, '')))] };
    const { items, NextPageMarker } = pageOf(input, tlds, ({ name }) => name, 'ListPrices', priceLimits);
    return { Prices: items.map(viewOfPrices), NextPageMarker };
  },

  ViewBilling(context, input) {
    const [fromMs, toMs] = [input.Start?.getTime() ?? Number.NEGATIVE_INFINITY, input.End?.getTime() ?? Number.POSITIVE_INFINITY];
    if (fromMs > toMs) throw invalidInput('The start of the period is after its end.');
    const bills = [...context.tx.list(billTable)].filter(({ billedMs }) => billedMs >= fromMs && billedMs <= toMs);
    const { items, NextPageMarker } = pageOf(input, bills, ({ billedMs, id }) => timeKey(billedMs, true, id), [
      'ViewBilling',
      fromMs,
      toMs,
    ]);
    return {
      NextPageMarker,
      BillingRecords: items.map(({ domainName, type, billedMs, price }) => ({
        DomainName: domainName,
        Operation: type,
        InvoiceId: '',
        BillDate: new Date(billedMs),
        Price: price,
      })),
    };
  },
} satisfies DomainsOperations;

function viewOfPrices({ name, prices }: Tld): DomainPrice {
  const dollars = (Price: number) => ({ Price, Currency: 'USD' });
  return {
    Name: name,
    RegistrationPrice: dollars(prices.register),
    TransferPrice: dollars(prices.transfer),
    RenewalPrice: dollars(prices.renew),
    ChangeOwnershipPrice: dollars(prices.changeOwner),
    RestorationPrice: dollars(prices.restore),
  };
}
