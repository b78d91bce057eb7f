/** Everything in EC2 that can be tagged: by the prefix of its id, with its type, its records, and the error for an id that is not there. */
import type { ResourceType } from '@aws-sdk/client-ec2';
import type { OperationContext } from '#aws/context.ts';
import { isIdOf } from '#aws/ids.ts';
import type { Tag, Tagged } from '#aws/tags.ts';
import { AwsError } from '#protocol/aws-error.ts';
import { allocationNotFound } from '#services/ec2/addresses/address-errors.ts';
import { egressOnlyInternetGatewayNotFound } from '#services/ec2/gateways/egress-only-internet-gateways.ts';
import {
  instanceNotFound,
  internetGatewayNotFound,
  networkAclNotFound,
  networkInterfaceNotFound,
  routeTableNotFound,
  subnetNotFound,
  vpcNotFound,
} from '#services/ec2/errors.ts';
import { isEnded, isShown } from '#services/ec2/instances/instance-lookup.ts';
import { keyPairNotFound } from '#services/ec2/instances/key-pair-lookup.ts';
import { natGatewayNotFound } from '#services/ec2/gateways/nat-gateway-errors.ts';
import { networkInsightsAnalysisNotFound, networkInsightsPathNotFound } from '#services/ec2/network-insights/network-insights-errors.ts';
import { groupNotFound, ruleNotFound } from '#services/ec2/security-groups/security-group-errors.ts';
import { findRule, retagRule } from '#services/ec2/security-groups/security-group-rule-lookup.ts';
import { networkAclTable, securityGroupTable } from '#services/ec2/tables/firewalls.ts';
import { networkInsightsAnalysisTable, networkInsightsPathTable } from '#services/ec2/tables/insights.ts';
import { type InstanceRecord, instanceTable, keyPairTable } from '#services/ec2/tables/instances.ts';
import { addressTable, networkInterfaceTable } from '#services/ec2/tables/interfaces.ts';
import {
  egressOnlyInternetGatewayTable,
  internetGatewayTable,
  natGatewayTable,
  prefixListTable,
  routeTableTable,
} from '#services/ec2/tables/routing.ts';
import { dhcpOptionsTable, subnetCidrReservationTable, subnetTable, vpcTable } from '#services/ec2/tables/vpcs.ts';
import { cidrReservationNotFound, dhcpOptionsNotFound } from '#services/ec2/vpcs/vpc-errors.ts';
import { volumeNotFound } from '#services/ec2/instances/volumes.ts';
import type { Reader } from '#store/store.ts';
import type { StoreRecord, Table } from '#store/table.ts';

export interface TaggedResource {
  readonly id: string;
  readonly tags: readonly Tag[];
}

/** What it takes to look: an operation's context does, and so does a view of the records of an account and Region. */
export interface Sight {
  readonly tx: Reader;
  readonly nowMs: number;
}

export interface Taggable {
  /** AWS's name of the kind, e.g. `vpc`. */
  readonly type: ResourceType;
  find(sight: Sight, id: string): TaggedResource | undefined;
  /** Replaces the tags of a resource that is there. */
  retag(context: OperationContext, id: string, tags: readonly Tag[]): void;
  list(context: OperationContext): Iterable<TaggedResource>;
  missing(id: string): AwsError;
}

type TaggedRecord = StoreRecord & Tagged;

function records<R extends TaggedRecord>(
  type: ResourceType,
  table: Table<R, string>,
  missing: (id: string) => AwsError,
  isThere: (record: R, sight: Sight) => boolean = () => true,
): Taggable {
  return {
    type,
    missing,
    find: (sight, id) => {
      const record = sight.tx.get(table, id);
      return record && isThere(record, sight) ? record : undefined;
    },
    retag: ({ tx }, id, tags) => {
      const record = tx.get(table, id);
      if (record) tx.put(table, { ...record, tags });
    },
    *list(context) {
      for (const record of context.tx.list(table)) if (isThere(record, context)) yield record;
    },
  };
}

