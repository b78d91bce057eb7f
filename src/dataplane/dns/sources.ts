/** The order in which the platform's sources of names are asked: the first that knows a name has it. */
import type { Balancer } from '#model/balancer.ts';
import type { Id, Topology } from '#model/topology.ts';
import { balancerNames, type IsNodeHealthy } from '#dataplane/dns/balancer-names.ts';
import { hostNames } from '#dataplane/dns/host-names.ts';
import type { NameSource } from '#dataplane/dns/name-source.ts';
import { fixedNames, serviceNames, type ServiceAddresses } from '#dataplane/dns/platform-names.ts';
import type { NameServices } from '#dataplane/dns/public-domains.ts';
import { publicHostNames } from '#dataplane/dns/public-host-names.ts';

export interface SourceOptions {
  readonly balancers: ReadonlyMap<Id, Balancer>;
  /** Whether a load balancer's node in a zone has targets to send to; left out: all have. */
  readonly isHealthy?: IsNodeHealthy;
  readonly topology: Topology;
  readonly services: NameServices;
  readonly platform: ServiceAddresses;
  /** Zones of networks, before the network's own names: a private zone for `ec2.internal` or a service's name takes it over. */
  readonly privateZones?: readonly NameSource[];
  /** Zones of the internet, before the services' names, for everybody. */
  readonly publicZones?: readonly NameSource[];
}

/** All sources, for askers in networks and on the internet alike; each looks at the asker itself. */
export function nameSources(options: SourceOptions): readonly NameSource[] {
  const { topology, services, balancers, isHealthy, platform, privateZones = [], publicZones = [] } = options;
  return [
    fixedNames(),
    ...privateZones,
    hostNames(topology, services),
    publicHostNames(topology, services),
    ...publicZones,
    balancerNames(balancers, isHealthy),
    serviceNames(platform),
  ];
}
