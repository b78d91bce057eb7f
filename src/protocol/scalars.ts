/** Simple values as text: timestamps, numbers, booleans, blobs. */
import { SIMPLE } from '#protocol/model.ts';

export type TimestampFormat = 'date-time' | 'date-time-millis' | 'http-date' | 'epoch-seconds';

const FORMAT_OF_TYPE: Readonly<Record<number, TimestampFormat>> = {
  [SIMPLE.timestampDateTime]: 'date-time',
  [SIMPLE.timestampHttpDate]: 'http-date',
  [SIMPLE.timestampEpochSeconds]: 'epoch-seconds',
};

export function isTimestamp(type: number): boolean {
  return type >= SIMPLE.timestamp && type <= SIMPLE.timestampEpochSeconds;
}

/** The format of a timestamp type: its own, else the protocol's for that place. */
export function timestampFormat(type: number, fallback: TimestampFormat): TimestampFormat {
  return FORMAT_OF_TYPE[type] ?? fallback;
}

/** Writes a timestamp; `epoch-seconds` as decimal seconds. */
export function formatTimestamp(date: Date, format: TimestampFormat): string {
  if (format === 'epoch-seconds') return String(date.getTime() / 1000);
  if (format === 'http-date') return date.toUTCString();
  const iso = date.toISOString();
  return format === 'date-time' && iso.endsWith('.000Z') ? `${iso.slice(0, -5)}Z` : iso;
}

const DATE_TIME = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:\d{2})?)?$/;
const HTTP_DATE =
  /^(?:Sun|Mon|Tue|Wed|Thu|Fri|Sat), \d{2} (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4} \d{2}:\d{2}:\d{2}(?:\.\d{1,3})? GMT$/;
/** The days after 1970 that `Date` can hold, in seconds. */
const MAX_EPOCH_SECONDS = 8.64e12;

/** Reads a timestamp in any of AWS's formats, as AWS's services do: RFC 3339, RFC 9110's date, or epoch seconds. */
export function parseTimestamp(text: string): Date | undefined {
  let date: Date;
  if (DATE_TIME.test(text)) date = new Date(/T.*(?:Z|[+-]\d{2}:\d{2})$/.test(text) || text.length === 10 ? text : `${text}Z`);
  else if (HTTP_DATE.test(text)) date = new Date(text);
  else {
    const seconds = parseNumber(text);
    if (seconds === undefined || Math.abs(seconds) > MAX_EPOCH_SECONDS) return undefined;
    date = new Date(Math.round(seconds * 1000));
  }
  return Number.isNaN(date.getTime()) ? undefined : date;
}

/** A whole number within ±(2^53 - 1), in plain digits. */
export function parseInteger(text: string): number | undefined {
  if (!/^-?\d{1,16}$/.test(text)) return undefined;
  const value = Number(text);
  return Number.isSafeInteger(value) ? (value === 0 ? 0 : value) : undefined;
}

/** A finite decimal number. */
export function parseNumber(text: string): number | undefined {
  if (text.length > 64 || !/^-?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,4})?$/.test(text)) return undefined;
  const value = Number(text);
  return Number.isFinite(value) ? value : undefined;
}

export function parseBoolean(text: string): boolean | undefined {
  if (text === 'true' || text === 'True' || text === 'TRUE') return true;
  if (text === 'false' || text === 'False' || text === 'FALSE') return false;
  return undefined;
}

const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

/** Base64 with or without line breaks and padding, as AWS takes it. */
export function parseBase64(text: string): Uint8Array | undefined {
  const dense = /\s/.test(text) ? text.replace(/\s+/g, '') : text;
  if (!BASE64.test(dense) || dense.replace(/=+$/, '').length % 4 === 1) return undefined;
  return new Uint8Array(Buffer.from(dense, 'base64'));
}

export function formatBase64(bytes: Uint8Array | string): string {
  return typeof bytes === 'string'
    ? Buffer.from(bytes, 'utf8').toString('base64')
    : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}
