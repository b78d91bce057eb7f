/** What a checker asks of an endpoint. */
import { isIPv6 } from 'node:net';
import type { HealthCheck } from '#model/health-check.ts';

/** All that a probe needs to know of a check. */
export type Endpoint = Pick<HealthCheck, 'id' | 'type' | 'address' | 'hostName' | 'port' | 'path' | 'searchString' | 'sendsServerName'>;

export const isSecure = ({ type }: Endpoint): boolean => type.startsWith('HTTPS');

/** `Host` has the port unless it is the protocol's own (API reference, "FullyQualifiedDomainName"); without a name it has the address. */
export function hostOf(endpoint: Endpoint, address: string): string {
  const { hostName, port } = endpoint;
  const host = hostName ?? (isIPv6(address) ? `[${address}]` : address);
  return port === undefined || port === defaultPort(endpoint) ? host : `${host}:${port}`;
}

/** 80 and 443; TCP has none of its own, and always says which. */
export function defaultPort(endpoint: Endpoint): number {
  return isSecure(endpoint) ? 443 : 80;
}

/** No compressed bodies: a string would not be found in them. */
export function requestFor(endpoint: Endpoint, address: string): string {
  const path = endpoint.path ?? '/';
  return [
    `GET ${path.startsWith('/') ? path : `/${path}`} HTTP/1.1`,
    `Host: ${hostOf(endpoint, address)}`,
    'Connection: close',
    `User-Agent: Amazon-Route53-Health-Check-Service (ref ${endpoint.id}; report http://amzn.to/1vsZADi)`,
    'Accept: */*',
    'Accept-Encoding: identity',
    '\r\n',
  ].join('\r\n');
}
