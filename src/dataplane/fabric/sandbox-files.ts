/** What is in the files of a sandbox that are Keiro's: who there is, how to log in, how it starts. Texts only. */
import { formatIp } from '#model/ip.ts';
import type { NetworkInterface } from '#model/topology.ts';
import type { Workload } from '#model/workload.ts';

/** Where every sandbox sees what they share, read-only. */
export const SHARED = '/run/keiro';

/** The programs' search path in a sandbox. */
export const PATH = `${SHARED}/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`;

/** Where nothing is to be. */
export const EMPTY = 'empty';

/** Exit statuses of the first process that say what it wants. */
export const HALT_STATUS = 100;
export const REBOOT_STATUS = 101;

/**
 * There is one user number in a sandbox, 0, with two names. `loginFirst`: what people see who have logged in; else what
 * programs see that the instance starts itself.
 */
function users(loginName: string, loginFirst: boolean): string {
  const root = 'root:x:0:0:root:/root:/bin/bash';
  const login = `${loginName}:x:0:0:Default user:/home/${loginName}:/bin/bash`;
  const others = ['daemon', 'nobody', 'sshd', 'www-data'].map((name) => `${name}:x:0:0::/run:/usr/sbin/nologin`);
  return [...(loginFirst ? [login, root] : [root, login]), ...others, ''].join('\n');
}

const groups = (loginName: string): string =>
  [loginName, 'root', 'tty', 'daemon', 'nogroup', 'sshd', 'www-data', 'wheel', 'sudo', 'adm'].map((name) => `${name}:x:0:\n`).join('');

/** Under `/etc`, by name, written at every start. */
export function settingsFiles(
  { hostName, loginName, nameServers, searchDomains }: Workload,
  interfaces: readonly NetworkInterface[],
): Readonly<Record<string, string>> {
  const short = hostName.split('.')[0] ?? hostName;
  const own = interfaces.flatMap(({ addresses }) => addresses.slice(0, 1)).map((ip) => `${formatIp(ip)} ${hostName} ${short}\n`);
  return {
    passwd: users(loginName, false),
    'passwd-login': users(loginName, true),
    group: groups(loginName),
    hostname: `${hostName}\n`,
    hosts: `127.0.0.1 localhost localhost.localdomain\n::1 localhost6 localhost6.localdomain6\n${own.slice(0, 1).join('')}`,
    'nsswitch.conf': 'passwd: files\ngroup: files\nshadow: files\nhosts: files dns\nnetworks: files\nprotocols: files\nservices: files\n',
    'resolv.conf': [
      ...(searchDomains.length > 0 ? [`search ${searchDomains.join(' ')}`] : []),
      ...nameServers.map((address) => `nameserver ${address}`),
      'options timeout:2 attempts:5',
      '',
    ].join('\n'),
    'os-release': 'NAME="Keiro sandbox"\nID=keiro\nID_LIKE="debian fedora"\nPRETTY_NAME="Keiro sandbox (the host\'s programs)"\n',
    profile: `export PATH=${PATH}\n[ -n "$BASH" ] && PS1='[\\u@\\h \\W]$ '\numask 022\n`,
    'bash.bashrc': '[ -n "$PS1" ] && PS1=\'[\\u@\\h \\W]$ \'\n',
  };
}

/** OpenSSH's server, for one user number: it cannot change to another, so whoever logs in is that one. */
const sshdSettings = `Port 22
HostKey /etc/ssh/ssh_host_ed25519_key
PidFile none
UsePAM no
StrictModes no
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin prohibit-password
AuthorizedKeysFile .ssh/authorized_keys
X11Forwarding no
PrintMotd no
UseDNS no
AcceptEnv LANG LC_*
SetEnv PATH=${PATH}
Subsystem sftp internal-sftp
`;

/** What the first process is asked to end with: a signal is lost on it until it has said what to do with it. */
const END = '/run/end';

/** Rights that nothing in an instance has once its network server for people is up: they lead around the limits of its sandbox. */
const LOST = '-sys_admin,-sys_resource,-sys_ptrace,-mknod';

/**
 * The first process. It begins with rights that nothing else there has: to mount and to set what the kernel allows the sandbox.
 * When that is done it gives them up. It is number 1 there: nobody in the sandbox can kill it, and it takes in orphans.
 */
