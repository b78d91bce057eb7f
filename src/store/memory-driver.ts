/** A driver that keeps nothing: for tests, and for a Keiro that shall forget everything when it ends. */
import type { Driver, SnapshotWriter } from '#store/driver.ts';

const done = Promise.resolve();

const nowhere: SnapshotWriter = {
  write: () => done,
  install: () => done,
  abandon: () => done,
};

export function memoryDriver(): Driver {
  return {
    location: 'memory',
    format: undefined,
    size: { log: 0, snapshot: 0 },
    load: () => Promise.resolve(0),
    append: () => done,
    startSnapshot: () => Promise.resolve(nowhere),
    clear: () => done,
    close: () => done,
  };
}
