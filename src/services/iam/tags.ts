/** IAM's tags: as everywhere, but keys do not differ by case alone, and errors are IAM's. */
import type { Tag } from '#aws/tags.ts';
import { invalidInput, quotaExceeded, validationError } from '#services/iam/errors.ts';

interface TagInput {
  readonly Key?: string | undefined;
  readonly Value?: string | undefined;
}

/** AWS's limits. */
const tagsPerResource = 50;
const keyLength = 128;
const valueLength = 256;
const keyPattern = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]+$/u;
const valuePattern = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;

/** @throws AwsError ValidationError, InvalidInput for keys that repeat or are AWS's own. */
export function checkTags(tags: readonly TagInput[] | undefined): readonly Tag[] {
  const checked = (tags ?? []).map(({ Key = '', Value = '' }, index) => {
    const at = `tags.${index + 1}.member`;
    check(Key, `${at}.key`, 1, keyLength, keyPattern, '[\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]+');
    check(Value, `${at}.value`, 0, valueLength, valuePattern, '[\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]*');
    if (Key.toLowerCase().startsWith('aws:')) throw invalidInput("Tag keys starting with 'aws:' are reserved for internal use");
    return { Key, Value };
  });
  if (new Set(checked.map(({ Key }) => Key.toLowerCase())).size < checked.length) {
    throw invalidInput('Duplicate tag keys found. Please note that Tag keys are case insensitive.');
  }
  return checked;
}

function check(text: string, at: string, min: number, max: number, pattern: RegExp, written: string): void {
  const must =
    text.length < min
      ? `Member must have length greater than or equal to ${min}`
      : text.length > max
        ? `Member must have length less than or equal to ${max}`
        : pattern.test(text)
          ? undefined
          : `Member must satisfy regular expression pattern: ${written}`;
  if (must) throw validationError(`1 validation error detected: Value '${text}' at '${at}' failed to satisfy constraint: ${must}`);
}

/** `tags` with `added` put in or over. @throws AwsError LimitExceeded */
export function withTags(tags: readonly Tag[], added: readonly TagInput[]): readonly Tag[] {
  const byKey = new Map(tags.map((tag) => [tag.Key.toLowerCase(), tag]));
  for (const tag of checkTags(added)) byKey.set(tag.Key.toLowerCase(), tag);
  if (byKey.size > tagsPerResource) throw quotaExceeded('TagsPerResource', tagsPerResource);
  return [...byKey.values()];
}

export function withoutTags(tags: readonly Tag[], keys: readonly string[]): readonly Tag[] {
  const gone = new Set(keys.map((key) => key.toLowerCase()));
  return tags.filter(({ Key }) => !gone.has(Key.toLowerCase()));
}
