/** What a rule asks of a request, in each of AWS's forms (ELB API reference, "RuleCondition"). */
import type { RuleCondition } from '@aws-sdk/client-elastic-load-balancing-v2';
import { parseCidr } from '#model/cidr.ts';
import { validationError } from '#services/elbv2/errors.ts';
import { conditionValuesPerRule, wildcardsPerRule } from '#services/elbv2/quotas.ts';
import type { ConditionField, ConditionRecord } from '#services/elbv2/tables.ts';

/** The member that holds each field's values. */
const configs = {
  'http-header': 'HttpHeaderConfig',
  'http-request-method': 'HttpRequestMethodConfig',
  'host-header': 'HostHeaderConfig',
  'query-string': 'QueryStringConfig',
  'source-ip': 'SourceIpConfig',
  'path-pattern': 'PathPatternConfig',
} as const satisfies Readonly<Record<ConditionField, keyof RuleCondition>>;

/** A rule has one at most of each of these. */
const single: readonly ConditionField[] = ['host-header', 'path-pattern', 'http-request-method', 'source-ip'];
/** These may also stand in `Values` and `RegexValues`, as before there were configs. */
const plain: ReadonlySet<ConditionField> = new Set(['host-header', 'path-pattern']);
const withRegex: ReadonlySet<ConditionField> = new Set(['host-header', 'path-pattern', 'http-header']);

