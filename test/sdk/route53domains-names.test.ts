import {
  CheckDomainAvailabilityCommand,
  CheckDomainTransferabilityCommand,
  GetDomainSuggestionsCommand,
  ListDomainsCommand,
  type ListDomainsCommandInput,
  ListOperationsCommand,
  type ListOperationsCommandInput,
  ListPricesCommand,
  paginateListDomains,
  paginateListPrices,
  Route53DomainsClient,
  ViewBillingCommand,
} from '@aws-sdk/client-route-53-domains';
import { describe, expect, test } from 'vitest';
import { endpointArguments } from '#test/cli/aws-command.ts';
import { awsEnvironment, run } from '#test/cli/keiro-process.ts';
import { refusal, useKeiro } from '#test/sdk/keiro.ts';
import { confirm, contact, domainsClient, freshName, register, registered } from '#test/sdk/route53domains.ts';

const keiro = await useKeiro({ logLevel: 'error' });
const client = domainsClient(keiro);

describe('names', () => {
  test.each([
    ['anything.com', 'AVAILABLE'],
    ['ANYTHING.co.uk.', 'AVAILABLE'],
    ['amazonaws.com', 'UNAVAILABLE'],
    ['gtld-servers.net', 'UNAVAILABLE'],
    ['com.au', undefined],
  ])('%s is %s', async (DomainName, expected) => {
    const asked = client.send(new CheckDomainAvailabilityCommand({ DomainName }));
    if (expected === undefined) expect(await refusal(asked)).toEqual({ code: 'UnsupportedTLD', message: 'au tld is not supported.' });
    else expect((await asked).Availability).toBe(expected);
  });

  test('can be transferred between accounts only', async () => {
    const name = freshName();
    const transferable = async (who = client) =>
      (await who.send(new CheckDomainTransferabilityCommand({ DomainName: name }))).Transferability?.Transferable;
    expect(await transferable()).toBe('UNTRANSFERABLE');
    await register(client, name);
    expect(await transferable()).toBe('DOMAIN_IN_OWN_ACCOUNT');
    expect(await transferable(domainsClient(keiro))).toBe('DOMAIN_IN_ANOTHER_ACCOUNT');
  });

  test('are suggested, also only those that are free', async () => {
    await register(client, 'suggested.com');
    const suggest = async (SuggestionCount: number, OnlyAvailable: boolean) =>
      (await client.send(new GetDomainSuggestionsCommand({ DomainName: 'suggested.com', SuggestionCount, OnlyAvailable })))
        .SuggestionsList ?? [];
    const any = await suggest(50, false);
    expect(any).toHaveLength(50);
    expect(any[0]).toEqual({ DomainName: 'suggested.com', Availability: 'DONT_KNOW' });
    expect(new Set(any.map(({ DomainName }) => DomainName)).size).toBe(50);
    const free = await suggest(5, true);
    expect(free).toHaveLength(5);
    expect(free.every(({ Availability }) => Availability === 'AVAILABLE')).toBe(true);
    expect(free.map(({ DomainName }) => DomainName)).not.toContain('suggested.com');
    expect((await refusal(suggest(51, true))).code).toBe('InvalidInput');
    expect((await refusal(suggest(0, true))).code).toBe('InvalidInput');
  });
});

describe('prices', () => {
  test('of one top-level domain, or of all', async () => {
    const dollars = (Price: number) => ({ Price, Currency: 'USD' });
    const com = {
      Name: 'com',
      RegistrationPrice: dollars(15),
      TransferPrice: dollars(15),
      RenewalPrice: dollars(15),
      ChangeOwnershipPrice: dollars(0),
      RestorationPrice: dollars(57),
    };
    for (const Tld of ['com', '.COM']) expect((await client.send(new ListPricesCommand({ Tld }))).Prices).toEqual([com]);
    expect(await refusal(client.send(new ListPricesCommand({ Tld: 'example' })))).toMatchObject({ code: 'UnsupportedTLD' });
    const { Prices: all = [], NextPageMarker } = await client.send(new ListPricesCommand({}));
    expect(all).toContainEqual(com);
    expect(NextPageMarker).toBeUndefined();
    const paged: unknown[] = [];
    for await (const { Prices } of paginateListPrices({ client, pageSize: 30 }, {})) paged.push(...(Prices ?? []));
    expect(paged).toEqual(all);
    expect((await refusal(client.send(new ListPricesCommand({ MaxItems: 1001 })))).code).toBe('ValidationException');
  });
});

