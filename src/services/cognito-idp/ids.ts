/** Ids of pools, clients, users and tokens. */
import type { OperationContext } from '#aws/context.ts';

type Chance = Pick<OperationContext, 'randomBytes'>;

const LOWER = 'abcdefghijklmnopqrstuvwxyz0123456789';
const MIXED = `ABCDEFGHIJKLMNOPQRSTUVWXYZ${LOWER}`;
/** As AWS's are. */
const POOL_LENGTH = 9;
const CLIENT_LENGTH = 26;
const SECRET_LENGTH = 52;

/** E.g. `eu-west-1_aB3dEf6hI`. */
export function newPoolId(context: Chance & Pick<OperationContext, 'region'>): string {
  return `${context.region}_${drawText(context, MIXED, POOL_LENGTH)}`;
}

export const newClientId = (context: Chance): string => drawText(context, LOWER, CLIENT_LENGTH);
export const newClientSecret = (context: Chance): string => drawText(context, LOWER, SECRET_LENGTH);

/** Characters by chance, each as likely as another. @param alphabet of 256 characters at most */
export function drawText(context: Chance, alphabet: string, length: number): string {
  const fair = 256 - (256 % alphabet.length);
  let text = '';
  while (text.length < length)
    for (const byte of context.randomBytes(length)) if (byte < fair && text.length < length) text += alphabet[byte % alphabet.length] ?? '';
  return text;
}

/** A UUID by chance (RFC 9562, version 4). */
export function newUuid(context: Chance): string {
  return uuidOf(context.randomBytes(16), 4);
}

/** A UUID that tells when it was made (RFC 9562, version 7). */
export function timedUuid(context: Chance & Pick<OperationContext, 'nowMs'>): string {
  const bytes = context.randomBytes(16);
  bytes.writeUIntBE(context.nowMs, 0, 6);
  return uuidOf(bytes, 7);
}

/** When such a UUID was made, milliseconds since the epoch; 0 for other texts. */
export function timeOfUuid(uuid: string): number {
  const digits = /^([0-9a-f]{8})-([0-9a-f]{4})-7/.exec(uuid);
  return digits === null ? 0 : Number.parseInt(`${digits[1]}${digits[2]}`, 16);
}

/** A UUID that always is the same for the same bytes, of which there are at least 16. */
export function uuidOf(from: Buffer, version: 4 | 7 = 4): string {
  const bytes = Buffer.from(from.subarray(0, 16));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | (version << 4);
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}
