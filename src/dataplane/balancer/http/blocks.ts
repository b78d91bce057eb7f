/** Memory that bodies are read into, lent to whoever still has to write it, and used again. */

/** As much as one read takes. */
export const BLOCK_BYTES = 64 * 1024;
/** 8 MB: what more comes back is left to the garbage collector. */
const MOST_SPARE = 128;

const spare: Block[] = [];

export class Block {
  readonly bytes: Buffer;
  /** For the writer's end: gives the block back. */
  readonly done: () => void;
  #uses = 1;

  constructor(bytes: Buffer, isPooled: boolean) {
    this.bytes = bytes;
    this.done = isPooled ? () => this.#give() : () => undefined;
  }

  /** Lends it once more: `done` has to be called once more. */
  lend(): void {
    this.#uses += 1;
  }

  /** Nobody has it but the reader. */
  get isFree(): boolean {
    return this.#uses === 1;
  }

  #give(): void {
    this.#uses -= 1;
    if (this.#uses > 0) return;
    this.#uses = 1;
    if (spare.length < MOST_SPARE) spare.push(this);
  }
}

export function takeBlock(): Block {
  return spare.pop() ?? new Block(Buffer.allocUnsafeSlow(BLOCK_BYTES), true);
}
