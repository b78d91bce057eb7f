import {
  ACMClient,
  AddTagsToCertificateCommand,
  DeleteCertificateCommand,
  DescribeCertificateCommand,
  ExportCertificateCommand,
  GetAccountConfigurationCommand,
  GetCertificateCommand,
  ListTagsForCertificateCommand,
  PutAccountConfigurationCommand,
  RemoveTagsFromCertificateCommand,
  RenewCertificateCommand,
  RequestCertificateCommand,
  ResendValidationEmailCommand,
  RevokeCertificateCommand,
  UpdateCertificateOptionsCommand,
  waitUntilCertificateValidated,
} from '@aws-sdk/client-acm';
import { RequestServiceQuotaIncreaseCommand, ServiceQuotasClient } from '@aws-sdk/client-service-quotas';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { describe, expect, test, vi } from 'vitest';
import { releaseCertificate, useCertificate } from '#services/acm/public.ts';
import { endpointArguments } from '#test/cli/aws-command.ts';
import { awsEnvironment, run } from '#test/cli/keiro-process.ts';
import { bytes, detail, fileOf, issued, openssl, request } from '#test/sdk/acm-certificates.ts';
import { refusal, useKeiro } from '#test/sdk/keiro.ts';

const keiro = await useKeiro({ logLevel: 'error' });
const client = keiro.client(ACMClient);
const unknown = 'arn:aws:acm:eu-west-1:123456789012:certificate/12345678-1234-1234-1234-123456789012';

