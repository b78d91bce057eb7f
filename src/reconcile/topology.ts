/** The Topology of all accounts and Regions, kept equal to the store's records. */
import { LiveTopology } from '#model/live-topology.ts';
import type { Topology } from '#model/topology.ts';
import { addPartition, addPlatformParts, addPublicPools, applyChanges, type OnFailure, type PartName } from '#services/ec2/public.ts';
import type { Commit, Store } from '#store/store.ts';

export interface FollowedTopology {
  readonly topology: Topology;
  /** Stops following. */
  stop(): void;
}

/**
 * Builds the topology out of every record and follows each commit from then on, in the same turn.
 * @param onFailure told of a part that its records do not give; it is left out, and all others are there
 * @param onCommit told of each commit once the topology is brought up to date, with the parts that it touched
 */
export function followTopology(
  store: Pick<Store, 'reader' | 'subscribe'>,
  onFailure: OnFailure,
  onCommit?: (commit: Commit, touched: readonly PartName[]) => void,
): FollowedTopology {
  const topology = new LiveTopology();
  addPublicPools(topology);
  const regions = new Set(['global']); // where global services keep their records: no Region
  const meet = (region: string): readonly PartName[] => {
    if (regions.has(region)) return [];
    regions.add(region);
    return addPlatformParts(topology, region);
  };
  const anywhere = store.reader({ account: '', region: '' });
  for (const partition of anywhere.partitions()) {
    meet(partition.region);
    addPartition(topology, store.reader(partition), onFailure);
  }
  const stop = store.subscribe((commit) => {
    const { changes } = commit;
    const met = changes.flatMap(({ partition }) => meet(partition.region));
    const touched = applyChanges(topology, ({ partition }) => store.reader(partition), changes, onFailure);
    onCommit?.(commit, [...met, ...touched]);
  });
  return { topology, stop };
}
