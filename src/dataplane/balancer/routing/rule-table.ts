/** The rules of a listener, looked up by what a request has: only those that may fit are tried. */
import type { RequestView } from '#dataplane/balancer/decision.ts';
import { compileCondition, type Question } from '#dataplane/balancer/routing/conditions.ts';
import { PrefixTree } from '#dataplane/balancer/routing/prefix-tree.ts';
import { RequestFacts } from '#dataplane/balancer/routing/request-facts.ts';
import { keysOf, type RuleKey } from '#dataplane/balancer/routing/rule-keys.ts';
import type { BalancerRule } from '#model/balancer.ts';

/** Positions of rules, rising. */
type Positions = number[];

/** Finds the first rule that fits, in the order that they are in. */
export class RuleTable {
  private readonly questions: readonly (readonly Question[])[];
  private readonly last: number;
  /** Tried for every request. */
  private readonly others: Positions = [];
  private readonly hosts = new Map<string, Positions>();
  /** By length: there are few. */
  private readonly hostSuffixes = new Map<number, Map<string, Positions>>();
  private readonly paths = new Map<string, Positions>();
  private readonly pathPrefixes = new PrefixTree<number>();
  private readonly methods = new Map<string, Positions>();
  private readonly headers = new Map<string, Map<string, Positions>>();
  private readonly queries = new Map<string, Positions>();
  private readonly used = new Set<RuleKey['kind']>();
  private readonly facts = new RequestFacts();
  /** The first position that is known to fit, while one request is looked at. */
  private best = 0;
  private readonly tryAll = (positions: readonly number[]): void => {
    for (const position of positions) {
      if (position >= this.best) return;
      if (this.fits(position)) {
        this.best = position;
        return;
      }
    }
  };

  /** @param rules the last is the default rule, which always fits */
  constructor(rules: readonly BalancerRule[]) {
    this.last = rules.length - 1;
    this.questions = rules.map(({ conditions }) => conditions.map(compileCondition));
    const candidates = rules.slice(0, -1).map(({ conditions }) => conditions.flatMap((condition) => keysOf(condition) ?? []));
    const counts = countKeys(candidates.flat());
    for (const [position, { conditions }] of rules.slice(0, -1).entries()) this.place(position, conditions.map(keysOf), counts);
  }

  /** The position of the first rule that fits. */
  find(request: RequestView): number {
    if (this.last <= 0) return this.last;
    const { used, facts } = this;
    this.best = this.last;
    facts.set(request);
    if (this.others.length > 0) this.tryAll(this.others);
    if (used.has('path')) this.tryKnown(this.paths.get(request.path));
    if (used.has('path-prefix')) this.pathPrefixes.visit(request.path, this.tryAll);
    if (used.has('host')) this.tryKnown(this.hosts.get(request.host));
    if (used.has('host-suffix')) this.tryHostSuffixes(request.host);
    if (used.has('method')) this.tryKnown(this.methods.get(request.method));
    if (used.has('header')) this.tryHeaders(request);
    if (used.has('query')) for (const { key, value } of facts.pairs()) this.tryKnown(this.queries.get(`${key}=${value}`));
    return this.best;
  }

  private tryKnown(positions: readonly number[] | undefined): void {
    if (positions !== undefined) this.tryAll(positions);
  }

  private tryHostSuffixes(host: string): void {
    for (const [length, suffixes] of this.hostSuffixes) {
      if (length <= host.length) this.tryKnown(suffixes.get(host.slice(host.length - length)));
    }
  }

  private tryHeaders(request: RequestView): void {
    for (const [name, values] of this.headers) {
      for (const value of request.header(name)) this.tryKnown(values.get(value.toLowerCase()));
    }
  }

  private fits(position: number): boolean {
    for (const question of this.questions[position]!) if (!question(this.facts)) return false; // one entry a rule
    return true;
  }

  /** Under the keys of the condition that the fewest rules share. */
  private place(position: number, choices: readonly (readonly RuleKey[] | undefined)[], counts: ReadonlyMap<string, number>): void {
    let rarest: readonly RuleKey[] | undefined;
    let fewest = Infinity;
    for (const keys of choices) {
      if (keys === undefined) continue;
      const most = Math.max(...keys.map((key) => counts.get(nameOf(key)) ?? 0));
      if (most >= fewest) continue;
      rarest = keys;
      fewest = most;
    }
    if (rarest === undefined) this.others.push(position);
    // Two values of one rule may make the same key.
    else for (const key of new Map(rarest.map((one) => [nameOf(one), one])).values()) this.file(position, key);
  }

  private file(position: number, key: RuleKey): void {
    this.used.add(key.kind);
    switch (key.kind) {
      case 'host':
        return push(this.hosts, key.text, position);
      case 'host-suffix':
        return push(innerMap(this.hostSuffixes, key.text.length), key.text, position);
      case 'path':
        return push(this.paths, key.text, position);
      case 'path-prefix':
        return this.pathPrefixes.add(key.text, position);
      case 'method':
        return push(this.methods, key.text, position);
      case 'query':
        return push(this.queries, key.text, position);
      case 'header':
        return push(innerMap(this.headers, key.name), key.text, position);
    }
  }
}

const nameOf = (key: RuleKey): string => `${key.kind} ${key.kind === 'header' ? key.name : ''} ${key.text}`;

function countKeys(keys: readonly RuleKey[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const key of keys) counts.set(nameOf(key), (counts.get(nameOf(key)) ?? 0) + 1);
  return counts;
}

function innerMap<K>(maps: Map<K, Map<string, Positions>>, key: K): Map<string, Positions> {
  const known = maps.get(key);
  if (known !== undefined) return known;
  const fresh = new Map<string, Positions>();
  maps.set(key, fresh);
  return fresh;
}

function push(map: Map<string, Positions>, key: string, position: number): void {
  const positions = map.get(key);
  if (positions === undefined) map.set(key, [position]);
  else positions.push(position);
}
