/** HTTP by hand: bytes as they are, to see what a server makes of a client that no library would be. */
import { connect } from 'node:net';

export interface RawAnswer {
  /** 0 when the server closed the connection without an answer. */
  readonly status: number;
  readonly body: string;
}

/** How long a server may take for anything that is not a large body. */
const deadlineMs = 5_000;

/**
 * Sends bytes, closes the sending side, and reads until the server closes.
 * @throws Error when the server does neither answer nor close in time.
 */
export function sendRaw(port: number, chunks: Iterable<Buffer | string>): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const received: Buffer[] = [];
    const socket = connect({ port, host: '127.0.0.1' });
    const timer = setTimeout(() => {
      socket.destroy();
      reject(new Error(`no end within ${deadlineMs} ms`));
    }, deadlineMs);
    socket.on('data', (data) => received.push(data));
    socket.on('error', () => undefined); // a reset is one way to refuse
    socket.on('close', () => {
      clearTimeout(timer);
      resolve(parseAnswer(Buffer.concat(received).toString('latin1')));
    });
    const source = chunks[Symbol.iterator]();
    const write = (): void => {
      for (;;) {
        const { value, done } = source.next();
        if (done === true || socket.destroyed) return void socket.end();
        if (!socket.write(value)) return void socket.once('drain', write);
      }
    };
    socket.once('connect', write);
  });
}

function parseAnswer(text: string): RawAnswer {
  const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(text)?.[1] ?? 0);
  const end = text.indexOf('\r\n\r\n');
  return { status, body: end < 0 ? '' : text.slice(end + 4) };
}

export interface HttpParts {
  readonly method: string;
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** A request as bytes, for one answer. */
export function requestBytes({ method, target, headers, body }: HttpParts): Buffer {
  const lines = [
    `${method} ${target} HTTP/1.1`,
    ...Object.entries({ ...headers, connection: 'close' }).map(([name, value]) => `${name}: ${value}`),
  ];
  return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), body]);
}

/** The same with its length said truly. */
export function framed(parts: HttpParts): Buffer {
  return requestBytes({ ...parts, headers: { ...parts.headers, 'content-length': String(parts.body.length) } });
}
