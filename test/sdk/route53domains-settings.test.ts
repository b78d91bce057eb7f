import {
  DeleteTagsForDomainCommand,
  DisableDomainAutoRenewCommand,
  DisableDomainTransferLockCommand,
  EnableDomainAutoRenewCommand,
  EnableDomainTransferLockCommand,
  GetContactReachabilityStatusCommand,
  GetDomainDetailCommand,
  ListOperationsCommand,
  ListTagsForDomainCommand,
  type Nameserver,
  RetrieveDomainAuthCodeCommand,
  UpdateDomainContactCommand,
  UpdateDomainContactPrivacyCommand,
  UpdateDomainNameserversCommand,
  UpdateTagsForDomainCommand,
} from '@aws-sdk/client-route-53-domains';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { registeredDomainOf } from '#services/route53domains/public.ts';
import { refusal, useKeiro } from '#test/sdk/keiro.ts';
import { confirm, contact, domainsClient, freshName, mailsAbout, page, registered, statusOf } from '#test/sdk/route53domains.ts';

const keiro = await useKeiro({ logLevel: 'error' });
const client = domainsClient(keiro);
const DomainName = freshName();
beforeAll(() => registered(keiro, client, DomainName));

const detail = () => client.send(new GetDomainDetailCommand({ DomainName }));

async function succeeds(call: Promise<{ OperationId?: string }>, type: string): Promise<void> {
  const { OperationId = '' } = await call;
  await vi.waitFor(async () => expect(await statusOf(client, OperationId)).toMatchObject({ Status: 'SUCCESSFUL', Type: type, DomainName }));
}

test('automatic renewal is switched off and on', async () => {
  await client.send(new DisableDomainAutoRenewCommand({ DomainName }));
  expect((await detail()).AutoRenew).toBe(false);
  await client.send(new EnableDomainAutoRenewCommand({ DomainName }));
  expect((await detail()).AutoRenew).toBe(true);
  const Type = ['ENABLE_AUTORENEW', 'DISABLE_AUTORENEW'] as const;
  const { Operations = [] } = await client.send(new ListOperationsCommand({ Type: [...Type] }));
  expect(new Set(Operations.map((operation) => operation.Type))).toEqual(new Set(Type));
});

test('the transfer lock is taken off and put on, where there is one', async () => {
  await succeeds(client.send(new DisableDomainTransferLockCommand({ DomainName })), 'DOMAIN_LOCK');
  expect((await detail()).StatusList).toEqual(['addPeriod']);
  await succeeds(client.send(new EnableDomainTransferLockCommand({ DomainName })), 'DOMAIN_LOCK');
  expect((await detail()).StatusList).toEqual(['addPeriod', 'clientTransferProhibited']);
  const german = freshName('de');
  await registered(keiro, client, german);
  expect(await refusal(client.send(new EnableDomainTransferLockCommand({ DomainName: german })))).toEqual({
    code: 'TLDRulesViolation',
    message: 'Transfer lock is not supported for .de domains.',
  });
});

test('the authorization code is its own, and stays', async () => {
  const code = async () => (await client.send(new RetrieveDomainAuthCodeCommand({ DomainName }))).AuthCode;
  expect(await code()).toMatch(/^[\w-]{16}$/);
  expect(await code()).toBe(await code());
});

describe('name servers', () => {
  const update = (Nameservers: Nameserver[]) => client.send(new UpdateDomainNameserversCommand({ DomainName, Nameservers }));
  const reader = keiro.store.reader({ account: 'anybody', region: 'anywhere' });

  test('are others, with glue for those below the domain', async () => {
    const own = { Name: `NS1.${DomainName}.`, GlueIps: ['198.18.1.1', '2001:db8:1::1'] };
    await succeeds(update([own, { Name: 'ns.example.net', GlueIps: ['192.0.2.1'] }]), 'UPDATE_NAMESERVER');
    expect((await detail()).Nameservers).toEqual([
      { Name: `ns1.${DomainName}`, GlueIps: ['198.18.1.1', '2001:db8:1::1'] },
      { Name: 'ns.example.net', GlueIps: [] },
    ]);
    expect(registeredDomainOf(reader, DomainName)?.nameServers).toEqual([
      { name: `ns1.${DomainName}`, addresses: ['198.18.1.1', '2001:db8:1::1'] },
      { name: 'ns.example.net', addresses: [] },
    ]);
  });

  const other = { Name: 'ns.example.net' };
  test.each<[string, Nameserver[], string]>([
    ['too few', [other], 'A domain has 2 to 6 name servers.'],
    ['too many', Array.from({ length: 7 }, (_, index) => ({ Name: `ns${index}.example.net` })), 'A domain has 2 to 6 name servers.'],
    ['one twice', [other, { Name: 'NS.example.net.' }], 'Each name server can be specified only once.'],
    ['no name', [other, { Name: 'ns' }], 'ns is not a valid name server.'],
    ['no glue', [other, { Name: `ns.${DomainName}` }], `Glue IP addresses are required for name server ns.${DomainName}.`],
    ['no address', [other, { Name: `ns.${DomainName}`, GlueIps: ['here'] }], 'here is not a valid glue IP address.'],
    [
      'two of a family',
      [other, { Name: `ns.${DomainName}`, GlueIps: ['192.0.2.1', '192.0.2.2'] }],
      `Name server ns.${DomainName} can have one IPv4 and one IPv6 glue address.`,
    ],
  ])('%s are refused', async (_what, servers, message) => {
    expect(await refusal(update(servers))).toEqual({ code: 'InvalidInput', message });
  });
});

