/** The name that a client asks for, out of the first bytes of its connection: RFC 8446 section 4.1.2, RFC 6066 section 3. */

/** What the bytes say so far. `more`: the message is not whole yet. Without a name: there is none, or these bytes are no ClientHello. */
export type Hello = 'more' | { readonly serverName?: string };

const HANDSHAKE = 22;
const CLIENT_HELLO = 1;
const SERVER_NAME = 0;
const HOST_NAME = 0;
/** The longest ClientHello that is waited for; with post-quantum keys they have 2 KB. */
const MAX_BYTES = 65_536;

const NO_NAME: Hello = {};

/** Reads what lengths announce; beyond the end it throws a RangeError, as Buffer does. */
class Cursor {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#bytes.length;
  }

  number(width: 1 | 2 | 3): number {
    const value = this.#bytes.readUIntBE(this.#at, width);
    this.#at += width;
    return value;
  }

  /** What follows a length of that width. */
  vector(width: 1 | 2 | 3): Buffer {
    return this.take(this.number(width));
  }

  take(length: number): Buffer {
    if (this.#at + length > this.#bytes.length) throw new RangeError('beyond the end');
    return this.#bytes.subarray(this.#at, (this.#at += length));
  }
}

/** @param bytes all that the client has sent */
export function readHello(bytes: Buffer): Hello {
  const message = messageOf(bytes);
  if (message === undefined) return bytes.length > MAX_BYTES ? NO_NAME : 'more';
  try {
    const serverName = serverNameOf(message);
    return serverName === undefined ? NO_NAME : { serverName };
  } catch (error) {
    if (error instanceof RangeError) return NO_NAME; // TLS itself will say what is wrong with it
    throw error;
  }
}

/** The first handshake message, put together out of its records; empty when it is no ClientHello, undefined when it is not whole. */
function messageOf(bytes: Buffer): Buffer | undefined {
  const parts: Buffer[] = [];
  let held = 0;
  for (let at = 0; at + 5 <= bytes.length;) {
    if (bytes[at] !== HANDSHAKE) return Buffer.alloc(0);
    const end = at + 5 + bytes.readUInt16BE(at + 3);
    const part = bytes.subarray(at + 5, end);
    parts.push(part);
    held += part.length;
    at = end;
    if (held < 4) continue;
    const message = parts.length === 1 ? part : Buffer.concat(parts);
    if (message[0] !== CLIENT_HELLO) return Buffer.alloc(0);
    const length = 4 + message.readUIntBE(1, 3);
    if (held >= length) return message.subarray(4, length);
  }
  const first = bytes[0];
  return first === undefined || first === HANDSHAKE ? undefined : Buffer.alloc(0);
}

/** @throws RangeError for a message that ends too early */
function serverNameOf(message: Buffer): string | undefined {
  if (message.length === 0) return undefined;
  const hello = new Cursor(message);
  hello.take(2 + 32); // version, random
  hello.vector(1); // session id
  hello.vector(2); // cipher suites
  hello.vector(1); // compression methods
  if (hello.isAtEnd) return undefined; // extensions are optional before TLS 1.3
  const extensions = new Cursor(hello.vector(2));
  while (!extensions.isAtEnd) {
    const type = extensions.number(2);
    const content = extensions.vector(2);
    if (type !== SERVER_NAME) continue;
    const names = new Cursor(new Cursor(content).vector(2));
    while (!names.isAtEnd) {
      const kind = names.number(1);
      const name = names.vector(2);
      if (kind === HOST_NAME) return name.toString('latin1');
    }
  }
  return undefined;
}
