/** Asks sources in their order, and follows aliases from one to the other, to one whole answer. */
import { RecordClass, RecordType, Rcode, typeOf, type Question, type ResourceRecord } from '#dataplane/dns/codec/message.ts';
import { failed, found, missing, type Answer, type Asker, type Later, type NameSource } from '#dataplane/dns/name-source.ts';

/** As many aliases as are followed for one question; resolvers at large stop at 8 to 16. */
export const CHAIN_MAX = 16;

/** Answers at once, or later where somebody else must be asked. Never rejects for what a name is, only for what goes wrong. */
export type Resolve = (question: Question, asker: Asker) => Later<Answer>;

/**
 * A resolver over these sources: the first that knows a name has it. A name that none knows does not exist. Aliases are
 * followed up to 16 times, into other sources too; the code is the last name's (RFC 6604 section 3), and a longer or
 * circular chain is SERVFAIL. Classes other than IN, and zone transfers, are refused.
 */
export function createResolver(sources: readonly NameSource[]): Resolve {
  return (question, asker) => {
    if (question.class !== RecordClass.IN || !isRecordType(question.type)) return failed(Rcode.REFUSED);
    return after(ask(sources, question, asker), (first) => {
      const target = aliasOf(first, question);
      if (target === undefined) return first;
      return follow({ sources, question, asker, first, records: [...first.records], seen: new Set([question.name]) }, target);
    });
  };
}

/** Goes on with a value, in the same turn when it is there already. */
export function after<T, U>(value: Later<T>, proceed: (value: T) => Later<U>): Later<U> {
  return value instanceof Promise ? value.then(async (there) => proceed(there)) : proceed(value);
}

function isRecordType(type: number): boolean {
  return type === RecordType.ANY || (type < RecordType.FIRST_META && type !== RecordType.OPT) || type > RecordType.ANY;
}

function ask(sources: readonly NameSource[], question: Question, asker: Asker): Later<Answer> {
  for (const source of sources) {
    const answer = source.lookup(question, asker);
    if (answer !== undefined) return answer;
  }
  // Of the root nothing is known but that it is there and the name is not.
  return question.name === '' ? found(question, [], '') : missing('');
}

/** A chain of aliases, as far as it has been followed. */
interface Chain {
  readonly sources: readonly NameSource[];
  readonly question: Question;
  readonly asker: Asker;
  readonly first: Answer;
  readonly records: ResourceRecord[];
  readonly seen: Set<string>;
}

function follow(chain: Chain, target: string): Later<Answer> {
  const { sources, question, asker, first, records, seen } = chain;
  if (seen.has(target) || seen.size > CHAIN_MAX) return failed(Rcode.SERVFAIL);
  seen.add(target);
  const next: Question = { name: target, type: question.type, class: question.class };
  return after(ask(sources, next, asker), (last) => {
    records.push(...last.records);
    const further = aliasOf(last, next);
    if (further !== undefined) return follow(chain, further);
    return { rcode: last.rcode, records, authority: last.authority, authoritative: first.authoritative };
  });
}

/** The name at the end of an answer's own chain of aliases, when the answer says nothing of it; undefined: the answer is complete. */
function aliasOf({ rcode, records }: Answer, { name, type }: Question): string | undefined {
  if (rcode !== Rcode.NOERROR || records.length === 0 || type === RecordType.CNAME || type === RecordType.ANY) return undefined;
  let end = name;
  for (let step = 0; step < records.length; step++) {
    let target: string | undefined;
    for (const { name: owner, data } of records) {
      if (owner !== end) continue;
      if (typeOf(data) === type) return undefined;
      if (data.kind === 'CNAME') ({ target } = data);
    }
    if (target === undefined) break;
    end = target;
  }
  return end === name && records.every(({ data }) => data.kind !== 'CNAME') ? undefined : end;
}