describe('a request', () => {
  test('with DNS validation is pending, has its records, and is issued', async () => {
    const account = keiro.freshAccount();
    const acm = keiro.client(ACMClient, { account });
    const SubjectAlternativeNames = ['*.example.com', 'example.com', 'WWW.example.com'];
    const arn = await request(acm, { SubjectAlternativeNames, Tags: [{ Key: 'stage', Value: 'test' }] });
    expect(arn).toMatch(new RegExp(`^arn:aws:acm:eu-west-1:${account}:certificate/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`));
    await waitUntilCertificateValidated({ client: acm, maxWaitTime: 10, minDelay: 1, maxDelay: 1 }, { CertificateArn: arn });
    const certificate = await detail(acm, arn);
    expect(certificate).toMatchObject({
      DomainName: 'www.example.com',
      SubjectAlternativeNames: ['www.example.com', '*.example.com', 'example.com'],
      Status: 'ISSUED',
      Type: 'AMAZON_ISSUED',
      Subject: 'CN=www.example.com',
      KeyAlgorithm: 'EC-prime256v1',
      SignatureAlgorithm: 'SHA256WITHECDSA',
      InUseBy: [],
      KeyUsages: [{ Name: 'DIGITAL_SIGNATURE' }],
      ExtendedKeyUsages: [
        { Name: 'TLS_WEB_SERVER_AUTHENTICATION', OID: '1.3.6.1.5.5.7.3.1' },
        { Name: 'TLS_WEB_CLIENT_AUTHENTICATION', OID: '1.3.6.1.5.5.7.3.2' },
      ],
      RenewalEligibility: 'INELIGIBLE',
      Options: { CertificateTransparencyLoggingPreference: 'ENABLED', Export: 'DISABLED' },
    });
    expect(certificate.Serial).toMatch(/^[0-9a-f]{2}(:[0-9a-f]{2}){15}$/);
    const days = (Number(certificate.NotAfter) - Number(certificate.NotBefore)) / 86_400_000;
    expect(Math.round(days)).toBe(198);
    const [www, wildcard, apex] = certificate.DomainValidationOptions ?? [];
    expect(www).toMatchObject({ DomainName: 'www.example.com', ValidationStatus: 'SUCCESS', ValidationMethod: 'DNS' });
    expect(www?.ResourceRecord).toEqual({
      Name: expect.stringMatching(/^_[0-9a-f]{32}\.www\.example\.com\.$/),
      Type: 'CNAME',
      Value: expect.stringMatching(/^_[0-9a-f]{32}\.[a-z]{10}\.acm-validations\.aws\.$/),
    });
    expect(wildcard?.ResourceRecord).toEqual(apex?.ResourceRecord);
    const again = await request(acm, { DomainName: 'example.com' });
    expect((await detail(acm, again)).DomainValidationOptions?.[0]?.ResourceRecord).toEqual(apex?.ResourceRecord);
  });

  test('is issued by the authority that clients are told to trust', async () => {
    const arn = await issued(client, { KeyAlgorithm: 'RSA_2048', SubjectAlternativeNames: ['*.example.org'] });
    const { Certificate = '', CertificateChain = '' } = await client.send(new GetCertificateCommand({ CertificateArn: arn }));
    expect(CertificateChain.trim()).toBe((await (await fetch(`${keiro.endpoint}/_keiro/ca`)).text()).trim());
    expect(
      openssl(
        'verify',
        '-purpose',
        'sslserver',
        '-verify_hostname',
        'a.example.org',
        '-CAfile',
        fileOf(CertificateChain),
        fileOf(Certificate),
      ),
    ).toMatch(/: OK$/m);
    expect(openssl('verify', '-purpose', 'sslclient', '-CAfile', fileOf(CertificateChain), fileOf(Certificate))).toMatch(/: OK$/m);
    expect(await detail(client, arn)).toMatchObject({
      KeyAlgorithm: 'RSA-2048',
      KeyUsages: [{ Name: 'DIGITAL_SIGNATURE' }, { Name: 'KEY_ENCIPHERMENT' }],
    });
  });

  test.each([
    ['EC_prime256v1', 'prime256v1'],
    ['EC_secp384r1', 'secp384r1'],
  ] as const)('%s', async (KeyAlgorithm, curve) => {
    const arn = await issued(client, { KeyAlgorithm });
    const { Certificate = '' } = await client.send(new GetCertificateCommand({ CertificateArn: arn }));
    expect(new X509Certificate(Certificate).publicKey.asymmetricKeyDetails).toEqual({ namedCurve: curve });
  });

  test.each(['RSA_1024', 'RSA_3072', 'EC_secp521r1'] as const)('for %s is refused', async (KeyAlgorithm) => {
    expect(await refusal(request(client, { KeyAlgorithm }))).toEqual({
      code: 'ValidationException',
      message: `Encryption Algorithm ${KeyAlgorithm} is not supported in eu-west-1 region`,
    });
  });

  test('by email names the mailboxes of the domain that is asked', async () => {
    const acm = keiro.client(ACMClient);
    const DomainValidationOptions = [{ DomainName: 'www.example.com', ValidationDomain: 'example.com' }];
    const arn = await request(acm, { ValidationMethod: undefined, DomainValidationOptions });
    const [validation] = (await detail(acm, arn)).DomainValidationOptions ?? [];
    expect(validation).toMatchObject({
      ValidationMethod: 'EMAIL',
      ValidationDomain: 'example.com',
      ValidationEmails: ['admin', 'administrator', 'hostmaster', 'postmaster', 'webmaster'].map((box) => `${box}@example.com`),
    });
    expect(validation?.ResourceRecord).toBeUndefined();
    const wrong = [{ DomainName: 'www.example.com', ValidationDomain: 'example.net' }];
    expect((await refusal(request(acm, { DomainValidationOptions: wrong }))).code).toBe('InvalidDomainValidationOptionsException');
    await vi.waitFor(async () => expect((await detail(acm, arn)).Status).toBe('ISSUED'));
    const late = { CertificateArn: arn, Domain: 'www.example.com', ValidationDomain: 'example.com' };
    expect((await refusal(acm.send(new ResendValidationEmailCommand(late)))).code).toBe('InvalidStateException');
  });

  test('with the token of another is the same for an hour', async () => {
    const acm = keiro.client(ACMClient);
    const first = await request(acm, { IdempotencyToken: 'once' });
    expect(await request(acm, { IdempotencyToken: 'once' })).toBe(first);
    expect(await request(acm, { IdempotencyToken: 'twice' })).not.toBe(first);
    expect(await request(acm, { IdempotencyToken: 'once', DomainName: 'other.example.com' })).not.toBe(first);
    await acm.send(new DeleteCertificateCommand({ CertificateArn: first }));
    expect(await request(acm, { IdempotencyToken: 'once' })).not.toBe(first);
  });

  test.each([
    [
      { DomainName: 'no_good.example.com' },
      'ValidationException',
      /^1 validation error detected: Value 'no_good\.example\.com' at 'domainName' failed to satisfy constraint: Member must satisfy regular expression pattern: /,
    ],
    [{ DomainName: 'localhost' }, 'ValidationException', /at 'domainName'/],
    [{ DomainName: 'a.*.example.com' }, 'ValidationException', /at 'domainName'/],
    [{ SubjectAlternativeNames: ['not a name'] }, 'ValidationException', /at 'subjectAlternativeNames'/],
    [
      { DomainName: `${'a'.repeat(53)}.example.com` },
      'InvalidDomainValidationOptionsException',
      /^The first domain name can be no longer than 64 characters\.$/,
    ],
    [{ ValidationMethod: 'HTTP' as const }, 'InvalidParameterException', /CloudFront/],
    [{ IdempotencyToken: 'no spaces' }, 'ValidationException', /at 'idempotencyToken'/],
    [
      { CertificateAuthorityArn: 'arn:aws:acm-pca:eu-west-1:123456789012:certificate-authority/1' },
      'NotImplemented',
      /private certificate authorities/,
    ],
    [{ Tags: [{ Key: 'aws:x', Value: '' }] }, 'InvalidTagException', /AWS internal tags/],
  ])('with %j is refused', async (input, code, message) => {
    expect(await refusal(request(client, input))).toEqual({ code, message: expect.stringMatching(message) });
  });

  test('has ten names at most, until the quota is raised', async () => {
    const account = keiro.freshAccount();
    const acm = keiro.client(ACMClient, { account });
    const SubjectAlternativeNames = Array.from({ length: 10 }, (_, index) => `n${index}.example.com`);
    expect(await refusal(request(acm, { SubjectAlternativeNames }))).toEqual({
      code: 'LimitExceededException',
      message: 'Certificate has too many domains.',
    });
    const quotas = keiro.client(ServiceQuotasClient, { account });
    await quotas.send(new RequestServiceQuotaIncreaseCommand({ ServiceCode: 'acm', QuotaCode: 'L-FB94F0B0', DesiredValue: 11 }));
    expect((await detail(acm, await request(acm, { SubjectAlternativeNames }))).SubjectAlternativeNames).toHaveLength(11);
  });
});

