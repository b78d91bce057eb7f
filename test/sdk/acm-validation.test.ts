/** Who has to show that a name is theirs before a certificate is issued, and how. */
import { ACMClient, ResendValidationEmailCommand } from '@aws-sdk/client-acm';
import {
  type ChangeBatch,
  ChangeResourceRecordSetsCommand,
  CreateHostedZoneCommand,
  type ResourceRecordSet,
  Route53Client,
} from '@aws-sdk/client-route-53';
import { describe, expect, test, vi } from 'vitest';
import { answerValidations } from '#reconcile/validations.ts';
import { detail, request } from '#test/sdk/acm-certificates.ts';
import { useKeiro } from '#test/sdk/keiro.ts';
import { confirm, domainsClient, freshName, linkAbout, mailsAbout, page, register } from '#test/sdk/route53domains.ts';

const keiro = await useKeiro({ logLevel: 'error' });
const strict = await useKeiro({ logLevel: 'error', certificates: 'strict' });

const wanted = (domainName: string) => ({
  domainName,
  method: 'DNS' as const,
  isDone: false,
  record: { name: `_x.${domainName}.`, value: '_y.acm-validations.aws.' },
});
const answer = (mode: 'auto' | 'strict') => answerValidations({ store: keiro.store, mode, nowMs: Date.now });

describe('a name', () => {
  test('that Keiro’s internet does not have is validated at once, unless that is to be strict', async () => {
    expect(await answer('auto')(wanted('nobody.example'))).toBe(true);
    expect(await answer('strict')(wanted('nobody.example'))).toBe(false);
    expect(await answer('strict')({ ...wanted('nobody.example'), isDone: true })).toBe(true);
  });

  test('in a domain that somebody has, or has asked for, is not', async () => {
    const name = freshName();
    await register(domainsClient(keiro), name);
    for (const one of [name, `www.${name}`, `*.${name}`]) expect(await answer('auto')(wanted(one))).toBe(false);
    expect(await answer('auto')(wanted(`not${name}`))).toBe(true);
  });
});

test('in a hosted zone a name waits for its record, whose account the zone is of', async () => {
  const name = freshName('example');
  const route53 = keiro.client(Route53Client, { region: 'us-east-1' });
  const { HostedZone } = await route53.send(new CreateHostedZoneCommand({ Name: name, CallerReference: name }));
  const acm = keiro.client(ACMClient);
  const arn = await request(acm, { DomainName: `www.${name}`, SubjectAlternativeNames: [`*.${name}`] });
  const records = (await detail(acm, arn)).DomainValidationOptions?.map(({ ResourceRecord }) => ResourceRecord) ?? [];
  const upsert = (index: number, Value = records[index]?.Value) => {
    const set: ResourceRecordSet = { Name: records[index]?.Name, Type: 'CNAME', TTL: 60, ResourceRecords: [{ Value }] };
    const ChangeBatch: ChangeBatch = { Changes: [{ Action: 'UPSERT', ResourceRecordSet: set }] };
    return route53.send(new ChangeResourceRecordSetsCommand({ HostedZoneId: HostedZone?.Id, ChangeBatch }));
  };
  await upsert(0);
  await upsert(1, 'wrong.acm-validations.aws.');
  const statuses = async () => (await detail(acm, arn)).DomainValidationOptions?.map(({ ValidationStatus }) => ValidationStatus);
  await vi.waitFor(async () => expect(await statuses()).toEqual(['SUCCESS', 'PENDING_VALIDATION']), { timeout: 15_000, interval: 100 });
  expect((await detail(acm, arn)).Status).toBe('PENDING_VALIDATION');
  await upsert(1);
  await vi.waitFor(async () => expect((await detail(acm, arn)).Status).toBe('ISSUED'), { timeout: 15_000, interval: 100 });
});

describe('by mail', () => {
  test('each name is confirmed by its own link', async () => {
    const name = freshName();
    await register(domainsClient(keiro), name);
    const acm = keiro.client(ACMClient);
    const arn = await request(acm, { DomainName: name, SubjectAlternativeNames: [`*.${name}`], ValidationMethod: 'EMAIL' });
    const statuses = async () =>
      (await detail(acm, arn)).DomainValidationOptions?.map(({ DomainName, ValidationStatus }) => [DomainName, ValidationStatus]);
    expect(await statuses()).toEqual([
      [name, 'PENDING_VALIDATION'],
      [`*.${name}`, 'PENDING_VALIDATION'],
    ]);
    expect((await confirm(keiro, `for *.${name}`)).status).toBe(200);
    expect(await statuses()).toEqual([
      [name, 'PENDING_VALIDATION'],
      [`*.${name}`, 'SUCCESS'],
    ]);
    expect((await detail(acm, arn)).Status).toBe('PENDING_VALIDATION');
    expect((await confirm(keiro, `for ${name}`)).body['message']).toMatch(/certificate for domain-\d+\.com\.$/);
    await vi.waitFor(async () => expect((await detail(acm, arn)).Status).toBe('ISSUED'), { timeout: 10_000, interval: 50 });
  });

  test('a mail is sent again, to the mailboxes that are named then', async () => {
    const name = freshName();
    await register(domainsClient(keiro), name);
    const acm = keiro.client(ACMClient);
    const arn = await request(acm, { DomainName: `a.b.${name}`, ValidationMethod: 'EMAIL' });
    await acm.send(new ResendValidationEmailCommand({ CertificateArn: arn, Domain: `a.b.${name}`, ValidationDomain: name }));
    const mails = await mailsAbout(keiro, `a.b.${name}`);
    expect(mails.map(({ to }) => to[0])).toEqual([`admin@${name}`, `admin@a.b.${name}`]);
    expect((await confirm(keiro, `a.b.${name}`)).status).toBe(200);
    await vi.waitFor(async () => expect((await detail(acm, arn)).Status).toBe('ISSUED'), { timeout: 10_000, interval: 50 });
  });

  test('a link to a certificate that is gone is of no use', async () => {
    const { DeleteCertificateCommand } = await import('@aws-sdk/client-acm');
    const name = freshName();
    await register(domainsClient(keiro), name);
    const acm = keiro.client(ACMClient);
    const CertificateArn = await request(acm, { DomainName: name, ValidationMethod: 'EMAIL' });
    const link = await linkAbout(keiro, `for ${name}`);
    await acm.send(new DeleteCertificateCommand({ CertificateArn }));
    expect((await page(keiro, link, { method: 'POST' })).status).toBe(410);
  });
});

test('with --certificates strict every name waits', async () => {
  const acm = strict.client(ACMClient);
  const dns = await request(acm, { DomainName: 'strict.example' });
  const mail = await request(acm, { DomainName: 'mail.strict.example', ValidationMethod: 'EMAIL' });
  await confirm(strict, 'mail.strict.example');
  await vi.waitFor(async () => expect((await detail(acm, mail)).Status).toBe('ISSUED'), { timeout: 10_000, interval: 50 });
  expect((await detail(acm, dns)).Status).toBe('PENDING_VALIDATION'); // it was asked for first
});
