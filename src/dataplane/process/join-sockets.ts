/** Two connections made one: what comes in by either goes out by the other, ends of streams and breaks too. */
import type { Duplex } from 'node:stream';

/** Both must allow half-open connections, or one direction's end is the end of both. */
export function joinSockets(one: Duplex, other: Duplex): void {
  for (const [from, to] of [
    [one, other],
    [other, one],
  ] as const) {
    from.pipe(to);
    from.on('error', () => to.destroy()).on('close', () => to.destroy());
  }
}
