/** SSH keys as text: OpenSSH public and private keys, and PuTTY's private keys (RFC 4253 section 6.6, OpenSSH's PROTOCOL.key, PuTTY's appendix C). */
import { createHash, createHmac, type KeyObject } from 'node:crypto';

export type KeyType = 'rsa' | 'ed25519';

/** The algorithm's name in SSH. */
export const sshNames: Readonly<Record<KeyType, string>> = { rsa: 'ssh-rsa', ed25519: 'ssh-ed25519' };

/** RFC 4251 section 5: a length and that many bytes. */
export function sshString(value: string | Buffer): Buffer {
  const bytes = Buffer.from(value as Buffer); // Buffer.from takes both
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

/** RFC 4251 section 5: a positive number, with a zero byte in front when its first bit is set. */
export function sshNumber(bytes: Buffer): Buffer {
  let start = 0;
  while (start < bytes.length && bytes[start] === 0) start++;
  const shortest = bytes.subarray(start);
  const isNegative = ((shortest[0] ?? 0) & 0x80) !== 0;
  return sshString(isNegative ? Buffer.concat([Buffer.alloc(1), shortest]) : shortest);
}

/** The public key as SSH sends it over the wire; of a private key, its public half. */
export function publicBlob(key: KeyObject): Buffer {
  const jwk = key.export({ format: 'jwk' });
  if (key.asymmetricKeyType === 'ed25519') return Buffer.concat([sshString(sshNames.ed25519), sshString(base64Url(jwk.x))]);
  return Buffer.concat([sshString(sshNames.rsa), sshNumber(base64Url(jwk.e)), sshNumber(base64Url(jwk.n))]);
}

/** E.g. `ssh-ed25519 AAAA… comment`. */
export function openSshPublicKey(type: KeyType, blob: Buffer, comment: string): string {
  return `${sshNames[type]} ${blob.toString('base64')} ${comment}`;
}

/** OpenSSH's own private-key format, unencrypted, as AWS hands out ED25519 keys. `check` is any four bytes. */
export function openSshPrivateKey(key: KeyObject, check: Buffer): string {
  const { x, d } = key.export({ format: 'jwk' });
  const blob = publicBlob(key);
  const pair = Buffer.concat([base64Url(d), base64Url(x)]);
  const secret = Buffer.concat([check, check, sshString(sshNames.ed25519), sshString(base64Url(x)), sshString(pair), sshString('')]);
  const padding = Buffer.from(Array.from({ length: (8 - (secret.length % 8)) % 8 }, (_, index) => index + 1));
  const keyCount = Buffer.from([0, 0, 0, 1]);
  const none = sshString('none'); // the cipher and the key derivation
  const body = Buffer.concat([
    Buffer.from('openssh-key-v1\0'),
    none,
    none,
    sshString(''),
    keyCount,
    sshString(blob),
    sshString(Buffer.concat([secret, padding])),
  ]);
  return ['-----BEGIN OPENSSH PRIVATE KEY-----', ...lines(body, 70), '-----END OPENSSH PRIVATE KEY-----', ''].join('\n');
}

/** PuTTY's private-key format, version 2 (every PuTTY reads it), unencrypted. */
export function puttyPrivateKey(type: KeyType, key: KeyObject, comment: string): string {
  const name = sshNames[type];
  const open = publicBlob(key);
  const secret = puttySecret(key);
  const publicLines = lines(open, 64);
  const privateLines = lines(secret, 64);
  const macKey = createHash('sha1').update('putty-private-key-file-mac-key').digest();
  const sealed = Buffer.concat([name, 'none', comment, open, secret].map(sshString));
  const mac = createHmac('sha1', macKey).update(sealed).digest('hex');
  return [
    `PuTTY-User-Key-File-2: ${name}`,
    'Encryption: none',
    `Comment: ${comment}`,
    `Public-Lines: ${publicLines.length}`,
    ...publicLines,
    `Private-Lines: ${privateLines.length}`,
    ...privateLines,
    `Private-MAC: ${mac}`,
    '',
  ].join('\r\n');
}

function puttySecret(key: KeyObject): Buffer {
  const jwk = key.export({ format: 'jwk' });
  if (key.asymmetricKeyType === 'ed25519') return sshString(base64Url(jwk.d));
  return Buffer.concat([jwk.d, jwk.p, jwk.q, jwk.qi].map((part) => sshNumber(base64Url(part))));
}

/** A part of a key in JSON Web Key form, which Node writes for every key of its type. */
function base64Url(part: string | undefined): Buffer {
  return Buffer.from(part ?? '', 'base64url');
}

function lines(bytes: Buffer, width: number): string[] {
  return bytes.toString('base64').match(new RegExp(`.{1,${width}}`, 'g')) ?? [];
}
