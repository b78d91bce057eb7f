/** What runs at the interfaces of an instance, in no words of any vendor but those of the metadata tree, which is data here. */
import type { Id } from '#model/topology.ts';

/** What an instance's metadata service tells it, and to whom it talks. */
export interface Metadata {
  /** Whether it answers at all. */
  readonly isEnabled: boolean;
  /** Whether a request needs a session token (IMDSv2 only). */
  readonly needsToken: boolean;
  /** IP hop limit of the answer that carries a token, 1 to 64. */
  readonly hopLimit: number;
  /** Whether it answers over IPv6 too. */
  readonly isIpv6Enabled: boolean;
  /**
   * Leaves of the tree below `/latest/`, by path without a leading slash: `meta-data/instance-id` → `i-…`. A folder is
   * there because a leaf is; its listing is made from the leaves (`meta-data/` → `ami-id\nhostname\n…`); a leaf whose path ends in a
   * slash is that folder's listing, word for word.
   */
  readonly tree: Readonly<Record<string, string>>;
  /** `/latest/user-data`, base64. */
  readonly userData?: string;
}

/** An instance that is to run, as a data plane needs it. It holds the interfaces that are attached to its id. */
export interface Workload {
  readonly kind: 'workload';
  /** The instance's. */
  readonly id: Id;
  /** Another number than before: it starts anew, with the same files. */
  readonly boot: number;
  /** Its own full host name, e.g. `ip-10-0-0-4.ec2.internal`. */
  readonly hostName: string;
  /** The account that people log in to, e.g. `ec2-user`. */
  readonly loginName: string;
  /** Lines of `authorized_keys`. */
  readonly authorizedKeys: readonly string[];
  /** Addresses of the resolvers that it asks, and the domains that it searches. */
  readonly nameServers: readonly string[];
  readonly searchDomains: readonly string[];
  /** Run at the first start of all, base64; undefined: nothing. */
  readonly userData?: string;
  readonly metadata: Metadata;
}
