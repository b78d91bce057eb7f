/** Tags: on records, in `TagSpecifications`, with AWS's limits (https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Tags.html#tag-restrictions). */
import { invalidParameterValue } from '#aws/errors.ts';
import { AwsError } from '#protocol/aws-error.ts';

export interface Tag {
  readonly Key: string;
  readonly Value: string;
}

/** A record that can be tagged. Tags keep AWS's spelling, so views hand them out as they are. */
export interface Tagged {
  readonly tags: readonly Tag[];
}

/** AWS's limits. */
export const tagsPerResource = 50;
const keyLength = 128;
const valueLength = 256;

interface TagInput {
  readonly Key?: string | undefined;
  readonly Value?: string | undefined;
}

interface TagSpecification {
  readonly ResourceType?: string | undefined;
  readonly Tags?: readonly TagInput[] | undefined;
}

/**
 * The tags that a create call gives to the resource it makes.
 * @param type the resource type that the call makes, e.g. `vpc`; `others` are further types the call may tag
 * @throws AwsError InvalidParameterValue for another type, duplicate or reserved keys, over-long keys or values; TagLimitExceeded.
 */
export function tagsFor(
  specifications: readonly TagSpecification[] | undefined,
  type: string,
  others: readonly string[] = [],
): readonly Tag[] {
  let found: readonly Tag[] = [];
  const seen = new Set<string>();
  for (const { ResourceType, Tags } of specifications ?? []) {
    if (!ResourceType) throw invalidParameterValue('Tag specification resource type must have a value');
    if (!Tags || Tags.length === 0) throw invalidParameterValue('Tag specification must have at least one tag');
    if (ResourceType !== type && !others.includes(ResourceType)) {
      throw invalidParameterValue(`'${ResourceType}' is not a valid taggable resource type for this operation.`);
    }
    if (seen.has(ResourceType)) throw invalidParameterValue('TagSpecifications must not repeat a resource type');
    seen.add(ResourceType);
    const checked = checkTags(Tags);
    if (ResourceType === type) found = checked;
  }
  return found;
}

/** Tags as given by a caller, checked; a missing value is the empty string. */
export function checkTags(tags: readonly TagInput[]): readonly Tag[] {
  const byKey = new Map<string, Tag>();
  for (const { Key, Value } of tags) {
    if (!Key) throw invalidParameterValue('Tag key cannot be empty');
    if (byKey.has(Key)) throw invalidParameterValue(`Duplicate tag key '${Key}' specified.`);
    if (Key.length > keyLength) throw invalidParameterValue(`Tag key exceeds the maximum length of ${keyLength} characters`);
    if ((Value?.length ?? 0) > valueLength)
      throw invalidParameterValue(`Tag value exceeds the maximum length of ${valueLength} characters`);
    if (Key.toLowerCase().startsWith('aws:')) throw invalidParameterValue("Tag keys starting with 'aws:' are reserved for internal use");
    byKey.set(Key, { Key, Value: Value ?? '' });
  }
  if (byKey.size > tagsPerResource) throw tagLimitExceeded();
  return [...byKey.values()];
}

/** `tags` with `added` put in or over. */
export function withTags(tags: readonly Tag[], added: readonly Tag[]): readonly Tag[] {
  const byKey = new Map(tags.map((tag) => [tag.Key, tag]));
  for (const tag of added) byKey.set(tag.Key, tag);
  // Tags that AWS itself puts on (aws:…) do not count.
  if ([...byKey.keys()].filter((key) => !key.startsWith('aws:')).length > tagsPerResource) throw tagLimitExceeded();
  return [...byKey.values()];
}

function tagLimitExceeded(): AwsError {
  return new AwsError('TagLimitExceeded', 'The maximum number of Tags for a resource has been reached.');
}
