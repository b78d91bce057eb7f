/** A raw keep-alive HTTP/1.1 client for load: writes given bytes, reads one answer, costs as little as it can. */
import { connect, type Socket } from 'node:net';

export interface Answer {
  readonly status: number;
  /** Length of the body in bytes. */
  readonly length: number;
  /** The body's text, when it was asked for. */
  readonly text: string;
}

const blankLine = Buffer.from('\r\n\r\n');
const lastChunk = Buffer.from('0\r\n\r\n');

interface Head {
  readonly status: number;
  readonly bodyAt: number;
  /** Bytes; undefined when chunked or up to the end of the connection. */
  readonly length: number | undefined;
  readonly chunked: boolean;
  readonly closes: boolean;
}

function readHead(bytes: Buffer): Head | undefined {
  const end = bytes.indexOf(blankLine);
  if (end < 0) return undefined;
  const head = bytes.toString('latin1', 0, end);
  const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
  return {
    status: Number(head.slice(9, 12)),
    bodyAt: end + 4,
    length: length === undefined ? undefined : Number(length),
    chunked: /\r\ntransfer-encoding: *chunked/i.test(head),
    closes: head.startsWith('HTTP/1.0') ? !/\r\nconnection: *keep-alive/i.test(head) : /\r\nconnection: *close/i.test(head),
  };
}

/** One connection, one request at a time; opens again when the server closes it after an answer. */
export class LoadConnection {
  readonly #port: number;
  #socket: Socket | undefined;
  #chunks: Buffer[] = [];
  #received = 0;
  #head: Head | undefined;
  #wantsText = false;
  #settle: { resolve(answer: Answer): void; reject(error: Error): void } | undefined;

  constructor(port: number) {
    this.#port = port;
  }

  /** Sends a whole request and resolves with its answer. */
  send(request: Buffer, wantsText = false): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
      this.#wantsText = wantsText;
      this.#socket ??= this.#open();
      this.#socket.write(request);
    });
  }

  close(): void {
    this.#socket?.destroy();
    this.#socket = undefined;
  }

  #open(): Socket {
    const socket = connect({ port: this.#port, host: '127.0.0.1', noDelay: true });
    socket.on('data', (bytes: Buffer) => this.#take(bytes));
    socket.on('error', (error) => this.#fail(error));
    socket.on('close', () => {
      if (this.#socket === socket) this.#end();
    });
    return socket;
  }

  #fail(error: Error): void {
    this.close();
    const settle = this.#settle;
    this.#settle = undefined;
    settle?.reject(error);
  }

  /** The server has closed: that ends an answer without a length. */
  #end(): void {
    this.#socket = undefined;
    if (this.#head && this.#head.length === undefined && !this.#head.chunked) this.#finish(this.#head);
    else this.#fail(new Error('the server closed the connection within an answer'));
  }

  #take(bytes: Buffer): void {
    this.#chunks.push(bytes);
    this.#received += bytes.length;
    if (!this.#head) {
      if (this.#chunks.length > 1) this.#chunks = [Buffer.concat(this.#chunks)];
      this.#head = readHead(this.#chunks[0] ?? bytes);
      if (!this.#head) return;
    }
    const { length, chunked, bodyAt } = this.#head;
    const isWhole = chunked ? this.#endsWith(lastChunk) : length !== undefined && this.#received >= bodyAt + length;
    if (isWhole) this.#finish(this.#head);
  }

  #endsWith(tail: Buffer): boolean {
    const last = this.#chunks.at(-1);
    const joined = last && last.length >= tail.length ? last : Buffer.concat(this.#chunks);
    return joined.subarray(-tail.length).equals(tail);
  }

  #finish(head: Head): void {
    const length = this.#received - head.bodyAt;
    const text = this.#wantsText ? Buffer.concat(this.#chunks).toString('utf8', head.bodyAt) : '';
    this.#chunks = [];
    this.#received = 0;
    this.#head = undefined;
    if (head.closes) this.close();
    const settle = this.#settle;
    this.#settle = undefined;
    settle?.resolve({ status: head.status, length, text });
  }
}
