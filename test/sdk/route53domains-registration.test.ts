import {
  CheckDomainAvailabilityCommand,
  DeleteDomainCommand,
  GetContactReachabilityStatusCommand,
  GetDomainDetailCommand,
  ListDomainsCommand,
  ListOperationsCommand,
  RegisterDomainCommand,
  RenewDomainCommand,
  ResendContactReachabilityEmailCommand,
  ViewBillingCommand,
} from '@aws-sdk/client-route-53-domains';
import { describe, expect, test, vi } from 'vitest';
import { registeredDomainNames, registeredDomainOf } from '#services/route53domains/public.ts';
import { refusal, useKeiro } from '#test/sdk/keiro.ts';
import {
  confirm,
  contact,
  domainsClient,
  freshName,
  linkAbout,
  mailsAbout,
  page,
  register,
  registered,
  registerInput,
  statusOf,
} from '#test/sdk/route53domains.ts';

const keiro = await useKeiro({ logLevel: 'error' });
const availabilityOf = async (name: string) =>
  (await domainsClient(keiro).send(new CheckDomainAvailabilityCommand({ DomainName: name }))).Availability;
const reader = keiro.store.reader({ account: 'anybody', region: 'anywhere' });

describe('a registration', () => {
  test('waits for its registrant, then has its domain', async () => {
    const account = keiro.freshAccount();
    const client = domainsClient(keiro, account);
    const name = freshName();
    expect(await availabilityOf(name)).toBe('AVAILABLE');
    const operation = await register(client, name.toUpperCase(), { DurationInYears: 2 });
    expect(operation).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    const waiting = { Type: 'REGISTER_DOMAIN', DomainName: name, StatusFlag: 'PENDING_CUSTOMER_ACTION', Message: undefined };
    await vi.waitFor(async () => expect(await statusOf(client, operation)).toEqual({ ...waiting, Status: 'IN_PROGRESS' }));
    expect(await availabilityOf(name)).toBe('UNAVAILABLE');
    expect((await client.send(new ListDomainsCommand({}))).Domains).toEqual([]);
    expect(await refusal(client.send(new GetDomainDetailCommand({ DomainName: name })))).toEqual({
      code: 'InvalidInput',
      message: `Domain ${name} not found in ${account} account.`,
    });
    const reachability = async () => (await client.send(new GetContactReachabilityStatusCommand({ domainName: name }))).status;
    expect(await reachability()).toBe('PENDING');
    expect(registeredDomainOf(reader, name)).toBeUndefined();

    const [mail] = await mailsAbout(keiro, name, 'ADA@example.org');
    expect(mail).toMatchObject({
      from: expect.stringContaining('registrar.amazon'),
      to: ['ada@example.org'],
      links: [{ label: 'Confirm' }],
    });
    expect(await confirm(keiro, name)).toEqual({
      status: 200,
      body: { message: `Thank you. It is confirmed that ada@example.org is the address of the registrant of ${name}.`, isConfirmed: true },
    });

    expect(await statusOf(client, operation)).toEqual({ ...waiting, Status: 'SUCCESSFUL', StatusFlag: undefined });
    expect(await reachability()).toBe('DONE');
    expect((await mailsAbout(keiro, name))[0]?.subject).toBe(`Registration of ${name} succeeded`);
    expect((await client.send(new ListDomainsCommand({}))).Domains).toEqual([
      { DomainName: name, AutoRenew: true, TransferLock: true, Expiry: expect.any(Date) },
    ]);
    const detail = await client.send(new GetDomainDetailCommand({ DomainName: name }));
    expect(detail).toMatchObject({
      DomainName: name,
      AdminContact: contact,
      RegistrantContact: contact,
      TechContact: contact,
      BillingContact: contact,
      AdminPrivacy: true,
      RegistrantPrivacy: true,
      TechPrivacy: true,
      AutoRenew: true,
      StatusList: ['addPeriod', 'clientTransferProhibited'],
    });
    expect(detail.Nameservers?.map(({ Name }) => Name)).toEqual([
      expect.stringMatching(/^ns-\d+\.awsdns-\d\d\.com$/),
      expect.stringMatching(/^ns-\d+\.awsdns-\d\d\.net$/),
      expect.stringMatching(/^ns-\d+\.awsdns-\d\d\.org$/),
      expect.stringMatching(/^ns-\d+\.awsdns-\d\d\.co\.uk$/),
    ]);
    const years = (Number(detail.ExpirationDate) - Number(detail.CreationDate)) / (365.25 * 86_400_000);
    expect(Math.round(years)).toBe(2);
    expect((await client.send(new ViewBillingCommand({}))).BillingRecords).toEqual([
      { DomainName: name, Operation: 'REGISTER_DOMAIN', InvoiceId: '', BillDate: expect.any(Date), Price: 30 },
    ]);
    expect(registeredDomainOf(reader, name)).toEqual({
      kind: 'registeredDomain',
      id: name,
      nameServers: detail.Nameservers?.map((server) => ({ name: server.Name, addresses: [] })),
    });
    expect(registeredDomainNames(reader)).toContain(name);
  });

  test('makes the hosted zone, of which the domain has the servers', async () => {
    const { ListHostedZonesByNameCommand, GetHostedZoneCommand, Route53Client } = await import('@aws-sdk/client-route-53');
    const account = keiro.freshAccount();
    const client = domainsClient(keiro, account);
    const name = freshName();
    await registered(keiro, client, name);
    const route53 = keiro.client(Route53Client, { account, region: 'us-east-1' });
    const { HostedZones = [] } = await route53.send(new ListHostedZonesByNameCommand({ DNSName: name }));
    expect(HostedZones.map((zone) => zone.Name)).toEqual([`${name}.`]);
    const { DelegationSet } = await route53.send(new GetHostedZoneCommand({ Id: HostedZones[0]?.Id }));
    const { Nameservers } = await client.send(new GetDomainDetailCommand({ DomainName: name }));
    expect(Nameservers?.map(({ Name }) => Name)).toEqual(DelegationSet?.NameServers);
  });

  test('is not confirmed when its zone cannot be made', async () => {
    const { CreateHostedZoneCommand, Route53Client } = await import('@aws-sdk/client-route-53');
    const account = keiro.freshAccount();
    const client = domainsClient(keiro, account);
    const name = freshName();
    const operation = await register(client, name);
    const route53 = keiro.client(Route53Client, { account, region: 'us-east-1' });
    await route53.send(new CreateHostedZoneCommand({ Name: 'other.example', CallerReference: `RISWorkflow-RD:${operation}` }));
    expect(await confirm(keiro, name)).toEqual({ status: 409, body: { message: expect.stringContaining('already') } });
    expect((await client.send(new GetContactReachabilityStatusCommand({ domainName: name }))).status).toBe('PENDING');
    expect(await statusOf(client, operation)).toMatchObject({ Status: 'IN_PROGRESS' });
    expect((await page(keiro, await linkAbout(keiro, name))).body['isConfirmed']).toBe(false);
  });

  test('of the same name is under way, or not to be had', async () => {
    const client = domainsClient(keiro);
    const name = freshName();
    const operation = await register(client, name);
    const again = client.send(new RegisterDomainCommand(registerInput(name)));
    await expect(again).rejects.toMatchObject({
      name: 'DuplicateRequest',
      message: 'The request is already in progress for the domain.',
      requestId: operation,
    });
    const taken = { code: 'InvalidInput', message: `Domain ${name} is not available.` };
    expect(await refusal(register(domainsClient(keiro), name))).toEqual(taken);
    await confirm(keiro, name);
    expect(await refusal(register(client, name))).toEqual(taken);
    expect(await refusal(register(client, 'awsdns-19.com'))).toMatchObject({ code: 'InvalidInput' });
    expect(await availabilityOf('co.uk')).toBe('UNAVAILABLE');
  });

  test.each<[string, Parameters<typeof registerInput>[1], string, string | RegExp]>([
    ['name.example', {}, 'UnsupportedTLD', 'example tld is not supported.'],
    ['www.name.com', {}, 'UnsupportedTLD', 'name.com tld is not supported.'],
    ['name', {}, 'InvalidInput', 'name is not a valid domain name.'],
    ['-name.com', {}, 'InvalidInput', '-name.com is not a valid domain name.'],
    ['na_me.com', {}, 'InvalidInput', 'na_me.com is not a valid domain name.'],
    [`${'a'.repeat(64)}.com`, {}, 'InvalidInput', `${'a'.repeat(64)}.com is not a valid domain name.`],
    [`${'a'.repeat(252)}.com`, {}, 'ValidationException', /at 'domainName' failed to satisfy constraint: Member must have length less than or equal to 255$/], // prettier-ignore
    ['name.com', { DurationInYears: 0 }, 'ValidationException', "1 validation error detected: Value '0' at 'durationInYears' failed to satisfy constraint: Member must have value greater than or equal to 1"], // prettier-ignore
    ['name.com', { DurationInYears: 11 }, 'ValidationException', /less than or equal to 10$/],
    ['name.jp', { DurationInYears: 2, RegistrantContact: { ...contact, CountryCode: 'JP' } }, 'TLDRulesViolation', 'The registration period for .jp is 1 year.'], // prettier-ignore
    ['name.jp', {}, 'TLDRulesViolation', '[OWNER.COUNTRY_CODE is not valid]'],
    ['name.de', { PrivacyProtectTechContact: true }, 'TLDRulesViolation', 'Privacy protection is not supported for .de domains.'],
    ['name.co.uk', {}, 'TLDRulesViolation', '[ADMIN.UK_CONTACT_TYPE is missing, OWNER.UK_CONTACT_TYPE is missing, TECH.UK_CONTACT_TYPE is missing]'], // prettier-ignore
    ['name.com', { TechContact: {} }, 'InvalidInput', '[TECH.FIRST_NAME is missing, TECH.LAST_NAME is missing, TECH.CONTACT_TYPE is missing, TECH.ADDRESS_LINE_1 is missing, TECH.CITY is missing, TECH.COUNTRY_CODE is missing, TECH.ZIP_CODE is missing, TECH.PHONE_NUMBER is missing, TECH.EMAIL is missing]'], // prettier-ignore
    ['name.com', { AdminContact: { ...contact, PhoneNumber: '020 7946 0123' } }, 'InvalidInput', '[ADMIN.PHONE_NUMBER is not valid]'],
    ['name.com', { AdminContact: { ...contact, PhoneNumber: '+44 2079460123' } }, 'InvalidInput', '[ADMIN.PHONE_NUMBER is not valid]'],
    ['name.com', { RegistrantContact: { ...contact, Email: 'nobody' } }, 'InvalidInput', '[OWNER.EMAIL is not valid]'],
    ['name.com', { RegistrantContact: { ...contact, ContactType: 'COMPANY' } }, 'InvalidInput', '[OWNER.ORGANIZATION_NAME is missing]'],
    ['name.com', { RegistrantContact: { ...contact, City: 'x'.repeat(256) } }, 'ValidationException', /at 'registrantContact\.city' failed to satisfy constraint: Member must have length less than or equal to 255$/], // prettier-ignore
    ['name.com', { BillingContact: { ...contact, Fax: '1' } }, 'InvalidInput', '[BILL.FAX is not valid]'],
    ['name.com', { AdminContact: { ...contact, CountryCode: 'XX' as 'GB' } }, 'ValidationException', /at 'adminContact\.countryCode'/],
  ])('of %s with %j is refused', async (name, more, code, message) => {
    expect(await refusal(register(domainsClient(keiro), name, more))).toEqual({
      code,
      message: typeof message === 'string' ? message : expect.stringMatching(message),
    });
  });

  test('where the top-level domain demands more, with what it demands', async () => {
    const client = domainsClient(keiro);
    const name = freshName('co.uk');
    const british = (Value: string) => ({ ...contact, ExtraParams: [{ Name: 'UK_CONTACT_TYPE' as const, Value }] });
    const all = (Value: string) => ({ AdminContact: british(Value), RegistrantContact: british(Value), TechContact: british(Value) });
    expect((await refusal(register(client, name, all('DUKE')))).message).toContain('OWNER.UK_CONTACT_TYPE is not valid');
    await registered(keiro, client, name, all('IND'));
    const detail = await client.send(new GetDomainDetailCommand({ DomainName: name }));
    expect(detail).toMatchObject({ RegistrantContact: british('IND'), RegistrantPrivacy: false, StatusList: ['addPeriod'] });
  });

  test('is asked for by mail again, until it is confirmed', async () => {
    const client = domainsClient(keiro);
    const name = freshName();
    await register(client, name);
    const first = await linkAbout(keiro, name);
    const resend = () => client.send(new ResendContactReachabilityEmailCommand({ domainName: name }));
    expect(await resend()).toMatchObject({ domainName: name, emailAddress: 'ada@example.org', isAlreadyVerified: false });
    const second = await linkAbout(keiro, name);
    expect(second).not.toBe(first);
    expect((await page(keiro, first, { method: 'POST' })).status).toBe(200);
    expect((await page(keiro, second, { method: 'POST' })).status).toBe(200);
    expect(await resend()).toMatchObject({ isAlreadyVerified: true });
    expect((await mailsAbout(keiro, name)).map(({ subject }) => subject)).toEqual([
      `Registration of ${name} succeeded`,
      `Verify your email address for ${name}`,
      `Verify your email address for ${name}`,
    ]);
    expect(await refusal(domainsClient(keiro).send(new ResendContactReachabilityEmailCommand({ domainName: name })))).toMatchObject({
      code: 'InvalidInput',
    });
  });

  test('is one of twenty at most', async () => {
    const client = domainsClient(keiro);
    for (let count = 0; count < 20; count += 1) await register(client, freshName());
    expect(await refusal(register(client, freshName()))).toEqual({
      code: 'DomainLimitExceeded',
      message: 'The number of domains has exceeded the allowed threshold for the account.',
    });
  });
});

