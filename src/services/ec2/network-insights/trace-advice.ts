/** What would change a refusal, as short and true sentences with the `aws` command that does it. */
import { addressScope } from '#model/address-scope.ts';
import { formatCidr, hostCidr } from '#model/cidr.ts';
import { type Flow, icmpType } from '#model/flow.ts';
import { formatIp, isIpv4, type Ip } from '#model/ip.ts';
import { hasPorts, isIcmp, protocolName } from '#model/protocol-number.ts';
import type { Direction, Id, NetworkInterface, RouteTarget, Topology } from '#model/topology.ts';
import type { Decision, Hop, Trace } from '#model/trace.ts';
import { type Refusal, refusalBehind } from '#model/verdict.ts';

/** What is known of a refusal. */
interface Loss {
  readonly topology: Topology;
  readonly decidedBy: Decision;
  /** The hop of the loss, with the packet as it was there. */
  readonly at: Hop;
  /** The hops before it, of the same packet. */
  readonly way: readonly Hop[];
  readonly isAnswer: boolean;
}

/** Network ACL entries have numbers up to this; AWS advises steps of a hundred. */
const lastAclNumber = 32_766;

const advices: Readonly<Record<Refusal, (loss: Loss) => readonly string[]>> = {
  noSuchSource: () => [],
  interfaceDown: (loss) => runIt(loss),
  sourceDestinationCheck: ({ decidedBy: { component } }) => [
    `If ${component} is to forward for others, turn its check off: aws ec2 modify-network-interface-attribute --network-interface-id ${component} --no-source-dest-check`,
  ],
  groupDeniedOut: (loss) => [allowByGroup(loss, 'out')],
  groupDeniedIn: (loss) => [allowByGroup(loss, 'in')],
  aclDeniedOut: (loss) => allowByAcl(loss, 'out'),
  aclDeniedIn: (loss) => allowByAcl(loss, 'in'),
  noRoute: (loss) => addRoute(loss),
  blackhole: (loss) => mendRoute(loss),
  unroutableDestination: ({ at }) => reachable(at.flow.destination),
  noPublicAddress: (loss) => givePublicAddress(loss),
  noInternetGateway: ({ decidedBy: { component } }) => [
    `Attach an internet gateway: aws ec2 attach-internet-gateway --vpc-id ${component} --internet-gateway-id igw-…`,
  ],
  noSuchDestination: ({ at }) => [`Nothing has the address ${formatIp(at.flow.destination)}: check it.`],
  natGatewayRefused: ({ at, decidedBy: { component } }) =>
    at.flow.protocol === 1 || hasPorts(at.flow.protocol)
      ? [`${component} lets nobody in: give the instance behind it a public address of its own and a route to an internet gateway.`]
      : [`NAT gateways pass TCP, UDP and ICMP only, not protocol ${protocolName(at.flow.protocol)}.`],
  egressOnlyGatewayRefused: ({ decidedBy: { component } }) => [
    `${component} lets nobody in: to be reached from the internet, route ::/0 to an internet gateway instead.`,
  ],
  loop: ({ way }) => [`Look at the routes that send it round: ${tablesOf(way).join(', ')}.`],
};

/** Advice on a trace; none when the packet arrives. */
export function advise(topology: Topology, { outcome, decidedBy, forward, return: back }: Trace): readonly string[] {
  if (outcome === 'handedOver') {
    const last = (back.at(-1) ?? forward.at(-1))?.component;
    return [`${last} takes the packet for others: what becomes of it is up to the instance that forwards it.`];
  }
  if (outcome === 'returnAsymmetric') {
    return [`The answer goes another way than the request: compare the routes of ${tablesOf([...forward, ...back]).join(', ')}.`];
  }
  const isAnswer = back.length > 0;
  const hops = isAnswer ? back : forward;
  const at = hops.at(-1);
  const refusal = refusalBehind(outcome);
  return refusal && at ? advices[refusal]({ topology, decidedBy, at, way: hops.slice(0, -1), isAnswer }) : [];
}

