/** Where a redirect action sends a request: its URL's parts with the request's own put in (ELB guide, "Redirect actions"). */
import type { RequestView } from '#dataplane/balancer/decision.ts';
import type { RuleAction } from '#model/balancer.ts';

type Redirect = Extract<RuleAction, { type: 'redirect' }>;

/**
 * The `Location` of a redirect. AWS always writes the port, also 80 and 443; `#{path}` comes without its leading slash,
 * and there is no `?` without a query. What the client named as its port counts before the listener's own.
 */
export function locationOf(redirect: Redirect, request: RequestView, protocol: 'http' | 'https', listenerPort: number): string {
  const port = request.hostPort === '' ? String(listenerPort) : request.hostPort;
  const fill = (template: string): string => {
    if (!template.includes('#{')) return template;
    return template.replaceAll(/#\{(protocol|host|port|path|query)\}/g, (_, name: string) => {
      if (name === 'protocol') return protocol;
      if (name === 'host') return request.host;
      if (name === 'port') return port;
      return name === 'path' ? request.path.replace(/^\//, '') : request.query;
    });
  };
  const query = fill(redirect.query);
  const base = `${fill(redirect.protocol).toLowerCase()}://${fill(redirect.host)}:${fill(redirect.port)}${fill(redirect.path)}`;
  return query === '' ? base : `${base}?${query}`;
}
