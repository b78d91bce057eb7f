import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { HttpRequest } from '#protocol/http.ts';
import type { SignatureFamily } from '#protocol/sigv4-refusal.ts';
import { NOW, SECRET, options, presigned, refusal, request, signed } from '#protocol/sigv4.fixture.ts';
import type { VerifyOptions } from '#protocol/sigv4.ts';
import { verifySignature } from '#protocol/sigv4.ts';

describe('a refused signature', () => {
  const at = (ms: number): Date => new Date(NOW.getTime() + ms);
  const minutes = 60_000;

  const facts: readonly (readonly [
    what: string,
    family: SignatureFamily,
    make: () => Promise<HttpRequest>,
    over: Partial<VerifyOptions>,
    expected: string,
  ])[] = [
    [
      'no signature',
      'ec2',
      async () => request({ host: 'h' }),
      {},
      'MissingParameter (400): The request must contain the parameter AWSAccessKeyId',
    ],
    [
      'no signature',
      'query',
      async () => request({ host: 'h' }),
      {},
      'MissingAuthenticationToken (403): Request is missing Authentication Token',
    ],
    [
      'no signature',
      'json',
      async () => request({ host: 'h' }),
      {},
      'MissingAuthenticationTokenException (400): Request is missing Authentication Token',
    ],
    [
      'no signature',
      'rest-json',
      async () => request({ host: 'h' }),
      {},
      'MissingAuthenticationTokenException (403): Missing Authentication Token',
    ],
    ['no signature', 's3', async () => request({ host: 'h' }), {}, 'AccessDenied (403): Access Denied'],
    [
      'another scheme',
      'query',
      async () => request({ host: 'h', authorization: 'Basic eDp5' }),
      {},
      'MissingAuthenticationToken (403): Request is missing Authentication Token',
    ],
    [
      'an unknown key',
      'ec2',
      () => signed('ec2', {}),
      { secretOf: () => undefined },
      'AuthFailure (401): AWS was not able to validate the provided access credentials',
    ],
    [
      'an unknown key',
      'query',
      () => signed('sts', {}),
      { secretOf: () => undefined },
      'InvalidClientTokenId (403): The security token included in the request is invalid.',
    ],
    [
      'an unknown key',
      'json',
      () => signed('ssm', {}),
      { secretOf: () => undefined },
      'UnrecognizedClientException (400): The security token included in the request is invalid.',
    ],
    [
      'an unknown key',
      's3',
      () => signed('s3', {}),
      { secretOf: () => undefined },
      'InvalidAccessKeyId (403): The AWS Access Key Id you provided does not exist in our records.',
    ],
    [
      'a wrong secret',
      'ec2',
      () => signed('ec2', {}, NOW, { secret: 'no' }),
      {},
      'AuthFailure (401): AWS was not able to validate the provided access credentials',
    ],
    [
      'a wrong secret',
      'query',
      () => signed('sts', {}, NOW, { secret: 'no' }),
      {},
      'SignatureDoesNotMatch (403): The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.',
    ],
    [
      'a wrong secret',
      'json',
      () => signed('ssm', {}, NOW, { secret: 'no' }),
      {},
      'InvalidSignatureException (400): The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.',
    ],
    [
      'a clock behind',
      'query',
      () => signed('sts', {}, at(-5 * minutes - 1000)),
      {},
      'SignatureDoesNotMatch (403): Signature expired: 20260304T050106Z is now earlier than 20260304T050107Z (20260304T050607Z - 5 min.)',
    ],
    [
      'a clock behind',
      'ec2',
      () => signed('ec2', {}, at(-5 * minutes - 1000)),
      {},
      'AuthFailure (401): AWS was not able to validate the provided access credentials',
    ],
    [
      'a clock behind',
      's3',
      () => signed('s3', {}, at(-15 * minutes - 1000)),
      {},
      'RequestTimeTooSkewed (403): The difference between the request time and the current time is too large.',
    ],
    [
      'a clock ahead',
      'json',
      () => signed('ssm', {}, at(5 * minutes + 1000)),
      {},
      'InvalidSignatureException (400): Signature not yet current: 20260304T051108Z is still later than 20260304T051107Z (20260304T050607Z + 5 min.)',
    ],
    [
      'another Region',
      'query',
      () => signed('sts', {}),
      { region: 'us-east-1' },
      "SignatureDoesNotMatch (403): Credential should be scoped to a valid region, not 'eu-west-1'. ",
    ],
    [
      'another service',
      'json',
      () => signed('sts', {}),
      { service: 'ssm' },
      "InvalidSignatureException (400): Credential should be scoped to correct service: 'ssm'. ",
    ],
    [
      'a presigned URL that is over',
      'ec2',
      () => presigned('ec2', {}, 60),
      { now: at(61_000) },
      'RequestExpired (400): Request has expired.',
    ],
    [
      'a presigned URL that is over',
      'query',
      () => presigned('sts', {}, 60),
      { now: at(61_000) },
      'SignatureDoesNotMatch (403): Signature expired: 20260304T050607Z is now earlier than 20260304T050608Z (20260304T050708Z - 1 min.)',
    ],
    ['a presigned URL that is over', 's3', () => presigned('s3', {}, 60), { now: at(61_000) }, 'AccessDenied (403): Request has expired'],
    [
      'a token that is not asked for',
      'query',
      () => signed('sts', {}, NOW, { sessionToken: 't' }),
      {},
      'InvalidClientTokenId (403): The security token included in the request is invalid.',
    ],
    [
      'a token that is missing',
      'query',
      () => signed('sts', {}),
      { secretOf: () => ({ secret: SECRET, sessionToken: 't' }) },
      'InvalidClientTokenId (403): The security token included in the request is invalid.',
    ],
    [
      'another token',
      'json',
      () => signed('ssm', {}, NOW, { sessionToken: 'u' }),
      { secretOf: () => ({ secret: SECRET, sessionToken: 't' }) },
      'UnrecognizedClientException (400): The security token included in the request is invalid.',
    ],
    [
      'credentials that ended',
      'query',
      () => signed('sts', {}, NOW, { sessionToken: 't' }),
      { secretOf: () => ({ secret: SECRET, sessionToken: 't', expiresAtMs: NOW.getTime() }) },
      'ExpiredToken (403): The security token included in the request is expired',
    ],
    [
      'credentials that ended',
      'ec2',
      () => signed('ec2', {}, NOW, { sessionToken: 't' }),
      { secretOf: () => ({ secret: SECRET, sessionToken: 't', expiresAtMs: NOW.getTime() }) },
      'RequestExpired (400): Request has expired.',
    ],
  ];

  it.each(facts)('%s, %s', async (_, family, make, over, expected) => {
    const arrived = await make();
    expect(refusal(() => verifySignature(arrived, options({ ...over, family })))).toBe(expected);
  });

  it('is used again until it expires', async () => {
    const arrived = await presigned('sts', {}, 60);
    for (const after of [0, 30_000, 60_000]) expect(verifySignature(arrived, options({ now: at(after) })).presigned).toBe(true);
  });

  const edit = async (
    change: (authorization: string) => string,
    headers: Record<string, string | undefined> = {},
  ): Promise<HttpRequest> => {
    const arrived = await signed('sts', {});
    const authorization = change(arrived.headers['authorization'] ?? '');
    return { ...arrived, headers: { ...arrived.headers, ...headers, authorization } };
  };
  const hash = (value: string): string => createHash('sha256').update(value).digest('base64');

  it('names every part that is missing, and shows the header as a hash only', async () => {
    const bare = 'AWS4-HMAC-SHA256';
    expect(refusal(() => verifySignature(request({ authorization: bare }), options()))).toBe(
      `IncompleteSignature (400): Authorization header requires 'Credential' parameter. Authorization header requires 'Signature' parameter. Authorization header requires 'SignedHeaders' parameter. Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. (Hashed with SHA-256 and encoded with Base64) Authorization=${hash(bare)}`,
    );
    expect(refusal(() => verifySignature(request({}, 'X-Amz-Algorithm=AWS4-HMAC-SHA256'), options()))).toBe(
      "IncompleteSignature (400): AWS query-string parameters must include 'X-Amz-Credential'. AWS query-string parameters must include 'X-Amz-Signature'. AWS query-string parameters must include 'X-Amz-SignedHeaders'. AWS query-string parameters must include 'X-Amz-Date'. Re-examine the query-string parameters.",
    );
  });

  const malformed: readonly (readonly [string, () => Promise<HttpRequest>, string])[] = [
    [
      'a part without =',
      () => edit(() => 'AWS4-HMAC-SHA256 nonsense'),
      `IncompleteSignature (400): Invalid key=value pair (missing equal-sign) in Authorization header (hashed with SHA-256 and encoded with Base64): '${hash('nonsense')}'.`,
    ],
    [
      'a date of another format',
      () => edit((text) => text, { 'x-amz-date': '2026-03-04T05:06:07Z' }),
      "IncompleteSignature (400): Date must be in ISO-8601 'basic format'. Got '2026-03-04T05:06:07Z'. See http://en.wikipedia.org/wiki/ISO_8601",
    ],
    [
      'a month 13',
      () => edit((text) => text, { 'x-amz-date': '20261304T050607Z' }),
      "IncompleteSignature (400): Date must be in ISO-8601 'basic format'. Got '20261304T050607Z'. See http://en.wikipedia.org/wiki/ISO_8601",
    ],
    [
      'a host that is not signed',
      () => edit((text) => text.replace('host;', '')),
      "SignatureDoesNotMatch (403): 'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.",
    ],
    [
      'another algorithm',
      () => edit((text) => text.replace('SHA256', 'SHA1')),
      "IncompleteSignature (400): Unsupported AWS 'algorithm': 'AWS4-HMAC-SHA1' (only AWS4-HMAC-SHA256 for now). ",
    ],
    [
      'a credential of four parts',
      () => edit((text) => text.replace('/sts/', '/')),
      "IncompleteSignature (400): Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got 'AKIAEXAMPLE/20260304/eu-west-1/aws4_request'",
    ],
    [
      'another day',
      () => edit((text) => text.replace('/20260304/', '/20260303/')),
      "SignatureDoesNotMatch (403): Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '20260303' != '20260304', from '20260304T050607Z'. ",
    ],
    [
      'another terminator',
      () => edit((text) => text.replace('aws4_request', 'aws5_request')),
      "SignatureDoesNotMatch (403): Credential should be scoped with a valid terminator: 'aws4_request', not 'aws5_request'. ",
    ],
    [
      'header and query at once',
      async () => ({ ...(await edit((text) => text)), query: 'X-Amz-Algorithm=AWS4-HMAC-SHA256' }),
      "SignatureDoesNotMatch (403): Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header.",
    ],
    [
      'a life of more than a week',
      async () => {
        const arrived = await presigned('sts', {}, 60);
        return { ...arrived, query: arrived.query.replace('Expires=60', 'Expires=604801') };
      },
      'IncompleteSignature (400): X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than 604800 seconds',
    ],
    [
      'a negative life',
      async () => {
        const arrived = await presigned('sts', {}, 60);
        return { ...arrived, query: arrived.query.replace('Expires=60', 'Expires=-1') };
      },
      'IncompleteSignature (400): X-Amz-Expires should be a number',
    ],
  ];

  it.each(malformed)('%s', async (_, make, expected) => {
    const arrived = await make();
    expect(refusal(() => verifySignature(arrived, options()))).toBe(expected);
  });
});
