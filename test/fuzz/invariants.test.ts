/** Sees that the invariants of EC2's records find what is wrong: each fault is planted into records that are right. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { networkAclAssociationTable, networkAclTable, securityGroupTable } from '#services/ec2/tables/firewalls.ts';
import { addressTable, networkInterfaceTable, publicPoolTable } from '#services/ec2/tables/interfaces.ts';
import { internetGatewayTable, natGatewayTable, routeTableTable } from '#services/ec2/tables/routing.ts';
import { subnetTable, vpcTable } from '#services/ec2/tables/vpcs.ts';
import type { Transaction } from '#store/store.ts';
import type { StoreRecord, Table } from '#store/table.ts';
import { implementedApis } from '#test/fuzz/api.ts';
import { violations } from '#test/fuzz/invariants.ts';
import { buildWorld } from '#test/fuzz/world.ts';
import { useKeiro } from '#test/sdk/keiro.ts';

const keiro = await useKeiro();
const partition = { account: keiro.freshAccount(), region: 'eu-west-1' };
const ec2 = (await implementedApis()).find((api) => api.service === 'ec2');
const connection = ec2?.connect(keiro, partition.account);
afterAll(() => connection?.close());
beforeAll(async () => {
  if (connection) await buildWorld('ec2', connection.call);
});

type Plant = (tx: Transaction) => void;

/** Changes the first record of a table that a test holds for. */
function change<R extends StoreRecord>(table: Table<R, string>, which: (record: R) => boolean, to: (record: R) => R | undefined): Plant {
  return (tx) => {
    const record = [...tx.list(table)].find(which);
    if (!record) throw new Error(`no such record in ${table.name}`);
    const changed = to(record);
    if (changed) tx.put(table, changed);
    else tx.delete(table, record.id);
  };
}

const any = (): boolean => true;
const gone = (): undefined => undefined;
const here = 'subnet-0123456789abcdef0';

describe('invariants', () => {
  test('hold of what calls made', () => {
    expect(violations(keiro.store.reader(partition), Date.now())).toEqual([]);
  });

  test.each<[fault: string, plant: Plant, found: RegExp]>([
    ['a subnet without its VPC', change(vpcTable, (vpc) => !vpc.isDefault, gone), /is in vpc-\w+, which is gone/],
    ['a miscounted subnet', change(subnetTable, any, (one) => ({ ...one, usedAddresses: 7 })), /counts 7 used addresses/],
    [
      'a subnet outside',
      change(subnetTable, any, (one) => ({ ...one, cidrBlock: '192.168.0.0/24' })),
      /\(192\.168\.0\.0\/24\) is outside of/,
    ],
    ['two subnets in one place', (tx) => copyFirst(tx, subnetTable), /overlap/],
    [
      'no main table',
      change(routeTableTable, (one) => one.associations.some(({ main }) => main), gone),
      /has 0 of the one main route table/,
    ],
    ['two default groups', (tx) => copyFirst(tx, securityGroupTable), /has 2 of the one default security group/],
    ['no default ACL', change(networkAclTable, (acl) => acl.isDefault, gone), /has 0 of the one default network ACL/],
    ['a subnet under no ACL', change(networkAclAssociationTable, any, gone), /is under 0 network ACLs/],
    ['a lost local route', change(routeTableTable, any, (one) => ({ ...one, routes: [] })), /routes {2}locally, not/],
    ['a table with a subnet that is gone', change(routeTableTable, any, withAssociation), /no subnet-0123456789abcdef0 in/],
    ['two internet gateways', (tx) => copyFirst(tx, internetGatewayTable), /has more than one internet gateway/],
    [
      'an interface without a subnet',
      change(networkInterfaceTable, any, (eni) => ({ ...eni, subnetId: here })),
      /is in subnet-0123456789abcdef0/,
    ],
    ['an address held twice', (tx) => copyFirst(tx, networkInterfaceTable), /is held twice/],
    ['an address of AWS', change(networkInterfaceTable, any, withAddress('10.0.1.1')), /10\.0\.1\.1 is not for interfaces/],
    [
      'an interface with no such group',
      change(networkInterfaceTable, any, (eni) => ({ ...eni, groupIds: ['sg-1'] })),
      /has sg-1, which is gone/,
    ],
    ['a rule for a group that is gone', change(securityGroupTable, any, withReference), /refers to sg-1, which is gone/],
    ['an Elastic IP on nothing', change(addressTable, (one) => one.association !== undefined, elsewhere), /is on eni-1, which is gone/],
    [
      'an Elastic IP of nobody',
      change(addressTable, any, (one) => ({ ...one, publicIp: '198.18.9.9' })),
      /the pool did not give it 198\.18\.9\.9/,
    ],
    ['a miscounted pool', miscountPool, /the pool counts 99 public addresses/],
    ['a NAT gateway without its interface', change(natGatewayTable, any, gone), /belongs to 0 NAT gateways/],
  ])('find %s', async (_fault, plant, found) => {
    let seen: string[] = [];
    await keiro.store.transact(
      partition,
      (tx) => {
        plant(tx);
        seen = violations(tx, Date.now());
      },
      { dryRun: true },
    );
    expect(seen.join('\n')).toMatch(found);
  });
});

function copyFirst<R extends StoreRecord>(tx: Transaction, table: Table<R, string>): void {
  const [first] = tx.list(table);
  if (first) tx.put(table, { ...first, id: `${first.id}-copy` });
}

function withAssociation<R extends { readonly associations: readonly unknown[] }>(table: R): R {
  return { ...table, associations: [...table.associations, { id: 'rtbassoc-1', main: false, subnetId: here }] };
}

function withAddress(address: string) {
  return <R extends { readonly privateAddresses: readonly unknown[] }>(eni: R): R => ({
    ...eni,
    privateAddresses: [{ address, primary: true }],
  });
}

function withReference<R extends { readonly rules: readonly object[] }>(group: R): R {
  const [rule] = group.rules;
  return { ...group, rules: [{ ...rule, cidrIpv4: undefined, referencedGroup: { groupId: 'sg-1', userId: 'x' } }] };
}

function elsewhere<R extends { readonly association?: object }>(address: R): R {
  return { ...address, association: { ...address.association, networkInterfaceId: 'eni-1' } };
}

function miscountPool(tx: Transaction): void {
  const pool = tx.in({ account: 'keiro', region: 'global' });
  pool.put(publicPoolTable, { id: 'pool', nextOffset: 300, held: 99 });
}
