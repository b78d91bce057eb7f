/** One compressed log file while it is written: under its name only when it is whole. */
import { createWriteStream } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip, type Gzip } from 'node:zlib';

/** Lines are collected before they are compressed. */
const BATCH_CHARACTERS = 65_536;

export class LogFile {
  private readonly gzip: Gzip = createGzip();
  private readonly written: Promise<void>;
  private readonly maxWaitingBytes: number;
  private batch = '';

  /** @param failed told once, when the disk does not take it: the file's lines are lost */
  constructor(path: string, maxWaitingBytes: number, failed: (error: unknown) => void) {
    this.maxWaitingBytes = maxWaitingBytes;
    this.written = write(path, this.gzip).catch((error: unknown) => {
      this.gzip.destroy();
      failed(error);
    });
  }

  /** @returns false when the disk is behind, or gone: the line is dropped */
  append(line: string): boolean {
    if (this.gzip.destroyed) return false;
    if (this.batch.length + this.gzip.writableLength > this.maxWaitingBytes) return false;
    this.batch += `${line}\n`;
    if (this.batch.length >= BATCH_CHARACTERS) this.push();
    return true;
  }

  /** Never fails. */
  async close(): Promise<void> {
    if (!this.gzip.destroyed) {
      this.push();
      this.gzip.end();
    }
    await this.written;
  }

  private push(): void {
    this.gzip.write(this.batch);
    this.batch = '';
  }
}

async function write(path: string, gzip: Gzip): Promise<void> {
  const folder = dirname(path);
  const partial = join(folder, `.${basename(path)}.partial`);
  try {
    await mkdir(folder, { recursive: true });
    await pipeline(gzip, createWriteStream(partial, { mode: 0o600 }));
    await rename(partial, path);
  } catch (error) {
    await rm(partial, { force: true }).catch(() => undefined); // the first error counts
    throw error;
  }
}