const byPrefix: Readonly<Record<string, Taggable>> = {
  acl: records('network-acl', networkAclTable, networkAclNotFound),
  dopt: records('dhcp-options', dhcpOptionsTable, dhcpOptionsNotFound),
  eigw: records('egress-only-internet-gateway', egressOnlyInternetGatewayTable, egressOnlyInternetGatewayNotFound),
  eipalloc: records('elastic-ip', addressTable, allocationNotFound),
  eni: records('network-interface', networkInterfaceTable, networkInterfaceNotFound),
  i: records('instance', instanceTable, instanceNotFound, isShown),
  igw: records('internet-gateway', internetGatewayTable, internetGatewayNotFound),
  key: records('key-pair', keyPairTable, keyPairNotFound),
  nat: records('natgateway', natGatewayTable, natGatewayNotFound),
  nia: records('network-insights-analysis', networkInsightsAnalysisTable, networkInsightsAnalysisNotFound),
  nip: records('network-insights-path', networkInsightsPathTable, networkInsightsPathNotFound),
  pl: records(
    'prefix-list',
    prefixListTable,
    (id) => new AwsError('InvalidPrefixListID.NotFound', `The prefix list ID '${id}' does not exist`),
  ),
  rtb: records('route-table', routeTableTable, routeTableNotFound),
  scr: records('subnet-cidr-reservation', subnetCidrReservationTable, cidrReservationNotFound),
  sg: records('security-group', securityGroupTable, groupNotFound),
  sgr: securityGroupRules(),
  subnet: records('subnet', subnetTable, subnetNotFound),
  vol: volumes(),
  vpc: records('vpc', vpcTable, vpcNotFound),
};

export const taggables: readonly Taggable[] = Object.values(byPrefix);

/** The kind of resource that an id names; undefined for one that is malformed or of no kind that can be tagged. */
export function taggableOf(id: string): Taggable | undefined {
  const prefix = id.slice(0, Math.max(0, id.lastIndexOf('-')));
  return Object.hasOwn(byPrefix, prefix) && isIdOf(prefix, id) ? byPrefix[prefix] : undefined;
}

/**
 * @throws AwsError InvalidID, or the `…NotFound` of the resource's kind
 */
export function requireTaggable(context: OperationContext, id: string): { readonly kind: Taggable; readonly resource: TaggedResource } {
  const kind = taggableOf(id);
  if (!kind) throw new AwsError('InvalidID', `The ID '${id}' is not valid`);
  const resource = kind.find(context, id);
  if (!resource) throw kind.missing(id);
  return { kind, resource };
}

/** Rules are parts of their groups' records. */
function securityGroupRules(): Taggable {
  return {
    type: 'security-group-rule',
    missing: ruleNotFound,
    find: (sight, id) => findRule(sight, id)?.rule,
    retag: (context, id, tags) => retagRule(context, id, () => tags),
    *list({ tx }) {
      for (const group of tx.list(securityGroupTable)) yield* group.rules;
    },
  };
}

/** Volumes are parts of their instances' records. */
function volumes(): Taggable {
  const holder = ({ tx }: Pick<Sight, 'tx'>, id: string): InstanceRecord | undefined =>
    tx.find(instanceTable, 'volume', id).find((instance) => !isEnded(instance));
  return {
    type: 'volume',
    missing: volumeNotFound,
    find: (sight, id) => holder(sight, id)?.volumes.find((volume) => volume.id === id),
    retag: (context, id, tags) => {
      const instance = holder(context, id);
      if (!instance) return;
      const changed = instance.volumes.map((volume) => (volume.id === id ? { ...volume, tags } : volume));
      context.tx.put(instanceTable, { ...instance, volumes: changed });
    },
    *list({ tx }) {
      for (const instance of tx.list(instanceTable)) if (!isEnded(instance)) yield* instance.volumes;
    },
  };
}
