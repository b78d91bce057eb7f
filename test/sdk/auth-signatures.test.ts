import { createHash, createHmac } from 'node:crypto';
import { DescribeVpcsCommand, EC2Client } from '@aws-sdk/client-ec2';
import { DeleteAccessKeyCommand, IAMClient, ListUsersCommand, UpdateAccessKeyCommand } from '@aws-sdk/client-iam';
import { ListServicesCommand, ServiceQuotasClient } from '@aws-sdk/client-service-quotas';
import { GetCallerIdentityCommand, GetSessionTokenCommand, STSClient } from '@aws-sdk/client-sts';
import { SignatureV4 } from '@smithy/signature-v4';
import { describe, expect, test } from 'vitest';
import { refusal } from '#test/sdk/keiro.ts';
import { account, type Keys, keysOf, policy, useSignedKeiro } from '#test/sdk/signed-keiro.ts';

const keiro = await useSignedKeiro();
const minutes = 60_000;
const everything = policy({ Action: '*' });

/** The same simple call to EC2, a query service and a JSON service. */
const callAll = async (keys?: Keys, more?: { readonly clockAheadMs?: number }) => ({
  ec2: await refusal(keiro.client(EC2Client, keys, more).send(new DescribeVpcsCommand())),
  query: await refusal(keiro.client(IAMClient, keys, more).send(new ListUsersCommand())),
  json: await refusal(keiro.client(ServiceQuotasClient, keys, more).send(new ListServicesCommand())),
});

const ec2Failure = { code: 'AuthFailure', message: 'AWS was not able to validate the provided access credentials' };
const invalidToken = 'The security token included in the request is invalid.';
const mismatch =
  'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.';
const unknown = {
  ec2: ec2Failure,
  query: { code: 'InvalidClientTokenId', message: invalidToken },
  json: { code: 'UnrecognizedClientException', message: invalidToken },
};

