/** How certificates come about and are renewed: the follower of the records, with a clock and an issuer of the test's own. */
import { mkdtempSync, rmSync } from 'node:fs';
import { randomBytes, X509Certificate } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { NOTHING_OBSERVED, type OperationContext } from '#aws/context.ts';
import { type CertificateFollower, type CertificateFollowerOptions, followCertificates } from '#reconcile/certificates.ts';
import { type LocalCa, openLocalCa } from '#server/local-ca.ts';
import { certificateOf, type WantedValidation } from '#services/acm/public.ts';
import { acm } from '#services/acm/service.ts';
import { certificateTable, certificateUseTable } from '#services/acm/tables.ts';
import { openStore } from '#store/open.ts';
import type { Store } from '#store/store.ts';

const DAY_MS = 86_400_000;
const partition = { account: '123456789012', region: 'eu-west-1' };
const user = 'arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/web/0123456789abcdef';
const directory = mkdtempSync(join(tmpdir(), 'keiro-acm-'));
let ca: LocalCa;
let store: Store;
let nowMs = Date.now();
let follower: CertificateFollower | undefined;
let troubles: unknown[] = [];

beforeAll(async () => {
  ca = await openLocalCa(directory);
});
afterAll(() => rmSync(directory, { recursive: true }));
beforeEach(async () => {
  store = await openStore();
  nowMs = Date.now();
  troubles = [];
});
afterEach(async () => {
  await follower?.close();
  await store.close();
});

function follow(options: Partial<CertificateFollowerOptions> = {}): void {
  follower = followCertificates({
    store,
    issue: ca.issue,
    nowMs: () => nowMs,
    onTrouble: (error) => troubles.push(error),
    retryMs: 20,
    sweepMs: 20,
    ...options,
  });
}

const call = async (operation: string, input: Record<string, unknown>): Promise<Record<string, unknown>> =>
  store.transact(partition, (tx) => {
    const { account, region } = partition;
    const principal = { account, arn: `arn:aws:iam::${account}:root`, userId: account, accessKeyId: account };
    const context: OperationContext = { account, region, principal, requestId: 'test', nowMs, tx, randomBytes, observed: NOTHING_OBSERVED, quotasOn: true }; // prettier-ignore
    return (acm.operations[operation]?.(context, input) ?? {}) as Record<string, unknown>; // none of these answers with an error
  });

async function request(more: Record<string, unknown> = {}): Promise<string> {
  const input = { DomainName: 'www.example.com', ValidationMethod: 'DNS', KeyAlgorithm: 'EC_prime256v1', ...more };
  return String((await call('RequestCertificate', input)).CertificateArn);
}

async function describe(arn: string): Promise<Record<string, unknown>> {
  return (await call('DescribeCertificate', { CertificateArn: arn })).Certificate as Record<string, unknown>; // what the operation answers
}

const serialOf = (arn: string): string | undefined => store.reader(partition).get(certificateTable, arn)?.material?.serial;
const isIssued = async (arn: string): Promise<void> => vi.waitFor(() => expect(serialOf(arn)).toBeDefined());

test('what waits from an earlier start is issued', async () => {
  const arn = await request();
  expect(await describe(arn)).toMatchObject({ Status: 'PENDING_VALIDATION', Subject: 'CN=www.example.com' });
  await expect(call('GetCertificate', { CertificateArn: arn })).rejects.toMatchObject({ code: 'RequestInProgressException' });
  follow();
  await isIssued(arn);
  expect(certificateOf(store.reader(partition), arn)?.names).toEqual(['www.example.com']);
});

test('every name is to be validated, and each is asked for again until it is', async () => {
  const asked: WantedValidation[] = [];
  const valid = new Set(['a.example.com']);
  follow({
    isValidated: async (validation) => {
      asked.push(validation);
      return valid.has(validation.domainName);
    },
  });
  const arn = await request({ DomainName: 'a.example.com', SubjectAlternativeNames: ['*.example.com'] });
  await vi.waitFor(async () => {
    const { DomainValidationOptions, Status } = await describe(arn);
    expect(Status).toBe('PENDING_VALIDATION');
    expect(DomainValidationOptions).toMatchObject([{ ValidationStatus: 'SUCCESS' }, { ValidationStatus: 'PENDING_VALIDATION' }]);
  });
  expect(asked[1]).toMatchObject({
    domainName: '*.example.com',
    method: 'DNS',
    record: { name: expect.stringMatching(/^_[0-9a-f]{32}\.example\.com\.$/) },
  });
  expect(certificateOf(store.reader(partition), arn)).toBeUndefined();
  valid.add('*.example.com');
  await isIssued(arn);
  expect(troubles).toEqual([]);
});

