import { describe, expect, it } from 'vitest';
import type { HttpRequest } from '#protocol/http.ts';
import { createAdmin } from '#server/admin.ts';
import type { AdminOptions } from '#server/admin.ts';
import { createEvents } from '#server/events.ts';
import { open, rawClient, until } from '#server/listener.fixture.ts';
import { createMetrics } from '#server/metrics.ts';
import type { Change, Commit } from '#store/store.ts';

const partition = { account: '123456789012', region: 'eu-west-1' };
const change = (id: string, before: boolean, after: boolean): Change => ({
  partition,
  table: 'ec2.vpc',
  id,
  before: before ? { id } : undefined,
  after: after ? { id } : undefined,
});

/** A store's subscription side. */
function source() {
  const listeners = new Set<(commit: Commit) => void>();
  return {
    version: 7,
    listeners,
    subscribe: (listener: (commit: Commit) => void) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    commit(version: number, ...changes: Change[]): void {
      for (const listener of listeners) listener({ version, changes });
    },
  };
}

function admin(over: Partial<AdminOptions> = {}) {
  const store = source();
  const state = { resets: 0 };
  const events = createEvents(store);
  const answer = createAdmin({
    version: '1.2.3',
    data: '/data',
    capabilities: () => ({ fabric: false }),
    metrics: createMetrics(),
    events,
    ca: () => Promise.resolve('-----BEGIN CERTIFICATE-----\n'),
    trace: async (query) => ({ status: query === '' ? 400 : 200, value: { query } }),
    balancers: async () => [{ name: 'web' }],
    mail: async () => ({ status: 200, headers: {}, body: 'mail' }),
    confirm: async () => ({ status: 200, headers: {}, body: 'confirm' }),
    reset: async () => void (state.resets += 1),
    ...over,
  });
  return { store, state, events, answer };
}

const request = (method: string, path: string, headers: Record<string, string> = {}): HttpRequest => ({
  method,
  path,
  query: '',
  headers: { host: 'localhost:4566', ...headers },
  body: Buffer.alloc(0),
});
const local = { remoteAddress: '127.0.0.1', secure: false };
const remote = { remoteAddress: '192.0.2.7', secure: true };

/** Status and body of an answer that is whole. */
async function asked(one: HttpRequest, connection = local, over: Partial<AdminOptions> = {}): Promise<[number, unknown]> {
  const answer = await admin(over).answer(one, connection);
  if (!answer || !('body' in answer)) throw new Error('no whole answer');
  const body = answer.body.toString();
  return [answer.status, answer.headers['content-type'] === 'application/json' ? JSON.parse(body) : body];
}

describe('admin pages', () => {
  it('leave every other path alone', () => {
    for (const path of ['/', '/_keiro', '/x/_keiro/health', '/console'])
      expect(admin().answer(request('GET', path), local)).toBeUndefined();
  });

  it('tell of health, and more to this machine', async () => {
    expect(await asked(request('GET', '/_keiro/health'))).toEqual([
      200,
      {
        status: 'ok',
        version: '1.2.3',
        pid: process.pid,
        uptimeSeconds: expect.any(Number),
        data: '/data',
        node: process.versions.node,
        capabilities: { fabric: false },
      },
    ]);
    expect(await asked(request('GET', '/_keiro/health'), remote)).toEqual([200, { status: 'ok', version: '1.2.3' }]);
    expect(await asked(request('GET', '/_keiro/health', { host: 'keiro.example' }))).toEqual([200, { status: 'ok', version: '1.2.3' }]);
  });

  it('show metrics and the CA', async () => {
    const [status, text] = await asked(request('GET', '/_keiro/metrics'));
    expect(status).toBe(200);
    expect(text).toContain('# TYPE keiro_requests_total counter\n');
    expect(await asked(request('GET', '/_keiro/ca'))).toEqual([200, '-----BEGIN CERTIFICATE-----\n']);
  });

  it('trace by the query, with the status of the answer', async () => {
    expect(await asked({ ...request('GET', '/_keiro/trace'), query: 'from=a&to=b' })).toEqual([200, { query: 'from=a&to=b' }]);
    expect(await asked(request('GET', '/_keiro/trace'))).toEqual([400, { query: '' }]);
    expect((await asked(request('POST', '/_keiro/trace')))[0]).toBe(405);
  });

  it('reset when told to by POST', async () => {
    const { answer, state } = admin();
    expect(await answer(request('POST', '/_keiro/reset'), local)).toMatchObject({ status: 200, body: '{"status":"ok"}\n' });
    expect(state.resets).toBe(1);
    expect(await answer(request('GET', '/_keiro/reset'), local)).toMatchObject({
      status: 405,
      headers: { allow: 'POST' },
      body: '{"message":"/_keiro/reset takes POST."}\n',
    });
    expect(state.resets).toBe(1);
  });

  it.each(['nothing', '', 'constructor', '__proto__', 'metrics/'])('have no page %j', async (name) => {
    expect(await asked(request('GET', `/_keiro/${name}`))).toEqual([
      404,
      { message: `There is no /_keiro/${name}: there are health, metrics, events, ca, trace, balancers, mail, confirm, reset.` },
    ]);
  });

  it.each(['metrics', 'events', 'ca', 'trace', 'balancers', 'mail', 'confirm', 'reset', 'nothing'])(
    'keep %s from other machines',
    async (name) => {
      expect(await asked(request(name === 'reset' ? 'POST' : 'GET', `/_keiro/${name}`), remote)).toEqual([
        403,
        { message: 'This is answered to this machine alone.' },
      ]);
    },
  );

  it.each<[string, Record<string, string>, string]>([
    [
      'a name that was pointed here',
      { host: 'evil.example:4566' },
      'The host "evil.example" is not this machine: use localhost or an address.',
    ],
    [
      'a name that ends like ours',
      { host: 'localhost.evil.example' },
      'The host "localhost.evil.example" is not this machine: use localhost or an address.',
    ],
    ['no host', { host: '' }, 'The host "" is not this machine: use localhost or an address.'],
    ['another site’s page', { origin: 'https://evil.example' }, 'This is not answered to pages of "https://evil.example".'],
    ['a page of another port', { origin: 'http://localhost:3000' }, 'This is not answered to pages of "http://localhost:3000".'],
    ['a page of no origin', { origin: 'null' }, 'This is not answered to pages of "null".'],
    ['a form of another site', { 'sec-fetch-site': 'cross-site' }, 'This is not answered to pages of other sites.'],
  ])('do nothing for %s', async (_, headers, message) => {
    const { answer, state } = admin();
    expect(await answer(request('POST', '/_keiro/reset', headers), local)).toMatchObject({
      status: 403,
      body: `${JSON.stringify({ message })}\n`,
    });
    expect(state.resets).toBe(0);
  });

  it.each<[string, Record<string, string>]>([
    ['its own page', { origin: 'http://localhost:4566', 'sec-fetch-site': 'same-origin' }],
    ['an address', { host: '127.0.0.1:4566' }],
    ['an IPv6 address', { host: '[::1]:4566' }],
    ['a name of this machine', { host: 'keiro.localhost' }],
  ])('work for %s', async (_, headers) => {
    expect(await asked(request('POST', '/_keiro/reset', headers))).toEqual([200, { status: 'ok' }]);
  });
});

