/** What changes in the store, as server-sent events: https://html.spec.whatwg.org/multipage/server-sent-events.html */
import type { Change, Commit } from '#store/store.ts';
import type { StreamResponse, StreamSink } from '#server/answer.ts';

/** Readers at once. */
const READERS_KEPT = 100;
/** Changes told per commit; more are counted only, and the reader reads anew. */
const CHANGES_TOLD = 1_000;
/** Silence after which a comment is sent, so that nobody on the way closes the connection. */
const HEARTBEAT_MS = 15_000;

export interface EventSource {
  /** The answer to a new reader; undefined when there are too many. */
  open(): StreamResponse | undefined;
  readonly readers: number;
}

/** One change, in the words of the console. */
export interface ChangeEvent {
  readonly account: string;
  readonly region: string;
  readonly table: string;
  readonly id: string;
  readonly kind: 'created' | 'updated' | 'deleted';
}

function toEvent({ partition, table, id, before, after }: Change): ChangeEvent {
  const kind = after === undefined ? 'deleted' : before === undefined ? 'created' : 'updated';
  return { account: partition.account, region: partition.region, table, id, kind };
}

/** The text of a commit's event. Ids and names only: records may hold what is not for everybody. */
function toText({ version, changes }: Commit): string {
  const told = changes.slice(0, CHANGES_TOLD).map(toEvent);
  const data = { version, changes: told, ...(changes.length > told.length ? { more: changes.length - told.length } : {}) };
  return `id: ${version}\nevent: commit\ndata: ${JSON.stringify(data)}\n\n`;
}

/**
 * Events of a store. A reader is told the version at which it begins, then every commit; what it missed while it was
 * away is not told again, so after a new `start` it reads what it needs through the API.
 */
export function createEvents(store: { readonly version: number; subscribe(listener: (commit: Commit) => void): () => void }): EventSource {
  const sinks = new Set<StreamSink>();
  let unsubscribe: (() => void) | undefined;
  let heartbeat: NodeJS.Timeout | undefined;

  const tell = (text: string): void => {
    for (const sink of sinks) sink.write(text);
  };
  const begin = (): void => {
    unsubscribe = store.subscribe((commit) => tell(toText(commit)));
    heartbeat = setInterval(() => tell(': still here\n\n'), HEARTBEAT_MS).unref();
  };
  const end = (): void => {
    unsubscribe?.();
    clearInterval(heartbeat);
  };

  return {
    get readers() {
      return sinks.size;
    },
    open() {
      if (sinks.size >= READERS_KEPT) return undefined;
      return {
        status: 200,
        headers: { 'content-type': 'text/event-stream; charset=utf-8' },
        stream: (sink) => {
          if (sinks.size === 0) begin();
          sinks.add(sink);
          sink.write(`retry: 1000\nid: ${store.version}\nevent: start\ndata: ${JSON.stringify({ version: store.version })}\n\n`);
          return () => {
            if (sinks.delete(sink) && sinks.size === 0) end();
          };
        },
      };
    },
  };
}
