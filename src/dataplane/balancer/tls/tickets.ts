/** Session tickets that all processes of a load balancer open, also after they began anew. */
import { createHash, hkdfSync } from 'node:crypto';

/** What OpenSSL seals tickets with: a name, a key and a key of HMAC, 16 bytes each (`ticketKeys` of node:tls). */
const TICKET_KEY_BYTES = 48;

/** @param secret the load balancer's, 16 bytes and more */
export function ticketOptions(secret: Uint8Array): { readonly ticketKeys: Buffer; readonly sessionIdContext: string } {
  const ticketKeys = Buffer.from(hkdfSync('sha256', secret, '', 'keiro balancer tickets', TICKET_KEY_BYTES));
  return { ticketKeys, sessionIdContext: createHash('sha256').update(ticketKeys).digest('hex').slice(0, 32) };
}
