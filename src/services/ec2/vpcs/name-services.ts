/** A VPC's names out of its records: the domains of its Region, whether hosts have names, and the names by resource. */
import type { HostRecord, NameService } from '#model/name-service.ts';
import { publicDnsName, resourceDnsName } from '#services/ec2/addresses/address-names.ts';
import { primaryAddress } from '#services/ec2/interfaces/interface-lookup.ts';
import { type InstanceRecord, instanceTable } from '#services/ec2/tables/instances.ts';
import { type NetworkInterfaceRecord, networkInterfaceTable } from '#services/ec2/tables/interfaces.ts';
import { vpcTable } from '#services/ec2/tables/vpcs.ts';
import type { Change, Reader } from '#store/store.ts';

/**
 * The names of a VPC; undefined when there is none by this id. Hosts have names when both of the VPC's DNS attributes
 * are on (VPC user guide, "DNS attributes for your VPC"). Costs a look at every instance of the VPC.
 */
export function nameServiceOf(reader: Reader, vpcId: string, region: string): NameService | undefined {
  const vpc = reader.get(vpcTable, vpcId);
  if (!vpc) return undefined;
  return {
    kind: 'nameService',
    id: vpcId,
    region,
    privateDomain: domainOf(resourceDnsName(region, 'i')),
    publicDomain: domainOf(publicDnsName(region, '0.0.0.0')),
    hasPublicNames: vpc.dnsSupport && vpc.dnsHostnames,
    hosts: reader.find(instanceTable, 'vpc', vpcId).flatMap((instance) => hostOf(reader, instance, region) ?? []),
  };
}

/**
 * The name by an instance's id. Its two options decide, whatever kind the host name itself is of: names by address and by
 * resource exist side by side (EC2 guide, "Amazon EC2 instance hostname types").
 */
function hostOf(reader: Reader, instance: InstanceRecord, region: string): HostRecord | undefined {
  const { resourceNameDnsARecord: hasIpv4, resourceNameDnsAaaaRecord: hasIpv6 } = instance;
  const eni = hasIpv4 || hasIpv6 ? primaryInterface(reader, instance.id) : undefined;
  if (!eni) return undefined; // a terminated instance has none
  const ipv4 = hasIpv4 ? primaryAddress(eni) : undefined;
  const ipv6 = hasIpv6 ? eni.ipv6Addresses[0] : undefined;
  const addresses = [ipv4, ipv6].filter((address) => address !== undefined);
  return addresses.length === 0 ? undefined : { name: resourceDnsName(region, instance.id), addresses };
}

function primaryInterface(reader: Reader, instanceId: string): NetworkInterfaceRecord | undefined {
  const enis = reader.find(networkInterfaceTable, 'instance', instanceId);
  return enis.find(({ attachment }) => attachment?.deviceIndex === 0 && (attachment.networkCardIndex ?? 0) === 0);
}

function domainOf(name: string): string {
  return name.slice(name.indexOf('.') + 1);
}

/** The VPCs of a partition: each has names. */
export function nameServiceIds(reader: Reader): string[] {
  return [...reader.list(vpcTable)].map(({ id }) => id);
}

/** The VPCs whose names a change of a record may alter. */
export function touchedNameServices({ table, before, after }: Change): Iterable<string> {
  const both = [before, after].filter((record) => record !== undefined);
  switch (table) {
    case vpcTable.name:
      return new Set(both.map(({ id }) => id));
    case instanceTable.name:
    case networkInterfaceTable.name:
      return new Set((both as unknown as readonly (InstanceRecord | NetworkInterfaceRecord)[]).map(({ vpcId }) => vpcId)); // records of these tables
    default:
      return [];
  }
}
