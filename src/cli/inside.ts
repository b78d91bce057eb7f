/** How a program is started inside the fabric: the commands that enter its namespaces, as plain values. */

/** Where a program is to run. */
export type Place =
  /** On Keiro's internet. */
  | { readonly kind: 'internet' }
  /** In an instance's sandbox; the process is its first one, as the fabric counts. */
  | { readonly kind: 'instance'; readonly pid: number };

export interface Entrance {
  readonly command: string;
  readonly args: readonly string[];
  /** How many processes stand between the one that is started and the program: each namespace of processes takes a child. */
  readonly depth: number;
}

/** Only children of whoever enters are in the namespace of processes, hence the shells that wait. */
const enter = ['nsenter', '--preserve-credentials', '--no-fork'] as const;
/**
 * Runs the rest as a child and becomes its exit code. It stays when Ctrl-C comes, which the terminal tells the child too,
 * so that the child decides; `nsenter`, which could wait as well, would end and leave the child behind.
 */
const wait = ['sh', '-c', `trap : INT QUIT; "$@"; exit $?`, 'keiro'] as const;
/**
 * Enters what the process has of its own: the kernel refuses what it shares with the host. Becomes root there, who is
 * another than the fabric's where the fabric has two users; no group of the host's root is taken along then.
 */
const enterProcess = `
process=$1; shift
group=0
while read -r name _ effective _; do [ "$name" != Gid: ] || group=$effective; done <"/proc/$process/status"
set -- --target="$process" --setuid=0 "$@"
for kind in user mnt net pid uts ipc cgroup time; do
  [ "$(readlink /proc/self/ns/$kind)" = "$(readlink "/proc/$process/ns/$kind")" ] && continue
  [ $kind = mnt ] && kind=mount
  set -- --$kind "$@"
done
set -- ${enter.join(' ')} "$@"
[ "$group" = 0 ] || set -- setpriv --regid="$group" --clear-groups "$@"
exec "$@"
`;

/** @param fabricPid the fabric's process, as this host counts */
export function entrance(fabricPid: number, place: Place, program: readonly string[]): Entrance {
  const further =
    place.kind === 'internet'
      ? ['nsenter', '--net=/run/netns/internet', ...program]
      : ['sh', '-c', enterProcess, 'keiro', `${place.pid}`, ...wait, ...program];
  const [command, ...args] = [...enter, `--target=${fabricPid}`, '--user', '--mount', '--net', '--pid', ...wait, ...further];
  return { command, args, depth: place.kind === 'internet' ? 1 : 2 };
}
