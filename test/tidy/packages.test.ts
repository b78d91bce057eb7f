/** Dependencies are pinned exactly, and the lock file works with any registry and on every platform. */
import { describe, expect, it } from 'vitest';
import { read } from '#test/tidy/repository.ts';

interface Locked {
  readonly version?: string;
  readonly resolved?: string;
  readonly integrity?: string;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const about = JSON.parse(read('package.json')) as Readonly<Record<'dependencies' | 'devDependencies', Readonly<Record<string, string>>>>;
const lockText = read('package-lock.json');
const locked = (JSON.parse(lockText) as { readonly packages: Readonly<Record<string, Locked>> }).packages;
const direct = Object.entries({ ...about.dependencies, ...about.devDependencies });

describe('package.json', () => {
  it('has dependencies', () => {
    expect(direct.length).toBeGreaterThan(5);
  });

  it.each(direct)('pins %s exactly: %s', (name, range) => {
    expect(range).toMatch(/^\d+\.\d+\.\d+(-[\w.]+)?$/);
    expect(locked[`node_modules/${name}`]?.version).toBe(range);
  });
});

describe('package-lock.json', () => {
  it('names no registry', () => {
    expect(lockText).not.toMatch(
      /"resolved"|https?:\/\/(?!(www\.)?(github\.com|opencollective\.com|tidelift\.com|patreon\.com|paypal\.me|ko-fi\.com|feross\.org|dotenvx\.com))[^"]*\.tgz/,
    );
  });

  it('has a checksum for each package', () => {
    const bare = Object.entries(locked).filter(([name, entry]) => name !== '' && !entry.integrity);
    expect(bare.map(([name]) => name)).toEqual([]);
  });

  it('has the optional packages of every platform, without which `npm ci` refuses it', () => {
    const wanted = Object.values(locked).flatMap((entry) => Object.keys(entry.optionalDependencies ?? {}));
    expect(wanted.length).toBeGreaterThan(10);
    expect(wanted.filter((name) => !Object.keys(locked).some((path) => path.endsWith(`node_modules/${name}`)))).toEqual([]);
  });
});

it('npm scripts name the Node of this project: a shell that has found another one remembers it', () => {
  const { scripts } = JSON.parse(read('package.json')) as { readonly scripts: Readonly<Record<string, string>> }; // npm's own format
  const used = Object.entries(scripts).filter(([, script]) => /&& (exec )?node /.test(script));
  expect(Object.keys(scripts).length).toBeGreaterThan(5);
  expect(used).toEqual([]);
});
