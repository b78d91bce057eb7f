/** One question put to another server: over UDP from a fresh port, and over TCP when the answer does not fit. */
import { createSocket } from 'node:dgram';
import { randomInt } from 'node:crypto';
import { connect, isIPv6 } from 'node:net';
import { Rcode, type Message, type Question } from '#dataplane/dns/codec/message.ts';
import { readMessage } from '#dataplane/dns/codec/read-message.ts';
import { writeMessage } from '#dataplane/dns/codec/write-message.ts';
import { LENGTH_BYTES } from '#dataplane/dns/respond.ts';
import { messageReader } from '#dataplane/dns/tcp-connection.ts';

export interface ExchangeOptions {
  /** Of the other server. */
  readonly address: string;
  readonly port: number;
  /** Milliseconds that it may take. */
  readonly tryMs: number;
  /** Whether it is asked to look the name up elsewhere too. */
  readonly recursionDesired: boolean;
}

/** Bytes of an answer over UDP. */
const UDP_SIZE = 1232;

/** Undefined when no answer of its own comes in time. Never rejects. */
export async function exchange(options: ExchangeOptions, question: Question): Promise<Message | undefined> {
  const query = queryOf(randomInt(0x1_0000), question, options.recursionDesired);
  const answer = await overUdp(options, query);
  return answer?.truncated === true ? ((await overTcp(options, query)) ?? answer) : answer;
}

async function overUdp({ address, port, tryMs }: ExchangeOptions, query: Message): Promise<Message | undefined> {
  const socket = createSocket(isIPv6(address) ? 'udp6' : 'udp4');
  try {
    return await new Promise((resolve) => {
      setTimeout(() => resolve(undefined), tryMs).unref();
      socket.on('error', () => resolve(undefined));
      socket.on('message', (bytes) => {
        const message = readMessage(bytes);
        if (message !== undefined && isAnswerTo(message, query)) resolve(message);
      });
      socket.connect(port, address, () => socket.send(writeMessage(query), (error) => error && resolve(undefined)));
    });
  } finally {
    socket.close();
  }
}

async function overTcp({ address, port, tryMs }: ExchangeOptions, query: Message): Promise<Message | undefined> {
  const socket = connect({ host: address, port, noDelay: true });
  try {
    return await new Promise((resolve) => {
      setTimeout(() => resolve(undefined), tryMs).unref();
      const read = messageReader((bytes) => {
        const message = readMessage(bytes);
        resolve(message !== undefined && isAnswerTo(message, query) ? message : undefined);
      });
      socket
        .on('error', () => resolve(undefined))
        .on('close', () => resolve(undefined))
        .on('data', read);
      const bytes = writeMessage(query);
      const framed = Buffer.alloc(LENGTH_BYTES + bytes.length);
      framed.writeUInt16BE(bytes.length);
      framed.set(bytes, LENGTH_BYTES);
      socket.write(framed);
    });
  } finally {
    socket.destroy();
  }
}

/** The same id and question, or it is somebody else's (RFC 5452 section 4). */
function isAnswerTo(message: Message, { id, questions: [wanted] }: Message): boolean {
  const [asked] = message.questions;
  return message.isResponse && message.id === id && asked?.name === wanted?.name && asked?.type === wanted?.type && asked?.class === wanted?.class; // prettier-ignore
}

function queryOf(id: number, question: Question, recursionDesired: boolean): Message {
  return {
    id,
    isResponse: false,
    opcode: 0,
    authoritative: false,
    truncated: false,
    recursionDesired,
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
