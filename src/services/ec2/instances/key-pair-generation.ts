/** New SSH keys. RSA keys take long to find, so some are made ahead, away from the event loop. */
import { createPrivateKey, generateKeyPair, generateKeyPairSync, type KeyObject } from 'node:crypto';

/** AWS's length of the keys it makes. */
const rsaBits = 2048;
/** How many RSA keys are kept ready once key pairs are in use. */
const keptReady = 2;
const options = { modulusLength: rsaBits } as const;

const ready: KeyObject[] = [];
let isFilling = false;

/** A new RSA key: one made ahead, or, when these are used up, one made now, which takes about 100 ms. */
export function newRsaKey(): KeyObject {
  const key = ready.pop() ?? generateKeyPairSync('rsa', options).privateKey;
  prepareRsaKeys();
  return key;
}

/** Begins to make RSA keys ahead, one after the other, in a thread of the pool. */
export function prepareRsaKeys(): void {
  if (isFilling || ready.length >= keptReady) return;
  isFilling = true;
  generateKeyPair('rsa', options, (error, _publicKey, privateKey) => {
    isFilling = false;
    if (error) return; // the next call makes its key itself
    ready.push(privateKey);
    prepareRsaKeys();
  });
}

/** PKCS #8 of an ED25519 key up to its seed (RFC 8410 section 7). */
const ed25519Header = Buffer.from('302e020100300506032b657004220420', 'hex');

/** The ED25519 key of 32 random bytes. */
export function ed25519Key(seed: Buffer): KeyObject {
  return createPrivateKey({ key: Buffer.concat([ed25519Header, seed]), format: 'der', type: 'pkcs8' });
}
