/** What a network's resolver calls the hosts in it. */
import type { Id } from '#model/topology.ts';

/** Further names of single hosts, beside those made from addresses. */
export interface HostRecord {
  /** Lower case, fully qualified, no dot at the end: `i-0123456789abcdef0.ec2.internal`. */
  readonly name: string;
  /** Addresses of both families, as text. */
  readonly addresses: readonly string[];
}

/** The names of one network. Whether its resolver answers at all is in the network's `platformAddresses`. */
export interface NameService {
  readonly kind: 'nameService';
  /** The network's. */
  readonly id: Id;
  /** The AWS Region that it is in. */
  readonly region: string;
  /** Where private host names end: `ec2.internal` in us-east-1, else `REGION.compute.internal`. */
  readonly privateDomain: string;
  /** Where public host names end: `compute-1.amazonaws.com` in us-east-1, else `REGION.compute.amazonaws.com`. */
  readonly publicDomain: string;
  /** Whether hosts with a public address have a public name (`ec2-198-18-1-4.…`), which means the private address inside the network. */
  readonly hasPublicNames: boolean;
  readonly hosts: readonly HostRecord[];
}
