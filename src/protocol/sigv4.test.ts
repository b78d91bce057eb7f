import { describe, expect, it } from 'vitest';
import type { HttpRequest } from '#protocol/http.ts';
import { readCredential } from '#protocol/sigv4.ts';

const request = (headers: Record<string, string>, query = ''): HttpRequest => ({
  method: 'POST',
  path: '/',
  query,
  headers,
  body: Buffer.alloc(0),
});

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
