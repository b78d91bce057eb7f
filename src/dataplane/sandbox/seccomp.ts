/**
 * The system-call filter of sandboxes. It takes away what reaches the host past all namespaces (kernel logs and keys, other
 * families of sockets, files by handle) or gives rights anew (user namespaces). And `setgroups` succeeds and does nothing: a sandbox has
 * one user number and one group, so there is nothing to set, but the kernel refuses the call there, and sshd and others would give up.
 */
import process from 'node:process';

/** linux/bpf_common.h, linux/seccomp.h. */
const LOAD_WORD = 0x20;
const JUMP_IF_EQUAL = 0x15;
const JUMP_IF_AT_LEAST = 0x35;
const JUMP_IF_ANY_BIT = 0x45;
const RETURN = 0x06;
/** Of struct seccomp_data; of arguments the lower half, in the byte order of all machines below. */
const OFFSET_OF_CALL = 0;
const OFFSET_OF_ARCHITECTURE = 4;
const OFFSET_OF_ARGUMENT = 16;
const ALLOW = 0x7fff_0000;
/** With an error's number; 0: the call is not made, and has succeeded. */
const ANSWER = 0x0005_0000;
const PRETEND = ANSWER;
/** asm-generic/errno.h */
const NOT_PERMITTED = ANSWER | 1;
const NO_SUCH_CALL = ANSWER | 38;
const NO_SUCH_FAMILY = ANSWER | 97;
/** linux/sched.h */
const CLONE_NEWUSER = 0x1000_0000;
/** linux/socket.h: unix, IPv4, IPv6, netlink, packet. All others are the host's own, e.g. vsock, which knows no network namespaces. */
const FAMILIES = [1, 2, 10, 16, 17] as const;
/** Calls from here on are another table of x86-64's (x32). */
const X32 = 0x4000_0000;

interface Architecture {
  /** linux/audit.h */
  readonly audit: number;
  readonly setgroups: number;
  readonly socket: number;
  readonly unshare: number;
  readonly clone: number;
  /** Its flags are in memory, where no filter sees them: programs take `clone` when there is no such call. */
  readonly clone3: number;
  readonly refused: readonly number[];
}

/** The table of arm64 is that of all newer architectures (asm-generic/unistd.h). */
const generic = {
  setgroups: 159,
  socket: 198,
  unshare: 97,
  clone: 220,
  clone3: 435,
  // add_key request_key keyctl syslog kexec_load kexec_file_load init_module finit_module delete_module bpf perf_event_open userfaultfd
  // io_uring_setup io_uring_enter io_uring_register open_by_handle_at acct swapon swapoff reboot quotactl nfsservctl lookup_dcookie
  refused: [217, 218, 219, 116, 104, 294, 105, 273, 106, 280, 241, 282, 425, 426, 427, 265, 89, 224, 225, 142, 60, 42, 18],
} as const;

const architectures: Readonly<Record<string, Architecture>> = {
  x64: {
    audit: 0xc000_003e,
    setgroups: 116,
    socket: 41,
    unshare: 272,
    clone: 56,
    clone3: 435,
    refused: [248, 249, 250, 103, 246, 320, 175, 313, 176, 321, 298, 323, 425, 426, 427, 304, 163, 167, 168, 169, 179, 180, 212],
  },
  arm64: { audit: 0xc000_00b7, ...generic },
  riscv64: { audit: 0xc000_00f3, ...generic },
};

/** The filter as bubblewrap reads it: struct sock_filter after struct sock_filter. Of an architecture that is not known, all pass. */
export function sandboxFilter(architecture: string = process.arch): Buffer {
  const calls = architectures[architecture];
  if (calls === undefined) return instruction(RETURN, 0, 0, ALLOW);
  const isX64 = architecture === 'x64';
  return Buffer.concat([
    instruction(LOAD_WORD, 0, 0, OFFSET_OF_ARCHITECTURE),
    ...unless(JUMP_IF_EQUAL, calls.audit, NO_SUCH_CALL), // programs for older machines: their calls have other numbers
    instruction(LOAD_WORD, 0, 0, OFFSET_OF_CALL),
    ...(isX64 ? when(JUMP_IF_AT_LEAST, X32, [answer(NO_SUCH_CALL)]) : []),
    ...calls.refused.flatMap((call) => when(JUMP_IF_EQUAL, call, [answer(NOT_PERMITTED)])),
    ...when(JUMP_IF_EQUAL, calls.setgroups, [answer(PRETEND)]),
    ...when(JUMP_IF_EQUAL, calls.clone3, [answer(NO_SUCH_CALL)]),
    ...when(JUMP_IF_EQUAL, calls.clone, withoutNewUsers()),
    ...when(JUMP_IF_EQUAL, calls.unshare, withoutNewUsers()),
    ...when(JUMP_IF_EQUAL, calls.socket, [
      instruction(LOAD_WORD, 0, 0, OFFSET_OF_ARGUMENT),
      ...FAMILIES.flatMap((family) => when(JUMP_IF_EQUAL, family, [answer(ALLOW)])),
      answer(NO_SUCH_FAMILY),
    ]),
    answer(ALLOW),
  ]);
}

/** Their flags are the first argument. */
const withoutNewUsers = (): Buffer[] => [
  instruction(LOAD_WORD, 0, 0, OFFSET_OF_ARGUMENT),
  ...when(JUMP_IF_ANY_BIT, CLONE_NEWUSER, [answer(NOT_PERMITTED)]),
  answer(ALLOW),
];

/** Goes through the body, which must end the filter, when what is loaded is so. */
const when = (jump: number, value: number, body: readonly Buffer[]): Buffer[] => [instruction(jump, 0, body.length, value), ...body];

const unless = (jump: number, value: number, verdict: number): Buffer[] => [instruction(jump, 1, 0, value), answer(verdict)];

const answer = (verdict: number): Buffer => instruction(RETURN, 0, 0, verdict);

function instruction(code: number, jumpTrue: number, jumpFalse: number, value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt16LE(code, 0);
  bytes.writeUInt8(jumpTrue, 2);
  bytes.writeUInt8(jumpFalse, 3);
  bytes.writeUInt32LE(value, 4);
  return bytes;
}
