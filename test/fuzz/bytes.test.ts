/** Bytes that no AWS client sends: never a 5xx, never silence, and the server answers everybody else afterwards. */
import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { framed, type HttpParts, type RawAnswer, requestBytes, sendRaw } from '#test/fuzz/raw-http.ts';
import { useKeiro } from '#test/sdk/keiro.ts';

const seed = Number(process.env['KEIRO_FUZZ_SEED'] ?? Date.now() % 2_147_483_647);
const budgetMs = Number(process.env['KEIRO_FUZZ_MS'] ?? 10_000) / 2;

const keiro = await useKeiro({ logLevel: 'error' });
const form = 'application/x-www-form-urlencoded; charset=utf-8';

function signed(service: string, headers: Record<string, string> = {}): Record<string, string> {
  const authorization =
    `AWS4-HMAC-SHA256 Credential=123456789012/20260101/eu-west-1/${service}/aws4_request, ` +
    `SignedHeaders=host;x-amz-date, Signature=${'0'.repeat(64)}`;
  return { host: '127.0.0.1', 'x-amz-date': '20260101T000000Z', authorization, ...headers };
}

function query(service: string, body: string | Buffer, headers: Record<string, string> = {}): HttpParts {
  return { method: 'POST', target: '/', headers: signed(service, { 'content-type': form, ...headers }), body: Buffer.from(body) };
}

function json(service: string, target: string, body: string | Buffer, headers: Record<string, string> = {}): HttpParts {
  const all = signed(service, { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': target, ...headers });
  return { method: 'POST', target: '/', headers: all, body: Buffer.from(body) };
}

const ec2 = (parameters: string): HttpParts => query('ec2', `Action=DescribeVpcs&Version=2016-11-15${parameters}`);
const quotas = (body: string | Buffer): HttpParts => json('servicequotas', 'ServiceQuotasV20190624.ListServiceQuotas', body);

/** Requests that are all right, one for each way to speak. */
const proper: readonly HttpParts[] = [
  ec2('&Filter.1.Name=vpc-id&Filter.1.Value.1=vpc-0123456789abcdef0&Filter.1.Value.2=%C3%A9&MaxResults=5'),
  query(
    'ec2',
    'Action=CreateVpc&Version=2016-11-15&CidrBlock=10.0.0.0%2F16&TagSpecification.1.ResourceType=vpc&TagSpecification.1.Tag.1.Key=a',
  ),
  { ...ec2(''), method: 'GET', target: '/?Action=DescribeSubnets&Version=2016-11-15', body: Buffer.alloc(0) },
  query('iam', 'Action=ListUsers&Version=2010-05-08&MaxItems=5'),
  query('sts', 'Action=GetCallerIdentity&Version=2011-06-15'),
  quotas('{"ServiceCode":"vpc","MaxResults":5}'),
  json('ssm', 'AmazonSSM.GetParametersByPath', '{"Path":"/aws/service/ami-amazon-linux-latest","Recursive":true}'),
];

function isRefusal({ status }: RawAnswer): boolean {
  return status === 0 || (status >= 200 && status < 500) || status === 501;
}

async function expectNoHarm(answer: RawAnswer): Promise<void> {
  if (!isRefusal(answer)) throw new Error(`${answer.status} ${answer.body}`);
}

afterEach(async () => {
  const answer = await sendRaw(keiro.port, [framed(ec2(''))]);
  expect(answer.status).toBe(200);
  expect(answer.body).toContain('DescribeVpcsResponse');
});

describe(`bytes, seed ${seed}`, () => {
  test('proper requests are answered', async () => {
    for (const request of proper) expect(await sendRaw(keiro.port, [framed(request)])).toMatchObject({ status: 200 });
  });

  const limits = (share: number) => ({
    seed,
    numRuns: 100_000,
    interruptAfterTimeLimit: budgetMs * share,
    markInterruptAsFailure: false,
  });
  const bytes = fc.uint8Array({ maxLength: 200 }).map((values) => Buffer.from(values));

  test('of no meaning', async () => {
    const head = fc.constantFrom(
      '',
      'POST / HTTP/1.1\r\n',
      'GET /',
      '\u0016\u0003\u0001',
      'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
      'POST / HTTP/1.1\r\nHost: x\r\n',
    );
    await fc.assert(
      fc.asyncProperty(head, bytes, async (start, rest) => expectNoHarm(await sendRaw(keiro.port, [start, rest]))),
      limits(0.2),
    );
  });

  test('of half a request', async () => {
    const part = fc.tuple(fc.constantFrom(...proper), fc.double({ min: 0, max: 1, noNaN: true }));
    await fc.assert(
      fc.asyncProperty(part, async ([request, share]) => {
        const whole = framed(request);
        await expectNoHarm(await sendRaw(keiro.port, [whole.subarray(0, Math.floor(whole.length * share))]));
      }),
      limits(0.2),
    );
  });

  const edit = fc.record({
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    drop: fc.nat(12),
    add: fc.oneof(
      fc.constantFrom(
        '&',
        '=',
        '.',
        '%',
        '%zz',
        '%00',
        '+',
        '\u0000',
        '[',
        '{',
        '"',
        ',',
        '.999999999',
        '.0',
        '.-1',
        '__proto__',
        '&Action=',
        'é',
      ),
      fc.string({ maxLength: 5 }),
    ),
  });
  const edits = fc.array(edit, { minLength: 1, maxLength: 4 });

  test('of requests that were proper once: the body', async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...proper), edits, async (request, changes) => {
        await expectNoHarm(await sendRaw(keiro.port, [framed({ ...request, body: edited(request.body, changes) })]));
      }),
      limits(0.35),
    );
  });

  test('of requests that were proper once: everything', async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...proper), edits, async (request, changes) => {
        await expectNoHarm(await sendRaw(keiro.port, [edited(framed(request), changes)]));
      }),
      limits(0.25),
    );
  });
});

