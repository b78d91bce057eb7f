/** One analysis: a path's ends found in the network of the moment, a packet searched that gets through, and what came of it told in AWS's terms. */
import type { AnalysisComponent, Explanation } from '@aws-sdk/client-ec2';
import type { OperationContext } from '#aws/context.ts';
import { formatIp } from '#model/ip.ts';
import type { Id } from '#model/topology.ts';
import type { Hop, Trace } from '#model/trace.ts';
import { pathComponents } from '#services/ec2/network-insights/network-insights-components.ts';
import { explainEnds, explainTrace, type NamedEnds } from '#services/ec2/network-insights/network-insights-explanations.ts';
import { type Attempt, isArrival, type SearchEnd, searchPath } from '#services/ec2/network-insights/network-insights-search.ts';
import { buildWorld, searchEnd, type World } from '#services/ec2/network-insights/network-insights-world.ts';
import type { AnalysisResult, NetworkInsightsPathRecord, PathFilterRecord } from '#services/ec2/tables/insights.ts';

export interface Analysed {
  readonly result?: AnalysisResult;
  /** Why there is none. */
  readonly failure?: string;
}

export function analysePath(
  context: OperationContext,
  path: NetworkInsightsPathRecord,
  filterInArns: readonly string[],
  filterOutArns: readonly string[],
): Analysed {
  const world = buildWorld(context, new Set([context.account, path.source.account, path.destination?.account ?? context.account]));
  // AWS's words (https://docs.aws.amazon.com/vpc/latest/reachability/troubleshoot.html).
  if (world.failedPart !== undefined) return { failure: `The request failed due to missing component ${world.failedPart}` };
  const names: NamedEnds = {
    source: world.component(path.source.id),
    destination: path.destination && world.component(path.destination.id),
  };
  const source = searchEnd(context, world, path.source);
  const destination = path.destination && searchEnd(context, world, path.destination);
  if (!source || (path.destination && !destination)) {
    return { result: noPath([explainEnds(world, 'NO_SOURCE_OR_DESTINATION', names)]) };
  }
  const outcome = searchPath({
    topology: world.topology,
    source,
    destination,
    protocol: path.protocol,
    ...filtersOf(path, source, destination),
  });
  if ('impossible' in outcome) return { result: noPath([explainEnds(world, outcome.impossible, names)]) };
  return { result: resultOf(world, path, names, outcome, filterInArns, filterOutArns) };
}

function noPath(explanations: readonly Explanation[]): AnalysisResult {
  return { pathFound: false, forward: [], back: [], explanations };
}

/**
 * SourceIp and DestinationPort are what the packet has at the source, DestinationIp what it has at the destination; a public
 * address of the destination is what it has when it comes from the internet.
 */
function filtersOf(
  path: NetworkInsightsPathRecord,
  source: SearchEnd,
  destination: SearchEnd | undefined,
): { readonly atSource: PathFilterRecord; readonly atDestination: PathFilterRecord } {
  const { sourceIp, destinationIp, destinationPort, filterAtSource, filterAtDestination } = path;
  const isPublic =
    source.kind === 'gateway' &&
    destination?.kind === 'interfaces' &&
    destination.interfaces.some((one) => one.publicAddresses.some(({ publicAddress }) => formatIp(publicAddress) === destinationIp));
  const given = destinationIp === undefined ? {} : { destinationAddress: destinationIp };
  return {
    atSource: {
      ...(sourceIp === undefined ? {} : { sourceAddress: sourceIp }),
      ...(destinationPort === undefined ? {} : { destinationPorts: { from: destinationPort, to: destinationPort } }),
      ...(isPublic ? given : {}),
      ...filterAtSource,
    },
    atDestination: { ...(isPublic ? {} : given), ...filterAtDestination },
  };
}

function resultOf(
  world: World,
  path: NetworkInsightsPathRecord,
  names: NamedEnds,
  attempt: Attempt,
  filterInArns: readonly string[],
  filterOutArns: readonly string[],
): AnalysisResult {
  const walked = betweenEnds(attempt.trace, path);
  const instance = (id: Id | undefined): Id | undefined => (id?.startsWith('i-') ? id : undefined);
  const [from, to] = [instance(path.source.id), instance(path.destination?.id)];
  const forward = pathComponents(world, { hops: walked.forward, from, to });
  const back = pathComponents(world, { hops: walked.return, from: to, to: from });
  const explanation = attempt.missed ? explainEnds(world, attempt.missed, names) : explainTrace(world, attempt.trace, names);
  if (explanation) {
    const hindered = isArrival(attempt) ? undefined : (back.length > 0 ? back : forward).at(-1);
    if (hindered && !attempt.missed) hindered.Explanations = [explanation];
    return { pathFound: false, forward, back, explanations: [explanation] };
  }
  const passed = new Set([...forward, ...back].map(({ Component }) => Component?.Id));
  const unmet = unmetFilter(world, passed, filterInArns, filterOutArns);
  return unmet ? noPath([unmet]) : { pathFound: true, forward, back, explanations: [] };
}

/** AWS's analysis ends at an internet gateway that is the path's source or destination, whoever is behind it. */
function betweenEnds(walked: Trace, { destination }: NetworkInsightsPathRecord): Trace {
  const gateway = destination?.id.startsWith('igw-') ? destination.id : undefined;
  const at = walked.forward.findIndex(({ component }) => component === gateway);
  const last = walked.forward.at(-1);
  if (gateway === undefined || at < 0 || last?.kind === 'internet') return walked;
  const out = walked.forward[at]!; // found above
  const arrival: Hop = {
    kind: 'internet',
    component: 'internet',
    action: 'receive',
    direction: undefined,
    rule: undefined,
    flow: out.flow,
  };
  const inAgain = walked.return.findLastIndex(({ component }) => component === gateway);
  return {
    ...walked,
    forward: [...walked.forward.slice(0, at + 1), arrival],
    return: inAgain < 0 ? [] : walked.return.slice(inAgain),
  };
}

/** The path may have to pass some components, and has to pass by others. */
function unmetFilter(
  world: World,
  passed: ReadonlySet<string | undefined>,
  filterInArns: readonly string[],
  filterOutArns: readonly string[],
): Explanation | undefined {
  const named = (arn: string): AnalysisComponent => ({ ...world.component(idOf(arn)), Arn: arn });
  const left = filterInArns.find((arn) => !passed.has(idOf(arn)));
  if (left !== undefined) return { ExplanationCode: 'COMPONENT_FILTER_RESTRICTION', Component: named(left) };
  const entered = filterOutArns.find((arn) => passed.has(idOf(arn)));
  return entered === undefined
    ? undefined
    : { ExplanationCode: 'COMPONENT_FILTER_RESTRICTION_REMOVED_COMPONENT', Component: named(entered) };
}

function idOf(arn: string): string {
  return arn.slice(arn.lastIndexOf('/') + 1);
}
