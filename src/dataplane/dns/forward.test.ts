/** The forwarder against a server of our own, and against silence and lies. */
import { createSocket } from 'node:dgram';
import { afterAll, expect, it } from 'vitest';
import { RecordClass, RecordType, Rcode, type Question } from '#dataplane/dns/codec/message.ts';
import { createForwarder } from './forward.ts';
import { addressData, found, missing } from './name-source.ts';
import { parseIp } from '#model/ip.ts';
import { openDnsServer } from './server.ts';

const question = (name: string): Question => ({ name, type: RecordType.A, class: RecordClass.IN });
const closings: (() => unknown)[] = [];
afterAll(async () => {
  for (const close of closings) await close();
});

it('gives the other resolver’s answers, its refusals too', async () => {
  const server = await openDnsServer({
    address: '127.0.0.1',
    port: 0,
    answer: (asked) =>
      asked.name === 'known.example' ? found(asked, [addressData(parseIp('192.0.2.7')!)], 'example') : missing('example'), // a literal
  });
  closings.push(() => server.close());
  const forward = createForwarder({ address: '127.0.0.1', port: server.port, tryMs: 2_000 });
  expect((await forward(question('known.example'))).records.map(({ data }) => data)).toEqual([addressData(parseIp('192.0.2.7')!)]); // a literal
  expect((await forward(question('unknown.example'))).rcode).toBe(Rcode.NXDOMAIN);
});

it('is SERVFAIL when nobody answers, or somebody answers nonsense', async () => {
  const liar = createSocket('udp4');
  closings.push(() => liar.close());
  liar.on('message', (bytes, { port, address }) => {
    bytes.writeUInt16BE((bytes.readUInt16BE(0) + 1) & 0xffff, 0); // another id
    bytes[2] = 0x80;
    liar.send(bytes, port, address);
    liar.send('nonsense', port, address);
  });
  await new Promise<void>((resolve) => liar.bind(0, '127.0.0.1', resolve));
  const forward = createForwarder({ address: '127.0.0.1', port: liar.address().port, tryMs: 50 });
  expect((await forward(question('known.example'))).rcode).toBe(Rcode.SERVFAIL);
});
