/** Names of load balancers: the addresses of their nodes, public ones where they face the internet; and those of one zone alone. */
import type { Balancer, BalancerNode } from '#model/balancer.ts';
import { parseIp } from '#model/ip.ts';
import type { Id } from '#model/topology.ts';
import { addressData, found, missing, type NameSource } from '#dataplane/dns/name-source.ts';

/** `NAME.REGION.elb.amazonaws.com` of application, `NAME.elb.REGION.amazonaws.com` of network load balancers. */
const DOMAIN = /(?:^|\.)((?:[a-z0-9-]+\.elb|elb\.[a-z0-9-]+)\.amazonaws\.com(?:\.cn)?)$/;
/** Before a name: both families (ELB guide, "IP address type"). */
const DUAL_STACK = 'dualstack.';

/** Whether a load balancer's node in a zone has targets to send to. */
export type IsNodeHealthy = (balancerId: Id, zone: string) => boolean;

/** For everybody: a name of a load balancer means the same in networks and on the internet. The map may change between questions. */
export function balancerNames(balancers: ReadonlyMap<Id, Balancer>, isHealthy: IsNodeHealthy = () => true): NameSource {
  let turn = 0;
  return {
    lookup: (question) => {
      const zone = DOMAIN.exec(question.name)?.[1];
      if (zone === undefined) return undefined;
      if (question.name === zone) return found(question, [], zone);
      const name = question.name.startsWith(DUAL_STACK) ? question.name.slice(DUAL_STACK.length) : question.name;
      for (const balancer of balancers.values()) {
        if (name !== balancer.dnsName && !name.endsWith(`.${balancer.dnsName}`)) continue;
        const nodes = name === balancer.dnsName ? inService(balancer, isHealthy) : balancer.nodes.filter(({ zone: place }) => name === `${place}.${balancer.dnsName}`); // prettier-ignore
        if (nodes.length === 0) break;
        const addresses = rotated(nodes, turn++).flatMap((node) => addressesOf(balancer, node));
        return found(question, addresses.flatMap((text) => addressDataOf(text)), zone); // prettier-ignore
      }
      return missing(zone);
    },
  };
}

/** Zones without healthy targets leave the name, unless all are so (ELB guide, "Health checks for your target groups"). */
function inService({ id, nodes }: Balancer, isHealthy: IsNodeHealthy): readonly BalancerNode[] {
  const healthy = nodes.filter(({ zone }) => isHealthy(id, zone));
  return healthy.length === 0 ? nodes : healthy;
}

/** What IPv4 means to whoever asks is the public address; IPv6 addresses are public themselves. */
function addressesOf({ isInternetFacing }: Balancer, { addresses, publicAddress }: BalancerNode): string[] {
  const six = addresses.filter((text) => text.includes(':'));
  const four = isInternetFacing ? [publicAddress ?? []].flat() : addresses.filter((text) => !text.includes(':')).slice(0, 1);
  return [...four, ...six];
}

function addressDataOf(text: string) {
  const ip = parseIp(text);
  return ip === undefined ? [] : [addressData(ip)];
}

const rotated = <T>(values: readonly T[], turn: number): T[] => [
  ...values.slice(turn % values.length),
  ...values.slice(0, turn % values.length),
];
