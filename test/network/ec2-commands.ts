/** Every call that changes a network, with arguments picked by number out of what is there: for sequences of any calls. */
import type { AnyInput, Picks } from '#test/network/ec2-picks.ts';

type Command = (pick: Picks) => AnyInput;

const peers = ['0.0.0.0/0', '10.0.0.0/8', '10.1.2.3/32'];
const protocols = ['tcp', 'udp', 'icmp', '-1', '47', '58'];

function permission(pick: Picks): Record<string, unknown> {
  const protocol = pick.of(protocols);
  const from = pick.number(3) * 100;
  const ports = { tcp: [from, from + 10], udp: [53, 53], icmp: [8, -1], 58: [-1, -1] }[protocol];
  const peer = pick.of<Record<string, unknown>>([
    { IpRanges: [{ CidrIp: pick.of(peers) }] },
    { Ipv6Ranges: [{ CidrIpv6: '::/0' }] },
    { UserIdGroupPairs: [{ GroupId: pick.group() }] },
    { PrefixListIds: [{ PrefixListId: pick.prefixList() }] },
  ]);
  return { IpProtocol: protocol, ...(ports ? { FromPort: ports[0], ToPort: ports[1] } : {}), ...peer };
}

function aclEntry(pick: Picks): Record<string, unknown> {
  const protocol = pick.of(['6', '17', '1', '-1', '58', '47']);
  const extra = { 6: { PortRange: { From: 0, To: 1023 } }, 17: { PortRange: { From: 53, To: 53 } }, 1: { IcmpTypeCode: { Type: 8, Code: -1 } }, 58: { IcmpTypeCode: { Type: -1, Code: -1 } } }; // prettier-ignore
  return {
    NetworkAclId: pick.acl(),
    RuleNumber: 10 + pick.number(5),
    Egress: pick.number(2) === 0,
    RuleAction: pick.of(['allow', 'deny']),
    Protocol: protocol,
    ...(protocol === '58' || pick.number(4) === 0 ? { Ipv6CidrBlock: '::/0' } : { CidrBlock: pick.of(peers) }),
    ...(protocol in extra ? extra[protocol as unknown as keyof typeof extra] : {}), // just asked
  };
}

function target(pick: Picks): Record<string, unknown> {
  return pick.of<Record<string, unknown>>([
    { GatewayId: pick.internetGateway() },
    { GatewayId: 'local' },
    { NatGatewayId: pick.natGateway() },
    { NetworkInterfaceId: pick.eni() },
    { InstanceId: pick.instance() },
    { EgressOnlyInternetGatewayId: pick.egressOnlyGateway() },
  ]);
}

function destination(pick: Picks): Record<string, unknown> {
  return pick.of<Record<string, unknown>>([
    { DestinationCidrBlock: '0.0.0.0/0' },
    { DestinationCidrBlock: pick.of(['192.0.2.0/24', '10.0.1.0/24', '10.0.0.0/16']) },
    { DestinationIpv6CidrBlock: '::/0' },
    { DestinationPrefixListId: pick.prefixList() },
  ]);
}

