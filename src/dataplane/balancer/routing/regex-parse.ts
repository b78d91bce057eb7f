/** Reads a regular expression into a tree: what the common dialects share, without what needs backtracking. */

export type Node =
  /** `only`: where it is one character and no other. */
  | { readonly kind: 'char'; readonly has: (code: number) => boolean; readonly only?: number }
  | { readonly kind: 'assert'; readonly what: 'begin' | 'end' | 'edge' | 'inside' }
  | { readonly kind: 'all'; readonly parts: readonly Node[] }
  | { readonly kind: 'any'; readonly parts: readonly Node[] }
  | { readonly kind: 'repeat'; readonly part: Node; readonly least: number; readonly most: number };

type Has = (code: number) => boolean;

const isDigit: Has = (code) => code >= 48 && code <= 57;
const isWord: Has = (code) => isDigit(code) || (code >= 65 && code <= 90) || code === 95 || (code >= 97 && code <= 122);
const isSpace: Has = (code) => code === 32 || (code >= 9 && code <= 13);
const not =
  (has: Has): Has =>
  (code) =>
    !has(code);

const CLASSES: Readonly<Record<string, Has>> = {
  d: isDigit,
  D: not(isDigit),
  w: isWord,
  W: not(isWord),
  s: isSpace,
  S: not(isSpace),
};
const CONTROLS: Readonly<Record<string, number>> = { t: 9, n: 10, v: 11, f: 12, r: 13 };
const POSIX: Readonly<Record<string, Has>> = {
  alpha: (code) => isWord(code) && !isDigit(code) && code !== 95,
  alnum: (code) => isWord(code) && code !== 95,
  digit: isDigit,
  lower: (code) => code >= 97 && code <= 122,
  upper: (code) => code >= 65 && code <= 90,
  space: isSpace,
};

/** Thrown inside only. */
class NotARegex extends Error {}

/** @param ignoresCase the text that is matched is in lower case; undefined when it is no regular expression or not one of these */
export function parseRegex(source: string, ignoresCase: boolean): Node | undefined {
  try {
    return new Parser(source, ignoresCase).parse();
  } catch (error) {
    if (error instanceof NotARegex) return undefined;
    throw error;
  }
}

/** What every match begins with, as far as that is plain: `^/api/v[0-9]` begins with `/api/v`. */
export function literalBeginning(tree: Node): string {
  const only = tree.kind === 'any' && tree.parts.length === 1 ? tree.parts[0] : undefined;
  if (only?.kind !== 'all') return '';
  const [first, ...parts] = only.parts;
  if (first?.kind !== 'assert' || first.what !== 'begin') return '';
  let text = '';
  for (const part of parts) {
    if (part.kind !== 'char' || part.only === undefined) break;
    text += String.fromCharCode(part.only);
  }
  return text;
}

class Parser {
  private at = 0;
  private readonly source: string;
  private readonly ignoresCase: boolean;

  constructor(source: string, ignoresCase: boolean) {
    this.source = source;
    this.ignoresCase = ignoresCase;
  }

  parse(): Node {
    const node = this.alternatives();
    if (this.at < this.source.length) throw new NotARegex();
    return node;
  }

  private alternatives(): Node {
    const parts = [this.sequence()];
    while (this.take('|')) parts.push(this.sequence());
    return { kind: 'any', parts };
  }

  private sequence(): Node {
    const parts: Node[] = [];
    while (this.at < this.source.length && this.peek() !== '|' && this.peek() !== ')') parts.push(this.repeated());
    return { kind: 'all', parts };
  }

  private repeated(): Node {
    let part = this.atom();
    for (let count = this.count(); count !== undefined; count = this.count()) {
      if (part.kind === 'assert') throw new NotARegex();
      part = { kind: 'repeat', part, ...count };
      this.take('?'); // lazy or not, the answer is the same
    }
    return part;
  }

  private count(): { least: number; most: number } | undefined {
    if (this.take('*')) return { least: 0, most: Infinity };
    if (this.take('+')) return { least: 1, most: Infinity };
    if (this.take('?')) return { least: 0, most: 1 };
    const braces = /^\{(\d{1,4})(,(\d{1,4})?)?\}/.exec(this.source.slice(this.at));
    if (braces === null) return undefined;
    this.at += braces[0].length;
    const least = Number(braces[1]);
    const most = braces[2] === undefined ? least : Number(braces[3] ?? Infinity);
    if (most < least) throw new NotARegex();
    return { least, most };
  }

