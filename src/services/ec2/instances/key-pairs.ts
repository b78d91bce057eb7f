/** Key pairs: made or imported, described, deleted. The private key is handed out once and never kept. */
import { createHash, type KeyObject } from 'node:crypto';
import type { KeyPairInfo } from '@aws-sdk/client-ec2';
import type { OperationContext } from '#aws/context.ts';
import { describe } from '#aws/describe.ts';
import { invalidParameterValue, missingParameter } from '#aws/errors.ts';
import { compileFilters, type FilterSpec } from '#aws/filters.ts';
import { newId } from '#aws/ids.ts';
import { tagsFor } from '#aws/tags.ts';
import { AwsError } from '#protocol/aws-error.ts';
import { limitExceeded } from '#services/ec2/errors.ts';
import {
  type KeyType,
  openSshPrivateKey,
  openSshPublicKey,
  publicBlob,
  puttyPrivateKey,
} from '#services/ec2/instances/key-pair-formats.ts';
import { ed25519Key, newRsaKey, prepareRsaKeys } from '#services/ec2/instances/key-pair-generation.ts';
import { importPublicKey } from '#services/ec2/instances/key-pair-import.ts';
import { findKeyPair, keyPairIdNotFound, keyPairNotFound } from '#services/ec2/instances/key-pair-lookup.ts';
import type { Ec2Operations } from '#services/ec2/sdk.ts';
import { type KeyPairRecord, keyPairTable } from '#services/ec2/tables/instances.ts';

/** AWS's limits: key pairs of a Region, characters of a name. */
const keyPairsPerRegion = 5000;
const nameLength = 255;

const filters: FilterSpec<KeyPairRecord> = {
  fingerprint: (pair) => pair.fingerprint,
  'key-name': (pair) => pair.name,
  'key-pair-id': (pair) => pair.id,
};

export const keyPairs = {
  CreateKeyPair(context, input) {
    const { KeyName: name, KeyType: type = 'rsa', KeyFormat: format = 'pem' } = input;
    checkName(context, name);
    const tags = tagsFor(input.TagSpecifications, 'key-pair');
    const key = type === 'rsa' ? newRsaKey() : ed25519Key(context.randomBytes(32));
    const pair = keep(context, { name, type, fingerprint: createdFingerprint(type, key), key, tags });
    const material = format === 'ppk' ? puttyPrivateKey(type, key, name) : privateKeyText(context, type, key);
    return { ...identity(pair), KeyMaterial: material };
  },

  ImportKeyPair(context, input) {
    const { KeyName: name } = input;
    checkName(context, name);
    const tags = tagsFor(input.TagSpecifications, 'key-pair');
    const { type, key } = importPublicKey(input.PublicKeyMaterial);
    return identity(keep(context, { name, type, fingerprint: importedFingerprint(type, key), key, tags }));
  },

  DescribeKeyPairs(context, input) {
    prepareRsaKeys(); // who looks is likely to create next
    const withKey = (pair: KeyPairRecord) => view(pair, input.IncludePublicKey ?? false);
    if (input.KeyNames && input.KeyNames.length > 0) {
      const ids = input.KeyPairIds && input.KeyPairIds.length > 0 ? new Set(input.KeyPairIds) : undefined;
      const matches = compileFilters(context, input.Filters, filters) ?? (() => true);
      const named = byName(context, input.KeyNames).filter((pair) => matches(pair) && (!ids || ids.has(pair.id)));
      return { KeyPairs: named.map(withKey) };
    }
    const { items } = describe(
      context,
      { Filters: input.Filters },
      {
        table: keyPairTable,
        ids: input.KeyPairIds,
        filters,
        indexed: { 'key-name': 'name', 'key-pair-id': 'id' },
        missing: keyPairIdNotFound,
        view: withKey,
      },
    );
    return { KeyPairs: items };
  },

  DeleteKeyPair(context, input) {
    const { KeyName, KeyPairId } = input;
    if (KeyName === undefined && KeyPairId === undefined) throw missingParameter('keyName');
    const pair = KeyPairId === undefined ? findKeyPair(context, KeyName ?? '') : context.tx.get(keyPairTable, KeyPairId);
    // What is not there counts as deleted.
    if (pair) context.tx.delete(keyPairTable, pair.id);
    return { Return: true, KeyPairId: pair?.id };
  },
} satisfies Ec2Operations;