test('after 72 hours nobody asks any more', async () => {
  const isValidated = vi.fn<NonNullable<CertificateFollowerOptions['isValidated']>>(async () => false);
  follow({ isValidated });
  const arn = await request();
  await vi.waitFor(() => expect(isValidated).toHaveBeenCalled());
  nowMs += 3 * DAY_MS + 1;
  expect(await describe(arn)).toMatchObject({ Status: 'VALIDATION_TIMED_OUT' });
  await vi.waitFor(async () => {
    const count = isValidated.mock.calls.length;
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(isValidated.mock.calls.length).toBe(count);
  });
});

test('one that is in use is renewed 45 days before its end, under its ARN; another one expires', async () => {
  follow();
  const [used, unused] = [await request(), await request()];
  await Promise.all([isIssued(used), isIssued(unused)]);
  await store.transact(partition, (tx) => tx.put(certificateUseTable, { id: `${used} ${user}`, certificateArn: used, userArn: user }));
  const [before, other] = [serialOf(used), serialOf(unused)];
  nowMs += 150 * DAY_MS;
  await new Promise((resolve) => setTimeout(resolve, 60));
  expect(serialOf(used)).toBe(before);
  nowMs += 5 * DAY_MS;
  await vi.waitFor(() => expect(serialOf(used)).not.toBe(before));
  expect(await describe(used)).toMatchObject({ Status: 'ISSUED', RenewalSummary: { RenewalStatus: 'SUCCESS' } });
  nowMs += 60 * DAY_MS;
  expect(await describe(unused)).toMatchObject({ Status: 'EXPIRED', Serial: other });
  expect(certificateOf(store.reader(partition), unused)).toBeDefined();
  expect(certificateOf(store.reader(partition), unused, nowMs)).toBeUndefined();
  expect(await describe(used)).toMatchObject({ Status: 'ISSUED' });
});

test('an issuer that fails is told of and asked again', async () => {
  let failures = 2;
  follow({
    issue: async (order) => {
      if (failures-- > 0) throw new Error('no ink');
      return ca.issue(order);
    },
  });
  const arn = await request();
  await isIssued(arn);
  expect(troubles).toHaveLength(2);
});

test('what is deleted meanwhile is not made again', async () => {
  let go: (() => void) | undefined;
  const begun = new Promise<void>((resolve) => {
    follow({
      issue: async (order) => {
        resolve();
        await new Promise<void>((wait) => (go = wait));
        return ca.issue(order);
      },
    });
  });
  const arn = await request();
  await begun;
  await call('DeleteCertificate', { CertificateArn: arn });
  go?.();
  await follower?.close();
  expect(store.reader(partition).get(certificateTable, arn)).toBeUndefined();
});

test('it begins at midnight and has 198 days', async () => {
  const leaf = await ca.issue({
    names: ['*.example.com', 'example.com'],
    keyAlgorithm: 'EC_secp384r1',
    notBeforeMs: Date.UTC(2026, 0, 1),
    notAfterMs: Date.UTC(2026, 6, 18) - 1_000,
  });
  const certificate = new X509Certificate(leaf.certificate);
  expect(certificate.validFrom).toBe('Jan  1 00:00:00 2026 GMT');
  expect(certificate.validTo).toBe('Jul 17 23:59:59 2026 GMT');
  expect(certificate.checkHost('a.example.com')).toBe('*.example.com');
  expect(certificate.verify(new X509Certificate(leaf.chain).publicKey)).toBe(true);
});

test('requests count for a year, also when they are deleted', async () => {
  await store.transact(partition, (tx) =>
    tx.put({ name: 'service-quotas.applied', indexes: {} }, { id: 'acm/L-DA1D8B98', value: 2 } as { id: string }),
  );
  for (let count = 0; count < 2; count += 1) await call('DeleteCertificate', { CertificateArn: await request() });
  await expect(request()).rejects.toMatchObject({
    code: 'LimitExceededException',
    message: 'Error: you have reached your limit of 2 certificates in the last year.',
  });
  nowMs += 366 * DAY_MS;
  await expect(request()).resolves.toMatch(/^arn:/);
});
