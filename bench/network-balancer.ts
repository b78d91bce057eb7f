/** A network load balancer inside a fabric: what its node costs a flow, beside the same two hosts without it. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Balancer, BalancerAttributes, TargetGroup } from '#model/balancer.ts';
import { parseCidr, type Cidr } from '#model/cidr.ts';
import { parseIp, type Ip } from '#model/ip.ts';
import type { NetworkInterface, Part } from '#model/topology.ts';
import { ALL_TRAFFIC } from '#model/traffic.ts';
import { detectCapability, startFabric } from '../src/dataplane/fabric/public.ts';
import type { Benchmark, Outcome, Row } from './benchmark.ts';
import { type Figures, loadPorts, measureConnections, measureThroughput, type Paths } from './fabric-path.ts';
import { missingPrograms, Rig } from './fabric-rig.ts';
import { isOnPath } from './pinned.ts';

/** Milliseconds that the node's process may take until its rules are in force. */
const startMs = 20_000;
/** Of each kind and round: a router tracks each of a balanced flow's two ways for minutes after its end, 262,144 at most. */
const connections = 4_000;
const node = { id: 'eni-node', address: '10.0.0.100' } as const;
const target = { id: 'eni-target', address: '10.0.1.10' } as const;
const client = { id: 'eni-client', address: '10.0.0.10' } as const;

const hostOf = (id: string): string => `host-${id}`;
const paths: Paths = [
  { name: 'keiro', client: hostOf(client.id), server: hostOf(target.id), address: node.address },
  { name: 'peer', client: hostOf(client.id), server: hostOf(target.id), address: target.address, portShift: 50 },
];

const ip = (text: string): Ip => parseIp(text)!; // literals
const cidr = (text: string): Cidr => parseCidr(text)!; // as above

function partsOf(): Part[] {
  const segment = (at: number): Part => ({ kind: 'segment', id: `subnet-${at}`, networkId: 'vpc-1', cidrs: [cidr(`10.0.${at}.0/24`)], zone: 'z', routeTableId: 'rtb-1', accessListId: 'acl-1', routerAddresses: [ip(`10.0.${at}.1`)] }); // prettier-ignore
  const place = ({ id, address }: { readonly id: string; readonly address: string }, at: number): NetworkInterface => ({ kind: 'interface', id, networkId: 'vpc-1', segmentId: `subnet-${at}`, addresses: [ip(address)], prefixes: [], publicAddresses: [], groupIds: ['sg-1'], sourceDestinationCheck: true, up: true }); // prettier-ignore
  const all = { kind: 'cidr', cidr: cidr('0.0.0.0/0') } as const;
  return [
    { kind: 'network', id: 'vpc-1', cidrs: [cidr('10.0.0.0/16')], platformAddresses: [ip('10.0.0.2')], reserved: [] },
    { kind: 'routeTable', id: 'rtb-1', networkId: 'vpc-1', routes: [{ destination: { kind: 'cidr', cidr: cidr('10.0.0.0/16') }, target: { kind: 'local' }, origin: 'static' }] }, // prettier-ignore
    { kind: 'accessList', id: 'acl-1', networkId: 'vpc-1', entries: (['in', 'out'] as const).map((direction) => ({ number: 100, direction, action: 'allow', traffic: ALL_TRAFFIC, cidr: cidr('0.0.0.0/0') })) }, // prettier-ignore
    { kind: 'group', id: 'sg-1', networkId: 'vpc-1', rules: (['in', 'out'] as const).map((direction) => ({ id: `sgr-${direction}`, direction, traffic: ALL_TRAFFIC, peer: all })) }, // prettier-ignore
    segment(0),
    segment(1),
    place(client, 0),
    place(target, 1),
    { ...place(node, 0), groupIds: [], sourceDestinationCheck: false, attachment: { kind: 'balancerNode', id: node.id } },
  ];
}

const attributes: BalancerAttributes = { idleSeconds: 60, clientKeepAliveSeconds: 3600, isHttp2Enabled: false, desyncMode: 'defensive', dropsInvalidHeaderFields: false, preservesHostHeader: false, forwardedFor: 'append', forwardsClientPort: false, forwardsTlsVersion: false, isCrossZone: true }; // prettier-ignore