describe('a signature', () => {
  test('of the root key makes its sender root of the account', async () => {
    expect(await keiro.client(STSClient).send(new GetCallerIdentityCommand())).toMatchObject({
      Account: account,
      Arn: `arn:aws:iam::${account}:root`,
      UserId: account,
    });
    expect((await keiro.client(EC2Client).send(new DescribeVpcsCommand())).Vpcs).toHaveLength(1);
  });

  test('of a user makes its sender that user', async () => {
    const keys = await keiro.user('ann');
    const identity = await keiro.client(STSClient, keys).send(new GetCallerIdentityCommand());
    expect(identity).toMatchObject({ Account: account, Arn: `arn:aws:iam::${account}:user/ann`, UserId: expect.stringMatching(/^AIDA/) });
  });

  test('with another secret is refused', async () => {
    const keys = await keiro.user('bob', everything);
    expect(await callAll({ ...keys, secretAccessKey: 'not the secret' })).toEqual({
      ec2: ec2Failure,
      query: { code: 'SignatureDoesNotMatch', message: mismatch },
      json: { code: 'InvalidSignatureException', message: mismatch },
    });
  });

  test('of a key that nobody has is refused', async () => {
    expect(await callAll({ accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'x' })).toEqual(unknown);
    expect(await callAll({ accessKeyId: account, secretAccessKey: 'x' })).toEqual(unknown);
  });

  test('of a clock that is off by more than five minutes is refused', async () => {
    const keys = await keiro.user('carol', everything);
    const early = await callAll(keys, { clockAheadMs: 6 * minutes });
    expect(early.ec2).toEqual(ec2Failure);
    expect(early.query).toEqual({
      code: 'SignatureDoesNotMatch',
      message: expect.stringMatching(/^Signature not yet current: \d{8}T\d{6}Z is still later than .* \(.* \+ 5 min\.\)$/),
    });
    expect(early.json).toEqual({ code: 'InvalidSignatureException', message: expect.stringMatching(/^Signature not yet current: /) });
    const late = await callAll(keys, { clockAheadMs: -6 * minutes });
    expect(late.ec2).toEqual(ec2Failure);
    expect(late.query).toEqual({
      code: 'SignatureDoesNotMatch',
      message: expect.stringMatching(/^Signature expired: \d{8}T\d{6}Z is now earlier than .* \(.* - 5 min\.\)$/),
    });
    expect(late.json).toEqual({ code: 'InvalidSignatureException', message: expect.stringMatching(/^Signature expired: /) });
    const { Vpcs } = await keiro.client(EC2Client, keys, { clockAheadMs: 4 * minutes }).send(new DescribeVpcsCommand());
    expect(Vpcs).toHaveLength(1);
  });

  test('of an inactive or deleted key is refused', async () => {
    const keys = await keiro.user('dave', everything);
    const iam = keiro.client(IAMClient);
    await iam.send(new UpdateAccessKeyCommand({ UserName: 'dave', AccessKeyId: keys.accessKeyId, Status: 'Inactive' }));
    expect(await callAll(keys)).toEqual(unknown);
    await iam.send(new UpdateAccessKeyCommand({ UserName: 'dave', AccessKeyId: keys.accessKeyId, Status: 'Active' }));
    expect((await keiro.client(EC2Client, keys).send(new DescribeVpcsCommand())).Vpcs).toHaveLength(1);
    await iam.send(new DeleteAccessKeyCommand({ UserName: 'dave', AccessKeyId: keys.accessKeyId }));
    expect(await callAll(keys)).toEqual(unknown);
  });

  test('is asked for', async () => {
    const answer = async (init: RequestInit) => {
      const response = await fetch(keiro.endpoint, { method: 'POST', ...init });
      return { status: response.status, body: await response.text() };
    };
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    expect(await answer({ headers: form, body: 'Action=DescribeVpcs&Version=2016-11-15' })).toEqual({
      status: 400,
      body: expect.stringContaining(
        '<Code>MissingParameter</Code><Message>The request must contain the parameter AWSAccessKeyId</Message>',
      ),
    });
    expect(await answer({ headers: form, body: 'Action=ListUsers&Version=2010-05-08' })).toEqual({
      status: 403,
      body: expect.stringContaining('<Code>MissingAuthenticationToken</Code><Message>Request is missing Authentication Token</Message>'),
    });
    const target = { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': 'ServiceQuotasV20190624.ListServices' };
    expect(await answer({ headers: target, body: '{}' })).toEqual({
      status: 400,
      body: expect.stringContaining('MissingAuthenticationTokenException'),
    });
  });
});

describe('temporary credentials', () => {
  test('need their session token', async () => {
    const keys = await keiro.user('erin', everything);
    const { Credentials } = await keiro.client(STSClient, keys).send(new GetSessionTokenCommand({ DurationSeconds: 900 }));
    const temporary = keysOf(Credentials);
    const { sessionToken: _token, ...withoutToken } = temporary;
    expect(await callAll(withoutToken)).toEqual(unknown);
    expect(await callAll({ ...temporary, sessionToken: 'another' })).toEqual(unknown);
    expect(await callAll({ ...keys, sessionToken: 'one too many' })).toEqual(unknown);
    expect((await keiro.client(EC2Client, temporary).send(new DescribeVpcsCommand())).Vpcs).toHaveLength(1);
  });

  test('end', async () => {
    const keys = await keiro.user('frank', everything);
    const { Credentials } = await keiro.client(STSClient, keys).send(new GetSessionTokenCommand({ DurationSeconds: 900 }));
    const temporary = keysOf(Credentials);
    expect(await keiro.later(901_000, () => callAll(temporary))).toEqual({
      ec2: { code: 'RequestExpired', message: 'Request has expired.' },
      query: { code: 'ExpiredToken', message: 'The security token included in the request is expired' },
      json: { code: 'ExpiredTokenException', message: 'The security token included in the request is expired' },
    });
    // Only who has the secret learns that they ended.
    const guessed = await keiro.later(901_000, () => callAll({ ...temporary, secretAccessKey: 'a guess' }));
    expect(guessed).toMatchObject({ query: { code: 'SignatureDoesNotMatch' } });
  });
});

describe('a presigned URL', () => {
  class Sha256 {
    readonly #hash;
    constructor(secret?: string | Uint8Array) {
      this.#hash = secret === undefined ? createHash('sha256') : createHmac('sha256', secret);
    }
    update(data: string | Uint8Array): void {
      this.#hash.update(data);
    }
    digest(): Promise<Uint8Array> {
      return Promise.resolve(this.#hash.digest());
    }
    reset(): void {}
  }

  async function presign(service: string, query: Record<string, string>, keys: Keys, expiresIn: number): Promise<string> {
    const { host, hostname, port } = new URL(keiro.endpoint);
    const signer = new SignatureV4({ service, region: 'eu-west-1', credentials: keys, sha256: Sha256 as never, uriEscapePath: true });
    const message = { method: 'GET', protocol: 'http:', hostname, port: Number(port), path: '/', query, headers: { host } };
    const signed = await signer.presign(message, { expiresIn });
    return `${keiro.endpoint}/?${new URLSearchParams(signed.query as Record<string, string>).toString()}`;
  }

  const get = async (url: string) => {
    const response = await fetch(url);
    const body = await response.text();
    return { status: response.status, code: /<Code>(.*?)<\/Code>/.exec(body)?.[1], message: /<Message>(.*?)<\/Message>/.exec(body)?.[1] };
  };
  const whoAmI = { Action: 'GetCallerIdentity', Version: '2011-06-15' };
  const vpcs = { Action: 'DescribeVpcs', Version: '2016-11-15' };

  test('may be used again and again until it ends', async () => {
    const keys = await keiro.user('grace', everything);
    const sts = await presign('sts', whoAmI, keys, 60);
    const ec2 = await presign('ec2', vpcs, keys, 60);
    const ok = { status: 200, code: undefined, message: undefined };
    for (const url of [sts, sts, ec2, ec2]) expect(await get(url)).toEqual(ok);
    expect(await keiro.later(61_000, () => get(sts))).toEqual({
      status: 403,
      code: 'SignatureDoesNotMatch',
      message: expect.stringMatching(/^Signature expired: .* - 1 min\.\)$/),
    });
    expect(await keiro.later(61_000, () => get(ec2))).toEqual({ status: 400, code: 'RequestExpired', message: 'Request has expired.' });
  });

  test('is of one call only', async () => {
    const keys = await keiro.user('heidi', everything);
    const url = await presign('ec2', vpcs, keys, 60);
    expect(await get(url.replace('DescribeVpcs', 'DeleteVpc'))).toEqual({ status: 401, ...ec2Failure });
    expect(await get(url.replace('X-Amz-Expires=60', 'X-Amz-Expires=6000'))).toEqual({ status: 401, ...ec2Failure });
    const sts = await presign('sts', whoAmI, keys, 60);
    expect(await get(`${sts}&DurationSeconds=1`)).toEqual({ status: 403, code: 'SignatureDoesNotMatch', message: mismatch });
  });

  test('lives a week at most', async () => {
    const keys = await keiro.user('ivan', everything);
    const url = (await presign('sts', whoAmI, keys, 60)).replace('X-Amz-Expires=60', 'X-Amz-Expires=604801');
    expect(await get(url)).toEqual({
      status: 400,
      code: 'IncompleteSignature',
      message: 'X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than 604800 seconds',
    });
  });
});
