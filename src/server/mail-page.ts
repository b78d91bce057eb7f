/** `/_keiro/mail` and `/_keiro/confirm`: the mails that services have sent, and the links in them. */
import type { Observations, OperationContext } from '#aws/context.ts';
import { AwsError } from '#protocol/aws-error.ts';
import type { HttpRequest, HttpResponse } from '#protocol/http.ts';
import { escapeHtml, htmlPage, linked } from '#server/html.ts';
import { rootPrincipal } from '#server/open-access.ts';
import { pooledRandomBytes } from '#server/random-pool.ts';
import { confirmCertificateName, VALIDATION_PURPOSE } from '#services/acm/public.ts';
import { type ConfirmationRecord, findConfirmation, findMail, isExpired, listMails, type MailRecord, markRead, settle } from '#services/mail/public.ts'; // prettier-ignore
import { confirmRegistrant, REGISTRANT_PURPOSE } from '#services/route53domains/public.ts';
import type { Store, Transaction } from '#store/store.ts';

export interface MailPageOptions {
  readonly store: Pick<Store, 'reader' | 'transact'>;
  /** Milliseconds since the epoch. */
  readonly nowMs: () => number;
  readonly observed: Observations;
  readonly quotasOn: boolean;
}

export interface MailPages {
  readonly mail: (request: HttpRequest) => Promise<HttpResponse>;
  readonly confirm: (request: HttpRequest) => Promise<HttpResponse>;
}

/** Mails as `/_keiro/mail` tells of them in JSON; of one alone also what it says. */
export interface MailView extends Pick<MailRecord, 'id' | 'from' | 'to' | 'subject' | 'links'> {
  /** ISO 8601. */
  readonly sent: string;
  readonly read?: string;
  readonly text?: string;
  readonly html?: string;
}

/** Any partition does: a mail finds its own. */
const anywhere = { account: 'keiro', region: 'global' };

/** Who is told that a link was opened: false when it is of no use any more. */
const services: Readonly<Record<string, (context: OperationContext, subject: string) => boolean>> = {
  [REGISTRANT_PURPOSE]: confirmRegistrant,
  [VALIDATION_PURPOSE]: confirmCertificateName,
};

/** What became of a request about a link. */
interface Verdict {
  readonly status: number;
  readonly title: string;
  readonly words: string;
  /** The button is still to be pressed. */
  readonly isOpen?: true;
}

const unknownLink: Verdict = {
  status: 404,
  title: 'Unknown link',
  words: 'Keiro has sent no such link, or has forgotten it. Look into the mail again: it may be cut off.',
};
const expiredLink: Verdict = { status: 410, title: 'Link expired', words: 'This link has expired. Ask for a new mail.' };
const uselessLink: Verdict = {
  status: 410,
  title: 'Link out of use',
  words: 'This link is of no use any more: what it was to confirm is gone, or was changed since.',
};

export function createMailPages(options: MailPageOptions): MailPages {
  return { mail: async (request) => answerMail(options, request), confirm: async (request) => answerConfirm(options, request) };
}

async function answerMail({ store, nowMs }: MailPageOptions, request: HttpRequest): Promise<HttpResponse> {
  const asked = new URLSearchParams(request.query);
  const strange = [...asked.keys()].find((name) => name !== 'id' && name !== 'to');
  if (strange !== undefined) return say(request, { status: 400, title: 'Wrong address', words: `There is no parameter '${strange}': there are id, to.` }); // prettier-ignore
  const reader = store.reader(anywhere);
  const id = asked.get('id');
  if (id === null) {
    const to = asked.get('to') ?? undefined;
    const mails = listMails(reader, to);
    if (!wantsHtml(request)) return json(200, { mails: mails.map(viewOf) });
    return htmlPage(200, to === undefined ? 'Mail' : `Mail to ${to}`, listOf(mails));
  }
  const found = findMail(reader, id);
  if (found === undefined) return say(request, { status: 404, title: 'No such mail', words: `There is no mail ${id}.` });
  if (request.method === 'GET') await store.transact(anywhere, (tx) => markRead(tx, id, nowMs()));
  const mail = findMail(reader, id) ?? found;
  if (!wantsHtml(request)) return json(200, { ...viewOf(mail), text: mail.text, ...(mail.html === undefined ? {} : { html: mail.html }) });
  return htmlPage(200, mail.subject, wholeOf(mail));
}

