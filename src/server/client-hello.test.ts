/** Real clients' first records, whole and cut off. */
import { createServer, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { connect } from 'node:tls';
import { expect, it } from 'vitest';
import { serverNameOf } from '#server/client-hello.ts';

async function helloFor(servername: string | undefined): Promise<Buffer> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo; // a TCP server that listens has one
  const client = connect({ port, host: '127.0.0.1', ...(servername === undefined ? {} : { servername }), rejectUnauthorized: false });
  client.on('error', () => undefined);
  const [socket] = (await once(server, 'connection')) as [import('node:net').Socket];
  const [bytes] = (await once(socket, 'data')) as [Buffer];
  client.destroy();
  server.close();
  return bytes;
}

it('reads the name, in lower case', async () => {
  expect(serverNameOf(await helloFor('Web-1.elb.us-east-1.localhost'))).toBe('web-1.elb.us-east-1.localhost');
  expect(serverNameOf(await helloFor(undefined))).toBeUndefined();
});

it('knows nothing of what is cut off or no hello', async () => {
  const hello = await helloFor('web.localhost');
  const found = Array.from({ length: hello.length }, (_, length) => serverNameOf(hello.subarray(0, length)));
  expect(new Set(found)).toEqual(new Set([undefined, 'web.localhost']));
  expect(found.findIndex(Boolean)).toBeGreaterThan(60);
  expect(serverNameOf(Buffer.from('GET / HTTP/1.1\r\nHost: web.localhost\r\n\r\n'))).toBeUndefined();
  expect(serverNameOf(Buffer.alloc(0))).toBeUndefined();
});
