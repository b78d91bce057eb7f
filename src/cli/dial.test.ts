import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Complaint } from '#cli/complaint.ts';
import { dial } from '#cli/dial.ts';

const to = { host: '2001:db8::1', port: 22 };
const absent = () => new Complaint('nobody there');

let folder: string;
let path: string;
let server: Server | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'keiro-dial-'));
  path = join(folder, 'dial.sock');
});
afterEach(() => {
  server?.close();
  rmSync(folder, { recursive: true, force: true });
});

async function serve(onConnection: (socket: Socket) => void): Promise<void> {
  server = createServer({ allowHalfOpen: true }, onConnection).listen(path);
  await once(server, 'listening');
}

describe('dial', () => {
  it('asks for the end, and leaves all behind the answer to be read', async () => {
    let asked = '';
    await serve((socket) => {
      socket.once('data', (data) => {
        asked = data.toString();
        socket.write('o');
        setImmediate(() => socket.end('k\nhello\nworld'));
      });
    });
    const socket = await dial(path, to, absent);
    expect(await text(socket)).toBe('hello\nworld');
    expect(asked).toBe('connect 2001:db8::1 22\n');
  });

  it('ends each direction by itself', async () => {
    await serve((socket) => {
      socket.once('data', () => {
        socket.write('ok\n');
        void text(socket).then((heard) => socket.end(`heard ${heard}`));
      });
    });
    const socket = await dial(path, to, absent);
    socket.end('all');
    expect(await text(socket)).toBe('heard all');
  });

  it.each([
    ['error connection refused\n', '[2001:db8::1]:22: connection refused'],
    ['', '[2001:db8::1]:22: the connection ended before it was open'],
    ['x'.repeat(2_000), '[2001:db8::1]:22: the connection ended before it was open'],
  ])('complains of %j', async (answer, words) => {
    await serve((socket) => socket.once('data', () => socket.end(answer)));
    await expect(dial(path, to, absent)).rejects.toThrow(new Complaint(words));
  });

  it('complains where nobody listens', async () => {
    await expect(dial(path, to, absent)).rejects.toThrow(new Complaint('nobody there'));
  });
});