function edited(text: Buffer, changes: readonly { readonly at: number; readonly drop: number; readonly add: string }[]): Buffer {
  return changes.reduce((now, { at, drop, add }) => {
    const place = Math.floor(now.length * at);
    return Buffer.concat([now.subarray(0, place), Buffer.from(add), now.subarray(place + drop)]);
  }, text);
}

describe('requests that mean harm', () => {
  const many = (count: number, make: (index: number) => string): string =>
    Array.from({ length: count }, (_none, index) => make(index)).join('');
  const nested = (open: string, close: string, depth: number): string => open.repeat(depth) + close.repeat(depth);

  test.each<[name: string, request: HttpParts, status: number, code: string]>([
    ['a huge index', ec2('&Filter.1.Name=x&Filter.999999999.Value.1=x'), 400, 'UnknownParameter'],
    ['an index beyond numbers', ec2(`&Filter.${'9'.repeat(400)}.Name=x`), 400, 'UnknownParameter'],
    ['a negative index', ec2('&Filter.-1.Name=x'), 400, 'UnknownParameter'],
    ['an index with a fraction', ec2('&Filter.1e3.Name=x'), 400, 'UnknownParameter'],
    ['too many parameters', ec2(many(20_001, (index) => `&Filter.1.Value.${index}=x`)), 400, 'MalformedQueryString'],
    [
      'too many filter values',
      ec2(`&Filter.1.Name=vpc-id${many(5_000, (index) => `&Filter.1.Value.${index + 1}=x`)}`),
      400,
      'FilterLimitExceeded',
    ],
    ['a deep name', ec2(`&${'Filter.1.'.repeat(2_000)}Name=x`), 400, 'MalformedQueryString'],
    ['__proto__ as a parameter', ec2('&__proto__.1=x'), 400, 'UnknownParameter'],
    ['constructor as a parameter', ec2('&constructor=x&Filter.1.constructor=x'), 400, 'UnknownParameter'],
    ['__proto__ as an index', ec2('&Filter.__proto__.Name=x'), 400, 'UnknownParameter'],
    ['__proto__ as an action', query('ec2', 'Action=__proto__&Version=2016-11-15'), 400, 'InvalidAction'],
    ['constructor as an action', query('ec2', 'Action=constructor&Version=2016-11-15'), 400, 'InvalidAction'],
    ['UTF-8 that is none', ec2('&Filter.1.Name=%ff%fe'), 400, 'MalformedQueryString'],
    ['raw bytes that are no UTF-8', query('ec2', Buffer.from([0x41, 0x3d, 0xff, 0xfe])), 400, 'MalformedQueryString'],
    ['percent signs without digits', ec2('&Filter.1.Name=%'), 400, 'MalformedQueryString'],
    ['a value where a list is', ec2('&Filter=x'), 400, 'UnknownParameter'],
    ['a structure where a value is', ec2('&MaxResults.1=5'), 400, 'UnknownParameter'],
    ['a number that is none', ec2('&MaxResults=1e3'), 400, 'InvalidParameterValue'],
    ['a number beyond numbers', ec2(`&MaxResults=${'9'.repeat(400)}`), 400, 'InvalidParameterValue'],
    ['no action', query('ec2', 'Version=2016-11-15'), 400, 'MissingAction'],
    ['an empty body', query('ec2', ''), 400, 'MissingAction'],
    [
      'JSON for a query',
      { ...query('ec2', '{"Action":"DescribeVpcs"}'), headers: signed('ec2', { 'content-type': 'application/json' }) },
      400,
      'MissingAction',
    ],
    ['XML for a query', query('ec2', '<Action>DescribeVpcs</Action>', { 'content-type': 'text/xml' }), 400, 'MissingAction'],
    ['deep JSON', quotas(nested('{"a":', '}', 60_000)), 400, 'SerializationException'],
    ['deep JSON lists', quotas(nested('[', ']', 100_000)), 400, 'SerializationException'],
    ['half of JSON', quotas('{"ServiceCode":"vpc"'), 400, 'SerializationException'],
    ['a list for an object', quotas('[]'), 400, 'SerializationException'],
    ['a number for an object', quotas('5'), 400, 'SerializationException'],
    ['a number for a text', quotas('{"ServiceCode":5}'), 400, 'SerializationException'],
    ['a text for a number', quotas('{"ServiceCode":"vpc","MaxResults":"5"}'), 400, 'SerializationException'],
    ['a number beyond numbers in JSON', quotas('{"ServiceCode":"vpc","MaxResults":1e999}'), 400, 'SerializationException'],
    ['JSON that is no UTF-8', quotas(Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d])), 400, 'SerializationException'],
    ['a form for JSON', quotas('ServiceCode=vpc'), 400, 'SerializationException'],
    ['an unknown target', json('servicequotas', 'ServiceQuotasV20190624.Nothing', '{}'), 400, 'UnknownOperationException'],
    ['__proto__ as a target', json('servicequotas', 'ServiceQuotasV20190624.__proto__', '{}'), 400, 'UnknownOperationException'],
    ['a service that is none', query('nothing', 'Action=DescribeVpcs&Version=2016-11-15'), 501, 'NotImplemented'],
    [
      'a service that XML cannot say',
      {
        method: 'POST',
        target: '/?X-Amz-Credential=1/20260101/eu-west-1/%01%3C%22/aws4_request',
        headers: { host: 'x' },
        body: Buffer.alloc(0),
      },
      501,
      "service '\xef\xbf\xbd&lt;&quot;'",
    ],
    ['__proto__ as a service', query('__proto__', 'Action=DescribeVpcs&Version=2016-11-15'), 501, 'NotImplemented'],
  ])('%s', async (_name, request, status, code) => {
    const answer = await sendRaw(keiro.port, [framed(request)]);
    expect(`${answer.status} ${answer.body}`).toContain(`${status} `);
    expect(answer.body).toContain(code);
  });

  test.each<[name: string, request: HttpParts]>([
    ['__proto__ in JSON', quotas('{"__proto__":{"ServiceCode":"x"},"ServiceCode":"vpc"}')],
    ['constructor in JSON', quotas('{"constructor":{"prototype":{"a":1}},"ServiceCode":"vpc"}')],
    ['sparse indices', ec2('&Filter.7.Name=is-default&Filter.7.Value.1000000=true&Filter.7.Value.3=x')],
    ['a parameter twice', ec2('&MaxResults=1&MaxResults=5')],
    ['another content type for a form', query('ec2', 'Action=DescribeVpcs&Version=2016-11-15', { 'content-type': 'text/plain' })],
  ])('%s is taken for what it is', async (_name, request) => {
    expect(await sendRaw(keiro.port, [framed(request)])).toMatchObject({ status: 200 });
    expect(({} as Record<string, unknown>)['a']).toBeUndefined(); // nobody's prototype was changed
  });

  const megabyte = Buffer.alloc(1 << 20, 'a');
  const hundred = { ...query('ec2', 'Action=DescribeVpcs&'), headers: signed('ec2', { 'content-type': form }) };

  test('a body of 100 MB that says so', async () => {
    const headers = { ...hundred.headers, 'content-length': String(100 * megabyte.length) };
    const answer = await sendRaw(keiro.port, [
      requestBytes({ ...hundred, headers, body: Buffer.alloc(0) }),
      ...Array<Buffer>(100).fill(megabyte),
    ]);
    expect([0, 413]).toContain(answer.status);
  });

  test('a body of 100 MB in chunks', async () => {
    const headers = { ...hundred.headers, 'transfer-encoding': 'chunked' };
    const chunk = Buffer.concat([Buffer.from(`${megabyte.length.toString(16)}\r\n`), megabyte, Buffer.from('\r\n')]);
    const answer = await sendRaw(keiro.port, [
      requestBytes({ ...hundred, headers, body: Buffer.alloc(0) }),
      ...Array<Buffer>(100).fill(chunk),
      '0\r\n\r\n',
    ]);
    expect([0, 413]).toContain(answer.status);
  });

  test('a body of the largest size, full of names', async () => {
    const body = Buffer.from(`Action=DescribeVpcs&Version=2016-11-15&${'a&'.repeat(7_000_000)}`);
    expect(await sendRaw(keiro.port, [framed({ ...query('ec2', ''), body })])).toMatchObject({ status: 400 });
  });
});
