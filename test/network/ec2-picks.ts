/** Arguments for EC2 calls: ids of what a store holds, chosen by numbers that a generator draws. */
import { networkAclAssociationTable, networkAclTable, securityGroupTable } from '#services/ec2/tables/firewalls.ts';
import { instanceTable } from '#services/ec2/tables/instances.ts';
import { addressTable, networkInterfaceTable } from '#services/ec2/tables/interfaces.ts';
import {
  egressOnlyInternetGatewayTable,
  internetGatewayTable,
  natGatewayTable,
  prefixListTable,
  routeTableTable,
} from '#services/ec2/tables/routing.ts';
import { subnetTable, vpcTable } from '#services/ec2/tables/vpcs.ts';
import type { Reader } from '#store/store.ts';
import type { StoreRecord, Table } from '#store/table.ts';

export type AnyInput = Record<string, unknown>;
export type Picks = ReturnType<typeof picks>;

/** @param draws used one after the other, again from the first when all are used */
export function picks(reader: Reader, draws: readonly number[], image: string) {
  let used = 0;
  const draw = (): number => draws[used++ % draws.length] ?? 0;
  const one = <R extends StoreRecord>(table: Table<R, string>): R | undefined => {
    const all = [...reader.list(table)];
    return all[draw() % Math.max(all.length, 1)];
  };
  const id = (table: Table<never, string>): string => one(table as unknown as Table<StoreRecord, string>)?.id ?? 'none'; // only the id is read
  const inside = <T>(all: readonly T[] | undefined): T | undefined => all?.[draw() % Math.max(all.length, 1)];
  return {
    number: (below: number): number => draw() % below,
    of: <T>(all: readonly [T, ...T[]] | readonly T[]): T => all[draw() % all.length] as T, // never empty
    image: () => image,
    vpc: () => id(vpcTable),
    subnet: () => id(subnetTable),
    routeTable: () => id(routeTableTable),
    internetGateway: () => id(internetGatewayTable),
    egressOnlyGateway: () => id(egressOnlyInternetGatewayTable),
    natGateway: () => id(natGatewayTable),
    group: () => id(securityGroupTable),
    acl: () => id(networkAclTable),
    aclAssociation: () => id(networkAclAssociationTable),
    eni: () => id(networkInterfaceTable),
    address: () => id(addressTable),
    instance: () => id(instanceTable),
    prefixList: () => id(prefixListTable),
    addressAssociation: () => one(addressTable)?.association?.id ?? 'none',
    attachment: () => one(networkInterfaceTable)?.attachment?.id ?? 'none',
    tableAssociation: () => inside(one(routeTableTable)?.associations)?.id ?? 'none',
    explicitAssociation: () =>
      inside([...reader.list(routeTableTable)].flatMap(({ associations }) => associations.filter(({ main }) => !main)))?.id ?? 'none',
    vpcBlock() {
      const vpc = one(vpcTable);
      return inside([...(vpc?.cidrAssociations ?? []), ...(vpc?.ipv6CidrAssociations ?? [])])?.associationId ?? 'none';
    },
    subnetBlock: () => inside(one(subnetTable)?.ipv6CidrAssociations)?.associationId ?? 'none',
    newSubnet(): AnyInput {
      const vpc = one(vpcTable);
      const block = inside(vpc?.cidrAssociations)
        ?.cidrBlock.replace('.0.0/', `.${draw() % 4}.0/`)
        .replace(/\/\d+/, '/24');
      return { VpcId: vpc?.id ?? 'none', CidrBlock: block };
    },
    newSubnetBlock(): AnyInput {
      const subnet = one(subnetTable);
      const vpc = subnet && reader.get(vpcTable, subnet.vpcId);
      const block = inside(vpc?.ipv6CidrAssociations)?.ipv6CidrBlock.replace('00::/56', `0${draw() % 4}::/64`);
      return { SubnetId: subnet?.id ?? 'none', Ipv6CidrBlock: block };
    },
    attachedGateway(): AnyInput {
      const gateway = inside([...reader.list(internetGatewayTable)].filter(({ vpcId }) => vpcId !== undefined));
      return { InternetGatewayId: gateway?.id ?? 'none', VpcId: gateway?.vpcId ?? 'none' };
    },
    ownRoute(): AnyInput {
      const table = one(routeTableTable);
      const destination = inside(table?.routes)?.destination ?? 'none';
      const member = destination.startsWith('pl-') ? 'PrefixListId' : destination.includes(':') ? 'Ipv6CidrBlock' : 'CidrBlock';
      return { RouteTableId: table?.id ?? 'none', [`Destination${member}`]: destination };
    },
    ownEntry(): AnyInput {
      const acl = one(networkAclTable);
      const entry = inside(acl?.entries);
      return { NetworkAclId: acl?.id ?? 'none', RuleNumber: entry?.ruleNumber ?? 1, Egress: entry?.egress ?? false };
    },
    ownRule(isEgress: boolean) {
      const group = one(securityGroupTable);
      const rule = inside(group?.rules.filter((rule) => rule.isEgress === isEgress));
      return { GroupId: group?.id ?? 'none', SecurityGroupRuleIds: [rule?.id ?? 'none'] };
    },
    secondaryAddress(): AnyInput {
      const eni = one(networkInterfaceTable);
      return { NetworkInterfaceId: eni?.id ?? 'none', PrivateIpAddresses: [eni?.privateAddresses.at(-1)?.address ?? 'none'] };
    },
    ipv6Address(): AnyInput {
      const eni = one(networkInterfaceTable);
      return { NetworkInterfaceId: eni?.id ?? 'none', Ipv6Addresses: [inside(eni?.ipv6Addresses) ?? 'none'] };
    },
    prefixListChange(): AnyInput {
      const list = one(prefixListTable);
      return { PrefixListId: list?.id ?? 'none', CurrentVersion: list?.version, AddEntries: [{ Cidr: `198.51.100.${draw() % 8}/32` }] };
    },
  };
}
