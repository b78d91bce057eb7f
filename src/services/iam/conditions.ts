/** The condition operators of policies (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html). */
import { cidrContainsIp, hostCidr, parseCidr } from '#model/cidr.ts';
import { parseIp } from '#model/ip.ts';
import { matchesPattern, type Pattern, patternParts, type RequestContext, resolvedText } from '#services/iam/patterns.ts';
import type { Condition } from '#services/iam/policy-document.ts';

/** Whether one value of the request fits one value of the policy. */
type Test = (value: string, wanted: Pattern, context: RequestContext) => boolean;

interface Operator {
  readonly test: Test;
  /** `…Not…`: holds when no value of the policy fits. */
  readonly negated: boolean;
}

/** By name in lower case; AWS does not mind the case. */
const operators = new Map<string, Operator>();

function declare(name: string, test: Test, negatedName?: string): void {
  operators.set(name.toLowerCase(), { test, negated: false });
  if (negatedName) operators.set(negatedName.toLowerCase(), { test, negated: true });
}

declare('StringEquals', (value, wanted, context) => value === resolvedText(wanted, context), 'StringNotEquals');
declare(
  'StringEqualsIgnoreCase',
  (value, wanted, context) => value.toLowerCase() === resolvedText(wanted, context)?.toLowerCase(),
  'StringNotEqualsIgnoreCase',
);
declare('StringLike', (value, wanted, context) => matchesPattern(wanted, value, context), 'StringNotLike');
declare('ArnEquals', matchesArn, 'ArnNotEquals');
declare('ArnLike', matchesArn, 'ArnNotLike');
declare('Bool', (value, wanted, context) => value.toLowerCase() === resolvedText(wanted, context)?.toLowerCase());
declare('BinaryEquals', (value, wanted) => Buffer.from(value, 'base64').equals(Buffer.from(wanted.source, 'base64')));
declare('IpAddress', isInBlock, 'NotIpAddress');
declare(
  'NumericEquals',
  compared(Number, (value, wanted) => value === wanted),
  'NumericNotEquals',
);
declare(
  'NumericLessThan',
  compared(Number, (value, wanted) => value < wanted),
);
declare(
  'NumericLessThanEquals',
  compared(Number, (value, wanted) => value <= wanted),
);
declare(
  'NumericGreaterThan',
  compared(Number, (value, wanted) => value > wanted),
);
declare(
  'NumericGreaterThanEquals',
  compared(Number, (value, wanted) => value >= wanted),
);
declare(
  'DateEquals',
  compared(readDate, (value, wanted) => value === wanted),
  'DateNotEquals',
);
declare(
  'DateLessThan',
  compared(readDate, (value, wanted) => value < wanted),
);
declare(
  'DateLessThanEquals',
  compared(readDate, (value, wanted) => value <= wanted),
);
declare(
  'DateGreaterThan',
  compared(readDate, (value, wanted) => value > wanted),
);
declare(
  'DateGreaterThanEquals',
  compared(readDate, (value, wanted) => value >= wanted),
);

/** Whether AWS has an operator of that name, without quantifier and `IfExists`. */
export function isOperator(name: string): boolean {
  return name.toLowerCase() === 'null' || operators.has(name.toLowerCase());
}

/** Whether a condition holds for a request. */
export function holds(condition: Condition, context: RequestContext): boolean {
  const values = context.get(condition.key);
  if (condition.operator.toLowerCase() === 'null') {
    return condition.values.some(({ source }) => (source.toLowerCase() === 'true') === (values === undefined));
  }
  const operator = operators.get(condition.operator.toLowerCase());
  if (!operator) return false; // the grammar lets no other in
  if (values === undefined || values.length === 0) return holdsWithoutValue(condition, operator);
  const fits = (value: string): boolean => condition.values.some((wanted) => operator.test(value, wanted, context)) !== operator.negated;
  return condition.quantifier === 'ForAllValues' ? values.every(fits) : values.some(fits);
}

/** What the request does not have fits nothing, so a negated operator holds. */
function holdsWithoutValue({ quantifier, ifExists }: Condition, { negated }: Operator): boolean {
  if (ifExists || quantifier === 'ForAllValues') return true;
  return negated && quantifier === undefined;
}

/** ARNs are held against each other part by part: `*` does not reach over one of the first five colons. */
function matchesArn(value: string, wanted: Pattern, context: RequestContext): boolean {
  if (wanted.source === '*') return true;
  const wantedParts = patternParts(wanted, arnPartCount, context);
  const parts = arnParts(value);
  return (
    wantedParts !== undefined &&
    wantedParts.length === parts.length &&
    wantedParts.every((part, index) => matchesPattern(part, parts[index] ?? '', context))
  );
}

const arnPartCount = 6;

function arnParts(arn: string): readonly string[] {
  const parts = arn.split(':');
  return parts.length <= arnPartCount ? parts : [...parts.slice(0, arnPartCount - 1), parts.slice(arnPartCount - 1).join(':')];
}

function isInBlock(value: string, wanted: Pattern, context: RequestContext): boolean {
  const address = parseIp(value);
  const text = resolvedText(wanted, context) ?? '';
  const single = parseIp(text);
  const block = single === undefined ? parseCidr(text) : hostCidr(single);
  return address !== undefined && block !== undefined && cidrContainsIp(block, address);
}

function compared(read: (text: string) => number, test: (value: number, wanted: number) => boolean): Test {
  return (value, wanted, context) => {
    const text = resolvedText(wanted, context);
    // Comparisons with NaN are false, so what is no number fits nothing.
    return text !== undefined && test(read(value), read(text));
  };
}

/** ISO 8601, or seconds since the epoch. */
function readDate(text: string): number {
  return /^\d+$/.test(text) && text.length > 4 ? Number(text) * 1000 : Date.parse(text);
}
