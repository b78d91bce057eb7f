import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { HttpRequest } from '#protocol/http.ts';
import botocore from '#protocol/sigv4-botocore.json' with { type: 'json' };
import { ID, SECRET, escapeUri, options, presigned, refusal, request, signed, verifyWith } from '#protocol/sigv4.fixture.ts';
import type { Secret } from '#protocol/sigv4.ts';
import { readCredential, verifySignature } from '#protocol/sigv4.ts';

describe('readCredential', () => {
  it('reads the header form', () => {
    const authorization =
      'AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, SignedHeaders=content-type;host;x-amz-date, Signature=5d672d79';
    expect(readCredential(request({ authorization }))).toEqual({
      accessKeyId: 'AKIDEXAMPLE',
      date: '20150830',
      region: 'us-east-1',
      service: 'iam',
    });
    expect(readCredential(request({ authorization, 'x-amz-security-token': 'T0ken' }))?.sessionToken).toBe('T0ken');
  });

  it('reads the presigned form', () => {
    const query =
      'Action=X&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=123456789012%2F20150830%2Feu-west-1%2Fec2%2Faws4_request&X-Amz-Security-Token=a%2Fb';
    expect(readCredential(request({}, query))).toEqual({
      accessKeyId: '123456789012',
      date: '20150830',
      region: 'eu-west-1',
      service: 'ec2',
      sessionToken: 'a/b',
    });
  });

  it.each([
    ['nothing', {}, ''],
    ['another scheme', { authorization: 'Bearer abc' }, ''],
    ['no credential', { authorization: 'AWS4-HMAC-SHA256 SignedHeaders=host' }, ''],
    ['four parts', { authorization: 'AWS4-HMAC-SHA256 Credential=a/b/c/aws4_request' }, ''],
    ['an empty part', { authorization: 'AWS4-HMAC-SHA256 Credential=a/b//ec2/aws4_request' }, ''],
    ['another terminator', { authorization: 'AWS4-HMAC-SHA256 Credential=a/b/c/d/aws5_request' }, ''],
    ['broken percent-encoding', {}, 'X-Amz-Credential=%E0%A4%A'],
    ['a name that only ends alike', {}, 'NotX-Amz-Credential=a/b/c/d/aws4_request'],
  ])('is undefined for %s', (_, headers: Record<string, string>, query) => {
    expect(readCredential(request(headers, query))).toBeUndefined();
  });
});

