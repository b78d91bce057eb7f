/** Accounts: every 12-digit number is one; one of them manages the others. */

/** The account of callers whose access key names none, and, as AWS Organizations has it, the management account of all others. */
export const defaultAccount = '123456789012';
