/** What time does to domains: the operations with a clock of the test's own. */
import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { NOTHING_OBSERVED, type OperationContext } from '#aws/context.ts';
import { AwsError } from '#protocol/aws-error.ts';
import { isExpired, listMails } from '#services/mail/public.ts';
import { findConfirmation } from '#services/mail/confirmations.ts';
import { confirmRegistrant, isBelowRegisteredDomain, registeredDomainNames, registeredDomainOf } from '#services/route53domains/public.ts';
import { route53domains } from '#services/route53domains/service.ts';
import { openStore } from '#store/open.ts';
import type { Store, Transaction } from '#store/store.ts';
import { contact, registerInput } from '#test/sdk/route53domains.ts';

const DAY_MS = 86_400_000;
const account = '123456789012';
const name = 'name.com';
let store: Store;
let nowMs = 0;

beforeEach(async () => {
  store = await openStore();
  nowMs = Date.UTC(2028, 1, 29, 12);
});
afterEach(() => store.close());

function contextOf(tx: Transaction, who: string): OperationContext {
  const principal = { account: who, arn: `arn:aws:iam::${who}:root`, userId: who, accessKeyId: who };
  return { account: who, region: 'us-east-1', principal, requestId: 'test', nowMs, tx, randomBytes, observed: NOTHING_OBSERVED, quotasOn: true }; // prettier-ignore
}

const call = async (operation: string, input: object, who = account): Promise<Record<string, unknown>> =>
  store.transact({ account: who, region: 'global' }, (tx) => {
    const answer = route53domains.operations[operation]?.(contextOf(tx, who), { ...input }) ?? {};
    if (answer instanceof AwsError) throw answer;
    return answer;
  });
const answerMail = async (email = contact.Email): Promise<boolean> =>
  store.transact({ account, region: 'global' }, (tx) => confirmRegistrant(contextOf(tx, account), `${name} ${email}`));
const status = async (OperationId: unknown) => call('GetOperationDetail', { OperationId });
const reader = () => store.reader({ account: '', region: '' });
const isDelegated = (): boolean => registeredDomainOf(reader(), name, nowMs) !== undefined;
const lastLink = (): string =>
  listMails(reader())
    .flatMap(({ links }) => links)[0]
    ?.path.split('token=')[1] ?? '';

test('a registration that nobody confirms fails after 15 days, and the name is free', async () => {
  const { OperationId } = await call('RegisterDomain', registerInput(name));
  expect(await status(OperationId)).toMatchObject({ Status: 'SUBMITTED', StatusFlag: 'PENDING_CUSTOMER_ACTION' });
  nowMs += 15 * DAY_MS - 1;
  expect(await status(OperationId)).toMatchObject({ Status: 'IN_PROGRESS' });
  expect(isBelowRegisteredDomain(reader(), `www.${name}`, nowMs)).toBe(true);
  const confirmation = findConfirmation(reader(), lastLink());
  expect(confirmation && isExpired(confirmation, nowMs)).toBe(false);
  nowMs += 1;
  expect(confirmation && isExpired(confirmation, nowMs)).toBe(true);
  expect(await status(OperationId)).toMatchObject({
    Status: 'FAILED',
    Message: 'The registrant contact did not confirm the email address in time.',
    LastUpdatedDate: new Date(nowMs),
  });
  expect(isBelowRegisteredDomain(reader(), `www.${name}`, nowMs)).toBe(false);
  expect(await answerMail()).toBe(false);
  expect(await call('CheckDomainAvailability', { DomainName: name })).toEqual({ Availability: 'AVAILABLE' });
  await call('RegisterDomain', registerInput(name), '210987654321');
  expect(await call('CheckDomainAvailability', { DomainName: name })).toEqual({ Availability: 'UNAVAILABLE' });
});

test('a new address that nobody confirms suspends the domain after 15 days, until somebody does', async () => {
  await call('RegisterDomain', registerInput(name));
  await answerMail();
  expect(isDelegated()).toBe(true);
  const Email = 'ada@new.example.org';
  await call('UpdateDomainContact', { DomainName: name, RegistrantContact: { ...contact, Email } });
  nowMs += 14 * DAY_MS;
  expect(isDelegated()).toBe(true);
  nowMs += DAY_MS;
  expect(isDelegated()).toBe(false);
  expect(registeredDomainNames(reader(), nowMs)).toEqual([]);
  expect(await call('GetContactReachabilityStatus', { domainName: name })).toMatchObject({ status: 'EXPIRED' });
  expect((await call('GetDomainDetail', { DomainName: name }))['StatusList']).toEqual(['clientHold', 'clientTransferProhibited']);
  await call('ResendContactReachabilityEmail', { domainName: name });
  const confirmation = findConfirmation(reader(), lastLink());
  expect(confirmation?.expiresMs).toBe(nowMs + 15 * DAY_MS);
  expect(await answerMail(Email)).toBe(true);
  expect(isDelegated()).toBe(true);
});

test('a domain is renewed every year, or expires and is gone 44 days later', async () => {
  await call('RegisterDomain', registerInput(name));
  await answerMail();
  const expiry = async () => (await call('GetDomainDetail', { DomainName: name }))['ExpirationDate'];
  expect(await expiry()).toEqual(new Date(Date.UTC(2029, 2, 1, 12)));
  nowMs = Date.UTC(2031, 2, 1, 12);
  expect(await expiry()).toEqual(new Date(Date.UTC(2032, 2, 1, 12)));
  expect(isDelegated()).toBe(true);
  await call('DisableDomainAutoRenew', { DomainName: name });
  nowMs = Date.UTC(2032, 2, 1, 12);
  expect(isDelegated()).toBe(false);
  expect(await expiry()).toEqual(new Date(nowMs));
  nowMs += 43 * DAY_MS;
  expect(await call('ListDomains', {})).toMatchObject({ Domains: [{ DomainName: name }] });
  await call('RenewDomain', { DomainName: name, CurrentExpiryYear: 2032 });
  expect(isDelegated()).toBe(true);
  nowMs = Date.UTC(2033, 2, 1, 12) + 44 * DAY_MS;
  expect(await call('ListDomains', {})).toMatchObject({ Domains: [] });
  expect(await call('CheckDomainAvailability', { DomainName: name })).toEqual({ Availability: 'AVAILABLE' });
});

test('an offer to another account ends after three days', async () => {
  await call('RegisterDomain', registerInput(name));
  await answerMail();
  const other = '210987654321';
  const { OperationId, Password } = await call('TransferDomainToAnotherAwsAccount', { DomainName: name, AccountId: other });
  nowMs += 3 * DAY_MS;
  const words = `Domain Transfer from Aws Account ${account} has been cancelled`;
  expect(await status(OperationId)).toMatchObject({ Status: 'FAILED', Message: words });
  expect(await call('ListOperations', {}, other)).toMatchObject({ Operations: [{ Status: 'FAILED', Message: words }] });
  await expect(call('AcceptDomainTransferFromAnotherAwsAccount', { DomainName: name, Password }, other)).rejects.toMatchObject({
    code: 'InvalidInput',
  });
  await call('TransferDomainToAnotherAwsAccount', { DomainName: name, AccountId: other });
});
