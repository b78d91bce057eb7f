/** `keiro trace` names the rule that loses a packet, and the kernel loses it; once that rule is mended both let it through. */
import type { EC2 } from '@aws-sdk/client-ec2';
import { beforeAll, expect, it } from 'vitest';
import { eventually, fetchFrom, type Shell, SILENCE, useSite } from './site.ts';
import {
  giveAddress,
  type Host,
  launch,
  makeGroup,
  makeNetwork,
  makeSubnet,
  type Network,
  reach,
  type Subnet,
  tcp,
  who,
  whoFile,
} from './world.ts';

const site = useSite('root', ['--log-level', 'error']);
const EPHEMERAL = { From: 1024, To: 65_535 };

let ec2: EC2;
let network: Network;
let publicSubnet: Subnet;
let privateSubnet: Subnet;
let webGroup: string;
let appGroup: string;
/** In the public subnet, without a public address, and with a group that lets nothing in. */
let web: Host;
/** In the private subnet, whose table leads nowhere; it answers on port 80. */
let app: Host;
/** A server on the internet. */
const internet = '198.18.0.10';

beforeAll(async () => {
  await site.holdOutside('python3', whoFile, '8080').then((server) => server.line());
  ec2 = site.client({ account: '123456789012' });
  network = await makeNetwork(ec2);
  publicSubnet = await makeSubnet(ec2, network, '10.0.0.0/24', { gateway: network.igw });
  privateSubnet = await makeSubnet(ec2, network, '10.0.1.0/24');
  webGroup = await makeGroup(ec2, network, 'web', []);
  appGroup = await makeGroup(ec2, network, 'app', [tcp(80)]);
  web = await launch(ec2, { subnet: publicSubnet.id, groups: [webGroup], address: '10.0.0.10', userData: who });
  app = await launch(ec2, { subnet: privateSubnet.id, groups: [appGroup], address: '10.0.1.10', userData: who });
  await reach(ec2, 'running', web, app);
  await eventually(() => fetchFrom(site.inside(web.id), `http://${app.address}`), 'ip-10-0-1-10 sees 10.0.0.10');
});

interface Case {
  readonly from: string;
  readonly to: string;
  readonly port: number;
  readonly shell: Shell;
  readonly url: string;
  /** What the server says when it is asked. */
  readonly answer: unknown;
}

/** Both say that it is lost, and by what; `mend` mends it for both. */
async function lostUntil({ from, to, port, shell, url, answer }: Case, told: string, mend: () => Promise<unknown>, mended = 'delivered') {
  await eventually(() => fetchFrom(shell, url), SILENCE);
  const { outcome, decidedBy } = await site.trace(from, to, '--port', `${port}`);
  expect([outcome, decidedBy.component, decidedBy.rule].join(' ').trim()).toBe(told);
  await mend();
  await eventually(() => fetchFrom(shell, url), answer);
  expect((await site.trace(from, to, '--port', `${port}`)).outcome).toBe(mended);
}

const webToApp = (): Case => ({
  ...{ from: web.id, to: app.id, port: 80, shell: site.inside(web.id) },
  ...{ url: `http://${app.address}`, answer: 'ip-10-0-1-10 sees 10.0.0.10' },
});
const outward = (host: Host, seen: string): Case => ({
  ...{ from: host.id, to: 'internet', port: 8080, shell: site.inside(host.id) },
  ...{ url: `http://${internet}:8080`, answer: expect.stringMatching(new RegExp(` sees ${seen}$`)) },
});
const inward = (address: string): Case => ({
  ...{ from: 'internet', to: address, port: 80, shell: site.outside },
  ...{ url: `http://${address}`, answer: `ip-10-0-0-10 sees ${internet}` },
});

it('a group outward', async () => {
  const rule = { GroupId: webGroup, IpPermissions: [{ IpProtocol: '-1', IpRanges: [{ CidrIp: '0.0.0.0/0' }] }] };
  await ec2.revokeSecurityGroupEgress(rule);
  await lostUntil(webToApp(), `groupDeniedOut ${webGroup}`, () => ec2.authorizeSecurityGroupEgress(rule));
});

it('a group inward', async () => {
  const rule = { GroupId: appGroup, IpPermissions: [tcp(80)] };
  await ec2.revokeSecurityGroupIngress(rule);
  await lostUntil(webToApp(), `groupDeniedIn ${appGroup}`, () => ec2.authorizeSecurityGroupIngress(rule));
});