/** A listener for each port of the load, and a group with the target behind each; the target is not checked, for checks are connections. */
function balancerOf(): Balancer {
  const group = (port: number): TargetGroup => ({
    id: `group-${port}`,
    name: `group-${port}`,
    protocol: 'TCP',
    protocolVersion: 'HTTP1',
    targetType: 'ip',
    healthCheck: { isEnabled: false, protocol: 'TCP', port: 'traffic-port', path: '/', matcher: '200', intervalSeconds: 30, timeoutSeconds: 10, healthyThreshold: 3, unhealthyThreshold: 3 }, // prettier-ignore
    attributes: { algorithm: 'round_robin', slowStartSeconds: 0, isCrossZone: true, minimumHealthy: { count: 1, percentage: 0 }, preservesClientIp: true, proxyProtocolV2: false, deregistrationDelaySeconds: 300, terminatesConnections: false }, // prettier-ignore
    targets: [{ id: target.address, port, address: target.address, zone: 'z' }],
  });
  return {
    kind: 'balancer',
    id: 'arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/net/bench/0123456789abcdef',
    type: 'network',
    networkId: 'vpc-1',
    name: 'bench',
    region: 'eu-west-1',
    dnsName: 'bench-0123456789abcdef.elb.eu-west-1.amazonaws.com',
    isInternetFacing: false,
    secret: Buffer.alloc(32, 1).toString('base64'),
    nodes: [{ zone: 'z', interfaceId: node.id, addresses: [node.address] }],
    attributes,
    listeners: loadPorts.map((port) => ({ id: `listener-${port}`, port, protocol: 'TCP', rules: [{ id: `rule-${port}`, priority: 0, conditions: [], action: { type: 'forward', groups: [{ id: `group-${port}`, weight: 1 }] } }] })), // prettier-ignore
    targetGroups: loadPorts.map(group),
  };
}

/** Until the node's process has written its rules. */
async function untilThere(rig: Rig): Promise<void> {
  const until = performance.now() + startMs;
  for (;;) {
    const rules = await rig.run(`lb-${node.id}`, undefined, ['nft', 'list', 'table', 'inet', 'balancer']).catch(() => '');
    if (rules.includes(`dnat ip to ${target.address}`)) return;
    if (performance.now() > until) throw new Error(`the load balancer's node has no rules after ${startMs} ms`);
    await pause(50);
  }
}

/** Microseconds of processor time that the node's own process has used: what passes through it would show. */
function processUs(): number {
  const pid = readdirSync('/proc').find((name) => /^\d+$/.test(name) && commandOf(name).includes(`main.ts\0{"interfaceId":"${node.id}"`));
  if (pid === undefined) throw new Error("the load balancer's node has no process");
  const [, , , , , , , , , , , user = 0, system = 0] = readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /, '').split(' ').map(Number); // prettier-ignore
  return (user + system) * 10_000;
}

function commandOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return ''; // it has just ended
  }
}

async function measure(): Promise<Outcome> {
  const folder = mkdtempSync(join(tmpdir(), 'keiro-bench-'));
  const fabric = await startFabric(join(folder, 'fabric'));
  const rig = new Rig(fabric.pid);
  try {
    await fabric.want({
      version: 1,
      isWhole: true,
      parts: partsOf(),
      goneParts: [],
      holdings: [balancerOf()],
      goneHoldings: [],
      instances: [],
    });
    await untilThere(rig);
    const figures: Figures = new Map();
    const usedBefore = processUs();
    await measureThroughput(rig, figures, paths);
    const ownUs = processUs() - usedBefore;
    await measureConnections(rig, figures, paths, 'http', connections);
    await measureConnections(rig, figures, paths, 'bare', connections);
    const both = (key: string) => figures.get(key) ?? { keiro: [], peer: [] };
    const rows: Row[] = [
      { name: 'TCP throughput by a network load balancer', unit: 'Gbit/s', ...both('throughput'), better: 'higher', goal: { times: 0.95 } },
      { name: 'new TCP connections, one HTTP request each', unit: '1/s', ...both('http'), better: 'higher' },
      { name: 'new TCP connections, nothing in them', unit: '1/s', ...both('bare'), better: 'higher' },
      { name: 'processor time of one with a request', unit: 'µs', ...both('http cpu'), better: 'lower' },
      { name: 'processor time of one with nothing', unit: 'µs', ...both('bare cpu'), better: 'lower' },
      { name: "processor time of the node's process while bytes pass", unit: 'ms', keiro: [ownUs / 1_000], better: 'lower', goal: { limit: 100 } }, // prettier-ignore
    ];
    return { rows, notes: ['client on core 0, target on core 1; the node and routers run where packets are sent and received'] };
  } finally {
    await rig.close();
    await fabric.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

export const networkBalancer: Benchmark = {
  name: 'network-balancer',
  what: 'TCP by a network load balancer’s node in the kernel, beside the same hosts directly',
  peer: 'direct',
  async run(): Promise<Outcome> {
    const capability = await detectCapability();
    if (!capability.isAvailable) return { rows: [], notes: [`packets cannot move here: ${capability.reason}; ${capability.advice}`] };
    const missing = [...missingPrograms(), ...(isOnPath('iperf3') ? [] : ['iperf3'])];
    if (missing.length > 0) return { rows: [], notes: [`nothing is measured without ${missing.join(', ')}`] };
    return measure();
  },
};
