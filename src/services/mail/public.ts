/** What services may ask of the mails, and the server of both: everything that leaves or enters this folder. */
export { findConfirmation, isExpired, newConfirmation, type NewConfirmation, settle } from '#services/mail/confirmations.ts';
export { findMail, listMails, markRead, type OutgoingMail, sendMail } from '#services/mail/mails.ts';
export type { ConfirmationRecord, MailLink, MailRecord } from '#services/mail/tables.ts';
