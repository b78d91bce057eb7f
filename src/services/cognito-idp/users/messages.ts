/** Messages to users: mails, and texts to their phones, which are kept among the mails. */
import type { AtPool } from '#services/cognito-idp/lookup.ts';
import { sendMail } from '#services/mail/public.ts';

/** AWS's sender, unless the pool has one of its own. */
const SENDER = 'no-reply@verificationemail.com';
const SMS_SENDER = 'Amazon Cognito (SMS)';

export interface Message {
  /** With `{####}` and `{username}` in it. */
  readonly text: string;
  readonly username: string;
  /** A code or a password. */
  readonly code: string;
}

export function sendEmail({ context, pool }: AtPool, to: string, { subject, ...message }: Message & { readonly subject: string }): void {
  const from = pool.settings.EmailConfiguration?.From ?? SENDER;
  sendMail(context, { from, to: [to], subject: filled({ ...message, text: subject }), text: filled(message) });
}

export function sendSms({ context }: AtPool, to: string, message: Message): void {
  sendMail(context, { from: SMS_SENDER, to: [to], subject: 'Text message', text: filled(message) });
}

/** Functions, because a password may hold `$&`. */
const filled = ({ text, username, code }: Message): string =>
  text.replaceAll('{username}', () => username).replaceAll('{####}', () => code);
