/** The head of an answer as text: status line, the answer's own headers, what the connection adds. */
import { STATUS_CODES } from 'node:http';

export interface AnswerHead {
  /** 200 to 599. */
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
}

const NAME = /^[!#$%&'*+\-.^_`|~\da-z]+$/i;
/** RFC 9110 section 5.5: what is not of a field's value; a line break would begin another header, or another answer. */
const NOT_OF_A_VALUE = /[^\t\x20-\x7e\x80-\xff]/;

/** The connection's own to say. */
const FRAMING: ReadonlySet<string> = new Set(['connection', 'content-length', 'keep-alive', 'transfer-encoding', 'upgrade']);

/** Names that have passed `NAME` and are none of `FRAMING`. There are as many as the sources name. */
const passed = new Set<string>();
const PASSED_KEPT = 1_000;

const statusLines: string[] = [];

function statusLine(status: number): string {
  if (!Number.isInteger(status) || status < 200 || status > 599) throw new RangeError(`${status} is no status of an answer`);
  return (statusLines[status] ??= `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n`);
}

let second = Number.NaN;
let date = '';

function dateLine(): string {
  const now = Math.floor(Date.now() / 1000);
  if (now !== second) {
    second = now;
    date = `date: ${new Date(now * 1000).toUTCString()}\r\n`;
  }
  return date;
}

/** RFC 9112 section 9.3: an HTTP/1.1 connection stays open unless said otherwise; clients want to hear for how long. */
export const keepAliveLines = (idleMs: number): string =>
  `connection: keep-alive\r\nkeep-alive: timeout=${Math.max(1, Math.floor(idleMs / 1000))}\r\n`;
export const CLOSE_LINE = 'connection: close\r\n';

/**
 * Everything up to the blank line, which is the caller's to add after `content-length` or `transfer-encoding`.
 * @param connection what is said of the connection, whole lines
 * @throws RangeError for a status that is none, TypeError for headers that cannot be sent
 */
export function answerHead({ status, headers }: AnswerHead, connection: string): string {
  let text = statusLine(status);
  for (const name in headers) {
    if (!passed.has(name)) {
      if (!NAME.test(name)) throw new TypeError(`${JSON.stringify(name)} is no name of a header`);
      if (FRAMING.has(name.toLowerCase())) continue;
      if (passed.size < PASSED_KEPT) passed.add(name);
    }
    const value = headers[name];
    if (value === undefined || NOT_OF_A_VALUE.test(value)) throw new TypeError(`the value of the header ${name} cannot be sent`);
    text += `${name}: ${value}\r\n`;
  }
  return text + (headers['date'] === undefined ? dateLine() : '') + connection;
}
