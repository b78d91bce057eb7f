/** A node's access log: a line for each request, in files under the keys that AWS gives them in a bucket. */
import { join } from 'node:path';
import type { Balancer, BalancerNode } from '#model/balancer.ts';
import { accessLine } from './logs/access-line.ts';
import type { AccessRecord } from './logs/access-record.ts';
import { LogFiles } from './logs/log-files.ts';
import { partsOfArn } from './logs/log-names.ts';

/** One bucket and prefix at a time; undefined where there is no folder for buckets. */
export class AccessLogs {
  readonly #bucketFolder: string | undefined;
  readonly #onError: (error: unknown) => void;
  #place = '';
  #files: LogFiles | undefined;
  #elb = '';
  #nodeAddress = '';

  constructor(bucketFolder: string | undefined, onError: (error: unknown) => void) {
    this.#bucketFolder = bucketFolder;
    this.#onError = onError;
  }

  update({ id, attributes: { accessLogs } }: Balancer, { addresses }: BalancerNode): void {
    const place = accessLogs === undefined || this.#bucketFolder === undefined ? '' : `${accessLogs.bucket}/${accessLogs.prefix}`;
    if (place === this.#place) return;
    this.#place = place;
    void this.#files?.close();
    this.#files = undefined;
    if (accessLogs === undefined || this.#bucketFolder === undefined) return;
    this.#elb = partsOfArn(id).elb;
    this.#nodeAddress = addresses[0] ?? '';
    const folder = join(this.#bucketFolder, accessLogs.bucket);
    this.#files = new LogFiles({ folder, prefix: accessLogs.prefix, balancerId: id, nodeAddress: this.#nodeAddress, onError: this.#onError }); // prettier-ignore
  }

  request(record: AccessRecord): void {
    this.#files?.append(accessLine(record, this.#elb, this.#nodeAddress));
  }

  async close(): Promise<void> {
    await this.#files?.close();
  }
}
