/** What is known of a request when it is over: everything that a line of AWS's access log tells. */
import type { Reason, Tier } from '#dataplane/balancer/http/classification.ts';

/** Fields as in the ALB user guide, "Access log entries". Undefined is the log's `-`; a time of −1 is its −1. */
export interface AccessRecord {
  readonly type: 'http' | 'https' | 'h2' | 'ws' | 'wss';
  /** When the answer was made, or the upgraded connection closed; epoch. */
  readonly timeMs: number;
  /** When the request came; epoch. */
  readonly creationTimeMs: number;
  readonly clientAddress: string;
  readonly clientPort: number;
  readonly target: { readonly address: string; readonly port: number } | undefined;
  readonly requestProcessingMs: number;
  readonly targetProcessingMs: number;
  readonly responseProcessingMs: number;
  /** 460 when the client went away first. */
  readonly status: number;
  readonly targetStatus: number | undefined;
  readonly receivedBytes: number;
  readonly sentBytes: number;
  /** `GET http://host:80/path?query HTTP/1.1`, one octet a character; `- http://host:port- -` where no line was read. */
  readonly request: string;
  readonly userAgent: string | undefined;
  readonly tlsCipher: string | undefined;
  readonly tlsProtocol: string | undefined;
  readonly targetGroupId: string | undefined;
  readonly traceId: string | undefined;
  readonly serverName: string | undefined;
  readonly certificateId: string | undefined;
  readonly rulePriority: number | undefined;
  readonly action: 'forward' | 'redirect' | 'fixed-response' | undefined;
  readonly redirectUrl: string | undefined;
  readonly errorReason: string | undefined;
  readonly classification: Tier | undefined;
  readonly classificationReason: Reason | undefined;
}

export type OnAccess = (record: AccessRecord) => void;
