/** Files that whoever started this process had open: what lives in a sandbox must not get at them. */
import { closeSync, readdirSync, readFileSync } from 'node:fs';

/** Bit of `flags` in /proc/self/fdinfo (octal, fcntl.h): closed when another program is started. Node opens its own files with it. */
const CLOSE_ON_EXEC = 0o2000000;

/** Closes every file that a program started from here would find open, but the three standard ones. */
export function closeInheritedFiles(): void {
  for (const name of readdirSync('/proc/self/fd')) {
    const file = Number(name);
    if (file <= 2) continue;
    try {
      const flags = /^flags:\s*([0-7]+)$/m.exec(readFileSync(`/proc/self/fdinfo/${file}`, 'utf8'))?.[1];
      if (flags !== undefined && (Number.parseInt(flags, 8) & CLOSE_ON_EXEC) === 0) closeSync(file);
    } catch {
      // It was the one by which the folder was read.
    }
  }
}
