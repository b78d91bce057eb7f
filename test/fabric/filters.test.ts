/** What filters do over time and between networks: established connections, network ACLs, group references, equal addresses, sizes of packets, IPv6. */
import type { EC2 } from '@aws-sdk/client-ec2';
import { describe, expect, it } from 'vitest';
import { eventually, fetchFrom, type Held, pings, SILENCE, useSite } from './site.ts';
import { EVERYTHING, giveAddress, launch, makeGroup, makeNetwork, makeSubnet, type Network, reach, who, whoFile } from './world.ts';

const site = useSite();
/** Answers on port 80, and gives back on port 7 what it is sent, line by line. */
const echoing = `#!/bin/sh
python3 - <<'END' &
import socketserver
class Echo(socketserver.StreamRequestHandler):
    def handle(self):
        for line in self.rfile: self.wfile.write(line)
class Server(socketserver.ThreadingTCPServer): allow_reuse_address = True
Server(('', 7), Echo).serve_forever()
END
exec python3 -m http.server 80
`;

/** Says one thing in a conversation and waits for the echo. */
async function say(conversation: Held, word: string): Promise<void> {
  conversation.child.stdin?.write(`${word}\n`);
  expect(await conversation.line()).toBe(word);
}

async function twoHosts(ec2: EC2, network: Network) {
  const subnet = await makeSubnet(ec2, network, '10.0.0.0/24', { gateway: network.igw });
  const [left, right] = [await makeGroup(ec2, network, 'left', []), await makeGroup(ec2, network, 'right', [])];
  const a = await launch(ec2, { subnet: subnet.id, groups: [left], address: '10.0.0.10' });
  const b = await launch(ec2, { subnet: subnet.id, groups: [right], address: '10.0.0.20', userData: echoing });
  await reach(ec2, 'running', a, b);
  return { a, b, subnet, left, right };
}

