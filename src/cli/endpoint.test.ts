import { describe, expect, it } from 'vitest';
import { Complaint } from '#cli/complaint.ts';
import { formatEndpoint, parseEndpoint, parseForward } from '#cli/endpoint.ts';

describe('parseEndpoint', () => {
  it.each<[string, string | undefined, string, number]>([
    ['198.18.0.1:22', undefined, '198.18.0.1', 22],
    ['[2001:db8::1]:443', undefined, '2001:db8::1', 443],
    ['www.example.com:80', undefined, 'www.example.com', 80],
    ['web-1.internal.:8080', undefined, 'web-1.internal.', 8080],
    ['198.18.0.1', '22', '198.18.0.1', 22],
    ['2001:db8::1', '22', '2001:db8::1', 22],
    ['[2001:db8::1]', '65535', '2001:db8::1', 65_535],
  ])('%s %s', (text, port, host, number) => {
    expect(parseEndpoint(text, port)).toEqual({ host, port: number });
  });

  it.each<[string, string | undefined]>([
    ['198.18.0.1', undefined],
    ['198.18.0.1:0', undefined],
    ['198.18.0.1:65536', undefined],
    ['198.18.0:22', undefined],
    ['198.18.0.256:22', undefined],
    ['2001:db8::1:22', undefined],
    ['[198.18.0.1]:22', undefined],
    ['[2001:db8::g]:22', undefined],
    [':22', undefined],
    ['a b:22', undefined],
    ['a\nconnect b:22', undefined],
    ['198.18.0.1:22', '22'],
    ['198.18.0.1', 'ssh'],
    ['', '22'],
  ])('refuses %j %s', (text, port) => {
    expect(() => parseEndpoint(text, port)).toThrow(Complaint);
  });

  it('says what to write', () => {
    expect(() => parseEndpoint('198.18.0.1')).toThrow(
      "'198.18.0.1' is no end of a connection: write ADDRESS:PORT or [IPv6 ADDRESS]:PORT, e.g. 198.18.0.1:22.",
    );
  });

  it.each(['198.18.0.1:22', '[2001:db8::1]:443'])('is undone by formatEndpoint: %s', (text) => {
    expect(formatEndpoint(parseEndpoint(text))).toBe(text);
  });
});

describe('parseForward', () => {
  it.each([
    ['8080:198.18.0.1:80', '127.0.0.1:8080', '198.18.0.1:80'],
    ['0:[2001:db8::5]:80', '127.0.0.1:0', '[2001:db8::5]:80'],
    ['127.0.0.2:8080:web.example.com:80', '127.0.0.2:8080', 'web.example.com:80'],
    ['localhost:1:198.18.0.1:80', 'localhost:1', '198.18.0.1:80'],
    ['[::1]:8080:[2001:db8::5]:80', '[::1]:8080', '[2001:db8::5]:80'],
  ])('%s', (text, from, to) => {
    const parsed = parseForward(text);
    expect([formatEndpoint(parsed.from), formatEndpoint(parsed.to)]).toEqual([from, to]);
  });

  it.each([
    ['8080', 'nothing to forward'],
    ['8080:198.18.0.1', 'nothing to forward'],
    ['70000:198.18.0.1:80', 'nothing to forward'],
    ['8080:198.18.0.1:0', 'no end of a connection'],
    ['a:b:c:d', 'nothing to forward'],
    ['0.0.0.0:8080:198.18.0.1:80', "would open Keiro's network to other machines"],
    ['[::]:8080:198.18.0.1:80', "would open Keiro's network to other machines"],
  ])('refuses %s', (text, words) => {
    expect(() => parseForward(text)).toThrow(words);
  });
});
