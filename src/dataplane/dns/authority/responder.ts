/** From a query's bytes to the reply's: who answers for the name, what the protocol refuses. Nothing here throws for what comes from the network. */
import type { Ip } from '#model/ip.ts';
import { ExtendedError, MESSAGE_BYTES_MAX, RecordClass, RecordType, Rcode, type Question } from '#dataplane/dns/codec/message.ts';
import { readQuery } from '#dataplane/dns/codec/read-message.ts';
import { writeReply } from '#dataplane/dns/codec/write-message.ts';
import { failed, type Answer } from '#dataplane/dns/name-source.ts';
import { Answerer, type FindGlueZone } from '#dataplane/dns/authority/answer.ts';
import { Client, type Seams } from '#dataplane/dns/authority/client.ts';
import { Query } from '#dataplane/dns/authority/query.ts';
import { Reply, ReplyWriter, udpLimitOf } from '#dataplane/dns/authority/reply.ts';
import type { WireName } from '#dataplane/dns/authority/wire-name.ts';
import type { ZoneIndex } from '#dataplane/dns/authority/zone-index.ts';
import type { Zone } from '#dataplane/dns/authority/zone.ts';

/** Which zones a server answers for. */
export interface View {
  readonly index: ZoneIndex;
  readonly slot: number;
  /** Whether referrals come with addresses out of all these zones, as a registry's do; else out of the one that refers. */
  readonly sharesGlue?: boolean;
}

/** Answers for names in no zone. */
export type Fallback = (question: Question, client: { readonly source: Ip; readonly transport: 'udp' | 'tcp' }) => Answer | Promise<Answer>;

export interface ResponderOptions extends Seams {
  readonly view: View;
  readonly fallback?: Fallback | undefined;
  readonly onError: (error: unknown) => void;
}

/** `Responder.respond`: the answer comes by `later`. */
export const LATER = -1;

/** Up to this length replies are usual. */
const HEADS = 1_024;

/** One for each listener; it makes one reply at a time, in `bytes`. */
export class Responder {
  /** What `respond` is waiting for when it gave `LATER`: a message of its own; undefined: there is none. */
  later: Promise<Buffer | undefined> = Promise.resolve(undefined);
  readonly #options: ResponderOptions;
  readonly #query = new Query();
  readonly #reply = new Reply();
  readonly #client: Client;
  readonly #answerer: Answerer;
  readonly #findGlue: FindGlueZone | undefined;
  readonly #heads: (Buffer | undefined)[] = Array.from({ length: HEADS });
  #writer: ReplyWriter;

  constructor(options: ResponderOptions) {
    this.#options = options;
    this.#client = new Client(options);
    this.#answerer = new Answerer(options);
    this.#writer = new ReplyWriter(options.random);
    const { index, slot, sharesGlue } = options.view;
    this.#findGlue = sharesGlue ? (name) => (index.find(name, slot, 0) ? index.found : undefined) : undefined;
  }

  /** The reply stands at its head until the next one is made. */
  get bytes(): Buffer {
    return this.#writer.bytes;
  }

  /** So many of those bytes; usual lengths are not cut anew for each reply. */
  head(length: number): Buffer {
    if (length >= this.#heads.length) return this.bytes.subarray(0, length);
    return (this.#heads[length] ??= this.bytes.subarray(0, length));
  }

  /** Leaves `bytes` to whoever still needs them. */
  renewBytes(): void {
    this.#writer = new ReplyWriter(this.#options.random);
    this.#heads.fill(undefined);
  }

  /** Makes the reply to a message: its length; 0 for none, and `LATER` when it takes time. @param source the client's address as text */
  respond(message: Uint8Array, source: string, transport: 'udp' | 'tcp'): number {
    const query = this.#query;
    if (!query.read(message)) return 0;
    const reply = this.#reply.clear();
    try {
      if (this.#answer(query, reply, source)) return this.#write(query, reply, transport);
    } catch (error) {
      this.#options.onError(error);
      return this.#write(query, reply.fail(Rcode.SERVFAIL), transport);
    }
    return this.#askOther(message, source, transport);
  }

  #write(query: Query, reply: Reply, transport: 'udp' | 'tcp'): number {
    const limit = transport === 'udp' ? udpLimitOf(query) : MESSAGE_BYTES_MAX;
    return this.#writer.write(query, reply, limit, this.#options.fallback !== undefined);
  }

  /** False for a name in no zone, when somebody else is there to be asked. */
  #answer(query: Query, reply: Reply, source: string): boolean {
    if (query.rcode !== Rcode.NOERROR) {
      reply.fail(query.rcode, query.rcode === Rcode.NOTIMP ? ExtendedError.NOT_SUPPORTED : -1);
      return true;
    }
    if (query.class !== RecordClass.IN || isTransferOrMeta(query.type)) {
      reply.fail(Rcode.REFUSED, query.class === RecordClass.IN ? ExtendedError.PROHIBITED : ExtendedError.NOT_SUPPORTED);
      return true;
    }
    const zone = zoneFor(this.#options.view, query.name, query.type);
    if (zone === undefined) {
      if (this.#options.fallback !== undefined) return false;
      reply.fail(Rcode.REFUSED, ExtendedError.NOT_AUTHORITATIVE);
      return true;
    }
    this.#client.comes(source, query);
    this.#answerer.answer(zone, query.name, query.type, this.#client, reply, this.#findGlue);
    reply.isByLocation = this.#client.wasLocated;
    return true;
  }

  #askOther(message: Uint8Array, source: string, transport: 'udp' | 'tcp'): number {
    const { fallback, onError } = this.#options;
    const query = readQuery(message);
    this.#client.comes(source, undefined);
    const { source: address } = this.#client;
    if (fallback === undefined || query?.question === undefined || address === undefined) return 0; // never: it was read before
    const { question } = query;
    const limit = transport === 'udp' ? udpLimitOf(this.#query) : MESSAGE_BYTES_MAX;
    const write = (answer: Answer): Buffer => writeReply(query, message, answer, { limit, recursionAvailable: true });
    const asked = async (): Promise<Buffer | undefined> => {
      try {
        return write(await fallback(question, { source: address, transport }));
      } catch (error) {
        onError(error);
        return write(failed(Rcode.SERVFAIL));
      }
    };
    this.later = asked();
    return LATER;
  }
}

/** Types that are questions about zones and connections, not of records (RFC 6895 section 3.1). */
export function isTransferOrMeta(type: number): boolean {
  return type === RecordType.OPT || (type >= RecordType.FIRST_META && type < RecordType.ANY);
}

/** The zone that answers for a name; for DS records, where the name is a zone's, the one above (RFC 4035 section 3.1.4.1). */
export function zoneFor({ index, slot }: View, name: WireName, type: number): Zone | undefined {
  if (!index.find(name, slot, 0)) return undefined;
  const zone = index.found;
  if (type !== RecordType.DS || zone === undefined || name.length !== zone.wire.length) return zone;
  return index.find(name, slot, 1) ? index.found : zone;
}
