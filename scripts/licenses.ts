/** The licence texts of the packages that a bundle contains, which its copies must carry. */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** The folder of the npm package that a module belongs to; undefined for our own. */
function packageFolder(moduleId: string): string | undefined {
  return /^.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+/.exec(moduleId)?.[0];
}

function licenseOf(folder: string): string {
  const about = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { name: string; version: string; license?: string }; // npm's own format
  const file = readdirSync(folder).find((name) => /^(licen[cs]e|copying)/i.test(name));
  const text = file ? readFileSync(join(folder, file), 'utf8').trim() : 'The package carries no licence text of its own.';
  return `${about.name} ${about.version} (${about.license ?? 'no licence named'})\n\n${text}\n`;
}

/** One text for all packages among the modules of a bundle, in the order of their folders. */
export function licensesOf(moduleIds: readonly string[]): string {
  const folders = new Set(moduleIds.map(packageFolder).filter((folder) => folder !== undefined));
  const known = [...folders].sort().filter((folder) => existsSync(join(folder, 'package.json')));
  const rule = '-'.repeat(80);
  return [`Keiro's bundle contains these packages.\n`, ...known.map(licenseOf)].join(`\n${rule}\n\n`);
}
