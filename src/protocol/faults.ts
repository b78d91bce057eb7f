/** What can be wrong with an input, reported by the decoders in the words of each protocol. */
import { AwsError } from '#protocol/aws-error.ts';
import { echo } from '#protocol/limits.ts';

/** The kinds of simple values, as messages name them. */
export type Expected = 'string' | 'integer' | 'number' | 'boolean' | 'timestamp' | 'blob' | 'structure' | 'list' | 'map';

/**
 * Takes the faults of one request. `at` is the member's place in the model (`tags.1.member.key`), `wire` its name in
 * the request (`Tags.member.1.Key`).
 */
export interface Faults {
  missing(at: string, wire: string): void;
  notInEnum(at: string, wire: string, value: string, values: readonly string[]): void;
  /** A value that cannot be read as its type. */
  malformed(at: string, wire: string, value: string, expected: Expected): never;
  /** A name that the model does not have. */
  unknown(wire: string): void;
  /** Called when the whole input is read. @throws AwsError when faults were gathered. */
  finish(): void;
}

/** Faults in the words of AWS's common validation, which tells all at once: "2 validation errors detected: …; …". */
export class ValidationFaults implements Faults {
  readonly #code: string;
  readonly #malformed: (value: string, expected: Expected) => AwsError;
  #found: string[] | undefined;

  /** @param code `ValidationError` in query APIs, `ValidationException` in JSON ones */
  constructor(code: string, malformed: (value: string, expected: Expected) => AwsError) {
    this.#code = code;
    this.#malformed = malformed;
  }

  missing(at: string): void {
    this.#add(`Value null at '${at}' failed to satisfy constraint: Member must not be null`);
  }

  notInEnum(at: string, _wire: string, value: string, values: readonly string[]): void {
    this.#add(`Value '${echo(value)}' at '${at}' failed to satisfy constraint: Member must satisfy enum value set: [${values.join(', ')}]`);
  }

  malformed(_at: string, _wire: string, value: string, expected: Expected): never {
    throw this.#malformed(value, expected);
  }

  unknown(): void {
    // Query and JSON services ignore what they do not know, so that older ones serve newer clients.
  }

  finish(): void {
    const found = this.#found;
    if (found === undefined) return;
    const count = found.length === 1 ? '1 validation error' : `${found.length} validation errors`;
    throw new AwsError(this.#code, `${count} detected: ${found.join('; ')}`);
  }

  #add(fault: string): void {
    this.#found ??= [];
    if (this.#found.length < MAX_FAULTS_TOLD) this.#found.push(fault);
  }
}

/** Enough for any request that a person wrote; a hostile one shall not make a message of megabytes. */
const MAX_FAULTS_TOLD = 100;

/** A member's name inside a place: `('tags.1.member', 'Key')` gives `tags.1.member.key`. */
export function placeOf(at: string, member: string): string {
  const name = member.charAt(0).toLowerCase() + member.slice(1);
  return at === '' ? name : `${at}.${name}`;
}
