/** Packets that no honest program sends: false sources and neighbours, other hardware addresses, fragments, odd flags. No rule lets them by, and nobody else loses any. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import type { EC2 } from '@aws-sdk/client-ec2';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Attack, agent, armed, attackIn } from './abuse.ts';
import { eventually, type Owner, pings, useSite } from './site.ts';
import { type Host, launch, makeGroup, makeNetwork, makeSubnet, reach, tcp } from './world.ts';

const raw = readFileSync(join(import.meta.dirname, 'raw.py'), 'utf8');
const isRoot = process.getuid?.() === 0;
const owners: readonly Owner[] = isRoot ? ['ordinary-user'] : ['root']; // who runs it makes no difference to packets
/** What `raw.py listen` tells. */
interface Seen {
  readonly protocol: number;
  readonly source: string;
  readonly port: number;
  readonly flags: number;
  readonly size: number;
  readonly offset: number;
}
const [TCP, UDP] = [6, 17];
const ATTACKER = '10.0.0.10';
const NEIGHBOUR = '10.0.0.20';
const VICTIM = '10.0.1.30';
const FORGED = '10.0.0.20';
/** Open to everybody in the victim's group, by UDP; the port of what tells that all before it has come. */
const [OPEN, LAST] = [5_000, 5_001];

