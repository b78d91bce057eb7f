/** Makes the keys that user pools sign their tokens with. */
import { createHash, generateKeyPair, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import { createdPool, keysMade, poolsWithoutKeys, type SigningKey } from '#services/cognito-idp/public.ts';
import type { Store } from '#store/store.ts';
import type { Partition } from '#store/table.ts';

/** RFC 7518 section 3.3: 2048 bits or more. */
const KEY_BITS = 2048;

export interface UserPoolKeysOptions {
  readonly store: Pick<Store, 'reader' | 'subscribe' | 'transact'>;
  readonly onTrouble: (error: unknown, what: string) => void;
}

export interface UserPoolKeys {
  /** Nothing new is begun. Resolves when what was under way is over. */
  close(): Promise<void>;
}

const makePair = promisify(generateKeyPair);

/** Makes those that are missing now, and those of every pool that is made from then on. */
export function followUserPoolKeys({ store, onTrouble }: UserPoolKeysOptions): UserPoolKeys {
  let isClosed = false;
  const underWay = new Set<Promise<void>>();

  const make = async (partition: Partition, poolId: string): Promise<void> => {
    try {
      const keys = await Promise.all([newKey(), newKey()]); // a commit is told before its transaction is over: this is after it
      if (!isClosed) await store.transact(partition, (tx) => keysMade(tx, poolId, keys));
    } catch (error) {
      onTrouble(error, `the keys of user pool ${poolId} cannot be made`);
    }
  };
  const want = (partition: Partition, poolId: string): void => {
    const work = make(partition, poolId).finally(() => underWay.delete(work));
    underWay.add(work);
  };

  const stop = store.subscribe(({ changes }) => {
    for (const change of changes) {
      const poolId = createdPool(change);
      if (poolId !== undefined) want(change.partition, poolId);
    }
  });
  const anywhere = store.reader({ account: '', region: '' });
  for (const partition of anywhere.partitions()) for (const poolId of poolsWithoutKeys(anywhere.in(partition))) want(partition, poolId);

  return {
    async close() {
      isClosed = true;
      stop();
      await Promise.all(underWay);
    },
  };
}

async function newKey(): Promise<SigningKey> {
  const { privateKey, publicKey } = await makePair('rsa', { modulusLength: KEY_BITS });
  const { n = '', e = '' } = publicKey.export({ format: 'jwk' });
  return { kid: thumbprint(n, e), privateKey: pemOf(privateKey), n, e };
}

const pemOf = (key: KeyObject): string => key.export({ type: 'pkcs8', format: 'pem' }).toString();

/** RFC 7638, in the base64 of AWS's key ids. */
const thumbprint = (n: string, e: string): string =>
  createHash('sha256')
    .update(JSON.stringify({ e, kty: 'RSA', n }))
    .digest('base64');