function runIt({ topology, decidedBy: { component } }: Loss): string[] {
  const instance = topology.interfaces.get(component)?.attachment;
  if (instance?.kind === 'instance') return [`Start the instance: aws ec2 start-instances --instance-ids ${instance.id}`];
  return [
    `Attach it to a running instance: aws ec2 attach-network-interface --network-interface-id ${component} --instance-id i-… --device-index 1`,
  ];
}

function allowByGroup({ decidedBy, at: { flow } }: Loss, direction: Direction): string {
  const way = direction === 'in' ? 'ingress' : 'egress';
  const rule = `aws ec2 authorize-security-group-${way} --group-id ${decidedBy.component} ${permissionOf(flow, direction)}`;
  const others = (decidedBy.candidates ?? []).filter((id) => id !== decidedBy.component);
  return `Add a rule to ${[decidedBy.component, ...others].join(' or ')}: ${rule}`;
}

function permissionOf(flow: Flow, direction: Direction): string {
  const peer = peerOf(flow, direction);
  if (isIpv4(peer) && hasPorts(flow.protocol))
    return `--protocol ${protocolName(flow.protocol)} --port ${flow.destinationPort} --cidr ${formatCidr(hostCidr(peer))}`;
  const ports = hasPorts(flow.protocol) ? `,FromPort=${flow.destinationPort},ToPort=${flow.destinationPort}` : '';
  const icmp = isIcmp(flow.protocol) ? `,FromPort=${icmpType(flow)},ToPort=-1` : '';
  const range = isIpv4(peer)
    ? `IpRanges=[{CidrIp=${formatCidr(hostCidr(peer))}}]`
    : `Ipv6Ranges=[{CidrIpv6=${formatCidr(hostCidr(peer))}}]`;
  return `--ip-permissions 'IpProtocol=${protocolName(flow.protocol)}${ports}${icmp},${range}'`;
}

function allowByAcl({ topology, decidedBy, at: { flow, rule }, isAnswer }: Loss, direction: Direction): string[] {
  const number = freeNumber(topology, decidedBy.component, direction, rule);
  const way = direction === 'in' ? 'ingress' : 'egress';
  if (number === undefined) return [`Take rule ${rule} (${way}) of ${decidedBy.component} away, or make it narrower.`];
  const peer = formatCidr(hostCidr(peerOf(flow, direction)));
  const block = isIpv4(flow.source) ? `--cidr-block ${peer}` : `--ipv6-cidr-block ${peer}`;
  const isEphemeral = isAnswer && hasPorts(flow.protocol) && flow.destinationPort >= 1024;
  const ports = isEphemeral ? 'From=1024,To=65535' : `From=${flow.destinationPort},To=${flow.destinationPort}`;
  const range = hasPorts(flow.protocol) ? ` --port-range ${ports}` : '';
  const icmp = isIcmp(flow.protocol) ? ` --icmp-type-code Type=${icmpType(flow)},Code=-1` : '';
  return [
    ...(isAnswer ? ['Network ACLs are stateless: the answer, which goes to an ephemeral port, must be allowed too.'] : []),
    `Add a rule: aws ec2 create-network-acl-entry --network-acl-id ${decidedBy.component} --${way} --rule-number ${number} --rule-action allow --protocol ${flow.protocol}${range}${icmp} ${block}`,
  ];
}

/** A number that comes before the entry that denied, or behind all when none matched. */
function freeNumber(topology: Topology, aclId: Id, direction: Direction, denying: string | undefined): number | undefined {
  const taken = new Set(
    topology.accessLists
      .get(aclId)
      ?.entries.filter((entry) => entry.direction === direction)
      .map((entry) => entry.number),
  );
  const highest = denying === undefined || denying === '*' ? Math.min(Math.max(0, ...taken) + 10, lastAclNumber) : Number(denying) - 1;
  for (let number = highest; number > 0; number--) if (!taken.has(number)) return number;
  return undefined;
}

