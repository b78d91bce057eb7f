/** `/_keiro/trace`: whether a packet would arrive, and which rule decides, by the engine over the topology of all records. */
import { trace } from '#engine/trace.ts';
import { echoFlow, EPHEMERAL_PORT, type Flow, protocolFlow, tcpFlow, udpFlow } from '#model/flow.ts';
import type { Ip } from '#model/ip.ts';
import { isPort } from '#model/port-range.ts';
import { hasPorts, ICMPV6, isIcmp, parseProtocol, protocolName, TCP } from '#model/protocol-number.ts';
import { AwsError } from '#protocol/aws-error.ts';
import { type FollowedTopology, followTopology } from '#reconcile/topology.ts';
import { chooseAddresses, resolveDestination, resolveSource, traceView } from '#services/ec2/public.ts';
import { defaultAccount } from '#aws/accounts.ts';
import type { Store } from '#store/store.ts';

/** A page's answer as status and JSON value. */
export interface PageAnswer {
  readonly status: number;
  readonly value: unknown;
}

export interface TracePageOptions {
  readonly store: Store;
  /** Region of requests that name none. */
  readonly region: string;
  /** Told of a part of the topology that cannot be made. */
  readonly onFailure: (error: unknown, part: string) => void;
}

const parameters = ['from', 'to', 'port', 'protocol', 'source-port', 'ipv6', 'account', 'region'] as const;
type Given = Readonly<Partial<Record<(typeof parameters)[number], string>>>;

/** Answers the page by its query. The topology is built when first asked, and follows the records from then on. */
export function createTracePage({ store, region, onFailure }: TracePageOptions): (query: string) => PageAnswer {
  let followed: FollowedTopology | undefined;
  return (query) => {
    try {
      const given = readParameters(query);
      followed ??= followTopology(store, onFailure);
      const { topology } = followed;
      const reader = store.reader({ account: given.account ?? defaultAccount, region: given.region ?? region });
      const { protocol, ports } = readTraffic(given);
      const ends = [
        resolveSource({ topology, reader }, required(given, 'from')),
        resolveDestination({ topology, reader }, required(given, 'to')),
      ] as const;
      const { origin, source, destination } = chooseAddresses(...ends, given.ipv6 === 'true' || protocol === ICMPV6);
      const flow = flowOf(protocol, ports, source, destination);
      return { status: 200, value: traceView(topology, flow, trace(topology, flow, origin)) };
    } catch (error) {
      if (error instanceof AwsError) return { status: error.status, value: { message: error.message } };
      throw error;
    }
  };
}

function invalid(message: string): AwsError {
  return new AwsError('InvalidParameter', message);
}

function readParameters(query: string): Given {
  const given: Record<string, string> = {};
  for (const [name, value] of new URLSearchParams(query)) {
    if (!parameters.some((known) => known === name)) throw invalid(`There is no parameter '${name}': there are ${parameters.join(', ')}.`);
    if (given[name] !== undefined) throw invalid(`The parameter '${name}' is given twice.`);
    given[name] = value;
  }
  if (given['ipv6'] !== undefined && !/^(true|false)$/.test(given['ipv6'])) throw invalid("'ipv6' is true or false.");
  if (given['account'] !== undefined && !/^\d{12}$/.test(given['account'])) throw invalid('An account is 12 digits.');
  return given;
}

function required(given: Given, name: 'from' | 'to'): string {
  const value = given[name];
  if (!value) throw invalid(`The parameter '${name}' is missing.`);
  return value;
}

interface Ports {
  readonly source: number;
  readonly destination: number;
}

function readTraffic(given: Given): { protocol: number; ports: Ports | undefined } {
  const protocol = given.protocol === undefined ? TCP : parseProtocol(given.protocol);
  if (protocol === undefined || protocol < 0) {
    throw invalid(`'${given.protocol}' is no protocol: it is tcp, udp, icmp, icmpv6 or a number from 0 to 255.`);
  }
  const [destination, source] = [readPort(given, 'port'), readPort(given, 'source-port')];
  if (hasPorts(protocol)) {
    if (destination === undefined) throw invalid(`Say which port: ${protocolName(protocol)} needs a destination port.`);
    return { protocol, ports: { source: source ?? EPHEMERAL_PORT, destination } };
  }
  if (destination !== undefined || source !== undefined) throw invalid(`The protocol ${protocolName(protocol)} has no ports.`);
  return { protocol, ports: undefined };
}

function readPort(given: Given, name: 'port' | 'source-port'): number | undefined {
  const text = given[name];
  if (text === undefined) return undefined;
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (!isPort(port)) throw invalid(`'${name}' is a port from 0 to 65535.`);
  return port;
}

/** ICMP is traced as an echo request of the family. */
function flowOf(protocol: number, ports: Ports | undefined, source: Ip, destination: Ip): Flow {
  if (!ports) return isIcmp(protocol) ? echoFlow(source, destination) : protocolFlow(source, destination, protocol);
  return (protocol === TCP ? tcpFlow : udpFlow)(source, destination, ports.destination, ports.source);
}
