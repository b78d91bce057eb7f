import { execFileSync, spawnSync } from 'node:child_process';
import { createHash, createPrivateKey, createPublicKey } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CreateKeyPairCommand,
  type CreateKeyPairCommandInput,
  DeleteKeyPairCommand,
  DescribeKeyPairsCommand,
  EC2Client,
  ImportKeyPairCommand,
  waitUntilKeyPairExists,
} from '@aws-sdk/client-ec2';
import { afterAll, describe, expect, test } from 'vitest';
import { refusal, useKeiro } from '#test/sdk/keiro.ts';

const keiro = await useKeiro();
const directory = mkdtempSync(join(tmpdir(), 'keiro-keys-'));
afterAll(() => rmSync(directory, { recursive: true }));

let files = 0;

/** OpenSSH is the judge of its own format where it is installed; what Node can judge is judged everywhere. */
const hasOpenSsh = spawnSync('ssh-keygen', ['-?']).error === undefined;

/** What OpenSSH says of a key, with its text in a file as it wants it. */
function sshKeygen(text: string, ...options: string[]): string {
  const path = join(directory, `key-${++files}`);
  writeFileSync(path, text, { mode: 0o600 });
  return execFileSync('ssh-keygen', [...options, '-f', path], { encoding: 'utf8' }).trim();
}

async function create(ec2: EC2Client, input: Partial<CreateKeyPairCommandInput> = {}) {
  const pair = await ec2.send(new CreateKeyPairCommand({ KeyName: 'main', ...input }));
  const { KeyPairs } = await ec2.send(new DescribeKeyPairsCommand({ KeyNames: [pair.KeyName ?? ''], IncludePublicKey: true }));
  return { pair, material: pair.KeyMaterial ?? '', publicKey: KeyPairs?.[0]?.PublicKey ?? '' };
}

const hexPairs = (hex: string): string => (hex.match(/../g) ?? []).join(':');

