/** The network that an analysis looks at: the topology as it is now, and AWS's names for what is in it. */
import type { AnalysisComponent } from '@aws-sdk/client-ec2';
import { regionalArn } from '#aws/arns.ts';
import type { OperationContext } from '#aws/context.ts';
import { LiveTopology } from '#model/live-topology.ts';
import type { Id, NetworkInterface, Topology } from '#model/topology.ts';
import { isPathEndThere } from '#services/ec2/network-insights/network-insights-path-input.ts';
import type { SearchEnd } from '#services/ec2/network-insights/network-insights-search.ts';
import type { PathEndRecord } from '#services/ec2/tables/insights.ts';
import { type NetworkInterfaceRecord, networkInterfaceTable } from '#services/ec2/tables/interfaces.ts';
import { taggableOf } from '#services/ec2/taggable-resources.ts';
import { addPartition, addPlatformParts } from '#services/ec2/topology.ts';
import { interfacesOf } from '#services/ec2/instances/instance-lookup.ts';

export interface World {
  readonly topology: Topology;
  /** A part that its records do not give, so that no verdict is to be had: a mistake of ours. */
  readonly failedPart: string | undefined;
  /** The resource of an id, with its Name tag. */
  component(id: Id): AnalysisComponent;
}

/**
 * The networks of these accounts in the caller's Region. Built anew for each analysis: that costs a few microseconds for
 * each record, and needs nothing that would have to be kept up to date. Other accounts' public addresses count as any hosts on
 * the internet, since AWS's analysis ends at the internet gateway.
 */
export function buildWorld(context: OperationContext, accounts: ReadonlySet<string>): World {
  const topology = new LiveTopology();
  const failed: string[] = [];
  const { region, nowMs } = context;
  const sights = [...accounts].map((account) => ({ account, region, nowMs, tx: context.tx.in({ account, region }) }));
  addPlatformParts(topology, region);
  for (const { tx } of sights) addPartition(topology, tx, (_error, part) => failed.push(part));
  return {
    topology,
    failedPart: failed[0],
    component(id) {
      const kind = taggableOf(id);
      for (const sight of sights) {
        const resource = kind?.find(sight, id);
        if (kind && resource) return named(sight, id, kind.type, resource.tags);
      }
      return kind ? named(context, id, kind.type, []) : { Id: id };
    },
  };
}

function named(
  place: Parameters<typeof regionalArn>[0],
  id: Id,
  type: string,
  tags: readonly { readonly Key: string; readonly Value: string }[],
): AnalysisComponent {
  const name = tags.find(({ Key }) => Key === 'Name')?.Value;
  return { Id: id, Arn: regionalArn(place, 'ec2', `${type}/${id}`), ...(name === undefined ? {} : { Name: name }) };
}

/** An end of a path in the topology; undefined when the resource is gone. */
export function searchEnd(context: OperationContext, { topology }: World, end: PathEndRecord): SearchEnd | undefined {
  if (!isPathEndThere(context, end)) return undefined;
  const { id, account } = end;
  if (id.startsWith('igw-')) return { kind: 'gateway', id, networkId: topology.internetGateways.get(id)?.networkId };
  const tx = context.tx.in({ account, region: context.region });
  const records: readonly (NetworkInterfaceRecord | undefined)[] = id.startsWith('i-')
    ? interfacesOf({ ...context, tx }, id)
    : [tx.get(networkInterfaceTable, id)];
  const interfaces = records.flatMap((record): readonly NetworkInterface[] => {
    const found = record && topology.interfaces.get(record.id);
    return found ? [found] : [];
  });
  return { kind: 'interfaces', interfaces };
}
