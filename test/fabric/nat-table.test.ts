/** AWS's table of NAT gateway against NAT instance: security groups, port forwarding, and what is left when the instance stops. */
import type { EC2 } from '@aws-sdk/client-ec2';
import { beforeAll, expect, it } from 'vitest';
import { eventually, fetchFrom, SILENCE, useSite } from './site.ts';
import {
  EVERYTHING,
  giveAddress,
  given,
  type Host,
  launch,
  makeGroup,
  makeNetwork,
  makeSubnet,
  reach,
  type Subnet,
  tcp,
  who,
  whoFile,
} from './world.ts';

/** What people write into a NAT instance: forward, masquerade, and port 8081 of it is port 80 of 10.0.2.10. */
const natInstance = `#!/bin/sh
sysctl -w net.ipv4.ip_forward=1
nft -f - <<END
table ip nat {
  chain in { type nat hook prerouting priority dstnat; iifname eth0 ip daddr 10.0.0.10 tcp dport 8081 dnat to 10.0.2.10:80; }
  chain out { type nat hook postrouting priority srcnat; oifname eth0 ip daddr != 10.0.0.0/16 masquerade; }
}
END
`;
const url = 'http://198.18.0.10:8080';
const fromNetwork = { IpProtocol: '-1', IpRanges: [{ CidrIp: '10.0.0.0/16' }] };

const site = useSite();
let ec2: EC2;
let natGroup: string;
/** The NAT instance, at 10.0.0.10; it has a group of its own. */
let nat: Host;
/** Behind the NAT gateway, at 10.0.1.10, and behind the NAT instance, at 10.0.2.10. */
let behindGateway: Host;
let behindInstance: Host;
let instanceSubnet: Subnet;
let gatewayAddress: string;
let gatewayEni: string;
let natAddress: string;

beforeAll(async () => {
  await site.holdOutside('python3', whoFile, '8080').then((server) => server.line());
  ec2 = site.client({ account: '123456789012' });
  const network = await makeNetwork(ec2);
  const front = await makeSubnet(ec2, network, '10.0.0.0/24', { gateway: network.igw });
  const { AllocationId, PublicIp } = await ec2.allocateAddress({});
  const { NatGateway } = await ec2.createNatGateway({ SubnetId: front.id, AllocationId });
  gatewayAddress = given(PublicIp);
  gatewayEni = given(NatGateway?.NatGatewayAddresses?.[0]?.NetworkInterfaceId);
  const gatewaySubnet = await makeSubnet(ec2, network, '10.0.1.0/24', { nat: given(NatGateway?.NatGatewayId) });
  instanceSubnet = await makeSubnet(ec2, network, '10.0.2.0/24');
  const open = await makeGroup(ec2, network, 'open', EVERYTHING);
  natGroup = await makeGroup(ec2, network, 'nat', [fromNetwork, tcp(8081)]);
  nat = await launch(ec2, { subnet: front.id, groups: [natGroup], address: '10.0.0.10', userData: natInstance });
  behindGateway = await launch(ec2, { subnet: gatewaySubnet.id, groups: [open], address: '10.0.1.10', userData: who });
  behindInstance = await launch(ec2, { subnet: instanceSubnet.id, groups: [open], address: '10.0.2.10', userData: who });
  await reach(ec2, 'running', nat, behindGateway, behindInstance);
  await ec2.modifyNetworkInterfaceAttribute({ NetworkInterfaceId: nat.eni, SourceDestCheck: { Value: false } });
  natAddress = (await giveAddress(ec2, nat.eni)).address;
  await ec2.createRoute({ RouteTableId: instanceSubnet.table, DestinationCidrBlock: '0.0.0.0/0', NetworkInterfaceId: nat.eni });
});

const seenFrom = (host: Host): Promise<string> => fetchFrom(site.inside(host.id), url).then((said) => said.replace(/^.* sees /, ''));

it('both lead out, each as its own address', async () => {
  await eventually(() => seenFrom(behindGateway), gatewayAddress);
  await eventually(() => seenFrom(behindInstance), natAddress);
});

it('groups: the NAT instance has them, the NAT gateway has none', async () => {
  const rule = { GroupId: natGroup, IpPermissions: [fromNetwork] };
  await ec2.revokeSecurityGroupIngress(rule);
  await eventually(() => seenFrom(behindInstance), SILENCE);
  expect((await site.trace(behindInstance.id, 'internet', '--port', '8080')).decidedBy.component).toBe(natGroup);
  expect(await seenFrom(behindGateway)).toBe(gatewayAddress);
  await ec2.authorizeSecurityGroupIngress(rule);
  await eventually(() => seenFrom(behindInstance), natAddress);

  const everywhere = { GroupId: natGroup, IpPermissions: [{ IpProtocol: '-1', IpRanges: [{ CidrIp: '0.0.0.0/0' }] }] };
  await ec2.revokeSecurityGroupEgress(everywhere);
  await eventually(() => seenFrom(behindInstance), SILENCE);
  await ec2.authorizeSecurityGroupEgress(everywhere);
  await eventually(() => seenFrom(behindInstance), natAddress);

  const { NetworkInterfaces } = await ec2.describeNetworkInterfaces({ NetworkInterfaceIds: [gatewayEni] });
  expect(NetworkInterfaces?.[0]?.Groups).toEqual([]);
  await expect(ec2.modifyNetworkInterfaceAttribute({ NetworkInterfaceId: gatewayEni, Groups: [natGroup] })).rejects.toThrow(
    /permission|not allowed/,
  );
});

it('port forwarding: the NAT instance does it, the NAT gateway takes nothing that starts outside', async () => {
  await eventually(() => fetchFrom(site.outside, `http://${natAddress}:8081`), 'ip-10-0-2-10 sees 198.18.0.10');
  expect(await fetchFrom(site.outside, `http://${gatewayAddress}:8081`)).toBe(SILENCE);
  expect((await site.trace('internet', gatewayAddress, '--port', '8081')).outcome).toBe('natGatewayRefused');
  const rule = { GroupId: natGroup, IpPermissions: [tcp(8081)] };
  await ec2.revokeSecurityGroupIngress(rule);
  await eventually(() => fetchFrom(site.outside, `http://${natAddress}:8081`), SILENCE);
});

it('availability: with the NAT instance stopped its route is a blackhole, and the NAT gateway goes on', async () => {
  await ec2.stopInstances({ InstanceIds: [nat.id] });
  await reach(ec2, 'stopped', nat);
  expect(await seenFrom(behindInstance)).toMatch(/^curl (7|28)$/);
  const { outcome, decidedBy } = await site.trace(behindInstance.id, 'internet', '--port', '8080');
  expect([outcome, decidedBy.component, decidedBy.rule]).toEqual(['blackhole', instanceSubnet.table, '0.0.0.0/0']);
  expect(await seenFrom(behindGateway)).toBe(gatewayAddress);
});
