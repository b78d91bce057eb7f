/** Regular expressions of rules, matched in a time that is linear in the text: a rule must not be able to stop a node. */
import type { Matcher } from '#dataplane/balancer/routing/glob.ts';
import { literalBeginning, parseRegex, type Node } from '#dataplane/balancer/routing/regex-parse.ts';

/** AWS's own limit. */
export const MAX_REGEX_LENGTH = 128;
/** Counts such as `{1000}` are written out: this bounds what comes of that. */
const MAX_STATES = 2000;
/** How many sets of states are remembered before all are forgotten. */
const MAX_REMEMBERED = 500;

/** A state goes on by a character, or to others without one. */
type State =
  | { readonly kind: 'split'; next: number; other: number }
  | { readonly kind: 'char'; readonly has: (code: number) => boolean; next: number }
  | { readonly kind: 'begin' | 'end' | 'edge' | 'inside'; next: number }
  | { readonly kind: 'match' };

/**
 * Unanchored, as AWS's are: `^` and `$` say where a text begins and ends. Undefined when it is too long, too large, or no
 * regular expression, and for what cannot be matched in linear time (references back, looking around).
 */
export function compileRegex(source: string, ignoresCase: boolean): Matcher | undefined {
  const tree = source.length > MAX_REGEX_LENGTH ? undefined : parseRegex(source, ignoresCase);
  const states = tree === undefined ? undefined : build(tree);
  return states === undefined ? undefined : new Machine(states).matcher();
}

/** What every match begins with, as far as it is plain; '' where that is nothing, or it is no regular expression. */
export function regexPrefix(source: string): string {
  const tree = source.length > MAX_REGEX_LENGTH ? undefined : parseRegex(source, false);
  return tree === undefined ? '' : literalBeginning(tree);
}

function build(tree: Node): readonly State[] | undefined {
  const states: State[] = [];
  const add = (state: State): number => states.push(state) - 1;
  const emit = (node: Node, next: number): number => {
    if (states.length > MAX_STATES) return next;
    switch (node.kind) {
      case 'char':
        return add({ kind: 'char', has: node.has, next });
      case 'assert':
        return add({ kind: node.what, next });
      case 'all':
        return node.parts.reduceRight((after, part) => emit(part, after), next);
      case 'any':
        return node.parts.map((part) => emit(part, next)).reduceRight((other, first) => add({ kind: 'split', next: first, other }));
      case 'repeat': {
        let after = next;
        if (node.most === Infinity) {
          const loop = add({ kind: 'split', next: 0, other: next });
          const split = states[loop];
          if (split?.kind === 'split') split.next = emit(node.part, loop);
          after = loop;
        } else {
          for (let times = node.least; times < node.most && states.length <= MAX_STATES; times++) {
            after = add({ kind: 'split', next: emit(node.part, after), other: next });
          }
        }
        for (let times = 0; times < node.least && states.length <= MAX_STATES; times++) after = emit(node.part, after);
        return after;
      }
    }
  };
  const match = add({ kind: 'match' });
  const start = emit(tree, match);
  if (states.length > MAX_STATES) return undefined;
  add({ kind: 'split', next: start, other: start }); // the last one is where it begins
  return states;
}

/** A set of states that were reached by the same text, and where each next character leads. */
interface Step {
  readonly states: readonly number[];
  readonly isMatch: boolean;
  readonly wasWord: boolean;
  readonly next: Map<number, Step>;
}

/** −1: the end of the text. */
const END = -1;

class Machine {
  private readonly states: readonly State[];
  private remembered = new Map<string, Step>();
  private first: Step;

  constructor(states: readonly State[]) {
    this.states = states;
    this.first = this.beginning();
  }

  matcher(): Matcher {
    return (text) => {
      let step = this.first;
      for (let at = 0; at <= text.length; at++) {
        if (step.isMatch) return true;
        const code = at < text.length ? text.charCodeAt(at) : END;
        step = step.next.get(code) ?? this.follow(step, code);
      }
      return step.isMatch;
    };
  }

  private forget(): void {
    this.remembered = new Map();
    this.first = this.beginning();
  }

  private beginning(): Step {
    return this.remember([this.states.length - 1], false, true);
  }

  /**
   * A step holds states before what needs no character: whether an assertion holds is known only with the next character.
   */
  private follow(step: Step, code: number): Step {
    const isFirst = step === this.first;
    const isWord = isWordCode(code);
    const reached = this.withoutCharacter(step.states, isFirst, code === END, step.wasWord !== isWord);
    const next: number[] = [];
    for (const index of reached) {
      const state = this.states[index]!; // built together
      if (state.kind === 'match') next.push(index);
      else if (state.kind === 'char' && code !== END && state.has(code)) next.push(state.next);
    }
    next.push(this.states.length - 1); // a match may begin anywhere
    const following = this.remember(
      [...new Set(next)].sort((a, b) => a - b),
      isWord,
      false,
    );
    step.next.set(code, following);
    return following;
  }

  private withoutCharacter(from: readonly number[], isBegin: boolean, isEnd: boolean, isEdge: boolean): readonly number[] {
    const seen = new Set(from);
    for (const index of seen) {
      const state = this.states[index]!; // built together
      if (state.kind === 'split') seen.add(state.next).add(state.other);
      else if (state.kind === 'begin' && isBegin) seen.add(state.next);
      else if (state.kind === 'end' && isEnd) seen.add(state.next);
      else if (state.kind === 'edge' && isEdge) seen.add(state.next);
      else if (state.kind === 'inside' && !isEdge) seen.add(state.next);
    }
    return [...seen];
  }

  private remember(states: readonly number[], wasWord: boolean, isFirst: boolean): Step {
    const key = `${states.join(',')}${wasWord ? 'w' : ''}${isFirst ? '^' : ''}`;
    const known = this.remembered.get(key);
    if (known !== undefined) return known;
    if (this.remembered.size >= MAX_REMEMBERED) this.forget();
    const step: Step = { states, isMatch: states.some((index) => this.states[index]?.kind === 'match'), wasWord, next: new Map() };
    this.remembered.set(key, step);
    return step;
  }
}

function isWordCode(code: number): boolean {
  return (code >= 48 && code <= 57) || (code >= 65 && code <= 90) || code === 95 || (code >= 97 && code <= 122);
}
