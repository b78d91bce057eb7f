/** Facts of what security groups, network ACLs and prefix lists become in the topology. */
import type { CreateNetworkAclEntryCommandInput, IpPermission } from '@aws-sdk/client-ec2';
import { describe, expect, test } from 'vitest';
import { formatCidr } from '#model/cidr.ts';
import type { AccessList, Group } from '#model/topology.ts';
import { formatTraffic } from '#model/traffic.ts';
import { blocks, network } from '#test/network/ec2-network.ts';
import { ec2World, home, part } from '#test/network/ec2-world.ts';

const rules = (group: Group, direction: 'in' | 'out'): string[] =>
  group.rules
    .filter((rule) => rule.direction === direction)
    .map(({ traffic, peer }) => `${formatTraffic(traffic)} ${peer.kind === 'cidr' ? formatCidr(peer.cidr) : `${peer.kind} ${peer.id}`}`);

const entries = ({ entries: all }: AccessList, direction: 'in' | 'out'): string[] =>
  all
    .filter((entry) => entry.direction === direction)
    .map(({ number, action, traffic, cidr }) => `${number} ${action} ${formatTraffic(traffic)} ${formatCidr(cidr)}`);

type Entry = Pick<CreateNetworkAclEntryCommandInput, 'CidrBlock' | 'Ipv6CidrBlock' | 'PortRange' | 'IcmpTypeCode'> & { Protocol: string };

describe('a security group', () => {
  const anywhere = { IpRanges: [{ CidrIp: '0.0.0.0/0' }] };

  test('allows all out from the start', async () => {
    const world = await ec2World();
    const { vpcId } = await network(world);
    const id = (await world.call('CreateSecurityGroup', { GroupName: 'g', Description: 'd', VpcId: vpcId })).GroupId;
    const group = part(world.topology, 'group', id);
    expect([group.networkId, rules(group, 'in'), rules(group, 'out')]).toEqual([vpcId, [], ['all 0.0.0.0/0', 'all ::/0']]);
  });

  test.each<[string, IpPermission, string]>([
    ['one port', { IpProtocol: 'tcp', FromPort: 443, ToPort: 443, ...anywhere }, 'tcp 443 0.0.0.0/0'],
    ['a range', { IpProtocol: 'udp', FromPort: 53, ToPort: 60, IpRanges: [{ CidrIp: '192.0.2.0/24' }] }, 'udp 53-60 192.0.2.0/24'],
    ['IPv6', { IpProtocol: 'tcp', FromPort: 22, ToPort: 22, Ipv6Ranges: [{ CidrIpv6: '2001:db8::/32' }] }, 'tcp 22 2001:db8::/32'],
    ['every port', { IpProtocol: 'tcp', FromPort: 0, ToPort: 65_535, ...anywhere }, 'tcp 0-65535 0.0.0.0/0'],
    ['a protocol by its number', { IpProtocol: '6', FromPort: 25, ToPort: 25, ...anywhere }, 'tcp 25 0.0.0.0/0'],
    ['a protocol without ports', { IpProtocol: '47', ...anywhere }, '47 0.0.0.0/0'],
    ['all traffic', { IpProtocol: '-1', ...anywhere }, 'all 0.0.0.0/0'],
    ['all traffic, whatever ports', { IpProtocol: '-1', FromPort: 1, ToPort: 2, ...anywhere }, 'all 0.0.0.0/0'],
    ['ping', { IpProtocol: 'icmp', FromPort: 8, ToPort: 0, ...anywhere }, 'icmp type 8 code 0 0.0.0.0/0'],
    ['an ICMP type', { IpProtocol: 'icmp', FromPort: 3, ToPort: -1, ...anywhere }, 'icmp type 3 0.0.0.0/0'],
    ['all ICMP', { IpProtocol: 'icmp', FromPort: -1, ToPort: -1, ...anywhere }, 'icmp 0.0.0.0/0'],
    ['all ICMPv6', { IpProtocol: 'icmpv6', Ipv6Ranges: [{ CidrIpv6: '::/0' }] }, 'icmpv6 ::/0'],
    ['an ICMPv6 type', { IpProtocol: '58', FromPort: 128, ToPort: 0, Ipv6Ranges: [{ CidrIpv6: '::/0' }] }, 'icmpv6 type 128 code 0 ::/0'],
  ])('has a rule for %s', async (_, permission, expected) => {
    const world = await ec2World();
    const { vpcId } = await network(world);
    const GroupId = (await world.call('CreateSecurityGroup', { GroupName: 'g', Description: 'd', VpcId: vpcId })).GroupId ?? '';
    const { SecurityGroupRules } = await world.call('AuthorizeSecurityGroupIngress', { GroupId, IpPermissions: [permission] });
    const group = part(world.topology, 'group', GroupId);
    expect(rules(group, 'in')).toEqual([expected]);
    expect(group.rules.map(({ id }) => id)).toContain(SecurityGroupRules?.[0]?.SecurityGroupRuleId);
  });

  test('names groups and prefix lists', async () => {
    const world = await ec2World();
    const { vpcId } = await network(world);
    const GroupId = (await world.call('CreateSecurityGroup', { GroupName: 'g', Description: 'd', VpcId: vpcId })).GroupId ?? '';
    const list = (await world.call('DescribeManagedPrefixLists', {})).PrefixLists?.[0]?.PrefixListId ?? '';
    const all = { IpProtocol: '-1' };
    await world.call('AuthorizeSecurityGroupIngress', {
      GroupId,
      IpPermissions: [{ ...all, UserIdGroupPairs: [{ GroupId }], PrefixListIds: [{ PrefixListId: list }] }],
    });
    expect(rules(part(world.topology, 'group', GroupId), 'in').toSorted()).toEqual([`all group ${GroupId}`, `all prefixSet ${list}`]);
    expect(part(world.topology, 'prefixSet', list).cidrs.length).toBeGreaterThan(0);
  });
});

