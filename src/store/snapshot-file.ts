/** A snapshot as a file of its own: chunks of UTF-8 text, each behind its length and its checksum (32 bits each, big-endian). */
import { closeSync, openSync, readSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import { damaged } from '#store/sqlite-errors.ts';

const headBytes = 8;

/** Syncing every few megabytes keeps each sync short, also those of commits that share the disk. */
const bytesPerSync = 4 * 1024 * 1024;

/** A snapshot on its way to the disk. */
export class SnapshotFile {
  readonly path: string;
  readonly #handle: FileHandle;
  #bytes = 0;
  #unsynced = 0;

  static async create(path: string): Promise<SnapshotFile> {
    rmSync(path, { force: true }); // of a snapshot that a crash ended
    return new SnapshotFile(path, await open(path, 'wx', 0o600));
  }

  private constructor(path: string, handle: FileHandle) {
    this.path = path;
    this.#handle = handle;
  }

  /** Bytes written so far. */
  get bytes(): number {
    return this.#bytes;
  }

  async write(chunk: string): Promise<void> {
    const text = Buffer.from(chunk);
    const head = Buffer.allocUnsafe(headBytes);
    head.writeUInt32BE(text.length, 0);
    head.writeUInt32BE(crc32(text), 4);
    await this.#handle.writev([head, text]);
    this.#bytes += headBytes + text.length;
    this.#unsynced += text.length;
    if (this.#unsynced < bytesPerSync) return;
    this.#unsynced = 0;
    await this.#handle.datasync();
  }

  /** Resolves when all of it is durable. */
  async finish(): Promise<void> {
    await this.#handle.sync();
    await this.#handle.close();
  }

  async abandon(): Promise<void> {
    await this.#handle.close().catch(() => undefined); // it is to be deleted anyway
    rmSync(this.path, { force: true });
  }
}

/**
 * Gives the chunks of a snapshot of so many bytes to `take`.
 * @throws StoreError `Damaged`, naming the store at `storePath`
 */
export function readSnapshot(path: string, bytes: number, storePath: string, take: (chunk: string) => void): void {
  const descriptor = openSync(path, 'r');
  const head = Buffer.alloc(headBytes);
  let body = Buffer.alloc(0);
  try {
    for (let position = 0; position < bytes;) {
      const got = readSync(descriptor, head, 0, headBytes, position);
      const length = head.readUInt32BE(0);
      position += headBytes;
      if (got < headBytes || position + length > bytes) throw damaged(storePath, `its snapshot ${path} is cut short at byte ${position}`);
      if (body.length < length) body = Buffer.allocUnsafe(length);
      const text = body.subarray(0, length);
      const read = readSync(descriptor, text, 0, length, position);
      if (read < length || crc32(text) !== head.readUInt32BE(4)) {
        throw damaged(storePath, `its snapshot ${path} fails its checksum at byte ${position}`);
      }
      position += length;
      take(text.toString());
    }
  } finally {
    closeSync(descriptor);
  }
}
