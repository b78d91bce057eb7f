/**
 * The system-call filter of sandboxes: `setgroups` succeeds and does nothing. A sandbox has one user number and one group,
 * so there is nothing to set, but the kernel refuses the call there, and sshd and others would give up.
 */

/** linux/bpf_common.h, linux/audit.h, linux/seccomp.h; the calls' numbers are each architecture's own. */
const LOAD_WORD = 0x20;
const JUMP_IF_EQUAL = 0x15;
const RETURN = 0x06;
const OFFSET_OF_CALL = 0;
const OFFSET_OF_ARCHITECTURE = 4;
const ALLOW = 0x7fff_0000;
/** With error number 0: the call is not made, and has succeeded. */
const PRETEND = 0x0005_0000;
const architectures = [
  { audit: 0xc000_003e, setgroups: 116 }, // x86-64
  { audit: 0xc000_00b7, setgroups: 159 }, // arm64, and riscv64's table
] as const;

/** The filter as bubblewrap reads it: struct sock_filter after struct sock_filter, in the machine's byte order (little-endian ones only). */
export function sandboxFilter(): Buffer {
  const [first, second] = architectures;
  return Buffer.concat([
    instruction(LOAD_WORD, 0, 0, OFFSET_OF_ARCHITECTURE),
    instruction(JUMP_IF_EQUAL, 0, 2, first.audit), // else to the second architecture
    instruction(LOAD_WORD, 0, 0, OFFSET_OF_CALL),
    instruction(JUMP_IF_EQUAL, 3, 4, first.setgroups),
    instruction(JUMP_IF_EQUAL, 0, 3, second.audit),
    instruction(LOAD_WORD, 0, 0, OFFSET_OF_CALL),
    instruction(JUMP_IF_EQUAL, 0, 1, second.setgroups),
    instruction(RETURN, 0, 0, PRETEND),
    instruction(RETURN, 0, 0, ALLOW),
  ]);
}

function instruction(code: number, jumpTrue: number, jumpFalse: number, value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt16LE(code, 0);
  bytes.writeUInt8(jumpTrue, 2);
  bytes.writeUInt8(jumpFalse, 3);
  bytes.writeUInt32LE(value, 4);
  return bytes;
}
