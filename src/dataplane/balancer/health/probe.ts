/** Makes one health check on a connection of its own. */
import { connect as connectTcp, isIPv6, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { CheckPlan } from '#dataplane/balancer/health/check-plan.ts';
import { FAILED, INTERNAL, PASS, TIMEOUT, type Outcome } from '#dataplane/balancer/health/outcome.ts';
import { StatusReader } from '#dataplane/balancer/health/status-reader.ts';
import { askHttp2 } from '#dataplane/balancer/health/http2-question.ts';

/** PROXY protocol version 2, command LOCAL: the connection is the load balancer's own (section 2.2 of the specification). */
const PROXY_LOCAL = Buffer.from('0d0a0d0a000d0a515549540a20000000', 'hex');
/** What is read of a body before the connection is cut. */
const MAX_BODY_BYTES = 65_536;

export interface Probe {
  /** Gives up without a word. */
  cancel(): void;
}

/** @param done called once, unless it is cancelled; never before this returns */
export function probe(plan: CheckPlan, done: (outcome: Outcome) => void): Probe {
  try {
    return startProbe(plan, done);
  } catch {
    // What Node refuses to try: no address, no port.
    const refusal = setImmediate(() => done(INTERNAL));
    return { cancel: () => clearImmediate(refusal) };
  }
}

function startProbe(plan: CheckPlan, done: (outcome: Outcome) => void): Probe {
  let isDone = false;
  const { address: host, port, localAddress } = plan;
  const socket = connectTcp({ host, port, noDelay: true, ...(localAddress === undefined ? {} : { localAddress }) });
  const timer = setTimeout(() => {
    finish(TIMEOUT);
    socket.destroy();
  }, plan.timeoutMs).unref();
  const finish = (outcome: Outcome): void => {
    if (isDone) return;
    isDone = true;
    done(outcome);
  };
  socket
    .once('connect', () => {
      if (plan.sendsProxyHeader) socket.write(PROXY_LOCAL);
      ask(plan, socket, finish);
    })
    .on('error', () => finish(FAILED))
    .once('close', () => {
      clearTimeout(timer);
      finish(FAILED);
    });
  return {
    cancel() {
      isDone = true;
      clearTimeout(timer);
      socket.destroy();
    },
  };
}

function ask(plan: CheckPlan, socket: Socket, finish: (outcome: Outcome) => void): void {
  if (plan.protocol === 'TCP') {
    finish(PASS);
    socket.destroySoon();
    return;
  }
  const isHttp2 = plan.version !== 'HTTP1';
  if (plan.protocol === 'HTTP') {
    if (isHttp2) askHttp2(plan, socket, finish);
    else askHttp1(plan, socket, socket, finish);
    return;
  }
  // A load balancer trusts its targets' certificates whoever made them.
  const secure = connectTls({ socket, rejectUnauthorized: false, minVersion: 'TLSv1', ALPNProtocols: [isHttp2 ? 'h2' : 'http/1.1'] });
  secure.on('error', () => {
    finish(FAILED);
    socket.destroy();
  });
  secure.once('secureConnect', () => {
    if (isHttp2) askHttp2(plan, secure, finish);
    else askHttp1(plan, secure, socket, finish);
  });
}

function askHttp1(plan: CheckPlan, stream: Socket, raw: Socket, finish: (outcome: Outcome) => void): void {
  const reader = new StatusReader();
  let bodyBytes = 0;
  let isAnswered = false;
  stream.on('data', (bytes: Buffer) => {
    if (isAnswered) {
      bodyBytes += bytes.length;
      if (bodyBytes > MAX_BODY_BYTES) raw.destroy();
      return;
    }
    const status = reader.push(bytes);
    if (status === undefined) return;
    isAnswered = true;
    finish(status === 'bad' ? FAILED : judge(plan, status));
    if (status === 'bad') raw.destroy();
    else stream.end(); // the rest may come; the time limit goes on
  });
  stream.once('end', () => raw.destroySoon());
  stream.write(requestFor(plan, hostFor(plan, raw)));
}

export function judge(plan: CheckPlan, status: number): Outcome {
  return plan.passes(status) ? PASS : { kind: 'code', code: status };
}

function requestFor({ path }: CheckPlan, host: string): string {
  return `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\nUser-Agent: ELB-HealthChecker/2.0\r\nAccept-Encoding: gzip, compressed\r\n\r\n`;
}

function hostFor({ address, port, listenerPort }: CheckPlan, socket: Socket): string {
  const ip = listenerPort === undefined ? address : (socket.localAddress ?? address);
  return `${isIPv6(ip) ? `[${ip}]` : ip}:${listenerPort ?? port}`;
}
