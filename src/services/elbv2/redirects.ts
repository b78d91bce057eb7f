/** Redirects: the parts of an address with AWS's keywords in them, and what would be a loop. */
import type { RedirectActionConfig } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { ActionPlace } from '#services/elbv2/actions.ts';
import { invalidAction } from '#services/elbv2/errors.ts';
import type { ActionRecord } from '#services/elbv2/tables.ts';

type Redirect = Extract<ActionRecord, { type: 'redirect' }>;

/** Each part stays as the request has it. */
const unchanged = { protocol: '#{protocol}', host: '#{host}', port: '#{port}', path: '/#{path}', query: '#{query}' } as const;

/** Which keywords each part may hold (ELB API reference, "RedirectActionConfig"). */
const keywords: Readonly<Record<string, readonly string[]>> = {
  host: ['host'],
  path: ['host', 'path', 'port'],
  query: ['protocol', 'host', 'port', 'path', 'query'],
};

/** @throws AwsError InvalidLoadBalancerAction */
export function redirectOf(config: RedirectActionConfig, place: Pick<ActionPlace, 'protocol' | 'port'>): Redirect {
  const redirect: Redirect = {
    type: 'redirect',
    protocol: config.Protocol ?? unchanged.protocol,
    host: config.Host ?? unchanged.host,
    port: config.Port ?? unchanged.port,
    path: config.Path ?? unchanged.path,
    query: config.Query ?? unchanged.query,
    status: config.StatusCode ?? 'HTTP_302',
  };
  checkParts(redirect);
  if (place.protocol === 'HTTPS' && redirect.protocol === 'HTTP') {
    throw invalidAction('You cannot redirect HTTPS to HTTP');
  }
  if (isLoop(redirect, place)) throw invalidAction('The redirect configuration is not valid because it creates a loop.');
  return redirect;
}

function checkParts({ host, path, query, port }: Redirect): void {
  if (port !== unchanged.port && !(/^\d{1,5}$/.test(port) && Number(port) >= 1 && Number(port) <= 65_535)) {
    throw invalidAction(`The redirect port '${port}' must be '#{port}' or a port between '1-65535' inclusive`);
  }
  if (!path.startsWith('/')) throw invalidAction("The redirect path must be an absolute path, starting with the leading '/'");
  if (query.startsWith('?')) throw invalidAction("The redirect query must not include the leading '?'");
  for (const [part, value] of Object.entries({ host, path, query })) {
    for (const [, keyword = ''] of value.matchAll(/#\{([^}]*)\}/g)) {
      if (!keywords[part]?.includes(keyword)) throw invalidAction(`The redirect ${part} cannot contain the keyword '#{${keyword}}'`);
    }
  }
}

/** A request would come back as it was: a changed query alone does not help. */
function isLoop({ protocol, host, port, path }: Redirect, place: Pick<ActionPlace, 'protocol' | 'port'>): boolean {
  return (
    (protocol === unchanged.protocol || protocol === place.protocol) &&
    host === unchanged.host &&
    (port === unchanged.port || port === String(place.port)) &&
    path === unchanged.path
  );
}
