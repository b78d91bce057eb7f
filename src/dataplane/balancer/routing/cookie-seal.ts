/** What a load balancer writes into its cookies: only who has its key can read or make it. */
import { createCipheriv, createDecipheriv, hkdfSync, randomFillSync } from 'node:crypto';

const ALGORITHM = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** As many as browsers take for all of AWS's four parts. */
const MAX_CHARACTERS = 16_384;

export class CookieSeal {
  private readonly key: Buffer;

  /** @param secret the same for all nodes, workers and restarts of one load balancer; 16 bytes and more, random */
  constructor(secret: Uint8Array) {
    if (secret.length < 16) throw new RangeError('a cookie secret has at least 16 bytes');
    this.key = Buffer.from(hkdfSync('sha256', secret, '', 'keiro balancer cookies', 32));
  }

  /** @param name of the cookie: what is sealed for one does not open as another */
  seal(name: string, text: string): string {
    const nonce = randomFillSync(Buffer.allocUnsafe(NONCE_BYTES));
    const cipher = createCipheriv(ALGORITHM, this.key, nonce).setAAD(Buffer.from(name));
    const sealed = [nonce, cipher.update(text, 'utf8'), cipher.final()];
    return Buffer.concat([...sealed, cipher.getAuthTag()]).toString('base64');
  }

  /** Undefined when it was not sealed with this key, or for another cookie. */
  open(name: string, value: string): string | undefined {
    if (value.length > MAX_CHARACTERS) return undefined;
    const bytes = Buffer.from(value, 'base64');
    if (bytes.length <= NONCE_BYTES + TAG_BYTES) return undefined;
    const decipher = createDecipheriv(ALGORITHM, this.key, bytes.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES });
    decipher.setAAD(Buffer.from(name)).setAuthTag(bytes.subarray(-TAG_BYTES));
    try {
      return decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES), undefined, 'utf8') + decipher.final('utf8');
    } catch {
      return undefined; // made by somebody else
    }
  }
}
