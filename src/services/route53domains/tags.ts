/** Tags of domains. */
import type { Tag as TagInput } from '@aws-sdk/client-route-53-domains';
import { type Tag, tagsPerResource } from '#aws/tags.ts';
import { invalidInput } from '#services/route53domains/errors.ts';
import { putDomain, requireDomain } from '#services/route53domains/lookup.ts';
import type { DomainsOperations } from '#services/route53domains/sdk.ts';

const KEY_LENGTH = 128;
const VALUE_LENGTH = 256;
/** "Valid values: A-Z, a-z, 0-9, space, '.:/=+\-@'"; the underscore is taken as well. */
const CHARACTERS = /^[A-Za-z0-9 .:/=+\\\-@_]*$/;

export const tags = {
  ListTagsForDomain(context, input) {
    return { TagList: [...requireDomain(context, input.DomainName).tags] };
  },

  UpdateTagsForDomain(context, input) {
    const domain = requireDomain(context, input.DomainName);
    const byKey = new Map(domain.tags.map((tag) => [tag.Key, tag]));
    for (const tag of (input.TagsToUpdate ?? []).map(checked)) byKey.set(tag.Key, tag);
    if (byKey.size > tagsPerResource) throw invalidInput(`A domain can have ${tagsPerResource} tags at most.`);
    putDomain(context, domain, { tags: [...byKey.values()] });
    return {};
  },

  DeleteTagsForDomain(context, input) {
    const domain = requireDomain(context, input.DomainName);
    const gone = new Set(input.TagsToDelete);
    putDomain(context, domain, { tags: domain.tags.filter(({ Key }) => !gone.has(Key)) });
    return {};
  },
} satisfies DomainsOperations;

/** @throws AwsError InvalidInput */
function checked({ Key = '', Value = '' }: TagInput): Tag {
  if (Key === '' || Key.length > KEY_LENGTH || !CHARACTERS.test(Key))
    throw invalidInput(`The tag key ${JSON.stringify(Key)} is not valid.`);
  if (Value.length > VALUE_LENGTH || !CHARACTERS.test(Value)) throw invalidInput(`The tag value ${JSON.stringify(Value)} is not valid.`);
  if (Key.toLowerCase().startsWith('aws:')) throw invalidInput(`The tag key ${JSON.stringify(Key)} is reserved for AWS.`);
  return { Key, Value };
}
