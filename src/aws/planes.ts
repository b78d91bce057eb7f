/** What a call may ask of data planes, and wait for. Handlers may not: they use `Observations`. */
import type { Invocation, InvocationOutcome } from '#model/lambda-function.ts';
import type { Partition } from '#store/table.ts';

/** What runs functions. */
export interface FunctionRunner {
  /** Keeps a package under its SHA-256 (hexadecimal), unpacked once to see that it can be. Gives why it is refused, if it is. */
  keepPackage(sha256: string, zip: Uint8Array): Promise<PackageFault | undefined>;
  /** All that is committed when it is asked is known to it. */
  invoke(invocation: Invocation): Promise<InvocationOutcome>;
}

/** `unreadable`: no ZIP file that can be unpacked. `large`: more than 250 MB unpacked. */
export type PackageFault = 'unreadable' | 'large';

export interface LogEvent {
  /** Milliseconds since the epoch. */
  readonly timestamp: number;
  readonly message: string;
}

export interface KeptLogEvent extends LogEvent {
  readonly ingestionTime: number;
  /** Sorts after all before it in its stream: opaque, and text. */
  readonly position: string;
}

export interface LogStream {
  readonly name: string;
  readonly createdMs: number;
  /** All three undefined while it is empty. */
  readonly firstMs?: number;
  readonly lastMs?: number;
  readonly lastIngestionMs?: number;
  readonly bytes: number;
}

export interface LogRange {
  /** First and last millisecond. */
  readonly fromMs: number;
  readonly toMs: number;
}

export interface LogReadOptions extends LogRange {
  /** Only what is behind this position, or before it. */
  readonly after?: string;
  readonly before?: string;
  readonly limit: number;
  /** The first ones, not the last ones. */
  readonly isFromHead: boolean;
}

export interface LogScanOptions extends LogRange {
  readonly streams: readonly string[];
  readonly matches: (message: string) => boolean;
  readonly limit: number;
  /** As an earlier page told. */
  readonly after?: string;
}

export interface LogScan {
  readonly events: readonly (KeptLogEvent & { readonly stream: string })[];
  /** Where to go on; undefined at the end. */
  readonly next: string | undefined;
}

/** What keeps log events: append-only, in groups (by an id that is no other group's) and streams. */
export interface LogKeeper {
  /** False when there is one. */
  createStream(group: string, stream: string, nowMs: number): Promise<boolean>;
  /** False when there is none. */
  deleteStream(group: string, stream: string): Promise<boolean>;
  /** By name. */
  streams(group: string): Promise<readonly LogStream[]>;
  stream(group: string, stream: string): Promise<LogStream | undefined>;
  /** In order of time; the stream is made when there is none. False when there is no more room in it. */
  append(group: string, stream: string, events: readonly LogEvent[], nowMs: number): Promise<boolean>;
  /** In order of time. Undefined when there is no such stream. */
  read(group: string, stream: string, options: LogReadOptions): Promise<readonly KeptLogEvent[] | undefined>;
  /** Over streams, in order of time. */
  scan(group: string, options: LogScanOptions): Promise<LogScan>;
  /** Of all streams of the group. */
  bytes(group: string): Promise<number>;
}

export interface Planes {
  /** Undefined where functions do not run. */
  readonly functions?: FunctionRunner;
  /** Undefined where nothing is logged. */
  readonly logs?: LogKeeper;
}

/** Where nothing runs. */
export const NO_PLANES: Planes = {};

/** A group of log events, as whoever writes there names it. */
export interface LogPlace {
  readonly partition: Partition;
  readonly group: string;
  readonly stream: string;
}
