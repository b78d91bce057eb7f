/** Lengths, ranges and patterns that AWS's models set for members, checked in the words of AWS's common validation. */
import { AwsError } from '#protocol/aws-error.ts';
import { echo } from '#protocol/limits.ts';

/** What a member must satisfy. For lists, `min` and `max` count items. */
export interface Constraint {
  /** Least length of a text or a list, least value of a number. */
  readonly min?: number;
  readonly max?: number;
  /** AWS's own spelling; held against the whole text. Longer texts than `max` are not held against it. */
  readonly pattern?: string;
  /** The service's own sentence for a text that breaks the pattern, where it has one. */
  readonly words?: string;
  /** Its value is not told in messages, e.g. a password's. */
  readonly isSecret?: true;
}

export type Constraints = Readonly<Record<string, Constraint>>;

/**
 * Checks the top-level members of an input that `constraints` names.
 * @param code `ValidationError` in query APIs, `ValidationException` in JSON ones
 * @throws AwsError with that code; all faults in one message: `2 validation errors detected: …; …`
 */
export function checkConstraints(code: string, constraints: Constraints, input: Readonly<Record<string, unknown>>): void {
  const faults: string[] = [];
  let words: string | undefined;
  for (const [member, value] of Object.entries(input)) {
    const constraint = Object.hasOwn(constraints, member) ? constraints[member] : undefined;
    if (constraint === undefined || value === undefined) continue;
    const at = member.charAt(0).toLowerCase() + member.slice(1);
    const range = outOfRange(value, constraint);
    if (range !== undefined) faults.push(fault(value, at, range, constraint));
    else if (breaksPattern(value, constraint)) {
      if (constraint.words === undefined)
        faults.push(fault(value, at, `Member must satisfy regular expression pattern: ${constraint.pattern}`, constraint));
      else words ??= constraint.words;
    }
  }
  if (faults.length > 0) {
    throw new AwsError(code, `${faults.length} validation error${faults.length === 1 ? '' : 's'} detected: ${faults.join('; ')}`);
  }
  if (words !== undefined) throw new AwsError(code, words);
}

/**
 * As `checkConstraints`, also of what is inside structures and lists. Places are given without indexes: `tags.key`.
 * @throws AwsError with that code
 */
export function checkMembers(code: string, constraints: Constraints, input: Readonly<Record<string, unknown>>): void {
  const found: Record<string, Constraint> = {};
  const values: Record<string, unknown> = {};
  for (const [at, place, value] of membersOf(input, '', '')) {
    const constraint = constraints[place];
    if (constraint === undefined) continue;
    found[at] = constraint;
    values[at] = value;
  }
  checkConstraints(code, found, values);
}

/** Every member with where it is, `targets.1.member.port`, and the same without indexes, `targets.port`. */
function* membersOf(value: unknown, at: string, place: string): Generator<readonly [at: string, place: string, value: unknown]> {
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) yield* membersOf(item, `${at}.${index + 1}.member`, place);
    return;
  }
  if (typeof value !== 'object' || value === null) return;
  for (const [name, member] of Object.entries(value)) {
    const lower = name.charAt(0).toLowerCase() + name.slice(1);
    const [nextAt, nextPlace] = [at === '' ? lower : `${at}.${lower}`, place === '' ? lower : `${place}.${lower}`];
    yield [nextAt, nextPlace, member];
    yield* membersOf(member, nextAt, nextPlace);
  }
}

function fault(value: unknown, at: string, must: string, { isSecret }: Constraint): string {
  if (isSecret) return `Value at '${at}' failed to satisfy constraint: ${must}`;
  const shown = typeof value === 'object' ? JSON.stringify(value) : String(value);
  return `Value '${echo(shown)}' at '${at}' failed to satisfy constraint: ${must}`;
}

function outOfRange(value: unknown, { min, max }: Constraint): string | undefined {
  const [size, what] = measure(value);
  if (size === undefined) return undefined;
  if (min !== undefined && size < min) return `Member must have ${what} greater than or equal to ${min}`;
  if (max !== undefined && size > max) return `Member must have ${what} less than or equal to ${max}`;
  return undefined;
}

function measure(value: unknown): [size: number | undefined, what: 'length' | 'value'] {
  if (typeof value === 'number') return [value, 'value'];
  return [typeof value === 'string' || Array.isArray(value) ? value.length : undefined, 'length'];
}

function breaksPattern(value: unknown, { pattern }: Constraint): boolean {
  return pattern !== undefined && typeof value === 'string' && !compiled(pattern).test(value);
}

const patterns = new Map<string, RegExp>();

/** The patterns come from constraint tables in the code, so their number is fixed. */
function compiled(pattern: string): RegExp {
  let made = patterns.get(pattern);
  if (made === undefined) patterns.set(pattern, (made = new RegExp(`^(?:${pattern})$`, 'u')));
  return made;
}
