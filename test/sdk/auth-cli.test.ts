/** IAM, STS and Service Quotas by the aws command, on a Keiro that verifies signatures and policies. */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { account, type Keys, policy, trust, useSignedKeiro } from '#test/sdk/signed-keiro.ts';

const keiro = await useSignedKeiro();
const home = mkdtempSync(join(tmpdir(), 'keiro-aws-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));

interface Ran {
  readonly status: number;
  readonly out: string;
  readonly err: string;
}

function aws(keys: Keys | { readonly profile: string }, ...args: readonly string[]): Promise<Ran> {
  const who =
    'profile' in keys
      ? { AWS_PROFILE: keys.profile }
      : { AWS_ACCESS_KEY_ID: keys.accessKeyId, AWS_SECRET_ACCESS_KEY: keys.secretAccessKey };
  const env = {
    PATH: process.env['PATH'],
    HOME: home,
    AWS_ENDPOINT_URL: keiro.endpoint,
    AWS_REGION: 'eu-west-1',
    AWS_DEFAULT_REGION: 'eu-west-1',
    AWS_CONFIG_FILE: join(home, 'config'),
    AWS_SHARED_CREDENTIALS_FILE: join(home, 'credentials'),
    AWS_MAX_ATTEMPTS: '1',
    ...who,
  };
  return new Promise((resolve) => {
    execFile('aws', ['--output', 'json', ...args], { env }, (error, out, err) => {
      resolve({ status: error ? Number(error.code) : 0, out, err: err.trim() });
    });
  });
}

test('a user is made, may what its policy allows, and assumes a role by a profile', async () => {
  const root = keiro.rootKeys;
  expect(JSON.parse((await aws(root, 'sts', 'get-caller-identity')).out)).toMatchObject({
    Account: account,
    Arn: `arn:aws:iam::${account}:root`,
  });
  await aws(root, 'iam', 'create-user', '--user-name', 'ann');
  const { AccessKey } = JSON.parse((await aws(root, 'iam', 'create-access-key', '--user-name', 'ann')).out) as {
    AccessKey: { AccessKeyId: string; SecretAccessKey: string };
  };
  const ann = { accessKeyId: AccessKey.AccessKeyId, secretAccessKey: AccessKey.SecretAccessKey };
  const attach = ['iam', 'attach-user-policy', '--user-name', 'ann', '--policy-arn', 'arn:aws:iam::aws:policy/AmazonEC2ReadOnlyAccess'];
  expect(await aws(root, ...attach)).toEqual({ status: 0, out: '', err: '' });

  expect(JSON.parse((await aws(ann, 'ec2', 'describe-vpcs')).out)).toMatchObject({ Vpcs: [{ IsDefault: true }] });
  const denied = await aws(ann, 'ec2', 'create-vpc', '--cidr-block', '10.0.0.0/16');
  expect(denied.status).toBeGreaterThan(0);
  expect(denied.err).toMatch(
    /\(UnauthorizedOperation\) when calling the CreateVpc operation: You are not authorized to perform this operation\. User: /,
  );
  const encoded = /message: ([\w-]+)$/.exec(denied.err)?.[1] ?? '';
  const decoded = JSON.parse((await aws(root, 'sts', 'decode-authorization-message', '--encoded-message', encoded)).out) as {
    DecodedMessage: string;
  };
  expect(JSON.parse(decoded.DecodedMessage)).toMatchObject({ allowed: false, explicitDeny: false, context: { action: 'ec2:CreateVpc' } });

  const role = ['--role-name', 'builder'];
  await aws(root, 'iam', 'create-role', ...role, '--assume-role-policy-document', trust({ AWS: `arn:aws:iam::${account}:user/ann` }));
  await aws(
    root,
    'iam',
    'put-role-policy',
    ...role,
    '--policy-name',
    'build',
    '--policy-document',
    JSON.stringify(policy({ Action: 'ec2:*' })),
  );
  writeFileSync(
    join(home, 'credentials'),
    `[ann]\naws_access_key_id = ${ann.accessKeyId}\naws_secret_access_key = ${ann.secretAccessKey}\n`,
  );
  writeFileSync(
    join(home, 'config'),
    `[profile builder]\nrole_arn = arn:aws:iam::${account}:role/builder\nsource_profile = ann\nrole_session_name = cli\n`,
  );
  const builder = { profile: 'builder' };
  expect(JSON.parse((await aws(builder, 'sts', 'get-caller-identity')).out)).toMatchObject({
    Arn: `arn:aws:sts::${account}:assumed-role/builder/cli`,
  });
  const { Vpc } = JSON.parse((await aws(builder, 'ec2', 'create-vpc', '--cidr-block', '10.0.0.0/16')).out) as { Vpc: { VpcId: string } };
  expect(Vpc.VpcId).toMatch(/^vpc-/);
});

test('quotas are read and raised', async () => {
  const vpcs = ['--service-code', 'vpc', '--quota-code', 'L-F678F1CE'];
  const raised = await aws(keiro.rootKeys, 'service-quotas', 'request-service-quota-increase', ...vpcs, '--desired-value', '10');
  expect(JSON.parse(raised.out)).toMatchObject({ RequestedQuota: { Status: 'APPROVED', DesiredValue: 10 } });
  const query = ['--query', 'Quota.Value'];
  expect(Number((await aws(keiro.rootKeys, 'service-quotas', 'get-service-quota', ...vpcs, ...query)).out)).toBe(10);
  expect(Number((await aws(keiro.rootKeys, 'service-quotas', 'get-aws-default-service-quota', ...vpcs, ...query)).out)).toBe(5);
});

test('documents and lists come back as the command expects them', async () => {
  const document = JSON.stringify(policy({ Action: 'ec2:*' }));
  const { Policy } = JSON.parse(
    (await aws(keiro.rootKeys, 'iam', 'create-policy', '--policy-name', 'p', '--policy-document', document)).out,
  ) as {
    Policy: { Arn: string };
  };
  const version = await aws(keiro.rootKeys, 'iam', 'get-policy-version', '--policy-arn', Policy.Arn, '--version-id', 'v1');
  expect(JSON.parse(version.out)).toMatchObject({ PolicyVersion: { Document: policy({ Action: 'ec2:*' }), IsDefaultVersion: true } });
  const paged = await aws(keiro.rootKeys, 'iam', 'list-policies', '--scope', 'AWS', '--page-size', '7', '--query', 'length(Policies)');
  expect(Number(paged.out)).toBeGreaterThan(20);
  const wait = await aws(keiro.rootKeys, 'iam', 'wait', 'policy-exists', '--policy-arn', Policy.Arn);
  expect(wait).toEqual({ status: 0, out: '', err: '' });
});
