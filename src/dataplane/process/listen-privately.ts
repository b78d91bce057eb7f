/** A unix socket that is its owner's alone: whoever may open it owns what is behind it. */
import { rmSync } from 'node:fs';
import type { Server } from 'node:net';
import process from 'node:process';

/** Listens there, in place of whoever was there before and is gone. @throws the system's error */
export async function listenPrivately(server: Server, path: string): Promise<void> {
  rmSync(path, { force: true });
  const before = process.umask(0o177);
  try {
    await new Promise<void>((resolve, reject) => server.once('error', reject).listen(path, resolve));
  } finally {
    process.umask(before);
  }
}