it('a network ACL outward, inward, and on the answer', async () => {
  const { acl: NetworkAclId } = network;
  const entry = { NetworkAclId, Protocol: '6', CidrBlock: '10.0.0.0/16' };
  const withEntry = async (Egress: boolean, RuleNumber: number, told: string): Promise<void> => {
    const PortRange = Egress && RuleNumber === 90 ? EPHEMERAL : { From: 80, To: 80 };
    await ec2.createNetworkAclEntry({ ...entry, Egress, RuleNumber, PortRange, RuleAction: 'deny' });
    await lostUntil(webToApp(), `${told} ${NetworkAclId} ${RuleNumber}`, () =>
      ec2.deleteNetworkAclEntry({ NetworkAclId, Egress, RuleNumber }),
    );
  };
  await withEntry(true, 80, 'aclDeniedOut');
  await withEntry(false, 80, 'aclDeniedIn');
  await withEntry(true, 90, 'returnAclDeniedOut');
});

it('no public address', async () => {
  await lostUntil(outward(web, '198\\.\\S+'), `noPublicAddress ${network.igw}`, () => giveAddress(ec2, web.eni));
});

it('an address on the internet that nobody has, and a group that lets nothing in from there', async () => {
  const { Addresses } = await ec2.describeAddresses({});
  const { AllocationId, PublicIp: address = '' } = Addresses?.[0] ?? {};
  await lostUntil(inward(address), `groupDeniedIn ${webGroup}`, () =>
    ec2.authorizeSecurityGroupIngress({ GroupId: webGroup, IpPermissions: [tcp(80)] }),
  );
  await ec2.disassociateAddress({ AssociationId: Addresses?.[0]?.AssociationId });
  await eventually(() => fetchFrom(site.outside, `http://${address}`), expect.stringMatching(/^curl (7|28)$/));
  expect((await site.trace('internet', address, '--port', '80')).outcome).toBe('noSuchDestination');
  await ec2.associateAddress({ AllocationId, NetworkInterfaceId: web.eni });
  await eventually(() => fetchFrom(site.outside, `http://${address}`), `ip-10-0-0-10 sees ${internet}`);
});

it('no route back to the internet', async () => {
  const address = (await ec2.describeAddresses({})).Addresses?.[0]?.PublicIp ?? '';
  const route = { RouteTableId: publicSubnet.table, DestinationCidrBlock: '0.0.0.0/0' };
  await ec2.deleteRoute(route);
  await lostUntil(inward(address), `returnNoRoute ${publicSubnet.table}`, () => ec2.createRoute({ ...route, GatewayId: network.igw }));
});

it('a missing route; then the source/destination check of an instance that is to forward', async () => {
  await ec2.authorizeSecurityGroupIngress({ GroupId: webGroup, IpPermissions: [tcp(8080, '10.0.1.0/24')] });
  const forward = `sysctl -qw net.ipv4.ip_forward=1 && nft 'table ip nat { chain post { type nat hook postrouting priority srcnat; oifname eth0 ip daddr != 10.0.0.0/16 masquerade; }; }'`;
  expect(await site.inside(web.id)(forward)).toMatchObject({ code: 0, stderr: '' });
  const { RouteTableId, DestinationCidrBlock } = { RouteTableId: privateSubnet.table, DestinationCidrBlock: '0.0.0.0/0' };
  const toWeb = { RouteTableId, DestinationCidrBlock, NetworkInterfaceId: web.eni };
  const check = (Value: boolean) => ec2.modifyNetworkInterfaceAttribute({ NetworkInterfaceId: web.eni, SourceDestCheck: { Value } });
  const way = outward(app, '198\\.\\S+');

  await check(false);
  await lostUntil(way, `noRoute ${RouteTableId}`, () => ec2.createRoute(toWeb), 'handedOver');
  await check(true);
  await lostUntil(way, `sourceDestinationCheck ${web.eni}`, () => check(false), 'handedOver');
});

it('a blackhole: what the route leads to has stopped', async () => {
  await ec2.stopInstances({ InstanceIds: [web.id] });
  await reach(ec2, 'stopped', web);
  const { RouteTables } = await ec2.describeRouteTables({ RouteTableIds: [privateSubnet.table] });
  expect(RouteTables?.[0]?.Routes?.find((one) => one.DestinationCidrBlock === '0.0.0.0/0')?.State).toBe('blackhole');
  const route = { RouteTableId: privateSubnet.table, DestinationCidrBlock: '0.0.0.0/0', GatewayId: network.igw };
  await lostUntil(outward(app, '198\\.\\S+'), `blackhole ${privateSubnet.table} 0.0.0.0/0`, async () => {
    await ec2.replaceRoute(route);
    await giveAddress(ec2, app.eni);
  });
});
