/** What a caller says of a path: its ends by id or ARN, and what the packet is like at either end. */
import type { PathRequestFilter, RequestFilterPortRange } from '@aws-sdk/client-ec2';
import { defaultAccount } from '#aws/accounts.ts';
import type { OperationContext } from '#aws/context.ts';
import { invalidParameterCombination, invalidParameterValue } from '#aws/errors.ts';
import { isIdOf } from '#aws/ids.ts';
import { partitionOf } from '#aws/regions.ts';
import { parseIpv4 } from '#model/ip.ts';
import { isPort, portRange, type PortRange } from '#model/port-range.ts';
import { destinationMissing, pathEndNotFound, type PathRole } from '#services/ec2/network-insights/network-insights-errors.ts';
import { isEnded } from '#services/ec2/instances/instance-lookup.ts';
import type { PathEndRecord, PathFilterRecord } from '#services/ec2/tables/insights.ts';
import { instanceTable } from '#services/ec2/tables/instances.ts';
import { networkInterfaceTable } from '#services/ec2/tables/interfaces.ts';
import { internetGatewayTable } from '#services/ec2/tables/routing.ts';
import type { Reader } from '#store/store.ts';

interface EndKind {
  /** As ARNs have it. */
  readonly type: string;
  isThere(reader: Reader, id: string): boolean;
}

const none = (): boolean => false;

/** AWS's kinds of ends by the prefix of their ids; of some there are none here. */
const endKinds: Readonly<Record<string, EndKind>> = {
  eni: { type: 'network-interface', isThere: (reader, id) => reader.get(networkInterfaceTable, id) !== undefined },
  i: {
    type: 'instance',
    isThere: (reader, id) => {
      const instance = reader.get(instanceTable, id);
      return instance !== undefined && !isEnded(instance);
    },
  },
  igw: { type: 'internet-gateway', isThere: (reader, id) => reader.get(internetGatewayTable, id) !== undefined },
  pcx: { type: 'vpc-peering-connection', isThere: none },
  tgw: { type: 'transit-gateway', isThere: none },
  'tgw-attach': { type: 'transit-gateway-attachment', isThere: none },
  vgw: { type: 'vpn-gateway', isThere: none },
  vpce: { type: 'vpc-endpoint', isThere: none },
  'vpce-svc': { type: 'vpc-endpoint-service', isThere: none },
};

/**
 * The resource at an end. One of another account is named by its ARN, and seen by the management account only
 * (https://docs.aws.amazon.com/vpc/latest/reachability/multi-account.html).
 * @throws AwsError InvalidParameterValue, NetworkInsightsSource.NotFound, NetworkInsightsDestination.NotFound
 */
export function requirePathEnd(context: OperationContext, role: PathRole, given: string): PathEndRecord {
  const named = readEnd(context, role, given);
  const mayLook = named.account === context.account || context.account === defaultAccount;
  if (!mayLook || !isPathEndThere(context, named)) throw pathEndNotFound(role, named.id);
  return named;
}

export function isPathEndThere({ tx, region }: Pick<OperationContext, 'tx' | 'region'>, { id, account }: PathEndRecord): boolean {
  return kindOf(id)?.isThere(tx.in({ account, region }), id) ?? false;
}

/** `instance/i-…` of `i-…`, as ARNs have it. */
export function pathEndResource(id: string): string {
  return `${kindOf(id)?.type ?? 'resource'}/${id}`;
}

function kindOf(id: string): EndKind | undefined {
  const prefix = id.slice(0, Math.max(0, id.lastIndexOf('-')));
  return Object.hasOwn(endKinds, prefix) && isIdOf(prefix, id) ? endKinds[prefix] : undefined;
}

