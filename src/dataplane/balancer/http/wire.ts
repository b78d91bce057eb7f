/** One socket, read without a buffer of its own and written once an event: the engine's only way to the network. */
import { connect, Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { Block, BLOCK_BYTES, takeBlock } from '#dataplane/balancer/http/blocks.ts';

/** What a wire tells its user. No call comes after `closed`. */
export interface WireUser {
  /** @param block what `bytes` are a part of; undefined: they are good until this returns, and have to be copied to be kept */
  received(bytes: Buffer, end: number, block: Block | undefined): void;
  /** The other side sends no more. */
  ended(): void;
  /** A wire that was full can be written to. */
  drained(): void;
  /** Nothing goes in either direction any more. */
  closed(): void;
}

/** Pieces up to this size are copied to the text that is written at once; larger ones are written as they are. */
const SMALL_BYTES = 8 * 1024;
const FULL_BYTES = 64 * 1024;

/** All wires read into this, but for those with a big body on its way. */
const shared = Buffer.allocUnsafeSlow(BLOCK_BYTES);
/** What comes of TLS is fresh memory each time. */
const fresh = new Block(Buffer.alloc(0), false);

const dirty: Wire[] = [];
let depth = 0;

function leave(): void {
  depth -= 1;
  if (depth === 0) flushAll();
}

function flushAll(): void {
  for (let at = 0; at < dirty.length; at += 1) dirty[at]?.flush();
  dirty.length = 0;
}

/** Runs something that may write, so that what it writes goes out at its end and together. */
export function together(act: () => void): void {
  depth += 1;
  try {
    act();
  } finally {
    leave();
  }
}

export type Fault = (error: unknown) => void;

export class Wire {
  readonly socket: Socket;
  /** Octets that have come, and that have been written. */
  received = 0;
  sent = 0;
  #user: WireUser;
  readonly #fault: Fault;
  #out = '';
  #isOver = false;
  /** Reasons not to read. */
  #holds = 0;
  #readsBlocks = false;
  #block: Block | undefined;
  #buffer: Buffer | undefined;

  /** @param fault told of an error of ours, after which the wire is gone */
  constructor(user: WireUser, fault: Fault, open: (onread: OnRead) => Socket) {
    this.#user = user;
    this.#fault = fault;
    // Node takes undefined for no change, but at first: its types do not know.
    this.socket = open({ buffer: () => this.#nextBuffer() as Buffer, callback: (count, bytes) => this.#read(bytes as Buffer, count) });
    this.socket.on('error', () => undefined); // `close` follows
    this.socket.on('end', () => this.#run(0));
    this.socket.on('drain', () => this.#run(1));
    this.socket.on('close', () => this.#run(2));
  }

  /** A wire over an accepted socket, that nothing has been read from. */
  static accepted(raw: Socket, user: WireUser, fault: Fault): Wire {
    return new Wire(user, fault, (onread) => withOnRead(raw, onread));
  }

  /** A wire over a socket that has its own way to read, as a TLS one. */
  static over(socket: Socket | TLSSocket, user: WireUser, fault: Fault): Wire {
    const wire = new Wire(user, fault, () => socket);
    socket.on('data', (bytes: Buffer) => wire.#take(bytes, bytes.length, fresh));
    return wire;
  }

  /** Opens a connection. The socket's own `connect` tells when it stands. */
  static open(to: { readonly host: string; readonly port: number; readonly localAddress?: string }, user: WireUser, fault: Fault): Wire {
    return new Wire(user, fault, (onread) => connect({ ...to, onread, noDelay: true, allowHalfOpen: true, autoSelectFamily: false }));
  }

  /** Hands what comes to somebody else. */
  set user(user: WireUser) {
    this.#user = user;
  }

  /** Octets given to be sent, gone or not. */
  get queued(): number {
    return this.sent + this.#out.length;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** Whoever goes on writing fills memory: wait for `drained`. */
  get isFull(): boolean {
    return this.socket.writableLength >= FULL_BYTES && this.socket.writableNeedDrain;
  }

  /** Nothing waits to be sent. */
  get isDry(): boolean {
    return this.#out === '' && this.socket.writableLength === 0;
  }

  /** A big body comes: read it so that it need not be copied to be written. */
  set readsBlocks(does: boolean) {
    this.#readsBlocks = does;
  }

  /** Sends octets that are written as the code points of a string, at the end of the event that is under way. */
  text(text: string): void {
    if (this.#isOver) return;
    if (this.#out === '') {
      dirty.push(this);
      if (depth === 0 && dirty.length === 1) queueMicrotask(flushAll);
    }
    this.#out += text;
  }

  /** Sends octets, and `suffix` behind them. @param block what they are part of, else they are copied */
  bytes(bytes: Buffer, from: number, end: number, block: Block | undefined, suffix = ''): void {
    if (this.#isOver) return;
    if (end - from <= SMALL_BYTES) {
      this.text(bytes.toString('latin1', from, end) + suffix);
      return;
    }
    const { socket } = this;
    socket.cork();
    this.flush();
    this.sent += end - from + suffix.length;
    if (block) {
      block.lend();
      socket.write(bytes.subarray(from, end), block.done);
    } else {
      const copy = Buffer.allocUnsafeSlow(end - from);
      bytes.copy(copy, 0, from, end);
      socket.write(copy);
    }
    if (suffix !== '') socket.write(suffix, 'latin1');
    socket.uncork();
  }

  flush(): void {
    const out = this.#out;
    if (out === '') return;
    this.#out = '';
    this.sent += out.length;
    this.socket.write(out, 'latin1');
  }

  /** Reads no more, for a reason: a bit. */
  hold(why: number): void {
    if (this.#holds === 0) this.socket.pause();
    this.#holds |= why;
  }

  /** Reads again when it was the last reason. */
  release(why: number): void {
    if (this.#holds === 0) return;
    this.#holds &= ~why;
    if (this.#holds === 0) this.socket.resume();
  }

  pause(): void {
    this.hold(1);
  }

  /** Reads again, whatever the reasons were. */
  resume(): void {
    if (this.#holds === 0) return;
    this.#holds = 0;
    this.socket.resume();
  }

  /** Sends what is left, and then that no more comes. */
  end(): void {
    if (this.#isOver) return;
    this.flush();
    this.socket.end();
  }

  destroy(): void {
    this.#out = '';
    this.socket.destroy();
  }

  /** What is read into next; undefined: the same again, which costs less than to say so. */
  #nextBuffer(): Buffer | undefined {
    const before = this.#buffer;
    if (!this.#readsBlocks) {
      if (before === shared) return undefined;
      this.#block?.done();
      this.#block = undefined;
      this.#buffer = shared;
      return shared;
    }
    if (this.#block?.isFree) return undefined;
    this.#block?.done();
    this.#block = takeBlock();
    this.#buffer = this.#block.bytes;
    return this.#buffer;
  }

  #read(bytes: Buffer, count: number): boolean {
    this.#take(bytes, count, this.#block);
    return true;
  }

  #take(bytes: Buffer, count: number, block: Block | undefined): void {
    if (this.#isOver) return;
    depth += 1;
    this.received += count;
    try {
      this.#user.received(bytes, count, block);
    } catch (error) {
      this.#fail(error);
    }
    leave();
  }

  /** @param what 0: ended, 1: drained, 2: closed */
  #run(what: 0 | 1 | 2): void {
    if (this.#isOver) return;
    depth += 1;
    try {
      if (what === 0) this.#user.ended();
      else if (what === 1) this.#user.drained();
      else this.#close();
    } catch (error) {
      this.#fail(error);
    }
    leave();
  }

  #close(): void {
    this.#isOver = true;
    this.#out = '';
    this.#block?.done();
    this.#block = undefined;
    this.#user.closed();
  }

  #fail(error: unknown): void {
    this.destroy();
    this.#fault(error);
  }
}

interface OnRead {
  readonly buffer: () => Uint8Array;
  readonly callback: (count: number, bytes: Uint8Array) => boolean;
}

/** What Node's own sockets are made of: its server makes them without `onread`, so a second one takes the first one's handle over. */
const HANDLE = '_handle';

interface Handled {
  [HANDLE]: object | null;
}

function withOnRead(raw: Socket, onread: OnRead): Socket {
  const handled = raw as unknown as Handled; // not in Node's types
  const handle = handled[HANDLE];
  if (!handle) return raw; // closed already
  const socket = new Socket({ handle, onread, allowHalfOpen: true } as ConstructorParameters<typeof Socket>[0]); // as above
  handled[HANDLE] = null;
  return socket;
}
