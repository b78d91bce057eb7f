/** `keiro exec`: a command, or a login shell, in an instance. */
import { Complaint } from '#cli/complaint.ts';
import { requireFabric } from '#cli/fabric-of.ts';
import { entrance } from '#cli/inside.ts';
import type { LocateOptions } from '#cli/locate.ts';
import { runInside } from '#cli/run-inside.ts';
import { PATH } from '#dataplane/fabric/sandbox-files.ts';

export async function exec(
  instance: string,
  command: readonly string[],
  options: LocateOptions & { readonly user?: string },
): Promise<void> {
  if (!/^i-[0-9a-f]+$/.test(instance)) {
    throw new Complaint(
      `'${instance}' is no instance's id (i-…); names are not understood here. 'aws ec2 describe-instances' lists the ids.`,
    );
  }
  const { fabric } = await requireFabric(options);
  const found = await fabric.instance(instance).finally(() => fabric.disconnect());
  if (!found) {
    throw new Complaint(
      `no instance ${instance} runs. 'aws ec2 describe-instances --instance-ids ${instance}' tells its state, 'aws ec2 start-instances' starts one that is stopped.`,
    );
  }
  const program = loginProgram(options.user ?? 'root', command, process.env);
  await runInside(entrance(fabric.pid, { kind: 'instance', pid: found.pid }, program), process.env);
}

/** Status of a command that could not be tried, as `env` and `nohup` have it. */
const notTried = 125;

/** Rights that programs in an instance have not: they would lead around the limits of its sandbox. */
const lostRights = [
  'sys_admin',
  'sys_resource',
  'sys_ptrace',
  'mknod',
  'sys_module',
  'sys_rawio',
  'sys_boot',
  'sys_time',
  'syslog',
] as const;

/** Becomes the user whose name comes first, in his home; then the command after it, or his login shell. */
const LOGIN = `
user=$1; shift
IFS=: read -r name _ uid gid _ home shell <<END
$(grep "^$user:" /etc/passwd)
END
if [ -z "$uid" ]; then
  if [ "$user" != root ]; then echo "keiro: the instance has no user '$user'" >&2; exit ${notTried}; fi
  uid=0; home=/root
fi
[ -n "$shell" ] && [ -x "$shell" ] || shell=/bin/sh
export USER="$user" LOGNAME="$user" HOME="$home" SHELL="$shell"
cd "$home" 2>/dev/null || cd /
[ $# -gt 0 ] || set -- "$shell" -l
[ "$uid" = 0 ] || set -- setpriv --reuid="$uid" --regid="$gid" --clear-groups "$@"
exec setpriv --bounding-set=${lostRights.map((name) => `-${name}`).join(',')} --inh-caps=-all --no-new-privs "$@"
`;

/** In an environment of its own: of the caller's only the terminal and the language pass. */
export function loginProgram(user: string, command: readonly string[], { TERM, LANG }: NodeJS.ProcessEnv): readonly string[] {
  if (!/^[\w][\w.-]*$/.test(user)) throw new Complaint(`'${user}' is no user's name.`);
  const variables = ['HOME=/root', `PATH=${PATH}`, `TERM=${TERM || 'dumb'}`, `LANG=${LANG || 'C.UTF-8'}`];
  return ['env', '-i', ...variables, 'sh', '-c', LOGIN, 'keiro', user, ...command];
}
