/** By what a rule can be looked up: for each condition, the keys one of which every fitting request has. */
import { compileGlob } from '#dataplane/balancer/routing/glob.ts';
import { regexPrefix } from '#dataplane/balancer/routing/regex.ts';
import type { RuleCondition, TextPattern } from '#model/balancer.ts';

export type RuleKey =
  | { readonly kind: 'host' | 'method' | 'path'; readonly text: string }
  /** What a path begins with. */
  | { readonly kind: 'path-prefix'; readonly text: string }
  /** What a host ends with. */
  | { readonly kind: 'host-suffix'; readonly text: string }
  | { readonly kind: 'header'; readonly name: string; readonly text: string }
  /** `key=value` in lower case. */
  | { readonly kind: 'query'; readonly text: string };

/** Undefined when requests that fit have nothing in common that can be looked up. */
export function keysOf(condition: RuleCondition): readonly RuleKey[] | undefined {
  switch (condition.field) {
    case 'host-header':
      return allKeys(condition.patterns, hostKey);
    case 'path-pattern':
      return allKeys(condition.patterns, pathKey);
    case 'http-request-method':
      return condition.methods.map((text) => ({ kind: 'method', text }));
    case 'http-header':
      return allKeys(condition.patterns, (pattern) => {
        const literal = 'glob' in pattern ? compileGlob(pattern.glob.toLowerCase()).literal : undefined;
        return literal === undefined ? undefined : { kind: 'header', name: condition.name, text: literal };
      });
    case 'query-string':
      return allKeys(condition.pairs, ({ key, value }) => {
        const name = key === undefined ? undefined : compileGlob(key.toLowerCase(), true).literal;
        const literal = compileGlob(value.toLowerCase(), true).literal;
        return name === undefined || literal === undefined ? undefined : { kind: 'query', text: `${name}=${literal}` };
      });
    case 'source-ip':
      return undefined;
  }
}

function allKeys<T>(items: readonly T[], keyOf: (item: T) => RuleKey | undefined): readonly RuleKey[] | undefined {
  const keys: RuleKey[] = [];
  for (const item of items) {
    const key = keyOf(item);
    if (key === undefined) return undefined;
    keys.push(key);
  }
  return keys;
}

function hostKey(pattern: TextPattern): RuleKey | undefined {
  if ('regex' in pattern) return undefined;
  const { literal, suffix } = compileGlob(pattern.glob.toLowerCase());
  if (literal !== undefined) return { kind: 'host', text: literal };
  return suffix === '' ? undefined : { kind: 'host-suffix', text: suffix };
}

function pathKey(pattern: TextPattern): RuleKey | undefined {
  const { literal, prefix } = 'regex' in pattern ? { literal: undefined, prefix: regexPrefix(pattern.regex) } : compileGlob(pattern.glob);
  if (literal !== undefined) return { kind: 'path', text: literal };
  return prefix.length > 1 ? { kind: 'path-prefix', text: prefix } : undefined; // every path begins with a slash
}
