/** The system-call filter, run as the kernel would run it. */
import { describe, expect, it } from 'vitest';
import { sandboxFilter } from './seccomp.ts';

const X64 = 0xc000_003e;
const I386 = 0x4000_0003;
const ARM64 = 0xc000_00b7;

/** What the filter says to a call: `allow`, or the number of an error. */
function verdict(architecture: string, audit: number, call: number, argument = 0): 'allow' | number {
  const filter = sandboxFilter(architecture);
  let loaded = 0;
  for (let at = 0; at < filter.length; at += 8) {
    const [code, jumpTrue, jumpFalse, value] = [
      filter.readUInt16LE(at),
      filter[at + 2] ?? 0,
      filter[at + 3] ?? 0,
      filter.readUInt32LE(at + 4),
    ];
    const jump = (is: boolean): void => void (at += 8 * (is ? jumpTrue : jumpFalse));
    if (code === 0x20) loaded = value === 0 ? call : value === 4 ? audit : argument;
    else if (code === 0x15) jump(loaded === value);
    else if (code === 0x35) jump(loaded >= value);
    else if (code === 0x45) jump((loaded & value) !== 0);
    else return value === 0x7fff_0000 ? 'allow' : value & 0xffff;
  }
  throw new Error('the filter has no end');
}

describe('the filter', () => {
  it.each([
    ['read', 'x64', X64, 0, 0, 'allow'],
    ['setgroups', 'x64', X64, 116, 0, 0],
    ['keyctl', 'x64', X64, 250, 0, 1],
    ['keyctl', 'arm64', ARM64, 219, 0, 1],
    ['a socket of IPv4', 'x64', X64, 41, 2, 'allow'],
    ['a socket of packets', 'arm64', ARM64, 198, 17, 'allow'],
    ['a socket to the hypervisor', 'x64', X64, 41, 40, 97],
    ['a socket to the hypervisor', 'arm64', ARM64, 198, 40, 97],
    ['a fork', 'x64', X64, 56, 0x11, 'allow'],
    ['a fork into a namespace of users', 'x64', X64, 56, 0x1000_0011, 1],
    ['unshare of mounts', 'x64', X64, 272, 0x2_0000, 'allow'],
    ['unshare of users', 'x64', X64, 272, 0x1002_0000, 1],
    ['clone3', 'x64', X64, 435, 0, 38],
    ['a call of x32', 'x64', X64, 0x4000_0000 + 250, 0, 38],
    ['a call of a 32-bit program', 'x64', I386, 288, 0, 38],
    ['anything on what is not known', 's390x', 0x8000_0016, 1, 0, 'allow'],
  ] as const)('%s on %s', (_what, architecture, audit, call, argument, expected) => {
    expect(verdict(architecture, audit, call, argument)).toBe(expected);
  });
});