describe('contacts', () => {
  test('are changed one by one; a new address of the registrant is to be confirmed', async () => {
    const TechContact = { ...contact, FirstName: 'Charles' };
    await succeeds(client.send(new UpdateDomainContactCommand({ DomainName, TechContact })), 'UPDATE_DOMAIN_CONTACT');
    expect(await detail()).toMatchObject({ TechContact, AdminContact: contact });
    const RegistrantContact = { ...contact, Email: 'ada@new.example.org' };
    await succeeds(client.send(new UpdateDomainContactCommand({ DomainName, RegistrantContact })), 'CHANGE_DOMAIN_OWNER');
    const reachability = async () => (await client.send(new GetContactReachabilityStatusCommand({ domainName: DomainName }))).status;
    expect(await reachability()).toBe('PENDING');
    expect((await mailsAbout(keiro, DomainName, 'ada@new.example.org')).map(({ subject }) => subject)).toEqual([
      `Verify your email address for ${DomainName}`,
    ]);
    expect((await confirm(keiro, DomainName)).status).toBe(200);
    expect(await reachability()).toBe('DONE');
  });

  test('a link to an address that is no more the registrant’s is of no use', async () => {
    const change = (Email: string) => client.send(new UpdateDomainContactCommand({ DomainName, RegistrantContact: { ...contact, Email } }));
    await change('ada@old.example.org');
    const [old] = (await mailsAbout(keiro, DomainName, 'ada@old.example.org'))[0]?.links ?? [];
    await change('ada@newer.example.org');
    expect(await page(keiro, old?.path ?? '', { method: 'POST' })).toEqual({
      status: 410,
      body: { message: 'This link is of no use any more: what it was to confirm is gone, or was changed since.' },
    });
  });

  test('nobody is changed when nobody is given', async () => {
    expect(await refusal(client.send(new UpdateDomainContactCommand({ DomainName })))).toEqual({
      code: 'InvalidInput',
      message: 'You must specify information for at least one contact.',
    });
    const TechContact = { ...contact, PhoneNumber: '1' };
    expect((await refusal(client.send(new UpdateDomainContactCommand({ DomainName, TechContact })))).message).toBe(
      '[TECH.PHONE_NUMBER is not valid]',
    );
  });

  test('of another owner cost, where the top-level domain has a price for it', async () => {
    const french = freshName('fr');
    await registered(keiro, client, french);
    const RegistrantContact = { ...contact, LastName: 'Byron' };
    const change = (Consent?: { MaxPrice: number; Currency: string }) =>
      client.send(new UpdateDomainContactCommand({ DomainName: french, RegistrantContact, ...(Consent && { Consent }) }));
    const refused = {
      code: 'InvalidInput',
      message:
        'Consent price for a change of ownership is too low, or not provided. For .fr, it should be $12.00 or higher, and provided in US dollars.',
    };
    expect(await refusal(change())).toEqual(refused);
    expect(await refusal(change({ MaxPrice: 11, Currency: 'USD' }))).toEqual(refused);
    await change({ MaxPrice: 12.5, Currency: 'USD' });
    const { RegistrantContact: owner } = await client.send(new GetDomainDetailCommand({ DomainName: french }));
    expect(owner?.LastName).toBe('Byron');
  });

  test('are concealed, or not', async () => {
    await succeeds(client.send(new UpdateDomainContactPrivacyCommand({ DomainName, AdminPrivacy: false })), 'CHANGE_PRIVACY_PROTECTION');
    expect(await detail()).toMatchObject({ AdminPrivacy: false, RegistrantPrivacy: true, TechPrivacy: true, BillingPrivacy: true });
    expect((await refusal(client.send(new UpdateDomainContactPrivacyCommand({ DomainName })))).code).toBe('InvalidInput');
  });
});

test('tags', async () => {
  const tags = async () => (await client.send(new ListTagsForDomainCommand({ DomainName }))).TagList;
  const put = (TagsToUpdate: { Key?: string; Value?: string }[]) =>
    client.send(new UpdateTagsForDomainCommand({ DomainName, TagsToUpdate }));
  expect(await tags()).toEqual([]);
  await put([{ Key: 'a', Value: '1' }, { Key: 'b' }]);
  await put([{ Key: 'a', Value: '2' }]);
  expect(await tags()).toEqual([
    { Key: 'a', Value: '2' },
    { Key: 'b', Value: '' },
  ]);
  await client.send(new DeleteTagsForDomainCommand({ DomainName, TagsToDelete: ['a', 'none'] }));
  expect(await tags()).toEqual([{ Key: 'b', Value: '' }]);
  expect((await refusal(put([{ Key: 'a&b' }]))).message).toBe('The tag key "a&b" is not valid.');
  expect((await refusal(put([{ Key: 'a', Value: 'x'.repeat(257) }]))).code).toBe('InvalidInput');
  expect((await refusal(put(Array.from({ length: 50 }, (_, index) => ({ Key: `k${index}` }))))).message).toBe(
    'A domain can have 50 tags at most.',
  );
});

test('whoever does not have it changes nothing', async () => {
  const stranger = domainsClient(keiro);
  const refused = { code: 'InvalidInput', message: expect.stringContaining(`Domain ${DomainName} not found in `) };
  const calls = [
    new DisableDomainAutoRenewCommand({ DomainName }),
    new DisableDomainTransferLockCommand({ DomainName }),
    new RetrieveDomainAuthCodeCommand({ DomainName }),
    new UpdateDomainNameserversCommand({ DomainName, Nameservers: [] }),
    new UpdateDomainContactCommand({ DomainName, TechContact: contact }),
    new ListTagsForDomainCommand({ DomainName }),
  ];
  for (const call of calls) expect(await refusal(stranger.send(call as RetrieveDomainAuthCodeCommand))).toEqual(refused); // one of them for all
});
