/** Tags of quotas, by the ARN of the quota as it holds for the account. */
import type { OperationContext } from '#aws/context.ts';
import { tagsPerResource } from '#aws/tags.ts';
import { illegalArgument, quotaNotFound, reservedTag, tooManyTags } from '#services/service-quotas/errors.ts';
import { quotaArn, requireQuota } from '#services/service-quotas/quotas.ts';
import type { ServiceQuotasOperations } from '#services/service-quotas/sdk.ts';
import { type QuotaTagsRecord, quotaTagsTable } from '#services/service-quotas/tables.ts';

export const quotaTags = {
  ListTagsForResource(context, input) {
    return { Tags: [...tagsOf(context, input.ResourceARN).tags] };
  },

  TagResource(context, input) {
    const record = tagsOf(context, input.ResourceARN);
    const byKey = new Map(record.tags.map((tag) => [tag.Key, tag]));
    for (const { Key, Value } of input.Tags) {
      if (Key === undefined || Value === undefined) throw illegalArgument('Tags need a key and a value.');
      if (Key.toLowerCase().startsWith('aws:')) throw reservedTag();
      byKey.set(Key, { Key, Value });
    }
    if (byKey.size > tagsPerResource) throw tooManyTags();
    context.tx.put(quotaTagsTable, { id: record.id, tags: [...byKey.values()] });
    return {};
  },

  UntagResource(context, input) {
    const record = tagsOf(context, input.ResourceARN);
    const gone = new Set(input.TagKeys);
    context.tx.put(quotaTagsTable, { id: record.id, tags: record.tags.filter(({ Key }) => !gone.has(Key)) });
    return {};
  },
} satisfies ServiceQuotasOperations;

/** @throws AwsError IllegalArgumentException for what is no quota's ARN, NoSuchResourceException for an unknown quota. */
function tagsOf(context: OperationContext, arn: string): QuotaTagsRecord {
  const [service, code] = arn.split(':').slice(5).join(':').split('/');
  if (!service || !code) throw illegalArgument('Invalid resource ARN.');
  const quota = requireQuota(context, service, code);
  if (arn !== quotaArn(context, quota)) throw quotaNotFound();
  const id = `${service}/${code}`;
  return context.tx.get(quotaTagsTable, id) ?? { id, tags: [] };
}
