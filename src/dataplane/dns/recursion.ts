/** Names that other servers on the internet know: followed from a referral to whoever answers, and remembered for as long as they say. */
import { formatIp } from '#model/ip.ts';
import { RecordType, Rcode, type Message, type Question, type ResourceRecord } from '#dataplane/dns/codec/message.ts';
import { failed, isWithin, type Answer } from '#dataplane/dns/name-source.ts';

/** A zone, and the servers that it is delegated to. */
export interface Referral {
  readonly zone: string;
  readonly servers: readonly ReferredServer[];
}

export interface ReferredServer {
  /** Lower case, no dot at the end. */
  readonly name: string;
  /** Glue, as text; without it the name is looked up. */
  readonly addresses: readonly string[];
}

export interface RecursionOptions {
  /** Puts a question to one server; undefined when it does not answer. */
  readonly ask: (address: string, question: Question) => Promise<Message | undefined>;
  /** Addresses of a server without glue. */
  readonly addressesOf: (name: string) => Promise<readonly string[]>;
  /** Addresses that are never asked: our own resolver's. */
  readonly isOwn: (address: string) => boolean;
  readonly nowMs: () => number;
}

/** Referrals that are followed for one question. */
const REFERRALS_MAX = 16;
/** Servers of one zone that are asked before it is given up. */
const SERVERS_MAX = 4;
/** Milliseconds for one question; servers that refer to each other in a circle end here. */
const DEADLINE_MS = 6_000;
/** Questions followed at a time, and answers remembered. */
const FOLLOWED_MAX = 256;
const REMEMBERED_MAX = 10_000;
/** Seconds that an answer is remembered at most, and that a failure is. */
const TTL_MAX = 86_400;
const FAILURE_TTL = 5;

interface Remembered {
  readonly answer: Answer;
  readonly fromMs: number;
  readonly untilMs: number;
}

export class Recursion {
  readonly #options: RecursionOptions;
  readonly #remembered = new Map<string, Remembered>();
  readonly #followed = new Map<string, Promise<Answer>>();

  constructor(options: RecursionOptions) {
    this.#options = options;
  }

  /** The answer of the servers that a zone is delegated to; SERVFAIL when none gives one. Never rejects. */
  async follow(question: Question, referral: Referral): Promise<Answer> {
    const key = `${question.type} ${question.name}`;
    const known = this.#recall(key);
    if (known !== undefined) return known;
    const running = this.#followed.get(key);
    if (running !== undefined) return running;
    if (this.#followed.size >= FOLLOWED_MAX) return failed(Rcode.SERVFAIL);
    const work = this.#inTime(question, referral).finally(() => this.#followed.delete(key));
    this.#followed.set(key, work);
    const answer = await work;
    this.#remember(key, answer);
    return answer;
  }

  async #inTime(question: Question, referral: Referral): Promise<Answer> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<Answer>((resolve) => (timer = setTimeout(() => resolve(failed(Rcode.SERVFAIL)), DEADLINE_MS)));
    try {
      return await Promise.race([this.#descend(question, referral), late]);
    } catch {
      return failed(Rcode.SERVFAIL);
    } finally {
      clearTimeout(timer);
    }
  }

  async #descend(question: Question, from: Referral): Promise<Answer> {
    let referral: Referral | undefined = from;
    for (let steps = 0; referral !== undefined && steps < REFERRALS_MAX; steps++) {
      const message: Message | undefined = await this.#askServers(question, referral);
      if (message === undefined) break;
      const { zone }: Referral = referral;
      if (isFinal(message)) return answerIn(message, zone);
      referral = referralIn(message, question, zone);
    }
    return failed(Rcode.SERVFAIL);
  }

  /** What the first server says that knows anything; lame ones are passed over. */
  async #askServers(question: Question, { zone, servers }: Referral): Promise<Message | undefined> {
    for (const { name, addresses } of servers.slice(0, SERVERS_MAX)) {
      const found = addresses.length > 0 ? addresses : await this.#options.addressesOf(name);
      for (const address of found.slice(0, 2)) {
        if (this.#options.isOwn(address)) continue;
        const message = await this.#options.ask(address, question);
        if (message !== undefined && (isFinal(message) || referralIn(message, question, zone) !== undefined)) return message;
      }
    }
    return undefined;
  }

  #recall(key: string): Answer | undefined {
    const known = this.#remembered.get(key);
    if (known === undefined) return undefined;
    const nowMs = this.#options.nowMs();
    if (nowMs >= known.untilMs) return void this.#remembered.delete(key);
    const age = Math.floor((nowMs - known.fromMs) / 1_000);
    const aged = (records: readonly ResourceRecord[]) => records.map((one) => ({ ...one, ttl: Math.max(0, one.ttl - age) }));
    return { ...known.answer, records: aged(known.answer.records), authority: aged(known.answer.authority) };
  }