const init = `#!/bin/sh
# Keiro's first process in an instance: name, ssh, user data; then it waits.
export PATH=${PATH} HOME=/root LANG=C.UTF-8
trap 'exit ${HALT_STATUS}' USR1
trap 'exit ${REBOOT_STATUS}' USR2
trap 'exit ${HALT_STATUS}' TERM INT
if [ "$1" = settled ]; then
  [ -s ${END} ] && exit "$(cat ${END})"
  if [ -e /var/lib/cloud/user-data ] && [ ! -e /var/lib/cloud/user-data-ran ]; then
    : > /var/lib/cloud/user-data-ran
    (
      if [ "$(head -c 2 /var/lib/cloud/user-data)" = '#!' ]; then
        chmod 700 /var/lib/cloud/user-data
        cd / && /var/lib/cloud/user-data 2>&1
        echo "Cloud-init: user data ended with status $?"
      else
        echo "Cloud-init: user data is no script (it does not begin with #!), and was left alone"
      fi
    ) | tee -a /var/log/cloud-init-output.log &
  fi
  echo "Cloud-init finished at $(date -u '+%a, %d %b %Y %H:%M:%S +0000')"
  while :; do sleep 2147483647 & wait $!; done
fi
exec </dev/null
read -r name </etc/hostname
echo "[    0.000000] Keiro: $name starts"
LESS='setpriv --bounding-set=${LOST} --inh-caps=${LOST} --ambient-caps=${LOST} --no-new-privs'
{
  echo 500 > /proc/self/oom_score_adj
  echo 0 > /proc/sys/user/max_user_namespaces
  echo 64 > /proc/sys/user/max_inotify_instances
  echo 16384 > /proc/sys/user/max_inotify_watches
  # Memory between processes that no limit of theirs counts: pages, segments, queues, semaphores.
  echo 65536 > /proc/sys/kernel/shmall
  echo 256 > /proc/sys/kernel/shmmni
  echo 64 > /proc/sys/kernel/msgmni
  echo 250 32000 100 256 > /proc/sys/kernel/sem
} 2>/dev/null
mount -o bind,ro /proc/sys/kernel /proc/sys/kernel
mount -o remount,max=64,mode=620,ptmxmode=666,nosuid,noexec /dev/pts
SSHD=$(command -v sshd)
if [ -n "$SSHD" ]; then
  mkdir -p /etc/ssh /run/sshd
  [ -s /etc/ssh/ssh_host_ed25519_key ] || $LESS ssh-keygen -q -t ed25519 -N '' -C '' -f /etc/ssh/ssh_host_ed25519_key
  echo "-----BEGIN SSH HOST KEY KEYS-----"; $LESS cat /etc/ssh/ssh_host_ed25519_key.pub; echo "-----END SSH HOST KEY KEYS-----"
  unshare --mount sh -c 'mount --bind /etc/passwd-login /etc/passwd; exec "$@"' sh $LESS "$SSHD" -D -e -f ${SHARED}/sshd_config 2>/var/log/sshd.log &
else
  echo "Keiro: no ssh here: the host has no sshd (openssh-server)"
fi
exec $LESS sh ${SHARED}/init settled
`;

/** `sudo`, for people's fingers: there is one user number, so it has nothing to change but the surroundings. */
const sudo = `#!/bin/sh
# In a Keiro sandbox everyone is user number 0: this only gives root's surroundings.
login=
while [ $# -gt 0 ]; do
  case "$1" in
    -u|-g|-p|-C|-h) shift 2 ;;
    -i|-s|--login|--shell) login=1; shift ;;
    --) shift; break ;;
    -*) shift ;;
    *=*) export "$1"; shift ;;
    *) break ;;
  esac
done
export HOME=/root USER=root LOGNAME=root SUDO_USER="\${USER:-}"
if [ -n "$login" ] || [ $# -eq 0 ]; then
  [ $# -eq 0 ] && exec bash -l
  exec bash -lc "$*"
fi
exec "$@"
`;

const halt = `#!/bin/sh
# Asks the instance's first process to end.
echo ${HALT_STATUS} > ${END}
exec kill -USR1 1
`;

const reboot = `#!/bin/sh
# Asks the instance's first process to begin again.
echo ${REBOOT_STATUS} > ${END}
exec kill -USR2 1
`;

const shutdown = `#!/bin/sh
for word in "$@"; do case "$word" in -r|--reboot) exec reboot ;; esac; done
exec halt
`;

/** Under `SHARED`, by path; those in `bin` are programs. */
export const sharedFiles: Readonly<Record<string, string>> = {
  init,
  [EMPTY]: '',
  sshd_config: sshdSettings,
  'bin/sudo': sudo,
  'bin/shutdown': shutdown,
  'bin/poweroff': halt,
  'bin/halt': halt,
  'bin/reboot': reboot,
};
