/** The command line of bubblewrap for one instance. Pure. */
import { HOST_SETTINGS, type HostLayout } from '#dataplane/sandbox/host-layout.ts';
import { EMPTY, PATH, SHARED } from './sandbox-files.ts';

export interface SandboxPlace {
  readonly hostName: string;
  /** The instance's own files, as the fabric sees them. */
  readonly disk: string;
  /** What all sandboxes share, as the fabric sees it. */
  readonly shared: string;
  /** A bundle of certificate authorities to trust, as the fabric sees it; undefined: the host's. */
  readonly trust?: string;
  readonly processes: number;
  /** Bytes of memory that each of its processes may have for itself; undefined: their group is limited. */
  readonly dataBytes?: number;
  /** File descriptors: read before the first process begins, told the sandbox's numbers, the system-call filter. */
  readonly blockFd: number;
  readonly infoFd: number;
  readonly filterFd: number;
}

/** Folders of the instance's own, kept over stops. */
export const OWN_FOLDERS = ['etc', 'home', 'root', 'tmp', 'var', 'srv', 'opt', 'mnt'] as const;
/** Folders of the instance's own, empty at each start, and where it sees them. */
const FRESH = { run: '/run', shm: '/dev/shm' } as const;
export const FRESH_FOLDERS = Object.keys(FRESH);
/** What must be empty: what the loader reads here it puts into every program, the first one too, while that still has its rights. */
const SEALED = ['ld.so.preload'] as const;
const BUNDLE = 'ssl/certs/ca-certificates.crt';
/** Files of Keiro's that are put into `/etc`. */
export const OWN_SETTINGS = [...SEALED, BUNDLE] as const;
/** Rights that instances have no use for. */
const LOST_RIGHTS = ['CAP_SYS_MODULE', 'CAP_SYS_RAWIO', 'CAP_SYS_BOOT', 'CAP_SYS_TIME', 'CAP_MAC_ADMIN', 'CAP_MAC_OVERRIDE', 'CAP_SYSLOG', 'CAP_BPF', 'CAP_PERFMON', 'CAP_WAKE_ALARM'] as const; // prettier-ignore

export function sandboxArguments(place: SandboxPlace, host: HostLayout): string[] {
  const { disk } = place;
  return [
    '--unshare-user', '--uid', '0', '--gid', '0', '--unshare-net', '--unshare-pid', '--unshare-ipc', '--unshare-uts', '--unshare-cgroup-try',
    '--as-pid-1', '--die-with-parent', '--new-session', '--hostname', place.hostName.slice(0, 64), '--clearenv', '--setenv', 'PATH', PATH,
    '--cap-add', 'ALL', ...LOST_RIGHTS.flatMap((name) => ['--cap-drop', name]),
    ...host.folders.flatMap((folder) => ['--ro-bind', folder, folder]),
    ...Object.entries(host.links).flatMap(([name, target]) => ['--symlink', target, name]),
    ...OWN_FOLDERS.flatMap((name) => ['--bind', `${disk}/${name}`, `/${name}`]),
    ...HOST_SETTINGS.flatMap((name) => ['--ro-bind-try', `/etc/${name}`, `/etc/${name}`]),
    ...(place.trust === undefined ? [] : ['--ro-bind', place.trust, `/etc/${BUNDLE}`]),
    ...SEALED.flatMap((name) => ['--ro-bind', `${place.shared}/${EMPTY}`, `/etc/${name}`]),
    '--proc', '/proc', '--dev', '/dev', ...Object.entries(FRESH).flatMap(([name, at]) => ['--bind', `${disk}/${name}`, at]),
    '--remount-ro', '/dev', '--ro-bind', place.shared, SHARED,
    '--remount-ro', '/', '--chdir', '/',
    '--block-fd', `${place.blockFd}`, '--info-fd', `${place.infoFd}`, '--seccomp', `${place.filterFd}`,
    '--', 'prlimit', `--nproc=${place.processes}:${place.processes}`, '--core=0:0',
    ...(place.dataBytes === undefined ? [] : [`--data=${place.dataBytes}:${place.dataBytes}`]), 'sh', `${SHARED}/init`,
  ]; // prettier-ignore
}
