/** What outlives a request: changes of a front's settings, its end, and upgraded connections. */
import { afterEach, describe, expect, it } from 'vitest';
import { answering, cleanUp, eventually, OK, RawClient, targetOf, worldOf } from '#dataplane/balancer/http/world.fixture.ts';

afterEach(cleanUp);

const GET = 'GET /a?b=c HTTP/1.1\r\nHost: example.com\r\n\r\n';

describe('changes', () => {
  it('lose nothing, and go for the next request', async () => {
    const [first, second] = [await targetOf(answering(OK)), await targetOf(answering(OK))];
    const { port, front } = await worldOf([first.port]);
    const other = await worldOf([second.port]);
    const client = new RawClient(port).send(GET);
    await client.answers(1);
    front.update({ router: other.router });
    await client.send(GET).answers(2);
    expect(client.statuses).toEqual([200, 200]);
    expect(second.heard).toHaveLength(1);
  });

  it('closing lets what is under way finish, and ends the rest', async () => {
    const target = await targetOf((socket) => socket.on('data', () => setTimeout(() => socket.write(OK), 200)));
    const { port, front } = await worldOf([target.port]);
    const idle = new RawClient(port);
    await new Promise<void>((done) => idle.socket.once('connect', () => done()));
    const busy = new RawClient(port).send(GET);
    await eventually(() => target.text !== '');
    const closed = front.close({ graceMs: 5_000 });
    expect(await busy.all()).toContain('Connection: close\r\n\r\nok');
    await closed;
    expect(await idle.all()).toBe('');
    expect(front.connections).toBe(0);
  });
});

describe('WebSocket', () => {
  it('octets go both ways once the target has agreed', async () => {
    const target = await targetOf((socket) => {
      socket.once('data', () => {
        socket.write(
          'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: x\r\n\r\nhello',
        );
        socket.on('data', (bytes) => socket.write(`<${bytes.toString('latin1')}>`));
        socket.on('end', () => socket.end());
      });
    });
    const { port, records, router } = await worldOf([target.port]);
    const client = new RawClient(port).send(
      'GET /ws HTTP/1.1\r\nHost: h\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: k\r\n\r\n',
    );
    await client.until(({ text }) => text.endsWith('hello'));
    expect(target.text).toContain('Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
    await client.send('ping').until(({ text }) => text.endsWith('<ping>'));
    expect(client.text.endsWith('hello<ping>')).toBe(true);
    client.socket.end();
    expect(await eventually(() => records.length === 1)).toBe(true);
    expect(records[0]).toMatchObject({ type: 'ws', status: 101, targetStatus: 101 });
    expect(router.seen).toMatchObject({ begun: 1, ended: 1 });
  });
});

describe('a pipeline', () => {
  it('of 2,000 requests in one piece is answered in order', async () => {
    const target = await targetOf(answering(OK));
    const { port } = await worldOf([target.port]);
    const client = new RawClient(port).send(GET.repeat(2_000));
    await client.until(({ text }) => text.split('HTTP/1.1 200 OK').length > 2_000, 9_000);
    expect(client.statuses).toHaveLength(2_000);
    expect(target.heard).toHaveLength(1);
  });
});

describe('targets that come and go', () => {
  it('lose no request of a keep-alive client', async () => {
    // Each connection is good for a few requests, and is then closed without a word.
    const target = await targetOf((socket) => {
      let left = 3;
      socket.on('data', () => {
        left -= 1;
        socket.write(OK);
        if (left === 0) socket.end();
      });
    });
    const { port, router } = await worldOf([target.port]);
    const clients = Array.from({ length: 8 }, () => new RawClient(port));
    for (let count = 1; count <= 30; count += 1) await Promise.all(clients.map(async (client) => client.send(GET).answers(count)));
    for (const client of clients) expect(client.statuses).toEqual(Array.from({ length: 30 }, () => 200));
    expect(router.seen.begun).toBe(240);
    expect(router.seen.ended).toBe(240);
  });
});
