/** `keiro trace` against a server: every kind of verdict, by the component and the rule that decide, and the words for people. */
import {
  AllocateAddressCommand,
  AuthorizeSecurityGroupIngressCommand,
  CreateEgressOnlyInternetGatewayCommand,
  CreateNatGatewayCommand,
  CreateNetworkAclEntryCommand,
  CreateNetworkInterfaceCommand,
  CreateRouteCommand,
  CreateSecurityGroupCommand,
  CreateSubnetCommand,
  CreateTagsCommand,
  CreateVpcCommand,
  DeleteNatGatewayCommand,
  DeleteNetworkAclEntryCommand,
  DescribeSecurityGroupRulesCommand,
  ModifyNetworkInterfaceAttributeCommand,
  RevokeSecurityGroupEgressCommand,
  StopInstancesCommand,
} from '@aws-sdk/client-ec2';
import { describe, expect, it } from 'vitest';
import { keiro } from '#test/cli/keiro-process.ts';
import { givePublicAddress, useTraces } from '#test/cli/trace-network.ts';

const { server, world, trace } = useTraces();

describe.concurrent('the rule that decides', () => {
  it('a missing route', async () => {
    const { network } = await world();
    const { told, text, view } = await trace(network.app.id, 'internet', '--port', '443');
    expect(told).toBe(`noRoute ${network.privateTable}`);
    expect(text).toBe(`${network.privateTable} has no route to 198.18.0.10`);
    expect(view.advice).toEqual([
      `Add a route to the internet: aws ec2 create-route --route-table-id ${network.privateTable} --destination-cidr-block 0.0.0.0/0 --nat-gateway-id nat-…, or give ${network.app.eni} a public address and route to ${network.igw}`,
    ]);
  });

  it('no public address, outward and inward', async () => {
    const { network } = await world();
    const outward = await trace(network.web.id, 'internet', '--port', '443');
    expect(outward.told).toBe(`noPublicAddress ${network.igw}`);
    expect(outward.view.advice[0]).toBe(
      `Associate an Elastic IP: aws ec2 associate-address --allocation-id eipalloc-… --network-interface-id ${network.web.eni} --private-ip-address 10.0.0.10`,
    );
    const inward = await trace('internet', network.web.id, '--port', '443');
    expect([inward.told, inward.text]).toEqual(['unroutableDestination internet', 'the internet does not forward to 10.0.0.10']);
    expect(inward.view.advice).toEqual([
      'A private address is reached inside its own VPC only: give the destination a public address (aws ec2 associate-address).',
    ]);
  });

  it('a group outward', async () => {
    const { ec2, network } = await world();
    const IpPermissions = [{ IpProtocol: '-1', IpRanges: [{ CidrIp: '0.0.0.0/0' }], Ipv6Ranges: [{ CidrIpv6: '::/0' }] }];
    await ec2.send(new RevokeSecurityGroupEgressCommand({ GroupId: network.group, IpPermissions }));
    const { told, text, view } = await trace(network.web.id, network.app.id, '--port', '5432');
    expect([told, text]).toEqual([`groupDeniedOut ${network.group}`, `${network.group} has no outbound rule that allows it`]);
    expect(view.advice).toEqual([
      `Add a rule to ${network.group}: aws ec2 authorize-security-group-egress --group-id ${network.group} --protocol tcp --port 5432 --cidr 10.0.1.10/32`,
    ]);
    expect((await trace(network.web.id, network.app.id, '--port', '53', '--protocol', 'udp', '--ipv6')).view.advice[0]).toMatch(
      /--ip-permissions 'IpProtocol=udp,FromPort=53,ToPort=53,Ipv6Ranges=\[\{CidrIpv6=2001:db8:[0-9a-f:]+\/128\}\]'$/,
    );
  });

  it('groups inward, all of them', async () => {
    const { ec2, network } = await world();
    const make = async (GroupName: string): Promise<string> =>
      (await ec2.send(new CreateSecurityGroupCommand({ VpcId: network.vpc, GroupName, Description: 'd' }))).GroupId ?? '';
    const [one, two] = [await make('one'), await make('two')];
    await ec2.send(new ModifyNetworkInterfaceAttributeCommand({ NetworkInterfaceId: network.app.eni, Groups: [one, two] }));
    const { told, view } = await trace(network.web.id, network.app.id, '--protocol', 'icmp');
    expect(told).toMatch(/^groupDeniedIn sg-/);
    expect([...(view.decidedBy.candidates ?? [])].sort()).toEqual([one, two].sort());
    const IpPermissions = [{ IpProtocol: 'tcp', FromPort: 80, ToPort: 90, UserIdGroupPairs: [{ GroupId: network.group }] }];
    await ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId: two, IpPermissions }));
    const { SecurityGroupRules } = await ec2.send(
      new DescribeSecurityGroupRulesCommand({ Filters: [{ Name: 'group-id', Values: [two] }] }),
    );
    const rule = SecurityGroupRules?.find(({ IsEgress }) => !IsEgress)?.SecurityGroupRuleId;
    const allowed = await trace(network.web.id, network.app.id, '--port', '85');
    expect([allowed.told, allowed.text]).toEqual([`delivered ${two} ${rule}`, `${two} ${rule} inbound tcp 80-90 from ${network.group}`]);
  });

  it('a network ACL, outward, inward and on the answer', async () => {
    const { ec2, network } = await world();
    const { acl: NetworkAclId } = network;
    const entry = { NetworkAclId, RuleAction: 'deny', Protocol: '6', PortRange: { From: 443, To: 443 }, CidrBlock: '10.0.1.0/24' } as const;
    const ask = () => trace(network.web.id, network.app.id, '--port', '443');

    await ec2.send(new CreateNetworkAclEntryCommand({ ...entry, Egress: true, RuleNumber: 90 }));
    const outward = await ask();
    expect(outward.told).toBe(`aclDeniedOut ${NetworkAclId} 90`);
    expect(outward.text).toBe(`${NetworkAclId} rule 90 outbound deny tcp 443 to 10.0.1.0/24`);
    expect(outward.view.advice).toEqual([
      `Add a rule: aws ec2 create-network-acl-entry --network-acl-id ${NetworkAclId} --egress --rule-number 89 --rule-action allow --protocol 6 --port-range From=443,To=443 --cidr-block 10.0.1.10/32`,
    ]);
    await ec2.send(new DeleteNetworkAclEntryCommand({ NetworkAclId, Egress: true, RuleNumber: 90 }));

    await ec2.send(new CreateNetworkAclEntryCommand({ ...entry, Egress: false, RuleNumber: 1, CidrBlock: '10.0.0.0/8' }));
    const inward = await ask();
    expect([inward.told, inward.text]).toEqual([
      `aclDeniedIn ${NetworkAclId} 1`,
      `${NetworkAclId} rule 1 inbound deny tcp 443 from 10.0.0.0/8`,
    ]);
    expect(inward.view.advice).toEqual([`Take rule 1 (ingress) of ${NetworkAclId} away, or make it narrower.`]);
    await ec2.send(new DeleteNetworkAclEntryCommand({ NetworkAclId, Egress: false, RuleNumber: 1 }));

    // Out to port 443 only: the answer goes to an ephemeral port.
    await ec2.send(new CreateNetworkAclEntryCommand({ ...entry, RuleAction: 'allow', Egress: true, RuleNumber: 50 }));
    await ec2.send(new DeleteNetworkAclEntryCommand({ NetworkAclId, Egress: true, RuleNumber: 100 }));
    const answer = await ask();
    expect([answer.told, answer.text]).toEqual([
      `returnAclDeniedOut ${NetworkAclId} *`,
      `${NetworkAclId} rule * outbound deny: no other rule matches`,
    ]);
    expect(answer.view.advice[1]).toBe(
      `Add a rule: aws ec2 create-network-acl-entry --network-acl-id ${NetworkAclId} --egress --rule-number 111 --rule-action allow --protocol 6 --port-range From=1024,To=65535 --cidr-block 10.0.0.10/32`,
    );
  });

  it('the source/destination check of an instance that is to forward', async () => {
    const { ec2, network } = await world();
    const route = { RouteTableId: network.privateTable, DestinationCidrBlock: '0.0.0.0/0', NetworkInterfaceId: network.web.eni };
    await ec2.send(new CreateRouteCommand(route));
    const refused = await trace(network.app.id, 'internet', '--port', '443');
    expect(refused.told).toBe(`sourceDestinationCheck ${network.web.eni}`);
    expect(refused.view.advice).toEqual([
      `If ${network.web.eni} is to forward for others, turn its check off: aws ec2 modify-network-interface-attribute --network-interface-id ${network.web.eni} --no-source-dest-check`,
    ]);
    await ec2.send(new ModifyNetworkInterfaceAttributeCommand({ NetworkInterfaceId: network.web.eni, SourceDestCheck: { Value: false } }));
    const handed = await trace(network.app.id, 'internet', '--port', '443');
    expect(handed.view.outcome).toBe('handedOver');
    expect(handed.view.advice).toEqual([
      `${network.web.eni} takes the packet for others: what becomes of it is up to the instance that forwards it.`,
    ]);
    await ec2.send(new StopInstancesCommand({ InstanceIds: [network.web.id] }));
    const stopped = await trace(network.app.id, 'internet', '--port', '443');
    expect([stopped.told, stopped.text]).toEqual([
      `blackhole ${network.privateTable} 0.0.0.0/0`,
      `${network.privateTable} 0.0.0.0/0 → ${network.web.eni} (blackhole)`,
    ]);
    const down = await trace(network.web.id, network.app.id, '--port', '443');
    expect([down.told, down.view.advice]).toEqual([
      `interfaceDown ${network.web.eni}`,
      [`Start the instance: aws ec2 start-instances --instance-ids ${network.web.id}`],
    ]);
  });

  it('a NAT gateway: outward yes, inward no, and a blackhole when it is gone', async () => {
    const { ec2, network } = await world();
    const { AllocationId, PublicIp = '' } = await ec2.send(new AllocateAddressCommand({}));
    const { NatGateway } = await ec2.send(new CreateNatGatewayCommand({ SubnetId: network.publicSubnet, AllocationId }));
    const nat = NatGateway?.NatGatewayId ?? '';
    await ec2.send(new CreateRouteCommand({ RouteTableId: network.privateTable, DestinationCidrBlock: '0.0.0.0/0', NatGatewayId: nat }));
    const outward = await trace(network.app.id, 'internet', '--port', '443');
    expect(outward.view.outcome).toBe('delivered');
    expect(outward.view.forward.map(({ component }) => component)).toEqual(
      expect.arrayContaining([network.privateTable, nat, network.publicTable, network.igw]),
    );
    expect(outward.view.forward.at(-1)?.packet).toMatchObject({ source: PublicIp, destination: '198.18.0.10', destinationPort: 443 });
    expect(outward.view.return.at(-1)).toMatchObject({ component: network.app.eni, packet: { destination: '10.0.1.10' } });
    const inward = await trace('internet', PublicIp, '--port', '443');
    expect([inward.told, inward.text]).toEqual([`natGatewayRefused ${nat}`, `${nat} drops the packet`]);
    expect((await trace(network.app.id, 'internet', '--protocol', '47')).view.advice).toEqual([
      'NAT gateways pass TCP, UDP and ICMP only, not protocol 47.',
    ]);
    await ec2.send(new DeleteNatGatewayCommand({ NatGatewayId: nat }));
    const gone = await trace(network.app.id, 'internet', '--port', '443');
    expect(gone.told).toBe(`blackhole ${network.privateTable} 0.0.0.0/0`);
    expect(gone.text).toBe(`${network.privateTable} 0.0.0.0/0 → ${nat} (blackhole)`);
    expect(gone.view.advice).toEqual([
      `${nat} is not available. Lead the route elsewhere (aws ec2 replace-route --route-table-id ${network.privateTable} --destination-cidr-block 0.0.0.0/0 …) or delete it.`,
    ]);
  });

  it('an Elastic IP is reached from the internet, under every name', async () => {
    const { ec2, network, account } = await world();
    const address = await givePublicAddress(ec2, network.web.eni);
    await ec2.send(new CreateTagsCommand({ Resources: [network.web.id], Tags: [{ Key: 'Name', Value: 'web-1' }] }));
    const here = ['--port', '443', '--account', account];
    for (const to of [address, network.web.id, network.web.eni, 'web-1', `${network.vpc}/10.0.0.10`]) {
      const { view } = await trace('internet', to, ...here);
      expect({ to, outcome: view.outcome, type: view.decidedBy.type, destination: view.flow.destination }).toEqual({
        to,
        outcome: 'delivered',
        type: 'security-group',
        destination: address,
      });
      expect(view.forward.at(-1)).toMatchObject({ component: network.web.eni, packet: { destination: '10.0.0.10' } });
    }
    // Inside its VPC it is addressed by its private address, and the other way round under any name too.
    for (const from of [network.web.eni, 'web-1', '10.0.0.10', address]) {
      const { view } = await trace(from, network.app.id, ...here);
      expect([view.outcome, view.flow.source, view.flow.destination]).toEqual(['delivered', '10.0.0.10', '10.0.1.10']);
    }
    const host = await trace('203.0.113.9', address, '--port', '443', '--source-port', '5000');
    expect(host.view.flow).toEqual({
      source: '203.0.113.9',
      destination: address,
      protocol: 'tcp',
      sourcePort: 5000,
      destinationPort: 443,
    });
    expect(host.view.outcome).toBe('delivered');
  });

  it('IPv6 goes out through an egress-only gateway, and nobody comes in', async () => {
    const { ec2, network } = await world();
    const { EgressOnlyInternetGateway } = await ec2.send(new CreateEgressOnlyInternetGatewayCommand({ VpcId: network.vpc }));
    const eigw = EgressOnlyInternetGateway?.EgressOnlyInternetGatewayId ?? '';
    const route = { RouteTableId: network.privateTable, DestinationIpv6CidrBlock: '::/0', EgressOnlyInternetGatewayId: eigw };
    await ec2.send(new CreateRouteCommand(route));
    const outward = await trace(network.app.id, 'internet', '--port', '443', '--ipv6');
    expect(outward.view).toMatchObject({ outcome: 'delivered', flow: { destination: '2001:db8::10' } });
    expect(outward.view.forward.map(({ component }) => component)).toContain(eigw);
    expect(outward.view.return).toContainEqual(expect.objectContaining({ component: eigw, action: 'established' }));
    const inward = await trace('internet', network.app.id, '--port', '443', '--ipv6');
    expect([inward.told, inward.view.advice]).toEqual([
      `returnEgressOnlyGatewayRefused ${eigw}`,
      [`${eigw} lets nobody in: to be reached from the internet, route ::/0 to an internet gateway instead.`],
    ]);
  });

  it('nothing that has the address, and no gateway', async () => {
    const { ec2, network } = await world();
    const nobody = await trace(network.web.id, '10.0.1.99', '--port', '443');
    expect([nobody.told, nobody.text]).toEqual([
      `noSuchDestination ${network.vpc}`,
      `${network.vpc} has no interface with the address 10.0.1.99`,
    ]);
    const pooled = await trace('internet', '198.19.200.1', '--port', '443');
    expect([pooled.told, pooled.text]).toEqual(['noSuchDestination internet', 'nobody on the internet has 198.19.200.1']);
    const { Vpc } = await ec2.send(new CreateVpcCommand({ CidrBlock: '10.0.0.0/16', AmazonProvidedIpv6CidrBlock: true }));
    const Ipv6CidrBlock = Vpc?.Ipv6CidrBlockAssociationSet?.[0]?.Ipv6CidrBlock?.replace('/56', '/64');
    const { Subnet } = await ec2.send(new CreateSubnetCommand({ VpcId: Vpc?.VpcId, CidrBlock: '10.0.0.0/24', Ipv6CidrBlock }));
    const { NetworkInterface } = await ec2.send(new CreateNetworkInterfaceCommand({ SubnetId: Subnet?.SubnetId, Ipv6AddressCount: 1 }));
    const closed = await trace('internet', NetworkInterface?.NetworkInterfaceId ?? '', '--port', '443', '--ipv6');
    expect([closed.told, closed.text]).toEqual([`noInternetGateway ${Vpc?.VpcId}`, `${Vpc?.VpcId} has no internet gateway attached`]);
  });
});

