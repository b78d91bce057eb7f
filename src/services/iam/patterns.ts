/** Texts of policies that stand for many: `*`, `?` and policy variables such as `${aws:username}`. */

/** Values of a request by condition key in lower case, e.g. `aws:username`. */
export type RequestContext = ReadonlyMap<string, readonly string[]>;

type Piece =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'one' | 'run' }
  /** A key in lower case, and what stands for it when the request does not have it. */
  | { readonly kind: 'variable'; readonly key: string; readonly fallback?: string };

export interface Pattern {
  readonly source: string;
  readonly pieces: readonly Piece[];
  readonly hasVariables: boolean;
}

export interface PatternOptions {
  /** Whether `*` and `?` stand for other characters; as in Resource, but not in `StringEquals`. */
  readonly wildcards: boolean;
  /** Policies before version 2012-10-17 have no variables. */
  readonly variables: boolean;
}

const VARIABLE = /^\$\{([^{},]+)(?:,\s*'([^']*)')?\}/;

/** Takes a text apart once, so that it can be held against many values. */
export function compilePattern(source: string, { wildcards, variables }: PatternOptions): Pattern {
  const pieces: Piece[] = [];
  let text = '';
  const flush = (): void => {
    if (text !== '') pieces.push({ kind: 'text', text });
    text = '';
  };
  for (let at = 0; at < source.length; at++) {
    const character = source.charAt(at);
    const variable = variables && character === '$' ? VARIABLE.exec(source.slice(at)) : null;
    if (variable) {
      const [whole, key = '', fallback] = variable;
      at += whole.length - 1;
      // `${*}`, `${?}` and `${$}` are the characters themselves.
      if (key === '*' || key === '?' || key === '$') text += key;
      else {
        flush();
        pieces.push({ kind: 'variable', key: key.trim().toLowerCase(), ...(fallback === undefined ? {} : { fallback }) });
      }
    } else if (wildcards && (character === '*' || character === '?')) {
      flush();
      pieces.push({ kind: character === '*' ? 'run' : 'one' });
    } else text += character;
  }
  flush();
  return { source, pieces, hasVariables: pieces.some(({ kind }) => kind === 'variable') };
}

/**
 * Whether the whole value fits. A variable that the request lacks, or has several values of, fits nothing.
 * Time is at most the product of both lengths, whatever a policy says.
 */
export function matchesPattern(pattern: Pattern, value: string, context: RequestContext): boolean {
  const pieces = pattern.hasVariables ? resolve(pattern.pieces, context) : pattern.pieces;
  return pieces !== undefined && fits(pieces, value);
}

/** The text with its variables put in; undefined when the request lacks one. Wildcards stay as they are written. */
export function resolvedText(pattern: Pattern, context: RequestContext): string | undefined {
  const pieces = pattern.hasVariables ? resolve(pattern.pieces, context) : pattern.pieces;
  return pieces?.map((piece) => (piece.kind === 'text' ? piece.text : piece.kind === 'run' ? '*' : '?')).join('');
}

/**
 * The pattern cut at its first colons, its variables put in: an ARN's parts. Undefined when the request lacks a variable.
 * @param parts how many there are at most; the last keeps its colons
 */
export function patternParts(pattern: Pattern, parts: number, context: RequestContext): readonly Pattern[] | undefined {
  const pieces = resolve(pattern.pieces, context);
  if (pieces === undefined) return undefined;
  const cut: Piece[][] = [[]];
  for (const piece of pieces) {
    let rest = piece.kind === 'text' ? piece.text : undefined;
    while (rest?.includes(':') && cut.length < parts) {
      const colon = rest.indexOf(':');
      cut.at(-1)?.push({ kind: 'text', text: rest.slice(0, colon) });
      cut.push([]);
      rest = rest.slice(colon + 1);
    }
    cut.at(-1)?.push(rest === undefined ? piece : { kind: 'text', text: rest });
  }
  return cut.map((part) => ({ source: pattern.source, pieces: part, hasVariables: false }));
}

function resolve(pieces: readonly Piece[], context: RequestContext): readonly Piece[] | undefined {
  const resolved: Piece[] = [];
  for (const piece of pieces) {
    if (piece.kind !== 'variable') {
      resolved.push(piece);
      continue;
    }
    const values = context.get(piece.key);
    const text = values?.length === 1 ? values[0] : piece.fallback;
    if (text === undefined) return undefined;
    // What a variable brings is literal: a `*` in a user's tag is no wildcard.
    resolved.push({ kind: 'text', text });
  }
  return resolved;
}

/** Two places and one to fall back to. */
function fits(pieces: readonly Piece[], value: string): boolean {
  let at = 0;
  let index = 0;
  let lastRun = -1;
  let resume = 0;
  for (;;) {
    const piece = pieces[at];
    if (piece?.kind === 'run') {
      lastRun = at++;
      resume = index;
      continue;
    }
    if (piece === undefined && index === value.length) return true;
    if (piece?.kind === 'one' && index < value.length) {
      at++;
      index++;
      continue;
    }
    if (piece?.kind === 'text' && value.startsWith(piece.text, index)) {
      at++;
      index += piece.text.length;
      continue;
    }
    if (lastRun < 0 || resume >= value.length) return false;
    at = lastRun + 1;
    index = ++resume;
  }
}
