/** Puts one question to a DNS server: over UDP, again where nothing comes back, and over TCP when the answer was cut short. */
import { randomInt } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { connect, isIPv6 } from 'node:net';
import type { Ipv4 } from '#model/ip.ts';
import { OptionCode, Rcode, type Message, type Question } from '#dataplane/dns/codec/message.ts';
import { readMessage } from '#dataplane/dns/codec/read-message.ts';
import { UDP_BYTES_MAX, writeMessage } from '#dataplane/dns/codec/write-message.ts';
import type { Endpoint } from '#cli/endpoint.ts';

export interface Asked {
  readonly message: Message;
  readonly transport: 'UDP' | 'TCP';
  readonly bytes: number;
  readonly elapsedMs: number;
}

export interface AskOptions {
  readonly server: Endpoint;
  readonly question: Question;
  /** Says that it asks for somebody in this address's /24 (RFC 7871). */
  readonly client?: Ipv4;
  /** Milliseconds for each try; 2,000 unless it is told. */
  readonly tryMs?: number;
}

/** Bits of the client's address that are told: a place's whole block. */
export const SUBNET_BITS = 24;
const TRIES = 3;
const TRY_MS = 2_000;
const LENGTH_BYTES = 2;
const MESSAGE_BYTES_MAX = 65_535;

/** Undefined when no answer comes. @throws the system's error when the server cannot be spoken to, and Error for a name that is none */
export async function askServer(options: AskOptions): Promise<Asked | undefined> {
  const { question, client } = options;
  const query = queryOf(question, client);
  const bytes = writeMessage(query);
  for (let tries = 0; tries < TRIES; tries++) {
    const begunAtMs = performance.now();
    const answer = await overUdp(options, query, bytes);
    if (answer === undefined) continue;
    if (!answer.message.truncated) return { ...answer, transport: 'UDP', elapsedMs: performance.now() - begunAtMs };
    const whole = await overTcp(options, query, bytes);
    return { ...(whole ?? answer), transport: whole === undefined ? 'UDP' : 'TCP', elapsedMs: performance.now() - begunAtMs };
  }
  return undefined;
}

type Came = Pick<Asked, 'message' | 'bytes'>;

function overUdp({ server, tryMs = TRY_MS }: AskOptions, query: Message, bytes: Buffer): Promise<Came | undefined> {
  const socket = createSocket(isIPv6(server.host) ? 'udp6' : 'udp4');
  return new Promise<Came | undefined>((resolve, reject) => {
    const timer = setTimeout(() => resolve(undefined), tryMs);
    socket.once('close', () => clearTimeout(timer));
    // Nobody listens there: another try makes no difference.
    socket.once('error', reject);
    socket.on('message', (came) => {
      const message = readMessage(came);
      if (message !== undefined && isAnswerTo(query, message)) resolve({ message, bytes: came.length });
    });
    socket.connect(server.port, server.host, () => socket.send(bytes));
  }).finally(() => socket.close());
}

function overTcp({ server, tryMs = TRY_MS }: AskOptions, query: Message, bytes: Buffer): Promise<Came | undefined> {
  return new Promise((resolve) => {
    let came = Buffer.alloc(0);
    const socket = connect({ host: server.host, port: server.port, noDelay: true });
    const finish = (answer: Came | undefined): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(answer);
    };
    const timer = setTimeout(() => finish(undefined), tryMs);
    socket.once('error', () => finish(undefined)).once('close', () => finish(undefined));
    socket.on('data', (piece: Buffer) => {
      came = Buffer.concat([came, piece]);
      if (came.length < LENGTH_BYTES) return;
      const length = came.readUInt16BE(0);
      if (came.length < LENGTH_BYTES + length) return void (came.length > LENGTH_BYTES + MESSAGE_BYTES_MAX && finish(undefined));
      const message = readMessage(came.subarray(LENGTH_BYTES, LENGTH_BYTES + length));
      finish(message !== undefined && isAnswerTo(query, message) ? { message, bytes: length } : undefined);
    });
    const length = Buffer.alloc(LENGTH_BYTES);
    length.writeUInt16BE(bytes.length);
    socket.write(Buffer.concat([length, bytes]));
  });
}

/** The same id and question (RFC 5452 section 4); a server that could not read the question gives none back. */
function isAnswerTo(query: Message, message: Message): boolean {
  const [asked] = query.questions;
  const [answered] = message.questions;
  if (!message.isResponse || message.id !== query.id) return false;
  if (answered === undefined) return message.rcode !== Rcode.NOERROR;
  return answered.name === asked?.name && answered.type === asked.type && answered.class === asked.class;
}

function queryOf(question: Question, client: Ipv4 | undefined): Message {
  return {
    id: randomInt(0x1_0000),
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
    edns: { udpSize: UDP_BYTES_MAX, version: 0, dnssecOk: false, options: client === undefined ? [] : [clientSubnet(client)] },
  };
}

/** RFC 7871 section 6: family, length of the source, length of the scope (0 in a question), the address's first bytes. */
function clientSubnet(client: Ipv4): { readonly code: number; readonly bytes: Uint8Array } {
  return { code: OptionCode.CLIENT_SUBNET, bytes: Uint8Array.of(0, 1, SUBNET_BITS, 0, client >>> 24, (client >>> 16) & 0xff, (client >>> 8) & 0xff) }; // prettier-ignore
}