describe('a certificate', () => {
  test('that is not there is not found, and other ARNs are refused', async () => {
    expect(await refusal(client.send(new DescribeCertificateCommand({ CertificateArn: unknown })))).toEqual({
      code: 'ResourceNotFoundException',
      message: `Could not find certificate ${unknown}.`,
    });
    const wrong = 'arn:aws:acm:eu-west-1:123456789012:key/12345678-1234';
    expect((await refusal(client.send(new DeleteCertificateCommand({ CertificateArn: wrong })))).code).toBe('InvalidArnException');
    expect((await refusal(client.send(new GetCertificateCommand({ CertificateArn: 'no ARN of a certificate' })))).code).toBe(
      'ValidationException',
    );
  });

  test('is deleted, but not while something uses it', async () => {
    const account = keiro.freshAccount();
    const partition = { account, region: 'eu-west-1' };
    const acm = keiro.client(ACMClient, { account });
    const arn = await issued(acm);
    const user = `arn:aws:elasticloadbalancing:eu-west-1:${account}:loadbalancer/app/web/0123456789abcdef`;
    await keiro.store.transact(partition, (tx) => {
      useCertificate({ tx }, arn, user);
      useCertificate({ tx }, arn, user);
    });
    expect(await detail(acm, arn)).toMatchObject({ InUseBy: [user], RenewalEligibility: 'ELIGIBLE' });
    expect(await refusal(acm.send(new DeleteCertificateCommand({ CertificateArn: arn })))).toEqual({
      code: 'ResourceInUseException',
      message: `Certificate ${arn} in account ${account} is in use.`,
    });
    await keiro.store.transact(partition, (tx) => releaseCertificate({ tx }, arn, user));
    await acm.send(new DeleteCertificateCommand({ CertificateArn: arn }));
    expect((await refusal(acm.send(new DescribeCertificateCommand({ CertificateArn: arn })))).code).toBe('ResourceNotFoundException');
  });

  test('is tagged', async () => {
    const CertificateArn = await request(client, { Tags: [{ Key: 'a', Value: '1' }] });
    const tags = async () => (await client.send(new ListTagsForCertificateCommand({ CertificateArn }))).Tags;
    await client.send(
      new AddTagsToCertificateCommand({ CertificateArn, Tags: [{ Key: 'a', Value: '2' }, { Key: 'b' }, { Key: 'c', Value: '3' }] }),
    );
    expect(await tags()).toEqual([
      { Key: 'a', Value: '2' },
      { Key: 'b', Value: '' },
      { Key: 'c', Value: '3' },
    ]);
    await client.send(
      new RemoveTagsFromCertificateCommand({ CertificateArn, Tags: [{ Key: 'a', Value: '1' }, { Key: 'b' }, { Key: 'c', Value: '3' }] }),
    );
    expect(await tags()).toEqual([{ Key: 'a', Value: '2' }]);
    const many = Array.from({ length: 50 }, (_, index) => ({ Key: `k${index}`, Value: '' }));
    expect((await refusal(client.send(new AddTagsToCertificateCommand({ CertificateArn, Tags: many })))).code).toBe('TooManyTagsException');
  });

  test('is logged in public, or not', async () => {
    const CertificateArn = await request(client, { Options: { CertificateTransparencyLoggingPreference: 'DISABLED' } });
    expect((await detail(client, CertificateArn)).Options?.CertificateTransparencyLoggingPreference).toBe('DISABLED');
    await client.send(
      new UpdateCertificateOptionsCommand({ CertificateArn, Options: { CertificateTransparencyLoggingPreference: 'ENABLED' } }),
    );
    expect((await detail(client, CertificateArn)).Options?.CertificateTransparencyLoggingPreference).toBe('ENABLED');
    expect((await refusal(client.send(new UpdateCertificateOptionsCommand({ CertificateArn, Options: { Export: 'ENABLED' } })))).code).toBe(
      'ValidationException',
    );
  });
});

