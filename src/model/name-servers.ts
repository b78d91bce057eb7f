/** The public name servers: which there are, how they are called, and where they answer. Facts, shared by whoever hands them out and whoever is them. */

export interface NameServer {
  /** 0 to 31, its place in `nameServers`. */
  readonly index: number;
  /** As AWS's: `ns-157.awsdns-19.com`, lower case, no dot at the end. */
  readonly name: string;
  /** On Keiro's internet. */
  readonly ipv4: string;
  readonly ipv6: string;
}

/** AWS numbers its servers 0 to 2047, 512 for each of these; a zone has one of each. */
const DOMAINS = ['com', 'net', 'org', 'co.uk'] as const;
const PER_DOMAIN = 512;
/** AWS keeps eight servers in one of its zones `awsdns-NN`. */
const PER_ZONE = 8;
/** Zones of the same name need servers of their own: so many sets of four there are. */
export const SETS = 8;
/** Where in its domain's 512 each set's server is: far apart, and different in each. */
const placeOf = (set: number, domain: number): number => (set * 67 + domain * 151 + 29) % PER_DOMAIN;

/** All of them, set by set, four to a set. */
export const nameServers: readonly NameServer[] = Array.from({ length: SETS * DOMAINS.length }, (_, index) => {
  const [set, domain] = [Math.floor(index / DOMAINS.length), index % DOMAINS.length];
  const place = placeOf(set, domain);
  const zone = `${Math.floor(place / PER_ZONE)}`.padStart(2, '0');
  return {
    index,
    name: `ns-${domain * PER_DOMAIN + place}.awsdns-${zone}.${DOMAINS[domain]}`,
    ipv4: `198.18.0.${128 + index}`,
    ipv6: `2001:db8::53:${(index + 1).toString(16)}`,
  };
});

/** The four servers of a set (0 to 7), in AWS's order of domains. */
export function nameServerSet(set: number): readonly NameServer[] {
  return nameServers.slice(set * DOMAINS.length, (set + 1) * DOMAINS.length);
}

const byName = new Map(nameServers.map((one) => [one.name, one]));

export function nameServerCalled(name: string): NameServer | undefined {
  return byName.get(name);
}

/** Where the root and the top-level domains of Keiro's internet are answered. */
export const rootServer = { name: 'a.root-servers.net', ipv4: '198.18.0.4', ipv6: '2001:db8::4' } as const;
export const registryServer = { name: 'a.gtld-servers.net', ipv4: '198.18.0.5', ipv6: '2001:db8::5' } as const;
