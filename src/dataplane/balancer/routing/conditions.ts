/** A rule's conditions, made into questions (ELB guide, "Condition types for listener rules"). */
import { compileGlob, type Matcher } from '#dataplane/balancer/routing/glob.ts';
import { compileRegex } from '#dataplane/balancer/routing/regex.ts';
import type { RequestFacts } from '#dataplane/balancer/routing/request-facts.ts';
import type { RuleCondition, TextPattern } from '#model/balancer.ts';
import { cidrContainsIp, parseCidr } from '#model/cidr.ts';
import { isIpv4, isIpv6 } from '#model/ip.ts';

/** Whether a request has it. */
export type Question = (facts: RequestFacts) => boolean;

export function compileCondition(condition: RuleCondition): Question {
  switch (condition.field) {
    case 'host-header': {
      const matches = anyOf(condition.patterns.map((pattern) => compileText(pattern, true)));
      return ({ request }) => matches(request.host);
    }
    case 'path-pattern': {
      const matches = anyOf(condition.patterns.map((pattern) => compileText(pattern, false)));
      return ({ request }) => matches(request.path);
    }
    case 'http-request-method': {
      const methods = new Set(condition.methods);
      return ({ request }) => methods.has(request.method);
    }
    case 'http-header': {
      const matches = anyOf(condition.patterns.map((pattern) => compileText(pattern, true)));
      const { name } = condition;
      return ({ request }) => request.header(name).some((value) => matches(value.toLowerCase()));
    }
    case 'query-string':
      return compilePairs(condition.pairs);
    case 'source-ip':
      return compileCidrs(condition.cidrs);
  }
}

/** @param ignoresCase the text that is compared is in lower case */
function compileText(pattern: TextPattern, ignoresCase: boolean): Matcher {
  if ('regex' in pattern) return compileRegex(pattern.regex, ignoresCase) ?? (() => false); // control refuses what does not compile
  return compileGlob(ignoresCase ? pattern.glob.toLowerCase() : pattern.glob).matches;
}

function anyOf(matchers: readonly Matcher[]): Matcher {
  const [only] = matchers;
  if (matchers.length === 1 && only !== undefined) return only;
  return (text) => matchers.some((matches) => matches(text));
}

function compilePairs(pairs: Extract<RuleCondition, { field: 'query-string' }>['pairs']): Question {
  const compiled = pairs.map(({ key, value }) => ({
    key: key === undefined ? undefined : compileGlob(key.toLowerCase(), true).matches,
    value: compileGlob(value.toLowerCase(), true).matches,
  }));
  return (facts) =>
    facts.pairs().some((pair) => compiled.some(({ key, value }) => (key === undefined || key(pair.key)) && value(pair.value)));
}

function compileCidrs(texts: readonly string[]): Question {
  const all = texts.flatMap((text) => parseCidr(text) ?? []);
  const wide = all.filter(({ address }) => isIpv6(address));
  const narrow = all.flatMap(({ address, prefixLength }) => {
    const mask = prefixLength === 0 ? 0 : -1 << (32 - prefixLength);
    return isIpv4(address) ? [{ mask, network: address & mask }] : [];
  });
  return (facts) => {
    const ip = facts.source();
    if (ip === undefined) return false;
    if (!isIpv4(ip)) return wide.some((cidr) => cidrContainsIp(cidr, ip));
    for (const { mask, network } of narrow) if ((ip & mask) === network) return true;
    return false;
  };
}
