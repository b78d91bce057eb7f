/** Programs in an instance that try to leave it: rights, namespaces, the kernel's settings, the host's files and sockets. Each attempt fails. */
import { type ChildProcessByStdio, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import type { EC2 } from '@aws-sdk/client-ec2';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Attack, agent, armed, attackIn, python } from './abuse.ts';
import { eventually, type Owner, useSite } from './site.ts';
import { type Host, launch, makeGroup, makeNetwork, makeSubnet, reach } from './world.ts';

const isRoot = process.getuid?.() === 0;
const owners: readonly Owner[] = isRoot ? ['root', 'ordinary-user'] : ['root'];

const server = `
import socket, threading
def serve(s):
    s.listen()
    while True:
        with s.accept()[0] as c: c.send(b"the host")
tcp, abstract = socket.socket(), socket.socket(socket.AF_UNIX)
tcp.bind(("0.0.0.0", 0)); abstract.bind("\\0keiro-abuse")
threading.Thread(target=serve, args=[abstract], daemon=True).start()
print(tcp.getsockname()[1])
serve(tcp)`;

describe.each(owners)('an instance of a Keiro that %s runs', (owner) => {
  process.env['KEIRO_TEST_SECRET'] = 'the-environment-of-whoever-started-it';
  const site = useSite(owner, ['--log-level', 'error']);
  let ec2: EC2;
  let instance: Host;
  let other: Host;
  let attack: Attack;
  /** A folder of the host's that everybody may write to. */
  let outside: string;
  /** Answers at all addresses of the host, and at an abstract socket. */
  let loopback: ChildProcessByStdio<null, Readable, null>;
  let port: number;

  beforeAll(async () => {
    outside = mkdtempSync(join(tmpdir(), 'keiro-outside-'));
    chmodSync(outside, 0o777);
    loopback = spawn('nsenter', [`--net=/proc/${site.server().pid}/ns/net`, 'python3', '-uc', server], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    port = Number(await once(createInterface({ input: loopback.stdout }), 'line'));
    ec2 = site.client();
    const network = await makeNetwork(ec2);
    const subnet = await makeSubnet(ec2, network, '10.0.0.0/24', { gateway: network.igw });
    const group = await makeGroup(ec2, network, 'all');
    const wanted = { subnet: subnet.id, groups: [group], userData: agent };
    instance = await launch(ec2, { ...wanted, hasPublicAddress: true });
    // Another network with the same addresses.
    const twin = await makeNetwork(ec2);
    const twinSubnet = await makeSubnet(ec2, twin, '10.0.0.0/24', { gateway: twin.igw });
    other = await launch(ec2, {
      subnet: twinSubnet.id,
      groups: [await makeGroup(ec2, twin, 'all')],
      address: '10.0.0.77',
      userData: agent,
    });
    await reach(ec2, 'running', instance, other);
    attack = await armed(attackIn(site, instance.id));
    await armed(attackIn(site, other.id));
  });
  afterAll(() => {
    loopback.kill();
    rmSync(outside, { recursive: true, force: true });
  });

  const data = (): string => site.server().data;
  const refused = async (script: string): Promise<void> => {
    const ran = await attack(script);
    expect({ script, ...ran }).not.toMatchObject({ code: 0 });
  };

  it.each([
    ['a mount of memory', 'mkdir -p /tmp/m && mount -t tmpfs none /tmp/m'],
    ['a mount of the kernel’s settings', 'mkdir -p /tmp/m && mount -t sysfs none /tmp/m'],
    ['a mount of processes', 'mkdir -p /tmp/m && mount -t proc none /tmp/m'],
    ['a mount of control groups', 'mkdir -p /tmp/m && mount -t cgroup2 none /tmp/m'],
    ['a bind mount', 'mkdir -p /tmp/m && mount --bind /usr /tmp/m'],
    ['making a mount writable', 'mount -o remount,rw,bind /usr'],
    ['making what all instances share writable', 'mount -o remount,rw,bind /run/keiro'],
    ['making the kernel’s settings writable', 'mount -o remount,rw,bind /proc/sys/kernel'],
    ['uncovering what is mounted over', 'umount /etc/ld.so.preload'],
    ['another root', 'mkdir -p /tmp/r/old && pivot_root /tmp/r /tmp/r/old'],
    ['namespaces of mounts', 'unshare --mount true'],
    ['namespaces of users', 'unshare --user --map-root-user true'],
    ['namespaces of users for memory without end', 'unshare --user --map-root-user --mount mount -t tmpfs none /tmp'],
    ['namespaces of networks', 'unshare --net true'],
    ['the first process’s namespaces', 'nsenter --target 1 --mount --user true'],
    ['the first process’s mounts', 'nsenter --mount=/proc/1/ns/mnt true'],
    ['named network namespaces', 'ip netns add x'],
    ['device files', 'mknod /tmp/disk b 254 0'],
    ['device files of memory', 'mknod /tmp/mem c 1 1'],
    ['kernel modules', 'modprobe dummy'],
    ['the host’s devices', 'ls /dev/vda /dev/sda /dev/mem /dev/kmsg'],
    ['more processes', `prlimit --pid $$ --nproc=100000:100000`],
    ['a lower place on the list of those to go', 'echo -500 > /proc/self/oom_score_adj'],
    ['the host’s name', 'echo x > /proc/sys/kernel/hostname'],
    ['what is run for crashes', 'echo "|/tmp/x" > /proc/sys/kernel/core_pattern'],
    ['what is run for modules', 'echo /tmp/x > /proc/sys/kernel/modprobe'],
    ['limits on shared memory', 'echo 1000000000 > /proc/sys/kernel/shmall'],
    ['limits on user namespaces', 'echo 10 > /proc/sys/user/max_user_namespaces'],
    ['limits on watches', 'echo 100000 > /proc/sys/user/max_inotify_instances'],
    ['the kernel’s memory', 'echo 1 > /proc/sys/vm/drop_caches'],
    ['the magic key', 'echo h > /proc/sysrq-trigger'],
    ['the kernel’s log', 'dmesg'],
    ['programs for all', 'echo evil > /usr/bin/keiro-evil'],
    ['programs that all instances share', 'echo evil > /run/keiro/bin/sudo'],
    ['what every program loads', 'echo /tmp/evil.so > /etc/ld.so.preload'],
    ['what every program loads, anew', 'mv /etc/ld.so.preload /etc/x || rm -f /etc/ld.so.preload && test ! -e /etc/ld.so.preload'],
    ['the root folder', 'touch /x'],
    ['devices’ folder', 'touch /dev/x'],
    ['the host’s passwords', 'grep . /etc/shadow'],
    ['control groups’ files', 'ls /sys/fs/cgroup'],
  ])('is refused %s', async (_what, script) => refused(script));

  it('sees nothing of the host’s files', async () => {
    const secret = join(outside, 'secret');
    writeFileSync(secret, 'secret', { mode: 0o644 });
    for (const path of [secret, join(data(), 'server.json'), join(data(), 'run/api.sock'), join(data(), 'run'), import.meta.filename]) {
      for (const prefix of ['', '/proc/1/root', '/proc/self/root', '/proc/1/cwd', '/..', '/newroot', '/oldroot'])
        await refused(`ls -d '${prefix}${path}'`);
    }
    const { output } = await attack('ls -A /root /home /tmp /mnt /opt /srv');
    expect(output).not.toContain('secret');
    expect((await attack('ls /home')).output).toBe('ec2-user\n');
  });

  it('sees only its own processes, without the environment and files of whoever started Keiro', async () => {
    const numbers = (await attack('ls -d /proc/[0-9]*')).output.trim().split('\n');
    expect(numbers.length).toBeLessThan(15);
    const { output } = await attack('cat /proc/[0-9]*/environ /proc/[0-9]*/cmdline | tr "\\0" "\\n"; ls -l /proc/[0-9]*/fd');
    expect(output).not.toContain('the-environment-of-whoever');
    expect(output).not.toContain(data());
    for (const line of output.split('\n').filter((one) => one.includes(' -> ')))
      expect(line).toMatch(/ -> (\/dev\/(null|pts\/\d+)|pipe:|socket:|anon_inode:|\/proc\/\d+\/fd|\/run\/instances\/i-[0-9a-f]+\/console|\/var\/log\/|\/usr\/|\/run\/keiro\/init|\/home\/ec2-user)/); // prettier-ignore
  });

  it('cannot trace what has more rights, and its first process gains it nothing', async () => {
    const { output } = await attack('grep -h CapEff /proc/1/status /proc/self/status | sort -u | wc -l; grep CapBnd /proc/1/status');
    const [kinds, bound = ''] = output.trim().split('\n');
    expect(kinds).toBe('1'); // there is nobody with more
    const rights = BigInt(`0x${bound.split('\t')[1]}`);
    for (const bit of [16, 17, 19, 21, 22, 24, 25, 27, 34, 39]) expect([bit, (rights >> BigInt(bit)) & 1n]).toEqual([bit, 0n]); // linux/capability.h
  });

  it('gains nothing from setuid programs or files with rights', async () => {
    const { output } = await attack(
      'cp /usr/bin/id /tmp/id; chmod u+s /tmp/id; setcap cap_sys_admin+ep /tmp/id 2>&1; /tmp/id -u; setcap cap_sys_admin+ep /tmp/id; cp /usr/bin/mount /tmp/mount; chmod 4755 /tmp/mount; setcap all+ep /tmp/mount; mkdir -p /tmp/m; /tmp/mount -t tmpfs none /tmp/m && echo mounted; grep NoNewPrivs /proc/self/status',
    );
    expect(output).toContain('NoNewPrivs:\t1');
    expect(output).not.toContain('mounted');
    expect((await attack('touch /tmp/mine && stat -c %u /tmp/mine')).output).toBe('0\n');
  });

  it('finds neither calls nor sockets that know no namespaces', async () => {
    const program = `
import ctypes, errno, os, platform, socket
libc = ctypes.CDLL(None, use_errno=True)
x64 = platform.machine() == "x86_64"
calls = dict(add_key=(248, 217), keyctl=(250, 219), syslog=(103, 116), bpf=(321, 280), perf_event_open=(298, 241), userfaultfd=(323, 282), io_uring_setup=(425, 425), open_by_handle_at=(304, 265), kexec_load=(246, 104))
for name, numbers in calls.items():
    ctypes.set_errno(0)
    got = libc.syscall(numbers[0 if x64 else 1], 0, 0, 0, 0, 0)
    print(name, got, errno.errorcode.get(ctypes.get_errno()))
print("unshare", libc.unshare(0x10000000), errno.errorcode.get(ctypes.get_errno()))
print("clone3", libc.syscall(435, 0, 0), errno.errorcode.get(ctypes.get_errno()))
for family in (3, 4, 9, 15, 21, 29, 30, 31, 38, 39, 40, 41, 42, 43, 44):
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_RAW, socket.SOCK_SEQPACKET):
        try:
            socket.socket(family, kind)
            print("family", family, "is there")
        except OSError as error:
            if error.errno != errno.EAFNOSUPPORT: print("family", family, error)
for family, kind in ((socket.AF_INET, socket.SOCK_RAW), (socket.AF_PACKET, socket.SOCK_RAW), (socket.AF_UNIX, socket.SOCK_STREAM), (socket.AF_NETLINK, socket.SOCK_RAW), (socket.AF_INET6, socket.SOCK_DGRAM)):
    socket.socket(family, kind, 1 if family == socket.AF_INET else 0)
print(os.spawnlp(os.P_WAIT, "true", "true"))`;
    const names = [
      'add_key',
      'keyctl',
      'syslog',
      'bpf',
      'perf_event_open',
      'userfaultfd',
      'io_uring_setup',
      'open_by_handle_at',
      'kexec_load',
    ];
    const lines = [...names.map((name) => `${name} -1 EPERM`), 'unshare -1 EPERM', 'clone3 -1 ENOSYS', '0', ''];
    expect((await attack(python(program))).output).toBe(lines.join('\n'));
  });

  it('does not reach the host’s loopback, nor by any address of Keiro’s, nor abstract sockets', async () => {
    expect(await site.host('bash', '-c', `exec 3<>/dev/tcp/127.0.0.1/${port}; cat <&3`)).toMatchObject({ stdout: 'the host' });
    const addresses = [
      '127.0.0.1',
      '198.18.0.2',
      '198.18.0.10',
      '198.19.252.1',
      '198.18.0.20',
      '198.18.0.53',
      '169.254.169.254',
      '10.0.0.1',
      '10.0.0.2',
      '172.17.0.1',
    ];
    const program = `
import socket
for address in ${JSON.stringify(addresses)}:
    for port in (${port}, ${site.server().port}):
        with socket.socket() as s:
            s.settimeout(0.4)
            try:
                s.connect((address, port))
                print("reached", address, port)
            except OSError: pass
with socket.socket(socket.AF_UNIX) as s:
    try:
        s.connect("\\0keiro-abuse")
        print("reached an abstract socket")
    except ConnectionRefusedError: pass`;
    expect(await attack(python(program))).toEqual({ code: 0, output: '' });
  });

  it('does not reach Keiro’s own pages by the API’s address', async () => {
    expect((await attack('curl -sS -m 5 -o /dev/null -w "%{http_code}" http://198.19.252.1/')).output).toMatch(/^[24]\d\d$/);
    for (const host of ['198.19.252.1', 'localhost', '127.0.0.1'])
      for (const page of ['reset', 'trace', 'metrics', 'events', 'ca'])
        for (const header of ['X-Forwarded-For: 127.0.0.1', 'Forwarded: for=127.0.0.1'])
          expect((await attack(`curl -sS -m 5 -o /dev/null -w '%{http_code}' -X ${page === 'reset' ? 'POST' : 'GET'} -H 'Host: ${host}' -H '${header}' http://198.19.252.1/_keiro/${page}`)).output).toBe('403'); // prettier-ignore
    expect((await attack('curl -sS -m 5 http://198.19.252.1/_keiro/health')).output).not.toContain(data());
  });

  it('does not reach a network with the same addresses, nor what is told another instance', async () => {
    expect((await attack(`ping -c 1 -W 1 ${other.address}`)).code).not.toBe(0);
    expect((await attack(`ip addr add ${other.address}/32 dev eth0; ping -I ${other.address} -c 1 -W 1 10.0.0.1`)).code).not.toBe(0);
    const metadata = `curl -sS -m 1 --interface ${other.address} http://169.254.169.254/latest/meta-data/instance-id`;
    expect((await attack(metadata)).code).not.toBe(0);
    const forged = `curl -sS -m 1 -H 'X-Forwarded-For: ${other.address}' http://169.254.169.254/latest/meta-data/instance-id`;
    expect((await attack(forged)).output).not.toContain(other.id);
    await attack(`ip addr del ${other.address}/32 dev eth0`);
  });

  it('has no hold on the other ends of its links', async () => {
    const program = `
import fcntl, os, socket, struct
TARGET_NETNSID, LINK_NETNSID, NET_NS_PID, NET_NS_FD, IFNAME = 46, 37, 19, 28, 3
def attribute(kind, data): return struct.pack("HH", 4 + len(data), kind) + data + b"\\0" * (-len(data) % 4)
def ask(kind, flags, index, attributes):
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0) as s:
        body = struct.pack("BBHiII", 0, 0, 0, index, 0, 0) + attributes
        s.send(struct.pack("IHHII", 16 + len(body), kind, flags | 5, 1, 0) + body)
        answer = s.recv(65536)
        kind = struct.unpack("H", answer[4:6])[0]
        return "told" if kind == 16 else struct.unpack("i", answer[16:20])[0] or (kind == 3 and "empty")
index = socket.if_nametoindex("eth0")
number = lambda value: struct.pack("i", value)
for target in range(4):
    for kind, flags, name in ((18, 0x300, "dump"), (18, 0, "get"), (19, 0, "set"), (16, 0x600, "new"), (17, 0, "delete")):
        for at in (0, 1, 2):
            got = ask(kind, flags, at, attribute(TARGET_NETNSID, number(target)))
            if got == "told" or got == 0: print("other namespace", target, name, at, got)
    for attributes in (attribute(LINK_NETNSID, number(target)), attribute(TARGET_NETNSID, number(target)) + attribute(IFNAME, b"x\\0")):
        got = ask(16, 0, index, attributes)
        if attributes[2] != LINK_NETNSID and got == 0: print("moved", target)
`;
    expect(await attack(python(program))).toEqual({ code: 0, output: '' });
    await refused('ip link set eth0 netns 2147483647');
    expect((await attack('ip netns list; ls -A /run/netns')).output).toBe('');
  });

  describe('a start over files that an instance has prepared', () => {
    it('touches none of the host’s', async () => {
      const target = join(outside, 'target');
      writeFileSync(target, 'untouched', { mode: 0o666 });
      chmodSync(target, 0o666);
      const folder = join(outside, 'folder');
      mkdirSync(folder, { mode: 0o777 });
      chmodSync(folder, 0o777);
      const traps = `
        for name in passwd passwd-login group hostname hosts nsswitch.conf resolv.conf os-release profile bash.bashrc; do rm -f /etc/$name; ln -s ${target} /etc/$name; done
        rm -f /etc/hosts /etc/profile; ln -s ${outside}/created /etc/hosts; mkdir -p /etc/profile/a/b
        mv /etc/ssl /etc/ssl-away; ln -s /oldroot${folder} /etc/ssl; mv /etc/ssh /etc/ssh-away; ln -s ${folder} /etc/ssh
        ln -s /oldroot${folder}/pki /etc/pki; ln -s /oldroot${folder}/xtables /etc/xtables.conf; ln -s /oldroot${folder}/crypto /etc/crypto-policies
        cd /home; mv ec2-user away; ln -s ${folder} ec2-user; cd /
        mv /var/lib /var/lib-away; ln -s ${folder} /var/lib; mv /var/log /var/log-away; ln -s ${folder} /var/log
        rm -rf /var/run; ln -s ${folder} /var/run; rm -rf /tmp/*; ln -s ${folder} /tmp/link
        for name in keiro; do ln -s ${folder} /run/other; done; sync`;
      expect((await attack(traps)).output).toBe('');
      await ec2.rebootInstances({ InstanceIds: [instance.id] });
      await eventually(async () => (await site.inside(instance.id)('cat /etc/hostname /proc/1/cmdline')).stdout.includes('settled'), true);
      await eventually(async () => (await site.inside(instance.id)('test -L /etc/hosts || echo file')).stdout, 'file\n');
      expect(readFileSync(target, 'utf8')).toBe('untouched');
      expect(execFileSync('stat', ['-c', '%u', target], { encoding: 'utf8' }).trim()).toBe(`${process.getuid?.()}`);
      expect(existsSync(join(outside, 'created'))).toBe(false);
      expect(execFileSync('find', [folder, '-mindepth', '1'], { encoding: 'utf8' })).toBe('');
    });
  });
});