describe('an exportable certificate', () => {
  test('is exported with its key, renewed and revoked', async () => {
    const CertificateArn = await issued(client, { Options: { Export: 'ENABLED' } });
    expect((await refusal(client.send(new RevokeCertificateCommand({ CertificateArn, RevocationReason: 'UNSPECIFIED' })))).code).toBe(
      'ValidationException',
    );
    const exported = await client.send(new ExportCertificateCommand({ CertificateArn, Passphrase: bytes('secret words') }));
    const key = createPrivateKey({ key: exported.PrivateKey ?? '', passphrase: 'secret words' });
    const first = new X509Certificate(exported.Certificate ?? '');
    expect(first.checkPrivateKey(key)).toBe(true);
    expect(() => createPrivateKey({ key: exported.PrivateKey ?? '', passphrase: 'other' })).toThrow(/decrypt/);
    expect((await detail(client, CertificateArn)).RenewalEligibility).toBe('ELIGIBLE');

    await client.send(new RenewCertificateCommand({ CertificateArn }));
    await vi.waitFor(async () => expect((await detail(client, CertificateArn)).RenewalSummary?.RenewalStatus).toBe('SUCCESS'));
    const { Certificate = '' } = await client.send(new GetCertificateCommand({ CertificateArn }));
    expect(new X509Certificate(Certificate).serialNumber).not.toBe(first.serialNumber);

    await client.send(new RevokeCertificateCommand({ CertificateArn, RevocationReason: 'KEY_COMPROMISE' }));
    expect(await detail(client, CertificateArn)).toMatchObject({ Status: 'REVOKED', RevocationReason: 'KEY_COMPROMISE' });
    expect((await refusal(client.send(new RevokeCertificateCommand({ CertificateArn, RevocationReason: 'KEY_COMPROMISE' })))).code).toBe(
      'ConflictException',
    );
  });

  test('is asked for, else it is not exported', async () => {
    const CertificateArn = await issued(client);
    expect(await refusal(client.send(new ExportCertificateCommand({ CertificateArn, Passphrase: bytes('secret words') })))).toEqual({
      code: 'ValidationException',
      message: `Certificate ARN: ${CertificateArn} is not a private certificate`,
    });
    expect((await refusal(client.send(new ExportCertificateCommand({ CertificateArn, Passphrase: bytes('abc') })))).message).toMatch(
      /greater than or equal to 4$/,
    );
    expect((await refusal(client.send(new RenewCertificateCommand({ CertificateArn })))).code).toBe('ValidationException');
  });
});

test('an account has days of warning', async () => {
  const acm = keiro.client(ACMClient);
  const days = async () => (await acm.send(new GetAccountConfigurationCommand({}))).ExpiryEvents?.DaysBeforeExpiry;
  expect(await days()).toBe(45);
  await acm.send(new PutAccountConfigurationCommand({ ExpiryEvents: { DaysBeforeExpiry: 10 }, IdempotencyToken: 'a' }));
  expect(await days()).toBe(10);
  const much = { ExpiryEvents: { DaysBeforeExpiry: 91 }, IdempotencyToken: 'b' };
  expect((await refusal(acm.send(new PutAccountConfigurationCommand(much)))).code).toBe('ValidationException');
});

test('through the aws command', async () => {
  const env = awsEnvironment(keiro, keiro.freshAccount());
  const aws = async (...args: string[]) => {
    const { code, stdout, stderr } = await run('aws', [...endpointArguments(keiro.endpoint), 'acm', ...args], { env });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    return stdout;
  };
  const asked = await aws('request-certificate', '--domain-name', 'cli.example.com', '--validation-method', 'DNS', '--output', 'json');
  const { CertificateArn } = JSON.parse(asked) as { CertificateArn: string }; // what the command prints
  await aws('wait', 'certificate-validated', '--certificate-arn', CertificateArn);
  const status = await aws(
    'describe-certificate',
    '--certificate-arn',
    CertificateArn,
    '--query',
    'Certificate.Status',
    '--output',
    'text',
  );
  expect(status.trim()).toBe('ISSUED');
});

test('without a domain name a request is refused', async () => {
  const input = { DomainName: undefined } as unknown as { DomainName: string }; // what a careless caller sends
  expect((await refusal(client.send(new RequestCertificateCommand(input)))).message).toContain("Value null at 'domainName'");
});
