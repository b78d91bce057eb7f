/** The `Filters` of Describe calls: names checked, values with `*` and `?`, all filters together (https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Filtering.html). */
import type { OperationContext } from '#aws/context.ts';
import { invalidParameterValue } from '#aws/errors.ts';
import type { Tagged } from '#aws/tags.ts';
import { AwsError } from '#protocol/aws-error.ts';

export interface Filter {
  readonly Name?: string | undefined;
  readonly Values?: readonly string[] | undefined;
}

export type FilterValue = string | number | boolean | undefined | readonly (string | number | boolean | undefined)[];
/** The values of a record that a filter is held against. */
export type FilterOn<R> = (record: R, context: OperationContext) => FilterValue;
/** The filters of a Describe call by name; `indexed` ones are looked up when their values have no wildcard. */
export type FilterSpec<R> = Readonly<Record<string, FilterOn<R>>>;

/** AWS's limit on the values of one request. */
const valuesLimit = 200;

type Match<R> = (record: R) => boolean;

/**
 * One predicate out of all filters of a request.
 * @throws AwsError InvalidParameterValue for an unknown name, FilterLimitExceeded for over 200 values.
 */
export function compileFilters<R extends object>(
  context: OperationContext,
  filters: readonly Filter[] | undefined,
  spec: FilterSpec<R>,
): Match<R> | undefined {
  if (!filters || filters.length === 0) return undefined;
  const count = filters.reduce((sum, filter) => sum + (filter.Values?.length ?? 0), 0);
  if (count > valuesLimit) {
    throw new AwsError('FilterLimitExceeded', `The maximum number of filter values specified on a single call is ${valuesLimit}`);
  }
  const matches = filters.map((filter) => compileFilter(context, filter, spec));
  return matches.length === 1 ? matches[0] : (record) => matches.every((match) => match(record));
}

/** The values of a filter when all of them are literal, so that records can be looked up by them; undefined otherwise. */
export function literalValues(filters: readonly Filter[] | undefined, name: string): readonly string[] | undefined {
  const values = filters?.find((filter) => filter.Name === name)?.Values;
  return values?.some((value) => /[*?\\]/.test(value)) ? undefined : values;
}

function compileFilter<R extends object>(context: OperationContext, filter: Filter, spec: FilterSpec<R>): Match<R> {
  const name = filter.Name ?? 'null'; // AWS's word for none
  const on = filterOn(name, spec);
  if (!on) throw invalidParameterValue(`The filter '${name}' is invalid`);
  const accepts = acceptsAny(filter.Values ?? []);
  return (record) => {
    const value = on(record, context);
    if (value === undefined) return false;
    if (typeof value === 'object') return value.some((one) => one !== undefined && accepts(String(one)));
    return accepts(String(value));
  };
}

function filterOn<R extends object>(name: string, spec: FilterSpec<R>): FilterOn<R> | undefined {
  if (Object.hasOwn(spec, name)) return spec[name];
  if (name === 'tag-key') return (record) => tagsOf(record).map((tag) => tag.Key);
  if (name.startsWith('tag:')) {
    const key = name.slice('tag:'.length);
    return (record) => tagsOf(record).find((tag) => tag.Key === key)?.Value;
  }
  return undefined;
}

function tagsOf(record: object): Tagged['tags'] {
  return 'tags' in record ? (record as Tagged).tags : []; // a record with `tags` is Tagged by the tables' types
}

/** A predicate for one filter's values: a set when they are literal, patterns otherwise. */
function acceptsAny(values: readonly string[]): (value: string) => boolean {
  const literal = new Set<string>();
  const patterns: (readonly Piece[])[] = [];
  for (const value of values) {
    if (/[*?\\]/.test(value)) patterns.push(pieces(value));
    else literal.add(value);
  }
  if (patterns.length === 0) return (value) => literal.has(value);
  return (value) => literal.has(value) || patterns.some((pattern) => matchesPattern(pattern, value));
}

/** One place of a pattern: a literal character, any one character, or any run. */
type Piece = { readonly literal: string } | 'one' | 'run';

function pieces(pattern: string): readonly Piece[] {
  const found: Piece[] = [];
  for (let index = 0; index < pattern.length; index++) {
    const character = pattern[index] ?? '';
    if (character === '*') found.push('run');
    else if (character === '?') found.push('one');
    else if (character === '\\' && index + 1 < pattern.length) found.push({ literal: pattern[++index] ?? '' });
    else found.push({ literal: character });
  }
  return found;
}

/** Two pointers and one place to fall back to: time is at most length × pattern, whatever a caller sends. */
function matchesPattern(pattern: readonly Piece[], value: string): boolean {
  let at = 0;
  let index = 0;
  let lastRun = -1;
  let resume = 0;
  while (index < value.length) {
    const piece = pattern[at];
    if (piece === 'run') {
      lastRun = at++;
      resume = index;
    } else if (piece === 'one' || (piece !== undefined && piece.literal === value[index])) {
      at++;
      index++;
    } else if (lastRun >= 0) {
      at = lastRun + 1;
      index = ++resume;
    } else return false;
  }
  while (pattern[at] === 'run') at++;
  return at === pattern.length;
}
