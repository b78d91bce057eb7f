/** One line of a network load balancer's access log (NLB guide, "Access log entries"): version 2.0, TLS connections only. */
import type { TlsConnectionRecord } from '#dataplane/balancer/logs/access-record.ts';
import { endpoint, NONE, unquoted } from '#dataplane/balancer/logs/log-text.ts';

/** AWS cuts longer lists. */
const MAX_OFFERED = 256;

/** @param elb as in the ARN: `net/my-loadbalancer/c6e77e28c25b2234`; @returns without the line's end */
export function tlsLine(record: TlsConnectionRecord, elb: string): string {
  const { alpn } = record;
  return [
    'tls',
    '2.0',
    new Date(record.endedMs).toISOString().slice(0, 19),
    elb,
    unquoted(record.listenerId),
    endpoint(record.client),
    endpoint(record.destination),
    Math.round(record.connectionMs),
    record.handshakeMs === undefined ? NONE : Math.round(record.handshakeMs),
    record.receivedBytes,
    record.sentBytes,
    record.alert ?? NONE,
    unquoted(record.certificateId),
    NONE,
    unquoted(record.cipher),
    protocolName(record.protocol),
    NONE,
    record.domainName === undefined || record.domainName === '' ? NONE : encodeURIComponent(record.domainName),
    unquoted(alpn?.frontend),
    unquoted(alpn?.backend),
    offeredList(alpn?.offered),
  ].join(' ');
}

/** `TLSv1.2` is `tlsv12`, `TLSv1` is `tlsv10`. */
function protocolName(protocol: string | undefined): string {
  const digits = /^TLSv1(?:\.([0-3]))?$/.exec(protocol ?? '');
  return digits === null ? NONE : `tlsv1${digits[1] ?? '0'}`;
}

function offeredList(offered: readonly string[] | undefined): string {
  if (offered === undefined || offered.length === 0) return NONE;
  return offered
    .map((protocol) => `"${protocol.split('/').map(encodeURIComponent).join('/')}"`)
    .join(',')
    .slice(0, MAX_OFFERED);
}
