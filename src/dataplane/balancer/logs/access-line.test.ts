import { describe, expect, it } from 'vitest';
import { accessLine } from '#dataplane/balancer/logs/access-line.ts';
import type { AccessRecord, TlsConnectionRecord } from '#dataplane/balancer/logs/access-record.ts';
import { tlsLine } from '#dataplane/balancer/logs/tls-line.ts';

const GROUP = 'arn:aws:elasticloadbalancing:us-east-2:123456789012:targetgroup/my-targets/73e2d6bc24d8a067';
const CERTIFICATE = 'arn:aws:acm:us-east-2:123456789012:certificate/12345678-1234-1234-1234-123456789012';
const ELB = 'app/my-loadbalancer/50dc6c495c0c9188';

const plain: AccessRecord = {
  type: 'http',
  timeMs: Date.UTC(2018, 6, 2, 22, 23, 0, 186) + 0.641_1,
  creationTimeMs: Date.UTC(2018, 6, 2, 22, 22, 48, 364),
  clientAddress: '192.168.131.39',
  clientPort: 2817,
  target: { address: '10.0.0.1', port: 80 },
  requestProcessingMs: 0,
  targetProcessingMs: 1.2,
  responseProcessingMs: 0.4,
  status: 200,
  targetStatus: 200,
  receivedBytes: 34,
  sentBytes: 366,
  request: 'GET http://www.example.com:80/ HTTP/1.1',
  userAgent: 'curl/7.46.0',
  tlsCipher: undefined,
  tlsProtocol: undefined,
  targetGroupId: GROUP,
  traceId: 'Root=1-58337262-36d228ad5d99923122bbe354',
  serverName: undefined,
  certificateId: undefined,
  rulePriority: 0,
  action: 'forward',
  redirectUrl: undefined,
  errorReason: undefined,
  classification: undefined,
  classificationReason: undefined,
  connectionTraceId: 'TID_1234abcd5678ef90',
};

/** Apart at spaces outside of quotes. */
const fieldsOf = (line: string): readonly string[] => line.match(/"[^"]*"|[^ ]+/g) ?? [];

