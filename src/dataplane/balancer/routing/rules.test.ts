import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { makeRequest, makeRule } from '#dataplane/balancer/routing/balancer.fixture.ts';
import { compileCondition } from '#dataplane/balancer/routing/conditions.ts';
import { RequestFacts } from '#dataplane/balancer/routing/request-facts.ts';
import { RuleTable } from '#dataplane/balancer/routing/rule-table.ts';
import type { RuleAction, RuleCondition } from '#model/balancer.ts';

type Parts = Parameters<typeof makeRequest>[0];

const host = (...globs: string[]): RuleCondition => ({ field: 'host-header', patterns: globs.map((glob) => ({ glob })) });
const path = (...globs: string[]): RuleCondition => ({ field: 'path-pattern', patterns: globs.map((glob) => ({ glob })) });
const header = (name: string, ...globs: string[]): RuleCondition => ({
  field: 'http-header',
  name,
  patterns: globs.map((glob) => ({ glob })),
});
const query = (value: string, key?: string): RuleCondition => ({
  field: 'query-string',
  pairs: [key === undefined ? { value } : { key, value }],
});
const method = (...methods: string[]): RuleCondition => ({ field: 'http-request-method', methods });
const source = (...cidrs: string[]): RuleCondition => ({ field: 'source-ip', cidrs });

function holds(condition: RuleCondition, parts: Parts): boolean {
  const facts = new RequestFacts();
  facts.set(makeRequest(parts));
  return compileCondition(condition)(facts);
}

const facts: readonly [what: string, condition: RuleCondition, request: Parts, holds: boolean][] = [
  ['a host', host('www.example.com'), { host: 'www.example.com' }, true],
  ['another host', host('www.example.com'), { host: 'example.com' }, false],
  ['a host of several', host('a.com', 'b.com'), { host: 'b.com' }, true],
  ['a host by wildcard', host('*.example.com'), { host: 'a.b.example.com' }, true],
  ['a path with its case', path('/Img/*'), { path: '/Img/x' }, true],
  ['a path with another case', path('/Img/*'), { path: '/img/x' }, false],
  ['a path without the query', path('/a'), { path: '/a', query: 'b=c' }, true],
  ['a path by regex', { field: 'path-pattern', patterns: [{ regex: '^/v[0-9]+/' }] }, { path: '/v12/x' }, true],
  ['a path by regex with its case', { field: 'path-pattern', patterns: [{ regex: '^/V' }] }, { path: '/v' }, false],
  ['a host by regex in any case', { field: 'host-header', patterns: [{ regex: '^WWW\\.' }] }, { host: 'www.example.com' }, true],
  ['a regex that is none', { field: 'path-pattern', patterns: [{ regex: '(' }] }, { path: '(' }, false],
  ['a method', method('PUT', 'POST'), { method: 'POST' }, true],
  ['a method in lower case', method('POST'), { method: 'post' }, false],
  ['a header in any case', header('user-agent', '*CHROME*'), { headers: { 'user-agent': 'x chrome/1' } }, true],
  ['a header on its second line', header('x-a', 'two'), { headers: { 'x-a': ['one', 'two'] } }, true],
  ['a header that is not there', header('x-a', '*'), {}, false],
  ['a query pair', query('v1', 'version'), { query: 'a=b&Version=V1' }, true],
  ['a query pair with another value', query('v1', 'version'), { query: 'version=v2' }, false],
  ['a query value of any key', query('*example*'), { query: 'q=anexampletoo' }, true],
  ['a query key is not its value', query('q'), { query: 'q=1' }, false],
  ['a query with a literal star', query('a\\*'), { query: 'q=a*' }, true],
  ['a query with another character than the star', query('a\\*'), { query: 'q=ab' }, false],
  ['a query without a value', query('', 'flag'), { query: 'flag' }, true],
  ['a query as it is, not decoded', query('a b', 'q'), { query: 'q=a%20b' }, false],
  ['no query', query('*'), { query: '' }, false],
  ['an address in a block', source('203.0.113.0/24'), { sourceAddress: '203.0.113.9' }, true],
  ['an address beside a block', source('203.0.113.0/24'), { sourceAddress: '203.0.114.9' }, false],
  ['an address of IPv6', source('10.0.0.0/8', '2001:db8::/32'), { sourceAddress: '2001:db8::1' }, true],
  ['what is no address', source('0.0.0.0/0'), { sourceAddress: '' }, false],
];

