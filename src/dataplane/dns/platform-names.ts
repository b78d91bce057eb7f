/** Names of the platform itself: where its services answer, where instances find their metadata, and `localhost`. */
import { parseIpv4, parseIpv6, type Ip } from '#model/ip.ts';
import { reverseZone } from '#dataplane/dns/address-names.ts';
import type { RecordData } from '#dataplane/dns/codec/message.ts';
import { addressData, found, isWithin, missing, type NameSource } from '#dataplane/dns/name-source.ts';

/** Where all of the platform's services answer, as text. */
export interface ServiceAddresses {
  readonly ipv4: string;
  readonly ipv6?: string;
}

/** Domains whose every name is a service's: AWS's endpoints, those of China, and those of both families (`ec2.eu-west-1.api.aws`). */
const SERVICE_DOMAINS = ['amazonaws.com', 'amazonaws.com.cn', 'api.aws'];
/** Public host names: where no network gives them, they are not services either. */
const HOST_DOMAINS = ['compute-1.amazonaws.com', 'compute.amazonaws.com', 'compute.amazonaws.com.cn'];
/** What lies above the names of Keiro's internet and networks: these exist, without records of their own (RFC 8020). */
const ABOVE = new Set(['arpa', 'in-addr.arpa', 'ip6.arpa', 'com', 'cn', 'com.cn', 'aws', 'internal', 'compute.internal']);

const LOCALHOST = 'localhost';
const METADATA_NAME = 'instance-data.ec2.internal';
/** AWS gives its resolver no name; one is here so that tools which ask for the name of their server get an answer. */
const RESOLVER_NAME = 'resolver.ec2.internal';

/** Facts for askers in a network: names and their addresses, both ways. */
const metadata = [addressData(ipv4('169.254.169.254'))];
const resolver = [addressData(ipv4('169.254.169.253')), addressData(ipv6('fd00:ec2::253'))];
const loopback = [addressData(ipv4('127.0.0.1')), addressData(ipv6('::1'))];

const inNetworks: ReadonlyMap<string, Fixed> = new Map<string, Fixed>([
  [METADATA_NAME, { data: metadata, zone: METADATA_NAME }],
  [RESOLVER_NAME, { data: resolver, zone: RESOLVER_NAME }],
  [reverseOf(ipv4('169.254.169.254')), pointer(METADATA_NAME, ipv4('169.254.169.254'))],
  [reverseOf(ipv4('169.254.169.253')), pointer(RESOLVER_NAME, ipv4('169.254.169.253'))],
  [reverseOf(ipv6('fd00:ec2::253')), pointer(RESOLVER_NAME, ipv6('fd00:ec2::253'))],
]);

const LOOPBACK_ZONE = reverseZone({ address: ipv4('127.0.0.0'), prefixLength: 8 });

const everywhere: ReadonlyMap<string, Fixed> = new Map<string, Fixed>([
  [reverseOf(ipv4('127.0.0.1')), { data: [{ kind: 'PTR', target: LOCALHOST }], zone: LOOPBACK_ZONE }],
  [reverseOf(ipv6('::1')), pointer(LOCALHOST, ipv6('::1'))],
]);

interface Fixed {
  readonly data: readonly RecordData[];
  /** The zone whose SOA goes with the absence of other types. */
  readonly zone: string;
}

/**
 * Names that are the same for every network, to be asked before all others: `localhost` and what is below it
 * (RFC 6761 section 6.3), the loopback's reverse (RFC 6303 section 4.2), and, in networks, those of link-local services.
 */
export function fixedNames(): NameSource {
  return {
    lookup: (question, { networkId }) => {
      const { name } = question;
      if (isWithin(name, LOCALHOST)) return found(question, loopback, LOCALHOST);
      const fixed = (networkId === undefined ? undefined : inNetworks.get(name)) ?? everywhere.get(name);
      if (fixed !== undefined) return found(question, fixed.data, fixed.zone);
      if (name === LOOPBACK_ZONE) return found(question, [], LOOPBACK_ZONE);
      return isWithin(name, LOOPBACK_ZONE) ? missing(LOOPBACK_ZONE) : undefined;
    },
  };
}

/** Every name in AWS's domains that nobody before has taken means the platform: to be asked last. @throws Error for what is no address */
export function serviceNames(addresses: ServiceAddresses): NameSource {
  const data = [addressData(ipv4(addresses.ipv4)), ...(addresses.ipv6 === undefined ? [] : [addressData(ipv6(addresses.ipv6))])];
  return {
    lookup: (question) => {
      const { name } = question;
      if (ABOVE.has(name)) return found(question, [], '');
      const domain = SERVICE_DOMAINS.find((one) => isWithin(name, one));
      if (domain === undefined) return undefined;
      const hosts = HOST_DOMAINS.find((one) => isWithin(name, one));
      if (hosts === undefined) return found(question, data, domain);
      return name === hosts ? found(question, [], hosts) : missing(hosts);
    },
  };
}

function pointer(target: string, ip: Ip): Fixed {
  return { data: [{ kind: 'PTR', target }], zone: reverseOf(ip) };
}

function reverseOf(ip: Ip): string {
  return reverseZone({ address: ip, prefixLength: typeof ip === 'number' ? 32 : 128 });
}

function ipv4(text: string): Ip {
  const ip = parseIpv4(text);
  if (ip === undefined) throw new Error(`no IPv4 address: ${text}`);
  return ip;
}

function ipv6(text: string): Ip {
  const ip = parseIpv6(text);
  if (ip === undefined) throw new Error(`no IPv6 address: ${text}`);
  return ip;
}
