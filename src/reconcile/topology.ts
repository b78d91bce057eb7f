/** The Topology of all accounts and Regions, kept equal to the store's records. */
import { LiveTopology } from '#model/live-topology.ts';
import type { Topology } from '#model/topology.ts';
import { addPartition, addPlatformParts, applyChanges } from '#services/ec2/public.ts';
import type { Store } from '#store/store.ts';

export interface FollowedTopology {
  readonly topology: Topology;
  /** Stops following. */
  stop(): void;
}

/** Builds the topology out of every record and follows each commit from then on. */
export function followTopology(store: Store): FollowedTopology {
  const topology = new LiveTopology();
  const known = new Set<string>();
  const anywhere = store.reader({ account: '', region: '' });
  for (const partition of anywhere.partitions()) {
    known.add(partition.region);
    addPartition(topology, store.reader(partition));
  }
  const stop = store.subscribe((commit) => {
    for (const { partition } of commit.changes) {
      if (!known.has(partition.region)) addPlatformParts(topology, partition.region);
      known.add(partition.region);
    }
    applyChanges(topology, (change) => store.reader(change.partition), commit.changes);
  });
  return { topology, stop };
}
