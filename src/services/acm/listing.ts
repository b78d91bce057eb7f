/** ListCertificates: by status, kind of key and use, sorted, in pages. */
import type { Filters } from '@aws-sdk/client-acm';
import { paginateByKey, sequenceKey } from '#aws/pagination.ts';
import { AwsError } from '#protocol/aws-error.ts';
import { invalidArguments } from '#services/acm/errors.ts';
import { statusAt } from '#services/acm/lookup.ts';
import type { AcmOperations } from '#services/acm/sdk.ts';
import { type CertificateRecord, certificateTable, type KeyAlgorithm } from '#services/acm/tables.ts';
import { extendedKeyUsagesOf, keyUsagesOf, summaryOf } from '#services/acm/views.ts';

const limits = { min: 1, max: 1000 };
/** "Default filtering returns only RSA_1024 and RSA_2048 certificates that have at least one domain." */
const usualKeys: readonly KeyAlgorithm[] = ['RSA_1024', 'RSA_2048'];
/** Above every sequence number of a store. */
const LAST = Number.MAX_SAFE_INTEGER;

export const listing = {
  ListCertificates(context, input) {
    if ((input.SortBy === undefined) !== (input.SortOrder === undefined))
      throw invalidArguments('SortBy and SortOrder must be specified together.');
    const statuses = new Set(input.CertificateStatuses ?? []);
    const isWanted = (certificate: CertificateRecord): boolean =>
      (statuses.size === 0 || statuses.has(statusAt(certificate, context.nowMs))) && isIncluded(certificate, input.Includes ?? {});
    const found = [...context.tx.list(certificateTable)].filter(isWanted);
    const isDescending = input.SortOrder === 'DESCENDING';
    const keyOf = ({ id }: CertificateRecord): string => {
      const sequence = context.tx.sequenceOf(certificateTable, id) ?? 0;
      return sequenceKey(isDescending ? LAST - sequence : sequence);
    };
    const { MaxItems = limits.max, NextToken, ...parameters } = input;
    try {
      const { items, nextToken } = paginateByKey({ MaxResults: MaxItems, NextToken }, found, keyOf, parameters, limits);
      return { CertificateSummaryList: items.map((certificate) => summaryOf(context, certificate)), NextToken: nextToken };
    } catch (error) {
      if (error instanceof AwsError && error.code === 'InvalidPaginationToken') throw invalidArguments('The NextToken is not valid.');
      throw error;
    }
  },
} satisfies AcmOperations;

function isIncluded(certificate: CertificateRecord, filters: Filters): boolean {
  const { material, keyAlgorithm, names, type, isExportable } = certificate;
  const keys: readonly string[] = filters.keyTypes?.length ? filters.keyTypes : usualKeys;
  const isUsual = filters.keyTypes?.length || names.length > 0;
  const holdsOne = (wanted: readonly string[] | undefined, held: readonly string[]): boolean =>
    !wanted?.length || wanted.some((each) => held.includes(each));
  return (
    Boolean(isUsual) &&
    keys.includes(keyAlgorithm) &&
    holdsOne(filters.keyUsage, keyUsagesOf(material)) &&
    holdsOne(
      filters.extendedKeyUsage,
      extendedKeyUsagesOf(material).map(({ Name }) => Name),
    ) &&
    (filters.exportOption === undefined || (type === 'AMAZON_ISSUED' && isExportable === (filters.exportOption === 'ENABLED'))) &&
    filters.managedBy === undefined // CloudFront's, of which there are none
  );
}
