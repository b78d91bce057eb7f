/** Questions that nobody here can answer, put to another resolver. */
import { createSocket } from 'node:dgram';
import { randomInt } from 'node:crypto';
import { isIPv6 } from 'node:net';
import { Rcode, type Message, type Question } from '#dataplane/dns/codec/message.ts';
import { readMessage } from '#dataplane/dns/codec/read-message.ts';
import { writeMessage } from '#dataplane/dns/codec/write-message.ts';
import { failed, type Answer } from '#dataplane/dns/name-source.ts';

export interface ForwarderOptions {
  /** Of the other resolver. */
  readonly address: string;
  readonly port: number;
  /** Milliseconds that one try may take; there are two. */
  readonly tryMs: number;
}

const TRIES = 2;
/** Bytes of an answer over UDP. */
const UDP_SIZE = 1232;

/** Asks over UDP from a fresh port each time. Without an answer it is SERVFAIL; one that was cut short is given as it is. */
export function createForwarder(options: ForwarderOptions): (question: Question) => Promise<Answer> {
  return async (question) => {
    for (let tries = 0; tries < TRIES; tries++) {
      const message = await ask(options, question);
      if (message !== undefined)
        return { rcode: message.rcode, records: message.answers, authority: message.authorities, authoritative: false };
    }
    return failed(Rcode.SERVFAIL);
  };
}

async function ask({ address, port, tryMs }: ForwarderOptions, question: Question): Promise<Message | undefined> {
  const id = randomInt(0x1_0000);
  const socket = createSocket(isIPv6(address) ? 'udp6' : 'udp4');
  try {
    return await new Promise((resolve) => {
      const timer = setTimeout(() => resolve(undefined), tryMs);
      timer.unref();
      socket.on('error', () => resolve(undefined));
      socket.on('message', (bytes) => {
        const message = readMessage(bytes);
        if (message !== undefined && isAnswerTo(message, id, question)) resolve(message);
      });
      socket.connect(port, address, () => socket.send(writeMessage(queryOf(id, question)), (error) => error && resolve(undefined)));
    });
  } finally {
    socket.close();
  }
}

/** The same id and question, or it is somebody else's (RFC 5452 section 4). */
function isAnswerTo(message: Message, id: number, { name, type, class: kind }: Question): boolean {
  const [asked] = message.questions;
  return message.isResponse && message.id === id && asked?.name === name && asked.type === type && asked.class === kind;
}

function queryOf(id: number, question: Question): Message {
  return {
    id,
    isResponse: false,
    opcode: 0,
    authoritative: false,
    truncated: false,
    recursionDesired: true,
    recursionAvailable: false,
    authenticData: false,
    checkingDisabled: false,
    rcode: Rcode.NOERROR,
    questions: [question],
    answers: [],
    authorities: [],
    additionals: [],
    edns: { udpSize: UDP_SIZE, version: 0, dnssecOk: false, options: [] },
  };
}
