/** Referrals followed over servers that are functions: what is believed, whom is asked next, and when it ends. */
import { expect, test, vi } from 'vitest';
import { RecordType, Rcode, type Message, type Question, type RecordData, type ResourceRecord } from '#dataplane/dns/codec/message.ts';
import { addressData, record } from '#dataplane/dns/name-source.ts';
import { Recursion, type Referral } from '#dataplane/dns/recursion.ts';
import { ip, line, question } from '#dataplane/dns/world.fixture.ts';

type Said = Partial<Pick<Message, 'rcode' | 'answers' | 'authorities' | 'additionals'>>;
const base = { id: 1, isResponse: true, opcode: 0, authoritative: true, truncated: false, recursionDesired: false, recursionAvailable: false, authenticData: false, checkingDisabled: false, questions: [] }; // prettier-ignore
const message = (said: Said): Message => ({ ...base, rcode: 0, answers: [], authorities: [], additionals: [], ...said });
const address = (text: string): RecordData => addressData(ip(text));
const ns = (zone: string, target: string): ResourceRecord => record(zone, { kind: 'NS', target });
const soa = (zone: string): ResourceRecord => record(zone, { kind: 'SOA', primary: '', mailbox: '', serial: 1, refresh: 1, retry: 1, expire: 1, minimum: 7 }); // prettier-ignore

const start: Referral = { zone: 'example', servers: [{ name: 'ns.example', addresses: ['198.18.1.1'] }] };

function recursion(
  servers: Readonly<Record<string, (question: Question) => Said | undefined>>,
  names: Readonly<Record<string, string>> = {},
) {
  let nowMs = 0;
  const ask = vi.fn(async (where: string, asked: Question) => {
    const said = servers[where]?.(asked);
    return said === undefined ? undefined : message(said);
  });
  const addressesOf = async (name: string) => (names[name] === undefined ? [] : [names[name]]);
  const made = new Recursion({ ask, addressesOf, isOwn: (where) => where === '198.18.0.53', nowMs: () => nowMs });
  return { ask, pass: (ms: number) => void (nowMs += ms), of: async (text: string, from = start) => line(await made.follow(question(text), from)), whole: (text: string) => made.follow(question(text), start) }; // prettier-ignore
}

test('an answer, and names that are not', async () => {
  const { of } = recursion({
    '198.18.1.1': ({ name }) =>
      name === 'www.example'
        ? { answers: [record('www.example', address('198.18.1.9'))] }
        : { rcode: Rcode.NXDOMAIN, authorities: [soa('example')] },
  });
  expect(await of('www.example')).toBe('198.18.1.9');
  expect(await of('other.example')).toBe('NXDOMAIN example');
});

test('referrals are followed down, with glue and without; never up', async () => {
  const { of, ask } = recursion(
    {
      '198.18.1.1': () => ({
        authorities: [ns('a.example', 'ns.a.example')],
        additionals: [record('ns.a.example', address('198.18.1.2'))],
      }),
      '198.18.1.2': () => ({
        authorities: [ns('b.a.example', 'ns.elsewhere')],
        additionals: [record('ns.elsewhere', address('198.18.6.6'))],
      }), // not his to say
      '198.18.1.3': () => ({ answers: [record('www.b.a.example', address('198.18.1.9'))] }),
      '198.18.1.4': () => ({ authorities: [ns('', 'root')] }),
    },
    { 'ns.elsewhere': '198.18.1.3' },
  );
  expect(await of('www.b.a.example')).toBe('198.18.1.9');
  expect(ask.mock.calls.map(([where]) => where)).toEqual(['198.18.1.1', '198.18.1.2', '198.18.1.3']);
  expect(await of('x.example', { zone: 'example', servers: [{ name: 'n', addresses: ['198.18.1.4'] }] })).toBe('SERVFAIL');
});

test('lame and silent servers are passed over, our own resolver is not asked', async () => {
  const { of } = recursion({
    '198.18.0.53': () => ({ answers: [record('www.example', address('10.0.0.1'))] }),
    '198.18.1.2': () => ({ rcode: Rcode.REFUSED }),
    '198.18.1.3': () => ({ answers: [record('www.example', address('198.18.1.9'))] }),
  });
  const servers = ['198.18.0.53', '198.18.1.1', '198.18.1.2', '198.18.1.3'].map((text) => ({ name: text, addresses: [text] }));
  expect(await of('www.example', { zone: 'example', servers })).toBe('198.18.1.9');
});

test('records of other zones are not believed', async () => {
  const { of } = recursion({
    '198.18.1.1': () => ({
      answers: [record('www.example', { kind: 'CNAME', target: 'www.bank' }), record('www.bank', address('198.18.6.6'))],
    }),
  });
  expect(await of('www.example')).toBe('www.bank');
});

test('an answer is remembered for its time, and grows older', async () => {
  const { whole, of, ask, pass } = recursion({ '198.18.1.1': () => ({ answers: [record('www.example', address('198.18.1.9'))] }) });
  await Promise.all([of('www.example'), of('www.example')]);
  pass(20_000);
  expect((await whole('www.example')).records[0]?.ttl).toBe(40);
  expect(ask).toHaveBeenCalledTimes(1);
  pass(40_000);
  await of('www.example');
  expect(ask).toHaveBeenCalledTimes(2);
});

test('a circle of referrals ends', async () => {
  const deeper = (zone: string): string => `x.${zone}`;
  const { of } = recursion({
    '198.18.1.1': ({ type }) => (type === RecordType.A ? { authorities: [ns(deeper('example'), 'ns.x.example')], additionals: [record('ns.x.example', address('198.18.1.1'))] } : undefined), // prettier-ignore
  });
  expect(await of('y.x.example')).toBe('SERVFAIL');
});
