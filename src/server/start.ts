/** Wires a whole Keiro: store, services, front door. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Observations } from '#aws/context.ts';
import { dialSocket } from '#dataplane/fabric/public.ts';
import { followCertificates } from '#reconcile/certificates.ts';
import { followUserPoolKeys } from '#reconcile/user-pool-keys.ts';
import { answerValidations } from '#reconcile/validations.ts';
import { createAdmin } from '#server/admin.ts';
import { shownBalancers } from '#server/balancers-page.ts';
import { createEvents } from '#server/events.ts';
import { foreignOrigin } from '#server/foreign-origin.ts';
import { listen } from '#server/listener.ts';
import { openLocalCa } from '#server/local-ca.ts';
import { createLog, type Log, logRequest } from '#server/log.ts';
import { createMetrics, type Metrics } from '#server/metrics.ts';
import { openAccess, prepareAccess } from '#server/access.ts';
import type { Access } from '#server/authentication.ts';
import type { ServerOptions } from '#server/options.ts';
import { openPackets } from '#server/packets.ts';
import { createResponder } from '#server/request.ts';
import { userPoolPages } from '#server/user-pool-pages.ts';
import { version } from '#server/version.ts';
import { createVirtualHosts } from '#server/virtual-hosts.ts';
import { openStore } from '#store/open.ts';
import type { Store } from '#store/store.ts';

/** As ServerOptions; without a data directory everything is kept in memory only. */
export type StartOptions = Omit<ServerOptions, 'data' | 'packets' | 'outbound' | 'certificates' | 'dns'> & {
  /** Unless it is told, there are records only: load balancers do not even listen on the host. */
  readonly packets?: ServerOptions['packets'];
  readonly outbound?: boolean;
  /** `auto` unless it is told. */
  readonly certificates?: ServerOptions['certificates'];
  /** `off` unless it is told. */
  readonly dns?: ServerOptions['dns'];
  readonly data: string | undefined;
  /** A store that is open already, instead of one in the data directory; it is closed with the server. */
  readonly store?: Store;
  /** Milliseconds since the epoch, where another clock than the system's is to be told. */
  readonly now?: () => number;
};

export interface Server {
  readonly host: string;
  readonly port: number;
  /** Finishes what is under way, then closes the store. */
  close(): Promise<void>;
}

/**
 * Starts a Keiro.
 * @throws StoreError for the data directory, and the system's errors for the port (`EADDRINUSE`, `EACCES`).
 */
export async function startServer(options: StartOptions): Promise<Server> {
  const log = createLog(options.logLevel);
  const onError = (error: unknown, doing: string): void => log.error({ err: error }, doing);
  const store = options.store ?? (await openStore(options.data === undefined ? { onError } : { directory: options.data, onError }));
  const directory = options.data ?? mkdtempSync(join(tmpdir(), 'keiro-'));
  try {
    const { listener, packets, certificates, userPoolKeys } = await openFrontDoor(options, directory, store, log);
    return {
      host: options.host,
      port: listener.port,
      async close() {
        await listener.close();
        await certificates.close();
        await userPoolKeys.close();
        await packets.close();
        await store.close();
        if (options.data === undefined) rmSync(directory, { recursive: true, force: true });
      },
    };
  } catch (error) {
    await store.close();
    throw error;
  }
}

async function openFrontDoor(options: StartOptions, directory: string, store: Store, log: Log) {
  const metrics = createMetrics();
  store.subscribe((commit) => metrics.commit(commit.changes.length));
  const access = await openAccess(options, store);
  const localCa = shared(() => openLocalCa(directory));
  const packets = await openPackets({
    mode: options.packets ?? 'none',
    dns: options.dns ?? 'off',
    geo: options.geo,
    isOutbound: options.outbound ?? false,
    store,
    directory,
    log,
    prepareTrust: localCa,
  });
  const certificates = followCertificates({
    store,
    issue: async (request) => (await localCa()).issue(request),
    isValidated: answerValidations({ store, mode: options.certificates ?? 'auto', nowMs: options.now ?? Date.now }),
    nowMs: options.now ?? Date.now,
    onTrouble: (error, what) => log.error({ err: error }, what),
  });
  const userPoolKeys = followUserPoolKeys({ store, onTrouble: (error, what) => log.error({ err: error }, what) });
  const call = answerCalls(options, access, store, log, metrics, packets.observed);
  const tracePage = traceLater(options, store, log);
  const mailPages = mailLater(options, store, packets.observed);
  const admin = createAdmin({
    version,
    data: directory,
    capabilities: () => ({ auth: options.auth, quotas: options.quotas, packets: packets.state() }),
    dns: () => packets.dnsPlace(),
    metrics,
    events: createEvents(store),
    ca: async () => (await localCa()).certificate,
    trace: async (query) => (await tracePage())(query),
    balancers: async () => shownBalancers(store, packets),
    mail: async (request) => (await mailPages()).mail(request),
    confirm: async (request) => (await mailPages()).confirm(request),
    reset: async () => {
      await store.reset();
      await prepareAccess(options, store);
    },
  });
  const poolPages = userPoolPages(store);
  const listener = await listen({
    host: options.host,
    port: options.port,
    respond: (request, connection) =>
      admin(request, connection) ?? poolPages(request, connection) ?? foreignOrigin(request) ?? call(request, connection),
    tls: async () => (await localCa()).serve([options.host]),
    take: createVirtualHosts({ store, dialSocket: dialSocket(directory), packets }),
    log,
    onRefusal: (kind) => metrics.refusal(kind),
  });
  metrics.gauge('keiro_connections', 'Open connections.', () => listener.load().connections);
  packets.start(listener.accept).catch((error: unknown) => log.error({ err: error }, 'packets cannot be started'));
  return { listener, packets, certificates, userPoolKeys };
}

/** Whoever asks while the work is under way gets its result: asked for twice at once, the authority is made once. */
function shared<T>(work: () => Promise<T>): () => Promise<T> {
  let running: Promise<T> | undefined;
  return () =>
    (running ??= work().finally(() => {
      running = undefined;
    }));
}

/** The engine and the topology are loaded when the first trace is asked for. */
function traceLater({ region }: StartOptions, store: Store, log: Log) {
  const onFailure = (error: unknown, part: string): void => log.error({ err: error }, `no topology of ${part}`);
  const load = async () => (await import('#server/trace-page.ts')).createTracePage({ store, region, onFailure });
  let page: ReturnType<typeof load> | undefined;
  return () => (page ??= load());
}

/** The services that mails come from are loaded when somebody looks at a mail. */
function mailLater({ now: nowMs = Date.now, quotas }: StartOptions, store: Store, observed: Observations) {
  const load = async () => (await import('#server/mail-page.ts')).createMailPages({ store, nowMs, observed, quotasOn: quotas === 'on' });
  let pages: ReturnType<typeof load> | undefined;
  return () => (pages ??= load());
}

function answerCalls(options: StartOptions, access: Access, store: Store, log: Log, metrics: Metrics, observed: Observations) {
  return createResponder({
    store,
    ...access,
    region: options.region,
    quotasOn: options.quotas === 'on',
    observed,
    ...(options.now === undefined ? {} : { now: options.now }),
    answered: (line) => {
      metrics.request(line);
      logRequest(log, line);
    },
    failed: (error, requestId) => log.error({ err: error, requestId }, 'a mistake of ours'),
  });
}
