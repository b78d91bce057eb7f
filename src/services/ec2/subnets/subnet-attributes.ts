/** Attributes of subnets, one per call (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifySubnetAttribute.html). */
import type { ModifySubnetAttributeRequest } from '@aws-sdk/client-ec2';
import { invalidParameterValue } from '#aws/errors.ts';
import type { Ec2Operations } from '#services/ec2/sdk.ts';
import { requireSubnet } from '#services/ec2/subnets/subnets.ts';
import { type SubnetRecord, subnetTable } from '#services/ec2/tables/vpcs.ts';
import { noAttribute, severalAttributes, unsupported } from '#services/ec2/vpcs/vpc-errors.ts';

/** A change of one attribute, under the name that errors use. */
interface Change {
  readonly name: string;
  readonly apply: (subnet: SubnetRecord) => SubnetRecord;
}

export const subnetAttributes = {
  ModifySubnetAttribute(context, input) {
    const subnet = requireSubnet(context, input.SubnetId);
    refuseUnmodelled(input);
    const changes = changesIn(input);
    if (changes.length > 1) throw severalAttributes(changes.map(({ name }) => name));
    const [change] = changes;
    if (!change) throw noAttribute();
    context.tx.put(subnetTable, change.apply(subnet));
    return {};
  },
} satisfies Ec2Operations;

function changesIn(input: ModifySubnetAttributeRequest): readonly Change[] {
  const changes: Change[] = [];
  const flag = (
    name: string,
    value: boolean | undefined,
    set: (value: boolean) => Partial<SubnetRecord>,
    check: (subnet: SubnetRecord, name: string) => void = () => {},
  ) => {
    if (value === undefined) return;
    changes.push({
      name,
      apply: (subnet) => {
        if (value) check(subnet, name);
        return { ...subnet, ...set(value) };
      },
    });
  };
  flag('map-public-ip-on-launch', input.MapPublicIpOnLaunch?.Value, (mapPublicIpOnLaunch) => ({ mapPublicIpOnLaunch }), needsIpv4);
  flag(
    'assign-ipv6-address-on-creation',
    input.AssignIpv6AddressOnCreation?.Value,
    (assignIpv6AddressOnCreation) => ({ assignIpv6AddressOnCreation }),
    needsIpv6,
  );
  flag('enable-dns64', input.EnableDns64?.Value, (dns64) => ({ dns64 }), needsIpv6);
  flag(
    'enable-resource-name-dns-a-record-on-launch',
    input.EnableResourceNameDnsARecordOnLaunch?.Value,
    (resourceNameDnsARecord) => ({ resourceNameDnsARecord }),
    needsIpv4,
  );
  flag(
    'enable-resource-name-dns-aaaa-record-on-launch',
    input.EnableResourceNameDnsAAAARecordOnLaunch?.Value,
    (resourceNameDnsAaaaRecord) => ({ resourceNameDnsAaaaRecord }),
    needsIpv6,
  );
  const hostnameType = input.PrivateDnsHostnameTypeOnLaunch;
  if (hostnameType !== undefined) {
    changes.push({ name: 'private-dns-hostname-type-on-launch', apply: (subnet) => withHostnameType(subnet, hostnameType) });
  }
  return changes;
}

function needsIpv6(subnet: SubnetRecord, name: string): void {
  if (subnet.ipv6CidrAssociations.length > 0) return;
  throw invalidParameterValue(
    `Invalid value 'true' for ${name}. Cannot set ${name} to true unless the subnet (${subnet.id}) has an IPv6 CIDR block associated with it.`,
  );
}

function needsIpv4(subnet: SubnetRecord, name: string): void {
  if (!subnet.ipv6Native) return;
  throw invalidParameterValue(`Invalid value 'true' for ${name}. Cannot set ${name} to true for the IPv6-only subnet (${subnet.id}).`);
}

/** Names after the IPv4 address need one. */
function withHostnameType(subnet: SubnetRecord, hostnameType: SubnetRecord['hostnameType']): SubnetRecord {
  if (subnet.ipv6Native && hostnameType === 'ip-name') {
    throw invalidParameterValue(
      `Invalid value 'ip-name' for private-dns-hostname-type-on-launch. The IPv6-only subnet (${subnet.id}) must use resource-name.`,
    );
  }
  return { ...subnet, hostnameType };
}

function refuseUnmodelled(input: ModifySubnetAttributeRequest): void {
  const outposts = ['CustomerOwnedIpv4Pool', 'DisableLniAtDeviceIndex', 'EnableLniAtDeviceIndex', 'MapCustomerOwnedIpOnLaunch'] as const; // the members that follow
  for (const name of outposts) if (input[name] !== undefined) throw unsupported(`Outposts: ${name}`);
}
