/** The root access key of a Keiro that verifies signatures: made at its first start, kept in the data directory. */
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface RootKey {
  /** `AKIA…`, 20 characters. */
  readonly accessKeyId: string;
  /** 40 characters. */
  readonly secret: string;
}

const fileName = 'root-key.json';
const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** @throws Error when the data directory has no key, i.e. no Keiro with `--auth sigv4` has started on it. */
export function readRootKey(directory: string): RootKey {
  return JSON.parse(readFileSync(join(directory, fileName), 'utf8')) as RootKey; // written by `openRootKey` only
}

/** Reads the key, or makes it; without a directory it lives as long as the process. */
export function openRootKey(directory: string | undefined): RootKey {
  if (directory !== undefined && existsSync(join(directory, fileName))) return readRootKey(directory);
  const id = [...randomBytes(16)].map((byte) => alphabet[byte % alphabet.length]).join('');
  const key: RootKey = { accessKeyId: `AKIA${id}`, secret: randomBytes(30).toString('base64') };
  if (directory !== undefined) writeFileSync(join(directory, fileName), `${JSON.stringify(key, null, 2)}\n`, { mode: 0o600 });
  return key;
}
