/** DHCP option sets: made, described, associated with VPCs, deleted. */
import type { DhcpOptions } from '@aws-sdk/client-ec2';
import type { OperationContext } from '#aws/context.ts';
import { describe } from '#aws/describe.ts';
import type { FilterSpec } from '#aws/filters.ts';
import { newId } from '#aws/ids.ts';
import { tagsFor } from '#aws/tags.ts';
import { readDhcpConfigurations } from '#services/ec2/vpcs/dhcp-option-values.ts';
import { dependencyViolation, vpcNotFound } from '#services/ec2/errors.ts';
import type { Ec2Operations } from '#services/ec2/sdk.ts';
import { type DhcpOptionsRecord, dhcpOptionsTable, vpcTable } from '#services/ec2/tables/vpcs.ts';
import { dhcpOptionsNotFound } from '#services/ec2/vpcs/vpc-errors.ts';

/** What a VPC has in the place of an id after its options were taken off. */
export const noDhcpOptions = 'default';

const filters: FilterSpec<DhcpOptionsRecord> = {
  'dhcp-options-id': (options) => options.id,
  key: (options) => options.configurations.map(({ key }) => key),
  'owner-id': (_options, context) => context.account,
  value: (options) => options.configurations.flatMap(({ values }) => values),
};

export const dhcpOptions = {
  CreateDhcpOptions(context, input) {
    const options: DhcpOptionsRecord = {
      id: newId(context, 'dopt'),
      configurations: readDhcpConfigurations(input.DhcpConfigurations),
      isDefault: false,
      tags: tagsFor(input.TagSpecifications, 'dhcp-options'),
    };
    context.tx.put(dhcpOptionsTable, options);
    return { DhcpOptions: view(options, context) };
  },

  DescribeDhcpOptions(context, input) {
    const { items, nextToken } = describe(context, input, {
      table: dhcpOptionsTable,
      ids: input.DhcpOptionsIds,
      filters,
      indexed: { 'dhcp-options-id': 'id' },
      missing: dhcpOptionsNotFound,
      view,
    });
    return { DhcpOptions: items, NextToken: nextToken };
  },

  DeleteDhcpOptions(context, input) {
    const options = requireDhcpOptions(context, input.DhcpOptionsId);
    if (context.tx.find(vpcTable, 'dhcpOptions', options.id).length > 0) {
      throw dependencyViolation(`The dhcpOptions '${options.id}' has dependencies and cannot be deleted.`);
    }
    context.tx.delete(dhcpOptionsTable, options.id);
    return {};
  },

  AssociateDhcpOptions(context, input) {
    const vpc = context.tx.get(vpcTable, input.VpcId);
    if (!vpc) throw vpcNotFound(input.VpcId);
    const dhcpOptionsId = input.DhcpOptionsId === noDhcpOptions ? noDhcpOptions : requireDhcpOptions(context, input.DhcpOptionsId).id;
    context.tx.put(vpcTable, { ...vpc, dhcpOptionsId });
    return {};
  },
} satisfies Ec2Operations;

/** The set of a Region that new VPCs get; made again after it was deleted. */
export function defaultDhcpOptions(context: OperationContext): DhcpOptionsRecord {
  const [known] = context.tx.find(dhcpOptionsTable, 'default', 'true');
  if (known) return known;
  const options: DhcpOptionsRecord = {
    id: newId(context, 'dopt'),
    configurations: [
      { key: 'domain-name', values: [internalDomain(context.region)] },
      { key: 'domain-name-servers', values: ['AmazonProvidedDNS'] },
    ],
    isDefault: true,
    tags: [],
  };
  context.tx.put(dhcpOptionsTable, options);
  return options;
}

/** The domain of instances' private names: `ec2.internal` in us-east-1, else `<region>.compute.internal`. */
export function internalDomain(region: string): string {
  return region === 'us-east-1' ? 'ec2.internal' : `${region}.compute.internal`;
}

function requireDhcpOptions(context: OperationContext, id: string): DhcpOptionsRecord {
  const options = context.tx.get(dhcpOptionsTable, id);
  if (!options) throw dhcpOptionsNotFound(id);
  return options;
}

function view(options: DhcpOptionsRecord, context: OperationContext): DhcpOptions {
  return {
    DhcpOptionsId: options.id,
    OwnerId: context.account,
    DhcpConfigurations: options.configurations.map(({ key, values }) => ({ Key: key, Values: values.map((value) => ({ Value: value })) })),
    Tags: [...options.tags],
  };
}
