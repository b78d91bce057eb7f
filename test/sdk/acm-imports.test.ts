import {
  ACMClient,
  type CertificateSummary,
  ExportCertificateCommand,
  GetCertificateCommand,
  ImportCertificateCommand,
  ListCertificatesCommand,
  type ListCertificatesCommandInput,
  paginateListCertificates,
  UpdateCertificateOptionsCommand,
} from '@aws-sdk/client-acm';
import { X509Certificate } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { certificateOf } from '#services/acm/public.ts';
import { bytes, detail, ec, issued, makePair, openssl, fileOf, type Pair, request, rsa } from '#test/sdk/acm-certificates.ts';
import { refusal, useKeiro } from '#test/sdk/keiro.ts';

const keiro = await useKeiro({ logLevel: 'error' });

const authority = makePair({ subject: '/O=Foreign/CN=Foreign root', extensions: ['basicConstraints=critical,CA:TRUE'] });
const middle = makePair({ subject: '/CN=Foreign middle', issuer: authority, extensions: ['basicConstraints=critical,CA:TRUE'] });
const names = [
  'subjectAltName=DNS:www.example.com,DNS:*.Example.com',
  'keyUsage=critical,digitalSignature,keyAgreement',
  'extendedKeyUsage=serverAuth',
];
const leaf = makePair({ issuer: middle, extensions: names });

const importing = ({ certificate, key }: Pair, chain?: string, CertificateArn?: string) =>
  new ImportCertificateCommand({
    Certificate: bytes(certificate),
    PrivateKey: bytes(key),
    ...(chain === undefined ? {} : { CertificateChain: bytes(chain) }),
    ...(CertificateArn === undefined ? {} : { CertificateArn }),
  });

