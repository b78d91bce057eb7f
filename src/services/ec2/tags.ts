/** Tags of EC2's resources: put on, taken off, and listed over all kinds of resources. */
import type { TagDescription } from '@aws-sdk/client-ec2';
import type { OperationContext } from '#aws/context.ts';
import { invalidParameterValue } from '#aws/errors.ts';
import { compileFilters, type Filter, type FilterSpec, literalValues } from '#aws/filters.ts';
import { clippedPageLimits, paginateByKey } from '#aws/pagination.ts';
import { checkTags, type Tag, withTags } from '#aws/tags.ts';
import type { Ec2Operations } from '#services/ec2/sdk.ts';
import { requireTaggable, type Taggable, type TaggedResource, taggableOf, taggables } from '#services/ec2/taggable-resources.ts';

/** AWS's limit on the ids of one call. */
const resourcesPerCall = 1000;

/** One tag of one resource. `tags` holds it again for the filter `tag:<key>`. */
interface PlacedTag {
  readonly resourceId: string;
  readonly resourceType: Taggable['type'];
  readonly tags: readonly [Tag];
}

const filters: FilterSpec<PlacedTag> = {
  key: ({ tags: [tag] }) => tag.Key,
  'resource-id': (placed) => placed.resourceId,
  'resource-type': (placed) => placed.resourceType,
  value: ({ tags: [tag] }) => tag.Value,
};

export const tags = {
  CreateTags(context, input) {
    checkCount(input.Resources);
    const added = checkTags(input.Tags);
    for (const { kind, resource } of requireAll(context, input.Resources)) {
      kind.retag(context, resource.id, withTags(resource.tags, added));
    }
    return {};
  },

  DeleteTags(context, input) {
    checkCount(input.Resources);
    const { Tags: given } = input;
    for (const { Key } of given ?? []) {
      if (!Key) throw invalidParameterValue('Tag key cannot be empty');
      if (isReserved(Key)) throw invalidParameterValue("Tag keys starting with 'aws:' are reserved for internal use");
    }
    const isDropped = (tag: Tag): boolean => {
      // Without a list, every tag that AWS did not put on itself.
      if (!given || given.length === 0) return !isReserved(tag.Key);
      return given.some(({ Key, Value }) => Key === tag.Key && (Value === undefined || Value === tag.Value));
    };
    for (const { kind, resource } of requireAll(context, input.Resources)) {
      const kept = resource.tags.filter((tag) => !isDropped(tag));
      if (kept.length < resource.tags.length) kind.retag(context, resource.id, kept);
    }
    return {};
  },

  DescribeTags(context, input) {
    const matches = compileFilters(context, input.Filters, filters);
    const found: TagDescription[] = [];
    for (const placed of candidates(context, input.Filters)) if (!matches || matches(placed)) found.push(view(placed));
    const keyOf = (tag: TagDescription) => [tag.ResourceType, tag.ResourceId, tag.Key].join('|');
    const { items, nextToken } = paginateByKey(input, found, keyOf, ['DescribeTags', input.Filters ?? []], clippedPageLimits);
    return { Tags: [...items], NextToken: nextToken };
  },
} satisfies Ec2Operations;

function requireAll(context: OperationContext, ids: readonly string[]) {
  return [...new Set(ids)].map((id) => requireTaggable(context, id));
}

function checkCount(ids: readonly string[]): void {
  if (ids.length > resourcesPerCall) throw invalidParameterValue(`A call may name at most ${resourcesPerCall} resources.`);
}

function isReserved(key: string): boolean {
  return key.toLowerCase().startsWith('aws:');
}

/** Ids in the filters are looked up; types in the filters say which kinds are gone through. */
function* candidates(context: OperationContext, given: readonly Filter[] | undefined): Iterable<PlacedTag> {
  const ids = literalValues(given, 'resource-id');
  if (ids) {
    for (const id of new Set(ids)) {
      const kind = taggableOf(id);
      const resource = kind?.find(context, id);
      if (kind && resource) yield* placedTags(kind, resource);
    }
    return;
  }
  const types = literalValues(given, 'resource-type');
  for (const kind of taggables) {
    if (types && !types.includes(kind.type)) continue;
    for (const resource of kind.list(context)) yield* placedTags(kind, resource);
  }
}

function placedTags(kind: Taggable, resource: TaggedResource): readonly PlacedTag[] {
  return resource.tags.map((tag) => ({ resourceId: resource.id, resourceType: kind.type, tags: [tag] }));
}

function view({ resourceId, resourceType, tags: [tag] }: PlacedTag): TagDescription {
  return { ResourceId: resourceId, ResourceType: resourceType, Key: tag.Key, Value: tag.Value };
}
