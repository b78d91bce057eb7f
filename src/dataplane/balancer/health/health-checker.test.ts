import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createHttp2Server } from 'node:http2';
import { afterEach, describe, expect, it } from 'vitest';
import { HealthChecker } from '#dataplane/balancer/health/health-checker.ts';
import { compileMatcher } from '#dataplane/balancer/health/status-matcher.ts';
import { forwardTo, makeBalancer, makeGroup, makeListener, makeRule, makeTarget } from '#dataplane/balancer/routing/balancer.fixture.ts';
import type { Balancer, HealthCheck, TargetGroup, TargetHealth } from '#model/balancer.ts';

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

/** A target that is told what to do with each connection. @returns its port */
function target(serve: (socket: Socket, heard: string) => void): Promise<number> {
  const server: Server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', (bytes) => serve(socket, bytes.toString('latin1')));
  });
  closers.push(() => server.close());
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port)); // listens on TCP
  });
}

const says = (status: string) => (socket: Socket) => {
  socket.end(`HTTP/1.1 ${status}\r\nContent-Length: 0\r\n\r\n`);
};

const FAST = { intervalSeconds: 0.05, timeoutSeconds: 0.2 };

function balancerOf(
  port: number,
  check: Partial<HealthCheck> = {},
  group: Partial<TargetGroup> = {},
  parts: Partial<Balancer> = {},
): Balancer {
  const targets = [makeTarget('t', { address: '127.0.0.1', port })];
  return makeBalancer({
    targetGroups: [{ ...makeGroup('g', targets, { healthCheck: { ...FAST, ...check } }), ...group }],
    listeners: [makeListener([makeRule(forwardTo('g'))], { port: 8080 })],
    ...parts,
  });
}

function checkerOf(balancer: Balancer): { checker: HealthChecker; seen: TargetHealth[] } {
  const checker = new HealthChecker();
  const seen: TargetHealth[] = [];
  checker.onChange((health) => seen.push(health));
  closers.push(() => checker.close());
  checker.update(balancer);
  return { checker, seen };
}

async function until(isSo: () => boolean, forMs = 3000): Promise<void> {
  for (const endMs = Date.now() + forMs; !isSo() && Date.now() < endMs;) await new Promise((resolve) => setTimeout(resolve, 5));
}

const shortly = (forMs: number) => new Promise((resolve) => setTimeout(resolve, forMs));

/** State, reason and words after it has become healthy or unhealthy. */
async function verdictOf(balancer: Balancer): Promise<string> {
  const { checker } = checkerOf(balancer);
  await until(() => (checker.all()[0]?.state ?? 'initial') !== 'initial');
  const { state, reason, description } = checker.all()[0]!; // it has one target
  return [state, reason, description].filter((part) => part !== undefined).join(' | ');
}

describe('what a target does is told in AWS’s words', () => {
  const facts: readonly [what: string, serve: (socket: Socket) => void, check: Partial<HealthCheck>, verdict: string][] = [
    ['says 200', says('200 OK'), {}, 'healthy'],
    ['says 204 where a range passes', says('204 No Content'), { matcher: '200-299' }, 'healthy'],
    ['says 202 where a list passes', says('202 Accepted'), { matcher: '200,202' }, 'healthy'],
    ['says 502', says('502 Bad'), {}, 'unhealthy | Target.ResponseCodeMismatch | Health checks failed with these codes: [502]'],
    ['says 100 first', (socket) => socket.end('HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n\r\n'), {}, 'healthy'],
    ['says nothing', () => undefined, {}, 'unhealthy | Target.Timeout | Request timed out'],
    ['hangs up', (socket) => socket.destroy(), {}, 'unhealthy | Target.FailedHealthChecks | Health checks failed'],
    ['talks garbage', (socket) => socket.write('SSH-2.0-OpenSSH\r\n'), {}, 'unhealthy | Target.FailedHealthChecks | Health checks failed'],
    ['says a status that is none', says('2OO OK'), {}, 'unhealthy | Target.FailedHealthChecks | Health checks failed'],
    ['has a head without end', drip('HTTP/1.1 200 OK\r\nX: ', 'x', 1), {}, 'unhealthy | Target.Timeout | Request timed out'],
    [
      'has a huge head',
      drip('HTTP/1.1 200 OK\r\n', 'x'.repeat(50_000), 1),
      {},
      'unhealthy | Target.FailedHealthChecks | Health checks failed',
    ],
    ['has a body without end', drip('HTTP/1.1 200 OK\r\n\r\n', 'x'.repeat(50_000), 1), {}, 'healthy'],
    ['speaks no TLS', says('400 Bad'), { protocol: 'HTTPS' }, 'unhealthy | Target.FailedHealthChecks | Health checks failed'],
  ];

  it.each(facts)('%s', async (_, serve, check, verdict) => {
    expect(await verdictOf(balancerOf(await target(serve), check))).toBe(verdict);
  });

  it('refuses the connection', async () => {
    expect(await verdictOf(balancerOf(1))).toBe('unhealthy | Target.FailedHealthChecks | Health checks failed');
  });

  it('cannot even be tried', async () => {
    expect(await verdictOf(balancerOf(70_000))).toBe('unhealthy | Elb.InternalError | Health checks failed due to an internal error');
  });

  it('accepts a connection, where that is enough', async () => {
    expect(await verdictOf(balancerOf(await target(() => undefined), { protocol: 'TCP' }))).toBe('healthy');
  });

  it('says 502 to a network load balancer, which knows one reason only', async () => {
    const balancer = balancerOf(await target(says('502 Bad')), {}, {}, { type: 'network' });
    expect(await verdictOf(balancer)).toBe('unhealthy | Target.FailedHealthChecks | Health checks failed');
  });
});

