/** What an account sets for all its certificates. Events of expiry go nowhere: Keiro has no EventBridge. */
import { validationException } from '#services/acm/errors.ts';
import type { AcmOperations } from '#services/acm/sdk.ts';
import { accountTable } from '#services/acm/tables.ts';

/** AWS's: "By default, accounts receive events starting 45 days before certificate expiration." */
const DEFAULT_DAYS = 45;
/** CloudFormation's reference of AWS::CertificateManager::Account. */
const MAX_DAYS = 90;

export const account = {
  GetAccountConfiguration(context) {
    return { ExpiryEvents: { DaysBeforeExpiry: context.tx.get(accountTable, 'account')?.daysBeforeExpiry ?? DEFAULT_DAYS } };
  },

  PutAccountConfiguration(context, input) {
    const days = input.ExpiryEvents?.DaysBeforeExpiry ?? DEFAULT_DAYS;
    if (days < 1 || days > MAX_DAYS) throw validationException(`DaysBeforeExpiry must be between 1 and ${MAX_DAYS}`);
    context.tx.put(accountTable, { id: 'account', daysBeforeExpiry: days });
    return {};
  },
} satisfies AcmOperations;
