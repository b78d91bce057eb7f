/** Who somebody is: GetCallerIdentity, GetAccessKeyInfo, and why somebody was denied. */
import { accountOfAccessKeyId, decodeMessage, findAccessKey } from '#services/iam/public.ts';
import { invalidAuthorizationMessage, validationError } from '#services/sts/errors.ts';
import type { StsOperations } from '#services/sts/sdk.ts';

export const callers = {
  GetCallerIdentity({ principal }) {
    return { UserId: principal.userId, Account: principal.account, Arn: principal.arn };
  },

  GetAccessKeyInfo({ tx }, input) {
    // The account stands in the id itself, so keys that are gone still tell it.
    const account = findAccessKey(tx, input.AccessKeyId)?.principal.account ?? accountOfAccessKeyId(input.AccessKeyId);
    if (account === undefined) throw validationError(`The access key ID '${input.AccessKeyId}' is not valid.`);
    return { Account: account };
  },

  DecodeAuthorizationMessage({ tx }, input) {
    const text = decodeMessage(tx, input.EncodedMessage);
    if (text === undefined) throw invalidAuthorizationMessage();
    return { DecodedMessage: text };
  },
} satisfies StsOperations;
