/** An instance that takes its own network apart: it hurts itself alone, later changes still come into force, and a reboot repairs it. */
import process from 'node:process';
import type { EC2 } from '@aws-sdk/client-ec2';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Attack, agent, armed, attackIn } from './abuse.ts';
import { eventually, fetchFrom, type Owner, pings, type Site, useSite } from './site.ts';
import { giveAddress, type Host, launch, makeGroup, makeNetwork, makeSubnet, reach, tcp, who } from './world.ts';

const isRoot = process.getuid?.() === 0;
const owners: readonly Owner[] = isRoot ? ['ordinary-user'] : ['root']; // who runs it makes no difference to packets

/** One connection held open from one instance to another: it answers as long as nothing on its way is built anew. */
async function holdConnection(site: Site, from: Host, to: Host): Promise<() => Promise<string>> {
  const echo = `import socket
s = socket.create_server(("", 7000))
print("listening", flush=True)
c = s.accept()[0]
while True: c.send(c.recv(100))`;
  await (await site.holdInside(to.id, 'python3', '-c', echo)).line();
  const client = `import socket, sys
c = socket.create_connection(("${to.address}", 7000), 5)
for line in sys.stdin:
    c.send(line.encode()); print(c.recv(100).decode().strip(), flush=True)`;
  const held = await site.holdInside(from.id, 'python3', '-c', client);
  let number = 0;
  return async () => {
    held.child.stdin?.write(`still here ${++number}\n`);
    expect(await held.line()).toBe(`still here ${number}`);
    return 'open';
  };
}

describe.each(owners)('in a network of a Keiro that %s runs', (owner) => {
  const site = useSite(owner, ['--log-level', 'error']);
  let ec2: EC2;
  let subnet: string;
  let group: string;
  let vandal: Host;
  let one: Host;
  let other: Host;
  let attack: Attack;
  let connection: () => Promise<string>;
  let fabric: number | undefined;

  beforeAll(async () => {
    ec2 = site.client();
    const network = await makeNetwork(ec2);
    subnet = (await makeSubnet(ec2, network, '10.0.0.0/24', { gateway: network.igw })).id;
    group = await makeGroup(ec2, network, 'some', [
      tcp(7_000),
      { IpProtocol: 'icmp', FromPort: -1, ToPort: -1, IpRanges: [{ CidrIp: '0.0.0.0/0' }] },
    ]);
    [vandal, one, other] = await Promise.all([
      launch(ec2, { subnet, groups: [group], userData: agent }),
      launch(ec2, { subnet, groups: [group], userData: who }),
      launch(ec2, { subnet, groups: [group], userData: who }),
    ]);
    await reach(ec2, 'running', vandal, one, other);
    attack = await armed(attackIn(site, vandal.id));
    connection = await holdConnection(site, one, other);
    fabric = await site.fabricPid();
  });

  it.each([
    ['deletes its addresses', 'ip address flush dev eth0'],
    ['deletes its routes', 'ip route flush table main; ip -6 route flush table main'],
    ['forgets its router', 'ip neigh flush all nud permanent; ip neigh replace 10.0.0.1 lladdr 02:00:00:00:00:09 nud permanent dev eth0'],
    ['sets its device down', 'ip link set eth0 down'],
    ['renames its device', 'ip link set eth0 down; ip link set eth0 name router-x'],
    [
      'takes a name that the fabric uses',
      'ip link set eth0 down; ip link set eth0 name platform; ip link add eth0 type dummy; ip link set eth0 up',
    ],
    ['makes devices upon it', 'ip link add link eth0 name eth0.5 type vlan id 5; ip link add m0 link eth0 type macvlan; ip link add b0 type bridge; ip link set eth0 master b0'], // prettier-ignore
    ['drops all with its own rules', "nft flush ruleset; nft 'add table inet t; add chain inet t i { type filter hook input priority -400; policy drop; }; add chain inet t o { type filter hook output priority -400; policy drop; }; add rule inet t i iif lo accept; add rule inet t o oif lo accept'"], // prettier-ignore
    ['forwards and masquerades', "sysctl -w net.ipv4.ip_forward=1; nft 'add table ip n; add chain ip n p { type nat hook postrouting priority 100; }; add rule ip n p oif eth0 masquerade'; ip route add 10.0.0.0/8 dev eth0"], // prettier-ignore
    ['deletes its device', 'ip link del eth0'],
  ])('one that %s: changes come into force, and connections of others live on', async (what, script) => {
    await attack(script);
    // An address for the vandal, a rule, another address, another instance.
    const { allocation } = await giveAddress(ec2, vandal.eni);
    await ec2.authorizeSecurityGroupIngress({ GroupId: group, IpPermissions: [tcp(80)] });
    await eventually(async () => fetchFrom(site.inside(one.id), `http://${other.address}`), expect.stringContaining(`sees ${one.address}`));
    await ec2.revokeSecurityGroupIngress({ GroupId: group, IpPermissions: [tcp(80)] });
    const assigned = await ec2.assignPrivateIpAddresses({ NetworkInterfaceId: one.eni, SecondaryPrivateIpAddressCount: 1 });
    const second = assigned.AssignedPrivateIpAddresses?.map(({ PrivateIpAddress = '' }) => PrivateIpAddress) ?? [];
    await ec2.unassignPrivateIpAddresses({ NetworkInterfaceId: one.eni, PrivateIpAddresses: second });
    const another = await launch(ec2, { subnet, groups: [group] });
    await reach(ec2, 'running', another);
    await eventually(() => pings(site.inside(one.id), another.address), true);
    expect([what, await connection()]).toEqual([what, 'open']);
    await ec2.terminateInstances({ InstanceIds: [another.id] });
    const { Addresses } = await ec2.describeAddresses({ AllocationIds: [allocation] });
    await ec2.disassociateAddress({ AssociationId: Addresses?.[0]?.AssociationId });
    await ec2.releaseAddress({ AllocationId: allocation });

    // What is in /run does not outlive a boot.
    expect((await site.inside(vandal.id)('touch /run/earlier')).code).toBe(0);
    await ec2.rebootInstances({ InstanceIds: [vandal.id] });
    await eventually(
      async () =>
        site
          .inside(vandal.id)('test ! -e /run/earlier')
          .then(({ code }) => code, String),
      0,
    );
    await eventually(() => pings(site.inside(one.id), vandal.address), true);
    expect([what, await connection()]).toEqual([what, 'open']);
    expect(await site.fabricPid()).toBe(fabric);
    await site.inside(vandal.id)('cp /var/lib/cloud/user-data /tmp/agent.py; python3 /tmp/agent.py </dev/null >/dev/null 2>&1 &'); // user data runs once
    await armed(attack);
  });
});