const longestValue = 128;
const longestHeaderName = 40;
const valuePatterns: Readonly<Partial<Record<ConditionField, RegExp>>> = {
  'host-header': /^[A-Za-z0-9\-.*?]+$/,
  'path-pattern': /^[A-Za-z0-9_\-.$/~"'@:+&*?]+$/,
  'http-request-method': /^[A-Z\-_]{1,40}$/,
};
/** RFC 7230, `token`. */
const headerName = /^[A-Za-z0-9!#$%&'*+\-.^_`|~]+$/;

/** @throws AwsError ValidationError */
export function conditionsOf(conditions: readonly RuleCondition[], quotasOn: boolean): readonly ConditionRecord[] {
  if (conditions.length === 0) throw validationError('A condition must be specified');
  const records = conditions.map(conditionOf);
  for (const field of single) {
    if (records.filter((record) => record.field === field).length > 1)
      throw validationError(`A rule can only have one '${field}' condition`);
  }
  if (!quotasOn) return records;
  if (sum(records, valueCount) > conditionValuesPerRule)
    throw validationError(`A rule can only have '${conditionValuesPerRule}' condition values`);
  if (sum(records, wildcardCount) > wildcardsPerRule)
    throw validationError(`A rule can only have '${wildcardsPerRule}' condition wildcards`);
  return records;
}

function sum(records: readonly ConditionRecord[], count: (record: ConditionRecord) => number): number {
  return records.reduce((total, record) => total + count(record), 0);
}

function valueCount({ values = [], regexValues = [], pairs = [] }: ConditionRecord): number {
  return values.length + regexValues.length + pairs.length;
}

/** In a query string, a backslash takes a wildcard's meaning away. */
function wildcardCount({ field, values = [], pairs = [] }: ConditionRecord): number {
  if (field === 'source-ip' || field === 'http-request-method') return 0;
  const texts = [...values, ...pairs.flatMap(({ key = '', value }) => [key, value])];
  return texts.join('').replaceAll(/\\./g, '').replaceAll(/[^*?]/g, '').length;
}

function conditionOf(condition: RuleCondition): ConditionRecord {
  const field = fieldOf(condition);
  const config = configs[field];
  for (const other of Object.values(configs)) {
    if (other !== config && condition[other] !== undefined) throw validationError(`The '${other}' field is not compatible with '${field}'`);
  }
  if ((condition.Values?.length || condition.RegexValues?.length) && condition[config] !== undefined) {
    throw validationError(`You cannot provide both Values and '${config}' for a condition of type '${field}'`);
  }
  if (condition.Values?.length && !plain.has(field)) throw validationError(`The 'Values' field is not compatible with '${field}'`);
  if (condition.RegexValues?.length && !withRegex.has(field)) {
    throw validationError(`The 'RegexValues' field is not compatible with '${field}'`);
  }
  if (field === 'query-string') return queryStringOf(condition);
  if (!plain.has(field) && condition[config] === undefined) throw validationError(`A '${config}' must be specified with '${field}'`);
  return textsOf(condition, field);
}

function fieldOf({ Field: field = '' }: RuleCondition): ConditionField {
  if (Object.hasOwn(configs, field)) return field as ConditionField; // a key of the table
  throw validationError(`Condition field '${field}' must be one of '${Object.keys(configs).join(',')}'`);
}

type Texts = { readonly Values?: readonly string[] | undefined; readonly RegexValues?: readonly string[] | undefined };

function textsOf(condition: RuleCondition, field: Exclude<ConditionField, 'query-string'>): ConditionRecord {
  const config: Texts | undefined = condition[configs[field]];
  const { Values: values = [], RegexValues: regexValues = [] }: Texts = config ?? condition;
  if (values.length > 0 && regexValues.length > 0) {
    throw validationError(`You must provide exactly one of the following: ['Values' 'RegexValues'] for config of type '${configs[field]}'`);
  }
  if (values.length + regexValues.length === 0) throw validationError('A condition value must be specified');
  if (config === undefined && values.length > 1) {
    throw validationError(`The '${field}' field contains too many values; the limit is '1'`);
  }
  for (const value of values) checkValue(field, value);
  for (const value of regexValues) checkRegex(field, value);
  return {
    field,
    ...(field === 'http-header' ? { headerName: headerNameOf(condition) } : {}),
    ...(values.length > 0 ? { values } : { regexValues }),
  };
}

function headerNameOf({ HttpHeaderConfig: config }: RuleCondition): string {
  const name = config?.HttpHeaderName ?? '';
  if (name === '') throw validationError("A 'HttpHeaderName' must be specified in 'HttpHeaderConfig'");
  if (name.length > longestHeaderName) throw validationError(`The 'HttpHeaderName' value is too long; the limit is '${longestHeaderName}'`);
  if (!headerName.test(name)) throw validationError(`The HTTP header name '${name}' contains a character that is not valid`);
  if (name.toLowerCase() === 'host') throw validationError("You cannot specify 'host' as an HTTP header name");
  return name;
}

function checkValue(field: ConditionField, value: string): void {
  if (value === '') throw validationError('A condition value must be specified');
  checkLength(field, value);
  if (field === 'source-ip') {
    if (!parseCidr(value)) throw validationError(`The specified value '${value}' is not a valid CIDR block`);
    return;
  }
  if (valuePatterns[field]?.test(value) === false)
    throw validationError(`Condition value '${value}' contains a character that is not valid`);
}

function checkRegex(field: ConditionField, value: string): void {
  checkLength(field, value);
  try {
    RegExp(value);
  } catch {
    throw validationError(`Condition value '${value}' is not a valid regular expression`);
  }
}

function checkLength(field: ConditionField, value: string): void {
  if (value.length > longestValue)
    throw validationError(`Condition value for '${field}' cannot contain more than ${longestValue} characters`);
}

function queryStringOf({ QueryStringConfig: config }: RuleCondition): ConditionRecord {
  if (!config) throw validationError("A 'QueryStringConfig' must be specified with 'query-string'");
  if (!config.Values?.length) throw validationError('A condition value must be specified');
  const pairs = config.Values.map(({ Key: key, Value: value }) => {
    if (!value) throw validationError("A 'Value' must be specified in 'QueryStringKeyValuePair'");
    if ((key?.length ?? 0) > longestValue) throw validationError(`The 'Key' value is too long; the limit is '${longestValue}'`);
    if (value.length > longestValue) throw validationError(`The 'Value' value is too long; the limit is '${longestValue}'`);
    return { value, ...(key === undefined ? {} : { key }) };
  });
  return { field: 'query-string', pairs };
}

/** As AWS shows it: hosts and paths in both forms. */
export function conditionView({ field, headerName: name, values, regexValues, pairs }: ConditionRecord): RuleCondition {
  if (field === 'query-string') {
    return { Field: field, QueryStringConfig: { Values: (pairs ?? []).map(({ key, value }) => ({ Key: key, Value: value })) } };
  }
  const texts = { Values: values && [...values], RegexValues: regexValues && [...regexValues] };
  const config = field === 'http-header' ? { HttpHeaderName: name, ...texts } : texts;
  return { Field: field, ...(plain.has(field) ? texts : {}), [configs[field]]: config };
}
