/** The life of instances: their states are true, what they keep and lose, what they are told, what they say, and interfaces and addresses that move. */
import type { EC2 } from '@aws-sdk/client-ec2';
import { beforeAll, describe, expect, it } from 'vitest';
import { eventually, fetchFrom, pings, SILENCE, useSite } from './site.ts';
import {
  describe as describeInstance,
  giveAddress,
  given,
  type Host,
  launch,
  makeGroup,
  makeNetwork,
  makeSubnet,
  type Network,
  reach,
  type Subnet,
  who,
} from './world.ts';

const userData = `#!/bin/sh
echo "said by user data"
echo ran >> ~/runs
`;
const site = useSite();
let ec2: EC2;
let network: Network;
let subnet: Subnet;
let groups: string[];
let publicKey: string;

beforeAll(async () => {
  ec2 = site.client();
  network = await makeNetwork(ec2);
  subnet = await makeSubnet(ec2, network, '10.0.0.0/24', { gateway: network.igw });
  groups = [await makeGroup(ec2, network, 'open')];
  await ec2.createKeyPair({ KeyName: 'k', KeyType: 'ed25519' });
  publicKey = given((await ec2.describeKeyPairs({ KeyNames: ['k'], IncludePublicKey: true })).KeyPairs?.[0]?.PublicKey).trim();
});

const start = async (options: Partial<Parameters<typeof launch>[1]> = {}): Promise<Host> => {
  const host = await launch(ec2, { subnet: subnet.id, groups, ...options });
  await reach(ec2, 'running', host);
  return host;
};
const say = async ({ id }: Host, script: string): Promise<string> => (await site.inside(id)(script)).stdout.trim();
/** With the instance in any state. */
const trySaying = (host: Host, script: string): Promise<string> => say(host, script).catch((error: unknown) => String(error));