describe.each(owners)('from an instance of a Keiro that %s runs', (owner) => {
  const site = useSite(owner, ['--log-level', 'error']);
  let ec2: EC2;
  let attacker: Host;
  let neighbour: Host;
  let victim: Host;
  let attack: Attack;

  beforeAll(async () => {
    ec2 = site.client();
    const network = await makeNetwork(ec2);
    const near = await makeSubnet(ec2, network, '10.0.0.0/24', { gateway: network.igw });
    const far = await makeSubnet(ec2, network, '10.0.1.0/24');
    const all = await makeGroup(ec2, network, 'all');
    const udp = { IpProtocol: 'udp', FromPort: OPEN, ToPort: LAST, IpRanges: [{ CidrIp: '0.0.0.0/0' }] };
    const narrow = await makeGroup(ec2, network, 'narrow', [udp, tcp(80)]);
    [attacker, neighbour, victim] = await Promise.all([
      launch(ec2, { subnet: near.id, groups: [all], address: ATTACKER, userData: agent }),
      launch(ec2, { subnet: near.id, groups: [all], address: NEIGHBOUR, userData: agent }),
      launch(ec2, { subnet: far.id, groups: [narrow], address: VICTIM, userData: agent }),
    ]);
    await reach(ec2, 'running', attacker, neighbour, victim);
    attack = await armed(attackIn(site, attacker.id));
    await armed(attackIn(site, neighbour.id));
    const written = `cat >/tmp/raw.py <<'RAW_END'\n${raw}\nRAW_END`;
    for (const { id } of [attacker, neighbour, victim]) expect((await attackIn(site, id)(written)).code).toBe(0);
  });

  const send = async (...words: readonly (string | number)[]): Promise<void> =>
    expect(await attack(`python3 /tmp/raw.py ${words.join(' ')}`)).toEqual({ code: 0, output: '' });

  /** What comes to an instance's device while `work` is done, until a last honest packet to `LAST` has come. */
  const seenBy = async (host: Host, work: () => Promise<void>): Promise<Seen[]> => {
    const listener = await site.holdInside(host.id, 'python3', '/tmp/raw.py', 'listen', '30');
    expect(await listener.line()).toBe('listening');
    await work();
    const seen = (): Seen[] =>
      listener
        .lines()
        .slice(1)
        .map((line) => JSON.parse(line) as Seen); // what raw.py prints
    await eventually(async () => {
      await send('udp', ATTACKER, host.address, LAST);
      return seen().some(({ port }) => port === LAST);
    }, true);
    await listener.end();
    return seen().filter(({ port }) => port !== LAST);
  };

  it('false sources are dropped while they are checked, and pass when not', async () => {
    const forge = async (): Promise<void> => {
      for (const source of [
        FORGED,
        '10.0.1.99',
        '8.8.8.8',
        '127.0.0.1',
        '0.0.0.0',
        '255.255.255.255',
        '169.254.169.254',
        '10.0.0.1',
        VICTIM,
      ])
        await send('udp', source, VICTIM, OPEN);
    };
    expect(await seenBy(victim, forge)).toEqual([]);
    await ec2.modifyNetworkInterfaceAttribute({ NetworkInterfaceId: attacker.eni, SourceDestCheck: { Value: false } });
    await eventually(async () => (await seenBy(victim, () => send('udp', '8.8.8.8', VICTIM, OPEN))).some(({ source }) => source === '8.8.8.8'), true); // prettier-ignore
    const sources = (await seenBy(victim, forge)).map(({ source }) => source);
    expect(sources).toEqual(expect.arrayContaining([FORGED, '8.8.8.8']));
    expect(sources).not.toContain('127.0.0.1');
    await ec2.modifyNetworkInterfaceAttribute({ NetworkInterfaceId: attacker.eni, SourceDestCheck: { Value: true } });
    await eventually(async () => (await seenBy(victim, () => send('udp', '8.8.8.8', VICTIM, OPEN))).length, 0);
  });

  it('whoever announces a neighbour’s or the router’s address gets none of their packets', async () => {
    const before = await attackIn(site, neighbour.id)('ip -4 neigh show | grep -c PERMANENT');
    const seen = await seenBy(attacker, async () => {
      for (const address of [NEIGHBOUR, '10.0.0.1', VICTIM]) await send('announce', address);
      await attack(`ip address add ${NEIGHBOUR}/24 dev eth0; arping -c 1 -U -I eth0 ${NEIGHBOUR}; ip address del ${NEIGHBOUR}/24 dev eth0`);
      for (const to of [NEIGHBOUR, '10.0.0.1']) expect(await pings(site.inside(attacker.id), to)).toBe(true);
      for (const to of [ATTACKER, '10.0.0.1', '198.18.0.53']) await site.inside(neighbour.id)(`ping -c 1 -W 1 ${to}`);
      const victims = await site.inside(neighbour.id)(
        `python3 -c 'import socket; socket.create_connection(("${VICTIM}", 80), 2)'; ping -c 2 -W 1 10.0.0.1`,
      );
      expect(victims.stdout).toContain(' 0% packet loss');
    });
    expect(seen.filter(({ source }) => source === VICTIM)).toEqual([]);
    expect(await attackIn(site, neighbour.id)('ip -4 neigh show | grep -c PERMANENT')).toEqual(before);
    expect(await pings(site.inside(neighbour.id), ATTACKER)).toBe(true);
  });

  it('an instance with many neighbours that do not exist takes none away from the others', async () => {
    const flood = `cat >/tmp/many.py <<'END'
import socket, time
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
end = time.monotonic() + 8
while time.monotonic() < end:
    for third in range(2, 40):
        for fourth in range(1, 255):
            try: s.sendto(b"x", (f"10.0.{third}.{fourth}", 9))
            except OSError: pass
        time.sleep(0.01)
END
python3 /tmp/many.py </dev/null >/dev/null 2>&1 &`;
    await attack(`ip address add 10.0.0.10/16 dev eth0; ${flood}`);
    await eventually(async () => Number((await attack('ip neigh show dev eth0 | wc -l')).output) > 200, true);
    const seen = await attackIn(
      site,
      neighbour.id,
    )(`ip neigh flush dev eth0; ping -c 3 -i 0.2 -W 1 ${ATTACKER} && ping -c 3 -i 0.2 -W 1 10.0.0.1`);
    expect(seen).toMatchObject({ code: 0, output: expect.stringContaining(' 0% packet loss') });
    await attack('ip neigh flush dev eth0; ip address del 10.0.0.10/16 dev eth0');
  });

  it('another hardware address changes nothing', async () => {
    expect((await seenBy(victim, () => send('udp', ATTACKER, VICTIM, OPEN, '02:11:22:33:44:55'))).map(({ port }) => port)).toEqual([OPEN]);
    expect(await seenBy(victim, () => send('udp', FORGED, VICTIM, OPEN, '02:11:22:33:44:55'))).toEqual([]);
    const changed = 'ip link set eth0 address 02:11:22:33:44:66; ip neigh show dev eth0 | head -n 1';
    expect((await attack(changed)).code).toBe(0);
    expect(await pings(site.inside(neighbour.id), '10.0.0.1')).toBe(true);
    await ec2.rebootInstances({ InstanceIds: [attacker.id] });
    await eventually(async () => pings(site.inside(attacker.id), '10.0.0.1').catch(() => false), true);
    const { stdout } = await site.inside(attacker.id)('ip link show eth0');
    expect(stdout).not.toContain('02:11:22:33:44:66');
    expect(
      (
        await site.inside(attacker.id)(
          'python3 /tmp/agent.py >/dev/null 2>&1 & cp /var/lib/cloud/user-data /tmp/agent.py; python3 /tmp/agent.py </dev/null >/dev/null 2>&1 &',
        )
      ).code,
    ).toBe(0); // user data runs once
    await armed(attack);
  });

  it('fragments are filtered as one, and arrive when they are allowed', async () => {
    const whole = await seenBy(victim, () => send('fragments', ATTACKER, VICTIM, OPEN, 4_000, 1_000, 11));
    expect(whole.some(({ port }) => port === OPEN)).toBe(true);
    expect(whole.reduce((sum, { size }) => sum + size - 20, 0)).toBe(4_008);
    expect(await seenBy(victim, () => send('fragments', ATTACKER, VICTIM, 9_999, 4_000, 1_000, 12))).toEqual([]);
    expect(await seenBy(victim, () => send('fragments', ATTACKER, VICTIM, 9_999, 400, 8, 13))).toEqual([]);
    expect(await seenBy(victim, () => send('fragments', FORGED, VICTIM, OPEN, 4_000, 1_000, 14))).toEqual([]);
    expect(await seenBy(victim, () => send('fragments', ATTACKER, VICTIM, OPEN, 4_000, 1_000, 15, 'last-only'))).toEqual([]);
    const overlapping = await seenBy(victim, () => send('fragments', ATTACKER, VICTIM, OPEN, 4_000, 1_000, 16, 'overlap'));
    expect(overlapping.filter(({ port }) => port === 9_999)).toEqual([]);
    const tiny = await seenBy(victim, () => send('fragments', ATTACKER, VICTIM, OPEN, 64, 8, 17));
    expect(tiny.reduce((sum, { size }) => sum + size - 20, 0)).toBe(72);
  });

  it('no odd flags pass a group that does not let a connection be opened', async () => {
    expect((await seenBy(victim, () => send('flags', ATTACKER, VICTIM, 7_000))).filter(({ protocol }) => protocol === TCP)).toEqual([]);
    const udpOnly = await seenBy(victim, () => send('udp', ATTACKER, VICTIM, OPEN));
    expect(udpOnly.map(({ protocol }) => protocol)).toEqual([UDP]);
  });
});