describe('verifySignature', () => {
  it("accepts the example of AWS's documentation", () => {
    const example = request(
      {
        host: 'iam.amazonaws.com',
        'content-type': 'application/x-www-form-urlencoded; charset=utf-8',
        'x-amz-date': '20150830T123600Z',
        authorization:
          'AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, SignedHeaders=content-type;host;x-amz-date, Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7',
      },
      'Action=ListUsers&Version=2010-05-08',
      { method: 'GET' },
    );
    const identity = verifySignature(example, {
      secretOf: () => ({ secret: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' }),
      now: new Date('2015-08-30T12:37:00Z'),
    });
    expect(identity).toEqual({ accessKeyId: 'AKIDEXAMPLE', date: '20150830', region: 'us-east-1', service: 'iam', presigned: false });
  });

  it.each(botocore.requests.map((one) => [one.name, one] as const))('accepts what botocore signs: %s', (_, one) => {
    const message: HttpRequest = {
      method: one.method,
      path: one.path,
      query: one.query,
      headers: one.headers,
      body: Buffer.from(one.body, 'latin1'),
    };
    const secret: Secret = { secret: SECRET, ...(one.token === null ? {} : { sessionToken: one.token }) };
    const identity = verifySignature(message, verifyWith(secret, { service: one.service }));
    expect(identity).toMatchObject({ accessKeyId: ID, service: one.service, presigned: one.query.includes('X-Amz-Signature') });
    const changed = { ...message, method: 'PATCH' };
    expect(refusal(() => verifySignature(changed, verifyWith(secret, { service: one.service })))).toMatch(/^SignatureDoesNotMatch/);
  });

  const text = fc.string({ unit: fc.constantFrom(...'ab Z09-_.~!*\'();:@&=+$,/?%#[]é経"<>\\^`{|}'), maxLength: 12 });
  const message = fc.record({
    method: fc.constantFrom('GET', 'POST', 'PUT', 'DELETE'),
    path: fc.array(text, { maxLength: 4 }).map((parts) => `/${parts.map(escapeUri).join('/')}`),
    query: fc.dictionary(
      text.filter((name) => name !== ''),
      fc.oneof(text, fc.array(text, { minLength: 1, maxLength: 3 })),
      { maxKeys: 4 },
    ),
    headers: fc.dictionary(fc.stringMatching(/^x-amz-meta-[a-z]{1,6}$/), fc.stringMatching(/^[ -~]{0,12}$/), { maxKeys: 3 }),
    body: fc.string({ unit: 'grapheme' }),
  });
  const service = fc.constantFrom('ec2', 'iam', 'execute-api', 's3');

  it('accepts whatever the SDK signs, and nothing that was changed after', async () => {
    await fc.assert(
      fc.asyncProperty(message, service, async (content, name) => {
        const arrived = await signed(name, content);
        expect(verifySignature(arrived, options({ service: name })).accessKeyId).toBe(ID);
        const body = Buffer.concat([arrived.body, Buffer.from('x')]);
        expect(refusal(() => verifySignature({ ...arrived, body }, options()))).toMatch(/^SignatureDoesNotMatch \(403\)/);
        const query = arrived.query === '' ? 'x=y' : `${arrived.query}&x=y`;
        expect(refusal(() => verifySignature({ ...arrived, query }, options()))).toMatch(/^SignatureDoesNotMatch \(403\)/);
        const path = `${arrived.path}x`;
        expect(refusal(() => verifySignature({ ...arrived, path }, options()))).toMatch(/^SignatureDoesNotMatch \(403\)/);
      }),
      { numRuns: 150 },
    );
  });

  it('accepts whatever the SDK presigns, and nothing that was changed after', async () => {
    await fc.assert(
      fc.asyncProperty(message, service, fc.option(fc.string({ minLength: 1 })), async (content, name, token) => {
        const credentials = token === null ? {} : { sessionToken: token };
        // The SDK's presigner of S3 says so in a header, which becomes a parameter.
        const headers: Record<string, string> = name === 's3' ? { 'X-Amz-Content-Sha256': 'UNSIGNED-PAYLOAD' } : {};
        const arrived = await presigned(name, { ...content, headers, body: '' }, 900, credentials);
        const known = verifyWith({ secret: SECRET, ...credentials }, { service: name });
        expect(verifySignature(arrived, known)).toMatchObject({ accessKeyId: ID, presigned: true });
        const longer = { ...arrived, query: arrived.query.replace('X-Amz-Expires=900', 'X-Amz-Expires=9000') };
        expect(refusal(() => verifySignature(longer, known))).toMatch(/^SignatureDoesNotMatch \(403\)/);
      }),
      { numRuns: 100 },
    );
  });

  it('takes lines of one header as one list', async () => {
    const arrived = await signed('sts', { headers: { 'x-amz-note': 'a,b' } });
    const inLines = { ...arrived, headers: { ...arrived.headers, 'x-amz-note': 'a, b' } };
    expect(verifySignature(inLines, options()).accessKeyId).toBe(ID);
  });

  it('takes the Date header when there is no X-Amz-Date', async () => {
    const arrived = request({
      host: 'h',
      date: 'Wed, 04 Mar 2026 05:06:07 GMT',
      authorization: `AWS4-HMAC-SHA256 Credential=${ID}/20260304/eu-west-1/sts/aws4_request,SignedHeaders=date;host,Signature=${'0'.repeat(64)}`,
    });
    expect(refusal(() => verifySignature(arrived, options()))).toMatch(/^SignatureDoesNotMatch \(403\): The request signature/);
  });

  it('leaves the body out when the client did', async () => {
    const headers = { 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' };
    const arrived = await signed('s3', { headers, body: 'one' });
    expect(verifySignature({ ...arrived, body: Buffer.from('other') }, options()).accessKeyId).toBe(ID);
  });

  it('does not trust a stated hash of the body', async () => {
    const headers = { 'x-amz-content-sha256': createHash('sha256').update('one').digest('hex') };
    const arrived = await signed('s3', { headers, body: 'one' });
    expect(refusal(() => verifySignature({ ...arrived, body: Buffer.from('other') }, options({ family: 's3' })))).toBe(
      'SignatureDoesNotMatch (403): The request signature we calculated does not match the signature you provided. Check your key and signing method.',
    );
  });

  it('is not confused by names that every object has', async () => {
    const arrived = await signed('sts', {});
    const authorization = arrived.headers['authorization']?.replace('SignedHeaders=', 'SignedHeaders=__proto__;constructor;') ?? '';
    expect(refusal(() => verifySignature({ ...arrived, headers: { ...arrived.headers, authorization } }, options()))).toMatch(
      /^SignatureDoesNotMatch/,
    );
  });

  it('never fails otherwise than by refusing', () => {
    const part = fc.oneof(fc.constantFrom('Credential', 'SignedHeaders', 'Signature', ID, 'aws4_request', '20260304', 'host'), fc.string());
    const authorization = fc
      .array(fc.oneof(part, fc.constantFrom('=', ',', '/', ' ', ';')))
      .map((parts) => `AWS4-HMAC-SHA256 ${parts.join('')}`);
    const query = fc
      .array(fc.tuple(fc.constantFrom('Algorithm', 'Credential', 'Signature', 'SignedHeaders', 'Date', 'Expires'), part))
      .map((pairs) => pairs.map(([name, value]) => `X-Amz-${name}=${value}`).join('&'));
    fc.assert(
      fc.property(authorization, query, fc.boolean(), (header, presignedQuery, inQuery) => {
        const arrived = inQuery
          ? request({ host: 'h' }, presignedQuery)
          : request({ host: 'h', 'x-amz-date': '20260304T050607Z', authorization: header });
        expect(refusal(() => verifySignature(arrived, options()))).not.toBe('nothing was thrown');
        readCredential(arrived);
      }),
    );
  });
});
