/** Names of hosts with public addresses, as the internet sees them: `ec2-198-18-1-4.…` is the public address, and back. */
import { isIpv4 } from '#model/ip.ts';
import type { Topology } from '#model/topology.ts';
import { reverseBlock, reverseZone } from '#dataplane/dns/address-names.ts';
import { addressData, found, missing, type NameSource } from '#dataplane/dns/name-source.ts';
import { publicDomainsOf, publicHostAt, publicHostOf, type NameServices } from '#dataplane/dns/public-domains.ts';

const IPV4_BITS = 32;

/**
 * For askers on the internet. Public domains are this source's whole: a name in one that no host has does not exist; so
 * are addresses of the public pools, backwards. Both maps may change between questions.
 */
export function publicHostNames(topology: Topology, services: NameServices): NameSource {
  const domainOf = publicDomainsOf(topology, services);
  return {
    lookup: (question, asker) => {
      if (asker.networkId !== undefined) return undefined;
      const domain = domainOf(question.name);
      if (domain !== undefined) {
        if (question.name === domain) return found(question, [], domain);
        const host = publicHostOf(topology, services, question.name, domain);
        return host ? found(question, [addressData(host.publicAddress)], domain) : missing(domain);
      }
      const block = reverseBlock(question.name);
      if (block === undefined || block.prefixLength !== IPV4_BITS || !isIpv4(block.address)) return undefined;
      const host = publicHostAt(topology, services, block.address);
      const zone = reverseZone({ ...block, prefixLength: 24 });
      if (host) return found(question, [{ kind: 'PTR', target: host.name }], zone);
      return topology.isPooled(block.address) ? missing(zone) : undefined;
    },
  };
}