function viewOf({ id, from, to, subject, links, sentMs, readMs }: MailRecord): MailView {
  const read = readMs === undefined ? {} : { read: new Date(readMs).toISOString() };
  return { id, from, to, subject, links, sent: new Date(sentMs).toISOString(), ...read };
}

const timeOf = (ms: number): string => new Date(ms).toISOString().replace('T', ' ').slice(0, 19);

function listOf(mails: readonly MailRecord[]): string {
  if (mails.length === 0) return '<p>There is no mail.</p>';
  const rows = mails.map(({ id, from, to, subject, sentMs, readMs }) => {
    const title = `<a href="?id=${encodeURIComponent(id)}">${escapeHtml(subject)}</a>`;
    return `<tr${readMs === undefined ? ' class="new"' : ''}><td>${timeOf(sentMs)}</td><td>${escapeHtml(to.join(', '))}</td><td>${title}</td><td>${escapeHtml(from)}</td></tr>`;
  });
  return `<table><thead><tr><th>Sent (UTC)</th><th>To</th><th>Subject</th><th>From</th></tr></thead><tbody>${rows.join('\n')}</tbody></table>`;
}

function wholeOf({ from, to, text, links, sentMs }: MailRecord): string {
  return `<dl><dt>From</dt><dd>${escapeHtml(from)}</dd><dt>To</dt><dd>${escapeHtml(to.join(', '))}</dd><dt>Sent</dt><dd>${timeOf(sentMs)} UTC</dd></dl>
<pre>${linked(text, links)}</pre>
<p><a href="/_keiro/mail">All mail</a></p>`;
}

async function answerConfirm(options: MailPageOptions, request: HttpRequest): Promise<HttpResponse> {
  const { store, nowMs } = options;
  const token = new URLSearchParams(request.query).get('token') ?? '';
  if (request.method !== 'POST') return say(request, verdictOn(findConfirmation(store.reader(anywhere), token), nowMs()), token);
  try {
    return say(request, await store.transact(anywhere, (tx) => confirm(options, tx, token)));
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    return say(request, { status: 409, title: 'Not confirmed', words: error.message });
  }
}

function verdictOn(confirmation: ConfirmationRecord | undefined, nowMs: number): Verdict {
  if (confirmation === undefined) return unknownLink;
  if (isExpired(confirmation, nowMs)) return expiredLink;
  const { words, confirmedMs } = confirmation;
  if (confirmedMs !== undefined) return { status: 200, title: 'Confirmed', words: `It is confirmed that ${words}.` };
  return { status: 200, title: 'Please confirm', words: `Confirm that ${words}.`, isOpen: true };
}

/** Once and for all: again, it says the same and does nothing. */
function confirm({ nowMs: now, observed, quotasOn }: MailPageOptions, tx: Transaction, token: string): Verdict {
  const nowMs = now();
  const confirmation = findConfirmation(tx, token);
  const verdict = verdictOn(confirmation, nowMs);
  if (confirmation === undefined || verdict.isOpen === undefined) return verdict;
  const { purpose, subject, partition, region, words } = confirmation;
  const { account } = partition;
  const context: OperationContext = {
    account,
    region,
    principal: rootPrincipal(account, account),
    requestId: 'confirmation',
    nowMs,
    tx: tx.in(partition),
    randomBytes: pooledRandomBytes,
    observed,
    quotasOn,
  };
  if (services[purpose]?.(context, subject) !== true) return uselessLink;
  settle(tx, confirmation, nowMs);
  return { status: 200, title: 'Confirmed', words: `Thank you. It is confirmed that ${words}.` };
}

/** A verdict to people, or to programs. @param token of the link whose button is shown */
function say(request: HttpRequest, { status, title, words, isOpen }: Verdict, token = ''): HttpResponse {
  if (!wantsHtml(request)) return json(status, { message: words, ...(status === 200 ? { isConfirmed: isOpen !== true } : {}) });
  const button = `<form method="post" action="/_keiro/confirm?token=${encodeURIComponent(token)}"><button>Confirm</button></form>`;
  return htmlPage(status, title, `<p>${escapeHtml(words)}</p>${isOpen ? button : ''}<p><a href="/_keiro/mail">All mail</a></p>`);
}

/** Browsers name it; whoever names nothing gets JSON. */
const wantsHtml = ({ headers }: HttpRequest): boolean => /\btext\/html\b/.test(headers['accept'] ?? '');

function json(status: number, value: unknown): HttpResponse {
  return { status, headers: { 'content-type': 'application/json', 'cache-control': 'no-store' }, body: `${JSON.stringify(value)}\n` };
}
