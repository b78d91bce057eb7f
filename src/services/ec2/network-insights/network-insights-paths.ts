/** Paths of Reachability Analyzer: what is to be asked, kept for any number of analyses (https://docs.aws.amazon.com/vpc/latest/reachability/). */
import type { NetworkInsightsPath, PathFilter } from '@aws-sdk/client-ec2';
import { regionalArn } from '#aws/arns.ts';
import type { OperationContext } from '#aws/context.ts';
import { describe } from '#aws/describe.ts';
import { invalidParameterValue } from '#aws/errors.ts';
import type { FilterSpec } from '#aws/filters.ts';
import { newId } from '#aws/ids.ts';
import type { PageLimits } from '#aws/pagination.ts';
import { tagsFor } from '#aws/tags.ts';
import type { PortRange } from '#model/port-range.ts';
import { analysisExists, networkInsightsPathNotFound, pathLimitExceeded } from '#services/ec2/network-insights/network-insights-errors.ts';
import {
  checkPathInput,
  pathEndResource,
  readPathFilter,
  requirePathEnd,
} from '#services/ec2/network-insights/network-insights-path-input.ts';
import type { Ec2Operations } from '#services/ec2/sdk.ts';
import {
  networkInsightsAnalysisTable,
  type NetworkInsightsPathRecord,
  networkInsightsPathTable,
  type PathEndRecord,
  type PathFilterRecord,
} from '#services/ec2/tables/insights.ts';

/** AWS's default quota (https://docs.aws.amazon.com/vpc/latest/reachability/reachability-analyzer-limits.html). */
const pathsPerRegion = 1000;

export const insightsPageLimits: PageLimits = { min: 1, max: 100 };

const filters: FilterSpec<NetworkInsightsPathRecord> = {
  destination: (path) => path.destination?.id,
  'filter-at-destination.destination-address': (path) => path.filterAtDestination?.destinationAddress,
  'filter-at-destination.destination-port-range': (path) => rangeTexts(path.filterAtDestination?.destinationPorts),
  'filter-at-destination.source-address': (path) => path.filterAtDestination?.sourceAddress,
  'filter-at-destination.source-port-range': (path) => rangeTexts(path.filterAtDestination?.sourcePorts),
  'filter-at-source.destination-address': (path) => path.filterAtSource?.destinationAddress,
  'filter-at-source.destination-port-range': (path) => rangeTexts(path.filterAtSource?.destinationPorts),
  'filter-at-source.source-address': (path) => path.filterAtSource?.sourceAddress,
  'filter-at-source.source-port-range': (path) => rangeTexts(path.filterAtSource?.sourcePorts),
  protocol: (path) => path.protocol,
  source: (path) => path.source.id,
};

export const networkInsightsPaths = {
  CreateNetworkInsightsPath(context, input) {
    checkPathInput(input);
    const filterAtSource = readPathFilter('FilterAtSource', input.FilterAtSource);
    const filterAtDestination = readPathFilter('FilterAtDestination', input.FilterAtDestination);
    const tags = tagsFor(input.TagSpecifications, 'network-insights-path');
    const source = requirePathEnd(context, 'Source', input.Source);
    const destination = input.Destination === undefined ? undefined : requirePathEnd(context, 'Destination', input.Destination);
    if (destination?.id === source.id) throw invalidParameterValue('The source and the destination must not be the same resource.');
    if (context.quotasOn && context.tx.count(networkInsightsPathTable) >= pathsPerRegion) throw pathLimitExceeded();
    const path: NetworkInsightsPathRecord = {
      id: newId(context, 'nip'),
      source,
      ...(destination ? { destination } : {}),
      protocol: input.Protocol,
      ...(input.SourceIp === undefined ? {} : { sourceIp: input.SourceIp }),
      ...(input.DestinationIp === undefined ? {} : { destinationIp: input.DestinationIp }),
      ...(input.DestinationPort === undefined ? {} : { destinationPort: input.DestinationPort }),
      ...(filterAtSource ? { filterAtSource } : {}),
      ...(filterAtDestination ? { filterAtDestination } : {}),
      createdMs: context.nowMs,
      tags,
    };
    context.tx.put(networkInsightsPathTable, path);
    return { NetworkInsightsPath: view(path, context) };
  },

  DescribeNetworkInsightsPaths(context, input) {
    const { items, nextToken } = describe(context, input, {
      table: networkInsightsPathTable,
      ids: input.NetworkInsightsPathIds,
      filters,
      missing: networkInsightsPathNotFound,
      limits: insightsPageLimits,
      view,
    });
    return { NetworkInsightsPaths: items, NextToken: nextToken };
  },

  DeleteNetworkInsightsPath(context, input) {
    const { id } = requireNetworkInsightsPath(context, input.NetworkInsightsPathId);
    if (context.tx.find(networkInsightsAnalysisTable, 'path', id).length > 0) throw analysisExists(id);
    context.tx.delete(networkInsightsPathTable, id);
    return { NetworkInsightsPathId: id };
  },
} satisfies Ec2Operations;

/** @throws AwsError InvalidNetworkInsightsPathId.NotFound */
export function requireNetworkInsightsPath({ tx }: OperationContext, id: string): NetworkInsightsPathRecord {
  const path = tx.get(networkInsightsPathTable, id);
  if (!path) throw networkInsightsPathNotFound(id);
  return path;
}

/** `22-80`; one port is found as `22` too. */
function rangeTexts(range: PortRange | undefined): readonly string[] | undefined {
  return range && [`${range.from}-${range.to}`, ...(range.from === range.to ? [`${range.from}`] : [])];
}

function view(path: NetworkInsightsPathRecord, context: OperationContext): NetworkInsightsPath {
  const arn = ({ id, account }: PathEndRecord) => regionalArn({ account, region: context.region }, 'ec2', pathEndResource(id));
  const { source, destination } = path;
  return {
    NetworkInsightsPathId: path.id,
    NetworkInsightsPathArn: regionalArn(context, 'ec2', `network-insights-path/${path.id}`),
    CreatedDate: new Date(path.createdMs),
    Source: source.id,
    SourceArn: arn(source),
    Destination: destination?.id,
    DestinationArn: destination && arn(destination),
    SourceIp: path.sourceIp,
    DestinationIp: path.destinationIp,
    Protocol: path.protocol,
    DestinationPort: path.destinationPort,
    FilterAtSource: path.filterAtSource && filterView(path.filterAtSource),
    FilterAtDestination: path.filterAtDestination && filterView(path.filterAtDestination),
    Tags: [...path.tags],
  };
}

function filterView({ sourceAddress, sourcePorts, destinationAddress, destinationPorts }: PathFilterRecord): PathFilter {
  const range = (ports: PortRange | undefined) => ports && { FromPort: ports.from, ToPort: ports.to };
  return {
    SourceAddress: sourceAddress,
    SourcePortRange: range(sourcePorts),
    DestinationAddress: destinationAddress,
    DestinationPortRange: range(destinationPorts),
  };
}
