import { expect, test } from 'vitest';
import { redirectOf } from '#services/elbv2/redirects.ts';

const http = { protocol: 'HTTP', port: 80 } as const;
const https = { protocol: 'HTTPS', port: 443 } as const;
const StatusCode = 'HTTP_301';

test('keeps what is not given as the request has it', () => {
  expect(redirectOf({ StatusCode, Protocol: 'HTTPS', Port: '443' }, http)).toEqual({
    type: 'redirect',
    protocol: 'HTTPS',
    host: '#{host}',
    port: '443',
    path: '/#{path}',
    query: '#{query}',
    status: 'HTTP_301',
  });
});

test.each([
  [{}, http],
  [{ Query: 'again=1' }, http],
  [{ Protocol: 'HTTP', Port: '80' }, http],
  [{ Protocol: 'HTTPS', Port: '443' }, https],
])('%o from %o is a loop', (config, place) => {
  expect(() => redirectOf({ StatusCode, ...config }, place)).toThrow('The redirect configuration is not valid because it creates a loop.');
});

test.each([
  [{ Path: 'x' }, "The redirect path must be an absolute path, starting with the leading '/'"],
  [{ Port: '0' }, "The redirect port '0' must be '#{port}' or a port between '1-65535' inclusive"],
  [{ Query: '?a=1', Host: 'x' }, "The redirect query must not include the leading '?'"],
  [{ Host: '#{path}.example.com' }, "The redirect host cannot contain the keyword '#{path}'"],
])('%o is refused', (config, message) => {
  expect(() => redirectOf({ StatusCode, ...config }, http)).toThrow(message);
});

test('HTTPS is not given up', () => {
  expect(() => redirectOf({ StatusCode, Protocol: 'HTTP', Port: '80' }, https)).toThrow('You cannot redirect HTTPS to HTTP');
});
