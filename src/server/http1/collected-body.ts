/** The body of a request, collected into one buffer within limits. */

export const EMPTY_BODY: Buffer = Buffer.alloc(0);

/** Bytes of request bodies that are held at once, over all connections. */
export interface BodyBudget {
  readonly limit: number;
  used: number;
}

/** Why a body is not collected: longer than one may be, or no room for it now. */
export type BodyFailure = 'too-large' | 'no-room';

const FIRST_GROWTH_BYTES = 64 * 1024;

/**
 * A body on its way. One in one piece is handed on without a copy; more pieces grow one buffer, since a list of them
 * would cost a hundred times its bytes when they are tiny. The budget holds the bytes until they are dropped, or, after
 * `take`, until the caller gives them back (`budget.used -= body.length`).
 */
export class CollectedBody {
  readonly #budget: BodyBudget;
  readonly #limit: number;
  #bytes = EMPTY_BODY;
  #length = 0;

  /** @param limit longest body, bytes */
  constructor(limit: number, budget: BodyBudget) {
    this.#limit = limit;
    this.#budget = budget;
  }

  /** Adds a piece, or says why not and forgets the others. */
  append(piece: Buffer): BodyFailure | undefined {
    const total = this.#length + piece.length;
    const failure = total > this.#limit ? 'too-large' : this.#budget.used + piece.length > this.#budget.limit ? 'no-room' : undefined;
    if (failure !== undefined) {
      this.drop();
      return failure;
    }
    this.#budget.used += piece.length;
    if (this.#length === 0) {
      this.#bytes = piece;
    } else {
      if (total > this.#bytes.length || this.#length === this.#bytes.length) {
        const grown = Buffer.allocUnsafeSlow(Math.min(this.#limit, Math.max(FIRST_GROWTH_BYTES, 2 * total)));
        this.#bytes.copy(grown, 0, 0, this.#length);
        this.#bytes = grown;
      }
      piece.copy(this.#bytes, this.#length);
    }
    this.#length = total;
    return undefined;
  }

  /** The whole body. */
  take(): Buffer {
    return this.#length === this.#bytes.length ? this.#bytes : this.#bytes.subarray(0, this.#length);
  }

  drop(): void {
    this.#budget.used -= this.#length;
    this.#length = 0;
    this.#bytes = EMPTY_BODY;
  }
}
