/** Names of hosts as their own network sees them: by address, by what the records call them, and public names with private meaning. */
import { cidrsOverlap, type Cidr } from '#model/cidr.ts';
import { familyBits, ipFamily, isIpv4, parseIp, type Ip } from '#model/ip.ts';
import type { NameService } from '#model/name-service.ts';
import type { Network, Topology } from '#model/topology.ts';
import { addressOfLabel, hostLabel, reverseBlock, reverseZone, reverseZoneOf } from '#dataplane/dns/address-names.ts';
import type { Question, RecordData } from '#dataplane/dns/codec/message.ts';
import {
  addressData,
  found,
  isWithin,
  labelsBefore,
  missing,
  nameServerOf,
  type Answer,
  type NameSource,
} from '#dataplane/dns/name-source.ts';
import { publicDomainsOf, publicHostAt, publicHostOf, type NameServices } from '#dataplane/dns/public-domains.ts';

const PREFIX = 'ip-';
/** Public IPv4 reverse zones are cut at a /24, as AWS delegates them. */
const PUBLIC_ZONE_BITS = 24;

/**
 * For askers in a network (VPC user guide, "DNS attributes for your VPC"). The network's private domain and the reverse
 * of its own blocks are this source's whole, so that a name there that no host has does not exist. `ip-…` means the
 * address of an interface, or of the platform itself, in the asker's own network, and in no other. `ec2-…` means the
 * private address inside the network that owns the public one, elsewhere the public one.
 */
export function hostNames(topology: Topology, services: NameServices): NameSource {
  const domainOf = publicDomainsOf(topology, services);
  return {
    lookup: (question, { networkId }) => {
      const network = networkId === undefined ? undefined : topology.networks.get(networkId);
      if (network === undefined) return undefined;
      const service = services.get(network.id);
      if (service && isWithin(question.name, service.privateDomain)) return privateName(topology, network, service, question);
      const domain = domainOf(question.name);
      if (domain !== undefined) return publicName(topology, services, network, question, domain);
      const block = reverseBlock(question.name);
      return block && reverse(topology, services, network, question, block);
    },
  };
}

/**
 * AWS has one switch for both kinds of names: with `enableDnsHostnames` off, the resolver knows no private ones either
 * (same page, "Rules and considerations"; Route 53 guide, "autodefined system rules": made when it is on).
 */
function hasHostNames(service: NameService): boolean {
  return service.hasPublicNames;
}

function privateName(topology: Topology, network: Network, service: NameService, question: Question): Answer {
  const zone = service.privateDomain;
  const label = labelsBefore(question.name, zone);
  if (label === undefined) return found(question, [{ kind: 'NS', target: nameServerOf(zone) }], zone);
  if (!hasHostNames(service)) return missing(zone);
  const address = addressOfLabel(PREFIX, label);
  if (address !== undefined && isHeld(topology, network, address)) return found(question, [addressData(address)], zone);
  const listed = listedHosts(service).byName.get(question.name);
  return listed ? found(question, listed, zone) : missing(zone);
}

/** Whether an address of the network's blocks is an interface's or, like the resolver at the base plus two, the platform's. */
function isHeld(topology: Topology, network: Network, ip: Ip): boolean {
  if (topology.interfaceAt(network.id, ip) !== undefined) return true;
  return network.platformAddresses.includes(ip) && network.cidrs.some((cidr) => cidrsOverlap(cidr, blockOf(ip)));
}

function publicName(topology: Topology, services: NameServices, network: Network, question: Question, domain: string): Answer {
  if (question.name === domain) return found(question, [], domain);
  const host = publicHostOf(topology, services, question.name, domain);
  if (host === undefined) return missing(domain);
  const address = host.networkId === network.id ? host.privateAddress : host.publicAddress;
  return found(question, [addressData(address)], domain);
}

function reverse(topology: Topology, services: NameServices, network: Network, question: Question, block: Cidr): Answer | undefined {
  const ip = block.prefixLength === familyBits(ipFamily(block.address)) ? block.address : undefined;
  const own = network.cidrs.find((cidr) => cidrsOverlap(cidr, block));
  if (own !== undefined) {
    // A name over the network's blocks has names below it: it exists, without records (RFC 8020). Its zone is then its own.
    const zone = reverseZoneOf(ip === undefined && block.prefixLength < own.prefixLength ? block : own);
    if (ip === undefined) return found(question, [], zone);
    const name = privateNameOf(topology, network, services.get(network.id), ip);
    return name === undefined ? missing(zone) : found(question, [{ kind: 'PTR', target: name }], zone);
  }
  if (ip === undefined || !isIpv4(ip)) return undefined;
  const host = publicHostAt(topology, services, ip);
  const zone = reverseZone({ address: ip, prefixLength: PUBLIC_ZONE_BITS });
  if (host) return found(question, [{ kind: 'PTR', target: host.name }], zone);
  return topology.isPooled(ip) ? missing(zone) : undefined;
}

/** The name of an address of the network: IPv4 by the address, IPv6 by what the records call the host. */
function privateNameOf(topology: Topology, network: Network, service: NameService | undefined, ip: Ip): string | undefined {
  if (service === undefined || !hasHostNames(service)) return undefined;
  if (!isIpv4(ip)) return listedHosts(service).byAddress.get(ip);
  return isHeld(topology, network, ip) ? `${hostLabel(PREFIX, ip)}.${service.privateDomain}` : undefined;
}

function blockOf(address: Ip): Cidr {
  return { address, prefixLength: familyBits(ipFamily(address)) };
}

interface ListedHosts {
  readonly byName: ReadonlyMap<string, readonly RecordData[]>;
  readonly byAddress: ReadonlyMap<Ip, string>;
}

/** A service is an immutable value, so what its list of hosts says is worked out once. */
const listed = new WeakMap<NameService, ListedHosts>();

function listedHosts(service: NameService): ListedHosts {
  const known = listed.get(service);
  if (known) return known;
  const byName = new Map<string, readonly RecordData[]>();
  const byAddress = new Map<Ip, string>();
  for (const { name, addresses } of service.hosts) {
    const ips = addresses.flatMap((text) => parseIp(text) ?? []);
    byName.set(name, [...(byName.get(name) ?? []), ...ips.map(addressData)]);
    for (const ip of ips) if (!byAddress.has(ip)) byAddress.set(ip, name);
  }
  const made = { byName, byAddress };
  listed.set(service, made);
  return made;
}