function addRoute({ topology, decidedBy, at: { flow }, way }: Loss): string[] {
  if (decidedBy.kind !== 'routeTable') return [];
  const { destination } = flow;
  const command = `aws ec2 create-route --route-table-id ${decidedBy.component}`;
  const sender = senderOf(topology, way);
  if (addressScope(destination) !== 'global' || sender === undefined) {
    return [`Add a route to ${formatIp(destination)} to ${decidedBy.component}: ${command} --destination-cidr-block …`];
  }
  const gateway = topology.internetGatewayOf(sender.networkId)?.id ?? 'igw-…';
  if (!isIpv4(destination)) {
    return [
      `Add a route to the internet: ${command} --destination-ipv6-cidr-block ::/0 --gateway-id ${gateway} (or --egress-only-internet-gateway-id, outward only)`,
    ];
  }
  const isPublic = sender.publicAddresses.some(({ privateAddress }) => privateAddress === flow.source);
  const target = isPublic ? `--gateway-id ${gateway}` : '--nat-gateway-id nat-…';
  const without = `, or give ${sender.id} a public address and route to ${gateway}`;
  return [`Add a route to the internet: ${command} --destination-cidr-block 0.0.0.0/0 ${target}${isPublic ? '' : without}`];
}

function mendRoute({ topology, decidedBy: { component, rule } }: Loss): string[] {
  const route = topology.routeTables
    .get(component)
    ?.routes.find(({ destination }) => (destination.kind === 'cidr' ? formatCidr(destination.cidr) : destination.id) === rule);
  const option = rule?.startsWith('pl-')
    ? '--destination-prefix-list-id'
    : rule?.includes(':')
      ? '--destination-ipv6-cidr-block'
      : '--destination-cidr-block';
  const why = route ? `${stateOf(topology, route.target)} ` : '';
  return [`${why}Lead the route elsewhere (aws ec2 replace-route --route-table-id ${component} ${option} ${rule} …) or delete it.`];
}

/** Why a route's target takes nothing. */
function stateOf(topology: Topology, target: RouteTarget): string {
  if (target.kind === 'local' || target.kind === 'blackhole') return 'The target is gone.';
  const { kind, id } = target;
  const isThere = {
    internetGateway: topology.internetGateways,
    egressOnlyGateway: topology.egressOnlyGateways,
    natGateway: topology.natGateways,
    interface: topology.interfaces,
  }[kind].has(id);
  if (!isThere) return `${id} does not exist any more.`;
  if (kind === 'natGateway') return `${id} is not available.`;
  return kind === 'interface' ? `${id} is on no running instance.` : `${id} is not attached to the VPC.`;
}

function reachable(destination: Ip): string[] {
  if (addressScope(destination) !== 'private') return ['No router forwards to this address: use another.'];
  return ['A private address is reached inside its own VPC only: give the destination a public address (aws ec2 associate-address).'];
}

function givePublicAddress({ topology, at: { flow }, way }: Loss): string[] {
  const sender = senderOf(topology, way);
  if (!sender) return [];
  if (!isIpv4(flow.source)) return [`${formatIp(flow.source)} is a private address: send from one that Amazon provided.`];
  return [
    `Associate an Elastic IP: aws ec2 associate-address --allocation-id eipalloc-… --network-interface-id ${sender.id} --private-ip-address ${formatIp(flow.source)}`,
    `Or route ${sender.segmentId} to a NAT gateway instead of the internet gateway.`,
  ];
}

/** The interface that sent the packet last. */
function senderOf({ interfaces }: Topology, way: readonly Hop[]): NetworkInterface | undefined {
  const hop = way.findLast(({ kind, action }) => kind === 'interface' && action === 'send');
  return hop && interfaces.get(hop.component);
}

function tablesOf(hops: readonly Hop[]): string[] {
  return [...new Set(hops.filter(({ kind }) => kind === 'routeTable').map(({ component }) => component))];
}

function peerOf(flow: Flow, direction: Direction): Ip {
  return direction === 'in' ? flow.source : flow.destination;
}
