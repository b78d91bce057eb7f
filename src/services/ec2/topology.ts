/** Records → the model's Topology: which parts a change of records touches, and nothing else is made again. */
import type { LiveTopology } from '#model/live-topology.ts';
import type { Part, PartKind } from '#model/topology.ts';
import { awsPrefixLists } from '#services/ec2/prefix-lists/aws-prefix-lists.ts';
import {
  type NetworkAclAssociationRecord,
  networkAclAssociationTable,
  networkAclTable,
  securityGroupTable,
} from '#services/ec2/tables/firewalls.ts';
import { type InstanceRecord, instanceTable } from '#services/ec2/tables/instances.ts';
import { ipv6PoolBlocks } from '#services/ec2/vpcs/vpc-ipv6-pool.ts';
import { publicPoolBlocks } from '#services/ec2/addresses/public-addresses.ts';
import { type AddressRecord, addressTable, networkInterfaceTable } from '#services/ec2/tables/interfaces.ts';
import {
  egressOnlyInternetGatewayTable,
  internetGatewayTable,
  type NatGatewayRecord,
  natGatewayTable,
  prefixListTable,
  type RouteTableAssociation,
  type RouteTableRecord,
  routeTableTable,
} from '#services/ec2/tables/routing.ts';
import { subnetTable, vpcTable } from '#services/ec2/tables/vpcs.ts';
import { buildPart, prefixSetOf, settledState } from '#services/ec2/topology-parts.ts';
import type { Change, Reader } from '#store/store.ts';
import type { StoreRecord, Table } from '#store/table.ts';

/** Told of a part that its records do not give: they were checked before they were written, so this is a mistake of ours. */
export type OnFailure = (error: unknown, part: string) => void;

/** A part, whether it is there or not. */
export type PartName = readonly [kind: PartKind, id: string];

type Touch = (kind: PartKind, id: string | undefined) => void;
/** Which parts the change of a record touches, beside the part of its own. */
type Spread = (touch: Touch, reader: Reader, before: StoreRecord | undefined, after: StoreRecord | undefined) => void;

interface Projection {
  readonly table: Table<never, string>;
  /** The part that the record itself becomes. */
  readonly kind?: PartKind;
  readonly spread?: Spread;
}

function projection<R extends StoreRecord>(
  table: Table<R, string>,
  kind: PartKind | undefined,
  spread?: (touch: Touch, reader: Reader, before: R | undefined, after: R | undefined) => void,
): Projection {
  return { table, ...(kind ? { kind } : {}), ...(spread ? { spread: spread as Spread } : {}) }; // a change carries records of its own table
}

const projections: readonly Projection[] = [
  projection(vpcTable, 'network'),
  projection(subnetTable, 'segment'),
  projection(networkInterfaceTable, 'interface'),
  projection<AddressRecord>(addressTable, undefined, (touch, _reader, before, after) => {
    touch('interface', before?.association?.networkInterfaceId);
    touch('interface', after?.association?.networkInterfaceId);
  }),
  projection<InstanceRecord>(instanceTable, undefined, (touch, reader, before, after) => {
    const [was, is] = [before && settledState(before.state), after && settledState(after.state)];
    if (was === is) return;
    for (const eni of reader.find(networkInterfaceTable, 'instance', (after ?? before)?.id ?? '')) touch('interface', eni.id);
  }),
  projection<RouteTableRecord>(routeTableTable, 'routeTable', (touch, reader, before, after) => {
    for (const association of differing(before?.associations ?? [], after?.associations ?? [])) {
      touch('segment', association.subnetId);
      touch('internetGateway', association.gatewayId);
      // Another main table: every subnet that has none of its own follows it.
      if (association.main)
        for (const subnet of reader.find(subnetTable, 'vpc', (after ?? before)?.vpcId ?? '')) touch('segment', subnet.id);
    }
  }),
  projection(securityGroupTable, 'group'),
  projection(networkAclTable, 'accessList'),
  projection<NetworkAclAssociationRecord>(networkAclAssociationTable, undefined, (touch, _reader, before, after) => {
    touch('segment', before?.subnetId);
    touch('segment', after?.subnetId);
  }),
  projection(internetGatewayTable, 'internetGateway'),
  projection(egressOnlyInternetGatewayTable, 'egressOnlyGateway'),
  projection<NatGatewayRecord>(natGatewayTable, 'natGateway', (touch, _reader, before, after) => {
    for (const address of [...(before?.addresses ?? []), ...(after?.addresses ?? [])]) touch('interface', address.networkInterfaceId);
  }),
  projection(prefixListTable, 'prefixSet'),
];

/** Those of either side that the other has not; a table may have thousands, and a call changes one. */
function differing(before: readonly RouteTableAssociation[], after: readonly RouteTableAssociation[]): readonly RouteTableAssociation[] {
  if (before === after) return [];
  const [were, are] = [new Set(before.map(({ id }) => id)), new Set(after.map(({ id }) => id))];
  return [...before.filter(({ id }) => !are.has(id)), ...after.filter(({ id }) => !were.has(id))];
}

const byTable = new Map(projections.map((one) => [one.table.name, one]));

/** Puts the addresses that accounts are given into the topology: one that is on nothing belongs to nobody. */
export function addPublicPools(topology: LiveTopology): void {
  topology.put({ kind: 'publicPool', id: 'ipv4', cidrs: publicPoolBlocks });
  topology.put({ kind: 'publicPool', id: 'ipv6', cidrs: ipv6PoolBlocks });
}

/** Puts what AWS itself has in a Region into the topology. */
export function addPlatformParts(topology: LiveTopology, region: string): readonly PartName[] {
  const lists = awsPrefixLists(region);
  for (const list of lists) topology.put(prefixSetOf(list));
  return lists.map(({ id }) => ['prefixSet', id]);
}

/** Puts every part of a partition into the topology. */
export function addPartition(topology: LiveTopology, reader: Reader, onFailure: OnFailure): void {
  for (const { table, kind } of projections) {
    if (!kind) continue;
    const records = reader.list<StoreRecord>(table as Table<StoreRecord, string>); // only ids are read
    for (const { id } of records) update(topology, reader, kind, id, onFailure);
  }
}

/**
 * Brings the topology up to date with the changes of one commit. Costs what the changed records and those they touch cost.
 * @param readerOf a view of a partition after the commit
 * @returns the parts that were made again or taken away
 */
export function applyChanges(
  topology: LiveTopology,
  readerOf: (change: Change) => Reader,
  changes: readonly Change[],
  onFailure: OnFailure,
): readonly PartName[] {
  const touched = new Map<string, { readonly name: PartName; readonly run: () => void }>();
  for (const change of changes) {
    const projected = byTable.get(change.table);
    if (!projected) continue;
    const reader = readerOf(change);
    const touch: Touch = (kind, id) => {
      if (id === undefined) return;
      touched.set(`${kind} ${id}`, { name: [kind, id], run: () => update(topology, reader, kind, id, onFailure) });
    };
    if (projected.kind) touch(projected.kind, change.id);
    projected.spread?.(touch, reader, change.before, change.after);
  }
  for (const { run } of touched.values()) run();
  return [...touched.values()].map(({ name }) => name);
}

/** A part that cannot be made is left out, not kept as it was: nothing is then allowed by a rule that holds no longer. */
function update(topology: LiveTopology, reader: Reader, kind: PartKind, id: string, onFailure: OnFailure): void {
  let part: Part | undefined;
  try {
    part = buildPart[kind](reader, id);
  } catch (error) {
    onFailure(error, `${kind} ${id}`);
  }
  if (part) topology.put(part);
  else topology.remove(kind, id);
}