describe.concurrent('filters', () => {
  it('an established connection outlives its rule, which no new one passes; group references', async () => {
    const ec2 = site.client();
    const network = await makeNetwork(ec2);
    const { a, b, left, right } = await twoHosts(ec2, network);
    expect(await fetchFrom(site.inside(a.id), `http://${b.address}`)).toBe(SILENCE);
    const rule = {
      GroupId: right,
      IpPermissions: [{ IpProtocol: 'tcp', FromPort: 1, ToPort: 1000, UserIdGroupPairs: [{ GroupId: left }] }],
    };
    await ec2.authorizeSecurityGroupIngress(rule);
    await eventually(async () => (await site.inside(a.id)(`curl -sf -m 1 -o /dev/null http://${b.address}`)).code, 0);
    await eventually(async () => (await site.inside(a.id)(`echo | curl -s -m 1 telnet://${b.address}:7`)).stdout, '\n');
    const conversation = await site.holdInside(a.id, 'python3', '-uc', client(b.address));
    await say(conversation, 'before');
    await ec2.revokeSecurityGroupIngress(rule);
    await eventually(() => fetchFrom(site.inside(a.id), `http://${b.address}`), SILENCE);
    for (const word of ['one', 'two', 'three']) await say(conversation, word);
    await conversation.end();

    // The reference is to whoever is a member now.
    await ec2.authorizeSecurityGroupIngress(rule);
    await ec2.modifyNetworkInterfaceAttribute({ NetworkInterfaceId: a.eni, Groups: [right] });
    await eventually(() => fetchFrom(site.inside(a.id), `http://${b.address}`), SILENCE);
    await ec2.modifyNetworkInterfaceAttribute({ NetworkInterfaceId: a.eni, Groups: [right, left] });
    await eventually(async () => (await site.inside(a.id)(`curl -sf -m 1 -o /dev/null http://${b.address}`)).code, 0);
  });

  it('a network ACL cuts an established connection at once, and gives it back', async () => {
    const ec2 = site.client();
    const network = await makeNetwork(ec2);
    const { b, right } = await twoHosts(ec2, network);
    await ec2.authorizeSecurityGroupIngress({ GroupId: right, IpPermissions: [...EVERYTHING] });
    const { address } = await giveAddress(ec2, b.eni);
    await eventually(async () => (await site.outside(`echo | curl -s -m 1 telnet://${address}:7`)).stdout, '\n');
    const conversation = await site.holdOutside('python3', '-uc', client(address));
    await say(conversation, 'before');
    const entry = { NetworkAclId: network.acl, Egress: false, RuleNumber: 1 };
    await ec2.createNetworkAclEntry({ ...entry, Protocol: '6', RuleAction: 'deny', CidrBlock: '0.0.0.0/0', PortRange: { From: 7, To: 7 } });
    await eventually(async () => (await site.outside(`echo | curl -s -m 1 telnet://${address}:7`)).code, 28);
    conversation.child.stdin?.write('during\n');
    expect(await fetchFrom(site.outside, `http://${address}:7`)).toBe(SILENCE); // a second passes
    expect(conversation.lines()).toEqual(['before']);
    await ec2.deleteNetworkAclEntry(entry);
    expect(await conversation.line()).toBe('during'); // TCP sends it again
    await conversation.end();
  });

  it('two VPCs with the same addresses do not see each other', async () => {
    const clients = [site.client(), site.client()];
    const made = await Promise.all(clients.map(async (ec2) => twoHosts(ec2, await makeNetwork(ec2))));
    for (const [at, { a, b, right }] of made.entries()) {
      await clients[at]?.authorizeSecurityGroupIngress({ GroupId: right, IpPermissions: [...EVERYTHING] });
      const name = `network-${at}`;
      await eventually(async () => (await site.inside(b.id)(`echo ${name} > /index.html || echo ${name} > /srv/index.html`)).code, 0);
      expect([a.address, b.address]).toEqual(['10.0.0.10', '10.0.0.20']);
    }
    const [one, two] = made;
    for (const { b } of made) await site.inside(b.id)('cd /srv && nohup python3 -m http.server 8000 >/dev/null 2>&1 &');
    await eventually(() => fetchFrom(site.inside(one?.a.id ?? ''), 'http://10.0.0.20:8000'), 'network-0');
    await eventually(() => fetchFrom(site.inside(two?.a.id ?? ''), 'http://10.0.0.20:8000'), 'network-1');
    await clients[1]?.stopInstances({ InstanceIds: [two?.b.id ?? ''] });
    await eventually(() => fetchFrom(site.inside(two?.a.id ?? ''), 'http://10.0.0.20:8000'), expect.stringMatching(/^curl (7|28)$/));
    expect(await fetchFrom(site.inside(one?.a.id ?? ''), 'http://10.0.0.20:8000')).toBe('network-0');
  });

  it('packets of 9001 bytes inside, of 1500 through the internet gateway', async () => {
    const ec2 = site.client();
    const network = await makeNetwork(ec2);
    const { a, b, right } = await twoHosts(ec2, network);
    await ec2.authorizeSecurityGroupIngress({ GroupId: right, IpPermissions: [...EVERYTHING] });
    await eventually(() => pings(site.inside(a.id), b.address), true);
    const headers = 28; // IPv4's and ICMP's
    const whole = (size: number) => ['-M', 'do', '-s', `${size - headers}`];
    expect(await pings(site.inside(a.id), b.address, ...whole(9001))).toBe(true);
    expect(await pings(site.inside(a.id), b.address, ...whole(9002))).toBe(false);
    await giveAddress(ec2, a.eni);
    await eventually(() => pings(site.inside(a.id), '198.18.0.10', ...whole(1500)), true);
    const { code, stdout } = await site.inside(a.id)(`ping -c 1 -W 1 ${whole(1501).join(' ')} 198.18.0.10`);
    expect([code, /mtu ?= ?1500/.test(stdout)]).toEqual([1, true]);
  });

  it('IPv6: an egress-only gateway lets out and nobody in; an internet gateway both', async () => {
    const ec2 = site.client();
    const network = await makeNetwork(ec2, { hasIpv6: true });
    const { vpc: VpcId, igw: GatewayId } = network;
    const subnet = await makeSubnet(ec2, network, '10.0.0.0/24');
    const groups = [await makeGroup(ec2, network, 'open')];
    const host = await launch(ec2, { subnet: subnet.id, groups, address: '10.0.0.10', userData: who });
    const server = await site.holdOutside('python3', whoFile, '8086');
    await server.line();
    await reach(ec2, 'running', host);
    await eventually(() => fetchFrom(site.inside(host.id), `http://[${host.ipv6}]`), `ip-10-0-0-10 sees ${host.ipv6}`);
    const out = () => fetchFrom(site.inside(host.id), 'http://[2001:db8::10]:8086');
    const inward = () => fetchFrom(site.outside, `http://[${host.ipv6}]`);
    expect(await out()).toMatch(/^curl (7|28)$/);

    const { EgressOnlyInternetGateway } = await ec2.createEgressOnlyInternetGateway({ VpcId });
    const route = { RouteTableId: subnet.table, DestinationIpv6CidrBlock: '::/0' };
    await ec2.createRoute({ ...route, EgressOnlyInternetGatewayId: EgressOnlyInternetGateway?.EgressOnlyInternetGatewayId });
    await eventually(out, expect.stringContaining(` sees ${host.ipv6}`));
    expect(await inward()).toMatch(/^curl (7|28)$/);
    await ec2.replaceRoute({ ...route, GatewayId });
    await eventually(inward, 'ip-10-0-0-10 sees 2001:db8::10');
    expect(await out()).toContain(` sees ${host.ipv6}`);
    await server.end();
  });
});

/** A program that sends each line that it reads, and prints each that comes back. */
function client(address: string): string {
  return `
import socket, sys
peer = socket.create_connection(('${address}', 7))
answers = peer.makefile()
for line in sys.stdin:
    peer.sendall(line.encode())
    print(answers.readline(), end='')
`;
}
