import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import type { ListenPlace } from '#dataplane/balancer/listen-places.ts';
import { makeListener } from '#dataplane/balancer/routing/balancer.fixture.ts';
import { HostPorts } from './host-ports.ts';

const folder = mkdtempSync(join(tmpdir(), 'keiro-ports-'));
const file = join(folder, 'ports.json');
const servers: Server[] = [];
const addresses = ['127.0.0.1'];

async function openServer({ port, addresses: [host] }: ListenPlace): Promise<{ readonly ports: readonly number[] }> {
  const server = createServer();
  servers.push(server);
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen({ port, host: host ?? '' }, resolve));
  return { ports: [(server.address() as AddressInfo).port] }; // it listens on a port
}

const closeAll = async (): Promise<void> => {
  await Promise.all(servers.splice(0).map((server) => new Promise((resolve) => server.close(resolve))));
};

afterEach(async () => {
  await closeAll();
  rmSync(file, { force: true });
});

const listener = (id: string) => ({ ...makeListener([]), id });
const ports = (): HostPorts =>
  new HostPorts(file, (error) => {
    throw error;
  });

test('a listener finds its port again, in this process and in the next', async () => {
  const first = ports();
  const { ports: had } = await first.open(listener('a'), addresses, openServer);
  await first.open(listener('b'), addresses, openServer);
  expect(new Map(first.list()).get('a')).toBe(had[0]);
  await closeAll();
  const next = ports();
  expect(next.list()).toEqual([]);
  expect((await next.open(listener('a'), addresses, openServer)).ports).toEqual(had);
  expect(next.list()).toEqual([['a', had[0]]]);
});

test('a port that somebody else has taken is given up for a free one', async () => {
  const first = ports();
  const { ports: had } = await first.open(listener('a'), addresses, openServer); // and goes on listening
  const next = ports();
  const { ports: has } = await next.open(listener('a'), addresses, openServer);
  expect(has).not.toEqual(had);
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({ a: has[0] });
});

test('those that are gone are forgotten', async () => {
  const held = ports();
  await held.open(listener('a'), addresses, openServer);
  await held.open(listener('b'), addresses, openServer);
  held.keep(new Set(['b']));
  expect(held.list().map(([id]) => id)).toEqual(['b']);
  expect(Object.keys(JSON.parse(readFileSync(file, 'utf8')) as object)).toEqual(['b']);
});

test.each(['', '[]', 'null', '{"a":"80"}', '{"a":-1,"b":70000,"c":1.5}', '{'])('a file that holds %j is none', async (text) => {
  writeFileSync(file, text);
  const held = ports();
  await held.open(listener('a'), addresses, openServer);
  expect(held.list()).toHaveLength(1);
});
