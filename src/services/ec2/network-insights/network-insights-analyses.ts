/** Analyses of Reachability Analyzer: started on a path, done on the network as it is at that moment, kept for 120 days. */
import type { NetworkInsightsAnalysis, PathComponent } from '@aws-sdk/client-ec2';
import { regionalArn } from '#aws/arns.ts';
import type { OperationContext } from '#aws/context.ts';
import { describe } from '#aws/describe.ts';
import { invalidParameterValue } from '#aws/errors.ts';
import { becoming, stateAt, transitionMs } from '#aws/eventual.ts';
import type { FilterOn, FilterSpec } from '#aws/filters.ts';
import { newId } from '#aws/ids.ts';
import { tagsFor } from '#aws/tags.ts';
import { analysePath } from '#services/ec2/network-insights/network-insights-analysis.ts';
import { analysisLimitExceeded, networkInsightsAnalysisNotFound } from '#services/ec2/network-insights/network-insights-errors.ts';
import { insightsPageLimits, requireNetworkInsightsPath } from '#services/ec2/network-insights/network-insights-paths.ts';
import type { Ec2Operations } from '#services/ec2/sdk.ts';
import { type NetworkInsightsAnalysisRecord, networkInsightsAnalysisTable } from '#services/ec2/tables/insights.ts';

/** AWS's default quota (https://docs.aws.amazon.com/vpc/latest/reachability/reachability-analyzer-limits.html). */
const analysesPerRegion = 10_000;
/** "Reachability Analyzer automatically deletes an analysis 120 days after its creation date." */
const keptMs = 120 * 24 * 60 * 60 * 1000;

const filters: FilterSpec<NetworkInsightsAnalysisRecord> = {
  'path-found': (analysis, context) => (isRunning(analysis, context) ? undefined : analysis.result?.pathFound),
  status: (analysis, context) => stateAt(analysis.state, context.nowMs),
};

export const networkInsightsAnalyses = {
  StartNetworkInsightsAnalysis(context, input) {
    const path = requireNetworkInsightsPath(context, input.NetworkInsightsPathId);
    const [filterInArns, filterOutArns] = [input.FilterInArns ?? [], input.FilterOutArns ?? []];
    checkArns('FilterInArns', filterInArns);
    checkArns('FilterOutArns', filterOutArns);
    const additionalAccounts = input.AdditionalAccounts ?? [];
    for (const account of additionalAccounts) {
      if (!/^\d{12}$/.test(account)) throw invalidParameterValue(`Value (${account}) for parameter AdditionalAccounts is invalid.`);
    }
    const tags = tagsFor(input.TagSpecifications, 'network-insights-analysis');
    forgetOld(context);
    if (context.quotasOn && context.tx.count(networkInsightsAnalysisTable) >= analysesPerRegion) throw analysisLimitExceeded();
    const { result, failure } = analysePath(context, path, filterInArns, filterOutArns);
    const analysis: NetworkInsightsAnalysisRecord = {
      id: newId(context, 'nia'),
      pathId: path.id,
      additionalAccounts,
      filterInArns,
      filterOutArns,
      startedMs: context.nowMs,
      state: becoming('running', result ? 'succeeded' : 'failed', context.nowMs),
      ...(result ? { result } : {}),
      ...(failure === undefined ? {} : { statusMessage: failure }),
      tags,
    };
    context.tx.put(networkInsightsAnalysisTable, analysis);
    return { NetworkInsightsAnalysis: view(analysis, context) };
  },

  DescribeNetworkInsightsAnalyses(context, input) {
    const { NetworkInsightsPathId: pathId, NetworkInsightsAnalysisIds: ids } = input;
    if (pathId !== undefined) requireNetworkInsightsPath(context, pathId);
    const own = selectionOf(pathId, input.AnalysisStartTime, input.AnalysisEndTime);
    const { items, nextToken } = describe(
      context,
      { ...input, Filters: [...own.map(({ Name, Values }) => ({ Name, Values })), ...(input.Filters ?? [])] },
      {
        table: networkInsightsAnalysisTable,
        ids,
        filters: { ...filters, ...Object.fromEntries(own.map(({ Name, on }) => [Name, on])) },
        indexed: { NetworkInsightsPathId: 'path' },
        missing: networkInsightsAnalysisNotFound,
        visible: isKept,
        limits: insightsPageLimits,
        view,
      },
    );
    return { NetworkInsightsAnalyses: items, NextToken: nextToken };
  },

  DeleteNetworkInsightsAnalysis(context, input) {
    const { NetworkInsightsAnalysisId: id } = input;
    const analysis = context.tx.get(networkInsightsAnalysisTable, id);
    if (!analysis || !isKept(analysis, context)) throw networkInsightsAnalysisNotFound(id);
    context.tx.delete(networkInsightsAnalysisTable, id);
    return { NetworkInsightsAnalysisId: id };
  },
} satisfies Ec2Operations;

