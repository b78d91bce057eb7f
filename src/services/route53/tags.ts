/** Tags of hosted zones and health checks. */
import type { ResourceTagSet, TagResourceType } from '@aws-sdk/client-route-53';
import type { OperationContext } from '#aws/context.ts';
import type { Tag } from '#aws/tags.ts';
import { invalidInput } from '#services/route53/errors.ts';
import { requireHealthCheck } from '#services/route53/health-checks.ts';
import { bareId } from '#services/route53/ids.ts';
import { requireZone } from '#services/route53/lookup.ts';
import { TAGS_PER_RESOURCE } from '#services/route53/quotas.ts';
import type { Route53Operations } from '#services/route53/sdk.ts';
import { healthCheckTable, zoneTable } from '#services/route53/tables.ts';

export const tags = {
  ChangeTagsForResource(context, input) {
    const { ResourceType: type, ResourceId: id, AddTags: added, RemoveTagKeys: removed } = input;
    if (!added?.length && !removed?.length) throw invalidInput('You must specify AddTags or RemoveTagKeys.');
    const gone = new Set(removed ?? []);
    const byKey = new Map(tagsOf(context, type, id).map((tag) => [tag.Key, tag]));
    for (const key of gone) byKey.delete(key);
    for (const { Key = '', Value = '' } of added ?? []) {
      if (Key === '') throw invalidInput('Tag keys cannot be empty.');
      if (Key.toLowerCase().startsWith('aws:')) throw invalidInput(`The tag key ${Key} begins with aws:, which is reserved.`);
      if (gone.has(Key)) throw invalidInput(`The tag key ${Key} is both added and removed.`);
      byKey.set(Key, { Key, Value });
    }
    // "You can add a maximum of 10 tags to a health check or a hosted zone" (API reference).
    if (byKey.size > TAGS_PER_RESOURCE) throw invalidInput(`Cannot have more than ${TAGS_PER_RESOURCE} tags.`);
    if (type === 'healthcheck') context.tx.put(healthCheckTable, { ...requireHealthCheck(context, id), tags: [...byKey.values()] });
    else context.tx.put(zoneTable, { ...requireZone(context, id), tags: [...byKey.values()] });
    return {};
  },

  ListTagsForResource(context, { ResourceType, ResourceId }) {
    return { ResourceTagSet: tagSet(context, ResourceType, ResourceId) };
  },

  ListTagsForResources(context, { ResourceType, ResourceIds }) {
    return { ResourceTagSets: ResourceIds.map((id) => tagSet(context, ResourceType, id)) };
  },
} satisfies Route53Operations;

/** @throws AwsError NoSuchHealthCheck, NoSuchHostedZone */
function tagsOf(context: OperationContext, type: TagResourceType, id: string): readonly Tag[] {
  return type === 'healthcheck' ? requireHealthCheck(context, id).tags : requireZone(context, id).tags;
}

const tagSet = (context: OperationContext, type: TagResourceType, id: string): ResourceTagSet => ({
  ResourceType: type,
  ResourceId: bareId(id),
  Tags: [...tagsOf(context, type, id)],
});
