/** From bytes to bytes through all sources: whatever comes, what goes out is a message of the right size, or nothing. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { messages, names } from '#dataplane/dns/codec/message.fixture.ts';
import { readMessage, readQuery } from '#dataplane/dns/codec/read-message.ts';
import { udpLimit, writeMessage } from '#dataplane/dns/codec/write-message.ts';
import { createResolver } from '#dataplane/dns/resolver.ts';
import { respond, type Responder } from '#dataplane/dns/respond.ts';
import { nameSources } from '#dataplane/dns/sources.ts';
import { ip, world } from '#dataplane/dns/world.fixture.ts';

const source = ip('10.0.0.9');
const { topology, services } = world();
const resolve = createResolver(nameSources({ balancers: new Map(), topology, services, platform: { ipv4: '198.19.255.1' } }));
const errors: unknown[] = [];
const responder = (networkId: string | undefined): Responder => ({
  answer: (question, client) => resolve(question, { networkId, source: client.source }),
  recursionAvailable: true,
  onError: (error) => errors.push(error),
});

const known = fc.constantFrom(
  '',
  'eu-west-1.compute.internal',
  'ip-10-0-0-4.eu-west-1.compute.internal',
  'ec2-198-18-1-4.eu-west-1.compute.amazonaws.com',
  'in-addr.arpa',
  'ip6.arpa',
  'localhost',
  'amazonaws.com',
);
const asked = fc.tuple(names, known).map(([first, last]) => [first, last].filter((part) => part !== '').join('.'));
const isName = (name: string): boolean => name.length <= 253;
const queries = fc
  .tuple(messages, asked.filter(isName), fc.constantFrom(1, 6, 12, 28, 255, 251), fc.boolean())
  .map(([message, name, type, isPlain]) => {
    const plain = { ...message, isResponse: false, opcode: 0, questions: [{ name, type, class: 1 }] };
    return writeMessage(isPlain ? { ...plain, answers: [], authorities: [] } : plain);
  });
const edits = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { maxLength: 3 });

test('a reply can be read, belongs to its query and fits', () => {
  let replies = 0;
  fc.assert(
    fc.property(queries, edits, fc.constantFrom('dublin', 'virginia', undefined), (bytes, changes, networkId) => {
      for (const [at, value] of changes) bytes[at % bytes.length] = value;
      const reply = respond(responder(networkId), bytes, { source, transport: 'udp' });
      if (!(reply instanceof Buffer)) return;
      replies++;
      const query = readQuery(bytes);
      const message = readMessage(reply);
      expect(message).toMatchObject({ id: query?.id, isResponse: true });
      expect(message?.questions).toEqual(query?.question === undefined ? [] : [query.question]);
      expect(reply.length).toBeLessThanOrEqual(udpLimit(query?.edns));
      expect(errors).toEqual([]);
    }),
    { numRuns: 3_000 },
  );
  expect(replies).toBeGreaterThan(1_000);
});