interface Selection {
  readonly Name: string;
  readonly Values: readonly string[];
  readonly on: FilterOn<NetworkInsightsAnalysisRecord>;
}

/** Members of the call that select as filters do: by the path, by when an analysis started, by when it ended. Pages are bound to them too. */
function selectionOf(pathId: string | undefined, startTime: Date | undefined, endTime: Date | undefined): readonly Selection[] {
  const [from, to] = [startTime?.getTime(), endTime?.getTime()];
  return [
    ...(pathId === undefined ? [] : [{ Name: 'NetworkInsightsPathId', Values: [pathId], on: pathOf }]),
    ...(from === undefined ? [] : [{ Name: `started since ${from}`, Values: ['true'], on: ({ startedMs }: Started) => startedMs >= from }]),
    ...(to === undefined
      ? []
      : [{ Name: `ended by ${to}`, Values: ['true'], on: ({ startedMs }: Started) => startedMs + transitionMs <= to }]),
  ];
}

type Started = Pick<NetworkInsightsAnalysisRecord, 'startedMs'>;
const pathOf = ({ pathId }: NetworkInsightsAnalysisRecord): string => pathId;

function checkArns(parameter: string, arns: readonly string[]): void {
  for (const arn of arns) {
    if (!/^arn:[^:]+:[^:]+:[^:]*:[^:]*:.+$/.test(arn))
      throw invalidParameterValue(`Value (${arn}) for parameter ${parameter} is invalid. It must be an ARN.`);
  }
}

function isRunning({ state }: NetworkInsightsAnalysisRecord, { nowMs }: OperationContext): boolean {
  return stateAt(state, nowMs) === 'running';
}

function isKept({ startedMs }: NetworkInsightsAnalysisRecord, { nowMs }: OperationContext): boolean {
  return nowMs < startedMs + keptMs;
}

/** Analyses are listed in the order of their starts, so the old ones come first. */
function forgetOld(context: OperationContext): void {
  const old: string[] = [];
  for (const analysis of context.tx.list(networkInsightsAnalysisTable)) {
    if (isKept(analysis, context)) break;
    old.push(analysis.id);
  }
  for (const id of old) context.tx.delete(networkInsightsAnalysisTable, id);
}

function view(analysis: NetworkInsightsAnalysisRecord, context: OperationContext): NetworkInsightsAnalysis {
  const { result, additionalAccounts, filterInArns, filterOutArns } = analysis;
  const isShown = result && !isRunning(analysis, context);
  return {
    NetworkInsightsAnalysisId: analysis.id,
    NetworkInsightsAnalysisArn: regionalArn(context, 'ec2', `network-insights-analysis/${analysis.id}`),
    NetworkInsightsPathId: analysis.pathId,
    ...(additionalAccounts.length > 0 ? { AdditionalAccounts: [...additionalAccounts] } : {}),
    ...(filterInArns.length > 0 ? { FilterInArns: [...filterInArns] } : {}),
    ...(filterOutArns.length > 0 ? { FilterOutArns: [...filterOutArns] } : {}),
    StartDate: new Date(analysis.startedMs),
    Status: stateAt(analysis.state, context.nowMs),
    ...(isRunning(analysis, context) ? {} : { StatusMessage: analysis.statusMessage }),
    ...(isShown
      ? {
          NetworkPathFound: result.pathFound,
          ForwardPathComponents: componentsView(result.forward),
          ReturnPathComponents: componentsView(result.back),
          Explanations: [...result.explanations],
        }
      : {}),
    Tags: [...analysis.tags],
  };
}

/** As the guide's example has it: with both lists, mostly empty. */
function componentsView(components: readonly PathComponent[]): PathComponent[] {
  return components.map((component) => ({ AdditionalDetails: [], Explanations: [], ...component }));
}
