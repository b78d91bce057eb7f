/** Issues the certificates that the records ask for, and renews them before they end. */
import {
  type CertificateOrder,
  certificateOrder,
  certificateOrders,
  certificateReports,
  touchedCertificate,
  type WantedValidation,
} from '#services/acm/public.ts';
import type { Store } from '#store/store.ts';
import type { Partition } from '#store/table.ts';

export interface LeafRequest extends Pick<CertificateOrder, 'names' | 'keyAlgorithm'> {
  /** Milliseconds since the epoch. */
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
}

/** All in PEM; the key in PKCS #8. */
export interface Leaf {
  readonly certificate: string;
  /** The issuer's. */
  readonly chain: string;
  readonly privateKey: string;
}

export interface CertificateFollowerOptions {
  readonly store: Pick<Store, 'reader' | 'subscribe' | 'transact'>;
  /** Makes a key, and a certificate for servers and clients. */
  readonly issue: (request: LeafRequest) => Promise<Leaf>;
  /** Whether a name is shown to be the account's. Asked again until it is, or 72 hours have passed. Left out: every name is. */
  readonly isValidated?: (validation: WantedValidation, partition: Partition) => Promise<boolean>;
  /** Milliseconds since the epoch. */
  readonly nowMs: () => number;
  readonly onTrouble: (error: unknown, what: string) => void;
  /** Milliseconds until names are asked for again, 5 seconds by default. */
  readonly retryMs?: number;
  /** Milliseconds after which all certificates are looked at, for those that are to be renewed; an hour by default. */
  readonly sweepMs?: number;
}

const DAY_MS = 86_400_000;
/** What ACM's public certificates have since 2026: CA/Browser Forum, Baseline Requirements 6.3.2, allow 200. */
const VALID_DAYS = 198;
const RETRY_MS = 5_000;
const SWEEP_MS = 3_600_000;

export interface CertificateFollower {
  /** Nothing new is begun. Resolves when what was under way is over. */
  close(): Promise<void>;
}

/** Issues what is wanted now, and follows every commit from then on. */
export function followCertificates(options: CertificateFollowerOptions): CertificateFollower {
  const follower = new Follower(options);
  follower.sweep();
  return follower;
}

class Follower implements CertificateFollower {
  readonly #options: CertificateFollowerOptions;
  /** What is to be looked at, by ARN, with its partition; one at a time, because making keys takes the processor. */
  readonly #queue = new Map<string, Partition>();
  readonly #stop: () => void;
  readonly #sweeping: NodeJS.Timeout;
  #retrying: NodeJS.Timeout | undefined;
  #working: Promise<void> | undefined;
  #isClosed = false;

  constructor(options: CertificateFollowerOptions) {
    this.#options = options;
    this.#stop = options.store.subscribe(({ changes }) => {
      for (const change of changes) {
        const arn = touchedCertificate(change);
        if (arn !== undefined) this.#want(arn, change.partition);
      }
    });
    this.#sweeping = setInterval(() => this.sweep(), options.sweepMs ?? SWEEP_MS).unref();
  }

  /** Looks at all of them. */
  sweep(): void {
    const { store, nowMs } = this.#options;
    for (const partition of store.reader({ account: '', region: '' }).partitions())
      for (const { arn } of certificateOrders(store.reader(partition), nowMs())) this.#want(arn, partition);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#stop();
    clearInterval(this.#sweeping);
    clearTimeout(this.#retrying);
    this.#queue.clear();
    await this.#working;
  }

  #want(arn: string, partition: Partition): void {
    if (this.#isClosed) return;
    this.#queue.set(arn, partition);
    this.#working ??= this.#work().finally(() => (this.#working = undefined));
  }

  async #work(): Promise<void> {
    await new Promise(setImmediate); // a commit is told before its transaction is over
    for (let next = this.#take(); next !== undefined; next = this.#take()) {
      const [arn, partition] = next;
      try {
        await this.#lookAt(arn, partition);
      } catch (error) {
        this.#options.onTrouble(error, `certificate ${arn} cannot be issued`);
        this.#later();
      }
    }
  }

  #take(): [string, Partition] | undefined {
    const next = this.#queue.entries().next().value;
    if (next !== undefined) this.#queue.delete(next[0]);
    return next;
  }

  async #lookAt(arn: string, partition: Partition): Promise<void> {
    const { store, issue, nowMs } = this.#options;
    const order = certificateOrder(store.reader(partition), arn, nowMs());
    if (order === undefined || !(await this.#isValidated(order, partition))) return;
    const notBeforeMs = Math.floor(nowMs() / DAY_MS) * DAY_MS; // as AWS's: whole days, in UTC
    const leaf = await issue({
      names: order.names,
      keyAlgorithm: order.keyAlgorithm,
      notBeforeMs,
      notAfterMs: notBeforeMs + VALID_DAYS * DAY_MS - 1_000,
    });
    if (!this.#isClosed) await store.transact(partition, (tx) => certificateReports.issued(tx, arn, leaf, nowMs()));
  }

  async #isValidated({ arn, validations }: CertificateOrder, partition: Partition): Promise<boolean> {
    const { isValidated = async () => true, store } = this.#options;
    const answers = await Promise.all(validations.map(async (validation) => isValidated(validation, partition)));
    if (answers.every(Boolean)) return true;
    const validated = new Set(validations.flatMap(({ domainName }, index) => (answers[index] ? [domainName] : [])));
    if (validated.size > 0 && !this.#isClosed) await store.transact(partition, (tx) => certificateReports.validated(tx, arn, validated));
    this.#later();
    return false;
  }

  /** One timer for all that wait: the sweep finds them. */
  #later(): void {
    if (this.#isClosed) return;
    this.#retrying ??= setTimeout(() => {
      this.#retrying = undefined;
      this.sweep();
    }, this.#options.retryMs ?? RETRY_MS).unref();
  }
}
