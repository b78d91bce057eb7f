/** Whether node_modules is what package-lock.json says, by npm's own record of it, so that a hand-made install is not done again. */
import { readFileSync } from 'node:fs';
import path from 'node:path';

function readJson(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

/** Packages for other platforms are optional and may be missing; one that is there must be the one that is locked. */
export function installedAsLocked(root) {
  const locked = readJson(path.join(root, 'package-lock.json'))?.packages;
  if (!locked) return { same: false, nodeVersion: undefined };
  const nodeVersion = locked['node_modules/node']?.version;
  const installed = readJson(path.join(root, 'node_modules', '.package-lock.json'))?.packages;
  if (!installed) return { same: false, nodeVersion };
  const wanted = Object.entries(locked).filter(([name]) => name !== '');
  const missing = wanted.some(([name, entry]) => !entry.optional && !installed[name]);
  const other = Object.entries(installed).some(
    ([name, entry]) => entry.integrity !== locked[name]?.integrity && !name.startsWith('node_modules/node/'),
  );
  return { same: !missing && !other, nodeVersion };
}
