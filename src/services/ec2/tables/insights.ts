/** Records of Reachability Analyzer: paths, and analyses with what came of them. */
import type { Explanation, PathComponent } from '@aws-sdk/client-ec2';
import type { Eventual } from '#aws/eventual.ts';
import type { Tagged } from '#aws/tags.ts';
import type { PortRange } from '#model/port-range.ts';
import { defineTable, type StoreRecord } from '#store/table.ts';

/** The packet as it is at one end of a path; what is absent may be anything. */
export interface PathFilterRecord {
  readonly sourceAddress?: string;
  readonly sourcePorts?: PortRange;
  readonly destinationAddress?: string;
  readonly destinationPorts?: PortRange;
}

/** A resource at an end of a path: an instance, a network interface or an internet gateway of the path's Region. */
export interface PathEndRecord {
  readonly id: string;
  /** Whose it is. */
  readonly account: string;
}

export interface NetworkInsightsPathRecord extends StoreRecord, Tagged {
  readonly source: PathEndRecord;
  /** Absent when the destination is an address, which `filterAtSource` then has. */
  readonly destination?: PathEndRecord;
  readonly protocol: 'tcp' | 'udp';
  readonly sourceIp?: string;
  readonly destinationIp?: string;
  readonly destinationPort?: number;
  readonly filterAtSource?: PathFilterRecord;
  readonly filterAtDestination?: PathFilterRecord;
  readonly createdMs: number;
}

export const networkInsightsPathTable = defineTable<NetworkInsightsPathRecord>()('ec2.network-insights-path');

/** What an analysis found, in AWS's shapes: the network as it was, so nothing of it is looked up again. */
export interface AnalysisResult {
  readonly pathFound: boolean;
  readonly forward: readonly PathComponent[];
  readonly back: readonly PathComponent[];
  readonly explanations: readonly Explanation[];
}

export interface NetworkInsightsAnalysisRecord extends StoreRecord, Tagged {
  readonly pathId: string;
  readonly additionalAccounts: readonly string[];
  readonly filterInArns: readonly string[];
  readonly filterOutArns: readonly string[];
  readonly startedMs: number;
  readonly state: Eventual<'running' | 'succeeded' | 'failed'>;
  /** Of a failed one. */
  readonly statusMessage?: string;
  /** Of one that succeeds. */
  readonly result?: AnalysisResult;
}

export const networkInsightsAnalysisTable = defineTable<NetworkInsightsAnalysisRecord>()('ec2.network-insights-analysis', {
  path: (analysis) => analysis.pathId,
});
