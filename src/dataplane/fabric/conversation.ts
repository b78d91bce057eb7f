/** Control's end of a fabric's socket. */
import { converse, type Conversation } from '#dataplane/process/conversation.ts';

/** The fabric could not be started, does not answer, or refused; the message says which and why. */
export class FabricError extends Error {
  override readonly name = 'FabricError';
}

/** Undefined when nobody answers there. What it cannot say, and what it refuses, is a FabricError. */
export const converseAt = async (socketPath: string): Promise<Conversation | undefined> =>
  converse(socketPath, (words) => new FabricError(words ?? 'the fabric has ended'));
