/** Reads a status out of the first bytes of an HTTP/1 response, however they are cut, and never more than the limit. */

/** A head that is longer is no answer to a health check. */
const MAX_HEAD_BYTES = 16_384;

export class StatusReader {
  private head = '';

  /** The final status when the head is whole, `bad` when it is none, undefined while there is more to come. */
  push(bytes: Buffer): number | 'bad' | undefined {
    this.head += bytes.toString('latin1', 0, MAX_HEAD_BYTES - this.head.length);
    for (;;) {
      const end = this.head.indexOf('\r\n\r\n');
      if (end < 0) return this.isHopeless() ? 'bad' : undefined;
      const status = statusOf(this.head);
      // Interim answers come before the one that counts; 101 is final.
      if (status === undefined || status < 100 || status >= 200 || status === 101) return status ?? 'bad';
      this.head = this.head.slice(end + 4);
    }
  }

  private isHopeless(): boolean {
    const begins = this.head.slice(0, 7);
    return !'HTTP/1.'.startsWith(begins) || this.head.length >= MAX_HEAD_BYTES;
  }
}

function statusOf(head: string): number | undefined {
  const status = /^HTTP\/1\.[01] (\d{3})(?: |\r)/.exec(head)?.[1];
  return status === undefined ? undefined : Number(status);
}