it.each(facts)('%s', (_, condition, request, expected) => {
  expect(holds(condition, request)).toBe(expected);
});

describe('a table of rules', () => {
  const action: RuleAction = { type: 'fixed-response', status: 200 };
  const tableOf = (...rules: readonly (readonly RuleCondition[])[]) =>
    new RuleTable([...rules.map((conditions, index) => makeRule(action, index + 1, ...conditions)), makeRule(action)]);

  it('takes the first that fits, whichever way it is found', () => {
    const table = tableOf([path('/a/*'), method('GET')], [host('www.example.com')], [path('/a/b')], [header('x', '1')]);
    expect(table.find(makeRequest({ path: '/a/b' }))).toBe(0);
    expect(table.find(makeRequest({ path: '/a/b', method: 'PUT' }))).toBe(1);
    expect(table.find(makeRequest({ path: '/a/b', method: 'PUT', host: 'x' }))).toBe(2);
    expect(table.find(makeRequest({ path: '/', host: 'x', headers: { x: '1' } }))).toBe(3);
    expect(table.find(makeRequest({ path: '/', host: 'x' }))).toBe(4);
  });

  it('needs all conditions of a rule', () => {
    const table = tableOf([header('x', '1'), header('y', '2')]);
    expect(table.find(makeRequest({ headers: { x: '1' } }))).toBe(1);
    expect(table.find(makeRequest({ headers: { x: '1', y: '2' } }))).toBe(0);
  });

  it('finds what trying each rule in turn finds', () => {
    const word = fc.constantFrom('a', 'ab', 'b', '*', 'a*', '*b', '?', 'a*b', 'ab*');
    const condition: fc.Arbitrary<RuleCondition> = fc.oneof(
      fc.array(word, { minLength: 1, maxLength: 2 }).map((words) => host(...words)),
      fc.array(word, { minLength: 1, maxLength: 2 }).map((words) => path(...words.map((one) => `/${one}`))),
      fc
        .constantFrom('^/a', '^/ab?', '^/a|b', 'a', '^/(a|b)', '(^/a)b', '^/a*', '^/')
        .map((regex): RuleCondition => ({ field: 'path-pattern', patterns: [{ regex }] })),
      fc.constantFrom('GET', 'PUT').map((one) => method(one)),
      fc.tuple(fc.constantFrom('x', 'y'), word).map(([name, value]) => header(name, value)),
      fc.tuple(word, fc.option(word, { nil: undefined })).map(([value, key]) => query(value, key)),
      fc.constantFrom('10.0.0.0/8', '0.0.0.0/0').map((one) => source(one)),
    );
    const value = fc.constantFrom('', 'a', 'b', 'ab', 'abb', 'aab', 'c');
    const request = fc
      .record({
        host: value,
        path: value,
        method: fc.constantFrom('GET', 'PUT'),
        x: value,
        y: value,
        key: value,
        value,
        sourceAddress: fc.constantFrom('10.1.2.3', '11.1.2.3'),
      })
      .map((parts) =>
        makeRequest({ ...parts, path: `/${parts.path}`, headers: { x: parts.x, y: [parts.y, 'c'] }, query: `${parts.key}=${parts.value}` }),
      );
    fc.assert(
      fc.property(
        fc.array(fc.array(condition, { minLength: 1, maxLength: 3 }), { maxLength: 12 }),
        fc.array(request, { maxLength: 6 }),
        (rules, requests) => {
          const table = tableOf(...rules);
          const known = new RequestFacts();
          for (const one of requests) {
            known.set(one);
            const expected = rules.findIndex((conditions) => conditions.every((each) => compileCondition(each)(known)));
            expect(table.find(one)).toBe(expected < 0 ? rules.length : expected);
          }
        },
      ),
      { numRuns: 1000 },
    );
  });
});