function drip(head: string, drop: string, everyMs: number): (socket: Socket) => void {
  return (socket) => {
    socket.write(head);
    const timer = setInterval(() => socket.write(drop), everyMs);
    socket.once('close', () => clearInterval(timer));
  };
}

describe('what a target hears', () => {
  const REQUEST = 'Connection: close\r\nUser-Agent: ELB-HealthChecker/2.0\r\nAccept-Encoding: gzip, compressed\r\n\r\n';

  it('is AWS’s request', async () => {
    let heard = '';
    const port = await target((socket, text) => {
      heard = text;
      says('200 OK')(socket);
    });
    await verdictOf(balancerOf(port, { path: '/up?deep=1' }));
    expect(heard).toBe(`GET /up?deep=1 HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n${REQUEST}`);
  });

  it('names the node and the listener’s port, from a network load balancer', async () => {
    let heard = '';
    const port = await target((socket, text) => {
      heard = text;
      says('200 OK')(socket);
    });
    await verdictOf(balancerOf(port, {}, {}, { type: 'network' }));
    expect(heard).toContain('\r\nHost: 127.0.0.1:8080\r\n');
  });

  it('begins with a PROXY header, where the group has it', async () => {
    let heard = '';
    const port = await target((socket, text) => {
      heard += text;
      socket.on('data', (more) => (heard += more.toString('latin1')));
      says('200 OK')(socket);
    });
    const { attributes } = makeGroup('g', []);
    await verdictOf(balancerOf(port, {}, { attributes: { ...attributes, proxyProtocolV2: true } }));
    await until(() => heard.includes('GET'));
    expect(heard.startsWith('\r\n\r\n\0\r\nQUIT\n\x20\0\0\0GET / HTTP/1.1\r\n')).toBe(true);
  });

  it('comes to the port that the check names', async () => {
    const port = await target(says('200 OK'));
    expect(await verdictOf(balancerOf(1, { port }))).toBe('healthy');
  });
});

describe('HTTP/2 and gRPC groups', () => {
  const serve = (isGrpc: boolean): Promise<number> => {
    const server = createHttp2Server().on('stream', (stream, headers) => {
      if (!isGrpc) return void (stream.respond({ ':status': 200 }), stream.end('ok'));
      expect(headers['content-type']).toBe('application/grpc');
      stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
      stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '12' }));
      stream.end();
    });
    closers.push(() => server.close());
    return new Promise((resolve) => {
      server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port)); // listens on TCP
    });
  };

  it('pass by their status', async () => {
    expect(await verdictOf(balancerOf(await serve(false), {}, { protocolVersion: 'HTTP2' }))).toBe('healthy');
  });

  it('pass by their gRPC status', async () => {
    const check = { path: '/AWS.ALB/healthcheck', matcher: '12' };
    expect(await verdictOf(balancerOf(await serve(true), check, { protocolVersion: 'GRPC' }))).toBe('healthy');
  });

  it('fail on a target that speaks HTTP/1', async () => {
    const verdict = await verdictOf(balancerOf(await target(says('200 OK')), {}, { protocolVersion: 'HTTP2' }));
    expect(verdict).toBe('unhealthy | Target.FailedHealthChecks | Health checks failed');
  });
});