describe('a line of an application load balancer', () => {
  it('is AWS’s example for HTTP', () => {
    expect(accessLine(plain, ELB, '10.0.0.10')).toBe(
      'http 2018-07-02T22:23:00.186641Z app/my-loadbalancer/50dc6c495c0c9188 192.168.131.39:2817 10.0.0.1:80 0.000 0.001 0.000 200 200 34 366 ' +
        `"GET http://www.example.com:80/ HTTP/1.1" "curl/7.46.0" - - ${GROUP} "Root=1-58337262-36d228ad5d99923122bbe354" "-" "-" ` +
        '0 2018-07-02T22:22:48.364000Z "forward" "-" "-" "10.0.0.1:80" "200" "-" "-" TID_1234abcd5678ef90 "-" "-" "-" 10.0.0.10',
    );
  });

  const facts: readonly [what: string, parts: Partial<AccessRecord>, field: number, text: string][] = [
    ['a cipher', { tlsCipher: 'ECDHE-RSA-AES128-GCM-SHA256' }, 15, 'ECDHE-RSA-AES128-GCM-SHA256'],
    ['a TLS version', { tlsProtocol: 'TLSv1.2' }, 16, 'TLSv1.2'],
    ['a name', { serverName: 'www.example.com' }, 19, '"www.example.com"'],
    ['a certificate', { certificateId: CERTIFICATE }, 20, `"${CERTIFICATE}"`],
    ['no target', { target: undefined }, 5, '-'],
    ['no target in its list', { target: undefined }, 26, '"-"'],
    ['no target’s status', { targetStatus: undefined }, 10, '-'],
    ['no target’s status in its list', { targetStatus: undefined }, 27, '"-"'],
    ['no time of a target', { targetProcessingMs: -1 }, 7, '-1'],
    ['a long time', { targetProcessingMs: 61_234.6 }, 7, '61.235'],
    ['no user agent', { userAgent: undefined }, 14, '"-"'],
    ['a user agent with quotes', { userAgent: 'a "b" \\ c' }, 14, '"a \\x22b\\x22 \\x5C c"'],
    ['octets that cannot be printed', { userAgent: 'a\t\xe4\x7f' }, 14, '"a\\x09\\xE4\\x7F"'],
    ['characters that are no octets', { userAgent: '€' }, 14, '"\\xE2\\x82\\xAC"'],
    ['a long user agent', { userAgent: 'x'.repeat(10_000) }, 14, `"${'x'.repeat(8192)}"`],
    ['a request that is none', { request: '- http://10.0.0.10:80- -' }, 13, '"- http://10.0.0.10:80- -"'],
    ['a line break in a request', { request: 'GET http://a:80/\n HTTP/1.1' }, 13, '"GET http://a:80/\\x0A HTTP/1.1"'],
    ['no rule', { rulePriority: undefined }, 21, '-'],
    ['rules that failed', { rulePriority: -1 }, 21, '-1'],
    ['two actions', { action: 'authenticate,forward' }, 23, '"authenticate,forward"'],
    ['no action', { action: undefined }, 23, '"-"'],
    ['a redirect', { redirectUrl: 'https://example.com:80/' }, 24, '"https://example.com:80/"'],
    ['an error', { errorReason: 'LambdaTimeout' }, 25, '"LambdaTimeout"'],
    ['a classification', { classification: 'Severe' }, 28, '"Severe"'],
    ['its reason', { classificationReason: 'BadHeader' }, 29, '"BadHeader"'],
    ['an IPv6 client', { clientAddress: '2001:db8::1', clientPort: 1 }, 4, '[2001:db8::1]:1'],
    ['a transform', { transform: { host: 'm.example.com', status: 'TransformSuccess' } }, 33, '"TransformSuccess"'],
    ['nothing for the client', { status: 0 }, 9, '000'],
    ['spaces where there are no quotes', { tlsCipher: 'a b' }, 15, 'a\\x20b'],
  ];

  it.each(facts)('with %s', (_, parts, field, text) => {
    const fields = fieldsOf(accessLine({ ...plain, ...parts }, ELB, '10.0.0.10'));
    expect(fields).toHaveLength(34);
    expect(fields[field - 1]).toBe(text);
  });
});

describe('a line of a network load balancer', () => {
  const connection: TlsConnectionRecord = {
    endedMs: Date.UTC(2020, 3, 1, 8, 51, 42, 900),
    listenerId: 'g3d4b5e8bb8464cd',
    client: { address: '72.21.218.154', port: 51_341 },
    destination: { address: '172.100.100.185', port: 443 },
    connectionMs: 5.2,
    handshakeMs: 2,
    receivedBytes: 98,
    sentBytes: 246,
    certificateId: CERTIFICATE,
    cipher: 'ECDHE-RSA-AES128-SHA',
    protocol: 'TLSv1.2',
    domainName: 'my-nlb.elb.us-east-2.amazonaws.com',
    alpn: { frontend: 'h2', backend: 'h2', offered: ['h2', 'http/1.1'] },
  };

  it('is AWS’s example with an ALPN policy', () => {
    expect(tlsLine(connection, 'net/my-network-loadbalancer/c6e77e28c25b2234')).toBe(
      'tls 2.0 2020-04-01T08:51:42 net/my-network-loadbalancer/c6e77e28c25b2234 g3d4b5e8bb8464cd 72.21.218.154:51341 172.100.100.185:443 ' +
        `5 2 98 246 - ${CERTIFICATE} - ECDHE-RSA-AES128-SHA tlsv12 - my-nlb.elb.us-east-2.amazonaws.com h2 h2 "h2","http/1.1"`,
    );
  });

  it('has dashes where there was no handshake', () => {
    const { endedMs, listenerId, client, destination } = connection;
    const line = tlsLine(
      { endedMs, listenerId, client, destination, connectionMs: 1, receivedBytes: 0, sentBytes: 0, alert: 40 },
      'net/x/1',
    );
    expect(line.split(' ').slice(8)).toEqual(['-', '0', '0', '40', '-', '-', '-', '-', '-', '-', '-', '-', '-']);
  });
});
