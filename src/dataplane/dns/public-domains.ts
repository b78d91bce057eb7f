/** The domains of public host names, and what `ec2-198-18-1-4.…` means in them: one reading for networks and the internet. */
import type { Ip, Ipv4 } from '#model/ip.ts';
import type { NameService } from '#model/name-service.ts';
import type { Id, NetworkInterface, Topology } from '#model/topology.ts';
import { addressOfLabel, hostLabel } from '#dataplane/dns/address-names.ts';
import { isWithin, labelsBefore } from '#dataplane/dns/name-source.ts';

export type NameServices = ReadonlyMap<Id, NameService>;

/** A public address that has a public host name. */
export interface PublicHost {
  readonly publicAddress: Ip;
  readonly privateAddress: Ip;
  readonly networkId: Id;
  readonly name: string;
}

const PREFIX = 'ec2-';

/** Follows which domains there are. Networks come and go seldom, so the set is made again only when something changed. */
export function publicDomainsOf(topology: Topology, services: NameServices): (name: string) => string | undefined {
  let domains = new Set<string>();
  let madeAt = -1;
  let madeOf = -1;
  return (name) => {
    if (madeAt !== topology.version || madeOf !== services.size) {
      domains = new Set([...services.values()].map((service) => service.publicDomain));
      madeAt = topology.version;
      madeOf = services.size;
    }
    for (const domain of domains) if (isWithin(name, domain)) return domain; // at most one a Region
    return undefined;
  };
}

/** The host that a name in a public domain means, when the network that owns its address gives such names. */
export function publicHostOf(topology: Topology, services: NameServices, name: string, domain: string): PublicHost | undefined {
  const label = labelsBefore(name, domain);
  const address = label === undefined ? undefined : addressOfLabel(PREFIX, label);
  const host = address === undefined ? undefined : publicHostAt(topology, services, address);
  return host?.name === name ? host : undefined; // not by another Region's domain
}

/** The host at a public address; undefined when it is on nothing, or has no name. */
export function publicHostAt(topology: Topology, services: NameServices, publicAddress: Ipv4): PublicHost | undefined {
  const owner = topology.interfaceOfPublic(publicAddress);
  const service = owner && services.get(owner.networkId);
  const privateAddress = owner && privateAddressOf(owner, publicAddress);
  if (!service?.hasPublicNames || privateAddress === undefined) return undefined;
  const name = `${hostLabel(PREFIX, publicAddress)}.${service.publicDomain}`;
  return { publicAddress, privateAddress, networkId: service.id, name };
}

function privateAddressOf(owner: NetworkInterface, publicAddress: Ip): Ip | undefined {
  return owner.publicAddresses.find((one) => one.publicAddress === publicAddress)?.privateAddress;
}
