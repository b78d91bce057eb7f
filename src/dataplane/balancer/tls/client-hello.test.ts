import fc from 'fast-check';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { connect, type ConnectionOptions } from 'node:tls';
import { expect, test } from 'vitest';
import { readHello } from '#dataplane/balancer/tls/client-hello.ts';

/** What Node's client sends first. */
async function firstBytes(options: ConnectionOptions): Promise<Buffer> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo; // it listens on a port
  const client = connect({ port, host: '127.0.0.1', ...options }).on('error', () => undefined);
  const [socket] = (await once(server, 'connection')) as [Socket]; // what the event gives
  const [bytes] = (await once(socket, 'data')) as [Buffer];
  client.destroy();
  socket.destroy();
  server.close();
  return bytes;
}

/** The same message in records of that many bytes. */
function inRecords(hello: Buffer, size: number): Buffer {
  const message = hello.subarray(5);
  const records: Buffer[] = [];
  for (let at = 0; at < message.length; at += size) {
    const part = message.subarray(at, at + size);
    records.push(Buffer.from([22, 3, 1, part.length >> 8, part.length & 255]), part);
  }
  return Buffer.concat(records);
}

test.each(['TLSv1', 'TLSv1.2', 'TLSv1.3'] as const)('%s: the name is read, however the bytes arrive', async (maxVersion) => {
  const hello = await firstBytes({ servername: 'Www.Example.test', maxVersion, minVersion: 'TLSv1', ciphers: 'ALL:@SECLEVEL=0' });
  expect(readHello(hello)).toEqual({ serverName: 'Www.Example.test' });
  for (const size of [1, 3, 100]) expect(readHello(inRecords(hello, size))).toEqual({ serverName: 'Www.Example.test' });
  for (let length = 0; length < hello.length; length += 1) expect(readHello(hello.subarray(0, length))).toBe('more');
});

test('there may be no name', async () => {
  expect(readHello(await firstBytes({}))).toEqual({});
});

test('what is no ClientHello has no name', () => {
  expect(readHello(Buffer.from('GET / HTTP/1.1\r\n'))).toEqual({});
  expect(readHello(Buffer.from([21, 3, 3, 0, 2, 1, 0]))).toEqual({});
  expect(readHello(Buffer.from([22, 3, 3, 0, 4, 2, 0, 0, 0]))).toEqual({});
  expect(readHello(Buffer.concat([Buffer.from([22, 3, 3, 0xff, 0xff, 1, 0xff, 0xff, 0xff]), Buffer.alloc(70_000)]))).toEqual({});
});

test('no bytes make it throw', () => {
  const header = fc.uint8Array({ maxLength: 300 }).map((body) => {
    const length = body.length;
    return Buffer.concat([Buffer.from([22, 3, 1, (length + 4) >> 8, (length + 4) & 255, 1, 0, length >> 8, length & 255]), body]);
  });
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 300 }), header), (bytes) => {
      const hello = readHello(Buffer.from(bytes));
      expect(hello === 'more' || typeof hello === 'object').toBe(true);
    }),
  );
});