describe('states', () => {
  it('go from registration to checking to healthy with one pass', async () => {
    const { seen } = checkerOf(balancerOf(await target(says('200 OK'))));
    await until(() => seen.length > 2);
    expect(seen.map(({ state, reason }) => [state, reason])).toEqual([
      ['initial', 'Elb.RegistrationInProgress'],
      ['initial', 'Elb.InitialHealthChecking'],
      ['healthy', undefined],
    ]);
  });

  it('change only at the thresholds, and tell an unhealthy target’s latest reason', async () => {
    let asked = 0;
    const statuses = [200, 500, 200, 500, 500, 404, 200, 200, 200];
    const port = await target((socket) => says(`${statuses[asked++] ?? 200} x`)(socket));
    const { seen } = checkerOf(balancerOf(port));
    await until(() => seen.length > 5);
    expect(seen.slice(2).map(({ state, description }) => description ?? state)).toEqual([
      'healthy',
      'Health checks failed with these codes: [500]',
      'Health checks failed with these codes: [404]',
      'healthy',
    ]);
    expect(asked).toBeGreaterThanOrEqual(9);
  });

  it('stay over an update that changes nothing', async () => {
    let asked = 0;
    const port = await target((socket) => {
      asked++;
      says('200 OK')(socket);
    });
    const slow = { intervalSeconds: 300 };
    const { checker, seen } = checkerOf(balancerOf(port, slow));
    await until(() => checker.all()[0]?.state === 'healthy');
    for (let time = 0; time < 5; time++) checker.update(balancerOf(port, slow));
    await shortly(50);
    expect([asked, seen.length, checker.stateOf('g', 't', port)?.state]).toEqual([1, 3, 'healthy']);
  });

  it('take up a shorter interval', async () => {
    let asked = 0;
    const port = await target((socket) => {
      asked++;
      says('200 OK')(socket);
    });
    const { checker } = checkerOf(balancerOf(port, { intervalSeconds: 300 }));
    await until(() => asked === 1);
    await shortly(20);
    checker.update(balancerOf(port));
    await until(() => asked > 2);
    expect(asked).toBeGreaterThan(2);
  });

  it('end with the target, with draining and with checks that are switched off', async () => {
    const port = await target(says('200 OK'));
    const balancer = balancerOf(port);
    const [group] = balancer.targetGroups;
    const [only] = group!.targets; // made with one
    const without: readonly TargetGroup[] = [
      { ...group!, targets: [] },
      { ...group!, targets: [{ ...only!, drainsUntilMs: 1 }] },
      { ...group!, healthCheck: { ...group!.healthCheck, isEnabled: false } },
    ];
    const { checker } = checkerOf(balancer);
    for (const targetGroup of without) {
      checker.update(balancer);
      await until(() => checker.all()[0]?.state === 'healthy');
      checker.update(makeBalancer({ targetGroups: [targetGroup] }));
      expect(checker.all()).toEqual([]);
    }
  });

  it('are each group’s own for one target', async () => {
    const port = await target((socket, text) => says(text.includes('/good') ? '200 OK' : '500 x')(socket));
    const targets = [makeTarget('t', { address: '127.0.0.1', port })];
    const groups = ['good', 'bad'].map((id) => makeGroup(id, targets, { healthCheck: { ...FAST, path: `/${id}` } }));
    const { checker } = checkerOf(makeBalancer({ targetGroups: groups }));
    await until(() => checker.all().every(({ state }) => state !== 'initial'));
    expect(checker.all().map(({ groupId, state }) => [groupId, state])).toEqual([
      ['good', 'healthy'],
      ['bad', 'unhealthy'],
    ]);
  });
});

it('no more checks are under way at once than it may have', async () => {
  let open = 0;
  let most = 0;
  const port = await target((socket) => {
    most = Math.max(most, ++open);
    setTimeout(() => {
      open--;
      says('200 OK')(socket);
    }, 10);
  });
  const targets = Array.from({ length: 20 }, (_, index) => makeTarget(`t${index}`, { address: '127.0.0.1', port }));
  const checker = new HealthChecker({ mostAtOnce: 4 });
  closers.push(() => checker.close());
  checker.update(makeBalancer({ targetGroups: [makeGroup('g', targets)] }));
  await until(() => checker.all().every(({ state }) => state === 'healthy'));
  expect(checker.all().filter(({ state }) => state === 'healthy')).toHaveLength(20);
  expect(most).toBe(4);
});

it.each([
  ['200', 200, true],
  ['200', 201, false],
  ['200,202', 202, true],
  ['200, 202', 202, true],
  ['200-299', 299, true],
  ['200-299', 300, false],
  ['0-5,12', 12, true],
  ['x', 200, false],
])('matcher %s on %i: %s', (text, status, passes) => {
  expect(compileMatcher(text)(status)).toBe(passes);
});