describe.concurrent('instances', () => {
  it('stop and start: states, files that are kept, user data that ran once, a public address that is lost', async () => {
    const host = await launch(ec2, { subnet: subnet.id, groups, userData, hasPublicAddress: true, more: {} });
    expect((await describeInstance(ec2, host.id)).State?.Name).toMatch(/^(pending|running)$/);
    await reach(ec2, 'running', host);
    const before = given((await describeInstance(ec2, host.id)).PublicIpAddress);
    await eventually(() => pings(site.outside, before), true);
    await eventually(() => say(host, 'cat ~/runs; echo kept > ~ec2-user/kept; touch /run/gone; ls /run/gone'), 'ran\n/run/gone');

    const stopped = await ec2.stopInstances({ InstanceIds: [host.id] });
    const [change] = stopped.StoppingInstances ?? [];
    expect([change?.PreviousState?.Name, change?.CurrentState?.Name]).toEqual(['running', 'stopping']);
    await reach(ec2, 'stopped', host);
    const { PublicIpAddress, StateReason } = await describeInstance(ec2, host.id);
    expect([PublicIpAddress, StateReason?.Code]).toEqual([undefined, 'Client.UserInitiatedShutdown']);
    expect([await pings(site.outside, before), await trySaying(host, 'true')]).toEqual([false, `Error: ${host.id} does not run`]);

    const started = await ec2.startInstances({ InstanceIds: [host.id] });
    expect(started.StartingInstances?.[0]?.CurrentState?.Name).toBe('pending');
    await reach(ec2, 'running', host);
    const after = given((await describeInstance(ec2, host.id)).PublicIpAddress);
    expect(after).not.toBe(before);
    await eventually(() => pings(site.outside, after), true);
    expect(await say(host, 'cat ~/runs ~ec2-user/kept; ls /run/gone 2>/dev/null')).toBe('ran\nkept');

    const ended = await ec2.terminateInstances({ InstanceIds: [host.id] });
    expect(ended.TerminatingInstances?.[0]?.CurrentState?.Name).toBe('shutting-down');
    await reach(ec2, 'terminated', host);
    expect(await trySaying(host, 'true')).toBe(`Error: ${host.id} does not run`);
  });

  it('reboot: it goes on running, files and addresses stay, processes go', async () => {
    const host = await start({ userData, hasPublicAddress: true });
    const { PublicIpAddress } = await describeInstance(ec2, host.id);
    await eventually(() => say(host, 'cat ~/runs'), 'ran');
    await say(host, 'touch /run/gone; echo kept > /var/tmp/kept');
    for (const reboot of [() => ec2.rebootInstances({ InstanceIds: [host.id] }), () => say(host, 'reboot')]) {
      await say(host, 'touch /run/gone');
      await reboot();
      await eventually(() => trySaying(host, 'ls /run/gone 2>/dev/null; cat /var/tmp/kept ~/runs'), 'kept\nran');
      const { State, PublicIpAddress: now } = await describeInstance(ec2, host.id);
      expect([State?.Name, now]).toEqual(['running', PublicIpAddress]);
      await eventually(() => pings(site.outside, given(now)), true);
    }
  });

  it.each([
    ['stop', 'stopped'],
    ['terminate', 'terminated'],
  ] as const)('shutdown from inside: %s', async (InstanceInitiatedShutdownBehavior, state) => {
    const host = await start({ more: { InstanceInitiatedShutdownBehavior } });
    await say(host, 'shutdown -h now');
    await reach(ec2, state, host);
    expect((await describeInstance(ec2, host.id)).StateReason?.Code).toBe('Client.InstanceInitiatedShutdown');
    expect(await trySaying(host, 'true')).toBe(`Error: ${host.id} does not run`);
    if (state === 'terminated') return;
    await ec2.startInstances({ InstanceIds: [host.id] });
    await reach(ec2, 'running', host);
    expect(await say(host, 'echo back')).toBe('back');
  });

  it('the console and the status checks', async () => {
    const host = await start({ userData });
    const console = async (): Promise<string> => {
      const { Output } = await ec2.getConsoleOutput({ InstanceId: host.id, Latest: true });
      return Buffer.from(Output ?? '', 'base64').toString();
    };
    await eventually(console, expect.stringMatching(/-----BEGIN SSH HOST KEY KEYS-----\s+ssh-ed25519 AAAA/));
    await eventually(console, expect.stringContaining('said by user data'));
    const key = await say(host, 'cut -d" " -f2 /etc/ssh/ssh_host_ed25519_key.pub');
    expect(await console()).toContain(key);
    const status = async () => (await ec2.describeInstanceStatus({ InstanceIds: [host.id] })).InstanceStatuses?.[0];
    await eventually(async () => [(await status())?.InstanceStatus?.Status, (await status())?.SystemStatus?.Status], ['ok', 'ok']);
  });

  it('metadata: with a token, and without one where it is allowed', async () => {
    const host = await start({ userData, hasPublicAddress: true, more: { KeyName: 'k', MetadataOptions: { HttpTokens: 'required' } } });
    const base = 'http://169.254.169.254/latest';
    const plain = (path: string) => say(host, `curl -s -m 2 -o /dev/null -w '%{http_code}' ${base}/${path}`);
    const withToken = (path: string) =>
      say(host, `t=$(curl -s -m 2 -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 60' ${base}/api/token); curl -sf -m 2 -H "X-aws-ec2-metadata-token: $t" ${base}/${path}`); // prettier-ignore
    await eventually(() => plain('meta-data/'), '401');
    const { PublicIpAddress, NetworkInterfaces } = await describeInstance(ec2, host.id);
    const told = ['instance-id', 'local-ipv4', 'public-ipv4', 'mac', 'public-keys/0/openssh-key', 'local-hostname'].map((path) => withToken(`meta-data/${path}`)); // prettier-ignore
    const [id, local, publicAddress, mac, key, name] = await Promise.all(told);
    expect([id, local, publicAddress, mac]).toEqual([host.id, host.address, PublicIpAddress, NetworkInterfaces?.[0]?.MacAddress]);
    expect([key?.split(' ')[1], name]).toEqual([publicKey.split(' ')[1], `ip-${host.address.replaceAll('.', '-')}.ec2.internal`]);
    expect(await withToken('user-data')).toBe(userData.trim());
    expect(await say(host, 'ip -br link show dev eth0')).toContain(mac);
    await ec2.modifyInstanceMetadataOptions({ InstanceId: host.id, HttpTokens: 'optional' });
    await eventually(() => plain('meta-data/instance-id'), '200');
    await ec2.modifyInstanceMetadataOptions({ InstanceId: host.id, HttpEndpoint: 'disabled' });
    await eventually(() => plain('meta-data/instance-id'), expect.not.stringMatching('200'));
  });

  it('a second interface is attached while it runs, and taken away', async () => {
    const other = await makeSubnet(ec2, network, '10.0.7.0/24');
    const [host, peer] = await Promise.all([start({ userData: who }), start({ subnet: other.id })]);
    const { NetworkInterface } = await ec2.createNetworkInterface({ SubnetId: other.id, Groups: groups, PrivateIpAddress: '10.0.7.77' });
    const { NetworkInterfaceId } = NetworkInterface ?? {};
    expect(await fetchFrom(site.inside(peer.id), 'http://10.0.7.77')).toMatch(/^curl (7|28)$/);
    const { AttachmentId } = await ec2.attachNetworkInterface({ DeviceIndex: 1, InstanceId: host.id, NetworkInterfaceId });
    await eventually(() => fetchFrom(site.inside(peer.id), 'http://10.0.7.77'), expect.stringContaining(` sees ${peer.address}`));
    expect(await say(host, 'ip -4 -br address show dev eth1')).toMatch(/^eth1\S* +UP +10\.0\.7\.77\/24/);
    await ec2.detachNetworkInterface({ AttachmentId });
    await eventually(() => fetchFrom(site.inside(peer.id), 'http://10.0.7.77'), SILENCE);
    expect(await say(host, 'ip -br link')).not.toContain('eth1');
    expect((await describeInstance(ec2, host.id)).State?.Name).toBe('running');
  });

  it('an Elastic IP moves between running instances', async () => {
    const [one, two] = await Promise.all([start({ userData: who }), start({ userData: who })]);
    const nameOf = (host: Host) => `ip-${host.address.replaceAll('.', '-')} sees 198.18.0.10`;
    const { address, allocation } = await giveAddress(ec2, one.eni);
    await eventually(() => fetchFrom(site.outside, `http://${address}`), nameOf(one));
    await eventually(() => fetchFrom(site.inside(two.id), 'http://127.0.0.1'), expect.stringContaining('sees'));
    const pinging = await site.holdOutside('ping', '-i', '0.1', '-W', '1', address);
    await eventually(() => pinging.lines().length > 3, true); // a flow that is there before the address moves, and goes on
    for (const host of [two, one, two]) {
      await ec2.associateAddress({ AllocationId: allocation, NetworkInterfaceId: host.eni, AllowReassociation: true });
      await eventually(() => fetchFrom(site.outside, `http://${address}`), nameOf(host));
    }
    await eventually(() => pinging.lines().length > 20, true);
    await pinging.end('SIGINT');
    const [, sent, received] = /(\d+) packets transmitted, (\d+) received/.exec(pinging.lines().join('\n')) ?? [];
    expect(Number(sent) - Number(received)).toBeLessThanOrEqual(3); // those on their way at each move
  });
});