describe('events', () => {
  it('tell readers of every commit', async () => {
    const { store, events, answer } = admin();
    const { port } = await open({
      respond: async (one, connection) => (await answer(one, connection)) ?? { status: 404, headers: {}, body: '' },
    });
    const client = await rawClient(port);
    client.send('GET /_keiro/events HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await until(() => client.received().includes('event: start'), 'the start');
    expect(client.received()).toMatch(/content-type: text\/event-stream; charset=utf-8\r\n/);
    expect(client.received()).toContain('retry: 1000\nid: 7\nevent: start\ndata: {"version":7}\n\n');
    store.commit(8, change('vpc-1', false, true), change('vpc-2', true, true), change('vpc-3', true, false));
    await until(() => client.received().includes('vpc-3'), 'the commit');
    const told = (id: string, kind: string): string =>
      `{"account":"123456789012","region":"eu-west-1","table":"ec2.vpc","id":"${id}","kind":"${kind}"}`;
    expect(client.received()).toContain(
      `id: 8\nevent: commit\ndata: {"version":8,"changes":[${told('vpc-1', 'created')},${told('vpc-2', 'updated')},${told('vpc-3', 'deleted')}]}\n\n`,
    );
    expect(store.listeners.size).toBe(1);
    client.socket.destroy();
    await until(() => store.listeners.size === 0, 'the subscription to end');
    expect(events.readers).toBe(0);
  });

  it('count what is too much to tell', () => {
    const store = source();
    const answer = createEvents(store).open();
    let got = '';
    answer?.stream({ write: (text) => void (got += text), end: () => undefined });
    store.commit(9, ...Array.from({ length: 1_500 }, (_, i) => change(`vpc-${i}`, false, true)));
    expect(got).toContain('"id":"vpc-999"');
    expect(got).not.toContain('"id":"vpc-1000"');
    expect(got).toMatch(/"more":500\}\n\n$/);
  });

  it('share one subscription, and have room for a hundred readers', async () => {
    const { store, answer } = admin();
    const stops: (() => void)[] = [];
    const read = async (): Promise<number> => {
      const got = await answer(request('GET', '/_keiro/events'), local);
      if (got && 'stream' in got) stops.push(got.stream({ write: () => undefined, end: () => undefined }));
      return got?.status ?? 0;
    };
    for (let i = 0; i < 100; i += 1) expect(await read()).toBe(200);
    expect(store.listeners.size).toBe(1);
    expect(await read()).toBe(503);
    for (const stop of stops.splice(0)) stop();
    expect(store.listeners.size).toBe(0);
    expect(await read()).toBe(200);
    stops[0]?.();
  });
});
