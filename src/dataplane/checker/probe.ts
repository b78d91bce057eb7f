/** Asks an endpoint once, on a connection of its own, within AWS's time limits. */
import { connect as connectTcp, isIP, isIPv6, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { HttpAnswer, type AnswerState } from '#dataplane/checker/http-answer.ts';
import { timeLimits, type TimeLimits } from '#dataplane/checker/limits.ts';
import { connected, failure, notFound, statusOutcome, trouble, unresolved, type Outcome } from '#dataplane/checker/outcome.ts';
import { defaultPort, isSecure, requestFor, type Endpoint } from '#dataplane/checker/request.ts';
import { tlsTrouble } from '#dataplane/checker/tls-trouble.ts';

/** What became of a host name: its IPv4 address, or DNS's code; 0 where it has no such record. */
export type Resolution = { readonly address: string } | { readonly rcode: number };
export type Resolve = (hostName: string) => Promise<Resolution>;

/** Where a checker asks from; the system chooses where there is no address. */
export interface Source {
  readonly ipv4?: string;
  readonly ipv6?: string;
}

/**
 * Asks once. `done` is called once, unless it was cancelled, and never before this returns: with undefined when nothing can be
 * said, because this machine could not ask. @returns how to give up without a word
 */
export type Probe = (endpoint: Endpoint, source: Source, done: (outcome: Outcome | undefined) => void) => () => void;

export interface ProbeOptions {
  readonly resolve: Resolve;
  readonly limits?: TimeLimits;
}

/** Errors that tell of this machine, not of the endpoint: no more sockets, ports or memory, or no such address here. */
const ownErrors = new Set(['EMFILE', 'ENFILE', 'ENOBUFS', 'ENOMEM', 'EADDRNOTAVAIL', 'EADDRINUSE', 'EACCES', 'EPERM']);
const unreachable = new Set(['EHOSTUNREACH', 'ENETUNREACH', 'EHOSTDOWN', 'ENETDOWN']);

export function createProbe({ resolve, limits = timeLimits }: ProbeOptions): Probe {
  return (endpoint, source, done) => {
    const { address, hostName = '' } = endpoint;
    if (address !== undefined) return ask({ endpoint, source, limits, address, resolved: undefined }, done);
    let cancel: (() => void) | undefined;
    let isOver = false;
    const settle = (resolution: Resolution | undefined): void => {
      if (isOver) return;
      isOver = true;
      clearTimeout(timer);
      if (resolution === undefined || !('address' in resolution)) done(unresolved(resolution?.rcode));
      else cancel = ask({ endpoint, source, limits, address: resolution.address, resolved: resolution.address }, done);
    };
    const timer = setTimeout(() => settle(undefined), limits.resolveMs).unref();
    resolve(hostName).then(settle, () => settle({ rcode: 2 }));
    return () => {
      isOver = true;
      clearTimeout(timer);
      cancel?.();
    };
  };
}

interface Asking {
  readonly endpoint: Endpoint;
  readonly source: Source;
  readonly limits: TimeLimits;
  readonly address: string;
  /** The address again where a host name led to it: AWS says so. */
  readonly resolved: string | undefined;
}

function ask(asking: Asking, done: (outcome: Outcome | undefined) => void): () => void {
  const { endpoint, limits, resolved } = asking;
  let isDone = false;
  let phase: 'connect' | 'status' | 'body' = 'connect';
  let timer: NodeJS.Timeout | undefined;
  let socket: Socket | undefined;
  const finish = (outcome: Outcome | undefined): void => {
    if (isDone) return;
    isDone = true;
    clearTimeout(timer);
    socket?.destroy();
    done(outcome);
  };
  const fail = (words: string): void => finish(failure(words, resolved));
  const limit = (ms: number, words: () => void): void => {
    clearTimeout(timer);
    timer = setTimeout(words, ms).unref();
  };
  try {
    socket = open(asking);
  } catch {
    const refusal = setImmediate(() => finish(undefined)); // what Node refuses to try: no address, no port
    return () => clearImmediate(refusal);
  }
  limit(endpoint.type === 'TCP' ? limits.connectOnlyMs : limits.connectMs, () => fail(trouble.connectTimeout));
  const answer = new HttpAnswer(endpoint.type.endsWith('STR_MATCH') ? (endpoint.searchString ?? '') : undefined);
  const missed = (): void => finish(notFound(answer.status, answer.reason, resolved));
  const judge = (state: AnswerState): void => {
    if (state === 'broken') fail(trouble.noHttp);
    else if (state === 'found') finish(statusOutcome(answer.status, answer.reason, resolved));
    else if (state === 'missed') missed();
    else if (state === 'status') {
      if (answer.status >= 400 || !endpoint.type.endsWith('STR_MATCH')) {
        finish(statusOutcome(answer.status, answer.reason, resolved));
        return;
      }
      phase = 'body';
      limit(limits.bodyMs, missed);
    }
  };
  const listenTo = (stream: Socket): void => {
    stream.on('data', (bytes: Buffer) => isDone || judge(answer.push(bytes)));
    stream.once('end', () => (phase === 'body' ? judge(answer.end()) : fail(trouble.closed)));
    stream.write(requestFor(endpoint, asking.address));
  };
  socket.on('error', (error: NodeJS.ErrnoException) => {
    if (phase === 'body') return missed();
    const { code = '' } = error;
    if (ownErrors.has(code)) finish(undefined);
    else fail(code === 'ECONNREFUSED' ? trouble.refused : unreachable.has(code) ? trouble.unreachable : code === 'ETIMEDOUT' ? trouble.connectTimeout : trouble.closed); // prettier-ignore
  });
  socket.once('close', () => (phase === 'body' ? missed() : fail(trouble.closed)));
  socket.once('connect', () => {
    if (endpoint.type === 'TCP') return finish(connected(resolved));
    phase = 'status';
    limit(limits.statusMs, () => fail(trouble.statusTimeout));
    if (socket === undefined) return; // never: it has just connected
    if (!isSecure(endpoint)) return listenTo(socket);
    const secure = secured(socket, endpoint);
    secure.on('error', (error: NodeJS.ErrnoException) => (phase === 'body' ? missed() : fail(tlsTrouble(error))));
    secure.once('secureConnect', () => listenTo(secure));
  });
  return () => {
    isDone = true;
    clearTimeout(timer);
    socket.destroy();
  };
}

function open({ endpoint, source, address }: Asking): Socket {
  const localAddress = isIPv6(address) ? source.ipv6 : source.ipv4;
  const port = endpoint.port ?? defaultPort(endpoint);
  return connectTcp({ host: address, port, noDelay: true, ...(localAddress === undefined ? {} : { localAddress }) });
}

/** "HTTPS health checks don't validate SSL/TLS certificates, so checks don't fail if a certificate is invalid or expired." */
function secured(socket: Socket, { sendsServerName, hostName }: Endpoint): Socket {
  const servername = sendsServerName && hostName !== undefined && isIP(hostName) === 0 ? { servername: hostName } : {};
  return connectTls({ socket, rejectUnauthorized: false, minVersion: 'TLSv1', ciphers: 'DEFAULT:@SECLEVEL=0', ...servername });
}