  private atom(): Node {
    const next = this.next();
    if (next === '^') return { kind: 'assert', what: 'begin' };
    if (next === '$') return { kind: 'assert', what: 'end' };
    if (next === '.') return { kind: 'char', has: (code) => code !== 10 && code !== 13 };
    if (next === '[') return { kind: 'char', has: this.set() };
    if (next === '(') return this.group();
    if (next === '\\') return this.escape();
    if (next === '*' || next === '+' || next === '?' || next === ')') throw new NotARegex();
    return this.literal(next.charCodeAt(0));
  }

  private group(): Node {
    if (this.peek() === '?' && !this.skip('?:')) {
      const name = /^\?P?<[A-Za-z]\w*>/.exec(this.source.slice(this.at));
      if (name === null) throw new NotARegex(); // looking around
      this.at += name[0].length;
    }
    const node = this.alternatives();
    if (!this.take(')')) throw new NotARegex();
    return node;
  }

  private escape(): Node {
    const next = this.next();
    if (next === 'b') return { kind: 'assert', what: 'edge' };
    if (next === 'B') return { kind: 'assert', what: 'inside' };
    const has = CLASSES[next];
    return has === undefined ? this.literal(this.escaped(next)) : { kind: 'char', has };
  }

  /** The character that an escape stands for. */
  private escaped(next: string): number {
    const control = CONTROLS[next];
    if (control !== undefined) return control;
    const digits = next === 'x' ? /^[0-9a-fA-F]{2}/.exec(this.source.slice(this.at)) : null;
    if (digits !== null) {
      this.at += 2;
      return Number.parseInt(digits[0], 16);
    }
    if (/[A-Za-z0-9]/.test(next)) throw new NotARegex(); // references back and what nobody agrees on
    return next.charCodeAt(0);
  }

  private literal(code: number): Node {
    const wanted = this.lower(code);
    return { kind: 'char', has: (value) => value === wanted, only: wanted };
  }

  private set(): Has {
    const negates = this.take('^');
    const members: Has[] = [];
    for (let isFirst = true; isFirst || this.peek() !== ']'; isFirst = false) members.push(this.member());
    this.at++;
    const has: Has = (code) => members.some((member) => member(code));
    return negates ? not(has) : has;
  }

  private member(): Has {
    const posix = /^\[:(\w+):\]/.exec(this.source.slice(this.at));
    if (posix !== null) {
      const has = POSIX[posix[1] ?? ''];
      if (has === undefined) throw new NotARegex();
      this.at += posix[0].length;
      return has;
    }
    const from = this.memberCode();
    if (typeof from === 'function') return from;
    const isRange = this.peek() === '-' && this.source[this.at + 1] !== ']' && this.at + 1 < this.source.length;
    if (!isRange) return this.within(from, from);
    this.at++;
    const to = this.memberCode();
    if (typeof to === 'function' || to < from) throw new NotARegex();
    return this.within(from, to);
  }

  private memberCode(): number | Has {
    const next = this.next();
    if (next !== '\\') return next.charCodeAt(0);
    const letter = this.next();
    return letter === 'b' ? 8 : (CLASSES[letter] ?? this.escaped(letter));
  }

  /** Without regard to case, `A-Z` has to hold `a` too. */
  private within(from: number, to: number): Has {
    if (!this.ignoresCase) return (code) => code >= from && code <= to;
    return (code) => {
      const upper = code >= 97 && code <= 122 ? code - 32 : code;
      return (code >= from && code <= to) || (upper >= from && upper <= to);
    };
  }

  private lower(code: number): number {
    return this.ignoresCase && code >= 65 && code <= 90 ? code + 32 : code;
  }

  private peek(): string | undefined {
    return this.source[this.at];
  }

  private next(): string {
    const next = this.source[this.at++];
    if (next === undefined) throw new NotARegex();
    return next;
  }

  private take(wanted: string): boolean {
    if (this.peek() !== wanted) return false;
    this.at++;
    return true;
  }

  private skip(wanted: string): boolean {
    if (!this.source.startsWith(wanted, this.at)) return false;
    this.at += wanted.length;
    return true;
  }
}
