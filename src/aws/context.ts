/** What an operation may use beside its input: who calls, when, and the transaction. */
import type { TargetHealth } from '#model/balancer.ts';
import type { CheckStatus } from '#model/health-check.ts';
import type { Id } from '#model/topology.ts';
import type { Transaction } from '#store/store.ts';
import type { Partition } from '#store/table.ts';

/** Who calls. */
export interface Principal {
  /** 12 digits. */
  readonly account: string;
  /** E.g. `arn:aws:iam::123456789012:root`, `arn:aws:sts::…:assumed-role/name/session`. */
  readonly arn: string;
  /** AWS's unique id: the account for root, `AIDA…` for a user, `AROA…:session` for a role. */
  readonly userId: string;
  readonly accessKeyId: string;
}

/** What was seen of an instance that runs: a data plane's word, not a record. */
export interface ObservedInstance {
  /** `initializing` until it is up, `impaired` when it should run and does not. */
  readonly health: 'initializing' | 'ok' | 'impaired';
  /** When that was last seen to change, milliseconds since the epoch. */
  readonly sinceMs: number;
  /** The last 64 KB that it wrote to its console, and when. */
  readonly console?: { readonly text: Buffer; readonly atMs: number };
}

/** A question to a public hosted zone, as `TestDNSAnswer` puts it. */
export interface DnsQuestion {
  readonly zoneId: Id;
  /** As the model has names: see `HostedZone`. */
  readonly name: string;
  /** E.g. `A`. */
  readonly type: string;
  /** Where the question is said to come from; else from a resolver in us-east-1. */
  readonly resolverIp?: string;
  /** What the resolver says of its client (RFC 7871): an address, and how many of its bits it tells. */
  readonly clientSubnet?: { readonly address: string; readonly bits: number };
}

export interface DnsAnswer {
  /** Of the name server that answered, without a dot at the end. */
  readonly nameserver: string;
  /** E.g. `NOERROR`, `NXDOMAIN`. */
  readonly responseCode: string;
  /** The answer section's values of the asked type, in presentation format; those of a CNAME where that is the answer. */
  readonly recordData: readonly string[];
  readonly protocol: 'UDP' | 'TCP';
}

/** What data planes see. Reads are of memory, and answer at once. */
export interface Observations {
  /** Whether something runs instances here: then their states are reported, else they change by themselves. */
  readonly runsInstances: boolean;
  /** Whether load balancers listen on this host and reach what it reaches, because no packets move. */
  readonly balancesOnHost?: boolean;
  instance(id: string): ObservedInstance | undefined;
  /** What load balancers' nodes see of a target: the group's ARN, the target's id and port. Absent where nothing balances. */
  targetHealth?(groupArn: string, targetId: string, port: number): TargetHealth | undefined;
  /** What checkers see of a health check; undefined until they have seen anything. Absent where nothing checks. */
  healthCheck?(id: Id): CheckStatus | undefined;
  /**
   * What the name servers of a public zone would answer, at once and without asking anybody. Absent where nothing serves names: then
   * changes of zones are in sync by themselves, else only when they are reported.
   */
  dnsAnswer?(question: DnsQuestion): DnsAnswer;
  /** Settles when nothing of the partition is between two states, or soon; undefined when nothing is. */
  settling(partition: Partition): Promise<void> | undefined;
}

/** Where nothing runs. */
export const NOTHING_OBSERVED: Observations = { runsInstances: false, instance: () => undefined, settling: () => undefined };

export interface OperationContext {
  /** 12 digits. */
  readonly account: string;
  /** E.g. `eu-west-1`. */
  readonly region: string;
  readonly principal: Principal;
  readonly requestId: string;
  /** Time of the request; the only clock that an operation has. Milliseconds since the epoch. */
  readonly nowMs: number;
  /** The partition of the caller's account and Region. */
  readonly tx: Transaction;
  /** Random bytes; the only source of chance that an operation has. */
  readonly randomBytes: (count: number) => Buffer;
  /** What is seen of the world that the records ask for. */
  readonly observed: Observations;
  /** False after `--quotas off`. */
  readonly quotasOn: boolean;
}
