/** Facts of flows, ports, protocols, traffic and address scopes. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addressScope, isForwardable } from '#model/address-scope.ts';
import { anyFlow, anyTraffic } from '#test/network/arbitrary-addresses.ts';
import {
  answerOf,
  echoFlow,
  formatFlow,
  icmpCode,
  icmpFlow,
  icmpType,
  protocolFlow,
  tcpFlow,
  udpFlow,
  withDestination,
  withSource,
} from '#model/flow.ts';
import { parseIp, type Ip } from '#model/ip.ts';
import { formatPortRange, portRange, portRangesOverlap } from '#model/port-range.ts';
import { hasPorts, isIcmp, parseProtocol, protocolName } from '#model/protocol-number.ts';
import { formatTraffic, trafficKeys, trafficMatches, type Traffic } from '#model/traffic.ts';

const ip = (text: string): Ip => parseIp(text) ?? expect.fail(`${text} is no address`);
const [a, b, a6, b6] = [ip('10.0.0.1'), ip('10.0.0.2'), ip('2001:db8::1'), ip('2001:db8::2')];

describe('flows', () => {
  it.each([
    [tcpFlow(a, b, 443), 'tcp 10.0.0.1:49152 → 10.0.0.2:443'],
    [udpFlow(a6, b6, 53, 1024), 'udp [2001:db8::1]:1024 → [2001:db8::2]:53'],
    [echoFlow(a, b), 'icmp 10.0.0.1 → 10.0.0.2 type 8 code 0'],
    [echoFlow(a6, b6), 'icmpv6 2001:db8::1 → 2001:db8::2 type 128 code 0'],
    [protocolFlow(a, b, 47), '47 10.0.0.1 → 10.0.0.2'],
  ])('%o is written %s', (flow, text) => {
    expect(formatFlow(flow)).toBe(text);
  });

  it.each([
    [tcpFlow(a, b, 443, 5000), tcpFlow(b, a, 5000, 443)],
    [echoFlow(a, b), icmpFlow(b, a, 0)],
    [echoFlow(a6, b6), icmpFlow(b6, a6, 129)],
    [icmpFlow(a, b, 13), icmpFlow(b, a, 14)],
    [icmpFlow(a, b, 3, 4), undefined],
    [icmpFlow(a, b, 0), undefined],
    [protocolFlow(a, b, 47), protocolFlow(b, a, 47)],
  ])('the answer of %o is %o', (flow, answer) => {
    expect(answerOf(flow)).toEqual(answer);
  });

  it('keep ICMP type and code apart', () => {
    expect(icmpType(icmpFlow(a, b, 3, 4))).toBe(3);
    expect(icmpCode(icmpFlow(a, b, 3, 4))).toBe(4);
  });

  it('change one end at a time', () => {
    expect(withSource(tcpFlow(a, b, 80, 5), b, 6)).toEqual(tcpFlow(b, b, 80, 6));
    expect(withSource(tcpFlow(a, b, 80, 5), b)).toEqual(tcpFlow(b, b, 80, 5));
    expect(withDestination(tcpFlow(a, b, 80, 5), a, 81)).toEqual(tcpFlow(a, a, 81, 5));
    expect(withDestination(tcpFlow(a, b, 80, 5), a)).toEqual(tcpFlow(a, a, 80, 5));
  });

  it('answer to the answer is the flow itself, where ports decide', () => {
    fc.assert(
      fc.property(anyFlow, (flow) => {
        fc.pre(!isIcmp(flow.protocol));
        expect(answerOf(answerOf(flow)!)).toEqual(flow); // only ICMP goes unanswered
      }),
    );
  });
});

describe('ports and protocols', () => {
  it.each([[1, 0], [-1, 5], [0, 65536], [1.5, 2]])('refuse %d-%d', (from, to) => expect(portRange(from, to)).toBeUndefined()); // prettier-ignore
  it.each([
    [[1, 5], [5, 9], true],
    [[1, 5], [6, 9], false],
    [[1, 9], [3, 4], true],
  ] as const)('%o overlaps %o: %s', (one, two, expected) => {
    const [x, y] = [portRange(one[0], one[1])!, portRange(two[0], two[1])!]; // valid literals
    expect([portRangesOverlap(x, y), portRangesOverlap(y, x)]).toEqual([expected, expected]);
  });
  it('are written as people do', () => {
    expect(formatPortRange(portRange(443)!)).toBe('443'); // valid literal
    expect(formatPortRange(portRange(1024, 65535)!)).toBe('1024-65535'); // valid literal
  });
  it.each([['tcp', 6], ['UDP', 17], ['icmp', 1], ['icmpv6', 58], ['all', -1], ['-1', -1], ['0', 0], ['255', 255]])('%s is %d', (text, number) => {
    expect(parseProtocol(text)).toBe(number);
  }); // prettier-ignore
  it.each(['256', '-2', '', '06', 'tcpp', '1.5', '+6'])('refuse protocol %j', (text) => expect(parseProtocol(text)).toBeUndefined());
  it('name what they parse', () => {
    for (let number = -1; number <= 255; number++) expect(parseProtocol(protocolName(number))).toBe(number);
  });
});

describe('traffic', () => {
  const facts: readonly (readonly [Traffic, string, ReturnType<typeof tcpFlow>, boolean])[] = [
    [{ protocol: -1 }, 'all', protocolFlow(a, b, 47), true],
    [{ protocol: 6 }, 'tcp', tcpFlow(a, b, 0), true],
    [{ protocol: 6, ports: { from: 443, to: 443 } }, 'tcp 443', tcpFlow(a, b, 443), true],
    [{ protocol: 6, ports: { from: 443, to: 443 } }, 'tcp 443', tcpFlow(a, b, 444), false],
    [{ protocol: 6, ports: { from: 443, to: 443 } }, 'tcp 443', udpFlow(a, b, 443), false],
    [{ protocol: 17, ports: { from: 0, to: 1023 } }, 'udp 0-1023', udpFlow(a, b, 1023), true],
    [{ protocol: 1, icmp: { type: 8, code: -1 } }, 'icmp type 8', echoFlow(a, b), true],
    [{ protocol: 1, icmp: { type: 8, code: -1 } }, 'icmp type 8', icmpFlow(a, b, 0), false],
    [{ protocol: 1, icmp: { type: 3, code: 4 } }, 'icmp type 3 code 4', icmpFlow(a, b, 3, 4), true],
    [{ protocol: 1, icmp: { type: 3, code: 4 } }, 'icmp type 3 code 4', icmpFlow(a, b, 3, 3), false],
    [{ protocol: 1, icmp: { type: -1, code: -1 } }, 'icmp', icmpFlow(a, b, 3, 3), true],
    [{ protocol: 1 }, 'icmp', echoFlow(a6, b6), false],
    [{ protocol: 58 }, 'icmpv6', echoFlow(a6, b6), true],
    [{ protocol: 47 }, '47', protocolFlow(a, b, 47), true],
    [{ protocol: 47, ports: { from: 1, to: 1 } }, '47', protocolFlow(a, b, 47), true],
  ];
  it.each(facts)('%o (%s) matches %o: %s', (traffic, text, flow, expected) => {
    expect(trafficMatches(traffic, flow)).toBe(expected);
    expect(formatTraffic(traffic)).toBe(text);
  });

  it('is one range of keys per protocol', () => {
    fc.assert(
      fc.property(anyTraffic, anyFlow, (traffic, flow) => {
        const keys = trafficKeys(traffic);
        const inKeys = flow.destinationPort >= keys.from && flow.destinationPort <= keys.to;
        const expected =
          traffic.protocol === -1 ||
          (traffic.protocol === flow.protocol && (inKeys || !(hasPorts(flow.protocol) || isIcmp(flow.protocol))));
        expect(trafficMatches(traffic, flow)).toBe(expected);
      }),
    );
  });
});

describe('addressScope', () => {
  it.each([
    ['10.1.2.3', 'private', true],
    ['172.31.255.255', 'private', true],
    ['172.32.0.0', 'global', true],
    ['100.64.0.1', 'private', true],
    ['192.168.1.1', 'private', true],
    ['198.18.0.1', 'global', true],
    ['203.0.113.1', 'global', true],
    ['8.8.8.8', 'global', true],
    ['169.254.169.254', 'linkLocal', false],
    ['127.0.0.1', 'loopback', false],
    ['224.0.0.1', 'multicast', false],
    ['255.255.255.255', 'reserved', false],
    ['0.0.0.0', 'reserved', false],
    ['::', 'reserved', false],
    ['::1', 'loopback', false],
    ['fe80::1', 'linkLocal', false],
    ['fd00:ec2::254', 'private', true],
    ['ff02::1', 'multicast', false],
    ['2001:db8::1', 'global', true],
    ['::ffff:10.0.0.1', 'reserved', false],
  ])('%s is %s, forwardable: %s', (text, scope, forwardable) => {
    expect(addressScope(ip(text))).toBe(scope);
    expect(isForwardable(ip(text))).toBe(forwardable);
  });
});
