/** IAM's unique ids and access key ids (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids). */
import type { OperationContext } from '#aws/context.ts';

type Random = Pick<OperationContext, 'randomBytes'>;

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** E.g. `uniqueId(context, 'AIDA')`: the prefix and 17 characters. */
export function uniqueId(context: Random, prefix: 'AIDA' | 'AGPA' | 'AROA' | 'ANPA' | 'AIPA'): string {
  return prefix + base32(context.randomBytes(17));
}

/** The prefix and 16 characters of 5 bits; as in AWS, the 40 bits behind the first are the account. */
export function accessKeyId(context: Random, account: string, prefix: 'AKIA' | 'ASIA'): string {
  let low = 0n;
  for (const byte of context.randomBytes(5)) low = (low << 8n) | BigInt(byte);
  const bits = (1n << 79n) | (BigInt(account) << 39n) | (low & ((1n << 39n) - 1n));
  let text = '';
  for (let shift = 75n; shift >= 0n; shift -= 5n) text += alphabet.charAt(Number((bits >> shift) & 31n));
  return prefix + text;
}

/** The account that an access key id of that form holds; undefined for ids of another form. */
export function accountOfAccessKeyId(id: string): string | undefined {
  if (!/^(?:AKIA|ASIA)[A-Z2-7]{16}$/.test(id)) return undefined;
  let bits = 0n;
  for (const character of id.slice(4)) bits = (bits << 5n) | BigInt(alphabet.indexOf(character));
  const account = (bits >> 39n) & ((1n << 40n) - 1n);
  return account < 1_000_000_000_000n ? account.toString().padStart(12, '0') : undefined;
}

/** 40 characters. */
export function secretAccessKey(context: Random): string {
  return context.randomBytes(30).toString('base64');
}

function base32(bytes: Buffer): string {
  return [...bytes].map((byte) => alphabet.charAt(byte & 31)).join('');
}
