/** From a query's bytes to the reply's: the one way through codec and answers that UDP and TCP share. Nothing here throws. */
import type { Ip } from '#model/ip.ts';
import { MESSAGE_BYTES_MAX, Rcode, type Question } from '#dataplane/dns/codec/message.ts';
import { readQuery, type Query } from '#dataplane/dns/codec/read-message.ts';
import { udpLimit, writeReply } from '#dataplane/dns/codec/write-message.ts';
import { failed, type Answer } from '#dataplane/dns/name-source.ts';

/** Who sent a question, and how. */
export interface Client {
  readonly source: Ip;
  readonly transport: 'udp' | 'tcp';
}

/** Answers a question, at once or later; what it throws is SERVFAIL. */
export type AnswerQuestion = (question: Question, client: Client) => Answer | Promise<Answer>;

export interface Responder {
  readonly answer: AnswerQuestion;
  /** Whether replies say that names of others are looked up too. */
  readonly recursionAvailable: boolean;
  /** Told of what `answer` threw, and of answers that cannot be written. */
  readonly onError: (error: unknown) => void;
}

/** The bytes of the length before each message over TCP (RFC 1035 section 4.2.2). */
export const LENGTH_BYTES = 2;

/** The reply to a message, over TCP with its length before it; undefined when it gets none. */
export function respond(responder: Responder, bytes: Uint8Array, client: Client): Buffer | Promise<Buffer | undefined> | undefined {
  const query = readQuery(bytes);
  if (query === undefined) return undefined;
  if (query.rcode !== Rcode.NOERROR || query.question === undefined) return reply(responder, query, bytes, failed(query.rcode), client);
  try {
    const answer = responder.answer(query.question, client);
    if (!(answer instanceof Promise)) return reply(responder, query, bytes, answer, client);
    return answer.then(
      (later) => reply(responder, query, bytes, later, client),
      (error: unknown) => broken(responder, query, bytes, error, client),
    );
  } catch (error) {
    return broken(responder, query, bytes, error, client);
  }
}

function reply(responder: Responder, query: Query, bytes: Uint8Array, answer: Answer, client: Client): Buffer | undefined {
  try {
    return written(responder, query, bytes, answer, client);
  } catch (error) {
    return broken(responder, query, bytes, error, client);
  }
}

function broken(responder: Responder, query: Query, bytes: Uint8Array, error: unknown, client: Client): Buffer {
  responder.onError(error);
  return written(responder, query, bytes, failed(Rcode.SERVFAIL), client); // has no records, so nothing that cannot be written
}

function written({ recursionAvailable }: Responder, query: Query, bytes: Uint8Array, answer: Answer, client: Client): Buffer {
  if (client.transport === 'udp') return writeReply(query, bytes, answer, { limit: udpLimit(query.edns), recursionAvailable });
  const message = writeReply(query, bytes, answer, { limit: MESSAGE_BYTES_MAX, recursionAvailable, reserved: LENGTH_BYTES });
  message.writeUInt16BE(message.length - LENGTH_BYTES);
  return message;
}
