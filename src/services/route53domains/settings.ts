/** What is switched on and off for a domain, and its name servers. */
import { isIP } from 'node:net';
import type { Nameserver } from '@aws-sdk/client-route-53-domains';
import type { OperationContext } from '#aws/context.ts';
import type { DelegatedServer } from '#model/registered-domain.ts';
import { invalidInput, tldRulesViolation } from '#services/route53domains/errors.ts';
import { putDomain, requireDomain, tldOf } from '#services/route53domains/lookup.ts';
import { beginOperation } from '#services/route53domains/operation-status.ts';
import type { DomainsOperations } from '#services/route53domains/sdk.ts';

/** Registries' rule (RFC 1034 section 4.1: at least two), and "the maximum number of name servers per domain in Route 53 is 6". */
const SERVERS = { min: 2, max: 6 } as const;
/** RFC 952 and 1123; `HostName` of the model allows more. */
const HOST_NAME = /^(?=.{1,253}$)(?:(?!-)[a-z0-9_-]{1,63}(?<!-)\.)+(?!-)[a-z0-9-]{2,63}(?<!-)$/;

export const settings = {
  EnableDomainAutoRenew(context, input) {
    renewAutomatically(context, input.DomainName, true);
    return {};
  },

  DisableDomainAutoRenew(context, input) {
    renewAutomatically(context, input.DomainName, false);
    return {};
  },

  EnableDomainTransferLock(context, input) {
    return { OperationId: lock(context, input.DomainName, true) };
  },

  DisableDomainTransferLock(context, input) {
    return { OperationId: lock(context, input.DomainName, false) };
  },

  RetrieveDomainAuthCode(context, input) {
    return { AuthCode: requireDomain(context, input.DomainName).authCode };
  },

  UpdateDomainNameservers(context, input) {
    const domain = requireDomain(context, input.DomainName);
    putDomain(context, domain, { nameServers: readServers(domain.id, input.Nameservers) });
    return { OperationId: beginOperation(context, 'UPDATE_NAMESERVER', domain.id) };
  },
} satisfies DomainsOperations;

function renewAutomatically(context: OperationContext, name: string, isAutoRenewed: boolean): void {
  const domain = requireDomain(context, name);
  beginOperation(context, isAutoRenewed ? 'ENABLE_AUTORENEW' : 'DISABLE_AUTORENEW', domain.id);
  putDomain(context, domain, { isAutoRenewed });
}

/** @throws AwsError TLDRulesViolation */
function lock(context: OperationContext, name: string, isLocked: boolean): string {
  const domain = requireDomain(context, name);
  const tld = tldOf(domain);
  if (!tld.hasLock) throw tldRulesViolation(`Transfer lock is not supported for .${tld.name} domains.`);
  putDomain(context, domain, { isLocked });
  return beginOperation(context, 'DOMAIN_LOCK', domain.id);
}

/** @throws AwsError InvalidInput */
function readServers(domain: string, given: readonly Nameserver[]): readonly DelegatedServer[] {
  if (given.length < SERVERS.min || given.length > SERVERS.max)
    throw invalidInput(`A domain has ${SERVERS.min} to ${SERVERS.max} name servers.`);
  const servers = given.map((server) => readServer(domain, server));
  const names = new Set(servers.map(({ name }) => name));
  if (names.size < servers.length) throw invalidInput('Each name server can be specified only once.');
  return servers;
}

function readServer(domain: string, { Name = '', GlueIps = [] }: Nameserver): DelegatedServer {
  const name = Name.toLowerCase().replace(/\.$/, '');
  if (!HOST_NAME.test(name)) throw invalidInput(`${Name} is not a valid name server.`);
  const families = GlueIps.map((address) => isIP(address));
  if (families.includes(0)) throw invalidInput(`${GlueIps[families.indexOf(0)]} is not a valid glue IP address.`);
  if (new Set(families).size < families.length) throw invalidInput(`Name server ${Name} can have one IPv4 and one IPv6 glue address.`);
  const isBelow = name.endsWith(`.${domain}`);
  if (isBelow && GlueIps.length === 0) throw invalidInput(`Glue IP addresses are required for name server ${Name}.`);
  // Elsewhere the name's own zone has its addresses, so nobody asks this registry for them.
  return { name, addresses: isBelow ? GlueIps : [] };
}
