/** Which protocols a listener offers by ALPN, the preferred one first. */
import type { Balancer, BalancerListener } from '#model/balancer.ts';

/** "ALPN policies" of the network load balancers' user guide. */
const byPolicy: Readonly<Record<string, readonly string[]>> = {
  HTTP1Only: ['http/1.1', 'http/1.0'],
  HTTP2Only: ['h2'],
  HTTP2Optional: ['http/1.1', 'http/1.0', 'h2'],
  HTTP2Preferred: ['h2', 'http/1.1', 'http/1.0'],
  None: [],
};

/**
 * Empty: ALPN is not negotiated, whatever a client offers. With others, a client that offers ALPN and none of them is refused
 * (RFC 7301 section 3.2).
 */
export function alpnProtocols(
  { type, attributes }: Pick<Balancer, 'type' | 'attributes'>,
  { tls }: Pick<BalancerListener, 'tls'>,
): readonly string[] {
  if (type === 'application') return attributes.isHttp2Enabled ? ['h2', 'http/1.1'] : ['http/1.1'];
  return byPolicy[tls?.alpn ?? 'None'] ?? [];
}
