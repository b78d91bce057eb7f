import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { openSshPrivateKey, openSshPublicKey, publicBlob, puttyPrivateKey, sshNumber } from '#services/ec2/instances/key-pair-formats.ts';
import { ed25519Key } from '#services/ec2/instances/key-pair-generation.ts';
import { importPublicKey } from '#services/ec2/instances/key-pair-import.ts';

/** The key of RFC 8032 section 7.1, test 1. */
const seed = Buffer.from('9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60', 'hex');
const publicHalf = Buffer.from('d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a', 'hex');

describe('SSH keys as text', () => {
  test('an ED25519 key of 32 bytes has the public half that RFC 8032 says', () => {
    const blob = publicBlob(ed25519Key(seed));
    expect(blob.subarray(-32)).toEqual(publicHalf);
    expect(blob.subarray(0, 19).toString('latin1')).toBe('\0\0\0\x0bssh-ed25519\0\0\0\x20');
  });

  test('PuTTY form of a published key has its published MAC', () => {
    // PuTTY's own output for an ED25519 key, as the test data of Devolutions' picky has it.
    const secret = Buffer.from('AAAAIBwepG2OCCnYICCmTXNuDk6Hl/xdjPbNGY3CQlTLGBo4', 'base64').subarray(4);
    const text = puttyPrivateKey('ed25519', ed25519Key(secret), 'ed25519-key-20240418');
    expect(text.split('\r\n')).toEqual([
      'PuTTY-User-Key-File-2: ssh-ed25519',
      'Encryption: none',
      'Comment: ed25519-key-20240418',
      'Public-Lines: 2',
      'AAAAC3NzaC1lZDI1NTE5AAAAILMyy5tkHvvUqRtQYHzOzkyR4PYwj1P284HBQXHv',
      'rKeh',
      'Private-Lines: 1',
      'AAAAIBwepG2OCCnYICCmTXNuDk6Hl/xdjPbNGY3CQlTLGBo4',
      'Private-MAC: 53075221be556e89770351391573dbb7dba661d2',
      '',
    ]);
  });

  test('OpenSSH form is padded to the cipher block with 1, 2, 3…', () => {
    const lines = openSshPrivateKey(ed25519Key(seed), Buffer.alloc(4, 7)).split('\n');
    expect(lines[0]).toBe('-----BEGIN OPENSSH PRIVATE KEY-----');
    const bytes = Buffer.from(lines.slice(1, -2).join(''), 'base64');
    expect(bytes.subarray(0, 15).toString('latin1')).toBe('openssh-key-v1\0');
    const secretLength = bytes.readUInt32BE(15 + 8 + 8 + 4 + 4 + 4 + 51);
    expect(secretLength % 8).toBe(0);
    expect(bytes.length).toBe(15 + 8 + 8 + 4 + 4 + 4 + 51 + 4 + secretLength);
    expect(bytes.subarray(-5)).toEqual(Buffer.from([1, 2, 3, 4, 5]));
  });

  test('numbers lose leading zeros and stay positive', () => {
    expect(sshNumber(Buffer.from([0, 0, 1]))).toEqual(Buffer.from([0, 0, 0, 1, 1]));
    expect(sshNumber(Buffer.from([0x80]))).toEqual(Buffer.from([0, 0, 0, 2, 0, 0x80]));
  });
});

describe('imported keys', () => {
  const rsa = generateKeyPairSync('rsa', { modulusLength: 1024 });
  const rsaLine = openSshPublicKey('rsa', publicBlob(rsa.privateKey), 'ann@example');
  const spki = (key = rsa.publicKey) => key.export({ type: 'spki', format: 'der' });

  test('come in OpenSSH, RFC 4716 and DER form, and are the same key', () => {
    const base64 = rsaLine.split(' ')[1] ?? '';
    const rfc4716 = [
      '---- BEGIN SSH2 PUBLIC KEY ----',
      'Comment: "a comment that goes \\',
      'on"',
      ...(base64.match(/.{1,70}/g) ?? []),
      '---- END SSH2 PUBLIC KEY ----',
    ].join('\n');
    for (const text of [rsaLine, `${rsaLine}\n`, rsaLine.split(' ').slice(0, 2).join(' '), rfc4716, spki().toString('base64')]) {
      const { type, key } = importPublicKey(Buffer.from(text));
      expect(type).toBe('rsa');
      expect(spki(key)).toEqual(spki());
    }
    const ed25519 = openSshPublicKey('ed25519', publicBlob(ed25519Key(seed)), '');
    expect(importPublicKey(Buffer.from(ed25519)).type).toBe('ed25519');
  });

  const ecdsa = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ type: 'spki', format: 'der' }).toString('base64');
  const short = openSshPublicKey('rsa', publicBlob(generateKeyPairSync('rsa', { modulusLength: 768 }).privateKey), '');
  test.each([
    ['nothing', ''],
    ['words', 'not a key'],
    ['another type', 'ssh-dss AAAAB3NzaC1kc3MAAACBAA=='],
    ['no body', 'ssh-rsa'],
    ['a body of another type', `ssh-rsa ${publicBlob(ed25519Key(seed)).toString('base64')}`],
    ['a cut body', `ssh-rsa ${(rsaLine.split(' ')[1] ?? '').slice(0, 40)}`],
    ['an elliptic curve', ecdsa],
    ['too short a key', short],
    ['far too long a text', 'ssh-rsa ' + 'A'.repeat(20_000)],
  ])('are refused: %s', (_what, text) => {
    expect(() => importPublicKey(Buffer.from(text))).toThrow(
      expect.objectContaining({ code: 'InvalidKey.Format', message: 'Key is not in valid OpenSSH public key format' }),
    );
  });
});
