/** Counters and histograms in Prometheus's text format, with a bound on every set of labels. */
import type { RequestLine } from '#server/log.ts';

/** Series kept per metric; what comes after is counted under `other`. */
const SERIES_KEPT = 2_000;
/** Longest label value; labels come from clients. */
const LABEL_CHARACTERS = 80;
/** Upper bounds of the duration buckets, seconds. */
const BUCKETS_SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const OTHER = 'other';

export interface Counter {
  /** @param values one per label, in the labels' order */
  add(values: readonly string[], count?: number): void;
}

export interface Histogram {
  /** @param values one per label, in the labels' order */
  observe(values: readonly string[], seconds: number): void;
}

export interface Registry {
  counter(name: string, help: string, labels: readonly string[]): Counter;
  histogram(name: string, help: string, labels: readonly string[]): Histogram;
  /** A value that is read when the metrics are. */
  gauge(name: string, help: string, read: () => number): void;
  /** All of it in Prometheus's text format, version 0.0.4. */
  render(): string;
}

const escapeLabel = (value: string): string =>
  value.slice(0, LABEL_CHARACTERS).replace(/["\\\n]/g, (char) => (char === '\n' ? '\\n' : `\\${char}`));

const labelled = (labels: readonly string[], values: readonly string[]): string =>
  labels.map((label, i) => `${label}="${escapeLabel(values[i] ?? '')}"`).join(',');

/** Values by their labels' text, made by `create` up to the bound. */
function seriesOf<T>(labels: readonly string[], create: () => T) {
  const byValues = new Map<string, T>();
  const texts = new Map<T, string>();
  const others = labels.map(() => OTHER);
  const find = (values: readonly string[]): T => {
    const key = values.join('\0');
    const known = byValues.get(key);
    if (known !== undefined) return known;
    if (byValues.size >= SERIES_KEPT && values !== others) return find(others);
    const made = create();
    byValues.set(key, made);
    texts.set(made, labelled(labels, values));
    return made;
  };
  return { find, all: (): Iterable<[T, string]> => texts };
}

const braces = (text: string): string => (text === '' ? '' : `{${text}}`);

/** An empty set of metrics. */
export function createRegistry(): Registry {
  const renderers: (() => string)[] = [];
  const head = (name: string, help: string, type: string): string => `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`;

  return {
    counter(name, help, labels) {
      const series = seriesOf(labels, () => ({ count: 0 }));
      renderers.push(() => {
        let text = head(name, help, 'counter');
        for (const [value, label] of series.all()) text += `${name}${braces(label)} ${value.count}\n`;
        return text;
      });
      return {
        add: (values, count = 1) => {
          series.find(values).count += count;
        },
      };
    },
    histogram(name, help, labels) {
      const series = seriesOf(labels, () => ({ buckets: BUCKETS_SECONDS.map(() => 0), count: 0, sum: 0 }));
      renderers.push(() => {
        let text = head(name, help, 'histogram');
        for (const [value, label] of series.all()) {
          const prefix = label === '' ? '' : `${label},`;
          let below = 0;
          value.buckets.forEach((count, i) => {
            below += count;
            text += `${name}_bucket{${prefix}le="${BUCKETS_SECONDS[i]}"} ${below}\n`;
          });
          text += `${name}_bucket{${prefix}le="+Inf"} ${value.count}\n`;
          text += `${name}_sum${braces(label)} ${value.sum}\n${name}_count${braces(label)} ${value.count}\n`;
        }
        return text;
      });
      return {
        observe: (values, seconds) => {
          const found = series.find(values);
          found.count += 1;
          found.sum += seconds;
          const bucket = BUCKETS_SECONDS.findIndex((bound) => seconds <= bound);
          if (bucket >= 0) found.buckets[bucket] = (found.buckets[bucket] ?? 0) + 1;
        },
      };
    },
    gauge(name, help, read) {
      renderers.push(() => `${head(name, help, 'gauge')}${name} ${read()}\n`);
    },
    render: () => renderers.map((render) => render()).join(''),
  };
}

/** What the server counts. */
export interface Metrics {
  request(line: Pick<RequestLine, 'service' | 'operation' | 'code' | 'ms'>): void;
  /** A request that the front door refused before it reached a service. */
  refusal(kind: string): void;
  commit(changes: number): void;
  /** For values that somebody else knows: connections, requests under way. */
  gauge(name: string, help: string, read: () => number): void;
  render(): string;
}

/** The server's metrics; the process's own are among them. */
export function createMetrics(): Metrics {
  const registry = createRegistry();
  const requests = registry.counter('keiro_requests_total', 'AWS calls, by outcome.', ['service', 'operation', 'code']);
  const durations = registry.histogram('keiro_request_duration_seconds', 'How long AWS calls took.', ['service', 'operation']);
  const refusals = registry.counter('keiro_refused_requests_total', 'Requests that reached no service.', ['kind']);
  const commits = registry.counter('keiro_store_commits_total', 'Transactions committed.', []);
  const changes = registry.counter('keiro_store_changes_total', 'Records written or deleted.', []);
  registry.gauge('process_resident_memory_bytes', 'Resident memory.', () => process.memoryUsage.rss());
  registry.gauge('nodejs_heap_size_used_bytes', 'Memory used by JavaScript values.', () => process.memoryUsage().heapUsed);
  registry.gauge('process_uptime_seconds', 'Time since the start of the process.', () => process.uptime());
  registry.gauge('process_cpu_seconds_total', 'Processor time used.', () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1e6;
  });
  return {
    request: ({ service, operation, code, ms }) => {
      requests.add([service, operation, code ?? 'OK']);
      durations.observe([service, operation], ms / 1000);
    },
    refusal: (kind) => refusals.add([kind]),
    commit: (count) => {
      commits.add([]);
      changes.add([], count);
    },
    gauge: (name, help, read) => registry.gauge(name, help, read),
    render: () => registry.render(),
  };
}
