/** Wires a whole Keiro: store, services, front door. */
import { createResponder } from '#server/request.ts';
import { listen } from '#server/listener.ts';
import { createLog, type LogLevel, logRequest } from '#server/log.ts';
import { openAccess } from '#server/open-access.ts';
import { openStore } from '#store/open.ts';

export interface StartOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** The data directory; undefined keeps everything in memory only. */
  readonly data: string | undefined;
  readonly auth: 'off' | 'sigv4';
  readonly quotas: 'on' | 'off';
  readonly logLevel: LogLevel;
  /** Region of requests that name none. */
  readonly region: string;
}

export interface Server {
  readonly host: string;
  readonly port: number;
  /** Finishes what is under way, then closes the store. */
  close(): Promise<void>;
}

export async function startServer(options: StartOptions): Promise<Server> {
  const log = createLog(options.logLevel);
  const store = await openStore(options.data === undefined ? {} : { directory: options.data });
  const respond = createResponder({
    store,
    authenticate: openAccess(() => undefined, options.region),
    authorize: () => undefined,
    quotasOn: options.quotas === 'on',
    answered: (call) =>
      logRequest(log, { ...call, ...(call.code === undefined ? {} : { code: call.code }) } as Parameters<typeof logRequest>[1]),
    failed: (error, requestId) => log.error({ err: error, requestId }, 'a mistake of ours'),
  });
  const listener = await listen({
    host: options.host,
    port: options.port,
    respond,
    tls: () => Promise.reject(new Error('no TLS yet')),
    log,
  });
  return {
    host: options.host,
    port: listener.port,
    async close() {
      await listener.close();
      await store.close();
    },
  };
}
