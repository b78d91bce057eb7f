/** What is in the files of a sandbox that are Keiro's: who there is, how to log in, how it starts. Texts only. */
import { formatIp } from '#model/ip.ts';
import type { NetworkInterface } from '#model/topology.ts';
import type { Workload } from '#model/workload.ts';

/** Where every sandbox sees what they share, read-only. */
export const SHARED = '/run/keiro';

/** The programs' search path in a sandbox. */
export const PATH = `${SHARED}/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`;

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
    profile: `export PATH=${PATH}\n[ -n "$BASH" ] && PS1='[\\u@\\h \\W]\\$ '\numask 022\n`,
    'bash.bashrc': '[ -n "$PS1" ] && PS1=\'[\\u@\\h \\W]\\$ \'\n',
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

/**
 * The first process. It keeps two rights to itself that nothing else there has: to mount (a sandbox's files are of limited
 * size, a mount of its own would not be) and to raise limits.
 */
const init = `#!/bin/sh
# Keiro's first process in an instance: name, ssh, user data; then it waits.
export PATH=${PATH} HOME=/root LANG=C.UTF-8
exec </dev/null
echo "[    0.000000] Keiro: \$(cat /etc/hostname) starts"
children() { kill -TERM -- -1 2>/dev/null; }
trap 'exit ${HALT_STATUS}' USR1
trap 'exit ${REBOOT_STATUS}' USR2
trap 'exit ${HALT_STATUS}' TERM INT
echo 0 > /proc/sys/user/max_user_namespaces 2>/dev/null
LESS='setpriv --bounding-set=-sys_admin,-sys_resource,-sys_ptrace,-mknod --inh-caps=-sys_admin,-sys_resource,-sys_ptrace,-mknod --ambient-caps=-sys_admin,-sys_resource,-sys_ptrace,-mknod --no-new-privs'
SSHD=\$(command -v sshd)
if [ -n "\$SSHD" ]; then
  mkdir -p /etc/ssh /run/sshd
  [ -e /etc/ssh/ssh_host_ed25519_key ] || ssh-keygen -q -t ed25519 -N '' -C '' -f /etc/ssh/ssh_host_ed25519_key
  echo "-----BEGIN SSH HOST KEY KEYS-----"; cat /etc/ssh/ssh_host_ed25519_key.pub; echo "-----END SSH HOST KEY KEYS-----"
  unshare --mount sh -c 'mount --bind /etc/passwd-login /etc/passwd; exec "\$@"' sh \$LESS "\$SSHD" -D -e -f ${SHARED}/sshd_config 2>/var/log/sshd.log &
else
  echo "Keiro: no ssh here: the host has no sshd (openssh-server)"
fi
if [ -e /var/lib/cloud/user-data ] && [ ! -e /var/lib/cloud/user-data-ran ]; then
  : > /var/lib/cloud/user-data-ran
  (
    if [ "\$(head -c 2 /var/lib/cloud/user-data)" = '#!' ]; then
      chmod 700 /var/lib/cloud/user-data
      cd / && \$LESS /var/lib/cloud/user-data 2>&1
      echo "Cloud-init: user data ended with status \$?"
    else
      echo "Cloud-init: user data is no script (it does not begin with #!), and was left alone"
    fi
  ) | tee -a /var/log/cloud-init-output.log &
fi
echo "Cloud-init finished at \$(date -u '+%a, %d %b %Y %H:%M:%S +0000')"
while :; do sleep 2147483647 & wait \$!; done
`;

/** `sudo`, for people's fingers: there is one user number, so it has nothing to change but the surroundings. */
const sudo = `#!/bin/sh
# In a Keiro sandbox everyone is user number 0: this only gives root's surroundings.
login=
while [ \$# -gt 0 ]; do
  case "\$1" in
    -u|-g|-p|-C|-h) shift 2 ;;
    -i|-s|--login|--shell) login=1; shift ;;
    --) shift; break ;;
    -*) shift ;;
    *=*) export "\$1"; shift ;;
    *) break ;;
  esac
done
export HOME=/root USER=root LOGNAME=root SUDO_USER="\${USER:-}"
if [ -n "\$login" ] || [ \$# -eq 0 ]; then
  [ \$# -eq 0 ] && exec bash -l
  exec bash -lc "\$*"
fi
exec "\$@"
`;

const signalInit = (signal: string): string => `#!/bin/sh
# Asks the instance's first process; its number is 2, behind the one that minds orphans.
exec kill -${signal} 2
`;

const shutdown = `#!/bin/sh
signal=USR1
for word in "\$@"; do case "\$word" in -r|--reboot) signal=USR2 ;; esac; done
exec kill -\$signal 2
`;

/** Under `SHARED`, by path; those in \`bin\` are programs. */
export const sharedFiles: Readonly<Record<string, string>> = {
  init,
  sshd_config: sshdSettings,
  'bin/sudo': sudo,
  'bin/shutdown': shutdown,
  'bin/poweroff': signalInit('USR1'),
  'bin/halt': signalInit('USR1'),
  'bin/reboot': signalInit('USR2'),
};
