/** Tags as Elastic Load Balancing checks them; lengths and characters are the model's business. */
import { type Tag, tagsPerResource } from '#aws/tags.ts';
import { AwsError } from '#protocol/aws-error.ts';
import { tooMany, validationError } from '#services/elbv2/errors.ts';

interface TagInput {
  readonly Key?: string | undefined;
  readonly Value?: string | undefined;
}

/** @throws AwsError DuplicateTagKeys, TooManyTags, ValidationError for keys of AWS's own */
export function checkTags(tags: readonly TagInput[] | undefined): readonly Tag[] {
  const checked = (tags ?? []).map(({ Key = '', Value = '' }) => ({ Key, Value }));
  const seen = new Set<string>();
  for (const { Key } of checked) {
    if (seen.has(Key)) throw new AwsError('DuplicateTagKeys', `Tag key was specified more than once: ${Key}`);
    if (Key.toLowerCase().startsWith('aws:')) {
      throw validationError("Tag keys starting with 'aws:' are reserved for internal use");
    }
    seen.add(Key);
  }
  if (checked.length > tagsPerResource) throw tooMany('Tags');
  return checked;
}

/** `tags` with `added` put in or over. @throws AwsError TooManyTags */
export function withTags(tags: readonly Tag[], added: readonly Tag[]): readonly Tag[] {
  const byKey = new Map(tags.map((tag) => [tag.Key, tag]));
  for (const tag of added) byKey.set(tag.Key, tag);
  if (byKey.size > tagsPerResource) throw tooMany('Tags');
  return [...byKey.values()];
}
