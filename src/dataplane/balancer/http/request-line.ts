/** Request lines that are not plainly `METHOD target HTTP/1.1`: what AWS lets pass of them, and in what form. */
import type { Reason } from '#dataplane/balancer/http/classification.ts';

export interface OddLine {
  readonly method: string;
  /** As it goes on: what must not stand in a target is encoded. */
  readonly target: string;
  readonly minorVersion: 0 | 1;
  readonly reason: Reason | undefined;
}

/** It goes no further. `reason` where AWS has one. */
export interface LineFault {
  readonly status: 400 | 505;
  readonly reason: Reason | undefined;
}

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const CONTROL = /[\x00-\x20\x7f]/g;

const encode = (octet: string): string => `%${octet.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;

/** @param line without its CR LF, one octet a character */
export function readOddLine(line: string): OddLine | LineFault {
  const methodEnd = line.indexOf(' ');
  const method = methodEnd < 0 ? line : line.slice(0, methodEnd);
  if (!TOKEN.test(method)) return { status: 400, reason: 'BadMethod' };
  if (/[\0\r\n]/.test(line)) return { status: 400, reason: 'BadUri' };
  const rest = methodEnd < 0 ? '' : line.slice(methodEnd + 1);
  const trimmed = rest.replace(/[ \t]+$/, '');
  const versionAt = trimmed.lastIndexOf(' ');
  // HTTP/0.9 has a target and no version.
  if (versionAt < 0) return { status: trimmed === '' ? 400 : 505, reason: 'BadVersion' };
  const version = /^HTTP\/(\d)\.(\d)$/.exec(trimmed.slice(versionAt + 1));
  if (!version) return { status: 400, reason: 'BadVersion' };
  if (version[1] !== '1') return { status: 505, reason: version[0] === 'HTTP/0.9' ? 'NonCompliantVersion' : 'BadVersion' };
  const spaced = trimmed.slice(0, versionAt);
  const target = spaced.replace(/[ \t]+$/, '');
  if (target === '') return { status: 400, reason: 'BadUri' };
  return {
    method,
    target: target.replaceAll(CONTROL, encode),
    minorVersion: version[2] === '0' ? 0 : 1,
    reason: reasonOf(target, trimmed !== rest || target !== spaced || Number(version[2]) > 1),
  };
}

function reasonOf(target: string, hasOddVersion: boolean): Reason | undefined {
  if (/[\x01-\x1f\x7f]/.test(target)) return 'AmbiguousUri';
  if (target.includes(' ')) return 'SpaceInUri';
  return hasOddVersion ? 'NonCompliantVersion' : undefined;
}
