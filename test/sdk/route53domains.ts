/** Domains for tests of Route 53 Domains: contacts, registrations, and the registrant who answers the mail. */
import {
  type ContactDetail,
  GetOperationDetailCommand,
  RegisterDomainCommand,
  type RegisterDomainCommandInput,
  Route53DomainsClient,
} from '@aws-sdk/client-route-53-domains';
import type { MailView } from '#server/mail-page.ts';
import type { Keiro } from '#test/sdk/keiro.ts';

export const contact: ContactDetail = {
  FirstName: 'Ada',
  LastName: 'Lovelace',
  ContactType: 'PERSON',
  AddressLine1: '12 St James’s Square',
  City: 'London',
  CountryCode: 'GB',
  ZipCode: 'SW1Y 4JH',
  PhoneNumber: '+44.2079460123',
  Email: 'ada@example.org',
};

let names = 0;

/** A name that no other test uses: the registry is one for all accounts. */
export function freshName(tld = 'com'): string {
  names += 1;
  return `domain-${names}.${tld}`;
}

export const domainsClient = (keiro: Keiro, account = keiro.freshAccount()): Route53DomainsClient =>
  keiro.client(Route53DomainsClient, { account, region: 'us-east-1' });

export function registerInput(DomainName: string, more: Partial<RegisterDomainCommandInput> = {}): RegisterDomainCommandInput {
  return { DomainName, DurationInYears: 1, AdminContact: contact, RegistrantContact: contact, TechContact: contact, ...more };
}

/** Asks for a domain. @returns the operation's id */
export async function register(
  client: Route53DomainsClient,
  name: string,
  more: Partial<RegisterDomainCommandInput> = {},
): Promise<string> {
  return (await client.send(new RegisterDomainCommand(registerInput(name, more)))).OperationId ?? '';
}

export async function statusOf(client: Route53DomainsClient, OperationId: string) {
  const { Status, StatusFlag, Message, Type, DomainName } = await client.send(new GetOperationDetailCommand({ OperationId }));
  return { Status, StatusFlag, Message, Type, DomainName };
}

/** What a page of Keiro's says in JSON. */
export async function page(keiro: Keiro, path: string, init: RequestInit = {}): Promise<{ status: number; body: Record<string, unknown> }> {
  const response = await fetch(`${keiro.endpoint}${path}`, init);
  return { status: response.status, body: (await response.json()) as Record<string, unknown> }; // all these pages give objects
}

/** The newest first. */
export async function mailsAbout(keiro: Keiro, word: string, to = ''): Promise<readonly MailView[]> {
  const { body } = await page(keiro, `/_keiro/mail${to === '' ? '' : `?to=${encodeURIComponent(to)}`}`);
  return (body['mails'] as readonly MailView[]).filter(({ subject }) => subject.includes(word)); // what the page gives
}

/** The path of the link in the newest mail about a name that has one. */
export async function linkAbout(keiro: Keiro, word: string): Promise<string> {
  const path = (await mailsAbout(keiro, word)).flatMap(({ links }) => links)[0]?.path;
  if (path === undefined) throw new Error(`there is no link about ${word}`);
  return path;
}

/** Opens the link of the newest mail about a name, as its reader would. */
export async function confirm(keiro: Keiro, word: string): Promise<{ status: number; body: Record<string, unknown> }> {
  return page(keiro, await linkAbout(keiro, word), { method: 'POST' });
}

/** A domain whose registrant has answered. */
export async function registered(keiro: Keiro, client: Route53DomainsClient, name: string, more: Partial<RegisterDomainCommandInput> = {}) {
  const operationId = await register(client, name, more);
  const { status } = await confirm(keiro, name);
  if (status !== 200) throw new Error(`${name} is not confirmed: ${status}`);
  return operationId;
}
