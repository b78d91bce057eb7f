/** Who is told of a request when it is over: everything that a line of AWS's access log tells. */
import type { AccessRecord } from '#dataplane/balancer/logs/access-record.ts';

export type { AccessRecord };

export type OnAccess = (record: AccessRecord) => void;