function checkName(context: OperationContext, name: string): void {
  if (name.length > nameLength || !/^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/.test(name)) {
    throw invalidParameterValue(
      `Value (${name}) for parameter KeyName is invalid. Up to 255 ASCII characters are allowed, without spaces at the ends.`,
    );
  }
  if (findKeyPair(context, name)) throw new AwsError('InvalidKeyPair.Duplicate', `The keypair '${name}' already exists.`);
  if (context.quotasOn && context.tx.count(keyPairTable) >= keyPairsPerRegion) {
    throw limitExceeded('KeyPairLimitExceeded', 'The maximum number of key pairs has been reached.');
  }
}

function keep(
  context: OperationContext,
  made: Pick<KeyPairRecord, 'name' | 'type' | 'fingerprint' | 'tags'> & { readonly key: KeyObject },
): KeyPairRecord {
  const { key, ...rest } = made;
  const publicKey = openSshPublicKey(made.type, publicBlob(key), made.name);
  const pair: KeyPairRecord = { id: newId(context, 'key'), ...rest, publicKey, createdMs: context.nowMs };
  context.tx.put(keyPairTable, pair);
  return pair;
}

/** PKCS #1 for RSA; OpenSSH's own format for ED25519, as AWS gives them. */
function privateKeyText(context: OperationContext, type: KeyType, key: KeyObject): string {
  if (type === 'ed25519') return openSshPrivateKey(key, context.randomBytes(4));
  return String(key.export({ type: 'pkcs1', format: 'pem' }));
}

/** SHA-1 of the private key's PKCS #8 (https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/verify-keys.html). */
function createdFingerprint(type: KeyType, key: KeyObject): string {
  return type === 'ed25519' ? sshFingerprint(key) : hexPairs('sha1', key.export({ type: 'pkcs8', format: 'der' }));
}

/** MD5 of the public key's SubjectPublicKeyInfo. */
function importedFingerprint(type: KeyType, key: KeyObject): string {
  return type === 'ed25519' ? sshFingerprint(key) : hexPairs('md5', key.export({ type: 'spki', format: 'der' }));
}

/** SHA-256 in base64; AWS keeps the `=` that OpenSSH leaves out. */
function sshFingerprint(key: KeyObject): string {
  return createHash('sha256').update(publicBlob(key)).digest('base64');
}

function hexPairs(algorithm: 'sha1' | 'md5', der: Buffer): string {
  return (createHash(algorithm).update(der).digest('hex').match(/../g) ?? []).join(':');
}

function byName(context: OperationContext, names: readonly string[]): readonly KeyPairRecord[] {
  const found: KeyPairRecord[] = [];
  const missing: string[] = [];
  for (const name of new Set(names)) {
    const pair = findKeyPair(context, name);
    if (pair) found.push(pair);
    else missing.push(name);
  }
  if (missing.length > 0) throw keyPairNotFound(missing);
  return found;
}

function identity(pair: KeyPairRecord) {
  return { KeyPairId: pair.id, KeyName: pair.name, KeyFingerprint: pair.fingerprint, Tags: [...pair.tags] };
}

function view(pair: KeyPairRecord, withPublicKey: boolean): KeyPairInfo {
  return {
    ...identity(pair),
    KeyType: pair.type,
    CreateTime: new Date(pair.createdMs),
    PublicKey: withPublicKey ? pair.publicKey : undefined,
  };
}
