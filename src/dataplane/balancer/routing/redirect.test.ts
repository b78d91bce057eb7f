import { expect, it } from 'vitest';
import { makeRequest } from '#dataplane/balancer/routing/balancer.fixture.ts';
import { locationOf } from '#dataplane/balancer/routing/redirect.ts';

const SAME = { protocol: '#{protocol}', host: '#{host}', port: '#{port}', path: '/#{path}', query: '#{query}' };

type Parts = Partial<typeof SAME>;

const facts: readonly [what: string, redirect: Parts, request: Parameters<typeof makeRequest>[0], location: string][] = [
  ['to HTTPS', { protocol: 'HTTPS', port: '443' }, { path: '/a/b', query: 'c=d' }, 'https://www.example.com:443/a/b?c=d'],
  ['to another port', { port: '8080' }, {}, 'http://www.example.com:8080/'],
  ['with the port that the client named', { path: '/new' }, { hostPort: '18080' }, 'http://www.example.com:18080/new'],
  ['with the listener’s port', { path: '/new' }, {}, 'http://www.example.com:81/new'],
  ['to a path before the path', { path: '/new/#{path}' }, { path: '/a' }, 'http://www.example.com:81/new/a'],
  ['to another host', { host: 'old.#{host}' }, {}, 'http://old.www.example.com:81/'],
  [
    'with a query beside the query',
    { query: '#{query}&from=#{host}' },
    { query: 'a=b' },
    'http://www.example.com:81/?a=b&from=www.example.com',
  ],
  ['without the query', { query: '' }, { query: 'a=b' }, 'http://www.example.com:81/'],
  ['with all parts in the query', { query: '#{protocol}-#{port}-#{path}' }, { path: '/p' }, 'http://www.example.com:81/p?http-81-p'],
  ['with what is no keyword', { path: '/#{other}' }, {}, 'http://www.example.com:81/#{other}'],
  ['with keywords from the client, which stay text', {}, { path: '/#{host}' }, 'http://www.example.com:81/#{host}'],
  ['with a dollar sign from the client', {}, { path: "/$&$'" }, "http://www.example.com:81/$&$'"],
];

it.each(facts)('%s', (_, redirect, request, location) => {
  const action = { type: 'redirect', status: 301, ...SAME, ...redirect } as const;
  expect(locationOf(action, makeRequest(request), 'http', 81)).toBe(location);
});
