/** Attributes of VPCs, one per call: DNS support, DNS host names, usage metrics; and tenancy. */
import type { ModifyVpcAttributeRequest } from '@aws-sdk/client-ec2';
import { invalidParameterCombination } from '#aws/errors.ts';
import type { Ec2Operations } from '#services/ec2/sdk.ts';
import { type VpcRecord, vpcTable } from '#services/ec2/tables/vpcs.ts';
import { noAttribute, severalAttributes } from '#services/ec2/vpcs/vpc-errors.ts';
import { requireVpc } from '#services/ec2/vpcs/vpcs.ts';

type Attribute = 'enableDnsHostnames' | 'enableDnsSupport' | 'enableNetworkAddressUsageMetrics';

export const vpcAttributes = {
  ModifyVpcAttribute(context, input) {
    const vpc = requireVpc(context, input.VpcId);
    const [attribute, value] = oneAttribute(input);
    context.tx.put(vpcTable, changed(vpc, attribute, value));
    return {};
  },

  DescribeVpcAttribute(context, input) {
    const vpc = requireVpc(context, input.VpcId);
    switch (input.Attribute) {
      case 'enableDnsHostnames':
        return { VpcId: vpc.id, EnableDnsHostnames: { Value: vpc.dnsHostnames } };
      case 'enableDnsSupport':
        return { VpcId: vpc.id, EnableDnsSupport: { Value: vpc.dnsSupport } };
      case 'enableNetworkAddressUsageMetrics':
        return { VpcId: vpc.id, EnableNetworkAddressUsageMetrics: { Value: vpc.networkAddressUsageMetrics } };
    }
  },

  ModifyVpcTenancy(context, input) {
    const vpc = requireVpc(context, input.VpcId);
    context.tx.put(vpcTable, { ...vpc, tenancy: input.InstanceTenancy });
    return { ReturnValue: true };
  },
} satisfies Ec2Operations;

function oneAttribute(input: ModifyVpcAttributeRequest): readonly [Attribute, boolean] {
  const all: readonly (readonly [Attribute, boolean | undefined])[] = [
    ['enableDnsHostnames', input.EnableDnsHostnames?.Value],
    ['enableDnsSupport', input.EnableDnsSupport?.Value],
    ['enableNetworkAddressUsageMetrics', input.EnableNetworkAddressUsageMetrics?.Value],
  ];
  const given = all.flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const]));
  if (given.length > 1) throw severalAttributes(given.map(([name]) => name));
  const [only] = given;
  if (!only) throw noAttribute();
  return only;
}

/** Host names need DNS support, so neither can leave the other alone. */
function changed(vpc: VpcRecord, attribute: Attribute, value: boolean): VpcRecord {
  switch (attribute) {
    case 'enableDnsHostnames':
      if (value && !vpc.dnsSupport) throw invalidParameterCombination('DNS hostnames can be enabled only if DNS support is enabled.');
      return { ...vpc, dnsHostnames: value };
    case 'enableDnsSupport':
      return { ...vpc, dnsSupport: value };
    case 'enableNetworkAddressUsageMetrics':
      return { ...vpc, networkAddressUsageMetrics: value };
  }
}
