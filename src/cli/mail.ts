/** `keiro mail`: the mails that services have sent, and the links in them. */
import { Complaint } from '#cli/complaint.ts';
import { type LocateOptions, requireServer } from '#cli/locate.ts';
import { print } from '#cli/print.ts';
import type { MailView } from '#server/mail-page.ts';

export interface MailOptions extends LocateOptions {
  readonly json?: boolean;
  /** An address. */
  readonly to?: string;
  readonly confirm?: boolean;
}

export async function mail(what: 'list' | 'show' | 'open', id: string | undefined, options: MailOptions): Promise<void> {
  if (what === 'list' && id !== undefined) throw new Complaint(`to see ${id}, say 'keiro mail show ${id}'.`);
  if (what !== 'open' && options.confirm === true) throw new Complaint("--confirm goes with 'keiro mail open'.");
  const { endpoint } = await requireServer(options);
  if (what === 'list') return list(endpoint, options);
  const wanted = await mailAt(endpoint, id, options.to);
  await (what === 'show' ? show(wanted, options) : open(wanted, options));
}

async function list(endpoint: string, { to, json }: MailOptions): Promise<void> {
  const mails = await mailsAt(endpoint, to);
  print(json, mails, () =>
    printable(mails.length === 0 ? `There is no mail${to === undefined ? '' : ` to ${to}`}.` : mails.map(lineOf).join('\n')),
  );
}

function show(wanted: MailView, { json }: MailOptions): void {
  const { from, to, sent, subject, text = '' } = wanted;
  print(json, wanted, () => printable(`From: ${from}\nTo: ${to.join(', ')}\nDate: ${sent}\nSubject: ${subject}\n\n${text.trimEnd()}`));
}

async function open({ id, links }: MailView, { json, confirm }: MailOptions): Promise<void> {
  if (links.length === 0) throw new Complaint(`the mail ${id} has no link.`);
  const urls = links.map(({ path }) => path);
  if (confirm !== true) return print(json, { id, links: urls }, () => urls.join('\n'));
  const confirmed = await Promise.all(urls.map(follow));
  print(json, { id, confirmed }, () => confirmed.join('\n'));
}

/** Mails repeat what callers gave as names: nothing of it may steer the terminal. */
const printable = (text: string): string => text.replace(/[^\P{Cc}\n\t]/gu, '');

/** `*` marks what nobody has read. */
const lineOf = ({ id, sent, read, to, subject }: MailView): string =>
  `${read === undefined ? '*' : ' '} ${id}  ${sent.slice(0, 19).replace('T', ' ')}  ${to[0] ?? ''}${to.length > 1 ? ` and ${to.length - 1} more` : ''}  ${subject}`;

async function mailsAt(endpoint: string, to: string | undefined): Promise<readonly MailView[]> {
  const query = to === undefined ? '' : `?to=${encodeURIComponent(to)}`;
  const { mails } = (await ask(`${endpoint}/_keiro/mail${query}`)) as { readonly mails: readonly MailView[] }; // what the page gives
  return mails.map((mail) => withEndpoint(mail, endpoint));
}

/** The newest one when no id is given. */
async function mailAt(endpoint: string, id: string | undefined, to: string | undefined): Promise<MailView> {
  const wanted = id ?? (await mailsAt(endpoint, to))[0]?.id;
  if (wanted === undefined) throw new Complaint(`there is no mail${to === undefined ? '' : ` to ${to}`}.`);
  return withEndpoint((await ask(`${endpoint}/_keiro/mail?id=${encodeURIComponent(wanted)}`)) as MailView, endpoint); // what the page gives
}

/** Links as they are opened from here. */
function withEndpoint(mail: MailView, endpoint: string): MailView {
  const paths = new Set(mail.links.map(({ path }) => path));
  let { text } = mail;
  for (const path of paths) text = text?.replaceAll(path, `${endpoint}${path}`);
  const links = mail.links.map((link) => ({ ...link, path: `${endpoint}${link.path}` }));
  return { ...mail, links, ...(text === undefined ? {} : { text }) };
}

async function follow(link: string): Promise<string> {
  return ((await ask(link, 'POST')) as { readonly message: string }).message; // what the page gives
}

/** @throws Complaint in the server's words */
async function ask(url: string, method = 'GET'): Promise<unknown> {
  const response = await fetch(url, { method, headers: { accept: 'application/json' } });
  const answer: unknown = await response.json().catch(() => undefined);
  if (response.ok) return answer;
  const message = typeof answer === 'object' && answer && 'message' in answer ? String(answer.message) : undefined;
  throw new Complaint(message ?? `the server answered ${response.status}: its log says more.`);
}