function readEnd(context: OperationContext, role: PathRole, given: string): PathEndRecord {
  const wrong = (): Error =>
    invalidParameterValue(`Value (${given}) for parameter ${role} is invalid. It must be the ID or ARN of a supported resource.`);
  const arn = /^arn:([^:]*):ec2:([^:]*):(\d{12}):([a-z-]+)\/([^/]+)$/.exec(given);
  const [, partition, region, account = context.account, type, id = given] = arn ?? [];
  const kind = kindOf(id);
  if (!kind) throw wrong();
  if (!arn) return { id, account };
  if (type !== kind.type || partition !== partitionOf(context.region)) throw wrong();
  if (region !== context.region) throw invalidParameterValue(`The ${role.toLowerCase()} ${given} must be in the Region ${context.region}.`);
  return { id, account };
}

interface PathInput {
  readonly SourceIp?: string | undefined;
  readonly DestinationIp?: string | undefined;
  readonly DestinationPort?: number | undefined;
  readonly Destination?: string | undefined;
  readonly FilterAtSource?: PathRequestFilter | undefined;
  readonly FilterAtDestination?: PathRequestFilter | undefined;
}

/**
 * Refuses what does not go together or is no address or port.
 * @throws AwsError InvalidParameterCombination, InvalidParameterValue, MissingParameter
 */
export function checkPathInput(input: PathInput): void {
  refuseTogether(input, 'FilterAtSource', ['SourceIp', 'DestinationPort']);
  refuseTogether(input, 'FilterAtDestination', ['DestinationIp']);
  checkAddress('SourceIp', input.SourceIp);
  checkAddress('DestinationIp', input.DestinationIp);
  if (input.DestinationPort !== undefined && !isPort(input.DestinationPort)) throw invalidPort('DestinationPort', input.DestinationPort);
  if (input.Destination === undefined && input.FilterAtSource?.DestinationAddress === undefined) throw destinationMissing();
}

function refuseTogether(input: PathInput, filter: keyof PathInput, others: readonly (keyof PathInput)[]): void {
  if (input[filter] === undefined) return;
  const other = others.find((name) => input[name] !== undefined);
  if (other) throw invalidParameterCombination(`The parameter ${other} cannot be used with the parameter ${filter}`);
}

/** @throws AwsError InvalidParameterValue */
export function readPathFilter(name: string, filter: PathRequestFilter | undefined): PathFilterRecord | undefined {
  if (!filter) return undefined;
  checkAddress(`${name}.SourceAddress`, filter.SourceAddress);
  checkAddress(`${name}.DestinationAddress`, filter.DestinationAddress);
  const sourcePorts = readPorts(`${name}.SourcePortRange`, filter.SourcePortRange);
  const destinationPorts = readPorts(`${name}.DestinationPortRange`, filter.DestinationPortRange);
  return {
    ...(filter.SourceAddress === undefined ? {} : { sourceAddress: filter.SourceAddress }),
    ...(sourcePorts ? { sourcePorts } : {}),
    ...(filter.DestinationAddress === undefined ? {} : { destinationAddress: filter.DestinationAddress }),
    ...(destinationPorts ? { destinationPorts } : {}),
  };
}

/** One end alone means one port. */
function readPorts(name: string, range: RequestFilterPortRange | undefined): PortRange | undefined {
  const from = range?.FromPort ?? range?.ToPort;
  const to = range?.ToPort ?? range?.FromPort;
  if (from === undefined || to === undefined) return undefined;
  for (const port of [from, to]) if (!isPort(port)) throw invalidPort(name, port);
  const ports = portRange(from, to);
  if (!ports) throw invalidParameterValue(`Value (${from}-${to}) for parameter ${name} is invalid. FromPort must not be above ToPort.`);
  return ports;
}

function checkAddress(name: string, text: string | undefined): void {
  if (text !== undefined && parseIpv4(text) === undefined)
    throw invalidParameterValue(`Value (${text}) for parameter ${name} is invalid. It must be an IPv4 address.`);
}

function invalidPort(name: string, port: number): Error {
  return invalidParameterValue(`Value (${port}) for parameter ${name} is invalid. It must be a port from 0 to 65535.`);
}