  #remember(key: string, answer: Answer): void {
    const seconds = Math.min(ttlOf(answer), TTL_MAX);
    if (seconds <= 0) return;
    if (this.#remembered.size >= REMEMBERED_MAX) this.#remembered.clear();
    const fromMs = this.#options.nowMs();
    this.#remembered.set(key, { answer, fromMs, untilMs: fromMs + seconds * 1_000 });
  }
}

const isSoa = ({ data }: ResourceRecord): boolean => data.kind === 'SOA';

/** Nobody is believed about names outside of the zone that he was asked as the server of. */
function answerIn({ rcode, answers, authorities }: Message, zone: string): Answer {
  const ours = ({ name }: ResourceRecord): boolean => isWithin(name, zone);
  return { rcode, records: answers.filter(ours), authority: authorities.filter((one) => isSoa(one) && ours(one)), authoritative: false };
}

/** An answer, or the word of who knows that there is none. */
function isFinal({ rcode, answers, authorities }: Message): boolean {
  if (rcode === Rcode.NXDOMAIN) return true;
  return rcode === Rcode.NOERROR && (answers.length > 0 || authorities.some(isSoa));
}

/** Further down, towards the name: what leads up or aside is not followed. */
function referralIn({ rcode, authorities, additionals }: Message, { name }: Question, zone: string): Referral | undefined {
  if (rcode !== Rcode.NOERROR) return undefined;
  const cut = authorities.find(({ name: owner, data }) => data.kind === 'NS' && owner !== zone && isWithin(owner, zone) && isWithin(name, owner))?.name; // prettier-ignore
  if (cut === undefined) return undefined;
  const servers = authorities.flatMap(({ name: owner, data }) => (owner === cut && data.kind === 'NS' ? [data.target] : []));
  return { zone: cut, servers: servers.map((server) => ({ name: server, addresses: glueOf(additionals, server, zone) })) };
}

/** Addresses are believed of servers inside the zone that refers (RFC 5452 section 6). */
function glueOf(additionals: readonly ResourceRecord[], server: string, zone: string): string[] {
  if (!isWithin(server, zone)) return [];
  return additionals.flatMap(({ name, data }) => (name === server && (data.kind === 'A' || data.kind === 'AAAA') ? [formatIp(data.address)] : [])); // prettier-ignore
}

/** Seconds: the least of its records', of nothing that of the zone's word on it (RFC 2308 section 5). */
function ttlOf({ rcode, records, authority }: Answer): number {
  if (rcode === Rcode.SERVFAIL) return FAILURE_TTL;
  if (records.length > 0) return Math.min(...records.map(({ ttl }) => ttl));
  return Math.min(...authority.map(({ ttl, data }) => (data.kind === 'SOA' ? Math.min(ttl, data.minimum) : 0)), TTL_MAX);
}

/** Addresses in an answer, as text. */
export function addressesIn({ records }: Answer): string[] {
  return records.flatMap(({ data }) => (data.kind === 'A' || data.kind === 'AAAA' ? [formatIp(data.address)] : []));
}

/** The types under which a server's addresses are looked up. */
export const ADDRESS_TYPES = [RecordType.A, RecordType.AAAA] as const;