describe('words for people', () => {
  it('tell of the outcome, the rule, the way there and back', async () => {
    const { ec2, network } = await world();
    const { SecurityGroupRules } = await ec2.send(
      new DescribeSecurityGroupRulesCommand({ Filters: [{ Name: 'group-id', Values: [network.group] }] }),
    );
    const rule = (isEgress: boolean): string =>
      SecurityGroupRules?.find(({ IsEgress, CidrIpv4 }) => IsEgress === isEgress && CidrIpv4 !== undefined)?.SecurityGroupRuleId ?? '';
    const { web, app, group, acl, publicTable, privateTable } = network;
    const { code, stdout } = await keiro(['trace', web.id, app.id, '-p', '443', '--data', server().data]);
    expect(code).toBe(0);
    expect(stdout).toBe(`tcp 10.0.0.10:49152 → 10.0.1.10:443: delivered
The packet arrives, and so does its answer.
Decided by: ${group} ${rule(false)} inbound all traffic from 0.0.0.0/0

There
  1  ${web.eni} (${web.id}) sends the packet
  2  ${group} ${rule(true)} outbound all traffic to 0.0.0.0/0
  3  ${publicTable} 10.0.0.0/16 → local
  4  ${acl} rule 100 outbound allow all traffic to 0.0.0.0/0
  5  ${acl} rule 100 inbound allow all traffic from 0.0.0.0/0
  6  ${group} ${rule(false)} inbound all traffic from 0.0.0.0/0
  7  ${app.eni} (${app.id}) receives the packet

Back
  1  ${app.eni} (${app.id}) sends the packet
  2  ${group} lets the answer pass: it allowed the first packet
  3  ${privateTable} 10.0.0.0/16 → local
  4  ${acl} rule 100 outbound allow all traffic to 0.0.0.0/0
  5  ${acl} rule 100 inbound allow all traffic from 0.0.0.0/0
  6  ${group} lets the answer pass: it allowed the first packet
  7  ${web.eni} (${web.id}) receives the packet
`);
    const lost = await keiro(['trace', app.id, 'internet', '--port', '443', '--data', server().data]);
    expect(lost.code).toBe(1);
    expect(lost.stdout).toBe(`tcp 10.0.1.10:49152 → 198.18.0.10:443: noRoute
The route table has no route to the destination.
Decided by: ${privateTable} has no route to 198.18.0.10

There
  1  ${app.eni} (${app.id}) sends the packet
  2  ${group} ${rule(true)} outbound all traffic to 0.0.0.0/0
  3  ✗ ${privateTable} has no route to 198.18.0.10

What would help
  Add a route to the internet: aws ec2 create-route --route-table-id ${privateTable} --destination-cidr-block 0.0.0.0/0 --nat-gateway-id nat-…, or give ${app.eni} a public address and route to ${network.igw}
`);
  });

  it('the VPC’s own services answer', async () => {
    const { network } = await world();
    const { view, text } = await trace(network.app.id, '10.0.0.2', '--port', '53', '--protocol', 'udp');
    expect([view.outcome, view.decidedBy.type, text]).toEqual([
      'delivered',
      'amazon-service',
      `an AWS service at 10.0.0.2 in ${network.vpc}`,
    ]);
  });
});
