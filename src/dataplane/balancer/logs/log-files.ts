/** Access logs in a folder that takes the place of a bucket: a file for every interval that had requests. */
import { randomInt } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { LogFile } from '#dataplane/balancer/logs/log-file.ts';
import { logKey, partsOfArn, testFileKey, type LogPlace } from '#dataplane/balancer/logs/log-names.ts';

/** AWS's. */
const INTERVAL_MS = 5 * 60 * 1000;
/** Lines that wait for the disk, before more are dropped. */
const MAX_WAITING_BYTES = 8 * 1024 * 1024;

export interface LogFilesOptions extends LogPlace {
  /** Of the bucket. */
  readonly folder: string;
  readonly intervalMs?: number;
  readonly maxWaitingBytes?: number;
  /** Told of what the disk refuses; traffic goes on. */
  readonly onError?: (error: unknown) => void;
  readonly nowMs?: () => number;
}

/** Intervals end at whole multiples of their length, as AWS's do. */
export class LogFiles {
  /** Lines that no file has: the disk was behind, or refused. */
  dropped = 0;
  private readonly options: LogFilesOptions;
  private readonly intervalMs: number;
  private readonly nowMs: () => number;
  private readonly pending = new Set<Promise<void>>();
  private file: LogFile | undefined;
  private timer: NodeJS.Timeout | undefined;
  private isClosed = false;

  constructor(options: LogFilesOptions) {
    this.options = options;
    this.intervalMs = options.intervalMs ?? INTERVAL_MS;
    this.nowMs = options.nowMs ?? Date.now;
    this.track(this.writeTestFile());
  }

  /** @param line without its end */
  append(line: string): void {
    if (this.isClosed || !(this.file ??= this.begin()).append(line)) this.dropped++;
  }

  /** Ends when all that could be written is. Never fails. */
  async close(): Promise<void> {
    this.isClosed = true;
    this.end();
    await Promise.all(this.pending);
  }

  private begin(): LogFile {
    const now = this.nowMs();
    const endMs = (Math.floor(now / this.intervalMs) + 1) * this.intervalMs;
    this.timer = setTimeout(() => this.end(), endMs - now).unref();
    const path = join(this.options.folder, logKey(this.options, endMs, randomText()));
    return new LogFile(path, this.options.maxWaitingBytes ?? MAX_WAITING_BYTES, (error) => this.options.onError?.(error));
  }

  private end(): void {
    clearTimeout(this.timer);
    if (this.file !== undefined) this.track(this.file.close());
    this.file = undefined;
  }

  /** Left alone where it is: logging was on before. */
  private async writeTestFile(): Promise<void> {
    const path = join(this.options.folder, testFileKey(this.options));
    const name = partsOfArn(this.options.balancerId).elb;
    try {
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, `Enable AccessLog for ELB: ${name} at ${new Date(this.nowMs()).toISOString()}`, { flag: 'wx', mode: 0o600 });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') this.options.onError?.(error); // the file system's errors have codes
    }
  }

  private track(work: Promise<void>): void {
    this.pending.add(work);
    void work.finally(() => this.pending.delete(work));
  }
}

function randomText(): string {
  return Array.from({ length: 8 }, () => randomInt(36).toString(36)).join('');
}
