/** Tags of certificates. */
import type { Tag as TagInput } from '@aws-sdk/client-acm';
import type { OperationContext } from '#aws/context.ts';
import { type Tag, tagsPerResource } from '#aws/tags.ts';
import { invalidTag, tooManyTags, validationException } from '#services/acm/errors.ts';
import { requireCertificate } from '#services/acm/lookup.ts';
import type { AcmOperations } from '#services/acm/sdk.ts';
import { certificateTable } from '#services/acm/tables.ts';

const KEY_LENGTH = 128;
const VALUE_LENGTH = 256;
const pattern = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;
const patternText = String.raw`[\p{L}\p{Z}\p{N}_.:\/=+\-@]*`;

export const certificateTags = {
  AddTagsToCertificate(context, input) {
    addTags(context, input.CertificateArn, input.Tags);
    return {};
  },

  RemoveTagsFromCertificate(context, input) {
    const certificate = requireCertificate(context, input.CertificateArn);
    const gone = checked(input.Tags, true);
    const isGone = (tag: Tag): boolean => gone.some(({ Key, Value }) => Key === tag.Key && (Value === undefined || Value === tag.Value));
    context.tx.put(certificateTable, { ...certificate, tags: certificate.tags.filter((tag) => !isGone(tag)) });
    return {};
  },

  ListTagsForCertificate(context, input) {
    return { Tags: [...requireCertificate(context, input.CertificateArn).tags] };
  },

  TagResource(context, input) {
    addTags(context, input.ResourceArn, input.Tags);
    return {};
  },

  UntagResource(context, input) {
    const certificate = requireCertificate(context, input.ResourceArn);
    const gone = new Set(input.TagKeys);
    context.tx.put(certificateTable, { ...certificate, tags: certificate.tags.filter(({ Key }) => !gone.has(Key)) });
    return {};
  },

  ListTagsForResource(context, input) {
    return { Tags: [...requireCertificate(context, input.ResourceArn).tags] };
  },
} satisfies AcmOperations;

function addTags(context: OperationContext, arn: string, tags: readonly TagInput[]): void {
  const certificate = requireCertificate(context, arn);
  context.tx.put(certificateTable, { ...certificate, tags: withTags(certificate.tags, checked(tags)) });
}

/** Those of a new certificate. @throws AwsError ValidationException, InvalidTagException, TooManyTagsException */
export function newTags(tags: readonly TagInput[]): readonly Tag[] {
  return withTags([], checked(tags));
}

function withTags(tags: readonly Tag[], added: readonly (TagInput & { readonly Key: string })[]): readonly Tag[] {
  const byKey = new Map(tags.map((tag) => [tag.Key, tag]));
  for (const { Key, Value } of added) byKey.set(Key, { Key, Value: Value ?? '' });
  if (byKey.size > tagsPerResource) throw tooManyTags();
  return [...byKey.values()];
}

/** @param isRemoval AWS's own tags may be named there, and stay */
function checked(tags: readonly TagInput[], isRemoval = false): (TagInput & { readonly Key: string })[] {
  return tags.map((tag, index) => {
    const { Key = '', Value = '' } = tag;
    const at = `tags.${index + 1}.member`;
    if (Key === '') throw constraint(Key, `${at}.key`, 'Member must have length greater than or equal to 1');
    if (Key.length > KEY_LENGTH) throw constraint(Key, `${at}.key`, `Member must have length less than or equal to ${KEY_LENGTH}`);
    if (Value.length > VALUE_LENGTH)
      throw constraint(Value, `${at}.value`, `Member must have length less than or equal to ${VALUE_LENGTH}`);
    for (const [text, member] of [
      [Key, 'key'],
      [Value, 'value'],
    ] as const)
      // prettier-ignore
      if (!pattern.test(text)) throw constraint(text, `${at}.${member}`, `Member must satisfy regular expression pattern: ${patternText}`);
    if (!isRemoval && Key.toLowerCase().startsWith('aws:'))
      throw invalidTag(`Invalid Tag Key: "${Key}". AWS internal tags cannot be changed with this API`);
    return { ...tag, Key };
  });
}

const constraint = (value: string, at: string, must: string) =>
  validationException(`1 validation error detected: Value '${value}' at '${at}' failed to satisfy constraint: ${must}`);
