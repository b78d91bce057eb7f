/** Patterns with `*` and `?`, matched without backtracking: the time is bounded by text × pattern, whatever the pattern. */

export type Matcher = (text: string) => boolean;

export interface Glob {
  readonly matches: Matcher;
  /** The whole text, where the pattern has no wildcards. */
  readonly literal?: string;
  /** What every match begins with. */
  readonly prefix: string;
  /** What every match ends with. */
  readonly suffix: string;
}

const ANY = -1;
const RUN = -2;

/** @param escapes whether `\*`, `\?` and `\\` stand for the characters themselves (query strings only) */
export function compileGlob(pattern: string, escapes = false): Glob {
  const parts = parse(pattern, escapes);
  const first = parts.findIndex((part) => part < 0);
  if (first < 0) {
    const literal = text(parts);
    return { matches: (value) => value === literal, literal, prefix: literal, suffix: literal };
  }
  const last = parts.findLastIndex((part) => part < 0);
  const prefix = text(parts.slice(0, first));
  const suffix = text(parts.slice(last + 1));
  return { matches: matcher(parts, prefix, suffix), prefix, suffix };
}

function parse(pattern: string, escapes: boolean): readonly number[] {
  const parts: number[] = [];
  for (let at = 0; at < pattern.length; at++) {
    const next = pattern[at + 1];
    if (escapes && pattern[at] === '\\' && (next === '*' || next === '?' || next === '\\')) parts.push(pattern.charCodeAt(++at));
    else if (pattern[at] === '?') parts.push(ANY);
    else if (pattern[at] !== '*') parts.push(pattern.charCodeAt(at));
    else if (parts.at(-1) !== RUN) parts.push(RUN);
  }
  return parts;
}

const text = (codes: readonly number[]): string => String.fromCharCode(...codes);

/** The common shapes by the string's own means. */
function matcher(parts: readonly number[], prefix: string, suffix: string): Matcher {
  const middle = parts.slice(prefix.length, parts.length - suffix.length);
  const literals = prefix.length + suffix.length;
  if (middle.length === 1 && middle[0] === RUN) {
    if (literals === 0) return () => true;
    if (suffix === '') return (value) => value.startsWith(prefix);
    if (prefix === '') return (value) => value.endsWith(suffix);
    return (value) => value.length >= literals && value.startsWith(prefix) && value.endsWith(suffix);
  }
  if (literals === 0 && middle.length > 2 && middle[0] === RUN && middle.at(-1) === RUN) {
    const inside = middle.slice(1, -1);
    const literal = text(inside);
    if (inside.every((part) => part >= 0)) return (value) => value.includes(literal);
  }
  return (value) => matchParts(parts, value);
}

/** On a mismatch only the last run is made longer: earlier ones need not be tried again. */
function matchParts(parts: readonly number[], value: string): boolean {
  let at = 0;
  let part = 0;
  let runPart = -1;
  let runAt = 0;
  while (at < value.length) {
    const wanted = parts[part];
    if (wanted === RUN) {
      runPart = part++;
      runAt = at;
    } else if (wanted === ANY || wanted === value.charCodeAt(at)) {
      part++;
      at++;
    } else if (runPart >= 0) {
      part = runPart + 1;
      at = ++runAt;
    } else return false;
  }
  while (parts[part] === RUN) part++;
  return part === parts.length;
}
