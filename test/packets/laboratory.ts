/** A fabric to try packets in: topologies are compiled and applied, probes sent through real kernels, and what was seen is told. */
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { formatCidr, hostCidr } from '#model/cidr.ts';
import { formatIp, isIpv4 } from '#model/ip.ts';
import type { NetworkInterface, Topology } from '#model/topology.ts';
import { compile } from '../../src/dataplane/fabric/compile.ts';
import { startStateFabric, type StateFabric } from './state-fabric.ts';
import { NOTHING, type KernelState, type Namespace } from '../../src/dataplane/fabric/kernel-state.ts';
import { createInterface } from 'node:readline';
import { chainOf, type NftObject } from '../../src/dataplane/fabric/nftables.ts';
import type { Expectation, Probe } from './expectation.ts';

/** What became of a probe. */
export interface Observation {
  readonly id: number;
  /** Interfaces that the packet came to, in order; `internet` for a host there. */
  readonly seen: readonly string[];
  /** Whether its answer came back to where it was sent from, as the answer to it. */
  readonly isHome: boolean;
}

export type AskedProbe = Probe & Expectation;

/** Lets the hosts' kernels say nothing but what the prober sends: it answers in their place. */
const MUTE = chainOf('speaking', [
  'type filter hook output priority filter; policy drop;',
  'meta mark 0x6b accept',
  'icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert, nd-router-solicit } accept',
  'oifname "lo" accept',
]);

const FORWARDING = { 'net/ipv4/ip_forward': '1', 'net/ipv4/conf/all/send_redirects': '0', 'net/ipv4/conf/default/send_redirects': '0', 'net/ipv6/conf/all/forwarding': '1' }; // prettier-ignore

/** Seconds: how long a packet that should come may take on a loaded machine, and how long nothing must come to believe that nothing will. */
const DEADLINE_S = 3;
const QUIET_S = 0.03;

export type Spoil = (state: KernelState) => KernelState;

export class Laboratory {
  readonly fabric: StateFabric;
  readonly #folder: string;
  readonly #prober: ChildProcessWithoutNullStreams;
  readonly #answers: { resolve: (line: string) => void; reject: (error: Error) => void }[] = [];

  private constructor(fabric: StateFabric, folder: string) {
    this.fabric = fabric;
    this.#folder = folder;
    const script = fileURLToPath(new URL('prober.py', import.meta.url));
    this.#prober = spawn('nsenter', [...enterFabric(fabric), 'python3', script], { stdio: ['pipe', 'pipe', 'pipe'] });
    createInterface({ input: this.#prober.stdout }).on('line', (line) => this.#answers.shift()?.resolve(line));
    this.#prober.once('exit', () => this.#answers.forEach(({ reject }) => reject(new Error('the prober has ended'))));
    this.#prober.stderr.setEncoding('utf8').on('data', (text: string) => process.stderr.write(`prober: ${text}`));
  }

  static async open(): Promise<Laboratory> {
    const folder = mkdtempSync(join(tmpdir(), 'keiro-packets-'));
    return new Laboratory(await startStateFabric(join(folder, 'fabric')), folder);
  }

  async close(): Promise<void> {
    this.#prober.kill();
    await this.fabric.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** Takes everything down, connection tracking with it. */
  async clear(): Promise<void> {
    await this.fabric.apply(NOTHING);
  }

  /** Makes the topology real, with hosts that say nothing by themselves; `spoil` changes what is applied. */
  async build(topology: Topology, spoil: Spoil = (state) => state): Promise<void> {
    const state = compile(topology);
    await this.fabric.apply(spoil({ ...state, namespaces: state.namespaces.map((one) => staffed(topology, one)) }));
  }

  /** Sends all probes and waits until what is expected has come, and nothing more; at most `deadlineS` seconds. */
  async probe(topology: Topology, probes: readonly AskedProbe[], deadlineS: number = DEADLINE_S): Promise<readonly Observation[]> {
    const answer = new Promise<string>((resolve, reject) => this.#answers.push({ resolve, reject }));
    this.#prober.stdin.write(`${JSON.stringify({ places: placesOf(topology), probes, deadlineS, quietS: QUIET_S })}\n`);
    return JSON.parse(await answer) as Observation[]; // what prober.py prints
  }
}

/** How to run something where the fabric's namespaces are. */
export function enterFabric({ pid }: Pick<StateFabric, 'pid'>): string[] {
  return ['--target', `${pid}`, '--user', '--net', '--mount', '--preserve-credentials'];
}

/** The interface's holder, as compile names it, when it can be sent from. */
export function placeOf(part: NetworkInterface): string {
  return `host-${part.attachment?.id ?? part.id}`;
}

function staffed(topology: Topology, namespace: Namespace): Namespace {
  if (namespace.name === 'internet') return { ...namespace, ruleset: [MUTE] };
  if (!namespace.name.startsWith('host-')) return namespace;
  const part = [...topology.interfaces.values()].find((one) => placeOf(one) === namespace.name);
  if (part?.forwards === undefined) return { ...namespace, ruleset: [MUTE] };
  const sysctls = { ...namespace.sysctls, ...FORWARDING };
  return { ...namespace, sysctls, ruleset: part.forwards === 'plain' ? [MUTE] : [MUTE, masquerade(part)] };
}

/** As a NAT instance does with what it forwards; what it sends itself keeps its source. */
function masquerade({ addresses }: NetworkInterface): NftObject {
  const rules = (['ip', 'ip6'] as const).flatMap((family) => {
    const primary = addresses.find((one) => isIpv4(one) === (family === 'ip'));
    return primary === undefined
      ? []
      : [`meta mark != 0x6b meta nfproto ${family === 'ip' ? 'ipv4' : 'ipv6'} snat ${family} to ${formatIp(primary)}`];
  });
  return chainOf('leaving', ['type nat hook postrouting priority srcnat; policy accept;', ...rules]);
}

interface PlaceSpec {
  readonly name: string;
  readonly namespace: string;
  readonly devices: Readonly<Record<string, string>>;
  readonly own?: readonly string[];
  readonly notOwn?: readonly string[];
  readonly isInternet?: boolean;
}

function placesOf(topology: Topology): PlaceSpec[] {
  const pools = [...topology.publicPools.values()].flatMap(({ cidrs }) => cidrs);
  const publics = [...topology.interfaces.values()].flatMap(({ publicAddresses }) =>
    publicAddresses.map((one) => hostCidr(one.publicAddress)),
  );
  const blocks = [...topology.networks.values()].flatMap(({ cidrs }) => cidrs);
  const internet = {
    name: 'internet',
    namespace: 'internet',
    devices: {},
    isInternet: true,
    notOwn: [...pools, ...publics, ...blocks].map(formatCidr),
  };
  const hosts = [...topology.interfaces.values()].filter((part) => isThere(topology, part)).map((part) => ({
    name: part.id,
    namespace: topology.natGatewayOn(part.id) === undefined ? placeOf(part) : `nat-${topology.natGatewayOn(part.id)?.id}`,
    devices: { eth0: part.id },
    own: topology.natGatewayOn(part.id) === undefined ? [...part.addresses.map(hostCidr), ...part.prefixes].map(formatCidr) : [],
  })); // prettier-ignore
  return [internet, ...hosts];
}

/** Whether the kernel has the interface. */
export function isThere(topology: Topology, part: NetworkInterface): boolean {
  return part.up && topology.networks.has(part.networkId) && topology.segments.get(part.segmentId)?.networkId === part.networkId;
}
