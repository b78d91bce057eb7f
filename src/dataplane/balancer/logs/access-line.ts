/** One line of an application load balancer's access log (ELB guide, "Access log entries"): 34 fields, spaces between them. */
import type { AccessRecord } from '#dataplane/balancer/logs/access-record.ts';
import { endpoint, microseconds, NONE, quoted, secondsOf, unquoted } from '#dataplane/balancer/logs/log-text.ts';

/** AWS cuts longer ones. */
const MAX_USER_AGENT = 8192;

/**
 * @param elb as in the ARN: `app/my-loadbalancer/50dc6c495c0c9188`
 * @param nodeAddress the node's own
 * @returns without the line's end
 */
export function accessLine(record: AccessRecord, elb: string, nodeAddress: string): string {
  const { transform } = record;
  const target = endpoint(record.target);
  const targetStatus = String(record.targetStatus ?? NONE);
  return [
    record.type,
    microseconds(record.timeMs),
    elb,
    endpoint({ address: record.clientAddress, port: record.clientPort }),
    target,
    secondsOf(record.requestProcessingMs),
    secondsOf(record.targetProcessingMs),
    secondsOf(record.responseProcessingMs),
    String(record.status).padStart(3, '0'),
    targetStatus,
    record.receivedBytes,
    record.sentBytes,
    quoted(record.request),
    quoted(record.userAgent?.slice(0, MAX_USER_AGENT)),
    unquoted(record.tlsCipher),
    unquoted(record.tlsProtocol),
    unquoted(record.targetGroupId),
    quoted(record.traceId),
    quoted(record.serverName),
    quoted(record.certificateId),
    record.rulePriority ?? NONE,
    microseconds(record.creationTimeMs),
    quoted(record.action),
    quoted(record.redirectUrl),
    quoted(record.errorReason),
    quoted(target),
    quoted(targetStatus),
    quoted(record.classification),
    quoted(record.classificationReason),
    unquoted(record.connectionTraceId),
    quoted(transform?.host),
    quoted(transform?.uri),
    quoted(transform?.status),
    unquoted(nodeAddress),
  ].join(' ');
}