describe('lists', () => {
  const own = domainsClient(keiro);
  const list = (input: ListDomainsCommandInput) => own.send(new ListDomainsCommand(input));
  const namesOf = async (input: ListDomainsCommandInput) => ((await list(input)).Domains ?? []).map(({ DomainName }) => DomainName);

  test('domains by name and expiry, sorted, in pages', async () => {
    const [a, ab, b] = ['list-a.com', 'list-a.net', 'list-b.com'];
    await registered(keiro, own, b, { DurationInYears: 1 });
    await registered(keiro, own, a, { DurationInYears: 3 });
    await registered(keiro, own, ab, { DurationInYears: 2 });
    expect(await namesOf({})).toEqual([a, ab, b]);
    expect(await namesOf({ SortCondition: { Name: 'DomainName', SortOrder: 'DESC' } })).toEqual([b, ab, a]);
    expect(await namesOf({ SortCondition: { Name: 'Expiry', SortOrder: 'ASC' } })).toEqual([b, ab, a]);
    expect(await namesOf({ SortCondition: { Name: 'Expiry', SortOrder: 'DESC' } })).toEqual([a, ab, b]);
    expect(await namesOf({ FilterConditions: [{ Name: 'DomainName', Operator: 'BEGINS_WITH', Values: ['LIST-A'] }] })).toEqual([a, ab]);
    const soon = String(Math.floor(Date.now() / 1000) + 86_400 * 400);
    expect(await namesOf({ FilterConditions: [{ Name: 'Expiry', Operator: 'LE', Values: [soon] }] })).toEqual([b]);
    const later = new Date(Date.now() + 86_400_000 * 400).toISOString();
    expect(await namesOf({ FilterConditions: [{ Name: 'Expiry', Operator: 'GE', Values: [later] }] })).toEqual([a, ab]);
    const paged: unknown[] = [];
    for await (const { Domains } of paginateListDomains({ client: own, pageSize: 1 }, {})) paged.push(...(Domains ?? []));
    expect(paged).toHaveLength(3);
    const { NextPageMarker } = await list({ MaxItems: 1 });
    const other = { SortCondition: { Name: 'Expiry', SortOrder: 'ASC' } } as const;
    expect(await refusal(list({ ...other, Marker: NextPageMarker }))).toEqual({
      code: 'InvalidInput',
      message: 'The marker is not valid.',
    });
  });

  test.each<ListDomainsCommandInput>([
    { FilterConditions: [{ Name: 'DomainName', Operator: 'LE', Values: ['a'] }] },
    { FilterConditions: [{ Name: 'Expiry', Operator: 'BEGINS_WITH', Values: ['2026'] }] },
    { FilterConditions: [{ Name: 'Expiry', Operator: 'LE', Values: ['soon'] }] },
    {
      FilterConditions: [{ Name: 'DomainName', Operator: 'BEGINS_WITH', Values: ['a'] }],
      SortCondition: { Name: 'Expiry', SortOrder: 'ASC' },
    },
    { MaxItems: 0 },
    { Marker: 'nonsense' },
  ])('not by %j', async (input) => {
    expect((await refusal(list(input))).code).toBe('InvalidInput');
  });

  test('operations by status and type, the newest first', async () => {
    const who = domainsClient(keiro);
    const [first, second] = [freshName(), freshName()];
    await register(who, first);
    await register(who, second);
    await confirm(keiro, first);
    const operations = async (input: ListOperationsCommandInput) => (await who.send(new ListOperationsCommand(input))).Operations ?? [];
    expect((await operations({ Status: ['SUCCESSFUL'] })).map(({ DomainName }) => DomainName)).toEqual([first]);
    expect((await operations({ Status: ['SUBMITTED', 'IN_PROGRESS'] })).map(({ DomainName }) => DomainName)).toEqual([second]);
    expect((await operations({ SortOrder: 'ASC', SortBy: 'SubmittedDate' })).map(({ DomainName }) => DomainName)).toEqual([first, second]);
    expect(await operations({ Type: ['RENEW_DOMAIN'] })).toEqual([]);
    expect(await operations({ SubmittedSince: new Date(Date.now() + 60_000) })).toEqual([]);
    expect(await operations({ MaxItems: 1 })).toHaveLength(1);
  });

  test('bills of a period', async () => {
    const bills = async (Start: number, End: number) =>
      (await own.send(new ViewBillingCommand({ Start: new Date(Start), End: new Date(End) }))).BillingRecords ?? [];
    expect((await bills(Date.now() - 3_600_000, Date.now() + 60_000)).map(({ Price = 0 }) => Price).toSorted((a, b) => a - b)).toEqual([
      15, 34, 45,
    ]);
    expect(await bills(0, 1_000_000)).toEqual([]);
    expect((await refusal(bills(2_000_000, 1_000_000))).code).toBe('InvalidInput');
  });
});

test('there is one Region', async () => {
  const elsewhere = keiro.client(Route53DomainsClient, { region: 'eu-west-1' });
  expect(await refusal(elsewhere.send(new ListDomainsCommand({})))).toEqual({
    code: 'InvalidSignatureException',
    message: "Credential should be scoped to a valid region, not 'eu-west-1'. ",
  });
});

test('through the aws command', async () => {
  const env = awsEnvironment(keiro, keiro.freshAccount(), 'us-east-1');
  const aws = async (...args: string[]): Promise<unknown> => {
    const { code, stdout, stderr } = await run('aws', [...endpointArguments(keiro.endpoint), 'route53domains', ...args], { env });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    return JSON.parse(stdout);
  };
  const name = freshName();
  expect(await aws('check-domain-availability', '--domain-name', name)).toEqual({ Availability: 'AVAILABLE' });
  const people = ['admin', 'registrant', 'tech'].flatMap((role) => [`--${role}-contact`, JSON.stringify(contact)]);
  const { OperationId } = (await aws('register-domain', '--domain-name', name, '--duration-in-years', '1', ...people)) as {
    OperationId: string;
  }; // what the command prints
  await confirm(keiro, name);
  expect(await aws('get-operation-detail', '--operation-id', OperationId)).toMatchObject({ Status: 'SUCCESSFUL' });
  expect(await aws('list-domains')).toMatchObject({ Domains: [{ DomainName: name, AutoRenew: true, TransferLock: true }] });
  expect(await aws('list-prices', '--tld', 'io')).toMatchObject({
    Prices: [{ Name: 'io', RegistrationPrice: { Price: 71, Currency: 'USD' } }],
  });
});
