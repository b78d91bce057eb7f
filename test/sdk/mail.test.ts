/** The mails that services send, and the links in them, over HTTP. */
import { ACMClient } from '@aws-sdk/client-acm';
import { expect, test } from 'vitest';
import { mailPartition } from '#services/mail/tables.ts';
import { findMail, listMails, newConfirmation, sendMail } from '#services/mail/public.ts';
import { pooledRandomBytes } from '#server/random-pool.ts';
import { useKeiro } from '#test/sdk/keiro.ts';
import { confirm, domainsClient, freshName, linkAbout, mailsAbout, page, register } from '#test/sdk/route53domains.ts';
import { request } from '#test/sdk/acm-certificates.ts';

const keiro = await useKeiro({ logLevel: 'error' });
const html = { headers: { accept: 'text/html,application/xhtml+xml' } };

async function browse(path: string, init: RequestInit = {}): Promise<{ status: number; text: string; headers: Headers }> {
  const response = await fetch(`${keiro.endpoint}${path}`, { ...html, ...init });
  return { status: response.status, text: await response.text(), headers: response.headers };
}

const send = async (mail: Partial<Parameters<typeof sendMail>[1]> = {}, nowMs = Date.now()): Promise<string> =>
  keiro.store.transact(mailPartition, (tx) =>
    sendMail(
      { tx, nowMs, randomBytes: pooledRandomBytes },
      { from: 'a@example.com', to: ['b@example.com'], subject: 's', text: 't', ...mail },
    ),
  );

test('a mail is listed unread, and read when it is opened', async () => {
  const id = await send({ to: ['One@example.com', 'two@example.com'], subject: 'first sight', html: '<b>t</b>' });
  const find = async (to: string) => (await mailsAbout(keiro, 'first sight', to))[0];
  expect(await find('one@EXAMPLE.com')).toEqual({
    id,
    from: 'a@example.com',
    to: ['One@example.com', 'two@example.com'],
    subject: 'first sight',
    links: [],
    sent: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
  });
  expect((await fetch(`${keiro.endpoint}/_keiro/mail?id=${id}`, { method: 'HEAD' })).status).toBe(200);
  expect((await find('two@example.com'))?.read).toBeUndefined();
  const { status, body } = await page(keiro, `/_keiro/mail?id=${id}`);
  expect([status, body]).toEqual([200, expect.objectContaining({ id, text: 't', html: '<b>t</b>', read: expect.any(String) })]);
  expect((await find('two@example.com'))?.read).toBe(body['read']);
  expect(await find('nobody@example.com')).toBeUndefined();
});

test('in a browser mails are text, whatever is in them', async () => {
  const id = await send({
    from: '"<i>" <a@example.com>',
    subject: '<script>alert(1)</script>',
    text: 'see /_keiro/confirm?token=x&y="\n<img src=x onerror=alert(1)>',
    links: [{ label: 'Confirm', path: '/_keiro/confirm?token=x&y="' }],
  });
  const list = await browse('/_keiro/mail');
  expect(list.status).toBe(200);
  expect(list.headers.get('content-security-policy')).toContain("default-src 'none'");
  expect(list.text).toContain(`<a href="?id=${id}">&lt;script&gt;alert(1)&lt;/script&gt;</a>`);
  const whole = await browse(`/_keiro/mail?id=${id}`);
  expect(whole.text).toContain('<a href="/_keiro/confirm?token=x&amp;y=&quot;">/_keiro/confirm?token=x&amp;y=&quot;</a>');
  for (const { text } of [list, whole]) expect(text).not.toMatch(/<script|<img|<i>/);
  expect((await browse('/_keiro/mail?to=%3Cb%3E')).text).toContain('Mail to &lt;b&gt;');
});

