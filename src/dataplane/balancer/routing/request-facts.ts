/** What conditions ask of a request, worked out at most once for each. */
import type { RequestView } from '#dataplane/balancer/decision.ts';
import { parseIp, type Ip } from '#model/ip.ts';

/** In lower case: query strings are compared without regard to case. */
export interface QueryPair {
  readonly key: string;
  readonly value: string;
}

const NOTHING: RequestView = {
  method: '',
  host: '',
  hostPort: '',
  path: '',
  query: '',
  header: () => [],
  sourceAddress: '',
};

/** One object serves all requests of a listener, one after the other. */
export class RequestFacts {
  request: RequestView = NOTHING;
  private ip: Ip | undefined;
  private hasIp = false;
  private queryPairs: readonly QueryPair[] | undefined;

  set(request: RequestView): void {
    this.request = request;
    this.hasIp = false;
    this.queryPairs = undefined;
  }

  /** Undefined when the address is none. */
  source(): Ip | undefined {
    if (!this.hasIp) {
      this.ip = parseIp(this.request.sourceAddress);
      this.hasIp = true;
    }
    return this.ip;
  }

  pairs(): readonly QueryPair[] {
    return (this.queryPairs ??= parsePairs(this.request.query));
  }
}

/** As they are, not decoded; a part without `=` is a key with an empty value. */
function parsePairs(query: string): readonly QueryPair[] {
  if (query === '') return [];
  return query
    .toLowerCase()
    .split('&')
    .map((part) => {
      const equals = part.indexOf('=');
      return equals < 0 ? { key: part, value: '' } : { key: part.slice(0, equals), value: part.slice(equals + 1) };
    });
}
