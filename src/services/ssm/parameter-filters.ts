/** The filters of parameters: `ParameterFilters` of the calls that list them, and the old `Filters` of DescribeParameters. */
import type { ParameterStringFilter, ParametersFilter } from '@aws-sdk/client-ssm';
import { AwsError } from '#protocol/aws-error.ts';
import { invalidFilterKey, invalidFilterOption, invalidFilterValue, invalidPath } from '#services/ssm/errors.ts';
import type { PublicParameter } from '#services/ssm/public-parameters.ts';

type Match = (parameter: PublicParameter) => boolean;

/** What a filter's values are held against; undefined where public parameters have nothing, e.g. keys and tags. */
const onKey: Readonly<Record<string, (parameter: PublicParameter) => string | undefined>> = {
  DataType: (parameter) => parameter.dataType,
  KeyId: () => undefined,
  Label: () => undefined,
  Name: (parameter) => parameter.name,
  Tier: () => 'Standard',
  Type: () => 'String',
};

/** Keys that GetParametersByPath takes. */
export const byPathKeys: readonly string[] = ['Type', 'KeyId', 'Label'];
/** Keys that DescribeParameters takes, beside `Path` and `tag:…`. */
export const describeKeys: readonly string[] = ['DataType', 'KeyId', 'Name', 'Tier', 'Type'];

/**
 * One predicate out of all filters.
 * @throws AwsError InvalidFilterKey, InvalidFilterOption, InvalidFilterValue, ValidationException
 */
export function compileParameterFilters(filters: readonly ParameterStringFilter[] | undefined, keys: readonly string[]): Match {
  const matches = (filters ?? []).map((filter) => compile(filter, keys));
  return (parameter) => matches.every((match) => match(parameter));
}

/** The old form is the new one with `Equals`, but that `Name` means how names begin. */
export function fromOldFilters(filters: readonly ParametersFilter[] | undefined): readonly ParameterStringFilter[] | undefined {
  return filters?.map(({ Key, Values }) => ({ Key, Values, Option: Key === 'Name' ? 'BeginsWith' : 'Equals' }));
}

/** Whether a name lies under a path, `/a` under `/`; not deeper than one level unless `recursive`. */
export function isUnder(path: string, name: string, recursive: boolean): boolean {
  const prefix = path.endsWith('/') ? path : `${path}/`;
  return name.startsWith(prefix) && (recursive || !name.slice(prefix.length).includes('/'));
}

/** @throws AwsError ValidationException for a path that does not begin with `/` or has characters that names do not have */
export function checkPath(path: string): void {
  if (!/^\/(?:[a-zA-Z0-9_.-]+\/)*[a-zA-Z0-9_.-]*$/.test(path)) throw invalidPath();
}

function compile({ Key: key = '', Option: option, Values: values = [] }: ParameterStringFilter, keys: readonly string[]): Match {
  if (key === 'Path' && keys === describeKeys) return compilePath(option ?? 'OneLevel', values);
  if (key.startsWith('tag:') && keys === describeKeys) return () => false; // public parameters have no tags
  if (!keys.includes(key)) throw invalidFilterKey(key);
  if (values.length === 0) throw invalidFilterValue(key);
  const test = comparison(key, option ?? 'Equals');
  const on = onKey[key];
  return (parameter) => {
    const value = on?.(parameter);
    return value !== undefined && values.some((wanted) => test(value, wanted));
  };
}

function comparison(key: string, option: string): (value: string, wanted: string) => boolean {
  if (option === 'Equals') return (value, wanted) => value === wanted;
  if (option === 'BeginsWith' && key !== 'Label') return (value, wanted) => value.startsWith(wanted);
  if (option === 'Contains' && key === 'Name') return (value, wanted) => value.includes(wanted);
  throw invalidFilterOption(key, option);
}

function compilePath(option: string, values: readonly string[]): Match {
  if (option !== 'Recursive' && option !== 'OneLevel') throw invalidFilterOption('Path', option);
  if (values.length === 0) throw invalidFilterValue('Path');
  for (const value of values) checkPath(value);
  return (parameter) => values.some((path) => isUnder(path, parameter.name, option === 'Recursive'));
}

/** Whether filters of DescribeParameters ask for AWS's own parameters; without them only the account's are listed. */
export function namesPublic(filters: readonly ParameterStringFilter[] | undefined): boolean {
  return (filters ?? []).some(
    ({ Key, Values }) => (Key === 'Name' || Key === 'Path') && Values?.some((value) => value.startsWith('/aws/')),
  );
}

/** @throws AwsError ValidationException when both forms of filters are used */
export function checkOneForm(filters: unknown, parameterFilters: unknown): void {
  if (filters !== undefined && parameterFilters !== undefined) {
    throw new AwsError('ValidationException', 'You can use either Filters or ParameterFilters in a single request.');
  }
}
