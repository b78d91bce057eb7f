/** A Lambda function as what runs it is told of it, and what is asked of it: whole, whatever changed. */
import type { Id } from './topology.ts';

/** One version of a function: all that its execution environments are made of. */
export interface FunctionVersion {
  /** `$LATEST`, or a number. */
  readonly version: string;
  /** Changes with the code and the configuration: environments of another revision are not used any more. */
  readonly revision: string;
  /** E.g. `nodejs24.x`, `python3.13`, `provided.al2023`. */
  readonly runtime: string;
  readonly handler: string;
  /** SHA-256 of the package, hexadecimal: its name where packages are kept. */
  readonly codeSha256: string;
  readonly timeoutSeconds: number;
  readonly memoryMib: number;
  /** Of `/tmp`. */
  readonly storageMib: number;
  readonly variables: Readonly<Record<string, string>>;
  readonly logGroup: string;
}

export interface FunctionAlias {
  readonly name: string;
  readonly version: string;
  /** Other versions, with the share of invocations that goes to each, 0 to 1. */
  readonly weights: Readonly<Record<string, number>>;
}

export interface LambdaFunction {
  /** Its ARN, without a qualifier. */
  readonly id: Id;
  readonly account: string;
  readonly region: string;
  readonly name: string;
  /** Invocations at a time; undefined: as many as the account has left. */
  readonly reservedConcurrency?: number;
  readonly versions: readonly FunctionVersion[];
  readonly aliases: readonly FunctionAlias[];
}

/** Somebody asks a function. */
export interface Invocation {
  /** The function's ARN, without a qualifier. */
  readonly function: Id;
  /** A version or an alias; undefined: `$LATEST`. */
  readonly qualifier?: string;
  /** JSON. */
  readonly payload: Uint8Array;
  /** `Event`: nobody waits for the answer. */
  readonly kind: 'RequestResponse' | 'Event';
  /** JSON, as text. */
  readonly clientContext?: string;
  readonly traceId?: string;
  readonly requestId: string;
}

export type InvocationOutcome =
  | {
      readonly kind: 'answered';
      readonly payload: Uint8Array;
      readonly error?: 'Handled' | 'Unhandled';
      readonly version: string;
      /** The last 4 KB of what this invocation logged. */
      readonly logTail: string;
    }
  | { readonly kind: 'queued'; readonly version: string }
  | { readonly kind: 'throttled'; readonly reason: ThrottleReason }
  /** There is no such function, version or alias. */
  | { readonly kind: 'unknown' }
  /** Functions cannot run here, or this one cannot be started: why, for people. */
  | { readonly kind: 'impossible'; readonly words: string };

/** Lambda's `ThrottleReason`s. */
export type ThrottleReason = 'ReservedFunctionConcurrentInvocationLimitExceeded' | 'ConcurrentInvocationLimitExceeded';