test('a link shows what it confirms, and does so when the button is pressed, once', async () => {
  const name = freshName();
  await register(domainsClient(keiro), name);
  const link = await linkAbout(keiro, name);
  const words = `ada@example.org is the address of the registrant of ${name}`;
  const shown = await browse(link);
  expect(shown.status).toBe(200);
  expect(shown.text).toContain(`Confirm that ${words}.`);
  expect(shown.text).toContain(`<form method="post" action="${link}"><button>Confirm</button></form>`);
  expect(await page(keiro, link)).toEqual({ status: 200, body: { message: `Confirm that ${words}.`, isConfirmed: false } });
  const done = await browse(link, { method: 'POST' });
  expect([done.status, done.text.includes(`It is confirmed that ${words}.`), done.text.includes('<form')]).toEqual([200, true, false]);
  for (const method of ['POST', 'GET'])
    expect(await page(keiro, link, { method })).toEqual({
      status: 200,
      body: { message: `It is confirmed that ${words}.`, isConfirmed: true },
    });
  expect(await mailsAbout(keiro, `Registration of ${name}`)).toHaveLength(1);
});

test('links that nobody sent are unknown, and old ones expired', async () => {
  for (const path of ['/_keiro/confirm', '/_keiro/confirm?token=', '/_keiro/confirm?token=guess', '/_keiro/confirm?token=__proto__']) {
    for (const method of ['GET', 'POST']) expect((await page(keiro, path, { method })).status).toBe(404);
  }
  const context = { nowMs: Date.now() - 60_000, randomBytes: pooledRandomBytes, region: 'us-east-1' };
  const { path } = await keiro.store.transact({ account: '123456789012', region: 'global' }, (tx) =>
    newConfirmation({ ...context, tx }, { purpose: 'nobody.cares', subject: 'x', words: 'x is y', validMs: 30_000 }),
  );
  for (const method of ['GET', 'POST'])
    expect(await page(keiro, path, { method })).toEqual({ status: 410, body: { message: 'This link has expired. Ask for a new mail.' } });
  expect((await browse(path)).text).toContain('<h1>Link expired</h1>');
});

test('what is asked wrongly is said', async () => {
  expect(await page(keiro, '/_keiro/mail?from=x')).toEqual({
    status: 400,
    body: { message: "There is no parameter 'from': there are id, to." },
  });
  expect(await page(keiro, '/_keiro/mail?id=mail-0')).toEqual({ status: 404, body: { message: 'There is no mail mail-0.' } });
  expect((await page(keiro, '/_keiro/mail', { method: 'POST' })).status).toBe(405);
  expect((await page(keiro, '/_keiro/confirm?token=x', { method: 'POST', headers: { origin: 'https://evil.example' } })).status).toBe(403);
});

test('ten thousand mails are kept', async () => {
  const first = await send({ subject: 'the first' });
  await keiro.store.transact(mailPartition, (tx) => {
    for (let count = 0; count < 10_000; count += 1)
      sendMail({ tx, nowMs: 0, randomBytes: pooledRandomBytes }, { from: 'a', to: ['many@example.com'], subject: `${count}`, text: '' });
  });
  const reader = keiro.store.reader(mailPartition);
  expect(findMail(reader, first)).toBeUndefined();
  expect(listMails(reader)).toHaveLength(10_000);
  expect(listMails(reader)[0]?.subject).toBe('9999');
});

test('the mails of a certificate go to the five addresses of its domain', async () => {
  await request(keiro.client(ACMClient), { DomainName: 'www.mail-test.example', ValidationMethod: 'EMAIL' });
  const [mail, ...more] = await mailsAbout(keiro, 'www.mail-test.example');
  expect(more).toEqual([]);
  expect(mail).toMatchObject({
    subject: 'Certificate request for www.mail-test.example',
    to: ['admin', 'administrator', 'hostmaster', 'postmaster', 'webmaster'].map((box) => `${box}@mail-test.example`),
  });
  expect((await confirm(keiro, 'www.mail-test.example')).body['message']).toMatch(/may have a certificate for www\.mail-test\.example\.$/);
});