describe('key pairs', () => {
  test('RSA: a 2048-bit PKCS #1 key that OpenSSH opens, with the SHA-1 of its PKCS #8', async () => {
    const ec2 = keiro.client(EC2Client);
    const { pair, material, publicKey } = await create(ec2);
    expect(material).toMatch(/^-----BEGIN RSA PRIVATE KEY-----\n/);
    expect(pair.KeyPairId).toMatch(/^key-0[0-9a-f]{16}$/);
    const key = createPrivateKey(material);
    expect(key.asymmetricKeyDetails?.modulusLength).toBe(2048);
    const digest = createHash('sha1')
      .update(key.export({ type: 'pkcs8', format: 'der' }))
      .digest('hex');
    expect(pair.KeyFingerprint).toBe(hexPairs(digest));
    expect(publicKey).toMatch(/^ssh-rsa [A-Za-z0-9+/=]+ main$/);
    if (hasOpenSsh) expect(sshKeygen(material, '-y')).toBe(publicKey.replace(/ main$/, ''));
  });

  test('ED25519: an OpenSSH key, with the padded SHA-256 of its public half', async () => {
    const ec2 = keiro.client(EC2Client);
    const { pair, material, publicKey } = await create(ec2, { KeyType: 'ed25519' });
    expect(material).toMatch(/^-----BEGIN OPENSSH PRIVATE KEY-----\n/);
    const blob = Buffer.from(publicKey.split(' ')[1] ?? '', 'base64');
    expect(pair.KeyFingerprint).toBe(createHash('sha256').update(blob).digest('base64'));
    if (!hasOpenSsh) return;
    expect(sshKeygen(material, '-y')).toBe(publicKey.replace(/ main$/, ''));
    expect(sshKeygen(material, '-l')).toContain(`SHA256:${pair.KeyFingerprint?.replace('=', '')} `);
  });

  test('PuTTY form', async () => {
    const ec2 = keiro.client(EC2Client);
    for (const [KeyType, name] of [
      ['rsa', 'ssh-rsa'],
      ['ed25519', 'ssh-ed25519'],
    ] as const) {
      const { material, publicKey } = await create(ec2, { KeyName: KeyType, KeyType, KeyFormat: 'ppk' });
      const lines = material.split('\r\n');
      expect(lines.slice(0, 3)).toEqual([`PuTTY-User-Key-File-2: ${name}`, 'Encryption: none', `Comment: ${KeyType}`]);
      const count = Number(lines[3]?.replace('Public-Lines: ', ''));
      expect(lines.slice(4, 4 + count).join('')).toBe(publicKey.split(' ')[1]);
    }
  });

  test('many at once', async () => {
    const ec2 = keiro.client(EC2Client);
    const made = await Promise.all(['a', 'b', 'c', 'd'].map((KeyName) => create(ec2, { KeyName })));
    expect(new Set(made.map(({ pair }) => pair.KeyFingerprint)).size).toBe(4);
  });

  test('imported RSA keys have the MD5 of their SubjectPublicKeyInfo, ED25519 keys OpenSSH’s SHA-256', async () => {
    const ec2 = keiro.client(EC2Client);
    const rsa = await create(ec2);
    const imported = await ec2.send(new ImportKeyPairCommand({ KeyName: 'rsa', PublicKeyMaterial: Buffer.from(rsa.publicKey) }));
    const spki = createPublicKey(rsa.material).export({ type: 'spki', format: 'der' });
    expect(imported).toMatchObject({ KeyName: 'rsa', KeyFingerprint: hexPairs(createHash('md5').update(spki).digest('hex')) });

    const ed25519 = await create(ec2, { KeyName: 'ed', KeyType: 'ed25519' });
    const again = await ec2.send(new ImportKeyPairCommand({ KeyName: 'ed2', PublicKeyMaterial: Buffer.from(ed25519.publicKey) }));
    expect(again.KeyFingerprint).toBe(ed25519.pair.KeyFingerprint);

    const { KeyPairs } = await ec2.send(new DescribeKeyPairsCommand({ KeyNames: ['rsa'], IncludePublicKey: true }));
    expect(KeyPairs).toMatchObject([{ KeyType: 'rsa', PublicKey: rsa.publicKey.replace(/ main$/, ' rsa') }]);
  });

  test('are described by name, id, filter and tag, without the public key unless asked', async () => {
    const ec2 = keiro.client(EC2Client);
    const before = Date.now();
    const TagSpecifications = [{ ResourceType: 'key-pair' as const, Tags: [{ Key: 'team', Value: 'net' }] }];
    const first = await ec2.send(new CreateKeyPairCommand({ KeyName: 'web-1', KeyType: 'ed25519', TagSpecifications }));
    const second = await ec2.send(new CreateKeyPairCommand({ KeyName: 'db-1', KeyType: 'ed25519' }));
    await waitUntilKeyPairExists({ client: ec2, maxWaitTime: 10 }, { KeyNames: ['web-1'] });
    const ids = async (input: object) =>
      ((await ec2.send(new DescribeKeyPairsCommand(input))).KeyPairs ?? []).map((pair) => pair.KeyPairId);
    expect(await ids({})).toEqual([first.KeyPairId, second.KeyPairId]);
    expect(await ids({ KeyPairIds: [second.KeyPairId] })).toEqual([second.KeyPairId]);
    expect(await ids({ Filters: [{ Name: 'key-name', Values: ['web-*'] }] })).toEqual([first.KeyPairId]);
    expect(await ids({ Filters: [{ Name: 'fingerprint', Values: [second.KeyFingerprint] }] })).toEqual([second.KeyPairId]);
    expect(await ids({ Filters: [{ Name: 'key-pair-id', Values: [second.KeyPairId] }] })).toEqual([second.KeyPairId]);
    expect(await ids({ Filters: [{ Name: 'tag:team', Values: ['net'] }] })).toEqual([first.KeyPairId]);
    expect(await ids({ KeyNames: ['web-1'], Filters: [{ Name: 'tag-key', Values: ['other'] }] })).toEqual([]);
    const [pair] = (await ec2.send(new DescribeKeyPairsCommand({ KeyNames: ['web-1'] }))).KeyPairs ?? [];
    expect(pair).toMatchObject({ KeyType: 'ed25519', Tags: [{ Key: 'team', Value: 'net' }] });
    expect(pair?.PublicKey).toBeUndefined();
    expect(pair?.CreateTime?.getTime()).toBeGreaterThanOrEqual(before - 1);
    expect(await refusal(ids({ KeyNames: ['web-1', 'lost'] }))).toEqual({
      code: 'InvalidKeyPair.NotFound',
      message: "The key pair 'lost' does not exist",
    });
    expect(await refusal(ids({ KeyPairIds: ['key-0'] }))).toEqual({
      code: 'InvalidKeyPair.NotFound',
      message: "The key pair ID 'key-0' does not exist",
    });
    expect((await refusal(ids({ Filters: [{ Name: 'colour', Values: ['red'] }] }))).message).toBe("The filter 'colour' is invalid");
  });

  test('are deleted by name or id; deleting what is not there succeeds', async () => {
    const ec2 = keiro.client(EC2Client);
    const byName = await ec2.send(new CreateKeyPairCommand({ KeyName: 'a', KeyType: 'ed25519' }));
    const byId = await ec2.send(new CreateKeyPairCommand({ KeyName: 'b', KeyType: 'ed25519' }));
    expect(await ec2.send(new DeleteKeyPairCommand({ KeyName: 'a' }))).toMatchObject({ Return: true, KeyPairId: byName.KeyPairId });
    expect(await ec2.send(new DeleteKeyPairCommand({ KeyPairId: byId.KeyPairId }))).toMatchObject({ Return: true });
    expect((await ec2.send(new DeleteKeyPairCommand({ KeyName: 'a' }))).KeyPairId).toBeUndefined();
    expect((await ec2.send(new DescribeKeyPairsCommand({}))).KeyPairs ?? []).toEqual([]);
    expect(await refusal(ec2.send(new DeleteKeyPairCommand({})))).toEqual({
      code: 'MissingParameter',
      message: 'The request must contain the parameter keyName',
    });
  });

  test('have names of their own', async () => {
    const ec2 = keiro.client(EC2Client);
    await ec2.send(new CreateKeyPairCommand({ KeyName: 'main', KeyType: 'ed25519' }));
    const duplicate = { code: 'InvalidKeyPair.Duplicate', message: "The keypair 'main' already exists." };
    expect(await refusal(ec2.send(new CreateKeyPairCommand({ KeyName: 'main' })))).toEqual(duplicate);
    expect(await refusal(ec2.send(new ImportKeyPairCommand({ KeyName: 'main', PublicKeyMaterial: Buffer.from('x') })))).toEqual(duplicate);
    expect(await refusal(ec2.send(new ImportKeyPairCommand({ KeyName: 'other', PublicKeyMaterial: Buffer.from('x') })))).toEqual({
      code: 'InvalidKey.Format',
      message: 'Key is not in valid OpenSSH public key format',
    });
    for (const KeyName of ['', ' front', 'schlüssel', 'x'.repeat(256)]) {
      expect((await refusal(ec2.send(new CreateKeyPairCommand({ KeyName })))).code).toBe('InvalidParameterValue');
    }
    expect(await refusal(ec2.send(new CreateKeyPairCommand({ KeyName: 'dry', KeyType: 'ed25519', DryRun: true })))).toMatchObject({
      code: 'DryRunOperation',
    });
  });
});
