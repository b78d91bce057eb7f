/** What of the host a sandbox sees, read-only: its programs, and the settings that they need. */
import { lstatSync, readlinkSync } from 'node:fs';

/** How the host lays out its root: what is a link and what a folder. */
export interface HostLayout {
  /** Folders of programs, and the links among them: `/bin` → `usr/bin`. */
  readonly links: Readonly<Record<string, string>>;
  readonly folders: readonly string[];
}

/** Of the host's `/etc`, what its programs need and what tells nothing about it. */
export const HOST_SETTINGS = [
  'alternatives', 'ca-certificates', 'ca-certificates.conf', 'ld.so.cache', 'ld.so.conf', 'ld.so.conf.d', 'mime.types', 'pki', 'protocols',
  'services', 'ssl/certs', 'ssl/openssl.cnf', 'terminfo', 'python3', 'perl', 'crypto-policies', 'localtime', 'ethertypes', 'iproute2', 'xtables.conf',
] as const; // prettier-ignore
export function hostLayout(): HostLayout {
  const links: Record<string, string> = {};
  const folders = ['/usr'];
  for (const name of ['/bin', '/sbin', '/lib', '/lib32', '/lib64', '/libx32']) {
    const found = lstatSync(name, { throwIfNoEntry: false });
    if (found?.isSymbolicLink()) links[name] = readlinkSync(name);
    else if (found?.isDirectory()) folders.push(name);
  }
  return { links, folders };
}
