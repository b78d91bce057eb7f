/** Codes that are sent to users, and the messages that they stand in. */
import { timingSafeEqual } from 'node:crypto';
import type { CodeDeliveryDetailsType } from '@aws-sdk/client-cognito-identity-provider';
import { codeExpired, codeMismatch } from '#services/cognito-idp/errors.ts';
import { drawText } from '#services/cognito-idp/ids.ts';
import type { AtPool } from '#services/cognito-idp/lookup.ts';
import { sendEmail, sendSms } from '#services/cognito-idp/users/messages.ts';
import { type CodePurpose, type CodeRecord, codeTable, type UserRecord } from '#services/cognito-idp/users/tables.ts';
import type { AwsError } from '#protocol/aws-error.ts';

const HOUR_MS = 3_600_000;
/** "Code security resource quotas": 24 hours, but one for a forgotten password. */
const validMs: Readonly<Record<CodePurpose, number>> = {
  'sign-up': 24 * HOUR_MS,
  password: HOUR_MS,
  email: 24 * HOUR_MS,
  phone_number: 24 * HOUR_MS,
};
const DIGITS = 6;

export interface Recipient {
  readonly attribute: 'email' | 'phone_number';
  readonly value: string;
}

/** Sends a code, which takes the place of the one before it. */
export function sendCode(at: AtPool, user: UserRecord, purpose: CodePurpose, to: Recipient): CodeDeliveryDetailsType {
  const { context, pool } = at;
  const code = drawText(context, '0123456789', DIGITS);
  const id = `${user.id}/${purpose}`;
  context.tx.put(codeTable, { id, poolId: pool.id, code, expiresMs: context.nowMs + validMs[purpose], ...to });
  const template = pool.settings.VerificationMessageTemplate;
  const isReset = purpose === 'password';
  const usual = `Your ${isReset ? 'password reset' : purpose === 'sign-up' ? 'confirmation' : 'verification'} code is {####}`;
  if (to.attribute === 'phone_number') sendSms(at, to.value, { text: template?.SmsMessage ?? usual, username: user.username, code });
  else {
    const subject = template?.EmailSubject ?? (isReset ? 'Your password reset code' : 'Your verification code');
    sendEmail(at, to.value, { subject, text: template?.EmailMessage ?? usual, username: user.username, code });
  }
  return deliveryOf(to);
}

/**
 * Takes a code: it works once.
 * @returns the code's record, or what to refuse it with
 */
export function takeCode({ context }: AtPool, user: Pick<UserRecord, 'id'>, purpose: CodePurpose, given: string): CodeRecord | AwsError {
  const id = `${user.id}/${purpose}`;
  const kept = context.tx.get(codeTable, id);
  if (kept === undefined || context.nowMs >= kept.expiresMs) return codeExpired();
  const [is, wanted] = [Buffer.from(given), Buffer.from(kept.code)];
  if (is.length !== wanted.length || !timingSafeEqual(is, wanted)) return codeMismatch();
  context.tx.delete(codeTable, id);
  return kept;
}

/** Where something was sent, with most of it hidden: `a***@e***`, `+*******1234`. */
export function deliveryOf({ attribute, value }: Recipient): CodeDeliveryDetailsType {
  const [local = '', domain = ''] = value.split('@');
  const isEmail = attribute === 'email';
  return {
    Destination: isEmail ? `${local.slice(0, 1)}***@${domain.slice(0, 1)}***` : `+*******${value.slice(-4)}`,
    DeliveryMedium: isEmail ? 'EMAIL' : 'SMS',
    AttributeName: attribute,
  };
}
