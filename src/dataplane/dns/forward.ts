/** Questions that nobody here can answer, put to another resolver. */
import type { Question } from '#dataplane/dns/codec/message.ts';
import { Rcode } from '#dataplane/dns/codec/message.ts';
import { exchange, type ExchangeOptions } from '#dataplane/dns/exchange.ts';
import { failed, type Answer } from '#dataplane/dns/name-source.ts';

export type ForwarderOptions = Omit<ExchangeOptions, 'recursionDesired'>;

const TRIES = 2;

/** Without an answer it is SERVFAIL. */
export function createForwarder(options: ForwarderOptions): (question: Question) => Promise<Answer> {
  return async (question) => {
    for (let tries = 0; tries < TRIES; tries++) {
      const message = await exchange({ ...options, recursionDesired: true }, question);
      if (message !== undefined)
        return { rcode: message.rcode, records: message.answers, authority: message.authorities, authoritative: false };
    }
    return failed(Rcode.SERVFAIL);
  };
}
