/** Random bytes by the handful: the system is asked for many at once, since each call to it costs more than an id is worth. */
import { randomFillSync } from 'node:crypto';

const poolBytes = 16_384;
const pool = Buffer.allocUnsafeSlow(poolBytes);
let used = poolBytes;

/** Cryptographically random bytes, each given out once. */
export function pooledRandomBytes(count: number): Buffer {
  if (count > poolBytes / 4) return randomFillSync(Buffer.alloc(count));
  if (used + count > poolBytes) {
    randomFillSync(pool);
    used = 0;
  }
  const taken = Buffer.from(pool.subarray(used, used + count));
  // What was given out may be a secret: it does not stay behind.
  pool.fill(0, used, used + count);
  used += count;
  return taken;
}
