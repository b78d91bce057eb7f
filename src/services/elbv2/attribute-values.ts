/** Attributes: which there are, what they may be set to, what they are by default. */
import { invalidConfiguration, validationError } from '#services/elbv2/errors.ts';
import type { SetAttributes } from '#services/elbv2/tables.ts';

/** What an attribute may be set to. */
export type ValueSpec =
  | { readonly kind: 'one-of'; readonly values: readonly string[] }
  | { readonly kind: 'number'; readonly min: number; readonly max: number; readonly orElse?: string }
  | { readonly kind: 'text'; readonly max?: number };

export interface AttributeSpec {
  readonly value: ValueSpec;
  /** What it is when it was never set; undefined: it is not shown then. */
  readonly initial?: string;
}

export type AttributeSpecs = Readonly<Record<string, AttributeSpec>>;

export function oneOf(initial: string, ...values: readonly string[]): AttributeSpec {
  return { value: { kind: 'one-of', values }, initial };
}

export const flag = (initial: 'true' | 'false' = 'false'): AttributeSpec => oneOf(initial, 'true', 'false');

/** @param orElse a word that may stand instead of a number */
export function number(initial: string, min: number, max: number, orElse?: string): AttributeSpec {
  return { value: { kind: 'number', min, max, ...(orElse === undefined ? {} : { orElse }) }, initial };
}

export function text(initial?: string, max = 1024): AttributeSpec {
  return { value: { kind: 'text', max }, ...(initial === undefined ? {} : { initial }) };
}

interface AttributeInput {
  readonly Key?: string | undefined;
  readonly Value?: string | undefined;
}

/** How a noun's attributes are spoken of. */
export interface AttributeWords {
  /** `Load balancer` */
  readonly noun: string;
  /** Whether AWS has the key for other kinds of the noun; then `unsupported` is the refusal. */
  readonly isKnown: (key: string) => boolean;
  readonly unsupported: (key: string) => string;
}

/**
 * The attributes after a change.
 * @param specs those that this resource has
 * @throws AwsError ValidationError for unknown keys and values, InvalidConfigurationRequest for keys of other kinds
 */
export function changeAttributes(
  set: SetAttributes,
  changes: readonly AttributeInput[],
  specs: AttributeSpecs,
  words: AttributeWords,
): SetAttributes {
  const changed: Record<string, string> = { ...set };
  const seen = new Set<string>();
  for (const { Key: key = '', Value: value = '' } of changes) {
    if (seen.has(key)) throw validationError(`Attribute key '${key}' has been specified more than once`);
    seen.add(key);
    const spec = Object.hasOwn(specs, key) ? specs[key] : undefined;
    if (spec === undefined) {
      if (words.isKnown(key)) throw invalidConfiguration(words.unsupported(key));
      throw validationError(`${words.noun} attribute key '${key}' is not recognized`);
    }
    checkValue(key, value, spec.value);
    changed[key] = value;
  }
  return changed;
}

function checkValue(key: string, value: string, spec: ValueSpec): void {
  switch (spec.kind) {
    case 'one-of':
      if (!spec.values.includes(value)) throw validationError(`'${key}' value '${value}' must be one of [${spec.values.join(', ')}]`);
      return;
    case 'number':
      if (value === spec.orElse) return;
      if (!/^\d{1,9}$/.test(value) || Number(value) < spec.min || Number(value) > spec.max) {
        const instead = spec.orElse === undefined ? '' : ` or '${spec.orElse}'`;
        throw validationError(`'${key}' value '${value}' must be between '${spec.min}-${spec.max}' inclusive${instead}`);
      }
      return;
    case 'text':
      if (spec.max !== undefined && value.length > spec.max) {
        throw validationError(`'${key}' value '${value}' cannot be longer than '${spec.max}' characters`);
      }
  }
}

/** Every attribute that the resource has, as AWS lists them. */
export function attributesView(set: SetAttributes, specs: AttributeSpecs): { Key: string; Value: string }[] {
  return Object.entries(specs).flatMap(([key, { initial }]) => {
    const value = set[key] ?? initial;
    return value === undefined ? [] : [{ Key: key, Value: value }];
  });
}

/** Reads attributes: those that were set, else what they are by default. */
export function attributeReader(set: SetAttributes, specs: AttributeSpecs): (key: string) => string {
  return (key) => set[key] ?? specs[key]?.initial ?? '';
}