describe('a domain', () => {
  test('is renewed by those who know when it expires', async () => {
    const client = domainsClient(keiro);
    const DomainName = freshName();
    await registered(keiro, client, DomainName);
    const expiry = async () => (await client.send(new GetDomainDetailCommand({ DomainName }))).ExpirationDate ?? new Date(0);
    const year = (await expiry()).getUTCFullYear();
    expect(await refusal(client.send(new RenewDomainCommand({ DomainName, CurrentExpiryYear: year - 1 })))).toEqual({
      code: 'InvalidInput',
      message: `The current expiry year of ${DomainName} is ${year}, not ${year - 1}.`,
    });
    const { OperationId = '' } = await client.send(new RenewDomainCommand({ DomainName, CurrentExpiryYear: year, DurationInYears: 3 }));
    await vi.waitFor(async () => expect(await statusOf(client, OperationId)).toMatchObject({ Status: 'SUCCESSFUL', Type: 'RENEW_DOMAIN' }));
    expect((await expiry()).getUTCFullYear()).toBe(year + 3);
    const tooLong = new RenewDomainCommand({ DomainName, CurrentExpiryYear: year + 3, DurationInYears: 7 });
    expect((await refusal(client.send(tooLong))).code).toBe('TLDRulesViolation');
    const { BillingRecords = [] } = await client.send(new ViewBillingCommand({}));
    expect(new Map(BillingRecords.map(({ Operation, Price }) => [Operation, Price]))).toEqual(
      new Map([
        ['REGISTER_DOMAIN', 15],
        ['RENEW_DOMAIN', 45],
      ]),
    );
  });

  test('is given up, and can be had by others then', async () => {
    const client = domainsClient(keiro);
    const DomainName = freshName();
    expect((await refusal(client.send(new DeleteDomainCommand({ DomainName })))).code).toBe('InvalidInput');
    await registered(keiro, client, DomainName);
    await client.send(new DeleteDomainCommand({ DomainName }));
    expect(registeredDomainOf(reader, DomainName)).toBeUndefined();
    expect(await availabilityOf(DomainName)).toBe('AVAILABLE');
    const { Operations = [] } = await client.send(new ListOperationsCommand({}));
    expect(new Set(Operations.map(({ Type }) => Type))).toEqual(new Set(['DELETE_DOMAIN', 'REGISTER_DOMAIN']));
    await registered(keiro, domainsClient(keiro), DomainName);
  });
});