describe('a network ACL', () => {
  test('lets everything pass when it is the default one', async () => {
    const world = await ec2World();
    const { first } = await network(world);
    const acl = part(world.topology, 'accessList', part(world.topology, 'segment', first).accessListId);
    const open = ['100 allow all 0.0.0.0/0', '101 allow all ::/0'];
    expect([entries(acl, 'in'), entries(acl, 'out')]).toEqual([open, open]);
  });

  test.each<[string, Entry, string]>([
    ['ports', { Protocol: '6', PortRange: { From: 80, To: 90 }, CidrBlock: '0.0.0.0/0' }, 'tcp 80-90 0.0.0.0/0'],
    ['everything', { Protocol: '-1', CidrBlock: '0.0.0.0/0' }, 'all 0.0.0.0/0'],
    ['IPv6', { Protocol: '-1', Ipv6CidrBlock: '::/0' }, 'all ::/0'],
    ['ping', { Protocol: '1', IcmpTypeCode: { Type: 8, Code: 0 }, CidrBlock: '0.0.0.0/0' }, 'icmp type 8 code 0 0.0.0.0/0'],
    ['an ICMP type', { Protocol: '1', IcmpTypeCode: { Type: 3, Code: -1 }, CidrBlock: '0.0.0.0/0' }, 'icmp type 3 0.0.0.0/0'],
    ['all ICMP', { Protocol: '1', IcmpTypeCode: { Type: -1, Code: -1 }, CidrBlock: '0.0.0.0/0' }, 'icmp 0.0.0.0/0'],
    ['ICMPv6', { Protocol: '58', IcmpTypeCode: { Type: 128, Code: -1 }, Ipv6CidrBlock: '::/0' }, 'icmpv6 type 128 ::/0'],
    ['a protocol without ports', { Protocol: '47', CidrBlock: '0.0.0.0/0' }, '47 0.0.0.0/0'],
  ])('has an entry for %s', async (_, entry, expected) => {
    const world = await ec2World();
    const { vpcId } = await network(world);
    const NetworkAclId = (await world.call('CreateNetworkAcl', { VpcId: vpcId })).NetworkAcl?.NetworkAclId ?? '';
    await world.call('CreateNetworkAclEntry', { NetworkAclId, RuleNumber: 10, RuleAction: 'deny', Egress: true, ...entry });
    await world.call('CreateNetworkAclEntry', { NetworkAclId, RuleNumber: 20, RuleAction: 'allow', Egress: false, ...entry });
    const acl = part(world.topology, 'accessList', NetworkAclId);
    expect([entries(acl, 'out'), entries(acl, 'in')]).toEqual([[`10 deny ${expected}`], [`20 allow ${expected}`]]);
  });
});

describe('a prefix list', () => {
  test('is a set of blocks, and follows its versions', async () => {
    const world = await ec2World();
    const { PrefixList } = await world.call('CreateManagedPrefixList', { PrefixListName: 'l', MaxEntries: 3, AddressFamily: 'IPv6', Entries: [{ Cidr: '2001:db8::/48' }] }); // prettier-ignore
    const PrefixListId = PrefixList?.PrefixListId ?? '';
    expect(blocks(part(world.topology, 'prefixSet', PrefixListId).cidrs)).toBe('2001:db8::/48');
    await world.call('ModifyManagedPrefixList', { PrefixListId, CurrentVersion: 1, AddEntries: [{ Cidr: '2001:db8:1::/48' }], RemoveEntries: [{ Cidr: '2001:db8::/48' }] }); // prettier-ignore
    expect(blocks(part(world.topology, 'prefixSet', PrefixListId).cidrs)).toBe('2001:db8:1::/48');
    await world.call('DeleteManagedPrefixList', { PrefixListId });
    expect(() => part(world.topology, 'prefixSet', PrefixListId)).toThrow('there is no prefixSet');
  });

  test('of AWS is there in each Region that is used', async () => {
    const world = await ec2World();
    await world.call('CreateVpc', { CidrBlock: '10.0.0.0/16' }, { ...home, region: 'ap-northeast-1' });
    for (const { PrefixListId } of (await world.call('DescribePrefixLists', {}, { ...home, region: 'ap-northeast-1' })).PrefixLists ?? [])
      expect(part(world.topology, 'prefixSet', PrefixListId).cidrs.length).toBeGreaterThan(0);
  });
});
