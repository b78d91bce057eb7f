/** Calls wait for what a reconciler makes behind an earlier call. */
import type { Reader, Store } from '#store/store.ts';

/** A pair of RSA keys takes a tenth of a second, many at once take longer. */
const WAIT_MS = 10_000;

/** Any partition does: whoever looks knows where. */
const anywhere = { account: 'keiro', region: 'global' };

/** Resolves when it is ready, or when that was waited for long enough: then the call says itself what is missing. */
export async function untilReady(store: Pick<Store, 'reader' | 'subscribe'>, isReady: (reader: Reader) => boolean): Promise<void> {
  const reader = store.reader(anywhere);
  if (isReady(reader)) return;
  await new Promise<void>((resolve) => {
    const done = (): void => {
      stop();
      clearTimeout(deadline);
      resolve();
    };
    const stop = store.subscribe(() => {
      if (isReady(reader)) done();
    });
    const deadline = setTimeout(done, WAIT_MS).unref();
  });
}