describe('an import', () => {
  test('is there with its chain, at once', async () => {
    const account = keiro.freshAccount();
    const client = keiro.client(ACMClient, { account });
    const chain = middle.certificate + authority.certificate;
    const { CertificateArn = '' } = await client.send(importing(leaf, chain));
    expect(await detail(client, CertificateArn)).toMatchObject({
      DomainName: 'www.example.com',
      SubjectAlternativeNames: ['www.example.com', '*.example.com'],
      Type: 'IMPORTED',
      Status: 'ISSUED',
      Issuer: 'Foreign middle',
      KeyAlgorithm: 'EC-prime256v1',
      KeyUsages: [{ Name: 'DIGITAL_SIGNATURE' }, { Name: 'KEY_AGREEMENT' }],
      ExtendedKeyUsages: [{ Name: 'TLS_WEB_SERVER_AUTHENTICATION' }],
      RenewalEligibility: 'INELIGIBLE',
      ImportedAt: expect.any(Date),
    });
    const { Certificate = '', CertificateChain = '' } = await client.send(new GetCertificateCommand({ CertificateArn }));
    expect(new X509Certificate(Certificate).fingerprint256).toBe(new X509Certificate(leaf.certificate).fingerprint256);
    expect(CertificateChain).toBe(chain);
    const given = certificateOf(keiro.store.reader({ account, region: 'eu-west-1' }), CertificateArn);
    expect(given?.chain).toBe(leaf.certificate + chain);
    expect(given?.names).toEqual(['www.example.com', '*.example.com']);
    expect(given?.privateKey).toMatch(/^-----BEGIN PRIVATE KEY-----/);
    const passphrase = { CertificateArn, Passphrase: bytes('secret words') };
    expect((await refusal(client.send(new ExportCertificateCommand(passphrase)))).code).toBe('ValidationException');
    const options = { CertificateArn, Options: { CertificateTransparencyLoggingPreference: 'DISABLED' as const } };
    expect((await refusal(client.send(new UpdateCertificateOptionsCommand(options)))).code).toBe('InvalidStateException');
  });

  test('takes the place of another under its ARN', async () => {
    const client = keiro.client(ACMClient);
    const { CertificateArn } = await client.send(
      new ImportCertificateCommand({ ...importing(makePair()).input, Tags: [{ Key: 'kept', Value: 'yes' }] }),
    );
    const newer = makePair();
    expect((await client.send(importing(newer, undefined, CertificateArn))).CertificateArn).toBe(CertificateArn);
    const { Certificate = '' } = await client.send(new GetCertificateCommand({ CertificateArn }));
    expect(new X509Certificate(Certificate).fingerprint256).toBe(new X509Certificate(newer.certificate).fingerprint256);
    const tagged = new ImportCertificateCommand({ ...importing(newer, undefined, CertificateArn).input, Tags: [{ Key: 'a' }] });
    expect(await refusal(client.send(tagged))).toEqual({ code: 'ValidationException', message: 'Tagging is not permitted on re-import.' });
    const ours = await request(client);
    expect((await refusal(client.send(importing(newer, undefined, ours)))).code).toBe('ValidationException');
  });

  test.each([
    ['RSA-1024', rsa(1024)],
    ['RSA-2048', rsa(2048)],
    ['EC-secp521r1', ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-521']],
  ])('%s is taken', async (algorithm, options) => {
    const client = keiro.client(ACMClient);
    const { CertificateArn = '' } = await client.send(importing(makePair({ algorithm: options })));
    expect((await detail(client, CertificateArn)).KeyAlgorithm).toBe(algorithm);
  });

  const other = makePair();
  const sealed = { ...other, key: openssl('pkey', '-in', fileOf(other.key), '-aes256', '-passout', 'pass:secret') };
  const wrongIndex = (index: number) =>
    `Unable to validate certificate chain. The certificate chain must start with the immediate signing certificate, followed by any intermediaries in order. The index within the chain of the invalid certificate is: ${index}`;

  test.each<[string, Pair, string | undefined, string]>([
    ['another key', { ...other, key: leaf.key }, undefined, 'The private key does not match the certificate.'],
    [
      'two certificates',
      { ...other, certificate: other.certificate + leaf.certificate },
      undefined,
      'The certificate field contains more than one certificate. You can specify only one certificate in this field.',
    ],
    ['no PEM', { ...other, certificate: 'no PEM' }, undefined, 'The certificate body provided is not in a valid PEM format'],
    [
      'damaged PEM',
      { ...other, certificate: other.certificate.replace(/\n..../, '\nAAAA') },
      undefined,
      'Unable to parse certificate. Please ensure the certificate is in PEM format.',
    ],
    ['no key', { ...other, key: 'no key' }, undefined, 'The private key is not supported.'],
    ['a sealed key', sealed, undefined, 'The private key is not supported.'],
    [
      'a key of an odd length',
      makePair({ algorithm: rsa(1536) }),
      undefined,
      'The private key length 1536 is not supported for key algorithm.',
    ],
    ['a key that ACM does not know', makePair({ algorithm: ['-algorithm', 'ED25519'] }), undefined, 'The private key is not supported.'],
    [
      'an expired one',
      makePair({ from: '20200101000000Z', to: '20210101000000Z' }),
      undefined,
      'The certificate has expired, is not valid.',
    ],
    [
      'one of the future',
      makePair({ from: '20900101000000Z', to: '20910101000000Z' }),
      undefined,
      'The certificate is not in effect yet, is not valid.',
    ],
    ["a stranger's chain", leaf, other.certificate, 'Could not validate the certificate with the certificate chain.'],
    [
      'a chain in the wrong order',
      leaf,
      authority.certificate + middle.certificate,
      'Could not validate the certificate with the certificate chain.',
    ],
    ['a chain with itself', leaf, leaf.certificate + middle.certificate, wrongIndex(0)],
    ['a chain that breaks', leaf, middle.certificate + other.certificate, wrongIndex(1)],
    ['a chain that is no PEM', leaf, 'no chain', 'The certificate chain provided is not in a valid PEM format'],
  ])('with %s is refused', async (_what, pair, chain, message) => {
    expect(await refusal(keiro.client(ACMClient).send(importing(pair, chain)))).toEqual({ code: 'ValidationException', message });
  });
});

describe('the list', () => {
  test('has by default what has keys of RSA of 2,048 bits and less', async () => {
    const account = keiro.freshAccount();
    const client = keiro.client(ACMClient, { account });
    const small = await issued(client, { KeyAlgorithm: 'RSA_2048' });
    const curve = await issued(client, { KeyAlgorithm: 'EC_prime256v1', Options: { Export: 'ENABLED' } });
    const { CertificateArn: foreign } = await client.send(importing(makePair({ algorithm: rsa(3072) })));
    const list = async (input: ListCertificatesCommandInput = {}): Promise<(string | undefined)[]> =>
      ((await client.send(new ListCertificatesCommand(input))).CertificateSummaryList ?? []).map(({ CertificateArn }) => CertificateArn);
    expect(await list()).toEqual([small]);
    expect(await list({ Includes: { keyTypes: ['EC_prime256v1', 'RSA_3072'] } })).toEqual([curve, foreign]);
    const all = { keyTypes: ['RSA_2048', 'RSA_3072', 'EC_prime256v1'] as const };
    expect(await list({ Includes: { keyTypes: [...all.keyTypes], exportOption: 'ENABLED' } })).toEqual([curve]);
    expect(await list({ Includes: { keyTypes: [...all.keyTypes], keyUsage: ['KEY_ENCIPHERMENT'] } })).toEqual([small]);
    expect(await list({ Includes: { keyTypes: [...all.keyTypes], keyUsage: ['ANY'], extendedKeyUsage: ['NONE'] } })).toEqual([foreign]);
    expect(await list({ Includes: { keyTypes: [...all.keyTypes], extendedKeyUsage: ['CODE_SIGNING'] } })).toEqual([]);
    expect(await list({ CertificateStatuses: ['EXPIRED', 'REVOKED'] })).toEqual([]);
    expect(await list({ CertificateStatuses: ['ISSUED'] })).toEqual([small]);
    expect(await list({ Includes: { keyTypes: [...all.keyTypes] }, SortBy: 'CREATED_AT', SortOrder: 'DESCENDING' })).toEqual([
      foreign,
      curve,
      small,
    ]);
    expect((await refusal(list({ SortBy: 'CREATED_AT' }))).code).toBe('InvalidArgsException');
  });

  test('comes in pages', async () => {
    const client = keiro.client(ACMClient);
    const made: string[] = [];
    for (let index = 0; index < 5; index += 1)
      made.push(
        (await client.send(importing(makePair({ algorithm: rsa(1024), subject: `/CN=n${index}.example.com` })))).CertificateArn ?? '',
      );
    for (const SortOrder of ['ASCENDING', 'DESCENDING'] as const) {
      const found: CertificateSummary[] = [];
      for await (const page of paginateListCertificates({ client, pageSize: 2 }, { SortBy: 'CREATED_AT', SortOrder })) {
        expect(page.CertificateSummaryList?.length).toBeLessThanOrEqual(2);
        found.push(...(page.CertificateSummaryList ?? []));
      }
      expect(found.map(({ CertificateArn }) => CertificateArn)).toEqual(SortOrder === 'ASCENDING' ? made : made.toReversed());
    }
    expect((await refusal(client.send(new ListCertificatesCommand({ NextToken: 'made up' })))).code).toBe('InvalidArgsException');
    expect((await refusal(client.send(new ListCertificatesCommand({ MaxItems: 0 })))).code).toBe('ValidationException');
  });

  test('tells each in short', async () => {
    const client = keiro.client(ACMClient);
    const { CertificateArn } = await client.send(importing(makePair({ algorithm: ec, extensions: ['subjectAltName=DNS:a.example.com'] })));
    const { CertificateSummaryList } = await client.send(new ListCertificatesCommand({ Includes: { keyTypes: ['EC_prime256v1'] } }));
    expect(CertificateSummaryList).toEqual([
      expect.objectContaining({
        CertificateArn,
        DomainName: 'www.example.com',
        SubjectAlternativeNameSummaries: ['www.example.com', 'a.example.com'],
        HasAdditionalSubjectAlternativeNames: false,
        Status: 'ISSUED',
        Type: 'IMPORTED',
        KeyAlgorithm: 'EC-prime256v1',
        KeyUsages: ['ANY'],
        ExtendedKeyUsages: ['NONE'],
        InUse: false,
        RenewalEligibility: 'INELIGIBLE',
      }),
    ]);
  });
});
