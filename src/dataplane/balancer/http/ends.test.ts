/** How connections end by themselves: age, number of requests, idleness, targets that do not accept or are cut off. */
import { rmSync } from 'node:fs';
import type { ClientHttp2Session } from 'node:http2';
import { connect } from 'node:net';
import { Worker } from 'node:worker_threads';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { FrontTls } from '#dataplane/balancer/http/front-state.ts';
import { defaultRule } from '#dataplane/balancer/http/front.fixture.ts';
import { ask, makeTls, session } from '#dataplane/balancer/http/http2.fixture.ts';
import { answering, atEnd, cleanUp, eventually, OK, RawClient, targetOf, worldOf } from '#dataplane/balancer/http/world.fixture.ts';

afterEach(cleanUp);

const GET = 'GET / HTTP/1.1\r\nHost: a.example\r\n\r\n';
let folder = '';
let tls: FrontTls;
beforeAll(() => ({ folder, tls } = makeTls()));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Whether its server has said that it takes no more. */
function goodbyes(client: ClientHttp2Session): { readonly said: boolean } {
  const heard = { said: false };
  client.on('goaway', () => (heard.said = true));
  return heard;
}

describe('client_keep_alive', () => {
  it('HTTP/1.1: an old connection is closed with its next answer, a young one is not', async () => {
    const target = await targetOf(answering(OK));
    const { port, records } = await worldOf([target.port], { clientKeepAliveSeconds: 0.5 });
    const client = new RawClient(port);
    const endMs = performance.now() + 5_000;
    let asked = 0;
    while (!client.isEnded && performance.now() < endMs) {
      asked += 1;
      await client.send(GET).answers(asked);
    }
    expect(client.isEnded).toBe(true);
    expect(client.text.match(/Connection: close/gi)).toHaveLength(1);
    expect(client.text.lastIndexOf('HTTP/1.1 200 OK')).toBeLessThan(client.text.indexOf('Connection: close'));
    expect(asked).toBeGreaterThan(1);
    expect(records.every(({ status }) => status === 200)).toBe(true);
  });

  it('HTTP/2: an old connection is told GOAWAY, and what is under way is answered', async () => {
    const target = await targetOf(answering(OK));
    const client = session(await worldOf([target.port], { clientKeepAliveSeconds: 0.5 }, { tls }));
    const heard = goodbyes(client);
    const statuses: unknown[] = [];
    const endMs = performance.now() + 5_000;
    while (!heard.said && performance.now() < endMs) statuses.push((await ask(client, { ':path': '/' })).headers[':status']);
    expect(heard.said).toBe(true);
    expect(new Set(statuses)).toEqual(new Set([200]));
  });
});

describe('HTTP/2', () => {
  it('10,000 requests are answered, and the last brings GOAWAY', async () => {
    const world = await worldOf([], {}, { tls });
    world.router.instead = () => ({ kind: 'fixed', rule: defaultRule, status: 204, contentType: 'text/plain', body: Buffer.alloc(0) });
    const client = session(world);
    const heard = goodbyes(client);
    const statuses = new Set<unknown>();
    for (let batch = 0; batch < 100; batch++) {
      expect({ batch, said: heard.said }).toEqual({ batch, said: false });
      for (const { headers } of await Promise.all(Array.from({ length: 100 }, async () => ask(client, { ':path': '/' })))) statuses.add(headers[':status']); // prettier-ignore
    }
    expect(await eventually(() => heard.said)).toBe(true);
    expect(statuses).toEqual(new Set([204]));
    expect(world.records).toHaveLength(10_000);
  }, 30_000);

  it('a connection on which nothing is asked for so long is closed', async () => {
    const target = await targetOf(answering(OK));
    const world = await worldOf([target.port], { idleSeconds: 0.5 }, { tls });
    const client = session(world);
    const heard = goodbyes(client);
    expect((await ask(client, { ':path': '/' })).headers[':status']).toBe(200);
    expect(heard.said).toBe(false);
    expect(await eventually(() => heard.said && client.closed && world.front.connections === 0, 5_000)).toBe(true);
  });
});

/** A port of which the kernel takes no more connections: nobody accepts, and the queue is full. */
async function fullPort(): Promise<number> {
  const program = `
    const { createServer } = require('node:net');
    const { parentPort } = require('node:worker_threads');
    const server = createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
      parentPort.postMessage(server.address().port);
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
    });`;
  const worker = new Worker(program, { eval: true });
  atEnd(async () => void (await worker.terminate()));
  const port = await new Promise<number>((resolve) => worker.once('message', resolve));
  for (let count = 0; count < 4; count++) {
    const filler = connect(port, '127.0.0.1').on('error', () => undefined);
    atEnd(async () => void filler.destroy());
  }
  return port;
}

describe('targets', () => {
  it('one that does not accept in ten seconds: 504', async () => {
    const { port, records } = await worldOf([await fullPort()]);
    const began = performance.now();
    const client = new RawClient(port).send(GET);
    await client.until(({ statuses }) => statuses.length > 0, 15_000);
    expect(client.statuses).toEqual([504]);
    expect(performance.now() - began).toBeGreaterThan(9_500);
    expect(records[0]).toMatchObject({ status: 504, targetStatus: undefined });
  }, 20_000);

  it('one that is cut off ends what is under way with it alone, and its idle connections', async () => {
    const [silent, other] = [await targetOf((socket) => socket.on('end', () => socket.end())), await targetOf(answering(OK))];
    const world = await worldOf([silent.port]);
    const client = new RawClient(world.port).send(GET);
    expect(await eventually(() => silent.text !== '')).toBe(true);
    world.front.cutTarget('127.0.0.1', other.port);
    world.front.cutTarget('127.0.0.2', silent.port);
    expect(silent.sockets.size).toBe(1);
    expect(client.text).toBe('');
    world.front.cutTarget('127.0.0.1', silent.port);
    await client.answers(1);
    expect(client.statuses).toEqual([502]);
    expect(await eventually(() => silent.sockets.size === 0)).toBe(true);

    const idle = await worldOf([other.port]);
    await new RawClient(idle.port).send(GET).answers(1);
    expect(other.sockets.size).toBe(1);
    idle.front.cutTarget('127.0.0.1', other.port);
    expect(await eventually(() => other.sockets.size === 0)).toBe(true);
  });
});
