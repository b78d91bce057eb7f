/** Answers as values, for who asks from inside this process: the same way as for those that come in messages. */
import { HEADER_BYTES, MESSAGE_BYTES_MAX, Opcode, RecordType, Rcode, type Message, type Question } from '#dataplane/dns/codec/message.ts';
import { readMessage } from '#dataplane/dns/codec/read-message.ts';
import { writeMessage } from '#dataplane/dns/codec/write-message.ts';
import { failed, type Answer } from '#dataplane/dns/name-source.ts';
import { Answerer } from '#dataplane/dns/authority/answer.ts';
import { Client, type Seams } from '#dataplane/dns/authority/client.ts';
import { Query } from '#dataplane/dns/authority/query.ts';
import { Reply, ReplyWriter } from '#dataplane/dns/authority/reply.ts';
import type { WireName } from '#dataplane/dns/authority/wire-name.ts';
import type { Zone } from '#dataplane/dns/authority/zone.ts';

const header = {
  id: 0,
  isResponse: false,
  opcode: Opcode.QUERY,
  authoritative: false,
  truncated: false,
  recursionDesired: false,
  recursionAvailable: false,
  authenticData: false,
  checkingDisabled: false,
  rcode: Rcode.NOERROR,
  answers: [],
  authorities: [],
  additionals: [],
};

/** Puts questions to zones. */
export class ZoneReader {
  readonly client: Client;
  readonly #query = new Query();
  readonly #reply = new Reply();
  readonly #writer: ReplyWriter;
  readonly #answerer: Answerer;

  constructor(seams: Seams) {
    this.client = new Client(seams);
    this.#writer = new ReplyWriter(seams.random);
    this.#answerer = new Answerer(seams);
  }

  /** The question's name; it is another's after the next question. @throws Error for a name that is none */
  ask(question: Question): WireName {
    this.#query.read(writeMessage({ ...header, questions: [question] }));
    return this.#query.name;
  }

  /** What a zone says to the question that was put last, from the client that was named. */
  read(zone: Zone): Message | undefined {
    const { name, type } = this.#query;
    const reply = this.#reply.clear();
    this.#answerer.answer(zone, name, type, this.client, reply);
    const length = this.#writer.write(this.#query, reply, MESSAGE_BYTES_MAX, false);
    return readMessage(this.#writer.bytes.subarray(0, Math.max(length, HEADER_BYTES)));
  }
}

/** What resolvers tell of a message: not the zone's name servers, which come with every answer. */
export function answerOf(message: Message | undefined): Answer {
  if (message === undefined) return failed(Rcode.SERVFAIL);
  const { rcode, answers, authorities, authoritative } = message;
  return { rcode, records: answers, authority: authorities.filter(({ data }) => data.kind === 'SOA'), authoritative };
}

/** Whether a message says who knows instead of what there is. */
export function isReferral({ authoritative, rcode, authorities }: Message): boolean {
  return !authoritative && rcode === Rcode.NOERROR && authorities.some(({ data }) => data.kind === 'NS');
}

/** Whether a question is for the zone above, where its name is a domain's own. */
export function isForParent({ type, name }: Question, domain: string): boolean {
  return type === RecordType.DS && name === domain;
}