/** By the operation's name; a few have a second row with other arguments. */
export const commands: readonly (readonly [operation: string, input: Command])[] = [
  ['CreateVpc', (pick) => ({ CidrBlock: `10.${pick.number(3)}.0.0/16`, AmazonProvidedIpv6CidrBlock: pick.number(2) === 0 })],
  ['DeleteVpc', (pick) => ({ VpcId: pick.vpc() })],
  ['ModifyVpcAttribute', (pick) => ({ VpcId: pick.vpc(), EnableDnsSupport: { Value: pick.number(2) === 0 } })],
  ['AssociateVpcCidrBlock', (pick) => ({ VpcId: pick.vpc(), CidrBlock: `10.${100 + pick.number(4)}.0.0/20` })],
  ['AssociateVpcCidrBlock', (pick) => ({ VpcId: pick.vpc(), AmazonProvidedIpv6CidrBlock: true })],
  ['DisassociateVpcCidrBlock', (pick) => ({ AssociationId: pick.vpcBlock() })],
  ['CreateSubnet', (pick) => pick.newSubnet()],
  ['CreateSubnet', (pick) => pick.newSubnet()],
  ['DeleteSubnet', (pick) => ({ SubnetId: pick.subnet() })],
  ['AssociateSubnetCidrBlock', (pick) => pick.newSubnetBlock()],
  ['DisassociateSubnetCidrBlock', (pick) => ({ AssociationId: pick.subnetBlock() })],
  ['CreateRouteTable', (pick) => ({ VpcId: pick.vpc() })],
  ['DeleteRouteTable', (pick) => ({ RouteTableId: pick.routeTable() })],
  ['AssociateRouteTable', (pick) => ({ RouteTableId: pick.routeTable(), SubnetId: pick.subnet() })],
  ['AssociateRouteTable', (pick) => ({ RouteTableId: pick.routeTable(), GatewayId: pick.internetGateway() })],
  ['DisassociateRouteTable', (pick) => ({ AssociationId: pick.explicitAssociation() })],
  ['ReplaceRouteTableAssociation', (pick) => ({ AssociationId: pick.tableAssociation(), RouteTableId: pick.routeTable() })],
  ['CreateRoute', (pick) => ({ RouteTableId: pick.routeTable(), ...destination(pick), ...target(pick) })],
  ['CreateRoute', (pick) => ({ RouteTableId: pick.routeTable(), ...destination(pick), ...target(pick) })],
  ['ReplaceRoute', (pick) => ({ ...pick.ownRoute(), ...target(pick) })],
  ['DeleteRoute', (pick) => pick.ownRoute()],
  ['CreateInternetGateway', () => ({})],
  ['AttachInternetGateway', (pick) => ({ InternetGatewayId: pick.internetGateway(), VpcId: pick.vpc() })],
  ['DetachInternetGateway', (pick) => pick.attachedGateway()],
  ['DeleteInternetGateway', (pick) => ({ InternetGatewayId: pick.internetGateway() })],
  ['CreateEgressOnlyInternetGateway', (pick) => ({ VpcId: pick.vpc() })],
  ['DeleteEgressOnlyInternetGateway', (pick) => ({ EgressOnlyInternetGatewayId: pick.egressOnlyGateway() })],
  ['CreateSecurityGroup', (pick) => ({ GroupName: `group ${pick.number(1000)}`, Description: 'd', VpcId: pick.vpc() })],
  ['DeleteSecurityGroup', (pick) => ({ GroupId: pick.group() })],
  ['AuthorizeSecurityGroupIngress', (pick) => ({ GroupId: pick.group(), IpPermissions: [permission(pick)] })],
  ['AuthorizeSecurityGroupEgress', (pick) => ({ GroupId: pick.group(), IpPermissions: [permission(pick)] })],
  ['RevokeSecurityGroupIngress', (pick) => pick.ownRule(false)],
  ['RevokeSecurityGroupEgress', (pick) => pick.ownRule(true)],
  [
    'ModifySecurityGroupRules',
    (pick) => {
      const { GroupId, SecurityGroupRuleIds } = pick.ownRule(pick.number(2) === 0);
      const rule = { IpProtocol: 'tcp', FromPort: 1, ToPort: 2, CidrIpv4: '192.0.2.0/24' };
      return { GroupId, SecurityGroupRules: SecurityGroupRuleIds.map((id) => ({ SecurityGroupRuleId: id, SecurityGroupRule: rule })) };
    },
  ],
  ['CreateNetworkAcl', (pick) => ({ VpcId: pick.vpc() })],
  ['DeleteNetworkAcl', (pick) => ({ NetworkAclId: pick.acl() })],
  ['ReplaceNetworkAclAssociation', (pick) => ({ AssociationId: pick.aclAssociation(), NetworkAclId: pick.acl() })],
  ['CreateNetworkAclEntry', aclEntry],
  ['ReplaceNetworkAclEntry', (pick) => ({ ...aclEntry(pick), ...pick.ownEntry() })],
  ['DeleteNetworkAclEntry', (pick) => pick.ownEntry()],
  ['CreateNetworkInterface', (pick) => ({ SubnetId: pick.subnet(), SecondaryPrivateIpAddressCount: pick.number(3) })],
  ['CreateNetworkInterface', (pick) => ({ SubnetId: pick.subnet(), Groups: [pick.group()], Ipv4PrefixCount: pick.number(2) })],
  ['DeleteNetworkInterface', (pick) => ({ NetworkInterfaceId: pick.eni() })],
  ['ModifyNetworkInterfaceAttribute', (pick) => ({ NetworkInterfaceId: pick.eni(), SourceDestCheck: { Value: pick.number(2) === 0 } })],
  ['ModifyNetworkInterfaceAttribute', (pick) => ({ NetworkInterfaceId: pick.eni(), Groups: [pick.group()] })],
  ['AssignPrivateIpAddresses', (pick) => ({ NetworkInterfaceId: pick.eni(), SecondaryPrivateIpAddressCount: 1 })],
  ['UnassignPrivateIpAddresses', (pick) => pick.secondaryAddress()],
  ['AssignIpv6Addresses', (pick) => ({ NetworkInterfaceId: pick.eni(), Ipv6AddressCount: 1 })],
  ['UnassignIpv6Addresses', (pick) => pick.ipv6Address()],
  ['AllocateAddress', () => ({})],
  ['AssociateAddress', (pick) => ({ AllocationId: pick.address(), NetworkInterfaceId: pick.eni(), AllowReassociation: true })],
  ['AssociateAddress', (pick) => ({ AllocationId: pick.address(), InstanceId: pick.instance() })],
  ['DisassociateAddress', (pick) => ({ AssociationId: pick.addressAssociation() })],
  ['ReleaseAddress', (pick) => ({ AllocationId: pick.address() })],
  ['CreateNatGateway', (pick) => ({ SubnetId: pick.subnet(), AllocationId: pick.address() })],
  ['CreateNatGateway', (pick) => ({ SubnetId: pick.subnet(), ConnectivityType: 'private' })],
  ['DeleteNatGateway', (pick) => ({ NatGatewayId: pick.natGateway() })],
  [
    'CreateManagedPrefixList',
    (pick) => ({
      PrefixListName: `list ${pick.number(1000)}`,
      MaxEntries: 5,
      AddressFamily: 'IPv4',
      Entries: [{ Cidr: pick.of(['192.0.2.0/24', '10.0.0.0/8']) }],
    }),
  ],
  ['ModifyManagedPrefixList', (pick) => pick.prefixListChange()],
  ['DeleteManagedPrefixList', (pick) => ({ PrefixListId: pick.prefixList() })],
  [
    'RunInstances',
    (pick) => ({
      ImageId: pick.image(),
      InstanceType: 't3.medium',
      MinCount: 1,
      MaxCount: 1 + pick.number(2),
      NetworkInterfaces: [{ DeviceIndex: 0, SubnetId: pick.subnet(), AssociatePublicIpAddress: pick.number(2) === 0 }],
    }),
  ],
  ['StopInstances', (pick) => ({ InstanceIds: [pick.instance()] })],
  ['StartInstances', (pick) => ({ InstanceIds: [pick.instance()] })],
  ['TerminateInstances', (pick) => ({ InstanceIds: [pick.instance()] })],
  ['AttachNetworkInterface', (pick) => ({ NetworkInterfaceId: pick.eni(), InstanceId: pick.instance(), DeviceIndex: 1 })],
  ['DetachNetworkInterface', (pick) => ({ AttachmentId: pick.attachment() })],
];
